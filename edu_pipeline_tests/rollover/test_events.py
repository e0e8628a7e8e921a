"""A summer of decisions: recoded, merged, split, closed, with others; everybody is somewhere before and after.

year's end -> events.yaml -> the day before (nothing) -> opening -> rolled over -> the schools report
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from edu_pipeline.flow import events, rollover, year
from edu_pipeline.flow.explain import explain
from edu_pipeline.flow.publish import population
from edu_pipeline.flow.year import YearRefused
from edu_pipeline.sources import site as sites
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World, approve

Stage = Callable[[str], World]

RECODED, CODE = "79770405", "79770495"
# Both name classes 1A, 1B; neither shows the new year early.
MERGED, INTO = "79783406", "79783412"
SPLIT, LOW, HIGH = "79770411", "79770408", "79760407"
CLOSED, CHILD, LEVELS, HEADED = "79783409", "79760513", "79770514", "79760516"
ENDED = (RECODED, MERGED, SPLIT, CLOSED)

EVENTS = [
    dict(event="recoded", unit=RECODED, to=CODE, decision="1/QĐ"),
    dict(event="merged", unit=MERGED, to=INTO, decision="2/QĐ"),
    dict(event="split", unit=SPLIT, to=[dict(unit=LOW, grades=[1, 2]), dict(unit=HIGH, grades=[3, 4, 5])],
         decision="3/QĐ"),
    dict(event="closed", unit=CLOSED, decision="4/QĐ"),
    dict(event="new_parent", unit=CHILD, parent="79770000", decision="5/QĐ"),
    dict(event="relevelled", unit=LEVELS, grades=[6, 7, 8, 9, 10], decision="6/QĐ"),
    dict(event="new_head", unit=HEADED, head="0000000001", decision="7/QĐ"),
]  # fmt: skip


def decide(world: World, decided: list[dict[str, Any]], date: str) -> None:
    """Write events.yaml as a person would."""
    said = {"events": [{**event, "date": date} for event in decided]}
    text = yaml.safe_dump(said, allow_unicode=True).replace(f"'{date}'", date)
    (world.folder / "site" / "events.yaml").write_text(text)


def accounted(world: World) -> None:
    """The law: one state for each key that was ever reported, nobody active in two places of a year."""
    site = sites.load(world.folder / "site")
    persons = sum(
        world.value("SELECT count(*) FROM landing.record WHERE connection_id = :c AND resource = :r", c=c, r=r)
        for c, r, _ in population(site)
    )
    assert len(wire.states(world)) == persons > 6000
    doubled = """SELECT student_id FROM warehouse.fct_enrollment WHERE kind = 'primary' AND status = 'active'
        AND end_date IS NULL GROUP BY school_year, student_id HAVING count(*) > 1"""
    assert world.rows(doubled) == []
    # Nothing of the warehouse was held back meanwhile.
    assert world.rows("SELECT entity, rule FROM ops.hold WHERE room = 'warehouse' AND closed_at IS NULL") == []


def by_state(world: World, unit: str) -> dict[str, int]:
    rows = world.rows("""SELECT state, count(*) FROM ops.person_state WHERE recorded_to IS NULL AND entity = 'student'
        AND unit_id = :u GROUP BY state""", u=unit)  # fmt: skip
    return {row[0]: row[1] for row in rows}


def of_unit(world: World, unit: str, year: int) -> int:
    return int(world.value("SELECT count(*) FROM master.enrollment WHERE unit_id = :u AND school_year = :y",
                           u=unit, y=year))  # fmt: skip


def line(world: World, unit: str) -> dict[str, int]:
    rows = world.rows("SELECT * FROM rollover.balance WHERE unit_id = :u", u=unit)
    return dict(rows[0]._mapping) if rows else {}


@pytest.mark.slow
def test_a_summer_of_decisions(stage: Stage) -> None:
    world = stage("year_end")
    year.close_year(2023)
    past = {unit: of_unit(world, unit, 2023) for unit in ENDED}
    enrolled = {unit: by_state(world, unit)["enrolled"] for unit in ENDED}
    decide(world, EVENTS, "2024-08-01")

    # The day before: recorded, and nothing else.
    world.at("2024-07-31")
    before = wire.mark(world, "master.unit", "ops.authority", "ops.unit_year")
    world.night()
    assert wire.mark(world, "master.unit", "ops.authority", "ops.unit_year") == before
    assert {row["state"] for row in events.events(dt.date(2024, 7, 31))} == {"to come"}
    assert by_state(world, CODE) == {}
    accounted(world)

    world.at("opening")
    world.night()
    accounted(world)
    _units_follow(world)
    _past_stays(world, past)
    _persons_follow(world, enrolled)

    with pytest.raises(YearRefused, match=f"unit {CODE}: 2024 follows a year"):
        year.open_year(2024, [CODE])
    planned = rollover.make_plan(2023, "plan-run")
    assert planned.failure is None
    assert rollover.make_plan(2023, "again").done == planned.done
    assert CODE in planned.done
    _neither_goes_without_the_other()
    approve()
    _both_ends_are_refused(world)
    applied = rollover.apply_plan(2023, "apply-run")
    assert applied.failure is None
    assert set(applied.done) == set(planned.done)
    world.night()
    accounted(world)
    _past_stays(world, past)
    _balances(world)
    _years(world)
    _waiting_named(world)
    _places(world)

    world.at("settled")
    world.night()
    accounted(world)
    _past_stays(world, past)
    assert rollover.reconcile_now("proof").failure is None
    _reported(world)

    # A second night changes nothing.
    rooms = ("master", "validated", "ops.person_state", "ops.unit_event", "ops.unit_successor", "ops.authority")
    still = wire.mark(world, *rooms)
    world.night()
    assert wire.mark(world, *rooms) == still
    _who_did_not_arrive_is_missed(world)


def _neither_goes_without_the_other() -> None:
    """A plan that sends people away is not applied before the one that takes them is approved."""
    approve(MERGED)
    done = rollover.apply_plan(2023, "half", [MERGED])
    assert done.done == []
    assert done.failed == {MERGED: f"people move between it and unit {INTO}, which is left out"}
    assert done.left == done.failed | {INTO: "not approved"}


def _both_ends_are_refused(world: World) -> None:
    """Whom one plan sends away and the other does not take stops both, and nobody else; planned anew, both go on."""
    world.execute("""DELETE FROM rollover.plan_line l USING rollover.plan p
        WHERE p.plan_id = l.plan_id AND p.unit_id = :u
        AND p.status = 'checked' AND l.line_key = (SELECT min(k.line_key) FROM rollover.plan_line k
            WHERE k.plan_id = p.plan_id AND k.decision = 'moved_in' AND k.kind = 'opening')""", u=INTO)  # fmt: skip
    spoiled = rollover.apply_plan(2023, "spoiled", [MERGED])
    assert spoiled.done == []
    assert set(spoiled.failed) == {MERGED, INTO}
    assert "who_moves_out_arrives" in spoiled.failed[MERGED]
    again = rollover.make_plan(2023, "mended", [MERGED])
    assert again.failure is None
    assert again.done == sorted([MERGED, INTO])


def _who_did_not_arrive_is_missed(world: World) -> None:
    world.execute(
        """DELETE FROM rollover.enrollment WHERE (unit_id, student_id) = (SELECT unit_id, min(student_id)
        FROM rollover.enrollment WHERE unit_id = :u AND decision = 'moved_in' GROUP BY unit_id)""",
        u=CODE,
    )
    done = rollover.reconcile_now("proof")
    assert "moved_out_equals_arrived" in done.failed[RECODED]
    assert "opening_equals_standing" in done.failed[CODE]
    assert set(done.failed) == {RECODED, CODE}


def _units_follow(world: World) -> None:
    units = {row.unit_id: row for row in world.rows("SELECT * FROM master.unit")}
    assert units[CODE].name == units[RECODED].name
    assert {str(units[unit].closed_date) for unit in ENDED} == {"2024-08-01"}
    assert units[INTO].closed_date is None
    assert (units[CHILD].parent_unit_id, units[LEVELS].grade_levels) == ("79770000", "6,7,8,9,10")
    history = world.rows("SELECT parent_unit_id FROM history.unit WHERE unit_id = :u", u=CHILD)
    assert [row.parent_unit_id for row in history] == ["79760000"]
    rows = world.rows("SELECT unit_id, connection_id, unit_key, valid_from, valid_to FROM ops.authority"
                      " WHERE unit_id = ANY(:u) ORDER BY unit_id", u=[*ENDED, CODE])  # fmt: skip
    assert {row.unit_id: str(row.valid_to) for row in rows} == {
        **dict.fromkeys(ENDED, "2024-08-01"), CODE: "None"}  # fmt: skip
    assert [(r.connection_id, r.unit_key) for r in rows if r.unit_id == CODE] == [("saomai", RECODED)]


def _past_stays(world: World, past: dict[str, int]) -> None:
    assert {unit: of_unit(world, unit, 2023) for unit in ENDED} == past
    assert world.value("SELECT count(*) FROM master.result WHERE unit_id = :u AND school_year = 2023", u=RECODED) > 200
    assert of_unit(world, CODE, 2023) == 0


def _persons_follow(world: World, enrolled: dict[str, int]) -> None:
    """Until the year is rolled over, whoever was there still is: under the new code, or waiting, by name."""
    assert by_state(world, RECODED) == {}
    assert by_state(world, CODE)["enrolled"] > enrolled[RECODED] - 12
    closed = by_state(world, CLOSED)
    assert "enrolled" not in closed
    assert closed["waiting_parent"] > enrolled[CLOSED] - 12
    rows = world.rows("""SELECT DISTINCT reason, owner FROM ops.person_state WHERE recorded_to IS NULL
        AND unit_id = :u AND state = 'waiting_parent'""", u=CLOSED)  # fmt: skip
    assert [tuple(row) for row in rows] == [
        (f"unit {CLOSED} was closed by decision 4/QĐ; no unit takes the person", "department")
    ]
    child = wire.quiet(world, CLOSED)
    story = explain("student", child.root)["story"]
    assert "was closed by decision 4/QĐ; no unit takes the person. the department acts" in story[-1]["says"] or any(
        "was closed by decision 4/QĐ" in row["says"] and "the department acts" in row["says"] for row in story
    )


def _balances(world: World) -> None:
    assert world.value("SELECT count(*) FROM rollover.balance WHERE NOT is_balanced") == 0
    sums = world.rows("SELECT sum(closed_moved_out), sum(opened_moved_in), sum(arrived_count) FROM rollover.balance")[0]
    assert sums[0] == sums[1] == sums[2]
    recoded, merged, split, closed = (line(world, unit) for unit in ENDED)
    for one in (recoded, merged, split):
        assert one["closed_promoted"] == one["closed_retained"] == one["opened_count"] == 0
        assert one["closed_moved_out"] > 150
        # Fifth graders complete the school wherever it is.
        assert one["closed_completed"] > 30
    assert closed["closed_moved_out"] == 0
    assert closed["closed_pending"] > 150
    assert closed["closed_completed"] > 30
    assert closed["opened_count"] == 0
    assert line(world, CODE)["active_count"] == 0
    assert line(world, CODE)["opened_moved_in"] == recoded["closed_moved_out"]
    assert line(world, INTO)["opened_moved_in"] == merged["closed_moved_out"]
    low, high = line(world, LOW)["opened_moved_in"], line(world, HIGH)["opened_moved_in"]
    assert low > 20
    assert low + high == split["closed_moved_out"]


def _years(world: World) -> None:
    opened = {row.unit_id for row in world.rows("SELECT unit_id FROM ops.unit_year WHERE school_year = 2024"
                                                " AND state = 'open'")}  # fmt: skip
    assert opened.isdisjoint(ENDED)
    assert {CODE, INTO, LOW, HIGH} <= opened


def _waiting_named(world: World) -> None:
    """Whom no unit takes still waits, by the same reason; whoever completed the school or left has left."""
    closed = by_state(world, CLOSED)
    assert closed["waiting_parent"] >= line(world, CLOSED)["closed_pending"] - 12
    assert closed["left"] > 30
    assert closed.keys().isdisjoint({"enrolled", "pending"})
    reasons = world.rows("""SELECT reason FROM rollover.plan_line WHERE unit_id = :u AND kind = 'closing'
        AND decision = 'pending' AND source LIKE 'decision:%'""", u=CLOSED)  # fmt: skip
    assert {row.reason for row in reasons} <= {
        f"unit {CLOSED} was closed by decision 4/QĐ; no unit takes the person, outcome {outcome}"
        for outcome in ("promoted", "retained", "pending")
    }


def _places(world: World) -> None:
    """Each moved pupil sits in the new unit in the grade that follows the outcome; grades go where the split says."""
    grades = {
        unit: {row[0] for row in world.rows("SELECT DISTINCT grade_level FROM rollover.enrollment"
               " WHERE unit_id = :u AND decision = 'moved_in'", u=unit)} for unit in (LOW, HIGH)
    }  # fmt: skip
    assert grades == {LOW: {1, 2}, HIGH: {3, 4, 5}}
    assert {row[0] for row in world.rows("SELECT DISTINCT class_code FROM rollover.enrollment WHERE unit_id = :u"
                                         " AND decision = 'moved_in'", u=CODE)} <= {f"{g}/{n}" for g in range(1, 6)
                                                                                    for n in (1, 2)}  # fmt: skip
    own, came = (
        {row[0] for row in world.rows("SELECT DISTINCT class_code FROM rollover.enrollment WHERE unit_id = :u"
                                      f" AND decision {sign} 'moved_in'", u=INTO)} for sign in ("<>", "=")
    )  # fmt: skip
    assert own.isdisjoint(came)
    assert {code.split("@")[1] for code in came} == {MERGED}
    child = wire.quiet(world, RECODED)
    where = world.rows("SELECT unit_id, state FROM ops.person_state WHERE recorded_to IS NULL AND person_id = :s",
                       s=child.root)  # fmt: skip
    assert [tuple(row) for row in where] == [(CODE, "enrolled")]
    assert world.value("SELECT count(*) FROM rollover.staff_assignment WHERE unit_id = :u", u=CODE) > 8
    staff = """SELECT unit_id, state FROM ops.person_state WHERE recorded_to IS NULL AND entity = 'staff'
        AND source_key LIKE :k"""
    assert {row.unit_id for row in world.rows(staff, k=f"CB-{RECODED}-%") if row.state == "enrolled"} == {CODE}


def _reported(world: World) -> None:
    """The vendor goes on saying the old codes; what it says of the new year stands in the new units."""
    assert all(of_unit(world, unit, 2024) == 0 for unit in ENDED)
    assert of_unit(world, CODE, 2024) > 200
    codes = {row[0] for row in world.rows("SELECT class_code FROM master.school_class WHERE unit_id = :u"
                                          " AND school_year = 2024", u=INTO)}  # fmt: skip
    assert {"1A", f"1A@{MERGED}"} <= codes
    assert "1/1" in {row[0] for row in world.rows("SELECT class_code FROM master.school_class WHERE unit_id = :u"
                                                  " AND school_year = 2024", u=CODE)}  # fmt: skip
    confirmed = {row.unit_id for row in world.rows("SELECT unit_id FROM rollover.plan WHERE is_confirmed")}
    assert {CODE, INTO, LOW, HIGH} <= confirmed

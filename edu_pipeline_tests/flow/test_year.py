"""A unit's year is switched by command, on its level's own days, and every switch stays known with the former state."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from edu_pipeline.flow import rollover, state, year
from edu_pipeline.flow.year import YearRefused
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]


def override(world: World, school_year: int, **levels: dict[str, Any]) -> None:
    """Let levels differ in a year of the site's calendar."""
    path = world.folder / "site" / "calendar.yaml"
    said = yaml.safe_load(path.read_text())
    next(one for one in said["years"] if one["school_year"] == school_year)["levels"] = levels
    path.write_text(yaml.safe_dump(said))


def states(world: World, school_year: int) -> dict[str, str]:
    rows = world.rows("SELECT unit_id, state FROM ops.unit_year WHERE school_year = :y", y=school_year)
    return {row.unit_id: row.state for row in rows}


EARLY = {"terms": [{"term": 1, "begin": "2023-09-05", "end": "2024-01-14"},
                   {"term": 2, "begin": "2024-01-15", "end": "2024-05-24"}]}  # fmt: skip


def test_a_unit_closes_on_its_own_levels_last_day_of_semester_ii(stage: Stage) -> None:
    world = stage("year_end")
    override(world, 2023, upper_secondary=EARLY)
    upper, primary = wire.schools(world, "THPT"), wire.schools(world, "TH")
    both = [unit.code for unit in world.city.units if unit.kind == "LC" and 10 in unit.grades]
    all_upper = sorted(unit.code for unit in world.city.units if unit.kind == "THPT")
    # Somebody leaves each school between the two days.
    for unit in (upper[0], primary[0]):
        world.execute(
            """UPDATE master.enrollment SET status = 'transferred_out', end_date = '2024-05-28'
            WHERE (unit_id, school_year, student_id, begin_date) = (SELECT unit_id, school_year, student_id, begin_date
                FROM master.enrollment WHERE unit_id = :u AND school_year = 2023 AND status = 'active' LIMIT 1)""",
            u=unit,
        )
    world.at("2024-05-23")
    with pytest.raises(YearRefused, match="2023: semester II ends on 2024-05-24, today is 2024-05-23"):
        year.close_year(2023)
    world.at("2024-05-25")
    with pytest.raises(YearRefused, match="2023: semester II ends on 2024-05-31, today is 2024-05-25"):
        year.close_year(2023, [upper[0], primary[0]])
    # A school of two levels waits for the later one, and a training centre has its own level.
    assert year.close_year(2023) == all_upper
    assert {states(world, 2023)[unit] for unit in (*primary, *both)} == {"open"}
    world.at("year_end")
    assert set(primary) | set(both) < set(year.close_year(2023))
    taken = {row.unit_id: row.taken_for for row in world.rows("SELECT unit_id, taken_for FROM rollover.snapshot")}
    assert {taken[unit] for unit in all_upper} == {dt.date(2024, 5, 24)}
    assert {taken[unit] for unit in (*primary, *both)} == {dt.date(2024, 5, 31)}
    gone = """SELECT e.unit_id FROM master.enrollment e JOIN rollover.snapshot_student s
        USING (unit_id, school_year, student_id) WHERE e.end_date = '2024-05-28' AND e.unit_id IN (:a, :b)"""
    # On the 24th the one was there still; on the 31st the other was not.
    assert world.rows(gone, a=upper[0], b=primary[0]) == [(upper[0],)]


@pytest.mark.slow
def test_a_year_is_closed_for_good_after_corrections_or_by_a_decision(stage: Stage) -> None:
    world = stage("applied")
    first, second, *_ = wire.schools(world)
    before = wire.mark(world, "ops.unit_year", "ops.audit")
    with pytest.raises(YearRefused, match=r"2023: corrections end on 2024-10-31, today is 2024-09-05; wait, or give"):
        year.finish_year(2023)
    with pytest.raises(YearRefused, match=f"2024 is open, not closing, for {first}: .*`edu-pipeline year close 2024`"):
        year.finish_year(2024, "12/QD", [first])
    with pytest.raises(YearRefused, match="no connection answers for 79999999"):
        year.finish_year(2023, "12/QD", ["79999999"])
    with pytest.raises(KeyError, match="no school year 2031"):
        year.finish_year(2031, "12/QD")
    assert wire.mark(world, "ops.unit_year", "ops.audit") == before
    assert year.finish_year(2023, "12/QD", [first], "the head") == ([first], {})
    assert {row.unit_id: (row.state, row.reason) for row in state.status(2023)}[first] == ("closed", "decision 12/QD")
    assert [unit for unit, now in states(world, 2023).items() if now == "closed"] == [first]
    # The last day still belongs to corrections. A school that is not rolled over stays, and is said.
    run = world.value("SELECT run_id FROM rollover.plan WHERE unit_id = :u AND status = 'applied'", u=second)
    rollover.undo(run, [second])
    world.at("2024-10-31")
    with pytest.raises(YearRefused, match="corrections end on 2024-10-31, today is 2024-10-31"):
        year.finish_year(2023)
    world.at("2024-11-01")
    with pytest.raises(YearRefused, match="2023: not rolled over; wait, or give the number of a decision"):
        year.finish_year(2023, None, [second])
    done, left = year.finish_year(2023)
    assert left[second] == "not rolled over"
    assert set(left) == {unit for unit, now in states(world, 2023).items() if now == "closing"}
    assert set(done) == {unit for unit, now in states(world, 2023).items() if now == "closed"} - {first}
    assert year.finish_year(2023, None, [first]) == ([], {})
    with pytest.raises(YearRefused, match=f"{first}: 2023 is closed; that takes a decision number"):
        year.open_year(2023, [first])


def test_corrections_of_a_level_may_end_later(stage: Stage) -> None:
    world = stage("applied")
    override(world, 2024, primary={"corrections_end": "2024-11-15"})
    primary, lower = wire.schools(world)[0], wire.schools(world, "THCS")[0]
    world.at("2024-11-15")
    with pytest.raises(YearRefused, match="corrections end on 2024-11-15"):
        year.finish_year(2023, None, [primary])
    done, left = year.finish_year(2023)
    assert lower in done
    assert left[primary] == "corrections end on 2024-11-15, today is 2024-11-15"


def test_every_switch_is_listed_with_the_former_state_and_who_did_it(stage: Stage) -> None:
    world = stage("applied")
    unit = wire.schools(world)[0]
    run = world.value("SELECT run_id FROM rollover.plan WHERE unit_id = :u AND status = 'applied'", u=unit)
    rollover.undo(run, [unit])
    year.finish_year(2023, "12/QD", [unit], "the head")
    told = [(s.school_year, s.former, s.state, s.actor, s.claimed) for s in state.history() if s.unit_id == unit]
    assert told == [
        (2023, "future", "open", "edu_app", None),
        (2023, "open", "closing", "edu_app", None),
        (2024, "future", "open", "edu_app", None),
        (2024, "open", "future", "edu_app", None),
        (2023, "closing", "closed", "edu_app", "the head"),
    ]
    reasons = [s.reason for s in state.history(2023) if s.unit_id == unit]
    assert reasons == ["opened by command", "closing snapshot of 2024-05-31", "decision 12/QD"]
    assert {s.school_year for s in state.history(2024)} == {2024}
    # What stands is what the last switch of each unit's year says.
    last = {(s.unit_id, s.school_year): s.state for s in state.history()}
    assert last == {(row.unit_id, row.school_year): row.state for row in state.status()}


def test_rows_of_a_closed_year_wait_and_change_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stage("applied")
    closed, closing = wire.schools(world)[:2]
    children = {unit: wire.quiet(world, unit) for unit in (closed, closing)}
    wire.narrow(world, [closed, closing])
    year.finish_year(2023, "12/QD", [closed])

    def told(resource: str, unit: str, school_year: int, records: list[wire.Record]) -> list[wire.Record]:
        if resource != "enrollments" or school_year != 2023:
            return records
        return [
            wire.newer(one, ngayvao="2023-10-02") if one["data"]["mahocsinh"] == children[unit].codes[unit] else one
            for one in records
        ]

    wire.tell(monkeypatch, told)
    begins = "SELECT begin_date FROM validated.enrollment WHERE unit_id = :u AND school_year = 2023 AND is_present"
    before = {unit: sorted(world.rows(begins, u=unit)) for unit in (closed, closing)}
    assert world.sync("saomai")["saomai"].failure is None
    waiting = (
        "SELECT claim_unit_id, reason FROM waiting.enrollment WHERE school_year = 2023 AND begin_date = '2023-10-02'"
    )
    assert world.rows(waiting) == [(closed, "year")]
    assert sorted(world.rows(begins, u=closed)) == before[closed]
    assert sorted(world.rows(begins, u=closing)) != before[closing]

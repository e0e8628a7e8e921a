"""Decisions in the middle of a year: rows of the year go along, the past stays, and a decision can be taken back.

applied -> events.yaml -> a night without the vendor -> a night -> the site says the new code -> no events at all
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from edu_pipeline.cli import main
from edu_pipeline.flow.explain import explain
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.rollover.test_events import (
    CLOSED,
    CODE,
    ENDED,
    HIGH,
    INTO,
    LOW,
    MERGED,
    RECODED,
    SPLIT,
    accounted,
    by_state,
    decide,
    of_unit,
)
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]

# A school of another system than the one that takes it.
OTHER, TAKES = "79783927", "79783824"

EVENTS: list[dict[str, Any]] = [
    dict(event="recoded", unit=RECODED, to=CODE, decision="1/QĐ"),
    dict(event="merged", unit=MERGED, to=INTO, decision="2/QĐ"),
    dict(event="split", unit=SPLIT, to=[dict(unit=LOW, grades=[1, 2]), dict(unit=HIGH)], decision="3/QĐ"),
    dict(event="closed", unit=CLOSED, decision="4/QĐ"),
    dict(event="merged", unit=OTHER, to=TAKES, decision="5/QĐ"),
]

YEARLY = ("school_class", "enrollment", "staff_assignment", "result")


def _rows(world: World, year: int) -> dict[str, dict[str, int]]:
    """Rows of a year by entity and unit."""
    return {
        name: dict(map(tuple, world.rows(f"SELECT unit_id, count(*) FROM master.{name} WHERE school_year = :y"
                                         " GROUP BY unit_id", y=year)))
        for name in YEARLY
    }  # fmt: skip


def _told(world: World, unit: str) -> set[tuple[str, str, str]]:
    rows = world.rows("""SELECT DISTINCT state, reason, owner FROM ops.person_state WHERE recorded_to IS NULL
        AND unit_id = :u AND state = 'waiting_parent' AND reason LIKE 'unit %'""", u=unit)  # fmt: skip
    return {tuple(row) for row in rows}


@pytest.mark.slow
def test_decisions_in_the_middle_of_a_year(stage: Stage) -> None:
    world = stage("applied")
    world.at("settled")
    world.night()
    states, past, present = wire.states(world), _rows(world, 2023), _rows(world, 2024)
    enrolled = {unit: by_state(world, unit)["enrolled"] for unit in (*ENDED, INTO, LOW, HIGH, OTHER)}
    decide(world, EVENTS, "2024-10-01")

    # The vendor does not answer on that night: nobody is lost meanwhile, and what is known stands where it was.
    world.at("2024-10-02")
    world.fault("unavailable")
    world.night()
    accounted(world)
    assert by_state(world, CODE)["enrolled"] == enrolled[RECODED]
    assert of_unit(world, RECODED, 2024) == present["enrollment"][RECODED]

    world.fault("unavailable", is_on=False)
    world.night()
    accounted(world)
    assert _rows(world, 2023) == past
    _this_year_goes_along(world, present["enrollment"])
    _everybody_is_there(world, enrolled)
    _classes_agree(world)
    _nobody_takes(world, enrolled)
    _years_are_handed_on(world)

    # The site may say the new code, with the old one as the vendor's: it is the same.
    rooms = ("master", "ops.person_state", "ops.unit_year")
    still = wire.mark(world, *rooms)
    _say_new_code(world)
    world.night()
    assert wire.mark(world, *rooms) == still

    # Taken back after its day: as if it had never been said.
    _say_new_code(world, is_back=True)
    (world.folder / "site" / "events.yaml").unlink()
    world.night()
    accounted(world)
    assert wire.states(world) == states
    assert (_rows(world, 2023), _rows(world, 2024)) == (past, present)
    audited = [row[0] for row in world.rows("SELECT action FROM ops.audit WHERE action LIKE 'event.%'")]
    assert audited.count("event.record") == audited.count("event.withdraw") == len(EVENTS)


def _this_year_goes_along(world: World, present: dict[str, int]) -> None:
    assert {unit: of_unit(world, unit, 2024) for unit in (*ENDED, OTHER)} == dict.fromkeys((*ENDED, OTHER), 0)
    assert of_unit(world, CODE, 2024) == present[RECODED]
    assert of_unit(world, INTO, 2024) == present[INTO] + present[MERGED]
    assert of_unit(world, LOW, 2024) + of_unit(world, HIGH, 2024) == present[LOW] + present[HIGH] + present[SPLIT]
    came = world.rows("""SELECT DISTINCT unit_id, grade_level FROM master.enrollment WHERE school_year = 2024
        AND unit_id = ANY(:u) AND source_key LIKE :k""", u=[LOW, HIGH], k=f"XL-{SPLIT}-%")  # fmt: skip
    assert {tuple(row) for row in came} == {(LOW, 1), (LOW, 2), (HIGH, 3), (HIGH, 4), (HIGH, 5)}
    # Homeroom teachers go with their class; who has none goes with the rest.
    posts = world.rows("""SELECT a.unit_id, a.role, k.grade_level FROM master.staff_assignment a
        LEFT JOIN master.school_class k ON (k.unit_id, k.school_year, k.homeroom_staff_id)
            = (a.unit_id, a.school_year, a.staff_id)
        WHERE a.school_year = 2024 AND a.source_key LIKE :k""", k=f"PC-{SPLIT}-%")  # fmt: skip
    assert {(p.unit_id, p.grade_level) for p in posts} == {
        (LOW, 1), (LOW, 2), (HIGH, 3), (HIGH, 4), (HIGH, 5), (HIGH, None)}  # fmt: skip
    # The old place is a closed version of it, not a lost one.
    assert world.value("SELECT count(*) FROM history.enrollment WHERE unit_id = :u AND school_year = 2024"
                       " AND ended_by = 'remove'", u=RECODED) == present[RECODED]  # fmt: skip


def _everybody_is_there(world: World, enrolled: dict[str, int]) -> None:
    now = {unit: by_state(world, unit).get("enrolled", 0) for unit in (*ENDED, CODE, INTO, LOW, HIGH)}
    assert [now[unit] for unit in ENDED] == [0, 0, 0, 0]
    assert now[CODE] == enrolled[RECODED]
    # Who went from one of two merged schools to the other in winter is known by both records.
    assert 0 <= now[INTO] - enrolled[INTO] - enrolled[MERGED] <= 5
    assert 0 <= now[LOW] + now[HIGH] - enrolled[LOW] - enrolled[HIGH] - enrolled[SPLIT] <= 5


def _classes_agree(world: World) -> None:
    codes = {row[0] for row in world.rows("SELECT class_code FROM master.school_class WHERE unit_id = :u"
                                          " AND school_year = 2024", u=INTO)}  # fmt: skip
    own = {code for code in codes if "@" not in code}
    assert codes == own | {f"{code}@{MERGED}" for code in own}
    own = world.rows("SELECT class_code FROM master.school_class WHERE unit_id = :u AND school_year = 2024", u=CODE)
    assert not any("@" in row[0] for row in own)


def _nobody_takes(world: World, enrolled: dict[str, int]) -> None:
    assert by_state(world, CLOSED)["waiting_parent"] == enrolled[CLOSED]
    assert by_state(world, OTHER)["waiting_parent"] == enrolled[OTHER]
    assert _told(world, CLOSED) == {
        ("waiting_parent", f"unit {CLOSED} was closed by decision 4/QĐ; no unit takes the person", "department")
    }
    assert _told(world, OTHER) == {
        ("waiting_parent", f"unit {OTHER} was merged by decision 5/QĐ; unit {TAKES} goes on, for which saomai answers",
         "department")
    }  # fmt: skip
    story = explain("student", wire.quiet(world, CLOSED).root)["story"]
    assert any("no unit takes the person. the department acts" in row["says"] for row in story)


def _years_are_handed_on(world: World) -> None:
    rows = world.rows("SELECT unit_id, state, reason FROM ops.unit_year WHERE school_year = 2024 AND unit_id = ANY(:u)",
                      u=[*ENDED, CODE])  # fmt: skip
    assert {row.unit_id: row.state for row in rows} == {**dict.fromkeys(ENDED, "closed"), CODE: "open"}
    assert {row.reason for row in rows if row.unit_id in (CODE, RECODED)} == {
        f"handed on by {RECODED}, decision 1/QĐ", "open until recoded by decision 1/QĐ"}  # fmt: skip


def _say_new_code(world: World, is_back: bool = False) -> None:
    before, after = ({"unit": RECODED}, {"unit": CODE, "key": RECODED})
    if is_back:
        before, after = after, before

    def change(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            if before in one.get("units", []):
                one["units"][one["units"].index(before)] = after

    wire.edit_site(world, change)


def test_the_command_lists_events_with_what_the_registry_says(stage: Stage) -> None:
    world = stage("year_end")
    decide(world, [dict(event="new_parent", unit=CLOSED, parent="79770000", decision="9/QĐ"), EVENTS[0]], "2024-05-31")
    world.sync("registry")
    assert CliRunner().invoke(main, ["events", "list"]).exit_code == 0
    found = json.loads(CliRunner().invoke(main, ["events", "list", "--json"]).output)
    assert [(row["event"], row["says"], row["state"], row["elsewhere"]) for row in found] == [
        ("recoded", {"to": CODE}, "in force", "registry: goes on, new code not in the registry"),
        ("new_parent", {"parent": "79770000"}, "in force", "registry: 79783000"),
    ]
    (world.folder / "site" / "events.yaml").write_text("events:\n  - {event: shut}\n")
    refused = CliRunner().invoke(main, ["connections", "list"])
    assert refused.exit_code == 1
    assert "events.yaml:2: events.0.event: there is no event 'shut'" in refused.output

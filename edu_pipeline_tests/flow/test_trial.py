"""A connection on trial is read, judged and compared, and leaves nothing behind but its report."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from edu_pipeline.cli import main
from edu_pipeline.flow import ask, handover, publish, sync, trial
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.flow.test_approval import decide
from edu_pipeline_tests.stages import World

ROOMS = ("landing", "normalized", "validated", "quarantine", "waiting", "master", "history", "ops.hold",
         "ops.person_state", "ops.watermark", "ops.authority", "ops.headcount")  # fmt: skip


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    """The city after its first night; two of the partner's schools are served to a second connection too."""
    world = stage("year_end")
    units = wire.schools(world)[:2]

    def second(said: dict[str, Any]) -> None:
        (one,) = (c for c in said["connections"] if c["id"] == "saomai")
        links = [link for link in one["units"] if link["unit"] in units]
        said["connections"].append({**one, "id": "second", "stage": "trial", "units": links})

    wire.edit_site(world, second)
    approved = yaml.safe_load((world.folder / "site" / "approvals.yaml").read_text())["approvals"]["saomai"]
    decide(world, "second", **approved)
    return world


def _stage(world: World, stage: str) -> None:
    def change(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            if one["id"] == "second":
                one["stage"] = stage

    wire.edit_site(world, change)


def _tried(world: World) -> dict[str, Any]:
    outcome = world.sync("second")["second"]
    assert outcome.failure is None
    assert any("on trial, nothing admitted" in note for note in outcome.notes)
    report: dict[str, Any] = trial.last("second")["report"]
    return report


def test_a_second_system_that_says_the_same_agrees_and_leaves_nothing(world: World) -> None:
    world.execute("DELETE FROM landing.lookup")  # what another batch left in transit goes with any new one
    before, states = wire.mark(world, *ROOMS), wire.states(world)
    report = _tried(world)
    assert wire.mark(world, *ROOMS) == before
    assert report["closed"] == {}
    assert report["incomplete"] == []
    compared = {row["entity"]: row for row in report["compared"]}
    places = world.value("SELECT count(*) FROM master.enrollment WHERE unit_id = ANY(:u)", u=wire.schools(world)[:2])
    assert compared["enrollment"]["same"] == places > 200
    for name in ("enrollment", "school_class", "staff_assignment"):
        assert (compared[name]["differs"], compared[name]["only_here"], compared[name]["only_master"]) == (0, 0, 0)
    (students,) = (row for row in report["persons"] if row["entity"] == "student")
    stopped = world.value("SELECT (SELECT count(*) FROM quarantine.student WHERE claim_unit_id = ANY(:u)) +"
                          " (SELECT count(*) FROM waiting.student WHERE claim_unit_id = ANY(:u))",
                          u=wire.schools(world)[:2])  # fmt: skip
    assert students["came"] - students["matched"] == stopped > 0
    assert sum(students["stopped"].values()) == stopped
    assert [row["unit"] for row in report["units"]] != []
    assert all(row["here"] == row["master"] == row["same"] for row in report["units"])
    # A publication beside it changes nobody's state.
    publish.publish("beside")
    assert wire.states(world) == states


def test_what_it_says_otherwise_is_counted_and_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = wire.schools(world)[0]
    (*_, last) = sorted(world.rows("SELECT class_code FROM master.school_class WHERE unit_id = :u", u=unit))

    def told(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        if of != unit:
            return records
        if resource == "enrollments":
            moved = [wire.newer(r, malop=last.class_code) for r in records[:5]]
            return [*moved, *records[8:]]
        return records

    wire.tell(monkeypatch, told)
    true = {
        row.source_key: row.class_code
        for row in world.rows(
            "SELECT source_key, class_code FROM master.enrollment WHERE unit_id = :u AND school_year = 2023", u=unit
        )
    }
    report = _tried(world)
    (places,) = (row for row in report["compared"] if row["entity"] == "enrollment")
    assert places["only_master"] in (2, 3)
    assert 1 <= places["differs"] <= 5
    assert places["fields"]["class_code"] == places["differs"]
    assert set(places["sample"].split(", ")) <= set(true)
    assert next(row for row in report["units"])["unit"] == unit


@pytest.mark.slow
def test_who_goes_live_untried_is_named_until_a_trial_has_opened_every_gate(world: World) -> None:
    _stage(world, "applied")
    assert world.sync("second")["second"].skipped == "not asked: applied"
    with pytest.raises(KeyError):
        trial.last("nobody")
    assert trial.last("second")["report"] is None
    _stage(world, "trial")
    _tried(world)
    listed = {row["connection"]: row for row in ask.connections()}
    assert (listed["second"]["stage"], str(listed["second"]["tried_on"])) == ("trial", "2024-05-31")
    assert [row for row in ask.standing() if row["what"] == "untried"] == []
    world.execute("INSERT INTO ops.stage VALUES ('saomai', now() - interval '1 day', 'applied', '2024-05-30')")
    assert [row["where"] for row in ask.standing() if row["what"] == "untried"] == ["saomai"]


@pytest.mark.slow
def test_a_retired_connection_is_asked_no_more_and_its_last_word_stays(world: World) -> None:
    states = wire.states(world)

    def retire(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            if one["id"] == "saomai":
                one["stage"] = "retired"

    wire.edit_site(world, retire)
    outcomes = world.sync()
    assert outcomes["saomai"].skipped == "not asked: retired"
    publish.publish("after")
    assert wire.states(world) == states
    assert [row for row in ask.standing() if row["where"] == "saomai"] == []


@pytest.mark.slow
def test_a_trial_needs_the_letters_approval_and_its_command_shows_the_report(world: World) -> None:
    never = CliRunner().invoke(main, ["connections", "trial", "second"])
    assert never.exit_code == 1
    assert "never read on trial" in never.output
    decide(world, "second", security=None)
    assert world.sync("second")["second"].error is not None
    approved = yaml.safe_load((world.folder / "site" / "approvals.yaml").read_text())["approvals"]["saomai"]
    decide(world, "second", **approved)
    _tried(world)
    shown = CliRunner().invoke(main, ["connections", "trial", "second"])
    assert shown.exit_code == 0
    assert "compared with master" in shown.output
    names = {child.given for child in world.city.children_of[wire.schools(world)[0]] if len(child.given) > 3}
    assert not any(f" {name} " in shown.output for name in names)
    assert sync.Order().is_named is False


@pytest.mark.slow
def test_who_was_live_and_is_put_back_loses_nobody_and_is_named(world: World) -> None:
    states = wire.states(world)

    def back(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            if one["id"] == "saomai":
                one["stage"] = "trial"

    wire.edit_site(world, back)
    world.sync("saomai")
    publish.publish("after")
    assert wire.states(world) == states
    told = [(row["what"], row["where"]) for row in ask.standing()]
    assert ("unanswered", "saomai") in told


def test_nobody_is_handed_over_to_a_connection_that_does_not_count(world: World) -> None:
    unit = wire.schools(world)[0]
    with pytest.raises(ConfigurationError, match="second is trial, and what it tells does not count: make it live"):
        handover.hand_over({"unit": unit, "from": "saomai", "to": "second", "date": dt.date(2024, 6, 10),
                            "reason": "a new vendor", "by": "Trần Thị C"})  # fmt: skip
    assert not (world.folder / "site" / "handovers.yaml").exists()


@pytest.mark.slow
def test_a_link_that_ends_with_nobody_to_follow_loses_nobody_and_is_named(world: World) -> None:
    states, unit = wire.states(world), wire.schools(world)[2]

    def end(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            for link in one["units"] if one["id"] == "saomai" else ():
                if link["unit"] == unit:
                    link["to"] = "2024-05-30"

    wire.edit_site(world, end)
    world.sync("saomai")
    publish.publish("after")
    assert wire.states(world) == states
    told = [(row["what"], row["where"], row["rows"]) for row in ask.standing()]
    assert ("unanswered", "saomai", 1) in told

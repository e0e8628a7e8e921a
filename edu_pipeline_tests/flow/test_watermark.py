"""A system that is asked for its changes alone: nothing is missed by that, and what it does not say removes nobody."""

from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow import admit, sync
from edu_pipeline.landing import client
from edu_pipeline.sandbox import clock, partner
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

STAYS = partner.Saomai._stays
MARKS = "SELECT * FROM ops.watermark WHERE connection_id = 'saomai' ORDER BY resource, unit_id, school_year"


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    """Two schools of a partner that is asked for changes, on the day after the first complete read by that rule."""
    world = stage("year_end")
    wire.narrow(world, wire.schools(world)[:2])

    def trust(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            if one["id"] == "saomai":
                one["incremental"] = {"complete_every": 7, "overlap_hours": 24}

    wire.edit_site(world, trust)
    assert world.sync("saomai")["saomai"].failure is None
    world.at("2024-06-01")
    return world


def _night(world: World, day: str) -> sync.Outcome:
    world.at(day)
    return world.sync("saomai")["saomai"]


def _received(outcome: sync.Outcome, entity: str = "student") -> int:
    assert outcome.admission is not None
    return sum(outcome.admission.terms[entity].values())


def _edited(by: int, stamp: str | None, unit: str) -> wire.Told:
    """A unit's students in a newer version, with a change time or (None) the one that they had."""

    def told(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        if resource != "students" or of != unit:
            return records
        return [{**wire.newer(r, by, dantoc="02"), **({"thoigiancapnhat": stamp} if stamp else {})} for r in records]

    return told


OF_OTHER = "SELECT count(*) FROM validated.student WHERE connection_id = 'saomai' AND ethnicity = '02'"


def test_a_night_of_changes_brings_them_alone_and_removes_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    present = world.value("SELECT count(*) FROM landing.record WHERE connection_id = 'saomai' AND is_present")
    quiet = _night(world, "2024-06-01")
    assert quiet.failure is None
    quarantined = world.value("SELECT count(*) FROM quarantine.student WHERE connection_id = 'saomai'"
                              " AND claim_unit_id = ANY(:u)", u=wire.schools(world)[:2])  # fmt: skip
    assert quarantined > 0
    # Who waits for a mending is taken up from what landing keeps: it did not come.
    assert _received(quiet) == quarantined
    assert world.value("SELECT count(*) FROM ops.scope WHERE batch_id = :b AND since IS NULL AND distinct_count > 0",
                       b=quiet.batch_id) == 0  # fmt: skip
    unit, before = wire.schools(world)[0], world.value(OF_OTHER)
    wire.tell(monkeypatch, _edited(10, "2024-06-02T07:00:00", unit))
    changed = _night(world, "2024-06-02")
    assert changed.failure is None
    assert world.value(OF_OTHER) > before + 100
    assert world.value("SELECT count(*) FROM landing.record WHERE connection_id = 'saomai' AND is_present") == present


@pytest.mark.slow
def test_an_edit_that_keeps_its_change_time_is_found_by_the_complete_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.value(OF_OTHER)
    wire.tell(monkeypatch, _edited(10, None, wire.schools(world)[0]))
    for day in ("2024-06-01", "2024-06-06"):
        assert _night(world, day).failure is None
        assert world.value(OF_OTHER) == before
    assert _night(world, "2024-06-07").failure is None
    assert world.value(OF_OTHER) > before + 100


@pytest.mark.slow
def test_who_has_gone_is_missed_at_the_complete_read_and_not_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = "SELECT count(*) FROM landing.record WHERE connection_id = 'saomai' AND NOT is_present"
    unit = wire.schools(world)[0]
    wire.tell(monkeypatch, lambda resource, of, year, records:
              records[3:] if (resource, of, year) == ("students", unit, 2023) else records)  # fmt: skip
    assert _night(world, "2024-06-01").failure is None
    assert world.value(gone) == 0
    assert _night(world, "2024-06-07").failure is None
    assert world.value(gone) == 3


def test_a_batch_that_is_not_admitted_moves_no_mark(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.rows(MARKS)
    assert {row.resource for row in before} >= {"students", "enrollments", "results"}
    assert len({row.since for row in before}) == 1

    def broken(*args: object) -> None:
        raise RuntimeError("on the way to the register")

    with monkeypatch.context() as fault:
        fault.setattr(admit, "_publish", broken)
        wire.tell(fault, _edited(10, "2024-06-01T07:00:00", wire.schools(world)[0]))
        assert "RuntimeError" in str(_night(world, "2024-06-01").error)
        assert world.rows(MARKS) == before
        fault.undo()
    wire.tell(monkeypatch, _edited(10, "2024-06-01T07:00:00", wire.schools(world)[0]))
    count = world.value(OF_OTHER)
    assert _night(world, "2024-06-02").failure is None
    assert world.value(OF_OTHER) > count + 100
    after = world.rows(MARKS)
    assert {row.complete_on for row in after} == {row.complete_on for row in before}
    assert min(row.since for row in after) > max(row.since for row in before)


@pytest.mark.slow
def test_a_reading_that_fails_is_asked_for_the_same_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wire.try_at_once(monkeypatch)
    unit, count = wire.schools(world)[0], world.value(OF_OTHER)
    wire.tell(monkeypatch, _edited(10, "2024-06-01T07:00:00", unit))
    world.sandbox.wire.switch("forbidden", "partner", "students", unit)
    assert "HTTP 403" in str(_night(world, "2024-06-01").failure)
    world.sandbox.wire.clear()
    for day in ("2024-06-03", "2024-06-04"):
        assert _night(world, day).failure is None
        assert world.value(OF_OTHER) > count + 100


@pytest.mark.slow
def test_the_moment_is_the_sources_own(world: World) -> None:
    """A clock that is an hour slow is asked by its own hour, whatever ours says."""
    world.sandbox.wire.switch("skewed_clock", "partner", seconds=-3600)
    world.at("2024-06-02")
    assert world.sync("saomai")["saomai"].failure is None
    (moment,) = world.rows("SELECT DISTINCT since FROM ops.watermark WHERE connection_id = 'saomai'")
    behind = clock.now(world.folder / "clock") - moment.since
    assert 3600 <= behind.total_seconds() < 3600 + 600


@pytest.mark.slow
def test_who_says_no_time_is_always_read_as_a_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.execute("DELETE FROM ops.watermark")
    true = client.Client.get

    def timeless(self: client.Client, *args: Any) -> client.Answer:
        answer = true(self, *args)
        answer.headers.pop("Date", None)
        return answer

    monkeypatch.setattr(client.Client, "get", timeless)
    for day in ("2024-06-01", "2024-06-02"):
        outcome = _night(world, day)
        assert outcome.failure is None
        assert world.rows("SELECT 1 FROM ops.scope WHERE batch_id = :b AND since IS NOT NULL", b=outcome.batch_id) == []
    assert world.rows(MARKS) == []


@pytest.mark.slow
def test_named_units_and_years_are_read_as_a_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unit, count = wire.schools(world)[0], world.value(OF_OTHER)
    wire.tell(monkeypatch, _edited(10, None, unit))
    (outcome,) = sync.sync("named", sync.Order(("saomai",), units=(unit,)))
    assert outcome.failure is None
    assert world.value(OF_OTHER) > count + 100


@pytest.mark.slow
def test_a_rostering_provider_is_asked_by_its_filter(world: World) -> None:
    def trust(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            if one["id"] == "lotus":
                one["incremental"] = {"complete_every": 7}

    wire.edit_site(world, trust)
    for _ in range(2):
        outcome = world.sync("lotus")["lotus"]
        assert outcome.failure is None
    assert world.value("SELECT count(*) FROM ops.scope WHERE batch_id = :b AND since IS NOT NULL AND is_complete",
                       b=outcome.batch_id) >= 4  # fmt: skip
    assert world.value("SELECT count(*) FROM landing.record WHERE connection_id = 'lotus' AND NOT is_present") == 0


def test_a_system_that_cannot_tell_changes_is_not_asked_for_them(world: World) -> None:
    def trust(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            if one["id"] == "registry":
                one["incremental"] = {}

    wire.edit_site(world, trust)
    with pytest.raises(ConfigurationError, match="registry cannot be asked for changes alone; take `incremental` out"):
        sites.load(world.folder / "site")


@pytest.mark.slow
def test_one_old_record_on_a_night_of_changes_stops_no_school(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = wire.schools(world)[0]

    def told(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        if resource != "students" or of != unit:
            return records
        first = {**records[0], "thoigiancapnhat": "2024-06-01T07:00:00", "data": {**records[0]["data"], "x": 1}}
        return [first, *records[1:]]

    wire.tell(monkeypatch, told)
    outcome = _night(world, "2024-06-01")
    assert outcome.failure is None
    assert outcome.admission is not None
    assert outcome.admission.terms["student"]["superseded"] == 1


@pytest.mark.slow
def test_while_a_question_is_open_its_unit_is_read_as_a_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unit, other = wire.schools(world)[:2]
    with monkeypatch.context() as fault:
        fault.setattr(partner.Saomai, "_stays", lambda self, of: [] if of == unit else STAYS(self, of))
        world.at("2024-06-07")
        world.sync("saomai")
    held = "SELECT unit_id FROM ops.hold WHERE closed_at IS NULL AND room = 'landing'"
    assert {row.unit_id for row in world.rows(held)} == {unit}
    outcome = _night(world, "2024-06-08")
    assert outcome.failure is None
    read = {row.unit_id: row.whole for row in world.rows(
        "SELECT unit_id, bool_and(since IS NULL) AS whole FROM ops.scope WHERE batch_id = :b AND resource = 'students'"
        " GROUP BY 1", b=outcome.batch_id)}  # fmt: skip
    assert read == {unit: True, other: False}
    assert world.rows(held) == []


@pytest.mark.slow
def test_who_waits_in_a_system_read_as_a_whole_is_taken_up_on_a_night_of_changes(world: World) -> None:
    def trust(said: dict[str, Any]) -> None:
        for one in said["connections"]:
            if one["id"] == "lotus":
                one["incremental"] = {"complete_every": 7}

    wire.edit_site(world, trust)
    assert world.sync("lotus")["lotus"].failure is None
    world.execute("""INSERT INTO quarantine.student (connection_id, source_key, batch_id, event, faults, failed_rules,
        since) SELECT connection_id, source_key, batch_id, event, faults, '{student.sex.code}', now()
        FROM validated.student WHERE connection_id = 'lotus' AND is_present ORDER BY source_key LIMIT 1""")
    outcome = world.sync("lotus")["lotus"]
    assert outcome.failure is None
    assert world.value("SELECT count(*) FROM ops.scope WHERE batch_id = :b AND since IS NULL", b=outcome.batch_id) == 0
    assert world.rows("SELECT 1 FROM quarantine.student WHERE connection_id = 'lotus'") == []

"""What the portal shows on a day is what master says of transfers and admission lists: all of it, with its history.

practice zone (real HTTP) -> registry and portal alone -> master.transfer, master.admission

The stories tell what is expected, not the portal's records.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from edu_pipeline.flow import ask, publish, sync
from edu_pipeline.sandbox import clock
from edu_pipeline.sandbox.moves import Transfer
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Moving = Callable[[str], World]

TRANSFER = """transfer_id, student_id, school_year, grade_level, status, from_unit_id, to_unit_id, from_province_code,
    to_province_code, requested_date, released_date, accepted_date"""
ADMISSION = "admission_id, student_id, unit_id, school_year, grade_level, listed_date"


def _night(world: World) -> tuple[sync.Outcome, publish.Publication]:
    """Sync the registry and the portal, publish; the portal's outcome, and the publication."""
    outcome = world.sync("registry", "portal")["portal"]
    assert outcome.failure is None
    return outcome, publish.publish(uuid.uuid4().hex)


def _day(world: World) -> dt.date:
    return clock.read(world.folder / "clock")


def _there(world: World) -> set[str | None]:
    """The units of the register on the day, those that have ended too; None is another province's."""
    return {None, *(u.code for u in world.city.units if u.opened is None or u.opened <= _day(world))}


def _transfers(world: World) -> set[tuple[Any, ...]]:
    """What the stories have moved by the day, to units that are there; summer leads into the year that begins in it."""
    day, there = _day(world), _there(world)

    def by_now(on: dt.date | None) -> dt.date | None:
        return on if on and on <= day else None

    return {
        (t.number, t.student, t.requested.year - (t.requested.month < 6), t.grade, t.state(day), t.from_unit, t.to_unit,
         t.from_province, t.to_province, t.requested, by_now(t.released), by_now(t.accepted))
        for t in world.city.transfers if t.state(day) and {t.from_unit, t.to_unit} <= there
    }  # fmt: skip


def _admissions(world: World) -> set[tuple[Any, ...]]:
    day, there = _day(world), _there(world)
    return {(a.number, a.student, a.unit, a.year, a.grade, a.listed)
            for a in world.city.admissions if a.listed <= day and a.unit in there}  # fmt: skip


def _stands(world: World) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    rows = [world.rows(f"SELECT {names} FROM master.{name}")
            for name, names in (("transfer", TRANSFER), ("admission", ADMISSION))]  # fmt: skip
    return {tuple(row) for row in rows[0]}, {tuple(row) for row in rows[1]}


def _tell(world: World, patch: pytest.MonkeyPatch, *transfers: Transfer, without: str = "") -> None:
    """Let the portal tell transfers otherwise, tell more, or one less."""
    said = {t.number: t for t in (*world.city.transfers, *transfers) if t.number != without}
    patch.setattr(world.city, "transfers", list(said.values()))


@pytest.mark.slow
def test_what_the_portal_shows_on_a_day_is_what_stands(moving: Moving) -> None:
    waited = {}
    for phase in ("2024-07-07", "2024-07-20", "2024-08-01", "opening", "settled", "2025-07-28"):
        world = moving(phase)
        _night(world)
        assert _stands(world) == (_transfers(world), _admissions(world))
        for name in ("transfer", "admission"):
            assert world.rows(f"SELECT source_key FROM quarantine.{name}") == []
        waited[phase] = {
            row[0] for row in world.rows("SELECT source_key FROM waiting.transfer WHERE reason = 'parent'")
        }
        shown = {t.number for t in world.city.transfers if t.state(_day(world))}
        assert waited[phase] == shown - {row[0] for row in _transfers(world)}
        assert world.rows("SELECT 1 FROM ops.hold WHERE closed_at IS NULL") == []
    # Units to come were named before their day, and everything stands by the opening.
    assert waited["2024-07-20"]
    assert not waited["opening"]
    assert len(_transfers(world)) == len(world.city.transfers)
    assert len(_admissions(world)) == len(world.city.admissions)


def test_a_step_is_an_update_with_history_and_a_withdrawn_one_disappears_softly(
    moving: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = moving("2024-07-20")
    _night(world)
    gone = next(t for t in world.city.transfers if t.state(dt.date(2024, 7, 20)) == "requested" and t.accepted)
    steps = next(t for t in world.city.transfers if t.number != gone.number and t.from_unit and t.accepted
                 and t.state(dt.date(2024, 7, 20)) == "requested")  # fmt: skip
    assert steps.released
    assert steps.accepted
    _tell(world, monkeypatch, without=gone.number)
    for day in (steps.released, steps.accepted):
        world = moving(day.isoformat())
        _, done = _night(world)
        assert done.closed == {}
    of_it = "FROM {}.transfer WHERE transfer_id = :id"
    former = world.rows(f"SELECT status, ended_by {of_it.format('history')} ORDER BY recorded_from", id=steps.number)
    assert [tuple(row) for row in former] == [("requested", "update"), ("released", "update")]
    assert world.value(f"SELECT status {of_it.format('master')}", id=steps.number) == "accepted"
    # Withdrawn: the last version is history, and the record at landing is only not present.
    assert world.rows(f"SELECT 1 {of_it.format('master')}", id=gone.number) == []
    former = world.rows(f"SELECT status, ended_by {of_it.format('history')}", id=gone.number)
    assert [tuple(row) for row in former] == [("requested", "remove")]
    assert world.value("SELECT is_present FROM landing.record WHERE source_key = :id", id=gone.number) is False
    _tell(world, monkeypatch, gone)
    world = moving((steps.accepted + dt.timedelta(days=1)).isoformat())
    _night(world)
    assert _stands(world)[0] == _transfers(world)


def test_what_nobody_knows_stops_that_record_alone(moving: Moving, monkeypatch: pytest.MonkeyPatch) -> None:
    world = moving("opening")
    a, b, c, d = world.city.transfers[:4]
    stranger, identity = replace(a, student="7999999999"), world.city.staff[0].root
    nowhere = replace(b, to_unit="79999999", to_province="79")
    _tell(world, monkeypatch, stranger, replace(c, student=identity), nowhere, replace(d, to_province="99"))
    outcome, _ = _night(world)
    assert outcome.admission is not None
    terms = outcome.admission.terms["transfer"]
    assert (terms["quarantined"], terms["waiting_identity"], terms["admitted"]) == (1, 2, len(world.city.transfers) - 3)
    waits = world.rows("SELECT source_key, reason FROM waiting.transfer ORDER BY source_key")
    assert [tuple(row) for row in waits] == [(a.number, "identity"), (c.number, "identity")]
    stopped = world.rows("SELECT source_key, failed_rules FROM quarantine.transfer")
    assert [tuple(row) for row in stopped] == [(b.number, ["transfer.to_unit_id.unregistered"])]
    stood = {row[0] for row in _stands(world)[0]}
    assert stood == {t.number for t in world.city.transfers} - {a.number, b.number, c.number}
    # A province that no list has is left out, with a finding: nobody is stopped for it.
    (said,) = world.rows("SELECT to_province_code, faults FROM validated.transfer WHERE source_key = :k", k=d.number)
    assert tuple(said) == (None, ["to_province_code:code"])
    # The registry issues the root id: what waits goes on by itself, without a new word of the portal.
    world.execute("UPDATE validated.identity SET identity_id = '7999999999' WHERE identity_id = :r", r=a.student)
    world.sync("portal")
    assert world.rows("SELECT source_key FROM waiting.transfer") == [(c.number,)]


@pytest.mark.slow
def test_the_portal_answers_for_no_unit_and_changes_nobody_s_state(moving: Moving) -> None:
    world = moving("opening")
    assert world.sync("registry", "hoaphuong")["hoaphuong"].error is None
    publish.publish(uuid.uuid4().hex)
    apart = ("ops.authority", "ops.headcount", "ops.unit_year", "ops.person_state", "master.student",
             "master.enrollment", "master.school_class", "master.unit", "master.identity")  # fmt: skip
    before = wire.mark(world, *apart)
    report = ask.connection_report()["kinds"]
    _night(world)
    after = wire.mark(world, *apart)
    assert {name for name in before if before[name] != after[name]} == set()
    assert len(_stands(world)[0]) == len(_transfers(world)) > 0
    assert ask.connection_report()["kinds"] == report


def test_a_year_that_is_not_read_whole_removes_nothing_of_it_and_a_year_not_read_at_all_neither(
    moving: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = moving("2025-07-28")
    _night(world)
    stood = _stands(world)
    assert {row[3] for row in stood[1]} == {2024, 2025}
    # Of 2024-2025 a line is withdrawn while its reading is cut, and of 2025-2026 one while its reading is whole.
    kept, gone = (next(a for a in world.city.admissions if a.year == year) for year in (2024, 2025))
    monkeypatch.setattr(world.city, "admissions", [a for a in world.city.admissions if a not in (kept, gone)])
    world.sandbox.wire.switch("total_off", "portal", "admissions", after=1)
    world = moving("2025-07-29")
    outcome = world.sync("portal")["portal"]
    assert len(outcome.scopes) == 1
    assert "landing.admissions, unit *, year 2024: declared" in outcome.scopes[0]
    world.sandbox.wire.clear()
    publish.publish(uuid.uuid4().hex)
    assert stood[1] - _stands(world)[1] == {row for row in stood[1] if row[0] == gone.number}
    # In autumn nobody asks for 2024-2025 any more: it stands.
    world = moving("late_2025")
    _night(world)
    assert {row[0] for row in _stands(world)[1]} == {row[0] for row in stood[1]} - {gone.number}


FAULTS = {
    "error": "HTTP 500",
    "truncated_body": "Remedy",
    "page_missing": "declared",
    "no_total": "no total declared",
    "wrapped": "no list of records at items",
}


@pytest.mark.slow
def test_a_fault_of_the_wire_is_told_and_removes_nobody(moving: Moving, monkeypatch: pytest.MonkeyPatch) -> None:
    wire.try_at_once(monkeypatch)
    world, places = moving("opening"), ("validated.transfer", "master.transfer", "history.transfer")
    _night(world)
    before = wire.mark(world, *places)
    for fault, said in FAULTS.items():
        if fault == "page_missing":
            world.sandbox.wire.switch("clamped", "portal", "transfers", size=20)
        world.sandbox.wire.switch(fault, "portal", "transfers")
        assert said in str(world.sync("portal")["portal"].failure)
        publish.publish(uuid.uuid4().hex)
        world.sandbox.wire.clear()
        assert wire.mark(world, *places) == before
    assert world.sync("portal")["portal"].failure is None

"""Every fault of the wire, met by a whole sync: who is concerned is told, nobody is removed, the next night heals it.

practice city behind a distorted wire -> sync -> outcome, ledger, holds; wire mended -> sync -> as before
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from edu_pipeline.flow import year
from edu_pipeline.landing import client
from edu_pipeline.sandbox.wire import FAULTS
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]
Options = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """Faults of one unit's students, and what is said of it: of the reading, of the connection, or nothing."""

    faults: dict[str, Options]
    reading: str | None = None
    connection: str | None = None
    hold: str | None = None
    waiting: int = 0
    quarantined: int = 0
    heal: dict[str, Options] = field(default_factory=dict)
    resource: str = "students"


PAGES: dict[str, Options] = {"clamped": {"size": 20}}
STILL: Options = {"changed": 0, "added": 0, "removed": 0}
NEWER: dict[str, Options] = {"newer": {"by": 10}}
HEALED: dict[str, Options] = {"newer": {"by": 20}}
CASES = {
    "unreachable": Case({"unreachable": {}}, "no whole answer (ConnectionError). Remedy: is the system up?"),
    "reset": Case({"reset": {}}, "an answer broke off (ProtocolError). Remedy"),
    "reset once": Case({"reset": {"times": 1}}),
    "truncated": Case({"truncated_body": {}}, "an answer broke off (ProtocolError). Remedy"),
    "truncated once": Case({"truncated_body": {"times": 1, "share": 0.9}}),
    "slow drip": Case({"slow_drip": {}}, "an answer of over 0.3 seconds. Remedy: ask the vendor why it is slow"),
    "unauthorized": Case({"unauthorized": {}}, connection="HTTP 401. Remedy: renew the credentials"),
    "forbidden": Case({"forbidden": {}}, "HTTP 403. Remedy: renew the credentials, or ask for the scope"),
    "throttled": Case({"throttled": {}}, "HTTP 429 after all tries"),
    "throttled for a second": Case({"throttled": {"times": 2, "retry_after": 1}}),
    "error": Case({"error": {}}, "HTTP 500 after all tries"),
    "error once": Case({"error": {"times": 1}}),
    "login page": Case({"login_page": {}}, "not JSON (text/html; charset=utf-8). Remedy: is this the API's address"),
    "wrong type": Case({"wrong_type": {}}),
    "gzip bomb": Case({"gzip_bomb": {}}, "a page of over 67108864 bytes"),
    "deep nesting": Case({"deep_nesting": {"depth": 500}}, "1 records without a usable key"),
    "deeper nesting": Case({"deep_nesting": {}}, "not JSON (application/json). Remedy"),
    "huge field": Case({"huge_field": {}, **NEWER}, quarantined=1, heal=HEALED),
    "NUL": Case({"nul": {}, **NEWER}, waiting=1, heal=HEALED),
    "surrogate": Case({"surrogate": {}, **NEWER}, waiting=1, heal=HEALED),
    "NFD": Case({"nfd": {}, **NEWER}, heal=HEALED),
    "absent nulls": Case({"explicit_nulls": {"how": "absent"}, **NEWER}, heal=HEALED, resource="enrollments"),
    "absent nulls of the same version": Case({"explicit_nulls": {"how": "absent"}}, resource="enrollments"),
    "empty": Case({"empty": {}}, hold="empty"),
    "page repeated": Case({**PAGES, "page_repeated": {}}, "declared"),
    "page missing": Case({**PAGES, "page_missing": {}}, "declared"),
    "endless": Case({**PAGES, "no_total": {}, "endless": {}}, "the same pages come again and again"),
    "total off": Case({"total_off": {}}, "declared"),
    "no total": Case({"no_total": {}}, "no total declared"),
    "order changing": Case({**PAGES, "reordered": {}}, "declared"),
    "changed in between": Case({**PAGES, "mid_pull": {**STILL, "changed": 2}}, waiting=2, heal=NEWER),
    "added in between": Case({**PAGES, "mid_pull": {**STILL, "added": 2}}, quarantined=2),
    "removed in between": Case({**PAGES, "mid_pull": {**STILL, "removed": 2}}),
    "removed and added in between": Case({**PAGES, "mid_pull": {**STILL, "removed": 2, "added": 2}}, quarantined=2),
    "removed at every look": Case({**PAGES, "mid_pull": {**STILL, "removed": 2, "again": True}}, "rows left while"),
    "clamped": Case(PAGES),
    "clamped without a total": Case({**PAGES, "no_total": {}}, "no total declared"),
    "filter ignored": Case({"filter_ignored": {}}, "the unit asked for is ignored"),
    "redirect": Case({"redirect_host": {}}, "a redirect. Remedy"),
    "redirect to metadata": Case({"redirect_metadata": {}}, "a redirect. Remedy"),
    "skewed clock": Case({"skewed_clock": {}}),
    "error object": Case({"error_object": {}}, "an error inside HTTP 200"),
    "error beside a list": Case({"error_object": {"beside": True}}, "an error inside HTTP 200"),
    # The mended reading is the record sent again, in a higher version.
    "cancelled": Case({"cancelled_resent": {}}, heal=NEWER),
    "key reused": Case({"rekeyed": {}}, quarantined=1, heal=NEWER),
    "wrapped": Case({"wrapped": {}}, "no list of records at records"),
}
# The others are as slow as a night; these two stand for them in the quick tests.
QUICK = ("page missing", "error")


def _switch(world: World, faults: dict[str, Options], resource: str, unit: str, other: str) -> None:
    world.sandbox.wire.clear()
    for name, options in faults.items():
        served = {"served": other} if name == "filter_ignored" else {}
        world.sandbox.wire.switch(name, "partner", resource, unit, **options, **served)


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in CASES]
)
def test_a_fault_is_told_removes_nobody_and_heals(stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    case, world = CASES[name], stage("year_end")
    wire.try_at_once(monkeypatch)
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.3 if name == "slow drip" else 300)
    unit, other = wire.schools(world)[:2]
    wire.narrow(world, [unit, other])
    assert world.sync("saomai")["saomai"].failure is None
    before, counts = wire.mark(world, "validated", "quarantine", "waiting"), _counts(world)
    contents = wire.contents(world)
    names = {child.given for child in world.city.children_of[unit]}
    _switch(world, case.faults, case.resource, unit, other)
    outcome = world.sync("saomai")["saomai"]
    said = "; ".join(filter(None, [outcome.error, outcome.failure, *outcome.scopes]))
    if case.connection:
        assert case.connection in str(outcome.error)
    else:
        assert outcome.error is None
        assert [s for s in outcome.scopes if f"students, unit {unit}" not in s] == []
        assert (case.reading is not None) == bool(outcome.scopes)
        assert case.reading is None or case.reading in outcome.scopes[0]
        # The neighbour's night is whole, and the ledger of every entity adds up (admit raises where it does not).
        assert outcome.admission is not None
        assert world.rows("SELECT 1 FROM ops.scope WHERE batch_id = :b AND unit_id = :u AND NOT is_complete",
                          b=outcome.batch_id, u=other) == []  # fmt: skip
    assert world.value("SELECT count(*) FROM landing.record WHERE NOT is_present") == 0
    holds = [row.rule for row in world.rows("SELECT rule FROM ops.hold WHERE closed_at IS NULL AND room = 'landing'")]
    assert holds == ([case.hold] if case.hold else [])
    quarantined, waiting = (now - then for now, then in zip(_counts(world), counts, strict=True))
    assert (quarantined, waiting) == (case.quarantined, case.waiting)
    assert not any(f" {given}" in said for given in names if len(given) > 3)
    _switch(world, case.heal, case.resource, unit, other)
    assert world.sync("saomai")["saomai"].failure is None
    assert _counts(world) == counts
    assert world.rows("SELECT rule FROM ops.hold WHERE closed_at IS NULL AND room = 'landing'") == []
    assert wire.contents(world) == contents
    if not case.heal:
        assert wire.mark(world, "validated", "quarantine", "waiting") == before


def test_every_fault_of_the_wire_is_met_by_a_sync() -> None:
    # Those two befall other systems than the partner, and have tests of their own.
    alone = {"token_expired", "next_elsewhere"}
    assert {name for case in CASES.values() for name in case.faults} | alone == set(FAULTS)


def _counts(world: World) -> tuple[int, int]:
    return (world.value("SELECT count(*) FROM quarantine.student"), world.value("SELECT count(*) FROM waiting.student"))


def test_a_token_that_ends_in_the_middle_of_a_pull_is_renewed(stage: Stage) -> None:
    world = stage("year_end")
    world.sandbox.wire.switch("token_expired", "ims", after=3)
    assert world.sync("lotus")["lotus"].failure is None
    # A provider that refuses the new one too does not know us.
    world.sandbox.wire.switch("unauthorized", "ims", after=3)
    assert "HTTP 401. Remedy: renew the credentials" in str(world.sync("lotus")["lotus"].error)


@pytest.mark.slow
def test_a_next_page_on_another_host_is_not_asked_for(whole: Stage) -> None:
    world = whole("year_end")
    year.open_year(2023)
    unit = next(u.code for u in world.city.units if u.system == "hoaphuong" and u.grades)
    wire.narrow(world, [unit], "hoaphuong")
    assert [outcome.failure for outcome in world.sync("registry", "hoaphuong").values()] == [None, None]
    before, contents = wire.mark(world, "validated", "quarantine", "waiting"), wire.contents(world)
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        address = f"http://127.0.0.1:{elsewhere.getsockname()[1]}"
        world.sandbox.wire.switch("next_elsewhere", "hoaphuong", "hoc-sinh", unit, to=address)
        outcome = world.sync("hoaphuong")["hoaphuong"]
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert outcome.error is None
    assert [f"unit {unit}" in said and "HTTP 400. Remedy" in said for said in outcome.scopes] == [True]
    assert world.value("SELECT count(*) FROM landing.record WHERE NOT is_present") == 0
    world.sandbox.wire.clear()
    assert world.sync("hoaphuong")["hoaphuong"].failure is None
    assert (wire.mark(world, "validated", "quarantine", "waiting"), wire.contents(world)) == (before, contents)


@pytest.mark.slow
def test_three_failing_readings_in_a_row_are_the_systems_fault(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stage("year_end")
    wire.try_at_once(monkeypatch)
    wire.narrow(world, wire.schools(world))
    assert len(wire.schools(world)) >= 3
    world.sandbox.wire.switch("forbidden", "partner", "students")
    outcome = world.sync("saomai")["saomai"]
    assert str(outcome.error).startswith("saomai, students, unit ")
    assert "HTTP 403. Remedy" in str(outcome.error)
    assert outcome.admission is None
    world.sandbox.wire.clear()
    assert world.sync("saomai")["saomai"].failure is None


def test_rows_that_shift_once_are_found_at_a_second_look(stage: Stage) -> None:
    world = stage("year_end")
    unit = wire.schools(world)[0]
    wire.narrow(world, [unit])
    # Page 2 of the first look only: the second look asks for it again, after that many requests.
    world.sandbox.wire.switch("clamped", "partner", "students", unit, size=20)
    world.sandbox.wire.switch("page_repeated", "partner", "students", unit, after=1, times=1)
    outcome = world.sync("saomai")["saomai"]
    assert outcome.failure is None
    assert world.value("SELECT is_complete FROM ops.scope WHERE batch_id = :b AND resource = 'students'",
                       b=outcome.batch_id)  # fmt: skip

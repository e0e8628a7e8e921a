"""Validated's gate: what isolation let through, or rejected far too often, is held; the last good versions stay."""

import datetime as dt
import functools
from typing import Any

import pytest

from edu_pipeline.contracts.rules import Effect, row_rules
from edu_pipeline.flow import admit, sync
from edu_pipeline.flow.admit import Admission
from edu_pipeline.gate.verdict import GateClosed, Verdict, standing
from edu_pipeline.sandbox import partner
from edu_pipeline.schema import PULLED, Entity, entity
from edu_pipeline.storage.engine import engine
from edu_pipeline.validate import gate
from edu_pipeline.validate import isolate as isolating
from edu_pipeline.validate.isolate import own_key
from edu_pipeline.validate.resolve import Scope
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.gates import walls
from edu_pipeline_tests.gates.walls import Record
from edu_pipeline_tests.stages import World

STUDENT = entity("student")
BEYOND = ("validated.student", "validated.enrollment", "master")


@pytest.fixture
def small(world: World) -> World:
    walls.narrow(world, "saomai", [walls.school(world)])
    return world


def _all_newer(said: Record, by: int = 10) -> Record:
    return walls.newer(said, by, dantoc="17") if walls.is_student(said) else said


def _born_too_early(said: Record) -> Record:
    # Readable, so that normalized has nothing to say; below the share at which the unit alone is held.
    said = _all_newer(said)
    is_hit = walls.is_student(said) and walls.lot(said) < 4
    return walls.newer(said, by=0, ngaysinh="1890-05-01") if is_hit else said


def test_a_batch_of_which_too_much_is_rejected_is_held_with_its_good_rows(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = walls.fingerprint(small, *BEYOND)
    with monkeypatch.context() as wire:
        walls.serve(wire, _born_too_early)
        refused = small.sync("saomai")["saomai"]
    assert refused.failure == "validated.student: rejected_share"
    assert walls.fingerprint(small, *BEYOND) == before
    terms = refused.admission.terms["student"]
    assert terms["admitted"] == 0
    assert terms["quarantined"] > 90
    assert terms["held"] > 150
    # Mended: what was held and what was quarantined is admitted, unasked.
    walls.serve(monkeypatch, functools.partial(_all_newer, by=20))
    done = small.sync("saomai")["saomai"]
    assert done.failure is None
    assert done.admission.terms["student"]["admitted"] > 250
    assert small.value("SELECT count(*) FROM waiting.student WHERE reason = 'hold'") == 0


def _without(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    blind = functools.partial(isolating.isolate, without=frozenset({rule}))
    monkeypatch.setattr(admit.isolate, "isolate", blind)


def _spoil_on_the_wire(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.fault("unknown_code", walls.school(world))


def _spoil_in_normalized(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walls.serve(monkeypatch, _all_newer)
    true = sync._admit

    def spoiled(*said: object) -> None:
        world.execute("""UPDATE normalized.student SET sex = 'khác' WHERE source_key =
                         (SELECT min(source_key) FROM normalized.student WHERE sex = 'female')""")
        true(*said)

    monkeypatch.setattr(sync, "_admit", spoiled)


def _serve_double(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quiet pupil comes a second time, under another record key and pupil number."""
    home = walls.school(world)
    code = next(
        child.codes[home]
        for child in world.city.children_of[home]
        if child.defect is None and child.outcome == "promoted" and {place.unit for place in child.places} == {home}
    )
    true = partner.Saomai.records

    def records(self: partner.Saomai, resource: str, unit: str, year: int, *rest: Any) -> list[Record]:
        rows = true(self, resource, unit, year, *rest)
        if (resource, unit, year) == ("students", home, 2023):
            one = next(row for row in rows if row["data"]["mahocsinh"] == code)
            rows.append({**one, "idbanghi": f"{one['idbanghi']}-B", "data": {**one["data"], "mahocsinh": f"{code}-B"}})
        return rows

    monkeypatch.setattr(partner.Saomai, "records", records)


def _spoil_by_a_double(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walls.serve(monkeypatch, _all_newer)
    _serve_double(world, monkeypatch)


def _spoil_birth_date(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # The registry holds the same impossible date: nothing but the rule is against the row.
    def hit(said: Record) -> Record:
        said = _all_newer(said)
        is_hit = said["idbanghi"] == f"HS-{walls.school(world)}-HS00001"
        return walls.newer(said, by=0, ngaysinh="1890-05-01") if is_hit else said

    walls.serve(monkeypatch, hit)
    true = sync._admit

    def agreed(*said: object) -> None:
        world.execute("""UPDATE validated.identity SET birth_date = '1890-05-01' WHERE identity_id IN
                         (SELECT student_id FROM normalized.student WHERE birth_date = '1890-05-01')""")
        true(*said)

    monkeypatch.setattr(sync, "_admit", agreed)


def _spoil_by_a_reused_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pupil's record becomes that of a quiet pupil of another school."""
    home = walls.school(world)
    away = next(unit for unit in wire.schools(world) if unit != home)
    victim, comer = wire.quiet(world, home), wire.quiet(world, away)
    told = {"madinhdanh": comer.root, "hovaten": f"{comer.family} {comer.given}", "ngaysinh": comer.birth.isoformat(),
            "gioitinh": partner.SEX[comer.sex]}  # fmt: skip
    key = f"HS-{home}-{victim.codes[home]}"
    world.sandbox.wire.switch("rekeyed", "partner", "students", home, key=key, identity=told)


CASES = {
    "student.sex.unknown_code": (_spoil_on_the_wire, "sex.missing"),
    "student.sex.code": (_spoil_in_normalized, "sex.code"),
    "student.birth_date.implausible": (_spoil_birth_date, "birth_date.implausible"),
    "student.student_id.duplicate": (_spoil_by_a_double, "unique(claim_unit_id+student_id)"),
    "student.student_id.reused": (_spoil_by_a_reused_key, "student_id.reused"),
}


@pytest.mark.parametrize("rule", CASES)
@pytest.mark.slow
def test_without_one_isolating_rule_the_suite_closes_in_its_place(
    small: World, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    spoil, expectation = CASES[rule]
    before = walls.fingerprint(small, *BEYOND)
    spoil(small, monkeypatch)
    with monkeypatch.context() as broken:
        _without(broken, rule)
        refused = small.sync("saomai")["saomai"]
    assert refused.failure == f"validated.student: {expectation}"
    assert walls.fingerprint(small, *BEYOND) == before
    assert refused.admission.terms["student"]["admitted"] == 0
    # With the rule the same rows are no matter of the gate.
    assert small.sync("saomai")["saomai"].failure is None
    assert rule in small.value("SELECT string_agg(failed_rules::text, ' ') FROM quarantine.student")


def test_without_the_rule_a_double_that_comes_a_night_later_is_found_too(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _serve_double(small, monkeypatch)
    before = walls.fingerprint(small, *BEYOND)
    _without(monkeypatch, "student.student_id.duplicate")
    assert small.sync("saomai")["saomai"].failure == "validated.student: unique(claim_unit_id+student_id)"
    assert walls.fingerprint(small, *BEYOND) == before


@pytest.mark.parametrize("declared", PULLED, ids=lambda declared: declared.name)
def test_every_isolating_rule_has_an_expectation_to_stand_in_for_it(declared: Entity) -> None:
    parts = gate.validated_parts(declared, Scope(1, "saomai", dt.date(2024, 9, 5)))
    said = {expectation.meta["name"] for _, expectations in parts for expectation in expectations}
    range_of = {"minimum": "range", "maximum": "range"}
    # A rule that only tells takes nothing out: there is nothing to stand in for.
    isolating = [rule for rule in row_rules(declared) if rule.effect is not Effect.NOTE]
    assert {f"{rule.field}.{range_of.get(rule.check, rule.check)}" for rule in isolating} <= said
    assert f"unique({'+'.join(own_key(declared))})" in said
    assert (f"{declared.identity}.reused" in said) is bool(declared.identity)


def test_validated_is_published_for_its_own_verdict_only(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walls.serve(monkeypatch, _all_newer)
    connection, scope = walls.pulled(small, monkeypatch)
    done, places = Admission(scope.batch_id), ("validated", "quarantine", "waiting")
    with engine().connect() as database:
        assert admit._land(database, connection, scope, walls.calendar(), done, admit.NOBODY)

    marks = walls.force(small, monkeypatch, admit, ("validated", "student"), walls.other_checksum, *places)
    with engine().connect() as database, pytest.raises(GateClosed, match="judge again"):
        admit._entity(database, STUDENT, "students", scope, done)
    before = walls.fingerprint(small, *places)
    assert marks == [before]
    change = gate.validated_set(STUDENT, scope)
    with engine().connect() as database:
        own = Verdict("validated", "student", scope.batch_id, True, standing(database, change.subquery()))
    assert own.standing.row_count > 250

    def publish(verdict: Verdict) -> None:
        with engine().connect() as database:
            admit._publish(database, STUDENT, "students", scope, verdict, done, "rejected_share")

    earlier = Scope(scope.batch_id - 1, scope.connection_id, scope.as_of)
    with engine().connect() as database:
        database.exec_driver_sql("UPDATE validated.student_change SET batch_id = batch_id - 1")
        stood = standing(database, gate.validated_set(STUDENT, earlier).subquery())
        database.rollback()
    assert stood.row_count == own.standing.row_count
    of_another_batch = Verdict("validated", "student", earlier.batch_id, True, stood)
    for refused in (walls.failing(own), walls.other_checksum(own), walls.other_count(own), of_another_batch):
        with pytest.raises(GateClosed):
            publish(refused)
        assert walls.fingerprint(small, *places) == before
    publish(own)
    assert small.value("SELECT count(*) FROM validated.student WHERE ethnicity = '17'") > 250


def test_a_failed_verdict_admits_nobody(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walls.serve(monkeypatch, _all_newer)
    at = ("validated", "student")
    marks = walls.force(small, monkeypatch, admit, at, walls.failing, *BEYOND)
    assert small.sync("saomai")["saomai"].failure == "validated.student: forced"
    assert marks == [walls.fingerprint(small, *BEYOND)]


def test_what_a_door_refused_is_taken_up_the_next_night(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walls.serve(monkeypatch, _all_newer)
    with monkeypatch.context() as other:
        walls.force(small, other, admit, ("validated", "student"), walls.other_checksum, *BEYOND)
        assert "GateClosed" in str(small.sync("saomai")["saomai"].error)
    assert small.sync("saomai")["saomai"].failure is None
    assert small.value("SELECT count(*) FROM validated.student WHERE ethnicity = '17'") > 250

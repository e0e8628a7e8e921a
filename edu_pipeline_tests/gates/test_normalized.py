"""Normalized's gate: a batch that cannot be read is a changed interface; its last good versions stay in validated."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text, update

from edu_pipeline.contracts.tables import NORMALIZED
from edu_pipeline.flow import admit, chunk
from edu_pipeline.flow.admit import Admission
from edu_pipeline.gate.verdict import GateClosed, Verdict, standing
from edu_pipeline.normalize.speak import Told
from edu_pipeline.schema import entity
from edu_pipeline.storage.engine import engine
from edu_pipeline.validate import gate
from edu_pipeline.validate.resolve import Scope
from edu_pipeline_tests.gates import walls
from edu_pipeline_tests.gates.walls import Record
from edu_pipeline_tests.stages import World

STUDENT = entity("student")
BEYOND = ("validated.student", "validated.enrollment", "master")

# Rows that the batch brought, and how many of them are held.
BROUGHT = "SELECT count(*) FROM normalized.student WHERE connection_id = 'saomai'"
HELD = """SELECT count(*) FROM waiting.student w JOIN normalized.student n USING (connection_id, source_key)
          WHERE w.reason = 'hold'"""


@pytest.fixture
def small(world: World) -> World:
    walls.narrow(world, "saomai", [walls.school(world)])
    return world


def _changed(field: str, value: Callable[[Any], Any], tenths: int = 10, by: int = 10) -> Callable[[Record], Record]:
    def record(said: Record) -> Record:
        if not walls.is_student(said):
            return said
        is_hit = walls.lot(said) < tenths
        return walls.newer(said, by, **({field: value(said["data"][field])} if is_hit else {}))

    return record


# A birth date that cannot be read rejects its row; an ethnic group that cannot be read rejects none: it would only be
# lost, and every good value with it.
@pytest.mark.parametrize(
    ("field", "value", "lost"),
    [("ngaysinh", lambda day: "/".join(reversed(str(day).split("-"))), "birth_date"),
     ("dantoc", lambda code: "Kinh", "ethnicity")],
    ids=["another date format", "another table of ethnic groups"],
)  # fmt: skip
@pytest.mark.slow
def test_an_interface_that_has_changed_is_held_as_a_whole(
    small: World, monkeypatch: pytest.MonkeyPatch, field: str, value: Callable[[Any], Any], lost: str
) -> None:
    before = walls.fingerprint(small, *BEYOND)
    with monkeypatch.context() as wire:
        walls.serve(wire, _changed(field, value))
        refused = small.sync("saomai")["saomai"]
    assert refused.failure == "normalized.student: unreadable_share"
    assert walls.fingerprint(small, *BEYOND) == before
    assert small.value(HELD) == small.value(BROUGHT) > 250
    kept = f"""SELECT count(*) FROM validated.student v JOIN normalized.student n USING (connection_id, source_key)
               WHERE n.{lost} IS NULL AND v.{lost} IS NOT NULL"""
    assert small.value(kept) > 250
    walls.serve(monkeypatch, _changed(field, lambda said: said, by=20))
    assert small.sync("saomai")["saomai"].failure is None
    assert small.value("SELECT count(*) FROM waiting.student WHERE reason = 'hold'") == 0


def test_what_waited_before_keeps_its_reason(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = "SELECT unit_id, reason, count(*) FROM waiting.enrollment WHERE unit_id <> :u GROUP BY 1, 2 ORDER BY 1, 2"
    before = small.rows(waiting, u=walls.school(small))
    assert len(before) > 20
    walls.serve(monkeypatch, lambda said: walls.newer(said, ngayvao="hôm qua") if walls.is_place(said) else said)
    assert small.sync("saomai")["saomai"].failure == "normalized.enrollment: unreadable_share"
    assert small.rows(waiting, u=walls.school(small)) == before


def test_a_few_unreadable_values_close_nothing(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walls.serve(monkeypatch, _changed("dantoc", lambda code: "Kinh", tenths=2))
    assert small.sync("saomai")["saomai"].failure is None
    assert small.value("SELECT count(*) FROM validated.student WHERE ethnicity IS NULL") > 30


def test_without_the_vendors_words_for_events_the_suite_knows_none(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    walls.serve(monkeypatch, _changed("dantoc", lambda code: "17"))
    before = walls.fingerprint(small, *BEYOND)
    with monkeypatch.context() as broken:
        broken.setattr(chunk, "Told", lambda key, event, *rest: Told(key, "SỬA", *rest))
        refused = small.sync("saomai")["saomai"]
    assert refused.failure == "normalized.student: event.code"
    assert walls.fingerprint(small, *BEYOND) == before
    assert small.value(HELD) > 250


def _twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Normalized takes every record twice: its primary key, which would refuse that, is gone."""
    with engine("edu_owner").begin() as owner:
        owner.execute(text("ALTER TABLE normalized.student DROP CONSTRAINT student_pkey"))
    true = chunk.normalize
    monkeypatch.setattr(chunk, "normalize", lambda *said: true(*said[:-1], [*said[-1], *said[-1]]))


def test_without_its_primary_key_the_suite_finds_what_comes_twice(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _twice(small, monkeypatch)
    walls.serve(monkeypatch, _changed("dantoc", lambda code: "17"))
    before = walls.fingerprint(small, *BEYOND)
    verdicts = walls.spy(monkeypatch, admit)
    assert small.sync("saomai")["saomai"].failure is not None
    assert verdicts["normalized", "student"].failed == ("unique(source_key)",)
    assert ("validated", "student") not in verdicts
    assert walls.fingerprint(small, *BEYOND) == before


def test_normalized_is_read_on_for_its_own_verdict_only(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walls.serve(monkeypatch, _changed("dantoc", lambda code: "17"))
    connection, scope = walls.pulled(small, monkeypatch)
    before = Scope(scope.batch_id - 1, scope.connection_id, scope.as_of)

    def of_the_batch_before(verdict: Verdict) -> Verdict:
        rows = NORMALIZED["student"]
        with small.app.connect() as database:
            database.execute(update(rows).values(batch_id=before.batch_id))
            stood = standing(database, gate.normalized_set(STUDENT, before).subquery())
            database.rollback()
        assert stood.row_count == verdict.standing.row_count
        return Verdict("normalized", "student", before.batch_id, True, stood)

    done = Admission(scope.batch_id)
    with engine().connect() as database:
        assert admit._land(database, connection, scope, walls.calendar(), done, admit.NOBODY)

    def enter() -> None:
        with engine().connect() as database:
            admit._entity(database, STUDENT, "students", scope, done)

    at = ("normalized", "student")
    for say in (walls.other_checksum, walls.other_count, of_the_batch_before):
        marks = walls.force(small, monkeypatch, admit, at, say, "normalized", "validated", "quarantine", "waiting")
        with pytest.raises(GateClosed, match="judge again"):
            enter()
        assert marks == [walls.fingerprint(small, "normalized", "validated", "quarantine", "waiting")]
    with monkeypatch.context() as door:
        marks = walls.force(small, monkeypatch, admit, at, walls.unaltered, "validated", "quarantine", "waiting")
        walls.fail_at_door(door, admit, *at)
        with pytest.raises(GateClosed, match="forced"):
            enter()
        assert marks == [walls.fingerprint(small, "validated", "quarantine", "waiting")]
    # Failed as an outcome: nothing is admitted, everything is held.
    marks = walls.force(small, monkeypatch, admit, at, walls.failing, *BEYOND)
    enter()
    assert marks == [walls.fingerprint(small, *BEYOND)]
    assert small.value(HELD) == small.value(BROUGHT) > 250


def test_the_same_change_set_is_admitted_for_its_own_verdict(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walls.serve(monkeypatch, _changed("dantoc", lambda code: "17"))
    before = walls.fingerprint(small, *BEYOND)
    assert small.sync("saomai")["saomai"].failure is None
    after = walls.fingerprint(small, *BEYOND)
    assert {name for name in before if before[name] != after[name]} == {"validated.student"}
    assert small.value("SELECT count(*) FROM validated.student WHERE ethnicity = '17'") > 250

"""Landing's gate: a batch of old versions, or of records that come twice, changes no record that landing holds."""

from typing import Any

import pytest

from edu_pipeline.flow import admit, pull
from edu_pipeline.flow.admit import Admission
from edu_pipeline.gate.verdict import GateClosed, Verdict, standing
from edu_pipeline.landing import publish as landing
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.gates import walls
from edu_pipeline_tests.gates.walls import Record
from edu_pipeline_tests.stages import World

BEYOND = ("landing.record", "validated", "quarantine", "waiting", "master")


@pytest.fixture
def small(world: World) -> World:
    walls.narrow(world, "saomai", [walls.school(world)])
    return world


def _restored(share: int) -> Any:
    """A vendor restored from a backup: so many tenths of its records say something else under the same version."""

    def record(said: Record) -> Record:
        is_old = walls.lot(said) < share
        return walls.newer(said, by=0 if is_old else 1, ghichu="after the restore")

    return record


@pytest.mark.slow
def test_a_batch_most_of_which_is_old_is_refused_and_one_with_few_old_lines_is_not(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = walls.fingerprint(small, *BEYOND, is_whole=False)
    with monkeypatch.context() as wire:
        walls.serve(wire, _restored(share=6))
        refused = small.sync("saomai")["saomai"]
    assert refused.failure == "landing.saomai: superseded_share"
    assert [verdict.room for verdict in refused.admission.verdicts] == ["landing"]
    assert walls.fingerprint(small, *BEYOND, is_whole=False) == before
    assert small.rows("SELECT status, error FROM ops.batch ORDER BY batch_id DESC LIMIT 1") == [
        ("failed", "landing's gate is closed")
    ]
    held = "SELECT entity, rule FROM ops.hold WHERE room = 'landing' AND closed_at IS NULL"
    assert small.rows(held) == [("*", "superseded_share")]
    walls.serve(monkeypatch, _restored(share=4))
    assert small.sync("saomai")["saomai"].failure is None
    assert small.rows(held) == []
    assert walls.fingerprint(small, "landing.record") != {"landing.record": before["landing.record"]}


class _Forgetful(set):
    def __contains__(self, key: object) -> bool:
        return False


def test_without_the_memory_of_what_has_come_the_suite_finds_what_comes_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pupil of two years comes in two readings, unchanged; there is a change to publish beside it.
    unit = walls.school(world, "THPT")
    walls.narrow(world, "saomai", [unit])
    world.fault("other_year", unit)
    before = walls.fingerprint(world, *BEYOND, is_whole=False)
    with monkeypatch.context() as broken:
        true = pull.Pull._read
        broken.setattr(pull.Pull, "_read", lambda s, reading, of, seen: true(s, reading, of, _Forgetful()))
        refused = world.sync("saomai")["saomai"]
    assert refused.failure == "landing.saomai: unique(resource+source_key)"
    assert walls.fingerprint(world, *BEYOND, is_whole=False) == before
    assert world.sync("saomai")["saomai"].failure is None
    assert walls.fingerprint(world, *BEYOND, is_whole=False) != before


def test_landing_publishes_for_its_own_verdict_only(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    small.fault("other_year", walls.school(small))
    connection, scope = walls.pulled(small, monkeypatch)

    def of_the_batch_before(verdict: Verdict) -> Verdict:
        with small.app.connect() as database:
            database.exec_driver_sql("UPDATE landing.record_change SET batch_id = batch_id - 1")
            stood = standing(database, landing.change_set(scope.batch_id - 1).subquery())
            database.rollback()
        assert stood.row_count == verdict.standing.row_count
        return Verdict("landing", connection.id, scope.batch_id - 1, True, stood)

    def land() -> bool:
        with engine().connect() as database:
            return admit._land(database, connection, scope, walls.calendar(), Admission(scope.batch_id), admit.NOBODY)

    at = ("landing", connection.id)
    for say in (walls.other_checksum, walls.other_count, of_the_batch_before):
        marks = walls.force(small, monkeypatch, admit, at, say, "landing")
        with pytest.raises(GateClosed, match="judge again"):
            land()
        assert marks == [walls.fingerprint(small, "landing")]
    with monkeypatch.context() as door:
        marks = walls.force(small, monkeypatch, admit, at, walls.unaltered, "landing")
        walls.fail_at_door(door, admit, *at)
        with pytest.raises(GateClosed, match="forced"):
            land()
        assert marks == [walls.fingerprint(small, "landing")]
    marks = walls.force(small, monkeypatch, admit, at, walls.failing, "landing")
    assert land() is False
    assert marks == [walls.fingerprint(small, "landing")]
    # The same change set with the verdict that is its own.
    marks = walls.force(small, monkeypatch, admit, at, walls.unaltered, "landing")
    assert land() is True
    assert marks != [walls.fingerprint(small, "landing")]

"""A vendor restored from a backup counts from 1 again: an alarm, a person's word, and its records are believed."""

from collections.abc import Callable

import pytest

from edu_pipeline.flow import epoch, hold, sync
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

OF_OTHER = "SELECT count(*) FROM validated.student WHERE connection_id = 'saomai' AND ethnicity = '02'"


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    world = stage("year_end")
    wire.narrow(world, wire.schools(world)[:1])
    return world


def _newer(by: int) -> wire.Told:
    """Every record in another version, and every pupil of another people."""

    def told(resource: str, unit: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        return [wire.newer(record, by, dantoc="02", ghichu="x") for record in records]

    return told


def test_versions_that_fell_are_an_alarm_until_somebody_opens_an_epoch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.value(OF_OTHER)
    with monkeypatch.context() as late:
        wire.tell(late, _newer(10))
        assert world.sync("saomai")["saomai"].failure is None
    count = world.value(OF_OTHER)
    assert count > before + 100
    # The backup knows nothing of that: lower versions, and what was there before.
    assert "superseded_share" in str(world.sync("saomai")["saomai"].failure)
    assert world.value(OF_OTHER) == count
    (held,) = hold.listed()
    assert held["to do"] == "ask the vendor whether a backup was restored; if so, `edu-pipeline connections epoch`"
    epoch.begin("saomai", "restored from the backup of 30 May")
    assert world.sync("saomai")["saomai"].failure is None
    assert world.value(OF_OTHER) == before
    assert hold.listed() == []
    # Within the new epoch versions count again: higher ones are believed, and those before them are not.
    with monkeypatch.context() as late:
        wire.tell(late, _newer(5))
        assert world.sync("saomai")["saomai"].failure is None
    assert world.value(OF_OTHER) == count
    assert "superseded_share" in str(world.sync("saomai")["saomai"].failure)


def test_an_epoch_has_a_connection_and_a_reason(world: World) -> None:
    with pytest.raises(KeyError, match="no connection 'nobody'"):
        epoch.begin("nobody", "because")
    with pytest.raises(ValueError, match="no reason"):
        epoch.begin("saomai", "  ")
    assert world.rows("SELECT 1 FROM ops.epoch") == []


@pytest.mark.slow
def test_what_is_taken_up_again_keeps_no_version_of_the_older_epoch(
    stage: Callable[[str], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = stage("year_end")
    before = world.value(OF_OTHER)
    with monkeypatch.context() as late:
        wire.tell(late, lambda resource, unit, year, records: [wire.newer(r, 100) for r in records])
        assert world.sync("saomai")["saomai"].failure is None
    epoch.begin("saomai", "restored from the backup of 30 May")
    list(sync.sync("again", sync.Order(("saomai",), from_landing=True)))
    wire.tell(monkeypatch, _newer(5))
    assert world.sync("saomai")["saomai"].failure is None
    assert world.value(OF_OTHER) > before + 100

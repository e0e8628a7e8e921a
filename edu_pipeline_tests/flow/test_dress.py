"""The rehearsal says what the rollover would say, and leaves nothing: no row, no lock, no word in the audit."""

from collections.abc import Callable

import pytest

from edu_pipeline.contracts.tables import metadata
from edu_pipeline.flow import board, dress, lock, rollover
from edu_pipeline.flow.approve import approve
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

Stage = Callable[[str], World]

# Everything that a rollover reads or writes.
TABLES = tuple(t.fullname for t in metadata.sorted_tables if t.schema in ("rollover", "ops", "waiting", "validated"))


def test_nothing_of_it_stays_and_it_waits_for_nobody(stage: Stage) -> None:
    world = stage("opening")
    before = wire.mark(world, *TABLES)
    with lock.city():
        done = dress.rehearse(2023)
    assert wire.mark(world, *TABLES) == before
    assert done.left_behind == 0
    assert done.blocked == []
    assert len(done.units) == 31
    # What it says is what is planned then: the same hashes, the same lines.
    rollover.make_plan(2023, "plan")
    hashes = {row.unit_id: row.hash[:12] for row in world.rows("SELECT unit_id, hash FROM rollover.plan")}
    assert {row["unit"]: row["hash"] for row in done.units} == hashes
    lines = world.rows("SELECT kind || ': ' || decision AS what, count(*) AS n FROM rollover.plan_line GROUP BY 1")
    assert {row.what: row.n for row in lines} == done.sums
    assert {row["unit"]: row["exceptions"] for row in board.board(2023)} == {
        row["unit"]: row["exceptions"] for row in done.units
    }


def test_what_would_block_is_said_by_unit_and_only_what_is_left_is_rehearsed(stage: Stage) -> None:
    world = stage("opening")
    applied, unit, other = wire.schools(world)[:3]
    rollover.make_plan(2023, "plan", [applied])
    hashes = {row.unit_id: row.hash for row in world.rows("SELECT unit_id, hash FROM rollover.plan")}
    approve(2023, hashes)
    assert rollover.apply_plan(2023, "apply").done == [applied]
    # A third of a school retained, another without a result.
    world.execute(
        """UPDATE master.result SET outcome = 'retained' WHERE unit_id = :u AND outcome = 'promoted'""", u=unit
    )
    world.execute("DELETE FROM master.result WHERE unit_id = :u", u=other)
    done = dress.rehearse(2023)
    said = {row["unit"]: row["blocked"] for row in done.blocked}
    assert set(said) == {unit, other}
    assert "share_in_range: " in said[unit]
    assert "year-end results of 0 of " in said[other]
    assert applied not in {row["unit"] for row in done.units}
    real = rollover.make_plan(2023, "plan-again")
    assert real.failed[unit] in said[unit]

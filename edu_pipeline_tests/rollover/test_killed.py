"""Applying and undoing die by SIGKILL, before and behind statements: the next run ends in the same state.

A spread of the boundaries is tried here, and all of them by `make soak`.
"""

from collections.abc import Callable

import pytest

from edu_pipeline.storage import embedded
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.flow.killed import COMMIT, Boundary
from edu_pipeline_tests.flow.night import Standing
from edu_pipeline_tests.flow.soak import Soak
from edu_pipeline_tests.rollover import soak
from edu_pipeline_tests.stages import World, forget

Stage = Callable[[str], World]

KILLS, TRIED = 20, 12


def _standing(stage: Stage, server: embedded.Server) -> Standing:
    world = stage("opening")
    soak.plan(world)
    name = engine("edu_app").url.database or ""
    forget()
    return Standing(server, world, name)


def _spread(soaked: Soak) -> list[Boundary]:
    """Those around every COMMIT of the work itself, and some of the others."""
    return soaked.by_weight[:: max(1, len(soaked.boundaries) // TRIED)]


@pytest.mark.slow
def test_wherever_an_apply_or_an_undo_dies_the_next_run_comes_to_the_same(
    stage: Stage, server: embedded.Server
) -> None:
    with soak.both(_standing(stage, server)) as pair:
        for soaked in pair:
            assert len(soaked.boundaries) > 10
            assert any(at.done == COMMIT for at in soaked.boundaries)
            assert {at: found for at in _spread(soaked) if (found := soaked.disturbed(at))} == {}


@pytest.mark.slow
def test_twenty_kills_of_the_process_group_leave_no_trace(stage: Stage, server: embedded.Server) -> None:
    with soak.both(_standing(stage, server)) as (applying, undoing):
        assert soak.battered(applying, KILLS // 2) == []
        assert soak.battered(undoing, KILLS // 2) == []

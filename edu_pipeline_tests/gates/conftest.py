"""The practice city on the first day of the new year, for tests that try to get a bad change set past a gate."""

from collections.abc import Callable, Iterator

import pytest

from edu_pipeline_tests.gates.walls import told
from edu_pipeline_tests.stages import World


@pytest.fixture
def bare_world(stage: Callable[[str], World]) -> World:
    """2023 is closed, the new year's rows wait."""
    return stage("opening")


@pytest.fixture
def world(bare_world: World) -> Iterator[World]:
    """The same; whatever the test does to the city, what the gates write down of it names nobody."""
    yield bare_world
    assert told(bare_world) == []

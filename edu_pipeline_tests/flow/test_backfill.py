"""An order for one school year reads that year alone, and what it does not read is not gone."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from edu_pipeline.flow import sync
from edu_pipeline.landing.client import Answer, Client
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The school years that were asked for on the wire."""
    years: set[int] = set()
    true = Client.get

    def get(self: Client, path: str, params: Mapping[str, str | int], place: str) -> Answer:
        if "school_year" in params:
            years.add(int(params["school_year"]))
        return true(self, path, params, place)

    monkeypatch.setattr(Client, "get", get)
    return years


def _sync(order: sync.Order) -> dict[str, sync.Outcome]:
    return {o.connection_id: o for o in sync.sync(uuid.uuid4().hex, order)}


def _years(world: World, batch: int) -> set[int]:
    return {row[0] for row in world.rows("SELECT school_year FROM ops.scope WHERE batch_id = :b", b=batch)}


@pytest.mark.parametrize("year", [2023, pytest.param(2024, marks=pytest.mark.slow)])
def test_one_year_is_read_and_the_other_is_left_alone(stage: Stage, asked: set[int], year: int) -> None:
    world = stage("applied")
    states = wire.states(world)
    rooms = ("validated", "waiting", "master", "history", "ops.person_state", "warehouse")
    before: Any = wire.mark(world, *rooms)
    present = world.value("SELECT count(*) FROM landing.record WHERE is_present")
    # Who is quarantined is taken up again by each reading, and says in which year's it came.
    bad = "SELECT source_key, failed_rules, since, scope_year FROM quarantine.student ORDER BY source_key"
    quarantined = world.rows(bad)
    asked.clear()
    outcomes = _sync(sync.Order(("saomai",), years=(year,)))
    assert outcomes["saomai"].failure is None
    assert asked == {year}
    assert _years(world, outcomes["saomai"].batch_id) == {year}
    assert world.value("SELECT count(*) FROM landing.record WHERE is_present") == present
    # The next ordinary night reads both years again, and finds nothing new.
    asked.clear()
    world.night()
    assert asked == {2023, 2024}
    assert wire.mark(world, *rooms) == before
    assert world.rows(bad) == quarantined
    assert wire.states(world) == states


@pytest.mark.slow
def test_a_year_that_is_not_due_is_read_when_it_is_asked_for(stage: Stage, asked: set[int]) -> None:
    """After the end of corrections a night leaves the old year alone; an order still reaches it."""
    world = stage("applied")
    world.at("2024-11-15")
    wire.narrow(world, wire.schools(world)[:1])
    asked.clear()
    _sync(sync.Order(("saomai",)))
    assert asked == {2024}
    asked.clear()
    outcomes = _sync(sync.Order(("saomai",), years=(2023,)))
    assert outcomes["saomai"].failure is None
    assert asked == {2023}
    assert world.value("SELECT count(*) FROM landing.record WHERE NOT is_present") == 0


def _gone(world: World) -> set[tuple[str, str]]:
    query = "SELECT DISTINCT unit_id, resource FROM landing.record WHERE NOT is_present AND connection_id = 'saomai'"
    return {tuple(row) for row in world.rows(query)}


def test_one_unit_is_read_and_of_no_other_anybody_can_be_missed(stage: Stage) -> None:
    world = stage("year_end")
    unit, other = wire.schools(world)[:2]
    for victim in (unit, other):
        world.fault("dropped", victim)
    outcomes = _sync(sync.Order(units=(unit,)))
    assert list(outcomes) == ["saomai"]
    assert outcomes["saomai"].failure is None
    read = world.rows("SELECT DISTINCT unit_id FROM ops.scope WHERE batch_id = :b", b=outcomes["saomai"].batch_id)
    assert read == [(unit,)]
    assert {of for of, _ in _gone(world)} == {unit}
    # The whole night afterwards sees the other's too.
    assert world.sync("saomai")["saomai"].failure is None
    assert {of for of, _ in _gone(world)} == {unit, other}


@pytest.mark.slow
def test_one_entity_is_read_and_of_no_other_anything_can_be_missed(stage: Stage) -> None:
    world = stage("year_end")
    unit = wire.schools(world)[0]
    world.fault("dropped", unit)
    order = sync.Order(("saomai",), years=(2023,), units=(unit,), entities=("student",))
    assert _sync(order)["saomai"].failure is None
    assert _gone(world) == {(unit, "students")}


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (sync.Order(units=("79999999",)), "no connection asked for answers for unit 79999999"),
        (sync.Order(("registry",), units=("79770405",)), "no connection asked for answers for unit 79770405"),
        (sync.Order(entities=("pupil",)), "pupil"),
        (sync.Order(("nobody",)), "no connection 'nobody'"),
    ],
)
def test_an_order_for_what_is_not_there_is_refused_before_anybody_is_asked(
    stage: Stage, asked: set[int], order: sync.Order, said: str
) -> None:
    stage("year_end")
    asked.clear()
    with pytest.raises(KeyError, match=said):
        _sync(order)
    assert asked == set()

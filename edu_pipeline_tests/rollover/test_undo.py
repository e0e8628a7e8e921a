"""An undone rollover leaves the register as it was before, keeps what was, and can be done again."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow import publish, rollover, warehouse
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World, approve

Stage = Callable[[str], World]

YEARLY = ("school_class", "enrollment", "staff_assignment", "result")
_SUMS = """SELECT {0} FROM rollover.balance ORDER BY unit_id"""


def _settle(world: World) -> None:
    assert publish.publish(uuid.uuid4().hex).closed == {}
    assert warehouse.materialize(uuid.uuid4().hex).closed == {}


def _count(world: World, schema: str, prefix: str = "", condition: str = "school_year = 2024") -> dict[str, int]:
    names = [name for name in YEARLY if schema != "warehouse"] or ["enrollment", "staff_assignment"]
    return {n: world.value(f"SELECT count(*) FROM {schema}.{prefix}{n} WHERE {condition}") for n in names}


def _sums(world: World) -> list[tuple[Any, ...]]:
    names = [row[0] for row in world.rows("""SELECT column_name FROM information_schema.columns
        WHERE table_schema = 'rollover' AND table_name = 'balance' AND column_name <> 'reconciled_at'""")]  # fmt: skip
    return [tuple(row) for row in world.rows(_SUMS.format(", ".join(sorted(names))))]


def _facts(world: World) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in world.rows("SELECT * FROM warehouse.fct_enrollment ORDER BY 1, 2, 3, 4")]


def test_undone_by_its_run_the_new_year_is_future_again_and_everybody_is_where_he_was(stage: Stage) -> None:
    before = wire.states(stage("opening"))
    world = stage("applied")
    reported, validated = _count(world, "master"), _count(world, "validated")
    assert reported["enrollment"] > 4000
    done = rollover.undo("apply-run")
    assert done.failure is None
    assert len(done.done) == 31
    assert {r.state for r in world.rows("SELECT state FROM ops.unit_year WHERE school_year = 2024")} == {"future"}
    assert {r.state for r in world.rows("SELECT state FROM ops.unit_year WHERE school_year = 2023")} == {"closing"}
    waits = _count(world, "waiting", condition="school_year = 2024 AND reason = 'year'")
    assert {name: waits[name] for name in YEARLY} == validated
    assert set(_count(world, "validated").values()) == {0}
    _settle(world)
    assert set(_count(world, "master").values()) == {0}
    assert set(_count(world, "warehouse", "fct_").values()) == {0}
    assert world.value("SELECT count(*) FROM warehouse.dim_school_class WHERE school_year = 2024 AND is_current") == 0
    assert world.value("SELECT count(*) FROM warehouse.rollover_difference") == 0
    assert _count(world, "history", condition="school_year = 2024 AND ended_by = 'remove'") == reported
    assert wire.states(world) == before
    plans = world.rows("SELECT status, count(*), count(undone_at), count(reconciled) FROM rollover.plan GROUP BY 1")
    assert plans == [("undone", 31, 31, 0)]
    audit = world.rows("SELECT actor, count(*) FROM ops.audit WHERE action = 'rollover.undo' GROUP BY 1")
    assert audit == [("edu_app", 31)]


@pytest.mark.slow
def test_an_undone_unit_is_one_unit(stage: Stage) -> None:
    world = stage("applied")
    unit = wire.schools(world)[0]
    states, facts = wire.states(world), [row for row in _facts(world) if row[0] != unit]
    assert rollover.undo("apply-run", [unit], claimed="the head").done == [unit]
    _settle(world)
    now = wire.states(world)
    # Whoever came from or goes to this school has a record elsewhere too, and that one stays where it was.
    assert {k: s for k, s in now.items() if s[0] != unit} == {k: s for k, s in states.items() if s[0] != unit}
    assert [row for row in _facts(world) if row[0] != unit] == facts
    assert {row[1] for row in _facts(world) if row[0] == unit} == {2023}
    assert world.rows("SELECT claimed FROM ops.audit WHERE action = 'rollover.undo'") == [("the head",)]
    assert rollover.undo("apply-run", [unit]).done == []
    assert rollover.undo("never-run").done == []


@pytest.mark.slow
def test_done_again_it_is_the_same_plan_with_the_same_sums(stage: Stage) -> None:
    world = stage("applied")
    hashes = dict(map(tuple, world.rows("SELECT unit_id, hash FROM rollover.plan")))
    sums, facts, states = _sums(world), _facts(world), wire.states(world)
    rollover.undo("apply-run")
    _settle(world)
    assert rollover.make_plan(2023, "plan-again").failure is None
    again = "SELECT unit_id, hash FROM rollover.plan WHERE status = 'checked'"
    assert dict(map(tuple, world.rows(again))) == hashes
    # What was taken back was wrong: the approval that it had does not count for it again.
    assert set(rollover.apply_plan(2023, "not-approved").left) == set(hashes)
    assert approve() == hashes
    applied = rollover.apply_plan(2023, "apply-again")
    assert applied.failure is None
    assert len(applied.done) == 31
    assert _sums(world) == sums
    world.night()
    assert wire.states(world) == states
    assert _facts(world) == facts
    assert _sums(world) == sums

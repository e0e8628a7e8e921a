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
    assert rollover.undo("apply-run", [unit], rollover.Why(claimed="the head")).done == [unit]
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


def _all_of(world: World, unit: str) -> dict[str, Any]:
    """Checksum of everything of one unit that a rollover may touch, writer included."""
    tables = [row[0] for row in world.rows("""SELECT table_schema || '.' || table_name FROM information_schema.columns
        WHERE column_name = 'unit_id' AND table_schema IN ('rollover', 'master', 'waiting')
          AND table_name NOT LIKE '%change' AND table_name NOT IN ('plan_count', 'plan_share')""")]  # fmt: skip
    assert len(tables) > 15
    query = " UNION ALL ".join(
        f"SELECT '{name}' AS name, count(*) AS rows, sum(hashtextextended(CAST(t AS text) || CAST(t.xmin AS text), 0))"
        f" FROM {name} t WHERE unit_id = :u"
        for name in tables
    )
    return {row[0]: tuple(row)[1:] for row in world.rows(query, u=unit)}


def _state(world: World, unit: str) -> list[tuple[Any, ...]]:
    """What stands of one unit's new year, without ids and times."""
    left = "'{plan_id,run_id}'"
    query = " UNION ALL ".join(
        f"SELECT '{name}' AS name, CAST(to_jsonb(r) - CAST({left} AS text[]) AS text) FROM rollover.{name} r"
        " WHERE unit_id = :u"
        for name in ("school_class", "enrollment", "student_year", "staff_assignment")
    )
    return sorted(tuple(row) for row in world.rows(query, u=unit))


def test_undone_and_applied_again_it_is_what_it_was_and_a_unit_in_between_is_not_touched(stage: Stage) -> None:
    world = stage("opening")
    unit, between = wire.schools(world)[:2]
    rollover.make_plan(2023, "plan", [unit, between])
    approve()
    assert rollover.apply_plan(2023, "first", [unit]).done == [unit]
    assert rollover.apply_plan(2023, "second", [between]).done == [between]
    before, stood = _state(world, unit), _all_of(world, between)
    assert rollover.undo("first").done == [unit]
    assert _state(world, unit) == []
    assert _all_of(world, between) == stood
    rollover.make_plan(2023, "plan-again", [unit])
    approve(unit)
    assert rollover.apply_plan(2023, "third", [unit]).done == [unit]
    assert _state(world, unit) == before
    assert _all_of(world, between) == stood


def test_after_a_later_edit_it_is_taken_back_by_entries_and_what_the_school_reports_stays(stage: Stage) -> None:
    world = stage("applied")
    unit, other = wire.schools(world)[:2]
    child = wire.quiet(world, unit)
    world.execute("""UPDATE master.enrollment SET status = 'withdrawn', end_date = '2024-09-20'
        WHERE unit_id = :u AND school_year = 2024 AND student_id = :s""", u=unit, s=child.root)  # fmt: skip
    rows = "SELECT count(*) FROM rollover.enrollment WHERE unit_id = :u"
    carried, stood = world.value(rows, u=unit), _all_of(world, other)
    reported = world.rows("SELECT * FROM master.enrollment WHERE unit_id = :u AND school_year = 2024", u=unit)
    refused = rollover.undo("apply-run", [unit])
    assert refused.done == []
    assert refused.failed[unit].startswith("the school reports other places than those carried over: give a reason")
    why = rollover.Why("wrong classes", "12/QD")
    assert rollover.undo("apply-run", [unit], why=why).done == [unit]
    assert world.value(rows, u=unit) == 0
    entries = world.rows("""SELECT relation, count(*), count(DISTINCT line_key), min(reason), min(document)
        FROM rollover.compensation WHERE unit_id = :u GROUP BY 1 ORDER BY 1""", u=unit)  # fmt: skip
    assert {"enrollment", "school_class", "staff_assignment"} <= {e.relation for e in entries}
    assert tuple(entries[0])[1:5] == (carried, carried, "wrong classes", "12/QD")
    assert world.rows("SELECT * FROM master.enrollment WHERE unit_id = :u AND school_year = 2024", u=unit) == reported
    assert world.value("SELECT state FROM ops.unit_year WHERE unit_id = :u AND school_year = 2024", u=unit) == "open"
    assert _all_of(world, other) == stood
    _settle(world)
    assert rollover.reconcile_now("proof").failure is None
    with pytest.raises(Exception, match="permission denied"):
        world.execute("DELETE FROM rollover.compensation")


def test_what_a_later_year_stands_on_and_a_closed_year_are_not_simply_taken_back(stage: Stage) -> None:
    world = stage("opening")
    unit = wire.schools(world)[0]
    rollover.make_plan(2023, "plan", [unit])
    approve()
    rollover.apply_plan(2023, "apply", [unit])
    world.execute(
        """INSERT INTO rollover.plan (unit_id, from_year, to_year, status, hash, planned_at, run_id)
        VALUES (:u, 2024, 2025, 'applied', 'x', now(), 'next-apply')""",
        u=unit,
    )
    why = rollover.Why("wrong", "12/QD")
    said = rollover.undo("apply", why=why).failed[unit]
    assert said == "2024 is rolled over too, on top of it: `edu-pipeline rollover undo next-apply` first"
    world.execute("UPDATE rollover.plan SET status = 'undone' WHERE from_year = 2024")
    world.execute("UPDATE ops.unit_year SET state = 'closed' WHERE school_year = 2023 AND unit_id = :u", u=unit)
    assert rollover.undo("apply").failed[unit].startswith("2023 is closed: give a reason and the number of a decision")
    assert rollover.undo("apply", why=why).done == [unit]
    assert world.value("SELECT count(*) FROM rollover.compensation") == 0

"""The plan's gate: a plan that does not account for everybody is applied in no unit."""

import functools
from collections.abc import Callable

import pytest
from sqlalchemy import text

from edu_pipeline.flow import plan as planning
from edu_pipeline.flow import rollover
from edu_pipeline.gate.verdict import GateClosed, Verdict
from edu_pipeline.rollover import check, plan
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.gates import walls
from edu_pipeline_tests.gates.test_moves import PLANNED
from edu_pipeline_tests.stages import World, approve

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

# What a plan must not touch before it is applied, and what applying it writes.
NEXT = ("rollover.school_class", "rollover.enrollment", "rollover.staff_assignment", "ops.unit_year", "master")

OPENING = "kind = 'opening' AND decision IN ('promoted', 'retained')"
ONE = f"line_key = (SELECT min(line_key) FROM rollover.plan_line WHERE unit_id = :unit AND {OPENING})"


def _plan(*units: str) -> rollover.Rollover:
    done = rollover.make_plan(2023, "plan-run", units or None)
    approve()
    return done


def _apply() -> rollover.Rollover:
    return rollover.apply_plan(2023, "apply-run")


def _spoil_planning(world: World, monkeypatch: pytest.MonkeyPatch, statement: str, unit: str) -> None:
    """Planning itself goes wrong: after the lines, before they are counted and hashed."""
    true = plan.statements
    spoiling = text(statement.replace(":unit", f"'{unit}'"))
    monkeypatch.setattr(plan, "statements", lambda amending: [*true(amending), spoiling])


# A pupil who goes on in one school is opened by another one too, in a class that it has: both units' counts agree.
_OPENED_TWICE = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, to_class, to_grade, decision, reason,
                                source, is_proposed)
SELECT o.plan_id, o.unit_id, 'opening/' || l.student_id, 'opening', l.student_id, o.to_class, o.to_grade, 'accepted',
       'claimed', l.source, false
FROM (SELECT * FROM rollover.plan_line WHERE unit_id = :unit AND {OPENING} ORDER BY line_key LIMIT 1) l,
     (SELECT * FROM rollover.plan_line WHERE unit_id <> :unit AND kind = 'class' ORDER BY unit_id LIMIT 1) o"""


def test_a_pupil_whom_two_plans_open_stops_them_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = walls.fingerprint(world, *NEXT)
    with monkeypatch.context() as broken:
        _spoil_planning(world, broken, _OPENED_TWICE, walls.school(world))
        refused = _plan()
    # No unit's own rule sees it.
    assert refused.failed == {}
    assert refused.failure == "plan.rollover: unique(student_id)"
    assert world.rows("SELECT status, fault, count(*) FROM rollover.plan GROUP BY 1, 2") == [
        ("refused", "unique(student_id)", 31)
    ]
    assert _apply().done == []
    assert walls.fingerprint(world, *NEXT) == before
    # Planned again without the fault, the same units may be applied.
    done = _plan()
    assert done.failure is None
    assert len(done.done) == 31


def _headcount(world: World, monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    # A snapshot may only grow: only the owner of the tables can spoil one.
    with engine("edu_owner").begin() as owner:
        owner.execute(text("UPDATE rollover.snapshot SET headcount = headcount + 1 WHERE unit_id = :u"), {"u": unit})


def _planning(statement: str) -> Callable[[World, pytest.MonkeyPatch, str], None]:
    return lambda world, monkeypatch, unit: _spoil_planning(world, monkeypatch, statement, unit)


SPOILED = {
    "every_active_pupil_has_a_line": _planning(
        "DELETE FROM rollover.plan_line WHERE unit_id = :unit AND line_key = (SELECT min(line_key) FROM"
        " rollover.plan_line WHERE unit_id = :unit AND kind = 'closing' AND decision = 'completed')"
    ),
    "active_pupils_equal_headcount": _headcount,
    "carried_pupils_continue": _planning(f"DELETE FROM rollover.plan_line WHERE unit_id = :unit AND {ONE}"),
    "every_pupil_has_a_class": _planning(
        f"UPDATE rollover.plan_line SET to_class = 'KHONG-CO' WHERE unit_id = :unit AND {ONE}"
    ),
    "one_grade_a_class": _planning(
        """INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, to_class, to_grade, to_name, decision,
                                           reason, source, is_proposed)
           SELECT plan_id, unit_id, line_key || '/too', kind, to_class, to_grade % 5 + 1, to_name, decision, reason,
                  source, is_proposed
           FROM rollover.plan_line WHERE kind = 'class'
             AND plan_id = (SELECT max(plan_id) FROM rollover.plan WHERE unit_id = :unit) ORDER BY line_key LIMIT 1"""
    ),
}


def test_every_rule_of_a_unit_is_tried() -> None:
    # The hash is tried below: what it guards against happens after planning. Moves need a unit event (test_moves.py).
    assert {*SPOILED, "lines_are_those_planned", *PLANNED} == set(check.RULES)


@pytest.mark.parametrize("rule", SPOILED)
def test_without_one_isolating_rule_the_suite_closes_in_its_place(
    world: World, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    unit, before = walls.school(world), walls.fingerprint(world, *NEXT)
    SPOILED[rule](world, monkeypatch, unit)
    # With the rule the unit is refused by name, and the gate has nothing to find.
    isolated = _plan(unit)
    assert list(isolated.failed) == [unit]
    assert isolated.failed[unit].startswith(f"{rule}: ")
    assert isolated.verdicts == []
    world.execute("UPDATE rollover.plan SET status = 'replaced'")
    monkeypatch.setattr(check, "refuse", functools.partial(check.refuse, without=frozenset({rule})))
    refused = _plan(unit)
    assert refused.failed == {}
    assert refused.failure == f"plan.rollover: {rule}"
    assert _apply().done == []
    assert walls.fingerprint(world, *NEXT) == before


_MOVED = f"""
UPDATE rollover.plan_line l SET to_class = k.to_class FROM rollover.plan_line k
WHERE l.unit_id = '{{unit}}' AND l.line_key = (SELECT min(line_key) FROM rollover.plan_line WHERE unit_id = '{{unit}}'
          AND {OPENING})
  AND k.plan_id = l.plan_id AND k.kind = 'class' AND k.to_grade = l.to_grade AND k.to_class <> l.to_class"""


def test_a_line_changed_after_planning_is_refused(world: World) -> None:
    unit = walls.school(world)
    assert _plan(unit).failure is None
    before = walls.fingerprint(world, *NEXT)
    world.execute(_MOVED.format(unit=unit))
    refused = _apply()
    assert list(refused.failed) == [unit]
    assert refused.failed[unit].startswith("lines_are_those_planned")
    assert refused.done == []
    assert walls.fingerprint(world, *NEXT) == before


def test_without_the_rule_on_the_hash_the_suite_closes_in_its_place(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = walls.school(world)
    assert _plan(unit).failure is None
    before = walls.fingerprint(world, *NEXT)
    world.execute(_MOVED.format(unit=unit))
    blind = functools.partial(check.refuse, without=frozenset({"lines_are_those_planned"}))
    monkeypatch.setattr(check, "refuse", blind)
    refused = _apply()
    assert refused.failure == "plan.rollover: lines_are_those_planned"
    assert refused.done == []
    assert walls.fingerprint(world, *NEXT) == before


def test_a_plan_of_which_no_line_is_left_is_refused(world: World) -> None:
    # An office has no pupils: no count of its plan would miss one.
    office = next(unit.code for unit in world.city.units if unit.kind == "PGD")
    assert _plan(office).failure is None
    assert world.value("SELECT count(*) FROM rollover.plan_line") > 0
    world.execute("DELETE FROM rollover.plan_line")
    refused = _apply()
    assert list(refused.failed) == [office]
    assert refused.done == []


def test_a_plan_is_applied_for_its_own_verdict_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unit, other = walls.school(world), walls.school(world, "THPT")
    at, everything = ("plan", "rollover"), (*NEXT, "rollover")
    verdicts = walls.spy(monkeypatch, planning)
    assert _plan(other).failure is None
    earlier: Verdict = verdicts[at]
    for step in (lambda: _plan(unit), _apply):
        for say in (walls.other_checksum, walls.other_count, lambda verdict: earlier):
            marks = walls.force(world, monkeypatch, planning, at, say, *everything)
            with pytest.raises(GateClosed, match="judge again"):
                step()
            assert marks == [walls.fingerprint(world, *everything)]
        with monkeypatch.context() as door:
            marks = walls.force(world, monkeypatch, planning, at, walls.unaltered, *everything)
            walls.fail_at_door(door, planning, *at)
            with pytest.raises(GateClosed, match="forced"):
                step()
            assert marks == [walls.fingerprint(world, *everything)]
    marks = walls.force(world, monkeypatch, planning, at, walls.failing, *NEXT)
    refused = _apply()
    assert refused.done == []
    assert refused.failure == "plan.rollover: forced"
    assert marks == [walls.fingerprint(world, *NEXT)]


def test_the_same_plan_is_applied_for_its_own_verdict(world: World) -> None:
    unit, before = walls.school(world), walls.fingerprint(world, *NEXT)
    assert _plan(unit).failure is None
    assert walls.fingerprint(world, *NEXT) == before
    assert _apply().done == [unit]
    after = walls.fingerprint(world, *NEXT)
    assert {name for name in NEXT[:4] if before[name] != after[name]} == set(NEXT[:4])

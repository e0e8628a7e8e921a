"""Rollover's gates: the rows of the new year are the plan's, and what stands there balances in every unit."""

import dataclasses
import functools
from collections.abc import Callable

import pytest
from sqlalchemy import text

from edu_pipeline.flow import apply, rollover, warehouse
from edu_pipeline.flow import reconcile as reconciling
from edu_pipeline.gate.verdict import GateClosed, Standing, Verdict, standing
from edu_pipeline.rollover import apply as applying
from edu_pipeline.rollover import reconcile
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.gates import walls
from edu_pipeline_tests.stages import World, approve

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

NEXT = ("rollover", "ops.unit_year", "master", "warehouse")
ROWS = ("rollover.school_class", "rollover.enrollment", "rollover.student_year", "rollover.staff_assignment",
        *NEXT[1:])  # fmt: skip


def _units(world: World) -> tuple[str, str]:
    return walls.school(world), walls.school(world, "THPT")


def _planned(world: World) -> None:
    assert rollover.make_plan(2023, "plan-run", _units(world)).failure is None
    approve()


def _apply() -> rollover.Rollover:
    return rollover.apply_plan(2023, "apply-run")


def _applied(world: World) -> None:
    _planned(world)
    done = _apply()
    assert done.failure is None
    assert done.done == sorted(_units(world))


_ROW_LOST = """DELETE FROM rollover.enrollment_change WHERE student_id =
               (SELECT min(student_id) FROM rollover.enrollment_change)"""
_ROW_DOUBLED = """
UPDATE rollover.enrollment_change c SET student_id = o.student_id
FROM (SELECT * FROM rollover.enrollment_change ORDER BY unit_id, student_id LIMIT 1) o
WHERE c.student_id = (SELECT min(student_id) FROM rollover.enrollment_change WHERE unit_id <> o.unit_id)"""


@pytest.mark.parametrize(
    ("statement", "expectation"), [(_ROW_LOST, "rows_equal_lines"), (_ROW_DOUBLED, "unique(student_id)")]
)
def test_rows_that_are_not_the_plans_are_written_nowhere(
    world: World, monkeypatch: pytest.MonkeyPatch, statement: str, expectation: str
) -> None:
    _planned(world)
    before = walls.fingerprint(world, *ROWS)
    with monkeypatch.context() as broken:
        true = applying.fill
        broken.setattr(applying, "fill", lambda collected: [*true(collected), text(statement)])
        refused = _apply()
    assert refused.failure == f"rollover.change: {expectation}"
    assert refused.done == []
    assert walls.fingerprint(world, *ROWS) == before
    assert _apply().done == sorted(_units(world))


_LINE_LOST = """DELETE FROM rollover.plan_line l WHERE unit_id = :unit AND line_key =
    (SELECT min(line_key) FROM rollover.plan_line WHERE unit_id = :unit AND kind = 'closing')"""
_COUNTED = "UPDATE rollover.snapshot SET headcount = headcount + 1 WHERE unit_id = :unit"
_GONE = """DELETE FROM rollover.enrollment WHERE student_id =
    (SELECT min(student_id) FROM rollover.enrollment WHERE unit_id = :unit)"""
_MOVED = """
UPDATE rollover.enrollment e SET class_code = c.class_code FROM rollover.school_class c
WHERE e.student_id = (SELECT min(student_id) FROM rollover.enrollment WHERE unit_id = :unit)
  AND c.unit_id = e.unit_id AND c.grade_level = e.grade_level AND c.class_code <> e.class_code"""
# Another pupil's row and line of the one unit become those of a pupil of the other: every count still agrees.
_BOTH = "(SELECT min(student_id) AS here FROM rollover.enrollment WHERE unit_id = :unit) a, (SELECT min(student_id)" \
    " AS there FROM rollover.enrollment WHERE unit_id = :other) b"  # fmt: skip
_TWICE = f"""
WITH line AS (UPDATE rollover.plan_line l SET student_id = b.there FROM {_BOTH}
              WHERE l.unit_id = :unit AND l.student_id = a.here AND l.kind = 'opening')
UPDATE rollover.enrollment e SET student_id = b.there FROM {_BOTH} WHERE e.unit_id = :unit AND e.student_id = a.here"""

# Whoever completed the other unit left the city by the plan, and stands among this one's entrants.
_SWAP = """(SELECT min(student_id) AS gone FROM rollover.plan_line
    WHERE unit_id = :other AND kind = 'closing' AND decision = 'completed') a,
    (SELECT min(student_id) AS came FROM rollover.enrollment WHERE unit_id = :unit AND decision = 'intake') b"""
_LEFT_AND_THERE = f"""
WITH gone AS (UPDATE rollover.plan_line l SET decision = 'transferred_out' FROM {_SWAP}
              WHERE l.unit_id = :other AND l.student_id = a.gone AND l.kind = 'closing'),
line AS (UPDATE rollover.plan_line l SET student_id = a.gone FROM {_SWAP}
         WHERE l.unit_id = :unit AND l.student_id = b.came AND l.kind = 'opening')
UPDATE rollover.enrollment e SET student_id = a.gone FROM {_SWAP} WHERE e.unit_id = :unit AND e.student_id = b.came"""
_PUPIL = "(SELECT min(student_id) FROM rollover.enrollment WHERE unit_id = :unit AND decision = 'promoted')"
_LEAPED = f"""
WITH line AS (UPDATE rollover.plan_line SET to_grade = to_grade + 1
              WHERE unit_id = :unit AND kind = 'opening' AND student_id = {_PUPIL})
UPDATE rollover.enrollment SET grade_level = grade_level + 1 WHERE unit_id = :unit AND student_id = {_PUPIL}"""

_POST = "(SELECT min(staff_id) FROM rollover.staff_assignment WHERE unit_id = :unit)"
_ITS_LINE = f"unit_id = :unit AND kind = 'assignment' AND staff_id = {_POST}"
_POST_GONE = f"DELETE FROM rollover.staff_assignment WHERE unit_id = :unit AND staff_id = {_POST}"
_POST_EXCHANGED = f"""UPDATE rollover.staff_assignment SET role = 'another'
    WHERE unit_id = :unit AND staff_id = {_POST}"""
_POST_UNACCOUNTED = f"WITH gone AS ({_POST_GONE}) DELETE FROM rollover.plan_line WHERE {_ITS_LINE}"
_POST_LOST = f"""WITH gone AS ({_POST_GONE})
UPDATE rollover.plan_line SET decision = 'moved_out', other_unit_id = :other WHERE {_ITS_LINE}"""
# The other unit takes in a post that goes on where it was.
_POST_TWICE = f"""
WITH line AS (
    INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, staff_id, role, other_unit_id, decision, source,
                                    is_proposed)
    SELECT p.plan_id, p.unit_id, l.line_key, l.kind, l.staff_id, l.role, l.unit_id, 'moved_in', l.source, true
    FROM rollover.plan_line l, rollover.plan p WHERE p.unit_id = :other AND l.unit_id = :unit
      AND l.kind = 'assignment' AND l.staff_id = {_POST})
INSERT INTO rollover.staff_assignment (unit_id, school_year, staff_id, role, begin_date, status, is_primary, plan_id,
                                       line_key, run_id, is_proposed)
SELECT p.unit_id, r.school_year, r.staff_id, r.role, r.begin_date, r.status, r.is_primary, p.plan_id, r.line_key,
       r.run_id, true
FROM rollover.staff_assignment r, rollover.plan p
WHERE p.unit_id = :other AND r.unit_id = :unit AND r.staff_id = {_POST}"""
_CLASS = """(SELECT min(class_code) FROM rollover.school_class
    WHERE unit_id = :unit AND homeroom_staff_id IS NOT NULL)"""
_NOBODY_LEADS = (
    f"UPDATE rollover.school_class SET homeroom_staff_id = NULL WHERE unit_id = :unit AND class_code = {_CLASS}"
)
_A_STRANGER_LEADS = f"""
WITH stranger AS (SELECT min(staff_id) AS who FROM rollover.staff_assignment WHERE unit_id = :other),
line AS (UPDATE rollover.plan_line SET decision = 'proposed', homeroom_staff_id = who FROM stranger
         WHERE unit_id = :unit AND kind = 'class' AND to_class = {_CLASS})
UPDATE rollover.school_class SET homeroom_staff_id = who FROM stranger
WHERE unit_id = :unit AND class_code = {_CLASS}"""

SPOILED = {
    "active_equals_closed": _LINE_LOST,
    "active_equals_headcount": _COUNTED,
    "opening_equals_standing": _GONE,
    "nobody_misplaced": _MOVED,
    "nobody_twice": _TWICE,
    "released_is_somewhere_once": _LEFT_AND_THERE,
    "one_grade_up_at_most": _LEAPED,
    "every_post_accounted": _POST_UNACCOUNTED,
    "posts_equal_standing": _POST_GONE,
    "moved_posts_arrive": _POST_LOST,
    "no_post_misplaced": _POST_EXCHANGED,
    "no_post_twice": _POST_TWICE,
    "classes_complete": _NOBODY_LEADS,
    "homeroom_teachers_work_there": _A_STRANGER_LEADS,
}


def _spoil(world: World, rule: str) -> None:
    unit, other = _units(world)
    statement = SPOILED[rule]
    binds = {name: value for name, value in (("unit", unit), ("other", other)) if f":{name}" in statement}
    # Closing snapshots may only grow: the owner of the tables alone can spoil one.
    with engine("edu_owner").begin() as owner:
        assert owner.execute(text(statement), binds).rowcount == 1


def _without(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    monkeypatch.setattr(reconcile, "balance", functools.partial(reconcile.balance, without=frozenset({rule})))


def test_every_rule_of_the_law_is_tried() -> None:
    # Moves need a unit event (test_moves.py).
    assert {*SPOILED, "moved_out_equals_arrived"} == set(reconcile.FAULTS)


@pytest.mark.parametrize("rule", SPOILED)
def test_without_one_isolating_rule_the_suite_closes_in_its_place(
    world: World, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    _applied(world)
    _spoil(world, rule)
    with monkeypatch.context() as broken:
        _without(broken, rule)
        refused = rollover.reconcile_now("proof")
    assert refused.failed == {}
    assert refused.failure == f"rollover.balance: {rule}"
    # With the rule the units are named, and the gate has nothing to find.
    isolated = rollover.reconcile_now("proof")
    assert isolated.failed
    assert set(isolated.failed.values()) == {rule}
    assert [verdict.passed for verdict in isolated.verdicts] == [True]


def test_what_the_gate_on_the_balance_refuses_does_not_reach_the_warehouse(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _applied(world)
    assert warehouse.materialize("w-1").closed == {}
    _spoil(world, "nobody_misplaced")
    _without(monkeypatch, "nobody_misplaced")
    assert rollover.reconcile_now("proof").failure == "rollover.balance: nobody_misplaced"
    warehouse.materialize("w-2")
    pupil, spoiled = world.rows("SELECT student_id, class_code FROM rollover.enrollment e WHERE class_code <>"
                                " (SELECT to_class FROM rollover.plan_line l WHERE l.plan_id = e.plan_id"
                                " AND l.line_key = e.line_key)")[0]  # fmt: skip
    shown = world.rows("SELECT class_code FROM warehouse.fct_enrollment WHERE school_year = 2024 AND student_id = :p",
                       p=pupil)  # fmt: skip
    assert spoiled not in [row.class_code for row in shown]


def _say(
    monkeypatch: pytest.MonkeyPatch, world: World, say: Callable[[Verdict], Verdict], unit: str
) -> list[walls.Mark]:
    """Alter the verdict that one unit's rows are written for; what stands there at that moment is kept."""
    true, marks = apply._written, []

    def written(*asked: object) -> dict[int, Verdict]:
        verdicts = true(*asked)
        marks.append(walls.fingerprint(world, *NEXT))
        return {plan_id: say(v) if v.entity == unit else v for plan_id, v in verdicts.items()}

    monkeypatch.setattr(apply, "_written", written)
    return marks


def test_a_unit_is_opened_for_its_own_verdict_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unit, other = _units(world)
    assert rollover.make_plan(2023, "plan-run", [unit]).failure is None
    approve()
    of_the_other = Verdict("rollover", other, 1, True, _standing_of(world, other))
    for say in (walls.failing, walls.other_checksum, walls.other_count, lambda verdict: of_the_other):
        with monkeypatch.context() as forced:
            marks = _say(forced, world, say, unit)
            refused = rollover.apply_plan(2023, "apply-run", [unit])
        assert refused.done == []
        assert refused.failed[unit].startswith("GateClosed: ")
        assert marks == [walls.fingerprint(world, *NEXT)]
    with monkeypatch.context() as forced:
        walls.fail_at_door(forced, apply, "rollover", unit)
        assert rollover.apply_plan(2023, "apply-run", [unit]).failed[unit].endswith("the gate is closed (forced)")
    assert world.value("SELECT count(*) FROM rollover.enrollment") == 0
    with monkeypatch.context() as forced:
        at = ("rollover", "change")
        marks = walls.force(world, forced, apply, at, walls.failing, *NEXT)
        refused = rollover.apply_plan(2023, "apply-run", [unit])
        assert refused.failure == "rollover.change: forced"
        assert refused.done == []
        assert marks == [walls.fingerprint(world, *NEXT)]
    assert rollover.apply_plan(2023, "apply-run", [unit]).done == [unit]


def _standing_of(world: World, unit: str) -> Standing:
    """What another unit's rows would stand for, in another batch; nothing of it is kept."""
    assert rollover.make_plan(2023, "plan-run", [unit]).failure is None
    plan_id = world.value("SELECT plan_id FROM rollover.plan WHERE unit_id = :u", u=unit)
    with world.app.connect() as database:
        for statement in applying.fill(lambda field: True):
            binds = {"plans": [plan_id], "run_id": "apply-run"}
            database.execute(statement, binds)
        stood = standing(database, applying.change(plan_id).subquery())
        database.rollback()
    assert stood.row_count
    return stood


def test_the_proof_of_sums_passes_for_its_own_verdict_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _applied(world)
    at = ("rollover", "balance")
    verdicts = walls.spy(monkeypatch, reconciling)
    assert rollover.reconcile_now("proof").failure is None
    earlier = dataclasses.replace(verdicts[at], standing=dataclasses.replace(verdicts[at].standing, row_count=0))
    for say in (walls.other_checksum, walls.other_count, lambda verdict: earlier):
        marks = walls.force(world, monkeypatch, reconciling, at, say, *NEXT)
        with pytest.raises(GateClosed, match="judge again"):
            rollover.reconcile_now("proof")
        assert marks == [walls.fingerprint(world, *NEXT)]
    with monkeypatch.context() as door:
        marks = walls.force(world, monkeypatch, reconciling, at, walls.unaltered, *NEXT)
        walls.fail_at_door(door, reconciling, *at)
        with pytest.raises(GateClosed, match="forced"):
            rollover.reconcile_now("proof")
        assert marks == [walls.fingerprint(world, *NEXT)]
    marks = walls.force(world, monkeypatch, reconciling, at, walls.failing, *NEXT)
    assert rollover.reconcile_now("proof").failure == "rollover.balance: forced"
    after = walls.fingerprint(world, *NEXT)
    # A closed gate says of the plans that they are not proven, and touches nothing else.
    assert {name for name in after if after[name] != marks[0][name]} == {"rollover.plan"}
    believed = "SELECT count(*) FROM rollover.plan WHERE status = 'applied' AND reconciled"
    assert world.value(believed) == 0
    walls.force(world, monkeypatch, reconciling, at, walls.unaltered, *NEXT)
    assert rollover.reconcile_now("proof").failure is None
    assert world.value(believed) == 2

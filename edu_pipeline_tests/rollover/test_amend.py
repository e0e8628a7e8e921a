"""Late changes of the old year amend what is applied: the persons concerned, nobody else, until corrections end."""

from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow import board, rollover
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World, approve

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

Stage = Callable[[str], World]

_PLANS = "SELECT plan_id, status, amends FROM rollover.plan WHERE unit_id = :u ORDER BY plan_id"


def _written(world: World, unit: str) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Who wrote each rolled-over row of a unit, and what it says."""
    query = " UNION ALL ".join(
        f"SELECT '{name}' AS room, line_key, CAST(xmin AS text) AS writer, CAST(to_jsonb(r) AS text) AS said"
        f" FROM rollover.{name} r WHERE unit_id = :u"
        for name in ("school_class", "enrollment", "student_year", "staff_assignment")
    )
    return {(row.room, row.line_key): (row.writer, row.said) for row in world.rows(query, u=unit)}


def _retained(world: World, unit: str, root: str) -> None:
    world.execute("UPDATE master.result SET outcome = 'retained' WHERE unit_id = :u AND student_id = :s"
                  " AND school_year = 2023", u=unit, s=root)  # fmt: skip


def test_a_late_result_changes_the_row_of_the_pupil_alone(stage: Stage) -> None:
    world = stage("applied")
    # The school does not show its new year yet: nothing speaks against the late result.
    unit = wire.schools(world, shows_new_year=False)[0]
    child = wire.quiet(world, unit)
    me = ("enrollment", f"opening/{child.root}")
    before, snapshot = _written(world, unit), wire.mark(world, "rollover.snapshot_student", "rollover.snapshot")
    others = wire.mark(world, "warehouse")
    _retained(world, unit, child.root)
    planned = rollover.make_plan(2023, "late-plan")
    assert (planned.done, planned.unchanged, planned.failure) == ([unit], [], None)
    (former, _, _), (amendment, status, amends) = world.rows(_PLANS, u=unit)
    assert (status, amends) == ("checked", former)
    late = world.rows("SELECT kind, student_id FROM rollover.plan_line WHERE plan_id = :p AND is_late ORDER BY 1",
                      p=amendment)  # fmt: skip
    assert {tuple(row) for row in late if row.kind != "class"} == {("closing", child.root), ("opening", child.root)}
    (row,) = [row for row in board.board(2023) if row["unit"] == unit]
    assert (row["state"], row["amendment"]) in {("applied", "planned"), ("reconciled", "planned")}
    said = {line["line"]: (line["former_decision"], line["decision"]) for line in board.differences(2023, unit)}
    assert said[f"closing/{child.root}"] == said[f"opening/{child.root}"] == ("promoted", "retained")
    # Not approved, nothing happens; planned again, it is the same.
    assert rollover.make_plan(2023, "late-plan-again").unchanged == [unit]
    assert rollover.apply_plan(2023, "late", [unit]).done == []
    assert _written(world, unit) == before
    approve(unit)
    applied = rollover.apply_plan(2023, "late")
    assert (applied.done, applied.failure) == ([unit], None)
    after = _written(world, unit)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert me in changed
    # A class that nobody sat in is there now, or one has nobody left; the mark of a repeated grade is new.
    changed -= {("student_year", f"opening/{child.root}")}
    assert {room for room, _ in changed - {me}} <= {"school_class"}
    assert all(key not in before or key not in after for key in changed - {me})
    assert before[me] != after[me]
    assert [(p.status, p.amends) for p in world.rows(_PLANS, u=unit)] == [("amended", None), ("applied", former)]
    assert world.value("SELECT reconciled FROM rollover.plan WHERE plan_id = :p", p=amendment)
    assert wire.mark(world, "rollover.snapshot_student", "rollover.snapshot") == snapshot
    assert wire.mark(world, "warehouse") == others
    assert rollover.make_plan(2023, "nothing").done == []
    assert rollover.apply_plan(2023, "nothing").done == []
    assert _written(world, unit) == after
    # Taken back, the plan before it is the unit's again, row by row.
    assert rollover.undo("late", [unit]).done == [unit]
    back = _written(world, unit)
    assert {key: said for key, (_, said) in back.items()} == {key: said for key, (_, said) in before.items()}
    assert [(p.status, p.amends) for p in world.rows(_PLANS, u=unit)] == [("applied", None), ("undone", former)]
    assert rollover.reconcile_now("proof").failure is None
    assert rollover.make_plan(2023, "again").done == [unit]


def test_who_becomes_pending_keeps_the_row_until_the_amendment_is_approved(stage: Stage) -> None:
    world = stage("applied")
    unit = wire.schools(world)[0]
    child = wire.quiet(world, unit)
    row = "SELECT count(*) FROM rollover.enrollment WHERE unit_id = :u AND student_id = :s"
    # The school shows the next grade, and reports late that the pupil has to repeat.
    _retained(world, unit, child.root)
    assert rollover.make_plan(2023, "late-plan", [unit]).done == [unit]
    line = "SELECT decision FROM rollover.plan_line JOIN rollover.plan USING (plan_id) WHERE student_id = :s" \
           " AND kind = 'closing' AND status = 'checked'"  # fmt: skip
    assert world.value(line, s=child.root) == "pending"
    rollover.apply_plan(2023, "late", [unit])
    assert world.value(row, u=unit, s=child.root) == 1
    approve(unit)
    assert rollover.apply_plan(2023, "late", [unit]).failure is None
    assert world.value(row, u=unit, s=child.root) == 0
    assert world.value("SELECT class_code FROM master.enrollment WHERE unit_id = :u AND student_id = :s"
                       " AND school_year = 2024", u=unit, s=child.root)  # fmt: skip


def test_whom_another_unit_has_opened_is_amended_in_both(stage: Stage) -> None:
    world = stage("applied")
    (pupil, unit, other) = world.rows("""SELECT c.student_id, c.unit_id, o.unit_id FROM rollover.plan_line c
        JOIN rollover.plan_line o ON o.student_id = c.student_id AND o.kind = 'opening' AND o.decision = 'intake'
        JOIN rollover.snapshot_class s ON s.unit_id = c.unit_id AND s.class_code = c.from_class
        WHERE c.kind = 'closing' AND c.decision = 'completed' AND c.from_grade = 5 ORDER BY 1 LIMIT 1""")[0]
    _retained(world, unit, pupil)
    alone = rollover.make_plan(2023, "plan", [unit])
    assert alone.failed == {unit: f"opened_elsewhere: 1, the first in unit {other}; plan both units"}
    assert rollover.make_plan(2023, "plan", [unit, other]).failure is None
    approve()
    # One without the other would open the pupil twice.
    assert rollover.apply_plan(2023, "half", [unit]).done == []
    assert rollover.make_plan(2023, "plan", [unit, other]).failure is None
    assert rollover.apply_plan(2023, "late", [unit, other]).done == sorted([unit, other])
    stands = world.rows("SELECT unit_id, decision FROM rollover.enrollment WHERE student_id = :s", s=pupil)
    assert [tuple(row) for row in stands] == [(unit, "retained")]
    assert rollover.reconcile_now("proof").failure is None


def test_what_the_school_does_with_its_new_year_amends_nothing(stage: Stage) -> None:
    world = stage("applied")
    unit = wire.schools(world)[0]
    child = wire.quiet(world, unit)
    world.execute("""UPDATE master.enrollment e SET class_code = (SELECT max(class_code) FROM master.enrollment o
        WHERE o.unit_id = e.unit_id AND o.school_year = 2024 AND o.grade_level = e.grade_level)
        WHERE e.unit_id = :u AND e.school_year = 2024 AND e.student_id = :s""", u=unit, s=child.root)  # fmt: skip
    world.execute("DELETE FROM master.enrollment WHERE unit_id = :u AND school_year = 2024 AND student_id = :s",
                  u=unit, s=wire.quiet(world, unit, 1).root)  # fmt: skip
    assert rollover.make_plan(2023, "plan", [unit]).done == []
    assert [p.status for p in world.rows(_PLANS, u=unit)] == ["applied"]


def test_an_override_amends_and_when_corrections_are_over_a_change_is_only_listed(stage: Stage) -> None:
    world = stage("applied")
    unit, late = wire.schools(world)[:2]
    child, other = wire.quiet(world, unit), wire.quiet(world, late)
    entered = """INSERT INTO rollover.override (unit_id, from_year, student_id, decision, reason)
        VALUES (:u, 2023, :s, 'withdrawn', 'left in August')"""
    world.execute(entered, u=unit, s=child.root)
    assert rollover.make_plan(2023, "plan", [unit]).done == [unit]
    # Taken back before anybody approved it, the amendment goes.
    world.execute("UPDATE rollover.override SET withdrawn_at = now(), withdrawn_by = 'me'")
    assert rollover.make_plan(2023, "plan", [unit]).done == []
    assert [p.status for p in world.rows(_PLANS, u=unit)] == ["applied", "replaced"]
    world.execute(entered, u=unit, s=child.root)
    assert rollover.make_plan(2023, "plan", [unit]).done == [unit]
    approve(unit)
    world.at("2024-11-01")
    world.execute(entered, u=late, s=other.root)
    plans = world.value("SELECT count(*) FROM rollover.plan")
    done = rollover.make_plan(2023, "plan", [late])
    assert done.done == []
    assert done.late == {late: "2 lines would differ; corrections ended on 2024-10-31"}
    assert world.value("SELECT count(*) FROM rollover.plan") == plans
    refused = rollover.apply_plan(2023, "apply", [unit])
    assert refused.failed == {unit: "corrections ended on 2024-10-31: what is applied is amended no more"}
    world.at("2024-10-31")
    assert rollover.apply_plan(2023, "apply", [unit]).done == [unit]


@pytest.mark.parametrize(("code", "decision"), [("completed_level", "promoted"), (None, "transferred_out")])
def test_a_code_that_closes_the_year_is_no_transfer(stage: Stage, code: str | None, decision: str) -> None:
    world = stage("opening")
    unit = wire.schools(world)[0]
    child = wire.quiet(world, unit)
    world.execute("""UPDATE master.enrollment SET status = 'transferred_out', detailed_status = :code,
        end_date = '2024-05-31' WHERE unit_id = :u AND student_id = :s AND school_year = 2023""",
                  u=unit, s=child.root, code=code)  # fmt: skip
    rollover.make_plan(2023, "plan", [unit])
    line = "SELECT decision FROM rollover.plan_line WHERE student_id = :s AND kind = 'closing'"
    assert world.value(line, s=child.root) == decision

"""The conservation law names the unit: an applied row removed, doubled, moved; a post, a teacher; a child dropped."""

from collections.abc import Callable

import pytest

from edu_pipeline.flow import board, rollover, year
from edu_pipeline_tests.stages import World, approve

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

Stage = Callable[[str], World]


def _some_row(world: World) -> tuple[str, str]:
    """(unit, student) of an applied row of a unit that has not reported the new year itself."""
    row = world.rows("SELECT e.unit_id, e.student_id FROM rollover.enrollment e WHERE e.decision = 'promoted'"
                     " ORDER BY 1, 2 LIMIT 1 OFFSET 7")[0]  # fmt: skip
    return row.unit_id, row.student_id


def test_as_applied_every_unit_balances(stage: Stage) -> None:
    world = stage("applied")
    done = rollover.reconcile_now("proof")
    assert done.failure is None
    assert world.value("SELECT count(*) FROM rollover.balance WHERE is_balanced") == 31
    assert world.value("SELECT count(*) FROM rollover.balance WHERE headcount <> active_count") == 0


def _remove(world: World, unit: str, student: str) -> str:
    world.execute("DELETE FROM rollover.enrollment WHERE student_id = :s", s=student)
    return "opening_equals_standing"


def _double(world: World, unit: str, student: str) -> str:
    world.execute(
        """INSERT INTO rollover.school_class (unit_id, school_year, class_code, name, grade_level, homeroom_staff_id,
                                              plan_id, line_key, run_id, is_proposed)
           SELECT '79760301', school_year, class_code, name, grade_level, homeroom_staff_id, plan_id, line_key, run_id,
                  is_proposed FROM rollover.school_class
           WHERE (unit_id, class_code) = (:u, (SELECT class_code FROM rollover.enrollment WHERE student_id = :s))
           ON CONFLICT DO NOTHING""",
        u=unit,
        s=student,
    )
    other = world.value(
        """SELECT unit_id FROM rollover.school_class WHERE unit_id <> :u
           AND class_code = (SELECT class_code FROM rollover.enrollment WHERE student_id = :s) LIMIT 1""",
        s=student,
        u=unit,
    )
    world.execute(
        """INSERT INTO rollover.enrollment (unit_id, school_year, student_id, begin_date, class_code, grade_level,
                                            decision, kind, plan_id, line_key, run_id, is_proposed)
           SELECT :o, school_year, student_id, begin_date, class_code, grade_level, decision, kind, plan_id, line_key,
                  run_id, is_proposed FROM rollover.enrollment WHERE student_id = :s""",
        o=other,
        s=student,
    )
    return "nobody_twice"


def _move(world: World, unit: str, student: str) -> str:
    world.execute(
        """UPDATE rollover.enrollment e SET class_code = c.class_code FROM rollover.school_class c
           WHERE e.student_id = :s AND c.unit_id = e.unit_id AND c.grade_level = e.grade_level
             AND c.class_code <> e.class_code""",
        s=student,
    )
    return "nobody_misplaced"


def _post(world: World, unit: str, student: str) -> str:
    world.execute("""DELETE FROM rollover.staff_assignment WHERE unit_id = :u AND staff_id =
        (SELECT min(staff_id) FROM rollover.staff_assignment WHERE unit_id = :u)""", u=unit)  # fmt: skip
    return "posts_equal_standing"


def _teacher(world: World, unit: str, student: str) -> str:
    world.execute(
        """UPDATE rollover.school_class c SET homeroom_staff_id = CASE WHEN homeroom_staff_id IS NULL
           THEN (SELECT min(staff_id) FROM rollover.staff_assignment WHERE unit_id = :u) END
           WHERE unit_id = :u AND NOT EXISTS (SELECT FROM rollover.school_class o WHERE o.unit_id = c.unit_id
                                              AND o.class_code < c.class_code)""",
        u=unit,
    )
    return "classes_complete"


@pytest.mark.parametrize("spoil", [_remove, _double, _move, _post, _teacher])
def test_a_spoiled_row_is_found_and_its_unit_named(stage: Stage, spoil: Callable[[World, str, str], str]) -> None:
    world = stage("applied")
    unit, student = _some_row(world)
    rule = spoil(world, unit, student)
    done = rollover.reconcile_now("proof")
    assert rule in done.failed[unit]
    assert student not in str(done.failure)
    held = world.rows("SELECT unit_id FROM ops.hold WHERE room = 'rollover' AND closed_at IS NULL")
    assert unit in {row.unit_id for row in held}
    # The others stand: one school's fault stops one school.
    assert world.value("SELECT count(*) FROM rollover.balance WHERE is_balanced") >= 29


@pytest.mark.slow
def test_a_child_dropped_at_landing_is_missed_by_the_headcount(stage: Stage) -> None:
    world = stage("year_end")
    unit = next(u.code for u in world.city.units if u.kind == "TH")
    world.fault("dropped", unit)
    world.night()
    year.close_year(2023)
    done = rollover.make_plan(2023, "plan-run")
    assert set(done.failed) == {unit}
    assert "active_pupils_equal_headcount" in done.failed[unit]
    approve(*(row["unit"] for row in board.board(2023) if row["state"] == "planned"))
    applied = rollover.apply_plan(2023, "apply-run")
    assert unit not in applied.done
    # Schools that tell no results have not shown their new year yet: all their pupils are open.
    assert set(applied.left) == {u.code for u in world.city.units if u.system == "lotus"}
    assert len(applied.done) == 27

"""Applying is atomic for each unit and happens once."""

from collections.abc import Callable

from edu_pipeline.flow import rollover
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World, approve

Stage = Callable[[str], World]

TABLES = ("rollover.school_class", "rollover.enrollment", "rollover.staff_assignment")
ALL = (*TABLES, "rollover.student_year")


def _rows(world: World, unit: str) -> dict[str, int]:
    return {table: world.value(f"SELECT count(*) FROM {table} WHERE unit_id = :u", u=unit) for table in TABLES}


def _years(world: World) -> dict[str, str]:
    rows = world.rows("SELECT unit_id, state FROM ops.unit_year WHERE school_year = 2024")
    return {row.unit_id: row.state for row in rows}


def test_one_units_failure_leaves_it_untouched_and_the_others_are_applied(stage: Stage) -> None:
    world = stage("opening")
    unit, *others = sorted(wire.schools(world)[:4])
    assert rollover.make_plan(2023, "plan", [unit, *others]).failure is None
    approve()
    world.execute(
        """INSERT INTO rollover.school_class (unit_id, school_year, class_code, name, grade_level, plan_id, line_key,
            run_id, is_proposed)
        SELECT l.unit_id, 2024, l.to_class, 'planted', l.to_grade, l.plan_id, l.line_key, 'planted', true
        FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
        WHERE p.unit_id = :u AND l.kind = 'class' ORDER BY l.line_key DESC LIMIT 1""",
        u=unit,
    )
    done = rollover.apply_plan(2023, "first")
    assert done.done == others
    assert set(done.failed) == {unit}
    assert done.failed[unit].startswith("IntegrityError")
    assert str(done.failure).startswith(f"unit {unit}: IntegrityError")
    assert _rows(world, unit) == {TABLES[0]: 1, TABLES[1]: 0, TABLES[2]: 0}
    assert _years(world) == dict.fromkeys(others, "open")
    status = {row.unit_id: row.status for row in world.rows("SELECT unit_id, status FROM rollover.plan")}
    assert status == {unit: "checked", **dict.fromkeys(others, "applied")}
    assert {r.unit_id for r in world.rows("SELECT unit_id FROM rollover.balance WHERE is_balanced")} == set(others)
    # Names and ids of children are in no text that the failure left behind.
    roots = {child.root for child in world.city.children_of[unit]}
    assert not any(root in done.failed[unit] for root in roots)
    world.execute("DELETE FROM rollover.school_class WHERE run_id = 'planted'")
    again = rollover.apply_plan(2023, "second")
    assert again.failure is None
    assert again.done == [unit]
    assert min(_rows(world, unit).values()) > 5
    assert _years(world)[unit] == "open"


def test_an_applied_unit_has_what_its_plan_says_row_by_row(stage: Stage) -> None:
    world = stage("applied")
    pairs = {
        "school_class": ("class", "l.to_class = r.class_code AND l.to_grade = r.grade_level AND l.to_name = r.name"),
        "enrollment": ("opening", "(l.student_id, l.to_class, l.to_grade, l.decision)"
                       " = (r.student_id, r.class_code, r.grade_level, r.decision)"),
        "staff_assignment": ("assignment", "(l.staff_id, l.role) = (r.staff_id, r.role)"),
    }  # fmt: skip
    for table, (kind, same) in pairs.items():
        counts = world.rows(f"""SELECT count(*) AS both, count(l.line_key) AS lines, count(r.line_key) AS rows
            FROM (SELECT l.* FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id) WHERE p.status = 'applied'
                  AND l.kind = '{kind}' AND l.decision NOT IN ('pending', 'ended', 'retired', 'transferred_out')) l
            FULL JOIN rollover.{table} r ON r.plan_id = l.plan_id AND r.line_key = l.line_key AND {same}""")[0]
        assert counts.both == counts.lines == counts.rows > 100
    begun = world.rows("SELECT DISTINCT begin_date, school_year FROM rollover.enrollment")
    assert [(str(row.begin_date), row.school_year) for row in begun] == [("2024-09-05", 2024)]


def test_a_second_apply_and_a_second_plan_do_nothing(stage: Stage) -> None:
    world = stage("applied")
    tables = (*ALL, "rollover.plan", "rollover.plan_line", "rollover.balance", "ops.unit_year", "ops.audit")
    before = wire.mark(world, *tables)
    planned = rollover.make_plan(2023, "second-plan")
    assert (planned.done, planned.unchanged, planned.failure) == ([], [], None)
    applied = rollover.apply_plan(2023, "second-apply")
    assert (applied.done, applied.failure) == ([], None)
    assert wire.mark(world, *tables) == before

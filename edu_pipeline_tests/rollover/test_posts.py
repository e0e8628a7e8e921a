"""Posts go their own way into the new year, and a teacher with the class only where policy and post allow it."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from edu_pipeline.flow import ask, rollover
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.stages import World, approve

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

Stage = Callable[[str], World]

# Primary schools of one vendor that do not show the new year early and call their classes 1A, 1B.
UNIT, OTHER = "79783412", "79783406"
BOTH = [UNIT, OTHER]
CARRY = {"decision": "12/QĐ", "reason": "trường đề nghị", "homeroom": "carry"}


def _policy(world: World, **said: Any) -> None:
    """Let the site decide this too, beside what it has decided."""
    path = world.folder / "site" / "rollover.yaml"
    decided = yaml.safe_load(path.read_text()) | said
    path.write_text(yaml.safe_dump(decided, allow_unicode=True))


def _teachers(world: World, unit: str) -> dict[str, str]:
    """Teacher by class of the year that closes."""
    rows = world.rows("""SELECT class_code, homeroom_staff_id FROM rollover.snapshot_class WHERE unit_id = :u
        AND homeroom_staff_id IS NOT NULL""", u=unit)  # fmt: skip
    return {row[0]: row[1] for row in rows}


def _becomes(world: World, staff: str, said: str) -> None:
    world.execute(f"UPDATE master.staff_assignment SET {said} WHERE staff_id = :s AND school_year = 2023", s=staff)


def _plan() -> None:
    assert rollover.make_plan(2023, "plan", BOTH).failure is None


def _apply() -> None:
    approve(*BOTH)
    done = rollover.apply_plan(2023, "apply", BOTH)
    assert (done.failure, sorted(done.done)) == (None, sorted(BOTH))


def _led(world: World, unit: str) -> dict[str, tuple[str | None, list[str]]]:
    """New class -> (teacher, flags) of the plan."""
    rows = world.rows("""SELECT l.to_class, l.homeroom_staff_id, l.flags FROM rollover.plan_line l
        JOIN rollover.plan p USING (plan_id) WHERE p.unit_id = :u AND p.status IN ('checked', 'applied')
        AND l.kind = 'class'""", u=unit)  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in rows}


def _decided(world: World, unit: str) -> dict[tuple[str, str], str]:
    rows = world.rows("""SELECT l.staff_id, l.role, l.decision FROM rollover.plan_line l
        JOIN rollover.plan p USING (plan_id) WHERE p.unit_id = :u AND p.status IN ('checked', 'applied')
        AND l.kind = 'assignment'""", u=unit)  # fmt: skip
    return {(row[0], row[1]): row[2] for row in rows}


def test_a_teacher_goes_on_with_the_class_where_the_unit_decided_so_and_the_post_goes_on(stage: Stage) -> None:
    world = stage("opening")
    before, other = _teachers(world, UNIT), _teachers(world, OTHER)
    retired, ended = before["1A"], before["2A"]
    _becomes(world, retired, "status = 'retired', end_date = '2024-07-31'")
    # Told as working, but only to a day before the new year.
    _becomes(world, ended, "end_date = '2024-08-01'")
    _policy(world, homeroom="clear", units={UNIT: CARRY})
    _plan()
    decided = _decided(world, UNIT)
    assert (decided[retired, "teacher"], decided[ended, "teacher"]) == ("retired", "ended")
    led = _led(world, UNIT)
    goes_on = {who for (who, role), what in decided.items() if what == "carried" and role == "teacher"}
    for former, after in (("1A", "2A"), ("1B", "2B"), ("2A", "3A"), ("3A", "4A"), ("3B", "4B"), ("4A", "5A")):
        teacher = before[former] if before[former] in goes_on else None
        assert led[after] == (teacher, [] if teacher else ["no_homeroom_teacher"])
    assert led["2A"][0] is None is led["3A"][0]
    assert sum(teacher is not None for teacher, _ in led.values()) > 3
    assert set(_led(world, OTHER)) & set(led)
    assert all(said == (None, ["no_homeroom_teacher"]) for said in _led(world, OTHER).values())
    _apply()
    rows = world.rows("SELECT class_code, homeroom_staff_id FROM rollover.school_class WHERE unit_id = :u", u=UNIT)
    assert {row[0]: row[1] for row in rows} == {name: teacher for name, (teacher, _) in led.items()}

    # The city's word, and a unit that decided otherwise.
    again = stage("opening")
    _policy(again, homeroom="carry", units={UNIT: CARRY | {"homeroom": "clear"}})
    _plan()
    assert {teacher for teacher, _ in _led(again, UNIT).values()} == {None}
    kept = {teacher for teacher, _ in _led(again, OTHER).values()} - {None}
    assert len(kept) > 3
    assert kept <= set(other.values())


def test_a_teacher_moves_with_the_class_to_the_unit_that_takes_both(stage: Stage) -> None:
    world = stage("opening")
    world.execute(
        """INSERT INTO ops.unit_successor (from_unit, valid_from, to_unit, except_grades, except_class_codes, kind,
            decision, connection_id, class_suffix) VALUES (:o, '2024-08-01', :u, '{}', '{}', 'merged', '2/QĐ',
            'saomai', '@' || CAST(:o AS text))""",
        o=OTHER,
        u=UNIT,
    )
    _policy(world, units={UNIT: CARRY})
    before = _teachers(world, OTHER)
    _plan()
    here, there = _decided(world, UNIT), _decided(world, OTHER)
    moved = {who for (who, _), what in there.items() if what == "moved_out"}
    assert moved == {who for (who, _), what in here.items() if what == "moved_in"}
    led = _led(world, UNIT)
    came = {name: said for name, said in led.items() if "@" in name}
    assert len(came) > 4
    for former, after in (("1A", "2A"), ("2A", "3A"), ("3B", "4B")):
        teacher = before[former] if before[former] in moved else None
        assert led[f"{after}@{OTHER}"] == (teacher, [] if teacher else ["no_homeroom_teacher"])
    assert len({teacher for teacher, _ in came.values()} - {None}) > 3
    _apply()
    sums = {row.unit_id: row for row in world.rows("SELECT * FROM rollover.balance")}
    assert sums[OTHER].post_moved_out_count == sums[OTHER].post_arrived_count == len(moved) > 8
    assert sums[OTHER].post_standing_count == sums[OTHER].staff_carried_count == 0
    assert sums[UNIT].post_standing_count == sums[UNIT].post_meant_count
    assert sums[UNIT].post_meant_count == sums[UNIT].staff_carried_count + len(moved)


def _again(table: str, staff: str, **other: str) -> None:
    """Insert a post of a member of staff once more, with other values, as the tables' owner."""
    with engine("edu_owner").begin() as owner:
        names = [row[0] for row in owner.execute(text(
            "SELECT column_name FROM information_schema.columns"
            " WHERE (table_schema || '.' || table_name) = :t"), {"t": table})]  # fmt: skip
        said = ", ".join(other.get(name, name) for name in names)
        owner.execute(text(f"INSERT INTO {table} ({', '.join(names)}) SELECT {said} FROM {table}"
                           " WHERE staff_id = :s AND school_year = 2023"), {"s": staff})  # fmt: skip


SNAPSHOT, MASTER = "rollover.snapshot_assignment", "master.staff_assignment"


def test_each_post_goes_its_own_way_and_who_is_left_without_a_main_one_is_listed(stage: Stage) -> None:
    world = stage("opening")
    teacher, colleague = sorted(_teachers(world, UNIT).values())[:2]
    for table in (SNAPSHOT, MASTER):
        key = {"source_key": "source_key || '/second'"} if table == MASTER else {}
        _again(table, teacher, unit_id=f"'{OTHER}'", is_primary="false", **key)
        # A second post of the same name in the same school, begun later.
        _again(table, colleague, begin_date="DATE '2024-01-08'", is_primary="false", share_pct="40", **key)
    world.execute("UPDATE master.staff_assignment SET status = 'retired' WHERE staff_id = :s AND is_primary", s=teacher)
    world.execute("UPDATE master.staff_assignment SET status = 'ended' WHERE staff_id = :s AND is_primary", s=colleague)
    _plan()
    assert _decided(world, UNIT)[teacher, "teacher"] == "retired"
    assert _decided(world, OTHER)[teacher, "teacher"] == "carried"
    assert _decided(world, UNIT)[colleague, "teacher"] == "carried"
    _apply()
    posts = {(row.unit_id, row.staff_id): row for row in world.rows(
        "SELECT * FROM rollover.staff_assignment WHERE staff_id = ANY(:s)", s=[teacher, colleague])}  # fmt: skip
    assert set(posts) == {(OTHER, teacher), (UNIT, colleague)}
    # What goes on is the post that goes on, not the one of the same name that ended.
    assert posts[UNIT, colleague].share_pct == 40
    assert {row.is_primary for row in posts.values()} == {False}
    listed = {(row["unit"], row["staff_id"]): row["main_post"] for row in ask.without_main_post(2023)}
    assert listed == {
        (OTHER, teacher): f"unit {UNIT}, teacher: retired",
        (UNIT, colleague): f"unit {UNIT}, teacher: no plan",
    }
    assert [row["staff_id"] for row in ask.without_main_post(2023, OTHER)] == [teacher]

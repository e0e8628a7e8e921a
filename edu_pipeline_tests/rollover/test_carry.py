"""Fields go on into a new year by their declared policy: kept, to be confirmed, cleared, or what the plan says."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from edu_pipeline.contracts.carry import carried, to_reconfirm
from edu_pipeline.contracts.year import APPLIED
from edu_pipeline.flow import ask, decide, rollover
from edu_pipeline.schema import Carry, Field, Kind, Purpose, entity
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.stages import World, approve

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

Stage = Callable[[str], World]

# A primary school that does not show the new year early.
UNIT = "79783412"
WHY = decide.Why("gộp lớp", "8/QĐ")
VALUE: dict[Kind, Any] = {Kind.TEXT: "a", Kind.INTEGER: 3, Kind.DECIMAL: Decimal("2.50"), Kind.BOOLEAN: True}


@pytest.mark.parametrize("table", APPLIED, ids=lambda table: table.name)
def test_every_field_is_a_column_of_the_new_year_exactly_if_its_policy_says_so(table: Any) -> None:
    for field in entity(table.name).fields:
        if field.carry in (Carry.KEEP, Carry.RECONFIRM):
            assert field.name in table.columns, field.name
        elif field.carry is Carry.CLEAR:
            assert field.name not in table.columns, field.name


def _owner(statement: str, **binds: Any) -> int:
    # Closing snapshots may only grow: the owner of the tables alone can change what one says.
    with engine("edu_owner").begin() as owner:
        return int(owner.execute(text(statement), binds).rowcount)


def _fields(name: str) -> tuple[Field, ...]:
    return tuple(field for field in carried(name) if field.name not in ("status", "is_primary", "kind"))


def _say(name: str) -> None:
    """Let the closing snapshot of the unit know a value of every field of an entity."""
    said = ", ".join(f"{field.name} = :{field.name}" for field in _fields(name))
    table = {"staff_assignment": "assignment", "school_class": "class"}.get(name, name)
    values = {field.name: VALUE[field.kind] for field in _fields(name)}
    assert _owner(f"UPDATE rollover.snapshot_{table} SET {said} WHERE unit_id = :u", u=UNIT, **values) > 5


def _told(row: Any, fields: tuple[Field, ...]) -> dict[str, Any]:
    return {field.name: row._mapping[field.name] for field in fields}


def _roll() -> None:
    assert rollover.make_plan(2023, "plan", [UNIT]).failure is None
    approve(UNIT)
    done = rollover.apply_plan(2023, "apply", [UNIT])
    assert (done.failure, done.done) == (None, [UNIT])


def test_every_value_goes_on_by_its_policy_and_none_that_is_not_collected(stage: Stage) -> None:
    world = stage("opening")
    key = "unit_id, school_year, student_id"
    _owner(f"INSERT INTO rollover.snapshot_student_year ({key}) SELECT {key} FROM rollover.snapshot_student"
           " WHERE unit_id = :u", u=UNIT)  # fmt: skip
    for name in ("student_year", "school_class", "staff_assignment"):
        _say(name)
    # Two classes become one: they agree on everything but the time of day, and one is silent on boarding.
    _owner("UPDATE rollover.snapshot_class SET shift = 'b' WHERE unit_id = :u AND class_code = '1B'", u=UNIT)
    _owner("UPDATE rollover.snapshot_class SET has_boarding = NULL WHERE unit_id = :u AND class_code = '1A'", u=UNIT)
    for former in ("1A", "1B"):
        decide.rename(UNIT, 2023, former, 2, "2A", WHY)
    repeater = world.value("""SELECT min(student_id) FROM rollover.snapshot_student WHERE unit_id = :u
        AND class_code = '3A'""", u=UNIT)  # fmt: skip
    decide.override(UNIT, 2023, repeater, "retained", WHY)
    _roll()

    classes = {r.class_code: r for r in world.rows("SELECT * FROM rollover.school_class WHERE unit_id = :u", u=UNIT)}
    whole = {field.name: VALUE[field.kind] for field in _fields("school_class")}
    # 3A has who repeats the grade there too: he brings nothing of another class.
    assert _told(classes["3A"], _fields("school_class")) == whole
    assert _told(classes["4A"], _fields("school_class")) == whole
    assert _told(classes["2A"], _fields("school_class")) == whole | {"shift": None, "has_boarding": None}

    years = world.rows("SELECT * FROM rollover.student_year WHERE unit_id = :u", u=UNIT)
    opened = "decision IN ('promoted', 'retained')"
    assert len(years) == world.value(f"SELECT count(*) FROM rollover.enrollment WHERE unit_id = :u AND {opened}",
                                     u=UNIT) > 50  # fmt: skip
    fields = _fields("student_year")
    off = {field.name: None for field in fields if field.purpose is Purpose.AFFILIATION}
    assert len(off) == 2
    known = {field.name: VALUE[field.kind] for field in fields} | off
    assert all(_told(row, fields) == known for row in years)
    query = """SELECT student_id FROM rollover.enrollment e JOIN rollover.plan_line l
        USING (plan_id, line_key, student_id) WHERE e.unit_id = :u AND l.from_grade = l.to_grade"""
    repeat = world.rows(query, u=UNIT)
    assert {row.student_id for row in years if row.was_retained} == {row.student_id for row in repeat}
    assert repeater in {row.student_id for row in repeat}

    posts = world.rows("SELECT * FROM rollover.staff_assignment WHERE unit_id = :u", u=UNIT)
    held = {field.name: VALUE[field.kind] for field in _fields("staff_assignment")}
    assert all(_told(row, _fields("staff_assignment")) == held for row in posts)
    assert {(row.status, row.is_primary) for row in posts} == {("working", True)}
    assert {r.kind for r in world.rows("SELECT kind FROM rollover.enrollment WHERE unit_id = :u", u=UNIT)} == {
        "primary"
    }
    _listed(world, len(years), len(posts))

    rollover.undo("apply", [UNIT])
    assert world.value("SELECT count(*) FROM rollover.student_year WHERE unit_id = :u", u=UNIT) == 0
    assert ask.to_reconfirm(2023, UNIT) == []
    (world.folder / "site" / "catalogue.yaml").write_text("collect:\n  affiliation: true\n")
    _roll()
    again = world.rows("SELECT * FROM rollover.student_year WHERE unit_id = :u", u=UNIT)
    assert all(_told(row, fields) == {field.name: VALUE[field.kind] for field in fields} for row in again)
    assert len(again) == len(years)


def _listed(world: World, pupils: int, posts: int) -> None:
    """What is to be confirmed is listed by field, with its Vietnamese name, until the school has told the row."""
    found = {(row["entity"], row["field"]): row for row in ask.to_reconfirm(2023, UNIT)}
    due = {(name, field.name) for name in ("school_class", "student_year", "staff_assignment")
           for field in to_reconfirm(name)}  # fmt: skip
    assert set(found) == due
    assert {row["unit"] for row in found.values()} == {UNIT}
    poverty = found["student_year", "poverty"]
    assert (poverty["label"], poverty["entity_vi"], poverty["rows"]) == (
        "Hộ nghèo", entity("student_year").label_vi, pupils)  # fmt: skip
    assert found["staff_assignment", "contract"]["rows"] == posts
    world.execute(
        """INSERT INTO master.student_year (unit_id, school_year, student_id, recorded_from)
           SELECT unit_id, school_year, min(student_id), now() FROM rollover.student_year WHERE unit_id = :u
           GROUP BY unit_id, school_year""",
        u=UNIT,
    )
    found = {(row["entity"], row["field"]): row["rows"] for row in ask.to_reconfirm(2023)}
    assert found["student_year", "poverty"] == pupils - 1
    world.execute("DELETE FROM master.student_year WHERE unit_id = :u AND school_year = 2024", u=UNIT)

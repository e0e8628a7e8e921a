"""Where a row belongs when its unit was recoded, merged, split or closed.

row of a unit, ops.unit_successor -> the unit that continues it, or that nobody takes it

What does not belong here: what the events say (sources/events.py), ownership (master), the decision on a row
(isolate.py). Rows of a school year that had ended before the event stay with their unit; rows of no year go along. A
person's own record stays too: where the person is, a place says (master/state.py), and one child may have been in both
units that became one.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from edu_pipeline.contracts.memory import FOLLOWED, UNIT_SUCCESSOR
from edu_pipeline.contracts.tables import VALIDATED, WAITING
from edu_pipeline.schema import Entity

# Codes that are unique in their unit only: where they come to another, the code of theirs is put behind them.
OWN_CODES = ("class_code", "combined_class_code", "campus_code", "system_code")


@dataclass(frozen=True)
class Fate:
    """What the events say of a row: it moves to `step.to_unit`, or its unit is over and the connection has no other."""

    step: FromClause
    moves: ColumnElement[bool]

    @property
    def is_over(self) -> ColumnElement[bool]:
        return and_(self.step.c.from_unit.is_not(None), ~self.moves)

    def unit(self, own: ColumnElement) -> ColumnElement:
        """The unit that the row belongs to."""
        return case((self.moves, self.step.c.to_unit), else_=own)

    def with_offices(self, connection_id: str) -> "Fate":
        """The same for rows that offices may have: of those, whoever registers units tells."""
        unit, step = VALIDATED["unit"].alias("office"), self.step.c
        is_registered = exists().where(
            unit.c.connection_id == connection_id,
            unit.c.unit_id.in_((step.from_unit, step.to_unit)),
            unit.c.unit_kind == "office",
        )
        return Fate(self.step, or_(self.moves, and_(step.to_unit.is_not(None), is_registered)))


def follow(
    source: FromClause,
    unit: ColumnElement,
    place: tuple[ColumnElement, ColumnElement],
    last_day: ColumnElement,
    connection_id: str,
    as_of: dt.date,
) -> tuple[FromClause, Fate]:
    """Join the step of a row of a unit's year; `place` is its grade and class code, `last_day` the year's."""
    step, (grade, code) = UNIT_SUCCESSOR.alias("step"), place
    # A year that the calendar does not know has not ended: least() passes over what is not there.
    day = func.least(last_day, as_of)
    same = and_(
        step.c.from_unit == unit,
        step.c.valid_from <= day,
        or_(step.c.valid_to.is_(None), step.c.valid_to > day),
        *fits(step, grade, code),
    )
    return source.outerjoin(step, same), Fate(step, func.coalesce(step.c.connection_id == connection_id, false()))


def fits(step: FromClause, grade: ColumnElement | None, code: ColumnElement | None) -> tuple[ColumnElement[bool], ...]:
    """Conditions that a step takes a row of a grade and class code; None: the row has none."""
    grade = cast(null(), Integer) if grade is None else grade
    code = cast(null(), Text) if code is None else code
    return (
        or_(step.c.grades.is_(None), grade == func.any(step.c.grades)),
        or_(step.c.class_codes.is_(None), code == func.any(step.c.class_codes)),
        # Who has neither grade nor class is in no share that names them, and so in the rest.
        func.coalesce(grade != func.all(step.c.except_grades), true()),
        func.coalesce(code != func.all(step.c.except_class_codes), true()),
    )


def renamed(columns: dict[str, ColumnElement], fate: Fate) -> dict[str, ColumnElement]:
    """Codes of a row that comes to a unit which may have the same of its own."""
    suffix = fate.step.c.class_suffix
    return {
        name: case(
            (and_(fate.moves, suffix.is_not(None), ~columns[name].endswith(suffix)), columns[name] + suffix),
            else_=columns[name],
        )
        for name in OWN_CODES
        if name in columns
    }


def place(
    entity: Entity,
    connection_id: str,
    source: FromClause,
    row: CTE,
    columns: dict[str, ColumnElement],
    grades: list[ColumnElement],
) -> tuple[FromClause, tuple[ColumnElement, ColumnElement]]:
    """Join what tells a row's grade and class code: its class (`grades`), the row itself, else its person's place."""
    grades = [*grades, *(columns[name] for name in ("grade_level",) if name in columns)]
    codes = [columns[name] for name in ("class_code",) if name in columns]
    if (found := _places(entity, connection_id)) is not None:
        key = row.c.student_key if "student_key" in row.c else row.c.staff_key
        same = and_(found.c.person_key == key, found.c.school_year == columns["school_year"])
        source = source.outerjoin(found, same)
        grades, codes = [*grades, found.c.grade_level], [*codes, found.c.class_code]
    return source, (_said(grades, Integer), _said(codes, Text))


def _places(entity: Entity, connection_id: str) -> CTE | None:
    """Grade and class of the person of a row that says neither: (person_key, school_year, grade_level, class_code).

    A pupil's are those of the pupil's place, a teacher's those of the homeroom class; None if the row is of no person.
    """
    known = {"student_key": ("enrollment", "student_key"), "staff_key": ("school_class", "homeroom_key")}
    found = next((known[key] for key in entity.source_keys if key in known), None)
    if found is None or entity.name == found[0]:
        return None
    name, key = found
    concerned = select(UNIT_SUCCESSOR.c.from_unit).union(select(UNIT_SUCCESSOR.c.to_unit))
    said = union_all(
        *(
            select(table.c[key].label("person_key"), table.c.school_year, table.c.grade_level,
                   func.regexp_replace(table.c.class_code, FOLLOWED, "").label("class_code"))
            .where(table.c.connection_id == connection_id, table.c[key].is_not(None), table.c.unit_id.in_(concerned))
            for table in (VALIDATED[name], WAITING[name])
        )
    ).subquery()  # fmt: skip
    query = select(said).ext(distinct_on(said.c.person_key, said.c.school_year))
    return query.order_by(said.c.person_key, said.c.school_year, said.c.class_code).cte("place")


def _said(words: list[ColumnElement], kind: type[Integer] | type[Text]) -> ColumnElement:
    """The first word that is there."""
    return func.coalesce(*words) if len(words) > 1 else words[0] if words else cast(null(), kind)

"""What a unit is: what the registry says of it, and what a decision says where the registry has not followed yet.

validated.unit, ops.unit_event -> rows of units, in the columns of validated.unit

What does not belong here: rows that stand in a unit (validate/follow.py), merging (merge.py).
"""

import datetime as dt
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    and_,
    cast,
    column,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from edu_pipeline.contracts.memory import UNIT_EVENT, UNIT_SUCCESSOR
from edu_pipeline.contracts.tables import VALIDATED

_ENDS = ("merged", "split", "closed", "recoded")


def units(as_of: dt.date) -> FromClause:
    """Every unit as it is on a day. A new code that the registry does not have yet is the unit under the old one."""
    own, step = VALIDATED["unit"], UNIT_SUCCESSOR.alias("recoded")
    names = [c.name for c in own.columns]
    known = select(own.c.unit_id).where(own.c.is_present)
    recoded: list[ColumnElement[Any]] = [
        {"unit_id": step.c.to_unit, "source_key": own.c.source_key + "/" + step.c.decision}.get(name, own.c[name])
        for name in names
    ]
    said = union_all(
        select(*(own.c[name] for name in names)),
        select(*(value.label(name) for name, value in zip(names, recoded, strict=True)))
        .join(step, step.c.from_unit == own.c.unit_id)
        .where(
            step.c.kind == "recoded",
            step.c.valid_from <= as_of,
            step.c.to_unit.not_in(known),
            own.c.is_present,
            step.c.grades.is_(None),
            step.c.class_codes.is_(None),
        ),
    ).subquery("said")
    source: FromClause = said
    values: dict[str, ColumnElement] = {name: said.c[name] for name in names}
    for position, (name, kinds, told) in enumerate(_decided()):
        newest = _newest(kinds, as_of, told, f"decided_{position}")
        source = source.outerjoin(newest, newest.c.unit_id == said.c.unit_id)
        values[name] = func.coalesce(cast(newest.c.told, said.c[name].type), said.c[name])
    return select(*(value.label(name) for name, value in values.items())).select_from(source).subquery("unit_now")


def _decided() -> list[tuple[str, tuple[str, ...], ColumnElement]]:
    """(field, kinds of events that decide it, what they say)."""
    grade = func.jsonb_array_elements_text(UNIT_EVENT.c.detail["grades"]).column_valued("grade")
    grades = select(func.string_agg(grade, literal(",")).label("g")).scalar_subquery()
    day = cast(UNIT_EVENT.c.on_date, Text)
    return [
        ("parent_unit_id", ("new_parent",), UNIT_EVENT.c.detail["parent"].astext),
        ("grade_levels", ("relevelled",), grades),
        ("opened_date", ("opened",), day),
        ("closed_date", _ENDS, day),
    ]


def _newest(kinds: tuple[str, ...], as_of: dt.date, told: ColumnElement, name: str) -> FromClause:
    is_said = and_(UNIT_EVENT.c.kind.in_(kinds), UNIT_EVENT.c.on_date <= as_of)
    if kinds == _ENDS:
        is_said = and_(is_said, UNIT_EVENT.c.is_end)
    query = select(UNIT_EVENT.c.unit_id, told.label("told")).where(is_said)
    return (
        query.ext(distinct_on(column("unit_id")))
        .order_by(column("unit_id"), UNIT_EVENT.c.on_date.desc())
        .subquery(name)
    )

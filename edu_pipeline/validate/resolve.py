"""Find a source row's parents: the student of an enrollment, the class, the unit, the root identity.

normalized or waiting row, validated parents -> the same row with resolved fields and what it still lacks

What does not belong here: rules on values (contracts/rules.py) and the decision (isolate.py).
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.selectable import CTE

from edu_pipeline.contracts.memory import UNIT_YEAR
from edu_pipeline.contracts.register import known_units
from edu_pipeline.contracts.tables import MASTER, NORMALIZED, QUARANTINE, VALIDATED, WAITING, source_columns
from edu_pipeline.schema import Entity, Reference
from edu_pipeline.schema import Scope as Kind
from edu_pipeline.validate import follow, identify

OPEN_STATES = ("open", "closing")


@dataclass(frozen=True)
class Scope:
    """What is being admitted: one batch of one connection, as of a day."""

    batch_id: int
    connection_id: str
    as_of: dt.date


def candidates(entity: Entity, scope: Scope) -> CTE:
    """Rows to decide on: the batch's normalized ones, and waiting ones that the batch did not bring again."""
    names = [column.name for column in source_columns(entity)]
    fresh, old = NORMALIZED[entity.name], WAITING[entity.name]
    is_ours = and_(fresh.c.batch_id == scope.batch_id, fresh.c.connection_id == scope.connection_id)
    again = select(fresh.c.source_key).where(is_ours)
    kept = [literal(scope.batch_id).label(name) if name == "batch_id" else old.c[name] for name in names]
    return union_all(
        select(*(fresh.c[name] for name in names)).where(is_ours),
        select(*kept).where(old.c.connection_id == scope.connection_id, old.c.source_key.not_in(again)),
    ).cte("candidate")


def resolved(entity: Entity, scope: Scope) -> CTE:
    """Candidates with fields that parents and defaults supply, and flags: year_is_open, has_parents, agrees."""
    row = candidates(entity, scope)
    source: FromClause = row
    supplied: dict[str, list[ColumnElement]] = {}
    grades: list[ColumnElement] = []
    needed: list[ColumnElement[bool]] = []
    for position, reference in enumerate(entity.references):
        if reference.key is None:
            continue
        source = _join_parent(source, row, reference, position, supplied, grades, needed)
    columns: dict[str, ColumnElement] = {c.name: c for c in row.c}
    for name, found in supplied.items():
        own = [] if name in _always_from_parent(entity) else [row.c[name]]
        columns[name] = func.coalesce(*own, *found) if len(own) + len(found) > 1 else found[0]
    for field in entity.fields:
        if field.default is not None:
            columns[field.name] = func.coalesce(columns[field.name], field.default)
    source, year_is_open = _followed(entity, scope, source, row, columns, grades, needed)
    source, agrees = identify.identity(entity, source, row, columns)
    known = known_units(scope.as_of).cte("known_unit")
    if entity.scope is Kind.UNIT or entity.identity:
        of_unit = columns["unit_id"] if entity.scope is Kind.UNIT else row.c.claim_unit_id
        source = source.outerjoin(known, known.c.unit_id == of_unit)
        needed.append(known.c.unit_id.is_not(None))
    for name in entity.names_units:
        unit = known.alias(f"of_{name}")
        source = source.outerjoin(unit, unit.c.unit_id == columns[name])
        needed.append(or_(columns[name].is_(None), unit.c.unit_id.is_not(None)))
    if entity.scope is Kind.UNIT:
        columns["claim_unit_id"] = func.coalesce(columns["unit_id"], row.c.claim_unit_id)
    return (
        select(
            *(column.label(name) for name, column in columns.items()),
            year_is_open.label("year_is_open"),
            (and_(*needed) if needed else true()).label("has_parents"),
            agrees.label("agrees"),
        )
        .select_from(source)
        .cte("resolved")
    )


def _always_from_parent(entity: Entity) -> set[str]:
    # A root id in a child row comes from the person alone: a source's own word for it is the key, not the id.
    return {name for ref in entity.references if ref.key for name in ref.fields if ref.entity in ("student", "staff")}


def _join_parent(
    source: FromClause,
    row: CTE,
    reference: Reference,
    position: int,
    supplied: dict[str, list[ColumnElement]],
    grades: list[ColumnElement],
    needed: list[ColumnElement[bool]],
) -> FromClause:
    assert reference.key is not None
    parent = VALIDATED[reference.entity].alias(f"parent_{position}")
    same = and_(
        parent.c.connection_id == row.c.connection_id,
        parent.c.ref_key == row.c[reference.key],
        parent.c.is_present,
        parent.c.event != "CANCEL",
    )
    if reference.entity in ("student", "staff"):
        same = and_(same, ~_is_reused(parent, reference.entity))
    source = source.outerjoin(parent, same)
    if reference.entity in ("student", "staff"):
        (name,) = reference.fields
        supplied.setdefault(name, []).append(parent.c[f"{reference.entity}_id"])
    if reference.fills:
        waiting = WAITING[reference.entity].alias(f"waiting_{position}")
        source = source.outerjoin(
            waiting,
            and_(waiting.c.connection_id == row.c.connection_id, waiting.c.ref_key == row.c[reference.key]),
        )
        for name in reference.fills:
            supplied.setdefault(name, []).extend([parent.c[name], waiting.c[name]])
        if reference.entity == "school_class":
            grades += [parent.c.grade_level, waiting.c.grade_level]
    if reference.required:
        needed.append(parent.c.source_key.is_not(None))
    return source


def _is_reused(parent: FromClause, name: str) -> ColumnElement[bool]:
    """Whether the key means somebody else by now (reused.py): what comes under it is not about the row that stands."""
    stopped = QUARANTINE[name]
    return exists().where(
        stopped.c.connection_id == parent.c.connection_id,
        stopped.c.source_key == parent.c.source_key,
        literal(f"{name}.{name}_id.reused") == func.any(stopped.c.failed_rules),
    )


def _followed(
    entity: Entity,
    scope: Scope,
    source: FromClause,
    row: CTE,
    columns: dict[str, ColumnElement],
    grades: list[ColumnElement],
    needed: list[ColumnElement[bool]],
) -> tuple[FromClause, ColumnElement[bool]]:
    """Send the row to the unit that continues its own, and say whether its year is open there."""
    if entity.scope is not Kind.UNIT:
        return _in_calendar(source, columns)
    source, place = follow.place(entity, scope.connection_id, source, row, columns, grades)
    if not entity.is_yearly:
        # What has no year has no past of its own: it stands where the unit stands on the day.
        day = cast(null(), Date)
        source, fate = follow.follow(source, columns["unit_id"], place, day, scope.connection_id, scope.as_of)
        fate = fate.with_offices(scope.connection_id)
        columns |= {"unit_id": fate.unit(columns["unit_id"]), **follow.renamed(columns, fate)}
        return source, true()
    year, state = MASTER["school_year"].alias("calendar"), UNIT_YEAR.alias("state")
    source = source.outerjoin(year, year.c.school_year == columns["school_year"])
    if "begin_date" in columns:
        given = columns["begin_date"]
        columns["begin_date"] = func.coalesce(given, year.c.begin_date)
        if "is_begin_derived" in columns:
            columns["is_begin_derived"] = or_(given.is_(None), columns["is_begin_derived"])
    source, fate = follow.follow(source, columns["unit_id"], place, year.c.end_date, scope.connection_id, scope.as_of)
    columns |= {"unit_id": fate.unit(columns["unit_id"]), **follow.renamed(columns, fate)}
    if {"status", "end_date"} <= set(entity.field_names):
        # Nobody takes a place that goes on; what had ended before stays where it was.
        goes_on = columns["status"] == entity.field("status").default
        lasts = or_(columns["end_date"].is_(None), columns["end_date"] >= fate.step.c.valid_from)
        needed.append(~func.coalesce(and_(fate.is_over, goes_on, lasts), false()))
    source = source.outerjoin(
        state, and_(state.c.unit_id == columns["unit_id"], state.c.school_year == columns["school_year"])
    )
    # The year of a unit that is over waits for nobody; and a year that is not known yet is a parent's business (the
    # class says it), not the year's.
    is_open = or_(func.coalesce(state.c.state.in_(OPEN_STATES), False), fate.is_over)
    return source, or_(columns["school_year"].is_(None), is_open)


def _in_calendar(source: FromClause, columns: dict[str, ColumnElement]) -> tuple[FromClause, ColumnElement[bool]]:
    """What no unit's year holds needs no unit to open it: its year waits for the city's calendar alone."""
    if "school_year" not in columns:
        return source, true()
    year = MASTER["school_year"].alias("calendar")
    return source.outerjoin(year, year.c.school_year == columns["school_year"]), year.c.school_year.is_not(None)

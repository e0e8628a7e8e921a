"""From validated rows of many connections to one master row a natural key, with closed versions kept.

validated, ops.authority -> would_be -> master.<entity>_change -> master + history

What does not belong here: rules on rows (validate), whose rows count (owner.py), the states of persons (state.py).
"""

import datetime as dt

from sqlalchemy import (
    ColumnElement,
    Executable,
    FromClause,
    Insert,
    Select,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from edu_pipeline.contracts.memory import UNIT_SUCCESSOR, UNIT_YEAR
from edu_pipeline.contracts.tables import HISTORY, MASTER, MASTER_CHANGE, VALIDATED, WAITING
from edu_pipeline.master import apart
from edu_pipeline.master.owner import owned
from edu_pipeline.master.unit import units
from edu_pipeline.schema import ENTITIES, Entity, Scope

_PROVENANCE = ("connection_id", "source_key", "batch_id", "source_changed_at")
_REGISTRY_FIELDS = ("full_name", "birth_date", "sex")


def would_be(entity: Entity, as_of: dt.date) -> Select:
    """The entity's whole state as validated rows make it: owned, in an open year, parents in master, one a key."""
    row: FromClause = VALIDATED[entity.name] if entity.name != "unit" else units(as_of)
    columns: dict[str, ColumnElement] = {name: row.c[name] for name in (*entity.field_names, *_PROVENANCE)}
    source: FromClause = row
    conditions = [row.c.is_present, row.c.event != "CANCEL"]
    if entity.has_owner:
        source, is_owned = owned(entity, row, source, as_of)
        conditions.append(or_(is_owned, _is_an_offices(row, as_of)) if entity.name == "deployed_system" else is_owned)
    if entity.identity:
        # The registry owns who a person is; the school's system only says that the person is there.
        root = VALIDATED["identity"].alias("root")
        source = source.join(root, and_(root.c.identity_id == row.c[entity.identity], root.c.is_present))
        columns |= {name: root.c[name] for name in _REGISTRY_FIELDS}
    if entity.is_yearly:
        year = UNIT_YEAR.alias("year")
        opened = and_(year.c.unit_id == row.c.unit_id, year.c.school_year == row.c.school_year,
                      year.c.state.in_(("open", "closing", "closed")))  # fmt: skip
        source = source.join(year, opened)
        if "status" in entity.field_names:
            conditions.append(~_is_over(entity, row, as_of))
    # A unit's open year is one of the calendar, and whoever has an identity has it joined already.
    joined = {"identity"} if entity.identity else {"school_year"} if entity.is_yearly else set()
    for reference in entity.references:
        if reference.required and reference.fields and reference.entity not in joined:
            parent = MASTER[reference.entity].alias(f"of_{reference.entity}")
            keys = zip(parent.primary_key, reference.fields, strict=True)
            source = source.join(parent, and_(*(key == row.c[field] for key, field in keys)))
    query = select(*(column.label(name) for name, column in columns.items())).select_from(source).where(*conditions)
    key = [columns[name] for name in entity.key]
    query = query.ext(distinct_on(*key)).order_by(
        *key, columns["source_changed_at"].desc().nulls_last(), columns["connection_id"], columns["source_key"]
    )
    return _claimed_once(entity, query) if entity.name == "enrollment" else query


def _is_an_offices(row: FromClause, as_of: dt.date) -> ColumnElement[bool]:
    """An office has no school system that answers for it: what it runs, whoever registers units tells."""
    unit = units(as_of).alias("office")  # with the new codes that the registry does not have yet
    return exists().where(
        unit.c.connection_id == row.c.connection_id,
        unit.c.unit_id == row.c.claim_unit_id,
        unit.c.unit_kind == "office",
        unit.c.is_present,
    )


def _is_over(entity: Entity, row: FromClause, as_of: dt.date) -> ColumnElement[bool]:
    """True for the last good version of a place whose unit is over and which now waits: nobody is there any more."""
    waits, step, year = WAITING[entity.name].alias("waits"), UNIT_SUCCESSOR.alias("step"), MASTER["school_year"]
    return exists().where(
        waits.c.connection_id == row.c.connection_id,
        waits.c.source_key == row.c.source_key,
        waits.c.reason == "parent",
        waits.c.unit_id == row.c.unit_id,
        step.c.from_unit == row.c.unit_id,
        step.c.valid_from <= as_of,
        year.c.school_year == row.c.school_year,
        year.c.end_date >= step.c.valid_from,
    )


def _claimed_once(entity: Entity, query: Select) -> Select:
    """Of two places that claim one child as active, keep the one that master already confirmed, else the earlier."""
    row, standing = query.subquery("claim"), MASTER[entity.name].alias("standing")
    same = and_(*(standing.c[name] == row.c[name] for name in entity.key))
    is_active = and_(row.c.kind == "primary", row.c.status == "active", row.c.end_date.is_(None))
    place = func.row_number().over(
        partition_by=[row.c.school_year, row.c.student_id, is_active],
        order_by=[standing.c.student_id.is_(None), row.c.begin_date, row.c.unit_id],
    )
    ranked = select(*row.c, is_active.label("is_active"), place.label("place")).select_from(
        row.outerjoin(standing, same)
    )
    kept = ranked.subquery("ranked")
    return select(*(kept.c[column.name] for column in row.c)).where(or_(~kept.c.is_active, kept.c.place == 1))


def differ(entity: Entity, as_of: dt.date) -> Insert:
    """INSERT of the change set: rows to insert, update, remove, by one hash-compare join with master."""
    new, old = would_be(entity, as_of).subquery("new"), MASTER[entity.name]
    same = and_(*(new.c[name] == old.c[name] for name in entity.key))
    first, compared = entity.key[0], (*entity.field_names, "connection_id", "source_key")
    is_new, is_gone = old.c[first].is_(None), new.c[first].is_(None)
    differs = or_(*(new.c[name].is_distinct_from(old.c[name]) for name in compared))
    condition = differs if entity.scope is Scope.UNIT else and_(or_(~is_gone, _is_dropped(entity, old)), differs)
    action = _case(is_new, is_gone)
    names = (*entity.field_names, *_PROVENANCE)
    values = [_either(is_gone, old.c[name], new.c[name]).label(name) for name in names]
    query = select(*values, action.label("action")).select_from(new.outerjoin(old, same, full=True)).where(condition)
    return insert(MASTER_CHANGE[entity.name]).from_select([*names, "action"], query)


def _is_dropped(entity: Entity, old: FromClause) -> ColumnElement[bool]:
    """True where what hangs on a person has gone while a school still tells of the person.

    Persons and units are for life: their claims go, they stay; and with a person who left stays what was theirs. What
    the city decides of them goes when it is withdrawn, and what came of an identity that was split (apart.py).
    """
    if entity.scope is Scope.CITY and entity.references:
        return true()
    if entity.identity:
        return apart.person(entity, old)
    parents = [reference for reference in entity.references if reference.key and reference.required]
    if entity.scope is not Scope.PERSON or not parents:
        return false()
    (reference,) = parents
    person, (name,) = VALIDATED[reference.entity].alias("person"), reference.fields
    is_told = exists().where(person.c[f"{reference.entity}_id"] == old.c[name], person.c.is_present,
                             person.c.event != "CANCEL")  # fmt: skip
    return or_(is_told, apart.belonging(entity, reference, old))


def _case(is_new: ColumnElement[bool], is_gone: ColumnElement[bool]) -> ColumnElement[str]:
    return case((is_new, "insert"), (is_gone, "remove"), else_="update")


def _either(is_gone: ColumnElement[bool], old: ColumnElement, new: ColumnElement) -> ColumnElement:
    return case((is_gone, old), else_=new)


def write(entity: Entity, now: dt.datetime) -> Executable:
    """Insert and update from the change set; the versions that end go to history in the same statement."""
    change, target = MASTER_CHANGE[entity.name], MASTER[entity.name]
    names = (*entity.field_names, *_PROVENANCE)
    closed = _closing(entity, now, "update").cte("closed")
    # What ends comes before what begins: a child's old place must give way before the new one is written.
    query = (
        select(*(change.c[name] for name in names), literal(now).label("recorded_from"))
        .where(change.c.action.in_(("insert", "update")))
        .order_by(change.c.action == "insert")
    )
    statement = upsert(target).from_select([*names, "recorded_from"], query)
    changed = {name: statement.excluded[name] for name in (*names, "recorded_from") if name not in entity.key}
    return statement.on_conflict_do_update(index_elements=list(entity.key), set_=changed).add_cte(closed)


def erase(entity: Entity, now: dt.datetime) -> Executable:
    """Remove from the current view what the change set says is gone; its last version stays in history."""
    change, target = MASTER_CHANGE[entity.name], MASTER[entity.name]
    closed = _closing(entity, now, "remove").cte("closed")
    same = and_(*(target.c[name] == change.c[name] for name in entity.key))
    return delete(target).where(same, change.c.action == "remove", *_unused(entity)).add_cte(closed)


def _unused(entity: Entity) -> list[ColumnElement[bool]]:
    # A class goes only when its last pupil has gone from master; a later publication finds it empty.
    own = MASTER[entity.name]
    children = [(MASTER[child.name].alias(f"child_{child.name}"), reference.fields)
                for child in ENTITIES for reference in child.references
                if reference.entity == entity.name and reference.required and reference.fields]  # fmt: skip
    return [
        ~exists().where(*(child.c[theirs] == own.c[ours] for theirs, ours in zip(fields, entity.key, strict=True)))
        for child, fields in children
    ]


def _closing(entity: Entity, now: dt.datetime, action: str) -> Insert:
    change, target = MASTER_CHANGE[entity.name], MASTER[entity.name]
    names = [column.name for column in target.columns]
    same = and_(*(target.c[name] == change.c[name] for name in entity.key))
    query = select(
        *(target.c[name] for name in names), literal(now).label("recorded_to"), literal(action).label("ended_by")
    ).where(same, change.c.action == action, *(_unused(entity) if action == "remove" else []))
    return insert(HISTORY[entity.name]).from_select([*names, "recorded_to", "ended_by"], query)

"""Whose rows of a unit count: the authority's, and what a former one told that its follower has not told at all.

ops.authority, validated -> conditions on rows (merge.py), CTE `handed` (flag.py)

What does not belong here: when authority passes (flow/authority.py). A follower's silence is no deletion: a school year
that it has never told, or a person, stands as the former authority left it.
"""

import datetime as dt

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, or_, select, tuple_

from edu_pipeline.contracts.memory import AUTHORITY, UNIT_EVENT
from edu_pipeline.contracts.tables import VALIDATED
from edu_pipeline.schema import Entity, Scope


def is_owned(entity: Entity, row: FromClause, as_of: dt.date) -> ColumnElement[bool]:
    """True for rows of validated that master takes."""
    mine = tuple_(row.c.claim_unit_id, row.c.connection_id)
    place = _place(entity)
    known = tuple_(row.c.claim_unit_id, row.c.connection_id, *(row.c[name] for name in place))
    return or_(
        mine.in_(_owners(entity, as_of)), and_(mine.in_(_former(entity, as_of)), known.not_in(_told(entity, as_of)))
    )


def _place(entity: Entity) -> tuple[str, ...]:
    """What the follower has to tell before the former's word is over: the unit's year, or the person."""
    if entity.scope is Scope.UNIT:
        return ("school_year",) if entity.is_yearly else ()
    return (entity.identity or entity.key[0],)


def _owners(entity: Entity, as_of: dt.date) -> Select:
    """(unit, connection) of who answers; an authority for the entity goes before one for all."""
    # A unit that has ended keeps its past: whoever answered for it last still does.
    a, ended, later, own = AUTHORITY, UNIT_EVENT.alias("ended"), AUTHORITY.alias("later"), AUTHORITY.alias("own")
    is_last = and_(
        exists().where(ended.c.unit_id == a.c.unit_id, ended.c.is_end, ended.c.on_date <= as_of),
        ~exists().where(later.c.unit_id == a.c.unit_id, later.c.valid_from > a.c.valid_from),
    )
    is_named = exists().where(own.c.unit_id == a.c.unit_id, own.c.entity == entity.name, _is_in_force(own, as_of))
    return select(a.c.unit_id, a.c.connection_id).where(
        a.c.valid_from <= as_of,
        or_(a.c.entity == entity.name, and_(a.c.entity == "*", ~is_named)),
        or_(_is_in_force(a, as_of), is_last),
    )


def _is_in_force(authority: FromClause, as_of: dt.date) -> ColumnElement[bool]:
    return and_(authority.c.valid_from <= as_of, or_(authority.c.valid_to.is_(None), authority.c.valid_to > as_of))


def _pairs(entity: Entity, as_of: dt.date) -> tuple[FromClause, FromClause, list[ColumnElement[bool]]]:
    """A former authority and one that came after it, each for the entity."""
    former, later = AUTHORITY.alias("former"), AUTHORITY.alias("follower")
    names = ("*", entity.name)
    return former, later, [
        later.c.unit_id == former.c.unit_id, later.c.connection_id != former.c.connection_id,
        former.c.entity.in_(names), later.c.entity.in_(names), former.c.valid_from < later.c.valid_from,
        later.c.valid_from <= as_of,
    ]  # fmt: skip


def _former(entity: Entity, as_of: dt.date) -> Select:
    """(unit, connection) of who handed over to another: not of who was only taken out of the site."""
    former, later, conditions = _pairs(entity, as_of)
    return select(former.c.unit_id, former.c.connection_id).where(*conditions, later.c.valid_from == former.c.valid_to)


def _told(entity: Entity, as_of: dt.date) -> Select:
    """(unit, former connection, place) of what a follower has told."""
    former, later, conditions = _pairs(entity, as_of)
    person = {"student_id": "student", "staff_id": "staff"}
    place = _place(entity)
    table = VALIDATED[entity.name if entity.scope is Scope.UNIT else person[place[0]]].alias("told")
    return select(former.c.unit_id, former.c.connection_id, *(table.c[name] for name in place)).where(
        *conditions,
        table.c.claim_unit_id == former.c.unit_id,
        table.c.connection_id == later.c.connection_id,
        table.c.is_present,
        table.c.event != "CANCEL",
        *(table.c[name].is_not(None) for name in place),
    )


# A connection that was authority for a unit's persons, or is for other rows, and who answers for them. Bind: as_of.
HANDED = """
handed AS (
    SELECT DISTINCT o.unit_id, o.connection_id, n.connection_id AS to_connection
    FROM ops.authority o JOIN ops.authority n ON n.unit_id = o.unit_id AND n.connection_id <> o.connection_id
    WHERE n.valid_from <= CAST(:as_of AS date) AND (n.valid_to IS NULL OR n.valid_to > CAST(:as_of AS date))
      AND (n.entity = '{person}' OR n.entity = '*' AND NOT EXISTS (
          SELECT FROM ops.authority s WHERE s.unit_id = n.unit_id AND s.entity = '{person}'
            AND s.valid_from <= CAST(:as_of AS date) AND (s.valid_to IS NULL OR s.valid_to > CAST(:as_of AS date))))
), handed_told AS (
    SELECT DISTINCT h.unit_id, h.connection_id, v.{person_id} FROM handed h JOIN validated.{person} v
        ON v.claim_unit_id = h.unit_id AND v.connection_id = h.to_connection
    WHERE v.is_present AND v.event <> 'CANCEL'
)"""

"""Whose rows of a unit count: the authority's, and what a former one told that its follower has not told at all.

ops.authority, validated -> conditions on rows (merge.py), CTE `handed` (flag.py)

What does not belong here: when authority passes (flow/authority.py). A follower's silence is no deletion: a school year
that it has never told, or a person, stands as the former authority left it.
"""

import datetime as dt

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, false, func, or_, select, true, union_all

from edu_pipeline.contracts.memory import AUTHORITY, UNIT_EVENT
from edu_pipeline.contracts.tables import VALIDATED
from edu_pipeline.schema import Entity, Scope

# Told as a whole or not at all: classes, who is in them, who works there.
_WHOLE = ("enrollment", "staff_assignment")


def owned(
    entity: Entity, row: FromClause, source: FromClause, as_of: dt.date
) -> tuple[FromClause, ColumnElement[bool]]:
    """Join to the source what says whether a row counts; the condition is true for rows that master takes."""
    # Joins, not subqueries in a condition: a city that changes its vendor has as many rows here as pupils.
    claims = union_all(_owners(entity, as_of), _former(entity, as_of)).subquery("claims")
    claim = (
        select(claims.c.unit_id, claims.c.connection_id, func.bool_or(claims.c.is_owner).label("is_owner"))
        .group_by(claims.c.unit_id, claims.c.connection_id)
        .subquery("claim")
    )
    place, told = _place(entity), _told(entity, as_of).distinct().subquery("told_by_follower")
    source = source.outerjoin(
        claim, and_(claim.c.unit_id == row.c.claim_unit_id, claim.c.connection_id == row.c.connection_id)
    ).outerjoin(
        told,
        and_(
            told.c.unit_id == row.c.claim_unit_id,
            told.c.connection_id == row.c.connection_id,
            *(told.c[name] == row.c[name] for name in place),
        ),
    )
    return source, and_(claim.c.unit_id.is_not(None), or_(claim.c.is_owner, told.c.unit_id.is_(None)))


def _place(entity: Entity) -> tuple[str, ...]:
    """What the follower has to tell before the former's word is over: the unit's year, the person's in it, the person.

    Who is there and who teaches is told as a whole. A mark or an award is not: one that comes says nothing of others'.
    """
    if entity.scope is Scope.UNIT:
        person = [name for name in ("student_id", "staff_id") if name in entity.key and entity.name not in _WHOLE]
        return ("school_year", *person) if entity.is_yearly else ()
    return (entity.identity or entity.key[0],)


def _owners(entity: Entity, as_of: dt.date) -> Select:
    """(unit, connection) of who answers; an authority for the entity goes before one for all."""
    # A unit that has ended keeps its past: whoever answered for it last still does.
    a, own = AUTHORITY, AUTHORITY.alias("own")
    is_named = exists().where(own.c.unit_id == a.c.unit_id, own.c.entity == entity.name, _is_named(own, as_of))
    return select(a.c.unit_id, a.c.connection_id, true().label("is_owner")).where(
        a.c.valid_from <= as_of,
        or_(
            and_(a.c.entity == entity.name, _is_named(a, as_of)),
            and_(a.c.entity == "*", ~is_named, or_(_is_in_force(a, as_of), _is_last(a, as_of))),
        ),
    )


def _is_named(authority: FromClause, as_of: dt.date) -> ColumnElement[bool]:
    """Whether one for an entity alone goes before one for all: it is in force, or was when the unit ended."""
    return or_(_is_in_force(authority, as_of), and_(_is_last(authority, as_of), _ended(authority, as_of, at_end=True)))


def _is_last(authority: FromClause, as_of: dt.date) -> ColumnElement[bool]:
    later = AUTHORITY.alias("later")
    return and_(
        _ended(authority, as_of),
        ~exists().where(
            later.c.unit_id == authority.c.unit_id,
            later.c.entity == authority.c.entity,
            later.c.valid_from > authority.c.valid_from,
        ),
    )


def _ended(authority: FromClause, as_of: dt.date, at_end: bool = False) -> ColumnElement[bool]:
    """Whether the unit has ended; `at_end`: and the authority had lasted until then."""
    ended = UNIT_EVENT.alias("ended")
    lasted = [or_(authority.c.valid_to.is_(None), authority.c.valid_to >= ended.c.on_date)] if at_end else []
    return exists().where(
        ended.c.unit_id == authority.c.unit_id, ended.c.is_end, ended.c.on_date <= as_of, *lasted
    )  # fmt: skip


def _is_in_force(authority: FromClause, as_of: dt.date) -> ColumnElement[bool]:
    return and_(authority.c.valid_from <= as_of, or_(authority.c.valid_to.is_(None), authority.c.valid_to > as_of))


def _former(entity: Entity, as_of: dt.date) -> Select:
    """(unit, connection) of who handed the entity over to another: not of who was only taken out of the site."""
    former, other, is_other = _pair(entity, as_of)
    is_followed = and_(other.c.valid_from <= former.c.valid_to, _outlasts(other, former))
    return select(former.c.unit_id, former.c.connection_id, false().label("is_owner")).where(
        is_other, or_(is_followed, _is_singled_out(entity, former, other))
    )


def _told(entity: Entity, as_of: dt.date) -> Select:
    """(unit, former connection, place) of what has been told by whoever came after."""
    former, other, is_other = _pair(entity, as_of)
    place = _place(entity)
    # Whatever hangs on a person goes with the person.
    name = entity.name if entity.scope is Scope.UNIT else place[0].removesuffix("_id")
    table = VALIDATED[name].alias("told")
    return select(former.c.unit_id, former.c.connection_id, *(table.c[name] for name in place)).where(
        is_other,
        or_(_outlasts(other, former), _is_singled_out(entity, former, other)),
        table.c.claim_unit_id == former.c.unit_id,
        table.c.connection_id == other.c.connection_id,
        table.c.is_present,
        table.c.event != "CANCEL",
        *(table.c[name].is_not(None) for name in place),
    )


def _pair(entity: Entity, as_of: dt.date) -> tuple[FromClause, FromClause, ColumnElement[bool]]:
    """Two connections that both were or are authority for the unit's entity."""
    former, other = AUTHORITY.alias("former"), AUTHORITY.alias("follower")
    names = ("*", entity.name)
    return former, other, and_(
        other.c.unit_id == former.c.unit_id, other.c.connection_id != former.c.connection_id,
        former.c.entity.in_(names), other.c.entity.in_(names), other.c.valid_from <= as_of,
    )  # fmt: skip


def _outlasts(other: FromClause, former: FromClause) -> ColumnElement[bool]:
    return and_(former.c.valid_to.is_not(None), or_(other.c.valid_to.is_(None), other.c.valid_to > former.c.valid_to))


def _is_singled_out(entity: Entity, former: FromClause, other: FromClause) -> ColumnElement[bool]:
    """The former one answers for the unit as before, but for this entity another does."""
    return and_(former.c.entity == "*", other.c.entity == entity.name, other.c.valid_from >= former.c.valid_from,
                or_(former.c.valid_to.is_(None), other.c.valid_from < former.c.valid_to))  # fmt: skip


# A connection that was authority for a unit's persons, or is for other rows, and who answers for them; of a unit that
# has ended, whoever did last. Of its persons, those who are told by somebody that came after. Bind: as_of.
HANDED = """
answering AS (
    SELECT a.unit_id, a.entity, a.connection_id FROM ops.authority a LEFT JOIN ended e USING (unit_id)
    WHERE a.entity IN ('*', '{person}') AND a.valid_from <= CAST(:as_of AS date)
      AND (a.valid_to IS NULL OR a.valid_to > CAST(:as_of AS date) OR a.valid_to >= e.on_date AND NOT EXISTS (
          SELECT FROM ops.authority l WHERE l.unit_id = a.unit_id AND l.entity = a.entity
            AND l.valid_from > a.valid_from))
), handed AS (
    SELECT DISTINCT o.unit_id, o.connection_id, n.connection_id AS to_connection
    FROM ops.authority o JOIN answering n ON n.unit_id = o.unit_id AND n.connection_id <> o.connection_id
    WHERE n.entity = '{person}' OR NOT EXISTS (
        SELECT FROM answering s WHERE s.unit_id = n.unit_id AND s.entity = '{person}')
), span AS (
    SELECT unit_id, connection_id, max(valid_from) AS began FROM ops.authority
    WHERE entity IN ('*', '{person}') AND valid_from <= CAST(:as_of AS date) GROUP BY unit_id, connection_id
), follower AS (
    -- Of several that had the unit one after the other the last one that tells a person has it open.
    SELECT h.unit_id, h.connection_id, f.connection_id AS by_connection
    FROM handed h JOIN span f ON f.unit_id = h.unit_id AND f.connection_id <> h.connection_id
    LEFT JOIN span o ON o.unit_id = h.unit_id AND o.connection_id = h.connection_id
    WHERE f.connection_id = h.to_connection OR f.began > o.began
), reported AS (
    SELECT v.claim_unit_id AS unit_id, v.connection_id, v.source_key, v.{person_id} AS person_id,
           lower(v.full_name) AS name, v.birth_date, v.is_admitted
    FROM (
        SELECT connection_id, source_key, claim_unit_id, {person_id}, full_name, birth_date, true AS is_admitted
        FROM validated.{person} WHERE is_present AND event <> 'CANCEL'
        UNION ALL
        SELECT connection_id, source_key, claim_unit_id, {person_id}, full_name, birth_date, false
        FROM quarantine.{person} WHERE event <> 'CANCEL'
        UNION ALL
        SELECT connection_id, source_key, claim_unit_id, {person_id}, full_name, birth_date, false
        FROM waiting.{person} WHERE event <> 'CANCEL'
    ) v WHERE v.claim_unit_id IN (SELECT unit_id FROM handed)
), handed_told AS (
    -- Root ids that the registry knows are proof. Where one is not, two of root id, name and birth date agree.
    SELECT x.connection_id, x.source_key FROM follower f JOIN reported x USING (unit_id, connection_id)
    JOIN reported t ON t.unit_id = f.unit_id AND t.connection_id = f.by_connection AND t.person_id = x.person_id
    WHERE (x.is_admitted AND t.is_admitted) OR t.name = x.name OR t.birth_date = x.birth_date
    UNION
    SELECT x.connection_id, x.source_key FROM follower f JOIN reported x USING (unit_id, connection_id)
    JOIN reported t ON t.unit_id = f.unit_id AND t.connection_id = f.by_connection AND t.name = x.name
        AND t.birth_date = x.birth_date
    LEFT JOIN reported namesake ON namesake.unit_id = x.unit_id AND namesake.connection_id = x.connection_id
        AND namesake.person_id = t.person_id AND namesake.is_admitted AND t.is_admitted
        AND namesake.source_key <> x.source_key
    WHERE NOT (x.is_admitted AND t.is_admitted) AND namesake.source_key IS NULL
    UNION -- or who has a place in another unit by now
    SELECT v.connection_id, v.source_key FROM handed h JOIN validated.{person} v
        ON v.claim_unit_id = h.unit_id AND v.connection_id = h.connection_id
    JOIN placed p ON p.person_id = v.{person_id} AND p.unit_id <> h.unit_id
)"""

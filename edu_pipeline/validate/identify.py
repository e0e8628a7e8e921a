"""Which root identity a row is about: the one that it tells and that agrees, or the one that a steward accepted for it.

row, validated identities, identity.alias -> joined identity, whether the registry agrees

What does not belong here: whom a row may be about that agrees with nobody (the room of identities).
"""

from sqlalchemy import Boolean, ColumnElement, FromClause, and_, case, func, literal_column, or_, true
from sqlalchemy.sql.selectable import CTE

from edu_pipeline.contracts.identity import ALIAS, is_as_accepted
from edu_pipeline.contracts.tables import VALIDATED
from edu_pipeline.schema import Entity


def identity(
    entity: Entity, source: FromClause, row: CTE, columns: dict[str, ColumnElement]
) -> tuple[FromClause, ColumnElement[bool]]:
    """Join the root identity of the row's person; true where the registry knows it, and agrees on who that is.

    A steward's word (an alias) stands for the agreement, and for the id, as long as the record says what it said then.
    """
    own = next((r.fields[0] for r in entity.references if r.entity == "identity"), None)
    if own is None:
        return source, true()
    told: ColumnElement = row.c[own]
    if entity.identity:
        source, accepted = _accepted(entity, source, row, own)
        columns[own] = told = func.coalesce(accepted, told)
    root = VALIDATED["identity"].alias("root")
    same = and_(
        root.c.identity_id == told,
        root.c.person_kind == own.removesuffix("_id"),
        root.c.is_present,
    )
    if entity.identity:
        same = and_(same, or_(accepted.is_not(None), _is_same_person(root, row)))
    return source.outerjoin(root, same), root.c.identity_id.is_not(None)


def _accepted(entity: Entity, source: FromClause, row: CTE, own: str) -> tuple[FromClause, ColumnElement]:
    """The identity that a steward accepted for the record, empty where there is none or the record has changed."""
    alias = ALIAS.alias("accepted")
    stands = and_(
        alias.c.connection_id == row.c.connection_id,
        alias.c.entity == entity.name,
        alias.c.source_key == row.c.source_key,
        alias.c.basis == "accepted",
        alias.c.valid_to.is_(None),
    )
    # A hash of each row of a city would be the night's longest wait: only a row that has an alias is looked at.
    says_so = literal_column(is_as_accepted(row.name, own, "accepted"), Boolean)
    return source.outerjoin(alias, stands), case((and_(alias.c.alias_id.is_not(None), says_so), alias.c.identity_id))


def _is_same_person(root: FromClause, row: CTE) -> ColumnElement[bool]:
    return and_(
        # One of the two may know a part of the date only; what both know must agree.
        or_(
            func.starts_with(root.c.birth_date, row.c.birth_date),
            func.starts_with(row.c.birth_date, root.c.birth_date),
        ),
        func.lower(root.c.full_name) == func.lower(row.c.full_name),
    )

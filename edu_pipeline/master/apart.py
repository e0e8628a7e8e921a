"""What came of a record that was split from the identity it had been accepted for: it does not stay with a stranger.

identity.alias (split), validated -> which master rows may leave (merge.py)

What does not belong here: the split itself (flow/identity.py). Who is rolled over stays: a year is built on them.
"""

from sqlalchemy import ColumnElement, FromClause, and_, exists, not_

from edu_pipeline.contracts.identity import ALIAS
from edu_pipeline.contracts.tables import VALIDATED
from edu_pipeline.contracts.year import ENROLLMENT, STAFF_ASSIGNMENT
from edu_pipeline.schema import Entity, Reference

_ROLLED = {"student": ENROLLMENT, "staff": STAFF_ASSIGNMENT}


def person(entity: Entity, old: FromClause) -> ColumnElement[bool]:
    """True for a person of master whose row came of a record that was split from it."""
    own, split, rolled = entity.identity or "", ALIAS.alias("split"), _ROLLED[entity.name].alias("rolled")
    came = exists().where(
        split.c.ended_by == "split",
        split.c.entity == entity.name,
        split.c.connection_id == old.c.connection_id,
        split.c.source_key == old.c.source_key,
        split.c.identity_id == old.c[own],
    )
    return and_(came, not_(exists().where(rolled.c[own] == old.c[own])))


def belonging(entity: Entity, reference: Reference, old: FromClause) -> ColumnElement[bool]:
    """True for what hangs on a person by the key of a record that was split from it."""
    split, row, (name,) = ALIAS.alias("split"), VALIDATED[entity.name].alias("hung"), reference.fields
    return exists().where(
        split.c.ended_by == "split",
        split.c.entity == reference.entity,
        split.c.identity_id == old.c[name],
        row.c.connection_id == old.c.connection_id,
        row.c.source_key == old.c.source_key,
        split.c.connection_id == row.c.connection_id,
        split.c.ref_key == row.c[reference.key or ""],
    )

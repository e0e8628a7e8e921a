"""A key that is used again for another person: what hangs on the key would go over to whom it never was about.

row, validated row of the same key -> whether the key means somebody else by now

What does not belong here: whether a person agrees with the registry (resolve.py), what becomes of the row (isolate.py).
"""

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_

from edu_pipeline.contracts.rules import Columns
from edu_pipeline.contracts.tables import VALIDATED
from edu_pipeline.schema import Entity
from edu_pipeline.validate.resolve import Scope

CHECK = "reused"


def is_reused(entity: Entity, scope: Scope, columns: Columns) -> ColumnElement[bool]:
    """Whether the admitted row of the key is of another person: another root id, and another name or birth date.

    Where the root id alone differs, the person was given a new one. A key whose record is cancelled or gone is free.
    """
    if entity.identity is None:
        return false()
    former = VALIDATED[entity.name].alias("former")
    is_same = and_(
        func.lower(former.c.full_name) == func.lower(columns.full_name),
        # As with the registry's: one of the two may know a part of the date only.
        or_(
            func.starts_with(former.c.birth_date, columns.birth_date),
            func.starts_with(columns.birth_date, former.c.birth_date),
        ),
    )
    return exists().where(
        former.c.connection_id == scope.connection_id,
        former.c.source_key == columns.source_key,
        former.c.is_present,
        former.c.event != "CANCEL",
        former.c[entity.identity] != columns[entity.identity],
        not_(is_same),
    )

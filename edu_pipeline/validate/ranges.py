"""Units whose first load is too small or too large to be true: absolute ranges, where there is nothing to compare with.

validated.<entity>_change, validated.<entity>, FirstLoad -> (unit, rows, what is outside) -> held rows

What does not belong here: comparing with what stood before (volume.py), who may let it through (flow/allowance.py).
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import TextClause, Update, text, update

from edu_pipeline.contracts.tables import VALIDATED_CHANGE
from edu_pipeline.schema import Entity
from edu_pipeline.sources.first import FirstLoad
from edu_pipeline.validate.resolve import Scope

RANGE = "range"
# By entity: what a unit's active rows are called, and by what they are divided.
RANGED = {"enrollment": ("pupils", "class_code"), "staff_assignment": ("staff", "''")}

_OUTSIDE = """
WITH row AS (
    SELECT claim_unit_id, school_year, {part} AS part FROM validated.{name}_change
    WHERE batch_id = :batch AND connection_id = :connection AND disposition = 'admitted' AND event <> 'CANCEL'
      AND coalesce(status, :active) = :active AND end_date IS NULL
    UNION ALL
    SELECT claim_unit_id, school_year, {part} FROM validated.{name} v
    WHERE connection_id = :connection AND is_present AND event <> 'CANCEL'
      AND coalesce(status, :active) = :active AND end_date IS NULL
      AND NOT EXISTS (SELECT FROM validated.{name}_change c WHERE c.batch_id = :batch
                      AND c.connection_id = v.connection_id AND c.source_key = v.source_key)
), part AS (
    SELECT claim_unit_id, school_year, part, count(*) AS n FROM row
    WHERE claim_unit_id = ANY(:units) GROUP BY claim_unit_id, school_year, part
), unit AS (
    SELECT claim_unit_id AS unit_id, sum(n) AS n, min(n) AS least, max(n) AS most FROM part
    GROUP BY claim_unit_id, school_year
), said AS (
    SELECT unit_id, n, CASE WHEN n NOT BETWEEN :least AND :most THEN '{what}' END AS many,
           CASE WHEN unit.least < :part_least OR unit.most > :part_most THEN 'class_size' END AS size FROM unit
)
SELECT unit_id, sum(n) AS rows, concat_ws(', ', max(many), max(size)) AS said FROM said
WHERE many IS NOT NULL OR size IS NOT NULL GROUP BY unit_id ORDER BY unit_id"""


def outside(
    entity: Entity, scope: Scope, first: FirstLoad, units: Collection[str]
) -> tuple[TextClause, dict[str, Any]]:
    """Query of (unit_id, rows, said) of units with a year of fewer or more active rows than can be, and its binds."""
    what, part = RANGED[entity.name]
    within = first.class_size if what == "pupils" else first.staff
    least, most = first.pupils if what == "pupils" else first.staff
    binds = {"batch": scope.batch_id, "connection": scope.connection_id, "units": list(units), "least": least,
             "most": most, "part_least": within[0], "part_most": within[1],
             "active": entity.field("status").default}  # fmt: skip
    return text(_OUTSIDE.format(name=entity.name, part=part, what=what)), binds


def hold(entity: Entity, scope: Scope, units: Collection[str]) -> Update:
    """UPDATE that holds what would be admitted of units."""
    change = VALIDATED_CHANGE[entity.name]
    return (
        update(change)
        .where(
            change.c.batch_id == scope.batch_id,
            change.c.connection_id == scope.connection_id,
            change.c.disposition == "admitted",
            change.c.action != "none",
            change.c.claim_unit_id.in_(units),
        )
        .values(disposition="held")
    )

"""Units whose first load is too small or too large to be true: absolute ranges, where there is nothing to compare with.

validated.<entity>_change, validated.<entity>, FirstLoad -> (unit, rows, people) -> held rows

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
# By entity: what a unit's active rows are called, who is counted, and by what they are divided.
RANGED = {"enrollment": ("pupils", "student_key", "class_code"), "staff_assignment": ("staff", "staff_key", "''")}

# `rows` is what would be let in tonight, `known` how many the unit would stand with: where nothing new comes, nobody is
# asked.
_OUTSIDE = """
WITH fresh AS (
    SELECT * FROM validated.{name}_change
    WHERE batch_id = :batch AND connection_id = :connection AND claim_unit_id = ANY(:units)
), row AS (
    SELECT claim_unit_id, school_year, {who} AS who, {part} AS part FROM fresh
    WHERE disposition = 'admitted' AND event <> 'CANCEL' AND coalesce(status, :active) = :active AND end_date IS NULL
    UNION ALL
    SELECT claim_unit_id, school_year, {who}, {part} FROM validated.{name} v
    WHERE connection_id = :connection AND is_present AND event <> 'CANCEL' AND claim_unit_id = ANY(:units)
      AND coalesce(status, :active) = :active AND end_date IS NULL
      AND NOT EXISTS (SELECT FROM fresh c WHERE c.source_key = v.source_key)
), part AS (
    SELECT claim_unit_id, school_year, part, count(DISTINCT who) AS n FROM row
    GROUP BY claim_unit_id, school_year, part
), unit AS (
    SELECT claim_unit_id AS unit_id, sum(n) AS n FROM part GROUP BY claim_unit_id, school_year
    HAVING sum(n) NOT BETWEEN :least AND :most OR min(n) < :part_least OR max(n) > :part_most
), coming AS (
    SELECT claim_unit_id AS unit_id, count(*) AS rows FROM fresh
    WHERE disposition = 'admitted' AND action <> 'none' AND event <> 'CANCEL' GROUP BY claim_unit_id
)
SELECT unit_id, max(rows) AS rows, CAST(max(n) AS bigint) AS known FROM unit JOIN coming USING (unit_id)
GROUP BY unit_id ORDER BY unit_id"""


def outside(
    entity: Entity, scope: Scope, first: FirstLoad, units: Collection[str]
) -> tuple[TextClause, dict[str, Any]]:
    """Query of (unit_id, rows, known) of units with a year of fewer or more people than can be, and its binds."""
    what, who, part = RANGED[entity.name]
    within = first.class_size if what == "pupils" else first.staff
    least, most = first.pupils if what == "pupils" else first.staff
    binds = {"batch": scope.batch_id, "connection": scope.connection_id, "units": list(units), "least": least,
             "most": most, "part_least": within[0], "part_most": within[1],
             "active": entity.field("status").default}  # fmt: skip
    return text(_OUTSIDE.format(name=entity.name, who=who, part=part)), binds


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
            change.c.event != "CANCEL",
            change.c.claim_unit_id.in_(units),
        )
        .values(disposition="held")
    )

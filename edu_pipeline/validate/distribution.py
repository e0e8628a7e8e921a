"""How far a night moves the shares of a code in a unit: what is admitted against what stands of the same connection.

validated.<entity>_change, validated.<entity> -> (unit, field, shift) -> held rows, one figure a field for the gate

What does not belong here: changes row by row (volume.py, which additions and our own mappings pass), who may let it
through (flow/allowance.py).
"""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnClause, Float, ScalarSelect, TextClause, column, func, select, text

from edu_pipeline.contracts.limits import ENOUGH_ROWS
from edu_pipeline.schema import Entity
from edu_pipeline.validate.resolve import Scope

DISTRIBUTION = "distribution"

# By how much of the whole the share of a code may move in a night. A unit that grows by more than half is being filled,
# and is not judged; growth below that moves a share by a third at most, and a fourth of a school never changes sides
# between boys and girls. Not `status`: in summer, and when a unit ends, it rightly goes from all to none.
BOUNDS: Mapping[str, float] = {"sex": 0.25, "grade_level": 0.5}
GROWTH = 1.5


def judged(entity: Entity) -> tuple[str, ...]:
    """Fields of an entity whose distribution is judged: those that say who or where somebody is, and are codes."""
    return tuple(name for name in BOUNDS if name in entity.field_names and entity.name != "identity")


def _shifts(entity: Entity, field: str) -> str:
    """SQL of (unit_id, shift). Who leaves unit or year counts neither before nor after: removals are landing's."""
    year = "school_year" if entity.is_yearly else "0"
    return f"""
    WITH fresh AS MATERIALIZED (
        SELECT source_key, claim_unit_id AS unit_id, {year} AS year, {field} AS code,
               disposition = 'admitted' AND event <> 'CANCEL' AS stays
        FROM validated.{entity.name}_change
        WHERE batch_id = :batch AND connection_id = :connection AND disposition IN ('admitted', 'removed')
          AND action <> 'none'
    ), known AS (
        SELECT source_key, claim_unit_id AS unit_id, {year} AS year, {field} AS code FROM validated.{entity.name}
        WHERE connection_id = :connection AND is_present AND event <> 'CANCEL'
          AND claim_unit_id IN (SELECT unit_id FROM fresh)
    ), counted AS (
        SELECT unit_id, year, code, sum(was) AS was, sum(is_now) AS is_now FROM (
            SELECT k.unit_id, k.year, k.code, 1 AS was, CASE WHEN f.source_key IS NULL THEN 1 ELSE 0 END AS is_now
            FROM known k LEFT JOIN fresh f USING (source_key)
            WHERE f.source_key IS NULL OR f.stays AND (f.unit_id, f.year) = (k.unit_id, k.year)
            UNION ALL SELECT unit_id, year, code, 0, 1 FROM fresh WHERE stays) one
        GROUP BY unit_id, year, code
    ), shared AS (
        SELECT *, sum(was) OVER w AS all_were, sum(is_now) OVER w AS all_are FROM counted
        WINDOW w AS (PARTITION BY unit_id, year)
    )
    SELECT unit_id, CAST(max(abs(was / all_were - is_now / all_are)) AS double precision) AS shift FROM shared
    WHERE all_were >= {ENOUGH_ROWS} AND all_are >= {ENOUGH_ROWS} AND all_are <= {GROWTH} * all_were
      AND unit_id <> ALL (CAST(:let AS text[])) AND code IS NOT NULL
    GROUP BY unit_id"""


def _bound(query: str, scope: Scope, let: Collection[str]) -> TextClause:
    said = {"batch": scope.batch_id, "connection": scope.connection_id, "let": f"{{{','.join(sorted(let))}}}"}
    return text(query).bindparams(**said)


def shifted(entity: Entity, scope: Scope, let: Collection[str]) -> TextClause:
    """Query of (unit_id, rows) of units whose shares move too far; `let`: units that somebody has answered for."""
    beyond = " UNION ".join(
        f"SELECT unit_id FROM ({_shifts(entity, name)}) s WHERE shift > {BOUNDS[name]}" for name in judged(entity)
    )
    query = f"""
    SELECT claim_unit_id AS unit_id, count(*) AS rows FROM validated.{entity.name}_change
    WHERE batch_id = :batch AND connection_id = :connection AND disposition = 'admitted' AND action <> 'none'
      AND event <> 'CANCEL' AND claim_unit_id IN ({beyond})
    GROUP BY claim_unit_id ORDER BY claim_unit_id"""
    return _bound(query, scope, let)


def farthest(entity: Entity, field: str, scope: Scope, let: Collection[str]) -> ScalarSelect:
    """By how far the shares of a field move where they move most; empty where nothing can be compared."""
    shift: ColumnClause[float] = column("shift", Float)
    found = _bound(_shifts(entity, field), scope, let).columns(column("unit_id"), shift).subquery(f"{field}_shifts")
    return select(func.max(found.c.shift)).scalar_subquery()

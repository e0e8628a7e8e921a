"""Has the connection that should answer for a unit told it? Only then does authority pass (authority.py).

ops.scope, ops.hold, validated, master, the season's limits -> what is lacking, in words

What does not belong here: changing anything. One query for all units of a move: a vendor may change for a whole city.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow import calendar as seasons
from edu_pipeline.sources.calendar import Calendar
from edu_pipeline.sources.link import PLACES


@dataclass(frozen=True)
class Move:
    """A unit's entity that another connection should answer for, and from when what that one tells counts."""

    unit: str
    entity: str
    former: str
    to: str
    key: str
    since: dt.date
    missing: int

    @property
    def where(self) -> str:
        return f"{self.to} {self.unit}" + ("" if self.entity == "*" else f" {self.entity}")


def judged(
    database: Database, calendar: Calendar, as_of: dt.date, moves: Sequence[Move]
) -> Iterator[tuple[Move, str | None]]:
    """What each move of one entity lacks yet; None: it may pass."""
    entity = PLACES if moves[0].entity == "*" else moves[0].entity
    binds = {"units": [m.unit for m in moves], "connections": [m.to for m in moves], "entity": entity,
             "since": [m.since for m in moves], "former": [m.former for m in moves]}  # fmt: skip
    seen = {row.unit_id: row for row in database.execute(text(_SEEN.format(entity=entity)), binds)}
    lost = {}
    if entity == PLACES:
        lost = {row.unit_id: row for row in database.execute(text(_LOST), {**binds, "as_of": as_of})}
    city, units = calendar.removals(as_of), seasons.removals(database, calendar, as_of)
    for move in moves:
        yield move, _lacks(move, seen.get(move.unit), lost.get(move.unit), units.get(move.unit, city))


def _lacks(move: Move, seen: Any, lost: Any, limits: Any) -> str | None:
    if seen is None or not seen.is_read:
        return f"{move.to} has not told it since {move.since}"
    if not seen.is_complete:
        return f"{move.to} has not told the whole of it"
    if seen.is_held:
        return f"what {move.to} tells of it is held"
    if not seen.is_admitted:
        return f"nothing that {move.to} tells of it is admitted"
    if lost and lost.missing > max(limits.rows, move.missing) and lost.missing > limits.share * lost.known:
        return f"{move.to} misses {lost.missing} of its {lost.known} pupils: see `missing` of the link"
    return None


_MOVE = """
move AS (SELECT unnest(CAST(:units AS text[])) AS unit_id, unnest(CAST(:connections AS text[])) AS connection_id,
                unnest(CAST(:former AS text[])) AS former, unnest(CAST(:since AS date[])) AS since)"""

# A unit is told as a whole when the newest reading of each resource and year is complete, and the entity is among them.
_SEEN = (
    f"WITH {_MOVE}"
    """, batch AS (
    SELECT m.unit_id, b.batch_id FROM move m JOIN ops.batch b ON b.connection_id = m.connection_id
        AND b.as_of >= m.since AND b.status IN ('admitted', 'merged')
), said AS (
    -- A reading of the unit, or of all units. Two joins: one on either would meet each unit with every other's reading.
    SELECT b.unit_id, s.resource, s.school_year, s.entity, s.is_complete, s.batch_id
    FROM batch b JOIN ops.scope s ON s.batch_id = b.batch_id AND s.unit_id = b.unit_id WHERE s.since IS NULL
    UNION ALL
    SELECT b.unit_id, s.resource, s.school_year, s.entity, s.is_complete, s.batch_id
    FROM batch b JOIN ops.scope s ON s.batch_id = b.batch_id WHERE s.unit_id = '' AND s.since IS NULL
), reading AS (
    SELECT DISTINCT ON (unit_id, resource, school_year) unit_id, entity, is_complete
    FROM said ORDER BY unit_id, resource, school_year, batch_id DESC
), live AS (SELECT connection_id, claim_unit_id FROM validated.{entity} WHERE is_present AND event <> 'CANCEL'
            AND claim_unit_id = ANY(:units) GROUP BY 1, 2)
SELECT m.unit_id, bool_or(r.entity = :entity) IS TRUE AS is_read, bool_and(r.is_complete) AS is_complete,
       EXISTS (SELECT FROM ops.hold h WHERE h.connection_id = m.connection_id AND h.unit_id IN (m.unit_id, '')
               AND h.closed_at IS NULL) AS is_held,
       EXISTS (SELECT FROM live v WHERE (v.connection_id, v.claim_unit_id) = (m.connection_id, m.unit_id))
       -- Of an office nobody tells a pupil.
       OR NOT EXISTS (SELECT FROM live v WHERE (v.connection_id, v.claim_unit_id) = (m.former, m.unit_id))
         AS is_admitted
FROM move m LEFT JOIN reading r USING (unit_id) GROUP BY m.unit_id, m.connection_id, m.former"""
)

# Pupils whom the register has in the unit and whom the new system does not tell, in the years that it tells at all.
_LOST = (
    f"WITH {_MOVE}"
    """, told AS (
    -- Who is told to have left is missing too: a whole school that has is a mistake of the move.
    SELECT m.unit_id, v.school_year, v.student_id,
           bool_or(coalesce(v.status, 'active') = 'active' AND (v.end_date IS NULL OR v.end_date >= :as_of)) AS is_there
    FROM move m JOIN validated.enrollment v ON v.claim_unit_id = m.unit_id AND v.connection_id = m.connection_id
    WHERE v.is_present AND v.event <> 'CANCEL' GROUP BY m.unit_id, v.school_year, v.student_id)
SELECT e.unit_id, count(*) AS known, count(*) FILTER (WHERE t.is_there IS NOT TRUE) AS missing
FROM move m JOIN master.enrollment e USING (unit_id)
JOIN ops.unit_year y ON y.unit_id = e.unit_id AND y.school_year = e.school_year AND y.state IN ('open', 'closing')
LEFT JOIN told t ON (t.unit_id, t.school_year, t.student_id) = (e.unit_id, e.school_year, e.student_id)
WHERE e.status = 'active' AND e.kind = 'primary' AND (e.end_date IS NULL OR e.end_date >= :as_of)
  AND EXISTS (SELECT FROM told k WHERE k.unit_id = e.unit_id AND k.school_year = e.school_year)
GROUP BY e.unit_id"""
)

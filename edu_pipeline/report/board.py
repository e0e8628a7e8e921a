"""The status board of a rollover: units of the year, and what the rows of it sum up to.

ops.unit_year, rollover.plan -> UNITS; rows of the board -> sums by district, the city's last

What does not belong here: what state a unit is in (flow/board.py).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

STATES = ("not ready", "ready", "planned", "refused", "approved", "applied", "reconciled", "undone")

UNITS = """
SELECT u.unit_id, m.name, coalesce(m.parent_unit_id, '') AS district
FROM (SELECT unit_id FROM ops.unit_year WHERE school_year = :year AND state <> 'future'
      UNION SELECT unit_id FROM rollover.plan WHERE from_year = :year) u
LEFT JOIN master.unit m USING (unit_id)
WHERE CAST(:district AS text) IS NULL OR m.parent_unit_id = :district ORDER BY u.unit_id"""


def summed(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row a district, by state, and the city's as the last."""
    districts = sorted({row["district"] for row in rows})
    found = [_sum(district or "none", [r for r in rows if r["district"] == district]) for district in districts]
    return [*found, _sum("city", rows)]


def _sum(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    states = Counter(row["state"] for row in rows)
    return {"district": name, "units": len(rows), **{state: states[state] for state in STATES},
            "open": sum(row["open"] for row in rows), "late": sum(row["is_late"] for row in rows),
            "deadline": max((row["deadline"] for row in rows), default=None)}  # fmt: skip

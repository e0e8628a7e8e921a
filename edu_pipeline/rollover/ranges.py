"""Are a unit's decisions within what is believed of its level? A school that retains a third of its pupils is asked.

plan_line -> plan_share; declared ranges, the unit's own plan of the year before -> shares outside -> plan refused

What does not belong here: the ranges themselves (the site's rollover.yaml), that everybody is there (check.py).
Binds: `plans` (bigint[]), `ranges` (jsonb: a list of Range).
"""

import json
from collections.abc import Iterable
from typing import TypedDict

from sqlalchemy import BindParameter, Text, bindparam

from edu_pipeline.schema.ladder import LEVELS

RULE = "share_in_range"


class Range(TypedDict):
    """Between which shares a decision is believed of a unit's pupils of a level; `rows`: below how many nobody asks.

    Without a unit it counts for all that have none of their own.
    """

    unit_id: str | None
    level: str
    decision: str
    minimum: float
    maximum: float
    rows: int
    history: float


_LEVEL = " ".join(f"WHEN {grade} THEN '{level}'" for level, grades in LEVELS.items() for grade in grades)
# Where a unit ends by decision, everybody leaves it: that is no share to believe or not.
_ENDS = """r.decision = 'transferred_out' AND EXISTS (
        SELECT FROM ops.unit_event e JOIN master.school_year y ON y.school_year = t.from_year + 1
        WHERE e.unit_id = t.unit_id AND e.is_end AND e.on_date <= y.begin_date)"""
# A level that the unit did not have has nothing but arrivals.
_HAD = """t.kind = 'closing' OR EXISTS (
        SELECT FROM counted h WHERE (h.plan_id, h.kind, h.level) = (t.plan_id, 'closing', t.level))"""
# Nor is its first year, in which all arrived, a year to compare the second one with.
_HAD_THEN = """r.kind = 'closing' OR EXISTS (
        SELECT FROM former h WHERE (h.plan_id, h.kind, h.level) = (r.plan_id, 'closing', r.level))"""
# Who goes on is counted where the year closes; an opening is asked about only if it arrives.
_ARRIVALS = "('accepted', 'intake', 'returned')"

_FORMER = """(p.status = 'applied' AND (p.unit_id, p.from_year + 1) IN
         (SELECT unit_id, from_year FROM rollover.plan WHERE plan_id = ANY(:plans)))"""

# Every line of the plans, and of their units' plans of the year before, in one pass: by kind, level and decision.
COUNT = f"""
INSERT INTO rollover.plan_share (plan_id, unit_id, from_year, kind, level, decision, count)
SELECT l.plan_id, p.unit_id, p.from_year, l.kind, coalesce(g.level, ''), l.decision, count(*)
FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
LEFT JOIN master.unit u ON u.unit_id = p.unit_id
CROSS JOIN LATERAL (SELECT CASE WHEN u.unit_kind = 'continuing_education' THEN 'continuing' ELSE
    CASE CASE l.kind WHEN 'closing' THEN l.from_grade ELSE l.to_grade END {_LEVEL} END END AS level) g
WHERE (p.plan_id = ANY(:plans) OR {_FORMER})
  AND NOT EXISTS (SELECT FROM rollover.plan_share s WHERE s.plan_id = p.plan_id)
GROUP BY l.plan_id, p.unit_id, p.from_year, l.kind, g.level, l.decision"""

_SHARES = """
    SELECT *, sum(count) OVER (PARTITION BY plan_id, kind, level) AS total FROM rollover.plan_share p
    WHERE level <> '' AND (kind = 'closing' OR kind = 'opening' AND decision <> 'pending')"""

OUTSIDE = f"""
WITH counted AS ({_SHARES} AND plan_id = ANY(:plans)
), former AS ({_SHARES} AND plan_id IN (SELECT plan_id FROM rollover.plan p WHERE {_FORMER})
), believed AS (
    SELECT *, CASE WHEN decision IN {_ARRIVALS} THEN 'opening' ELSE 'closing' END AS kind
    FROM jsonb_to_recordset(CAST(:ranges AS jsonb)) AS r(unit_id text, level text, decision text,
        minimum float, maximum float, rows int, history float)
), share AS (
    SELECT t.plan_id, t.unit_id, t.level, r.decision, t.total, coalesce(s.count, 0) AS count, r.minimum, r.maximum,
           r.history, coalesce(s.count, 0)::float / t.total AS share,
           CASE WHEN b.total >= r.rows THEN coalesce(f.count, 0)::float / b.total END AS before
    FROM (SELECT DISTINCT plan_id, unit_id, from_year, kind, level, total FROM counted) t
    JOIN believed r ON (r.level, r.kind) = (t.level, t.kind) AND CASE WHEN r.unit_id IS NULL
        THEN NOT EXISTS (SELECT FROM believed x
                         WHERE (x.unit_id, x.level, x.decision) = (t.unit_id, r.level, r.decision))
        ELSE r.unit_id = t.unit_id END
    LEFT JOIN counted s ON (s.plan_id, s.kind, s.level, s.decision) = (t.plan_id, t.kind, t.level, r.decision)
    LEFT JOIN (SELECT DISTINCT unit_id, from_year, kind, level, total FROM former r WHERE {_HAD_THEN}) b
        ON (b.unit_id, b.from_year + 1, b.kind, b.level) = (t.unit_id, t.from_year, t.kind, t.level)
    LEFT JOIN former f ON (f.unit_id, f.from_year, f.kind, f.level, f.decision)
        = (b.unit_id, b.from_year, b.kind, b.level, r.decision)
    WHERE t.total >= r.rows AND NOT ({_ENDS}) AND ({_HAD})
)
SELECT plan_id, unit_id, level, decision, count, total, round((100 * share)::numeric, 1) AS pct,
       CASE WHEN before IS NULL THEN round((100 * minimum)::numeric) || ' to ' || round((100 * maximum)::numeric)
                || ' are believed'
            ELSE 'it was ' || round((100 * before)::numeric, 1) || ' the year before' END AS believed
FROM share
WHERE CASE WHEN before IS NULL THEN share NOT BETWEEN minimum AND maximum ELSE abs(share - before) > history END"""

# plan_id, fault: which shares of a plan are outside, in words
FAULTS = f"""
SELECT plan_id, '{RULE}: ' || string_agg(decision || ' ' || count || ' of ' || total || ' in ' || level || ', ' || pct
    || ' percent, ' || believed, ', ' ORDER BY level, decision) AS fault
FROM ({OUTSIDE}) outside GROUP BY plan_id"""


def ranges_bind(ranges: Iterable[Range]) -> BindParameter:
    """The bind `ranges` of a relation that the gate reads."""
    return bindparam("ranges", json.dumps(list(ranges)), Text)

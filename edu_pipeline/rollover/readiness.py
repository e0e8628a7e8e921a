"""May a unit's plan be approved? What is known of the unit, and every reason against it.

unit_year, snapshot, result, scope, plan_line -> FACTS, one row a unit -> reasons against it, by the unit's rules

What does not belong here: whether the plan adds up (check.py), who approves (approve.py).
Binds: `units` (text[]), `year`, `plans` (bigint[], the units' newest), `tellers` (connections that tell results).
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from edu_pipeline.rollover.exceptions import OPEN
from edu_pipeline.schema.ladder import LEVELS
from edu_pipeline.sources.policy import Rules

# Preschool knows no year-end result; whoever came with an event is told under the codes that went up in the unit.
FACTS = f"""
WITH unit AS (SELECT unit_id FROM unnest(CAST(:units AS text[])) AS u(unit_id)),
told_as AS (
    SELECT unit_id, unit_id AS code FROM unit
    UNION SELECT s.to_unit, s.from_unit FROM ops.unit_successor s JOIN unit u ON u.unit_id = s.to_unit
), teller AS (
    SELECT unit_id, max(connection_id) AS connection_id FROM ops.authority
    WHERE entity = '*' AND valid_to IS NULL GROUP BY unit_id
), reading AS (
    SELECT t.unit_id, max(b.as_of) AS read_on
    FROM told_as t JOIN teller a USING (unit_id)
    JOIN ops.scope s ON s.connection_id = a.connection_id AND s.unit_id IN (t.code, '') AND s.entity = 'enrollment'
        AND s.since IS NULL AND s.is_complete
    JOIN ops.batch b ON b.batch_id = s.batch_id AND b.status = 'merged'
    GROUP BY t.unit_id
), due AS (
    SELECT s.unit_id, count(*) AS due_count, count(r.student_id) AS told_count
    FROM rollover.snapshot_student s JOIN unit USING (unit_id)
    LEFT JOIN (SELECT DISTINCT unit_id, student_id FROM master.result
               WHERE school_year = :year AND stage = 'CN' AND outcome IS NOT NULL) r USING (unit_id, student_id)
    WHERE s.school_year = :year AND s.grade_level <> ALL (ARRAY{list(LEVELS["preschool"])})
    GROUP BY s.unit_id
), open AS (
    SELECT p.unit_id, coalesce(o.persons, 0) AS open_count
    FROM rollover.plan p LEFT JOIN ({OPEN}) o USING (plan_id) WHERE p.plan_id = ANY(:plans)
)
SELECT u.unit_id, y.state, s.unit_id IS NOT NULL AS is_closed, a.unit_id IS NOT NULL AS is_answered_for, g.read_on,
       a.connection_id = ANY(:tellers) AS tells_results, coalesce(d.due_count, 0) AS due_count,
       coalesce(d.told_count, 0) AS told_count, coalesce(s.student_count + s.open_count, 0) AS active_count,
       coalesce(o.open_count, s.open_count, 0) AS open_count,
       EXISTS (SELECT FROM ops.unit_successor m WHERE m.to_unit = u.unit_id) AS is_taker
FROM unit u
LEFT JOIN ops.unit_year y ON y.unit_id = u.unit_id AND y.school_year = :year
LEFT JOIN rollover.snapshot s ON s.unit_id = u.unit_id AND s.school_year = :year
LEFT JOIN teller a ON a.unit_id = u.unit_id
LEFT JOIN reading g ON g.unit_id = u.unit_id
LEFT JOIN due d ON d.unit_id = u.unit_id
LEFT JOIN open o ON o.unit_id = u.unit_id
"""


def reasons(fact: Any, rules: Rules, day: dt.date) -> Iterator[str]:
    """Every reason why the plan of a unit may not be approved on a day; none if it is ready."""
    # A unit that an event made has no year of its own to close.
    if fact.state not in ("closing", "closed") and not (fact.state in (None, "future") and fact.is_taker):
        yield f"its year is {fact.state or 'future'}, not closed: `edu-pipeline year close`"
    if fact.tells_results and fact.told_count < rules.results_share * fact.due_count:
        yield f"year-end results of {fact.told_count} of {fact.due_count} pupils are in"
    # Nobody reads a unit that has ended: what it closed with is in its snapshot.
    if fact.is_answered_for:
        if fact.read_on is None:
            yield "it was never read as a whole: `edu-pipeline pull`"
        elif (age := (day - fact.read_on).days) > rules.fresh_days:
            yield f"it was last read as a whole on {fact.read_on}, {age} days ago: `edu-pipeline pull`"
    if fact.open_count > max(rules.open_rows, rules.open_share * fact.active_count):
        yield f"{fact.open_count} of {fact.active_count} pupils are open"

"""What a morning asks of the database: publications, open holds, new quarantine, approvals that end, late units.

ops, quarantine, quality.exemption, rollover.plan -> rows of counts, codes and dates

What does not belong here: the site's decisions and the calendar (flow/today.py), records one by one (explain.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from edu_pipeline.contracts.waiver import REJECTED
from edu_pipeline.schema import PULLED

# The newest first: what is new, is new since the one before it.
PUBLICATIONS = """
SELECT batch_id, status, as_of, finished_at FROM ops.batch
WHERE connection_id = 'city' AND mapping = '-' ORDER BY batch_id DESC LIMIT 2"""

UNMERGED = "SELECT count(*) AS batches FROM ops.batch WHERE status = 'admitted'"

HOLDS = """
SELECT hold_id, room, connection_id, unit_id, entity, rule, row_count, owner, answer,
       coalesce(asked_on, CAST(opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)) AS asked_on
FROM ops.hold WHERE closed_at IS NULL ORDER BY hold_id"""

_QUARANTINED = " UNION ALL ".join(
    f"SELECT '{entity.name}' AS entity, connection_id, claim_unit_id AS unit_id, source_key, batch_id, failed_rules,"
    f" since FROM quarantine.{entity.name}"
    for entity in PULLED
)

# One cause, one line: a missing code of a vendor's is one line for all its rows (bind: since). What is rejected for
# good is nobody's business any more.
QUARANTINED = f"""
SELECT entity, rule, connection_id, count(*) AS rows, count(DISTINCT unit_id) AS units,
       array_agg(DISTINCT unit_id ORDER BY unit_id) FILTER (WHERE unit_id IS NOT NULL) AS names
FROM ({_QUARANTINED}) q CROSS JOIN unnest(q.failed_rules) r(rule)
WHERE (CAST(:since AS timestamptz) IS NULL OR since > :since) AND NOT {REJECTED}
GROUP BY entity, rule, connection_id ORDER BY count(*) DESC, entity, rule, connection_id"""

# The newest decision on a rule counts; one of no rows has taken the one before it back (binds: day, until).
APPROVALS = """
SELECT * FROM (
    SELECT DISTINCT ON (room, connection_id, unit_id, entity, rule) approval_id, room, connection_id, unit_id, entity,
           rule, row_count, expires_on
    FROM ops.approval ORDER BY room, connection_id, unit_id, entity, rule, approval_id DESC) a
WHERE row_count > 0 AND expires_on BETWEEN :day AND :until ORDER BY expires_on, approval_id"""

# What costs a unit no points for now (binds: day, until).
EXEMPTIONS = """
SELECT exemption_id, kind, unit_id, rule, expires_on, kind = 'contested' AND decision IS NULL AS is_undecided
FROM quality.exemption WHERE ended_at IS NULL AND expires_on BETWEEN :day AND :until
ORDER BY expires_on, exemption_id"""

# Years that are not closed yet (bind: year), and plans whose school has not shown everybody in the new year.
OPEN_YEARS = "SELECT unit_id FROM ops.unit_year WHERE school_year = :year AND state = 'open' ORDER BY unit_id"

UNCONFIRMED = """
SELECT unit_id FROM rollover.plan WHERE from_year = :year AND status = 'applied' AND NOT is_confirmed
ORDER BY unit_id"""

_COLUMNS = ("urgency", "what", "where", "says", "rows", "units", "by", "owner")


def table(rows: Sequence[Mapping[str, Any]], shown: int = 50) -> str:
    """The list as a small Markdown table: counts, codes and parties, without a contact."""
    lines = ["| " + " | ".join(_COLUMNS) + " |", "|" + "---|" * len(_COLUMNS)]
    for row in rows[:shown]:
        cells = ("" if row[name] is None else str(row[name]).replace("|", "/") for name in _COLUMNS)
        lines.append("| " + " | ".join(cells) + " |")
    if more := len(rows) - shown:
        lines += [f"\n... and {more} more: `edu-pipeline today`"] if more > 0 else []
    return "\n".join(lines)

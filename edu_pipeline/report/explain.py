"""The story of one student: each state, claim and decision that brought the child where the register says it is.

ops.person_state, validated, quarantine, waiting, master, history, rollover -> rows of (what, where, says, since, until)

What does not belong here: names, birth dates, sex: keys, codes, rules and dates tell the story.
"""

from typing import Any

from edu_pipeline.contracts.rules import texts

# States of the person, by root id or by what a source calls the record; all of them, or those known at a time.
STATES = """
SELECT s.connection_id, s.source_key, s.unit_id, s.person_id, s.state, s.reason, s.owner, s.recorded_from, s.recorded_to
FROM ops.person_state s
WHERE s.entity = 'student'
  AND (s.source_key = :key OR s.person_id = :key
       OR s.person_id IN (SELECT person_id FROM ops.person_state WHERE source_key = :key AND person_id IS NOT NULL))
  AND (CAST(:at AS timestamptz) IS NULL
       OR (s.recorded_from < :at AND (s.recorded_to IS NULL OR s.recorded_to >= :at)))
ORDER BY s.recorded_from, s.connection_id, s.source_key"""

_KNOWN = "(CAST(:at AS timestamptz) IS NULL OR {column} < :at)"

_QUARANTINE = f"""
SELECT 'quarantine', 'unit ' || coalesce(q.claim_unit_id, '?') || ', ' || q.connection_id,
       'record ' || q.source_key || ' fails ' || array_to_string(q.failed_rules, ', '), q.since,
       CAST(NULL AS timestamptz)
FROM quarantine.student q JOIN unnest(CAST(:connections AS text[]), CAST(:keys AS text[])) k(connection_id, source_key)
USING (connection_id, source_key) WHERE {_KNOWN.format(column="q.since")}"""

_WAITING = f"""
SELECT 'waiting', 'unit ' || coalesce(w.claim_unit_id, '?') || ', ' || w.connection_id,
       'place ' || w.source_key || ' waits for ' || w.reason || coalesce(', year ' || w.school_year, ''), w.since, NULL
FROM waiting.enrollment w
JOIN validated.student v ON v.connection_id = w.connection_id AND v.ref_key = w.student_key
JOIN unnest(CAST(:connections AS text[]), CAST(:keys AS text[])) k(connection_id, source_key)
    ON (k.connection_id, k.source_key) = (v.connection_id, v.source_key)
WHERE {_KNOWN.format(column="w.since")}"""

_PLACES = f"""
SELECT 'place', 'unit ' || e.unit_id || ', ' || e.school_year || ', class ' || e.class_code,
       e.status || ' from ' || e.begin_date || coalesce(' to ' || e.end_date, '') || ', by ' || e.connection_id || ':'
         || e.source_key, e.recorded_from, e.recorded_to
FROM (SELECT unit_id, school_year, student_id, class_code, status, begin_date, end_date, connection_id, source_key,
             recorded_from, CAST(NULL AS timestamptz) AS recorded_to FROM master.enrollment
      UNION ALL SELECT unit_id, school_year, student_id, class_code, status, begin_date, end_date, connection_id,
             source_key, recorded_from, recorded_to FROM history.enrollment) e
WHERE e.student_id = ANY(:persons) AND {_KNOWN.format(column="e.recorded_from")}
ORDER BY e.recorded_from"""

_RESULTS = f"""
SELECT 'outcome', 'unit ' || r.unit_id || ', ' || r.school_year, 'stage ' || r.stage || ': ' || r.outcome || ', by '
         || r.connection_id || ':' || r.source_key, r.recorded_from, NULL
FROM master.result r WHERE r.student_id = ANY(:persons) AND {_KNOWN.format(column="r.recorded_from")}"""

_PLANS = f"""
SELECT 'rollover ' || l.kind, 'unit ' || l.unit_id || ', plan ' || l.plan_id || ' ' || p.status,
       l.decision || coalesce(' to ' || l.to_class, '') || CASE WHEN l.is_proposed THEN ' (proposed)' ELSE '' END
         || ': ' || coalesce(l.reason, '') || ', by ' || l.source, coalesce(p.applied_at, p.planned_at), p.undone_at
FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
WHERE p.status IN ('checked', 'refused', 'applied', 'amended', 'undone')
  AND (l.student_id = ANY(:persons) OR (l.connection_id, l.student_key) IN (
      SELECT q.connection_id, q.ref_key FROM quarantine.student q
      JOIN unnest(CAST(:connections AS text[]), CAST(:keys AS text[])) k(connection_id, source_key)
      USING (connection_id, source_key)
      UNION SELECT w.connection_id, w.ref_key FROM waiting.student w
      JOIN unnest(CAST(:connections AS text[]), CAST(:keys AS text[])) k(connection_id, source_key)
      USING (connection_id, source_key)))
  AND {_KNOWN.format(column="p.planned_at")}
ORDER BY p.plan_id, l.kind"""

STORY = tuple(
    f'SELECT * FROM ({query}) told(what, "where", says, since, until)'
    for query in (_PLACES, _RESULTS, _QUARANTINE, _WAITING, _PLANS)
)


def state(row: dict[str, Any]) -> dict[str, Any]:
    """A state as a line of the story: what it waits for, who must act, and how it is mended, in both languages."""
    says = row["state"] + (f": {row['reason']}" if row["reason"] else "")
    acts = {"unit": f"the school ({row['unit_id']}) acts", "department": "the department acts"}.get(row["owner"])
    remedy = texts().get(str(row["reason"]).rsplit(".", 1)[-1], {})
    said = [says, acts, remedy.get("en"), remedy.get("vi")]
    return {"what": "state", "where": f"unit {row['unit_id']}, {row['connection_id']}:{row['source_key']}",
            "says": ". ".join(part.rstrip(".") for part in said if part), "since": row["recorded_from"],
            "until": row["recorded_to"]}  # fmt: skip

"""The story of one person: each state and decision that brought a pupil or a member of staff where the register says.

ops.person_state, master, history, rollover -> rows of (what, params, since, until) -> phrases.py

What does not belong here: claims (claims.py), holds and units (stops.py, unit.py), words (phrases.py). Names, birth
dates, sex, and any free text that a person typed: keys, codes, rules and dates tell the story.
Binds of the story: connections, keys (the person's records, by position), persons (root ids), units, at.
"""

# `at` is the end of the day that is asked for; empty: now.
KNOWN = "(CAST(:at AS timestamptz) IS NULL OR {column} < :at)"
STANDS = "(CAST(:at AS timestamptz) IS NULL OR ({begin} < :at AND ({end} IS NULL OR {end} >= :at)))"

# Who was ever called so, by root id or by a source's key: when it was first told, and whether it was known by then.
FIRST = """
SELECT min(recorded_from) AS first FROM ops.person_state
WHERE entity = :entity AND (source_key = :key OR person_id = :key)"""

# The day that everything begins with.
FIRST_LOAD = "SELECT min(recorded_from) AS first FROM ops.person_state"

# States of the person, by root id or by what a source calls the record; all of them, or those known at a time.
STATES = f"""
SELECT s.connection_id, s.source_key, s.unit_id, s.person_id, s.state, s.reason, s.owner, s.recorded_from,
       CASE WHEN {KNOWN.format(column="s.recorded_to")} THEN s.recorded_to END AS recorded_to
FROM ops.person_state s
WHERE s.entity = :entity
  AND (s.source_key = :key OR s.person_id = :key
       OR s.person_id IN (SELECT person_id FROM ops.person_state WHERE entity = :entity AND source_key = :key
                          AND person_id IS NOT NULL))
  AND {KNOWN.format(column="s.recorded_from")}
ORDER BY s.recorded_from, s.connection_id, s.source_key"""

_PLACES = f"""
SELECT 'place', jsonb_build_object('unit', e.unit_id, 'year', e.school_year, 'class', e.class_code, 'status', e.status,
           'begin', e.begin_date, 'end', e.end_date, 'connection', e.connection_id, 'key', e.source_key),
       e.recorded_from, e.recorded_to
FROM (SELECT unit_id, school_year, student_id, class_code, status, begin_date, end_date, connection_id, source_key,
             recorded_from, CAST(NULL AS timestamptz) AS recorded_to FROM master.enrollment
      UNION ALL SELECT unit_id, school_year, student_id, class_code, status, begin_date, end_date, connection_id,
             source_key, recorded_from, recorded_to FROM history.enrollment) e
WHERE e.student_id = ANY(:persons) AND {KNOWN.format(column="e.recorded_from")}"""

# What a rollover carried stands until the school's own row replaces it.
_CARRIED = f"""
SELECT 'carried', jsonb_build_object('unit', e.unit_id, 'year', e.school_year, 'class', e.class_code,
           'decision', e.decision, 'plan', e.plan_id, 'proposed', CASE WHEN e.is_proposed THEN 'proposed' END),
       p.applied_at, CAST(NULL AS timestamptz)
FROM rollover.enrollment e JOIN rollover.plan p USING (plan_id)
WHERE e.student_id = ANY(:persons) AND {KNOWN.format(column="p.applied_at")}"""

_POSTS = f"""
SELECT 'post', jsonb_build_object('unit', a.unit_id, 'year', a.school_year, 'role', a.role, 'status', a.status,
           'begin', a.begin_date, 'end', a.end_date, 'connection', a.connection_id, 'key', a.source_key),
       a.recorded_from, a.recorded_to
FROM (SELECT unit_id, school_year, staff_id, role, status, begin_date, end_date, connection_id, source_key,
             recorded_from, CAST(NULL AS timestamptz) AS recorded_to FROM master.staff_assignment
      UNION ALL SELECT unit_id, school_year, staff_id, role, status, begin_date, end_date, connection_id, source_key,
             recorded_from, recorded_to FROM history.staff_assignment) a
WHERE a.staff_id = ANY(:persons) AND {KNOWN.format(column="a.recorded_from")}"""

_RESULTS = f"""
SELECT 'outcome', jsonb_build_object('unit', r.unit_id, 'year', r.school_year, 'stage', r.stage, 'outcome', r.outcome,
           'connection', r.connection_id, 'key', r.source_key), r.recorded_from, CAST(NULL AS timestamptz)
FROM master.result r WHERE r.student_id = ANY(:persons) AND r.outcome IS NOT NULL
  AND {KNOWN.format(column="r.recorded_from")}"""

# Lines of the person; of a pupil who is not admitted yet, by what the source calls the record.
_PLANS = f"""
SELECT 'rollover ' || l.kind, jsonb_build_object('unit', l.unit_id, 'plan', l.plan_id, 'plan_status', p.status,
           'decision', l.decision, 'class', l.to_class, 'role', l.role,
           'proposed', CASE WHEN l.is_proposed THEN 'proposed' END, 'reason', coalesce(l.reason, ''),
           'source', l.source, 'rule', l.rule, 'other', l.other_unit_id,
           'flags', nullif(array_to_string(l.flags, ', '), '')),
       coalesce(p.applied_at, p.planned_at), p.undone_at
FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
WHERE p.status IN ('checked', 'refused', 'applied', 'amended', 'undone') AND l.kind <> 'class'
  AND ({{person}} = ANY(:persons) OR (l.connection_id, l.student_key) IN (
      SELECT v.connection_id, v.ref_key FROM ({{refs}}) v
      JOIN unnest(CAST(:connections AS text[]), CAST(:keys AS text[])) k(connection_id, source_key)
      USING (connection_id, source_key)))
  AND {KNOWN.format(column="p.planned_at")}"""

# Who typed it, and why, stands in the audit: free text may name a child.
_OVERRIDES = f"""
SELECT 'override', jsonb_build_object('unit', o.unit_id, 'year', o.from_year, 'id', o.override_id,
           'decision', o.decision, 'class', o.to_class, 'document', o.document), o.entered_at, o.withdrawn_at
FROM rollover.override o WHERE o.student_id = ANY(:persons) AND {KNOWN.format(column="o.entered_at")}"""

_APPROVED = f"""
SELECT 'approval', jsonb_build_object('unit', a.unit_id, 'year', a.from_year, 'plan', a.plan_id, 'kind', a.kind,
           'hash', left(a.hash, 12), 'document', CASE WHEN a.kind <> 'withdrawn' THEN a.document END),
       a.approved_at, CAST(NULL AS timestamptz)
FROM rollover.approval a
WHERE a.plan_id IN (SELECT plan_id FROM rollover.plan_line l WHERE {{person}} = ANY(:persons))
  AND {KNOWN.format(column="a.approved_at")}"""

_REFS = " UNION ALL ".join(
    f"SELECT connection_id, source_key, ref_key FROM {room}.{{entity}}" for room in ("quarantine", "waiting")
)


def told(query: str) -> str:
    """A part of a story under the names that phrases.py expects."""
    return f"SELECT * FROM ({query}) told(what, params, since, until)"


def story(entity: str) -> tuple[str, ...]:
    """Queries of the decisions on a student or a member of staff."""
    lines = {"person": f"l.{entity}_id", "refs": _REFS.format(entity=entity)}
    own = (_PLACES, _CARRIED, _RESULTS, _OVERRIDES) if entity == "student" else (_POSTS,)
    return tuple(map(told, (*own, _PLANS.format(**lines), _APPROVED.format(**lines))))

"""The stories of a unit and of a class: years, readings, plans, sizes, and how many persons are in which state.

ops, master, rollover -> facts and rows of (what, params, since, until)

What does not belong here: claims (claims.py), holds, authority and events (stops.py), persons one by one (explain.py).
Binds: unit, at; of a class also year, code.
"""

from edu_pipeline.report.explain import KNOWN, told

# The unit by its code, or by what a connection calls it.
UNIT = """
SELECT unit_id FROM (
    SELECT unit_id, 0 AS o FROM master.unit WHERE unit_id = :key
    UNION ALL SELECT unit_id, 1 FROM ops.authority WHERE :key IN (unit_id, unit_key)
    UNION ALL SELECT unit_id, 2 FROM ops.unit_year WHERE unit_id = :key
    UNION ALL SELECT unit_id, 3 FROM ops.unit_event WHERE unit_id = :key) known ORDER BY o, unit_id LIMIT 1"""

# The class by unit and code (no year: the newest), or by a source's key.
CLASS = """
SELECT unit_id, school_year, class_code FROM (
    SELECT unit_id, school_year, class_code FROM master.school_class
    UNION ALL SELECT unit_id, school_year, class_code FROM rollover.school_class
    UNION ALL SELECT unit_id, school_year, class_code FROM history.school_class
    UNION ALL SELECT unit_id, school_year, class_code FROM waiting.school_class
    UNION ALL SELECT unit_id, school_year, class_code FROM quarantine.school_class) known
WHERE unit_id = :unit AND class_code = :code AND (CAST(:year AS int) IS NULL OR school_year = :year)
ORDER BY school_year DESC NULLS LAST LIMIT 1"""

CLASS_OF_RECORD = """
SELECT unit_id, school_year, class_code FROM (
    SELECT unit_id, school_year, class_code, source_key, 0 AS o FROM validated.school_class
    UNION ALL SELECT unit_id, school_year, class_code, source_key, 1 FROM waiting.school_class
    UNION ALL SELECT unit_id, school_year, class_code, source_key, 2 FROM quarantine.school_class) told
WHERE source_key = :key AND class_code IS NOT NULL ORDER BY o, school_year DESC LIMIT 1"""

# What stands of a class: reported goes before rolled over; size counts each pupil once.
CLASS_NOW = f"""
SELECT c.basis, c.grade_level, c.teacher, coalesce(c.connection_id, w.connection_id) AS connection_id, c.plan_id,
       c.is_proposed, c.recorded_from, s.size, w.reason
FROM (SELECT 1) one
LEFT JOIN (
    SELECT 'reported' AS basis, grade_level, homeroom_staff_id AS teacher, connection_id, NULL AS plan_id,
           false AS is_proposed, recorded_from, 0 AS o
    FROM master.school_class WHERE (unit_id, school_year, class_code) = (:unit, :year, :code)
    UNION ALL
    SELECT 'rolled_over', c.grade_level, c.homeroom_staff_id, NULL, c.plan_id, c.is_proposed, p.applied_at, 1
    FROM rollover.school_class c JOIN rollover.plan p USING (plan_id)
    WHERE (c.unit_id, c.school_year, c.class_code) = (:unit, :year, :code)
    ORDER BY o LIMIT 1) c ON {KNOWN.format(column="c.recorded_from")}
CROSS JOIN LATERAL (
    SELECT count(DISTINCT student_id) AS size FROM (
        SELECT student_id FROM master.enrollment WHERE (unit_id, school_year, class_code) = (:unit, :year, :code)
            AND status = 'active' AND end_date IS NULL AND {KNOWN.format(column="recorded_from")}
        UNION ALL
        SELECT e.student_id FROM rollover.enrollment e JOIN rollover.plan p USING (plan_id)
        WHERE (e.unit_id, e.school_year, e.class_code) = (:unit, :year, :code) AND NOT p.is_confirmed
            AND {KNOWN.format(column="p.applied_at")}
            AND NOT EXISTS (SELECT FROM master.enrollment m WHERE (m.unit_id, m.school_year, m.student_id)
                            = (e.unit_id, e.school_year, e.student_id))) pupil) s
LEFT JOIN LATERAL (
    SELECT 'waiting: ' || reason AS reason, connection_id FROM waiting.school_class
    WHERE (unit_id, school_year, class_code) = (:unit, :year, :code)
    UNION ALL SELECT failed_rules[1], connection_id FROM quarantine.school_class
    WHERE (unit_id, school_year, class_code) = (:unit, :year, :code) LIMIT 1) w ON c.basis IS NULL"""

CLASS_LINES = told(f"""
SELECT 'rollover class', jsonb_build_object('unit', l.unit_id, 'plan', l.plan_id, 'plan_status', p.status,
           'decision', l.decision, 'from', l.from_class, 'class', l.to_class, 'reason', coalesce(l.reason, ''),
           'proposed', CASE WHEN l.is_proposed THEN 'proposed' END, 'source', l.source,
           'flags', nullif(array_to_string(l.flags, ', '), '')),
       coalesce(p.applied_at, p.planned_at), p.undone_at
FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
WHERE l.kind = 'class' AND l.unit_id = :unit AND p.status IN ('checked', 'refused', 'applied', 'amended', 'undone')
  AND ((p.to_year = :year AND l.to_class = :code) OR (p.from_year = :year AND l.from_class = :code))
  AND {KNOWN.format(column="p.planned_at")}""")

# A renaming is what a school entered; its reason is free text and stays in the audit.
RENAMED = told(f"""
SELECT 'renaming', jsonb_build_object('unit', r.unit_id, 'id', r.renaming_id, 'from', r.from_class,
           'class', r.to_class, 'document', r.document), r.entered_at, r.withdrawn_at
FROM rollover.renaming r WHERE r.unit_id = :unit AND {KNOWN.format(column="r.entered_at")}
  AND ((r.from_year = :year AND r.from_class = :code) OR (r.from_year = :year - 1 AND r.to_class = :code))""")

YEARS = told(f"""
SELECT 'year', jsonb_build_object('unit', u.unit_id, 'year', u.school_year, 'year_state', u.state,
           'students', s.student_count, 'open', s.open_count), u.changed_at, CAST(NULL AS timestamptz)
FROM ops.unit_year u LEFT JOIN rollover.snapshot s USING (unit_id, school_year)
WHERE u.unit_id = :unit AND {KNOWN.format(column="u.changed_at")}""")

# Of each connection that reads the unit, the last batch whose readings of it were all complete.
READ = told("""
SELECT 'read', jsonb_build_object('unit', CAST(:unit AS text), 'connection', b.connection_id, 'date', max(b.as_of),
           'age', CAST(:day AS date) - max(b.as_of)), max(b.finished_at), CAST(NULL AS timestamptz)
FROM ops.batch b
WHERE b.status IN ('admitted', 'merged') AND b.as_of <= CAST(:day AS date)
  AND b.connection_id IN (SELECT connection_id FROM ops.authority WHERE unit_id = :unit)
  AND EXISTS (SELECT FROM ops.scope s WHERE s.batch_id = b.batch_id AND s.unit_id IN (:unit, '', :unit_key))
  AND NOT EXISTS (SELECT FROM ops.scope s WHERE s.batch_id = b.batch_id AND s.unit_id IN (:unit, '', :unit_key)
                  AND (NOT s.is_complete OR s.since IS NOT NULL))
GROUP BY b.connection_id""")

STATES = told("""
SELECT 'states', jsonb_build_object('unit', unit_id, 'entity', entity, 'state', state, 'reason', reason,
           'owner', owner, 'rows', count(*)), min(recorded_from), CAST(NULL AS timestamptz)
FROM ops.person_state
WHERE unit_id = :unit AND (CAST(:at AS timestamptz) IS NULL AND recorded_to IS NULL
    OR recorded_from < :at AND (recorded_to IS NULL OR recorded_to >= :at))
GROUP BY unit_id, entity, state, reason, owner ORDER BY count(*) DESC""")

PLANS = told(f"""
SELECT 'plan', jsonb_build_object('unit', p.unit_id, 'plan', p.plan_id, 'year', p.from_year, 'plan_status', p.status,
           'hash', left(p.hash, 12), 'fault', p.fault, 'approved', CASE WHEN a.kind <> 'withdrawn'
               AND a.hash = p.hash THEN 'approved' END,
           'reconciled', CASE WHEN p.reconciled THEN 'reconciled' END,
           'confirmed', CASE WHEN p.is_confirmed THEN 'confirmed' END,
           'overdue', CASE WHEN p.is_overdue THEN 'overdue' END,
           'pending', (SELECT count(*) FROM rollover.plan_line l WHERE l.plan_id = p.plan_id
                       AND l.decision = 'pending')), coalesce(p.applied_at, p.planned_at), p.undone_at
FROM rollover.plan p
LEFT JOIN LATERAL (SELECT kind, hash FROM rollover.approval o WHERE o.unit_id = p.unit_id
    AND o.from_year = p.from_year ORDER BY approval_id DESC LIMIT 1) a ON true
WHERE p.unit_id = :unit AND p.status NOT IN ('replaced', 'amended', 'draft')
  AND {KNOWN.format(column="p.planned_at")}""")

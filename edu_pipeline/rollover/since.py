"""Who left a unit and who joined it since the last day of semester I, and what tells it.

rollover.term_snapshot*, what stands on the day, ended episodes, transfers, unit events -> CTEs of MOVES, term_move

What does not belong here: the sum over them (term.py). Binds: `units`, `year`, `day`. CTEs for who sums them up: `unit`
(snapshots), `was` and `here` (registered, by class), `opened`, `lost`, `found` (by how), `accepted`.
"""

from edu_pipeline.rollover.snapshot import ACTIVE, SCOPE, opened

ONE = "{0}.unit_id = ANY(:units) AND {0}.school_year = :year AND {0}.term = 1"

# Both sides by person: the root id as it is known today, else what the source calls the pupil.
_SIDES = f"""
unit AS (SELECT t.* FROM rollover.term_snapshot t WHERE {ONE.format("t")}),
here AS MATERIALIZED (
    SELECT DISTINCT ON (m.unit_id, m.student_id) m.unit_id, m.school_year, m.student_id, m.class_code, m.begin_date,
           ARRAY[m.entry_kind, m.detailed_status] AS told
    FROM master.enrollment m WHERE {SCOPE.format(alias="m")} AND {ACTIVE.format(alias="m")}
    ORDER BY m.unit_id, m.student_id, m.begin_date DESC),
opened(unit_id, school_year, connection_id, student_key, reason) AS MATERIALIZED ({opened("here")}),
was_open AS (SELECT o.unit_id, o.connection_id, o.student_key FROM rollover.term_snapshot_open o
             WHERE {ONE.format("o")}),
named AS (
    SELECT DISTINCT ON (v.connection_id, v.ref_key) v.connection_id, v.ref_key AS student_key, v.student_id
    FROM validated.student v WHERE v.is_present AND v.event <> 'CANCEL' AND (v.connection_id, v.ref_key) IN (
        SELECT connection_id, student_key FROM opened UNION SELECT connection_id, student_key FROM was_open)
    ORDER BY v.connection_id, v.ref_key),
was AS MATERIALIZED (
    SELECT s.unit_id, s.student_id AS person, s.class_code, NULL AS connection_id, NULL AS student_key
    FROM rollover.term_snapshot_student s WHERE {ONE.format("s")}
    UNION ALL
    SELECT o.unit_id, coalesce(v.student_id, o.connection_id || ':' || o.student_key), NULL, o.connection_id,
           o.student_key FROM was_open o LEFT JOIN named v USING (connection_id, student_key)),
stands AS MATERIALIZED (
    SELECT h.unit_id, h.student_id AS person, h.class_code, h.begin_date, h.told, false AS is_open FROM here h
    UNION ALL
    SELECT o.unit_id, coalesce(v.student_id, o.connection_id || ':' || o.student_key), NULL, NULL, NULL, true
    FROM opened o LEFT JOIN named v USING (connection_id, student_key))"""

# How a place of three rooms says that it has ended.
_TOLD = "SELECT connection_id, claim_unit_id, school_year, scope_year, student_key, status, kind, end_date, begin_date"
_HOW = "CASE WHEN coalesce({0}.status, 'active') = 'active' THEN 'ended' ELSE {0}.status END"

_LOST = f"""
gone AS MATERIALIZED (
    SELECT DISTINCT ON (w.unit_id, w.person) w.*, u.taken_for FROM was w JOIN unit u USING (unit_id)
    LEFT JOIN stands i USING (unit_id, person) WHERE i.person IS NULL ORDER BY w.unit_id, w.person),
ended AS (
    SELECT DISTINCT ON (g.unit_id, g.person) g.unit_id, g.person, {_HOW.format("e")} AS how
    FROM gone g JOIN master.enrollment e ON e.unit_id = g.unit_id AND e.student_id = g.person AND e.school_year = :year
    WHERE e.kind = 'primary' AND (e.status <> 'active' OR e.end_date < :day)
    ORDER BY g.unit_id, g.person, e.begin_date DESC),
told AS (
    SELECT DISTINCT ON (g.unit_id, g.person) g.unit_id, g.person, {_HOW.format("r")} AS how
    FROM gone g JOIN ({_TOLD} FROM quarantine.enrollment UNION ALL {_TOLD} FROM waiting.enrollment
                      UNION ALL {_TOLD} FROM validated.enrollment WHERE is_present AND event <> 'CANCEL') r
        ON r.claim_unit_id = g.unit_id AND r.connection_id = g.connection_id AND r.student_key = g.student_key
    WHERE coalesce(nullif(r.scope_year, 0), r.school_year, :year) = :year AND coalesce(r.kind, 'primary') = 'primary'
      AND (coalesce(r.status, 'active') <> 'active' OR r.end_date < :day)
    ORDER BY g.unit_id, g.person, r.begin_date DESC NULLS LAST),
moved AS (
    SELECT DISTINCT ON (g.unit_id, g.person) g.unit_id, g.person, s.to_unit FROM gone g
    JOIN ops.unit_successor s ON s.from_unit = g.unit_id AND s.valid_from > g.taken_for AND s.valid_from <= :day
    JOIN stands i ON i.unit_id = s.to_unit AND i.person = g.person ORDER BY g.unit_id, g.person, s.to_unit),
elsewhere AS (
    SELECT DISTINCT ON (g.unit_id, g.person) g.unit_id, g.person, h.unit_id AS other FROM gone g
    JOIN here h ON h.student_id = g.person AND h.unit_id <> g.unit_id JOIN unit u ON u.unit_id = h.unit_id
    ORDER BY g.unit_id, g.person, h.unit_id),
away AS (
    SELECT DISTINCT student_id AS person, from_unit_id AS unit_id FROM master.transfer
    WHERE school_year = :year AND status IN ('released', 'accepted') AND to_unit_id IS NULL),
lost AS MATERIALIZED (
    SELECT g.unit_id, g.person, coalesce(m.to_unit, x.other) AS other, a.person IS NOT NULL AS is_away,
           CASE WHEN m.to_unit IS NOT NULL THEN 'moved_out' ELSE coalesce(e.how, r.how, 'vanished') END AS how
    FROM gone g LEFT JOIN ended e USING (unit_id, person) LEFT JOIN told r USING (unit_id, person)
    LEFT JOIN moved m USING (unit_id, person) LEFT JOIN elsewhere x USING (unit_id, person)
    LEFT JOIN away a USING (unit_id, person))"""

_FOUND = """
came AS MATERIALIZED (
    SELECT DISTINCT ON (i.unit_id, i.person) i.*, u.taken_for FROM stands i JOIN unit u USING (unit_id)
    LEFT JOIN was w USING (unit_id, person) WHERE w.person IS NULL ORDER BY i.unit_id, i.person),
sender AS (
    SELECT DISTINCT ON (c.unit_id, c.person) c.unit_id, c.person, l.unit_id AS other,
           l.how = 'moved_out' AND l.other = c.unit_id AS is_moved, l.how = 'transferred_out' AS is_released
    FROM came c JOIN lost l ON l.person = c.person AND l.unit_id <> c.unit_id
    ORDER BY c.unit_id, c.person, l.how <> 'moved_out', l.how <> 'transferred_out', l.unit_id),
former AS (
    SELECT DISTINCT c.unit_id, c.person FROM came c JOIN master.enrollment e
        ON e.unit_id = c.unit_id AND e.student_id = c.person AND e.school_year = :year
    WHERE e.kind = 'primary' AND e.begin_date < c.begin_date),
-- Who had left the other unit before that one was counted is in no snapshot: its ended episode tells it.
earlier AS (
    SELECT DISTINCT ON (c.unit_id, c.person) c.unit_id, c.person, e.unit_id AS other FROM came c
    JOIN master.enrollment e ON e.student_id = c.person AND e.unit_id <> c.unit_id AND e.school_year = :year
    WHERE e.kind = 'primary' AND e.status = 'transferred_out' ORDER BY c.unit_id, c.person, e.begin_date DESC),
admitted AS (SELECT DISTINCT student_id AS person, to_unit_id AS unit_id FROM master.transfer
             WHERE school_year = :year AND status = 'accepted'),
found AS MATERIALIZED (
    SELECT c.unit_id, c.person, coalesce(s.other, p.other) AS other,
           CASE WHEN c.is_open THEN 'open'
                WHEN s.is_moved THEN 'moved_in'
                WHEN f.person IS NOT NULL OR 'returned' = ANY(c.told) THEN 'returned'
                WHEN s.is_released THEN 'accepted'
                WHEN NOT s.is_released THEN 'unreleased'
                WHEN c.begin_date <= c.taken_for THEN 'corrected'
                WHEN t.person IS NOT NULL OR p.person IS NOT NULL OR 'transferred_in' = ANY(c.told) THEN 'arrived'
                WHEN c.begin_date > c.taken_for THEN 'intake' END AS how
    FROM came c LEFT JOIN sender s USING (unit_id, person) LEFT JOIN former f USING (unit_id, person)
    LEFT JOIN earlier p USING (unit_id, person) LEFT JOIN admitted t USING (unit_id, person)),
accepted AS (
    SELECT h.unit_id, count(*) AS inside FROM here h JOIN lost l ON l.person = h.student_id AND l.unit_id <> h.unit_id
    WHERE l.how = 'transferred_out' GROUP BY h.unit_id),
move AS MATERIALIZED (
    SELECT unit_id, person, 'left' AS side, how, other FROM lost
    UNION ALL SELECT unit_id, person, 'joined', how, other FROM found),
forgotten AS (
    DELETE FROM rollover.term_move m WHERE m.unit_id = ANY(:units) AND m.school_year = :year AND m.term = 1
        AND (m.unit_id, m.person, m.side) NOT IN (SELECT unit_id, person, side FROM move)),
written AS (
    INSERT INTO rollover.term_move AS m (unit_id, school_year, term, person, side, how, other_unit_id)
    SELECT unit_id, :year, 1, person, side, how, other FROM move
    ON CONFLICT (unit_id, school_year, term, person, side)
    DO UPDATE SET how = excluded.how, other_unit_id = excluded.other_unit_id
    WHERE (m.how, m.other_unit_id) IS DISTINCT FROM (excluded.how, excluded.other_unit_id))"""

MOVES = f"{_SIDES}, {_LOST}, {_FOUND}"

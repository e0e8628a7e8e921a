"""What is looked at of a unit as a whole.

master, ops, reference -> frame `unit`

What does not belong here: what is right or wrong (quality/units.py).
"""

from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.quality.frames.now import NOW, frame

_UNIT = f"""{NOW}, pupils AS (
    SELECT unit_id, count(*) AS count FROM place GROUP BY unit_id
), leads AS (
    SELECT unit_id, count(*) FILTER (WHERE role = 'head') AS heads, count(*) AS posts,
           count(DISTINCT staff_id) FILTER (WHERE role = 'teacher') AS teachers
    FROM post GROUP BY unit_id
), sites AS (
    SELECT unit_id, count(*) AS campuses, count(*) FILTER (WHERE is_main) AS mains
    FROM master.campus JOIN present USING (unit_id, school_year) GROUP BY unit_id
), classes AS (
    SELECT unit_id, count(*) AS count, bool_or(has_boarding) AS boards, bool_or(has_two_sessions) AS two
    FROM master.school_class JOIN present USING (unit_id, school_year) GROUP BY unit_id
), counted AS (
    SELECT DISTINCT ON (h.unit_id) h.unit_id, h.student_count FROM ops.headcount h
    JOIN present p USING (unit_id, school_year) ORDER BY h.unit_id, h.counted_on DESC, h.batch_id DESC
), reading AS (
    -- The newest complete read of the unit by who answers for it; a provider reads all of its units at once.
    SELECT a.unit_id, max(b.as_of) AS read_on FROM ops.authority a
    JOIN ops.scope s ON s.connection_id = a.connection_id AND s.unit_id IN (a.unit_id, a.unit_key, '')
        AND s.entity = 'enrollment' AND s.is_complete AND s.since IS NULL
    JOIN ops.batch b ON b.batch_id = s.batch_id AND b.status = 'merged'
    WHERE a.entity = '*' AND a.valid_to IS NULL GROUP BY a.unit_id
), graded AS (
    -- Who closed a year for which a result is made.
    SELECT s.unit_id, count(*) AS count FROM rollover.snapshot_student s JOIN closing USING (unit_id, school_year)
    WHERE s.grade_level BETWEEN 1 AND 12 GROUP BY s.unit_id
), systems AS (
    SELECT unit_id, count(*) FILTER (WHERE stage <> 'retired') AS count,
           count(*) FILTER (WHERE stage = 'live') AS live, min(security_level) AS lowest_level
    FROM master.deployed_system GROUP BY unit_id
)
SELECT u.unit_id, CAST(NULL AS int) AS grade_level, u.unit_id AS record, u.connection_id, u.source_key,
       u.unit_kind, u.education_level, u.opened_date, u.closed_date, u.campus_count, s.campuses, s.mains,
       coalesce(p.count, 0) AS pupil_count, coalesce(l.heads, 0) AS head_count, coalesce(l.posts, 0) AS post_count,
       coalesce(l.teachers, 0) AS teacher_count, coalesce(k.count, 0) AS class_count, k.boards, k.two, u.has_boarding,
       u.has_two_sessions, c.student_count AS headcount, y.count AS system_count,
       y.live AS live_count, u.ward_code IS NOT NULL AND u.province_code IS NOT NULL
           AND NOT u.province_code = ANY(w.provinces) AS is_ward_elsewhere,
       CAST(split_part(u.grade_levels, ',', 1) AS int) AS first_grade,
       CAST(reverse(split_part(reverse(u.grade_levels), ',', 1)) AS int) AS last_grade, u.parent_unit_id,
       o.unit_kind AS parent_kind, a.connection_id IS NOT NULL AS is_answered_for, g.read_on,
       coalesce(j.count, 0) AS result_count, r.unit_id IS NOT NULL AS tells_results,
       CAST(:as_of AS date) AS today, u.is_foreign_invested, u.accreditation_level, u.is_national_standard
FROM master.unit u
JOIN present USING (unit_id)
LEFT JOIN pupils p USING (unit_id)
LEFT JOIN leads l USING (unit_id)
LEFT JOIN sites s USING (unit_id)
LEFT JOIN classes k USING (unit_id)
LEFT JOIN counted c USING (unit_id)
LEFT JOIN systems y USING (unit_id)
LEFT JOIN reading g USING (unit_id)
LEFT JOIN graded j USING (unit_id)
LEFT JOIN resulting r USING (unit_id)
LEFT JOIN (SELECT unit_id, max(connection_id) AS connection_id FROM ops.authority
           WHERE entity = '*' AND valid_to IS NULL GROUP BY unit_id) a USING (unit_id)
LEFT JOIN ward w ON w.code = u.ward_code
LEFT JOIN master.unit o ON o.unit_id = u.parent_unit_id"""

FRAMES: dict[str, TextualSelect] = {
    "unit": frame(_UNIT, """unit_kind education_level opened_date:d closed_date:d campus_count:i campuses:i mains:i
        pupil_count:i head_count:i post_count:i teacher_count:i class_count:i boards:b two:b has_boarding:b
        has_two_sessions:b headcount:i system_count:i live_count:i is_ward_elsewhere:b first_grade:i last_grade:i
        parent_unit_id parent_kind is_answered_for:b
        read_on:d result_count:i tells_results:b today:d
        is_foreign_invested:b accreditation_level:i is_national_standard:b"""),
}  # fmt: skip

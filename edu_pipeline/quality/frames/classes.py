"""What is looked at of a class and of who teaches it.

master -> frames `school_class`, `class_subject`

What does not belong here: what is right or wrong (quality/classes.py).
"""

from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.quality.frames.now import NOW, frame

_CLASS = f"""{NOW}, size AS (
    SELECT unit_id, school_year, class_code, count(*) AS count FROM place GROUP BY 1, 2, 3
), lead AS (
    SELECT unit_id, school_year, homeroom_staff_id, count(*) AS count FROM master.school_class GROUP BY 1, 2, 3
), named AS (
    SELECT unit_id, school_year, lower(name) AS name, count(*) AS count FROM master.school_class GROUP BY 1, 2, 3
), taught AS (
    SELECT unit_id, school_year, class_code, count(*) AS count FROM master.class_subject GROUP BY 1, 2, 3
), teller AS (
    SELECT DISTINCT unit_id, school_year FROM master.class_subject
), employed AS (
    SELECT unit_id, staff_id, bool_or(role IN ('teacher', 'head', 'deputy_head')) AS teaches FROM post GROUP BY 1, 2
), site AS (
    SELECT unit_id, school_year, count(*) AS count FROM master.campus GROUP BY 1, 2
)
SELECT c.unit_id, c.grade_level, c.class_code AS record, c.connection_id, c.source_key,
       c.name, u.unit_kind, coalesce(z.count, 0) AS size, c.homeroom_staff_id, e.staff_id IS NOT NULL AS is_employed,
       e.teaches, l.count AS led_count, n.count AS name_count,
       CAST(substring(c.name FROM '^[^0-9]*0?([0-9]{{1,2}})(?![0-9])') AS int) AS grade_in_name,
       c.campus_code IS NOT NULL AND s.campus_code IS NULL AND t.count > 0 AS is_campus_unknown,
       c.is_combined, c.combined_class_code, c.class_type, o.class_code IS NOT NULL AS is_other_known,
       c.has_two_sessions, c.weekly_session_count, c.shift, c.first_language, c.second_language, c.stream,
       c.specialisation, c.has_boarding, u.has_boarding AS unit_has_boarding,
       u.has_two_sessions AS unit_has_two_sessions,
       c.grade_level = ANY(CAST(string_to_array(u.grade_levels, ',') AS int[])) AS is_grade_offered,
       coalesce(b.count, 0) AS subject_count, r.unit_id IS NOT NULL AS unit_tells_subjects, y.begin_date AS year_begin,
       CAST(:as_of AS date) AS today
FROM master.school_class c
JOIN present USING (unit_id, school_year)
JOIN master.unit u USING (unit_id)
JOIN master.school_year y USING (school_year)
LEFT JOIN size z USING (unit_id, school_year, class_code)
LEFT JOIN employed e ON e.unit_id = c.unit_id AND e.staff_id = c.homeroom_staff_id
LEFT JOIN lead l ON (l.unit_id, l.school_year, l.homeroom_staff_id) = (c.unit_id, c.school_year, c.homeroom_staff_id)
LEFT JOIN named n ON (n.unit_id, n.school_year, n.name) = (c.unit_id, c.school_year, lower(c.name))
LEFT JOIN master.campus s ON (s.unit_id, s.school_year, s.campus_code) = (c.unit_id, c.school_year, c.campus_code)
LEFT JOIN site t ON (t.unit_id, t.school_year) = (c.unit_id, c.school_year)
LEFT JOIN master.school_class o ON (o.unit_id, o.school_year, o.class_code)
    = (c.unit_id, c.school_year, c.combined_class_code)
LEFT JOIN taught b ON (b.unit_id, b.school_year, b.class_code) = (c.unit_id, c.school_year, c.class_code)
LEFT JOIN teller r ON (r.unit_id, r.school_year) = (c.unit_id, c.school_year)"""

_CLASS_SUBJECT = f"""{NOW}, employed AS (SELECT DISTINCT unit_id, staff_id FROM post), teaching AS (
    SELECT DISTINCT unit_id, school_year, staff_id, subject_code FROM master.staff_subject
), teller AS (
    SELECT DISTINCT unit_id, school_year FROM master.staff_subject
), load AS (
    SELECT unit_id, school_year, staff_id, term_number, sum(weekly_period_count) AS periods
    FROM master.class_subject GROUP BY 1, 2, 3, 4
)
SELECT k.unit_id, c.grade_level, k.class_code || '/' || k.subject_code || '/' || k.term_number AS record,
       k.connection_id, k.source_key, k.staff_id, e.staff_id IS NOT NULL AS is_employed,
       t.staff_id IS NOT NULL AS is_declared, r.unit_id IS NOT NULL AS unit_tells_subjects, l.periods
FROM master.class_subject k
JOIN present USING (unit_id, school_year)
JOIN master.school_class c USING (unit_id, school_year, class_code)
LEFT JOIN employed e ON (e.unit_id, e.staff_id) = (k.unit_id, k.staff_id)
LEFT JOIN teaching t ON (t.unit_id, t.school_year, t.staff_id, t.subject_code)
    = (k.unit_id, k.school_year, k.staff_id, k.subject_code)
LEFT JOIN teller r ON (r.unit_id, r.school_year) = (k.unit_id, k.school_year)
LEFT JOIN load l ON (l.unit_id, l.school_year, l.staff_id, l.term_number)
    = (k.unit_id, k.school_year, k.staff_id, k.term_number)"""

FRAMES: dict[str, TextualSelect] = {
    "school_class": frame(_CLASS, """name unit_kind size:i homeroom_staff_id is_employed:b teaches:b led_count:i
        name_count:i grade_in_name:i is_campus_unknown:b is_combined:b combined_class_code class_type
        is_other_known:b has_two_sessions:b weekly_session_count:i shift first_language second_language stream
        specialisation has_boarding:b unit_has_boarding:b unit_has_two_sessions:b is_grade_offered:b
        subject_count:i unit_tells_subjects:b year_begin:d today:d"""),
    "class_subject": frame(_CLASS_SUBJECT, "staff_id is_employed:b is_declared:b unit_tells_subjects:b periods:n"),
}  # fmt: skip

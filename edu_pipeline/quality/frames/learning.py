"""What is looked at of a unit's learning-management system: its accounts, who ought to have one, its courses.

master -> frames `account`, `learner`, `course`, `course_enrollment`

What does not belong here: what is right or wrong (quality/learning.py). A unit without a learning system has no row.
"""

from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.contracts.account import LINKED, LINKED_TO
from edu_pipeline.quality.frames.now import NOW, frame

# Whose each account is, and where that person is: a pupil's place, or a post.
_WHO = f"""{NOW}, whose AS MATERIALIZED ({LINKED}), here AS (
    SELECT unit_id, student_id AS person_id, max(class_code) AS class_code, max(grade_level) AS grade_level
    FROM place GROUP BY 1, 2
    UNION ALL SELECT unit_id, staff_id, NULL, NULL FROM post GROUP BY 1, 2
), class AS (
    SELECT unit_id, class_code FROM master.school_class JOIN present USING (unit_id, school_year)
)"""

# Who is nowhere in the unit may wait there, stopped by a defect: gone is only who was seen to go.
_GONE = """
SELECT e.unit_id, e.student_id AS person_id FROM master.enrollment e JOIN present USING (unit_id, school_year)
WHERE e.kind = 'primary' AND (e.status <> 'active' OR e.end_date IS NOT NULL)
UNION SELECT a.unit_id, a.staff_id FROM master.staff_assignment a JOIN present USING (unit_id, school_year)
WHERE a.status <> 'working' OR a.end_date IS NOT NULL
UNION SELECT l.unit_id, coalesce(l.student_id, l.staff_id) FROM rollover.plan_line l
JOIN rollover.plan p ON p.plan_id = l.plan_id AND p.status = 'applied'
JOIN present n ON (n.unit_id, n.school_year) = (p.unit_id, p.to_year)
WHERE l.kind IN ('closing', 'assignment')
  AND l.decision IN ('completed', 'transferred_out', 'withdrawn', 'moved_out', 'ended', 'retired')
UNION SELECT w.unit_id, w.person_id FROM whose w JOIN here o ON o.person_id = w.person_id AND o.unit_id <> w.unit_id"""

_ACCOUNT = f"""{_WHO}, gone AS ({_GONE}), active AS (
    SELECT w.unit_id, w.person_id, count(*) AS count
    FROM whose w JOIN master.account a USING (unit_id, account_code)
    WHERE w.person_id IS NOT NULL AND coalesce(a.status, 'active') = 'active' GROUP BY 1, 2
), used AS (
    -- Of which nobody tells whether it is open, it is whose owner still takes part in a course.
    SELECT DISTINCT unit_id, account_code FROM master.course_enrollment WHERE status = 'active'
)
SELECT a.unit_id, h.grade_level, a.account_code AS record, a.connection_id, a.source_key,
       CASE WHEN a.status IS NULL THEN o.unit_id IS NOT NULL ELSE a.status = 'active' END AS is_open,
       w.doubt, n.count AS active_count, h.unit_id IS NOT NULL AS is_here,
       CASE WHEN h.unit_id IS NOT NULL THEN false WHEN g.unit_id IS NOT NULL THEN true END AS has_left, a.class_code,
       h.class_code AS own_class, k.unit_id IS NOT NULL AS is_class_known, a.last_access_month,
       y.begin_date AS year_begin, CAST(:as_of AS date) AS today
FROM master.account a
JOIN present p USING (unit_id)
JOIN master.school_year y ON y.school_year = p.school_year
JOIN whose w USING (unit_id, account_code)
LEFT JOIN here h ON (h.unit_id, h.person_id) = (a.unit_id, w.person_id)
LEFT JOIN active n ON (n.unit_id, n.person_id) = (a.unit_id, w.person_id)
LEFT JOIN used o ON (o.unit_id, o.account_code) = (a.unit_id, a.account_code)
LEFT JOIN gone g ON (g.unit_id, g.person_id) = (a.unit_id, w.person_id)
LEFT JOIN class k ON (k.unit_id, k.class_code) = (a.unit_id, a.class_code)"""

# Where an account of a person who has none is to be made: in the unit's learning system.
_LEARNER = f"""{_WHO}, lms AS (
    SELECT unit_id, max(connection_id) AS connection_id FROM master.account GROUP BY 1
), has AS (
    SELECT unit_id, person_id, count(*) AS count FROM whose WHERE doubt = '{LINKED_TO}' GROUP BY 1, 2
), due AS (
    SELECT DISTINCT unit_id, student_id AS person_id, 'student' AS person_kind, grade_level FROM place
    UNION ALL SELECT DISTINCT unit_id, staff_id, 'staff', CAST(NULL AS int) FROM post WHERE role = 'teacher'
)
SELECT d.unit_id, d.grade_level, d.person_id AS record, l.connection_id, CAST(NULL AS text) AS source_key,
       d.person_kind, coalesce(h.count, 0) AS account_count
FROM due d JOIN lms l USING (unit_id) LEFT JOIN has h USING (unit_id, person_id)"""

_COURSE = f"""{NOW}, part AS (
    SELECT unit_id, course_code, count(*) FILTER (WHERE role = 'student') AS learners,
           count(*) FILTER (WHERE role = 'teacher') AS teachers
    FROM master.course_enrollment WHERE status = 'active' GROUP BY 1, 2
)
SELECT c.unit_id, CAST(NULL AS int) AS grade_level, c.course_code AS record, c.connection_id, c.source_key,
       coalesce(p.learners, 0) AS learner_count, coalesce(p.teachers, 0) AS teacher_count
FROM master.course c JOIN present USING (unit_id) LEFT JOIN part p USING (unit_id, course_code)"""

_COURSE_ENROLLMENT = f"""{_WHO}
SELECT e.unit_id, h.grade_level, e.course_code || '/' || e.account_code AS record, e.connection_id, e.source_key,
       e.status, e.role, a.status AS account_status, w.person_kind, e.class_code, h.class_code AS own_class,
       k.unit_id IS NOT NULL AS is_class_known
FROM master.course_enrollment e
JOIN present USING (unit_id)
JOIN master.account a USING (unit_id, account_code)
JOIN whose w USING (unit_id, account_code)
LEFT JOIN here h ON (h.unit_id, h.person_id) = (e.unit_id, w.person_id)
LEFT JOIN class k ON (k.unit_id, k.class_code) = (e.unit_id, e.class_code)"""

FRAMES: dict[str, TextualSelect] = {
    "account": frame(_ACCOUNT, """is_open:b doubt active_count:i is_here:b has_left:b class_code own_class
        is_class_known:b last_access_month year_begin:d today:d"""),
    "learner": frame(_LEARNER, "person_kind account_count:i"),
    "course": frame(_COURSE, "learner_count:i teacher_count:i"),
    "course_enrollment": frame(_COURSE_ENROLLMENT, """status role account_status person_kind class_code own_class
        is_class_known:b"""),
}  # fmt: skip

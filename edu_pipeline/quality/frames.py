"""What the rules of an entity look at: one row for each record, with what stands beside it elsewhere.

master, rollover, ops, reference -> FRAMES: name -> SELECT, one pass an entity

What does not belong here: what is right or wrong (the rules). Every frame has `unit_id` (who answers), `grade_level`
(NULL: of the unit as a whole), `record` (the natural key that is shown), `connection_id` and `source_key` (where the
school finds it). Binds: `as_of` (date). Only the unit's present school year is looked at.
"""

from sqlalchemy import Boolean, Date, Integer, Numeric, Text, column, text
from sqlalchemy.sql.selectable import TextualSelect

_TYPES = {"": Text, "i": Integer, "d": Date, "b": Boolean, "n": Numeric}
_KEYS = "unit_id grade_level:i record connection_id source_key"

# The present year of a unit, who is there in it, and which provinces a ward has ever been in.
NOW = """
WITH present AS (
    SELECT unit_id, max(school_year) AS school_year FROM ops.unit_year y
    WHERE state IN ('open', 'closing')
      -- Nobody is to mend what an ended unit left.
      AND NOT EXISTS (SELECT FROM ops.unit_event v WHERE v.unit_id = y.unit_id AND v.is_end AND v.on_date <= :as_of)
    GROUP BY unit_id
), place AS (
    SELECT e.* FROM master.enrollment e JOIN present USING (unit_id, school_year)
    WHERE e.kind = 'primary' AND e.status = 'active' AND e.end_date IS NULL
), ward AS (
    SELECT w.code, array_agg(DISTINCT coalesce(d.parent, w.parent)) AS provinces
    FROM reference.code_version w
    LEFT JOIN reference.code_version d ON d.list = 'district' AND d.code = w.parent
    WHERE w.list = 'ward' GROUP BY w.code
), post AS (
    SELECT a.* FROM master.staff_assignment a JOIN present USING (unit_id, school_year)
    WHERE a.status = 'working' AND a.end_date IS NULL
)"""


def _ward(alias: str, prefix: str) -> str:
    """SQL: whether a ward lies in the province that is told beside it."""
    return f"{alias}.{prefix}_province_code = ANY(w_{prefix}.provinces) AS is_{prefix}_in_province"


def _wards(alias: str, *prefixes: str) -> str:
    return " ".join(f"LEFT JOIN ward w_{p} ON w_{p}.code = {alias}.{p}_ward_code" for p in prefixes)


_STUDENT = f"""{NOW}, guardians AS (
    SELECT g.student_id, count(*) AS guardian_count, count(*) FILTER (WHERE relation = 'father') AS father_count,
           count(*) FILTER (WHERE relation = 'mother') AS mother_count, count(phone) AS guardian_phone_count,
           max(CAST(left(birth_date, 4) AS int)) FILTER (WHERE relation <> 'guardian') AS youngest_parent,
           min(CAST(left(birth_date, 4) AS int)) FILTER (WHERE relation <> 'guardian') AS oldest_parent,
           array_agg(personal_number) FILTER (WHERE personal_number IS NOT NULL) AS guardian_numbers
    FROM master.guardian g GROUP BY g.student_id
), telling AS (
    SELECT DISTINCT p.unit_id FROM place p JOIN master.guardian USING (student_id)
), papers AS (
    SELECT student_id, max(paper_number) FILTER (WHERE paper_kind = 'citizen_card') AS card_number,
           min(issued_date) AS first_issued
    FROM master.student_paper GROUP BY student_id
), numbers AS (
    SELECT personal_number, count(*) AS count FROM master.student WHERE personal_number IS NOT NULL GROUP BY 1
), alike AS (
    SELECT lower(full_name) AS name, birth_date, sex, count(*) AS count FROM master.student
    WHERE length(birth_date) = 10 GROUP BY 1, 2, 3
)
SELECT p.unit_id, p.grade_level, s.student_id AS record, s.connection_id, s.source_key,
       p.school_year, u.unit_kind, CAST(left(s.birth_date, 4) AS int) AS birth_year, s.birth_date, s.sex, s.ethnicity,
       s.nationality, s.personal_number, n.count AS number_count, k.count AS alike_count, s.phone,
       {_ward("s", "residence")}, {_ward("s", "permanent")}, {_ward("s", "birth")}, {_ward("s", "hometown")},
       coalesce(g.guardian_count, 0) AS guardian_count, i.unit_id IS NOT NULL AS unit_tells_guardians,
       coalesce(g.father_count, 0) AS father_count,
       coalesce(g.mother_count, 0) AS mother_count, coalesce(g.guardian_phone_count, 0) AS guardian_phone_count,
       g.youngest_parent, g.oldest_parent, s.personal_number = ANY(g.guardian_numbers) AS has_guardians_number,
       r.card_number, r.first_issued
FROM place p
JOIN master.student s USING (student_id)
JOIN master.unit u ON u.unit_id = p.unit_id
LEFT JOIN guardians g USING (student_id)
LEFT JOIN telling i ON i.unit_id = p.unit_id
LEFT JOIN papers r USING (student_id)
LEFT JOIN numbers n ON n.personal_number = s.personal_number
LEFT JOIN alike k ON k.name = lower(s.full_name) AND k.birth_date = s.birth_date AND k.sex = s.sex
{_wards("s", "residence", "permanent", "birth", "hometown")}"""

_ENROLLMENT = f"""{NOW}, before AS (
    SELECT DISTINCT ON (e.student_id, e.school_year) e.student_id, e.school_year, e.unit_id, e.grade_level
    FROM master.enrollment e WHERE e.kind = 'primary' ORDER BY e.student_id, e.school_year, e.begin_date DESC
), telling AS (
    SELECT DISTINCT unit_id, school_year FROM master.student_year
), first AS (
    SELECT connection_id, min(started_at) AS at FROM ops.batch GROUP BY connection_id
), places AS (
    SELECT student_id, school_year, count(*) AS count FROM place GROUP BY 1, 2
), accepted AS (
    SELECT DISTINCT student_id, to_unit_id AS unit_id, school_year FROM master.transfer WHERE status = 'accepted'
), released AS (
    -- Who goes in summer ends the old year's place, and the transfer is of the new year.
    SELECT student_id, from_unit_id AS unit_id, school_year FROM master.transfer
    UNION SELECT student_id, from_unit_id, school_year - 1 FROM master.transfer
), listed AS (
    SELECT DISTINCT student_id, unit_id, school_year, grade_level FROM master.admission
), lists AS (
    SELECT DISTINCT unit_id, school_year, grade_level FROM listed
)
SELECT e.unit_id, e.grade_level, e.student_id AS record, e.connection_id, e.source_key,
       e.school_year, e.begin_date, e.end_date, e.kind, e.status, e.detailed_status, e.entry_kind, e.withdrawal_reason,
       e.is_begin_derived, y.begin_date AS year_begin, y.end_date AS year_end,
       coalesce(e.to_unit_name, e.to_province_code) AS goes_to, coalesce(e.from_unit_name, e.from_province_code)
           AS comes_from,
       c.grade_level AS class_grade, c.is_combined AS class_is_combined,
       e.grade_level = ANY(CAST(string_to_array(u.grade_levels, ',') AS int[])) AS is_grade_offered, u.unit_kind,
       u.closed_date AS unit_closed, q.count AS place_count, b.grade_level AS grade_before, b.unit_id AS unit_before,
       b2.grade_level AS grade_two_before, s.was_retained, s.student_id IS NOT NULL AS has_year_row,
       i.unit_id IS NOT NULL AS unit_tells_year,
       a.student_id IS NOT NULL AS is_accepted, t.student_id IS NOT NULL AS is_released,
       l.student_id IS NOT NULL AS is_listed, ls.unit_id IS NOT NULL AS has_list,
       f.grade_level AS planned_grade, f.class_code AS planned_class, f.is_proposed AS is_plan_proposed, e.class_code,
       CASE WHEN x.at IS NOT NULL THEN e.recorded_from - e.source_changed_at > interval '3 days' END
           AS is_late,
       CAST(:as_of AS date) AS today
FROM master.enrollment e
JOIN present USING (unit_id, school_year)
JOIN master.unit u USING (unit_id)
JOIN master.school_year y USING (school_year)
LEFT JOIN master.school_class c USING (unit_id, school_year, class_code)
LEFT JOIN places q USING (student_id, school_year)
LEFT JOIN before b ON b.student_id = e.student_id AND b.school_year = e.school_year - 1
LEFT JOIN before b2 ON b2.student_id = e.student_id AND b2.school_year = e.school_year - 2
LEFT JOIN master.student_year s ON (s.unit_id, s.school_year, s.student_id) = (e.unit_id, e.school_year, e.student_id)
LEFT JOIN telling i ON (i.unit_id, i.school_year) = (e.unit_id, e.school_year)
LEFT JOIN first x ON x.connection_id = e.connection_id AND x.at < e.source_changed_at
LEFT JOIN accepted a ON (a.student_id, a.unit_id, a.school_year) = (e.student_id, e.unit_id, e.school_year)
LEFT JOIN released t ON (t.student_id, t.unit_id, t.school_year) = (e.student_id, e.unit_id, e.school_year)
LEFT JOIN listed l ON (l.student_id, l.unit_id, l.school_year, l.grade_level)
    = (e.student_id, e.unit_id, e.school_year, e.grade_level)
LEFT JOIN lists ls ON (ls.unit_id, ls.school_year, ls.grade_level) = (e.unit_id, e.school_year, e.grade_level)
LEFT JOIN rollover.enrollment f ON (f.unit_id, f.school_year, f.student_id)
    = (e.unit_id, e.school_year, e.student_id)"""

_STUDENT_YEAR = f"""{NOW}
SELECT y.unit_id, p.grade_level, y.student_id AS record, y.connection_id, y.source_key,
       y.poverty, y.policy_group, y.disability, y.fee_relief, y.boarding, y.is_in_difficult_area, y.has_lunch_support,
       y.has_rice_support, y.has_cash_support, y.has_study_support, y.has_housing_support, y.has_two_sessions,
       y.is_pioneer, y.is_union_member, y.was_retained, y.has_minority_language, s.ethnicity,
       y.school_year - CAST(left(s.birth_date, 4) AS int) AS age,
       c.has_two_sessions AS class_has_two_sessions, c.has_boarding AS class_has_boarding,
       c.has_disabled_pupils AS class_has_disabled, u.has_disabled_pupils AS unit_has_disabled,
       u.is_in_difficult_area AS unit_is_in_difficult_area
FROM place p
JOIN master.student_year y USING (unit_id, school_year, student_id)
JOIN master.student s USING (student_id)
JOIN master.unit u USING (unit_id)
LEFT JOIN master.school_class c USING (unit_id, school_year, class_code)"""

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

_STAFF = f"""{NOW}, held AS (
    SELECT staff_id, count(*) FILTER (WHERE is_primary) AS primary_count, count(*) AS post_count,
           sum(share_pct) AS share, count(DISTINCT unit_id) AS unit_count, min(begin_date) AS first_begin
    FROM post GROUP BY staff_id
), home AS (
    -- Who answers for the person: the unit of the primary post.
    SELECT DISTINCT ON (staff_id) staff_id, unit_id, role, school_year FROM post
    ORDER BY staff_id, is_primary DESC, begin_date, unit_id
), numbers AS (
    SELECT personal_number, count(*) AS count FROM master.staff WHERE personal_number IS NOT NULL GROUP BY 1
), insured AS (
    SELECT social_insurance_number AS number, count(*) AS count FROM master.staff
    WHERE social_insurance_number IS NOT NULL GROUP BY 1
), trained AS (
    SELECT staff_id, min(graduated_year) AS first_graduated, max(graduated_year) AS last_graduated,
           array_agg(qualification) AS qualifications
    FROM master.staff_training GROUP BY staff_id
), subjects AS (
    SELECT unit_id, school_year, staff_id, count(*) AS count, count(*) FILTER (WHERE is_main) AS main_count
    FROM master.staff_subject GROUP BY 1, 2, 3
), teller AS (
    SELECT DISTINCT unit_id, school_year FROM master.staff_subject
)
SELECT h.unit_id, CAST(NULL AS int) AS grade_level, s.staff_id AS record, s.connection_id, s.source_key,
       h.role, u.unit_kind, CAST(left(s.birth_date, 4) AS int) AS birth_year, h.school_year, n.count AS number_count,
       i.count AS insurance_count, s.ethnicity, s.nationality, s.qualification,
       extract(year FROM s.recruited_date)::int AS recruited_year, s.recruited_date, d.first_begin, d.primary_count,
       d.unit_count, d.share, t.first_graduated, t.last_graduated,
       t.staff_id IS NOT NULL AS has_training, s.qualification = ANY(t.qualifications) AS is_trained_so,
       r.unit_id IS NOT NULL AS unit_tells_subjects, coalesce(b.count, 0) AS subject_count,
       coalesce(b.main_count, 0) AS main_subject_count,
       {_ward("s", "residence")}, {_ward("s", "hometown")}, extract(year FROM CAST(:as_of AS date))::int AS this_year
FROM home h
JOIN master.staff s USING (staff_id)
JOIN held d USING (staff_id)
JOIN master.unit u ON u.unit_id = h.unit_id
LEFT JOIN numbers n ON n.personal_number = s.personal_number
LEFT JOIN insured i ON i.number = s.social_insurance_number
LEFT JOIN trained t USING (staff_id)
LEFT JOIN subjects b ON (b.unit_id, b.school_year, b.staff_id) = (h.unit_id, h.school_year, h.staff_id)
LEFT JOIN teller r ON (r.unit_id, r.school_year) = (h.unit_id, h.school_year)
{_wards("s", "residence", "hometown")}"""

_STAFF_ASSIGNMENT = f"""{NOW}
SELECT a.unit_id, CAST(NULL AS int) AS grade_level, a.staff_id || '/' || a.role AS record, a.connection_id,
       a.source_key, a.role, a.status, a.begin_date, a.end_date, a.contract, a.position, a.staff_group,
       a.detailed_status, a.status_date, a.end_reason, a.share_pct, a.is_primary, a.weekly_period_count,
       a.salary_step, a.salary_coefficient, s.recruited_date, u.closed_date AS unit_closed,
       CAST(:as_of AS date) AS today
FROM master.staff_assignment a
JOIN present USING (unit_id, school_year)
JOIN master.staff s USING (staff_id)
JOIN master.unit u USING (unit_id)"""

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
LEFT JOIN (SELECT unit_id, max(connection_id) AS connection_id FROM ops.authority
           WHERE entity = '*' AND valid_to IS NULL GROUP BY unit_id) a USING (unit_id)
LEFT JOIN ward w ON w.code = u.ward_code
LEFT JOIN master.unit o ON o.unit_id = u.parent_unit_id"""

# Who has to be there by a list that the school does not keep itself.
_ROSTER = f"""{NOW}
SELECT r.unit_id, r.grade_level, r.student_id AS record, CAST(NULL AS text) AS connection_id,
       CAST(NULL AS text) AS source_key, r.list, e.student_id IS NOT NULL AS is_reported,
       e.unit_id IS DISTINCT FROM r.unit_id AND e.unit_id IS NOT NULL AS is_elsewhere
FROM (
    SELECT unit_id, school_year, student_id, grade_level, 'rollover' AS list FROM rollover.enrollment
    UNION ALL SELECT unit_id, school_year, student_id, grade_level, 'admission' FROM master.admission
    UNION ALL SELECT to_unit_id, school_year, student_id, grade_level, 'transfer' FROM master.transfer
    WHERE status = 'accepted' AND to_unit_id IS NOT NULL
) r
JOIN present USING (unit_id, school_year)
LEFT JOIN LATERAL (
    SELECT e.student_id, e.unit_id FROM master.enrollment e
    WHERE e.student_id = r.student_id AND e.school_year = r.school_year
    ORDER BY e.unit_id = r.unit_id DESC LIMIT 1) e ON true"""

# The year that closes: what was reported of it.
_RESULT = """
WITH closing AS (
    SELECT unit_id, max(school_year) AS school_year FROM rollover.snapshot WHERE taken_for <= :as_of GROUP BY unit_id
)
SELECT s.unit_id, s.grade_level, s.student_id AS record, r.connection_id, r.source_key,
       r.student_id IS NOT NULL AS is_reported, r.outcome, h.outcome AS outcome_after, r.academic_level,
       r.conduct_level, r.absence_count, r.has_completed_programme, r.has_completed_level, r.has_graduated,
       r.graduation_kind, r.has_retest, r.average_mark, r.award, h.student_id IS NOT NULL AS is_after_reported,
       n.begin_date <= :as_of AS is_summer_over
FROM rollover.snapshot_student s
JOIN closing USING (unit_id, school_year)
LEFT JOIN master.result r ON (r.unit_id, r.school_year, r.student_id, r.stage)
    = (s.unit_id, s.school_year, s.student_id, 'CN')
LEFT JOIN master.result h ON (h.unit_id, h.school_year, h.student_id, h.stage)
    = (s.unit_id, s.school_year, s.student_id, 'HE')
LEFT JOIN master.school_year n ON n.school_year = s.school_year + 1"""


def _frame(query: str, names: str) -> TextualSelect:
    said = [name.partition(":") for name in f"{_KEYS} {names}".split()]
    return text(query).columns(*(column(name, _TYPES[kind]) for name, _, kind in said))


FRAMES: dict[str, TextualSelect] = {
    "student": _frame(_STUDENT, """school_year:i unit_kind birth_year:i birth_date sex ethnicity nationality
        personal_number number_count:i alike_count:i phone is_residence_in_province:b is_permanent_in_province:b
        is_birth_in_province:b is_hometown_in_province:b guardian_count:i father_count:i mother_count:i
        guardian_phone_count:i unit_tells_guardians:b
        youngest_parent:i oldest_parent:i has_guardians_number:b card_number first_issued:d"""),
    "enrollment": _frame(_ENROLLMENT, """school_year:i begin_date:d end_date:d kind status detailed_status entry_kind
        withdrawal_reason is_begin_derived:b year_begin:d year_end:d goes_to comes_from class_grade:i
        class_is_combined:b is_grade_offered:b unit_kind unit_closed:d place_count:i grade_before:i unit_before
        grade_two_before:i was_retained:b has_year_row:b
        unit_tells_year:b is_late:b is_accepted:b is_released:b is_listed:b has_list:b
        planned_grade:i planned_class is_plan_proposed:b class_code today:d"""),
    "student_year": _frame(_STUDENT_YEAR, """poverty policy_group disability fee_relief boarding
        is_in_difficult_area:b has_lunch_support:b has_rice_support:b has_cash_support:b has_study_support:b
        has_housing_support:b has_two_sessions:b is_pioneer:b is_union_member:b was_retained:b
        has_minority_language:b ethnicity age:i class_has_two_sessions:b class_has_boarding:b class_has_disabled:b
        unit_has_disabled:b unit_is_in_difficult_area:b"""),
    "school_class": _frame(_CLASS, """name unit_kind size:i homeroom_staff_id is_employed:b teaches:b led_count:i
        name_count:i grade_in_name:i is_campus_unknown:b is_combined:b combined_class_code class_type
        is_other_known:b has_two_sessions:b weekly_session_count:i shift first_language second_language stream
        specialisation has_boarding:b unit_has_boarding:b unit_has_two_sessions:b is_grade_offered:b
        subject_count:i unit_tells_subjects:b year_begin:d today:d"""),
    "class_subject": _frame(_CLASS_SUBJECT, "staff_id is_employed:b is_declared:b unit_tells_subjects:b periods:n"),
    "staff": _frame(_STAFF, """role unit_kind birth_year:i school_year:i number_count:i insurance_count:i ethnicity
        nationality qualification recruited_year:i recruited_date:d first_begin:d primary_count:i unit_count:i
        share:i first_graduated:i last_graduated:i has_training:b is_trained_so:b unit_tells_subjects:b
        subject_count:i main_subject_count:i is_residence_in_province:b is_hometown_in_province:b this_year:i"""),
    "staff_assignment": _frame(_STAFF_ASSIGNMENT, """role status begin_date:d end_date:d contract position staff_group
        detailed_status status_date:d end_reason share_pct:i is_primary:b weekly_period_count:n salary_step:i
        salary_coefficient:n recruited_date:d unit_closed:d today:d"""),
    "unit": _frame(_UNIT, """unit_kind education_level opened_date:d closed_date:d campus_count:i campuses:i mains:i
        pupil_count:i head_count:i post_count:i teacher_count:i class_count:i boards:b two:b has_boarding:b
        has_two_sessions:b headcount:i system_count:i live_count:i is_ward_elsewhere:b first_grade:i last_grade:i
        parent_unit_id parent_kind is_answered_for:b
        read_on:d today:d is_foreign_invested:b accreditation_level:i is_national_standard:b"""),
    "roster": _frame(_ROSTER, "list is_reported:b is_elsewhere:b"),
    "result": _frame(_RESULT, """is_reported:b outcome outcome_after academic_level conduct_level absence_count:i
        has_completed_programme:b has_completed_level:b has_graduated:b graduation_kind has_retest:b
        average_mark:n award is_after_reported:b is_summer_over:b"""),
}  # fmt: skip

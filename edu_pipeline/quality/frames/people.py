"""What is looked at of a member of staff, and of each post.

master, reference -> frames `staff`, `staff_assignment`

What does not belong here: what is right or wrong (quality/people.py).
"""

from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.quality.frames.now import NOW, frame, ward, wards

_STAFF = f"""{NOW}, held AS (
    SELECT staff_id, count(*) FILTER (WHERE is_primary) AS primary_count, count(*) AS post_count,
           sum(share_pct) AS share, count(DISTINCT unit_id) AS unit_count, min(begin_date) AS first_begin
    FROM post GROUP BY staff_id
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
       {ward("s", "residence")}, {ward("s", "hometown")}, extract(year FROM CAST(:as_of AS date))::int AS this_year
FROM home h
JOIN master.staff s USING (staff_id)
JOIN held d USING (staff_id)
JOIN master.unit u ON u.unit_id = h.unit_id
LEFT JOIN numbers n ON n.personal_number = s.personal_number
LEFT JOIN insured i ON i.number = s.social_insurance_number
LEFT JOIN trained t USING (staff_id)
LEFT JOIN subjects b ON (b.unit_id, b.school_year, b.staff_id) = (h.unit_id, h.school_year, h.staff_id)
LEFT JOIN teller r ON (r.unit_id, r.school_year) = (h.unit_id, h.school_year)
{wards("s", "residence", "hometown")}"""

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

FRAMES: dict[str, TextualSelect] = {
    "staff": frame(_STAFF, """role unit_kind birth_year:i school_year:i number_count:i insurance_count:i ethnicity
        nationality qualification recruited_year:i recruited_date:d first_begin:d primary_count:i unit_count:i
        share:i first_graduated:i last_graduated:i has_training:b is_trained_so:b unit_tells_subjects:b
        subject_count:i main_subject_count:i is_residence_in_province:b is_hometown_in_province:b this_year:i"""),
    "staff_assignment": frame(_STAFF_ASSIGNMENT, """role status begin_date:d end_date:d contract position staff_group
        detailed_status status_date:d end_reason share_pct:i is_primary:b weekly_period_count:n salary_step:i
        salary_coefficient:n recruited_date:d unit_closed:d today:d"""),
}  # fmt: skip

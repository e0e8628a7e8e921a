"""What is looked at of a pupil, and of what is told of the pupil for the year.

master, reference -> frames `student`, `student_year`

What does not belong here: what is right or wrong (quality/pupils.py).
"""

from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.quality.frames.now import NOW, frame, ward, wards

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
       {ward("s", "residence")}, {ward("s", "permanent")}, {ward("s", "birth")}, {ward("s", "hometown")},
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
{wards("s", "residence", "permanent", "birth", "hometown")}"""

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

FRAMES: dict[str, TextualSelect] = {
    "student": frame(_STUDENT, """school_year:i unit_kind birth_year:i birth_date sex ethnicity nationality
        personal_number number_count:i alike_count:i phone is_residence_in_province:b is_permanent_in_province:b
        is_birth_in_province:b is_hometown_in_province:b guardian_count:i father_count:i mother_count:i
        guardian_phone_count:i unit_tells_guardians:b
        youngest_parent:i oldest_parent:i has_guardians_number:b card_number first_issued:d"""),
    "student_year": frame(_STUDENT_YEAR, """poverty policy_group disability fee_relief boarding
        is_in_difficult_area:b has_lunch_support:b has_rice_support:b has_cash_support:b has_study_support:b
        has_housing_support:b has_two_sessions:b is_pioneer:b is_union_member:b was_retained:b
        has_minority_language:b ethnicity age:i class_has_two_sessions:b class_has_boarding:b class_has_disabled:b
        unit_has_disabled:b unit_is_in_difficult_area:b"""),
}  # fmt: skip

"""What is looked at of a place, of who has to be there by others' lists, and of the year that closed.

master, rollover, ops -> frames `enrollment`, `roster`, `result`

What does not belong here: what is right or wrong (quality/places.py).
"""

from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.quality.frames.now import NOW, frame

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
_RESULT = f"""{NOW}
SELECT s.unit_id, s.grade_level, s.student_id AS record, r.connection_id, r.source_key,
       r.student_id IS NOT NULL AS is_reported, r.outcome, h.outcome AS outcome_after, r.academic_level,
       r.conduct_level, r.absence_count, r.has_completed_programme, r.has_completed_level, r.has_graduated,
       r.graduation_kind, r.has_retest, r.average_mark, r.award, h.student_id IS NOT NULL AS is_after_reported,
       n.begin_date <= :as_of AS is_summer_over, g.unit_id IS NOT NULL AS system_tells
FROM rollover.snapshot_student s
JOIN closing USING (unit_id, school_year)
LEFT JOIN resulting g USING (unit_id)
LEFT JOIN master.result r ON (r.unit_id, r.school_year, r.student_id, r.stage)
    = (s.unit_id, s.school_year, s.student_id, 'CN')
LEFT JOIN master.result h ON (h.unit_id, h.school_year, h.student_id, h.stage)
    = (s.unit_id, s.school_year, s.student_id, 'HE')
LEFT JOIN master.school_year n ON n.school_year = s.school_year + 1"""

FRAMES: dict[str, TextualSelect] = {
    "enrollment": frame(_ENROLLMENT, """school_year:i begin_date:d end_date:d kind status detailed_status entry_kind
        withdrawal_reason is_begin_derived:b year_begin:d year_end:d goes_to comes_from class_grade:i
        class_is_combined:b is_grade_offered:b unit_kind unit_closed:d place_count:i grade_before:i unit_before
        grade_two_before:i was_retained:b has_year_row:b
        unit_tells_year:b is_late:b is_accepted:b is_released:b is_listed:b has_list:b
        planned_grade:i planned_class is_plan_proposed:b class_code today:d"""),
    "roster": frame(_ROSTER, "list is_reported:b is_elsewhere:b"),
    "result": frame(_RESULT, """is_reported:b outcome outcome_after academic_level conduct_level absence_count:i
        has_completed_programme:b has_completed_level:b has_graduated:b graduation_kind has_retest:b
        average_mark:n award is_after_reported:b is_summer_over:b system_tells:b"""),
}  # fmt: skip

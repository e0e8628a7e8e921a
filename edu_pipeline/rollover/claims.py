"""What a plan leans on: the ladder, what schools show for the new year, where unit events send whom.

rows of the new year (waiting or admitted), ops.unit_successor -> CTEs `plan`, `ladder`, `placement`, `step`, `shown`
transfers and admission lists -> CTEs of EVIDENCE: `released`, `accepted`, `listed`

What does not belong here: a decision (closing.py, posts.py). Binds: `plans` (bigint[]), `to_year`.
"""

from edu_pipeline.schema.ladder import ENTRANCE_GRADES, FINAL_GRADES, LEVELS, NEXT_GRADE

_LADDER = ", ".join(
    f"({grade}, {NEXT_GRADE.get(grade, 'NULL::int')}, '{level}', {grade in FINAL_GRADES}, {grade in ENTRANCE_GRADES})"
    for level, grades in LEVELS.items()
    for grade in grades
)

# What a unit's own system shows for the new year: it waits for that year, and is in master once the unit is rolled
# over. The person must be known.
_PLACEMENT = """
placement AS (
    SELECT DISTINCT ON (unit_id, student_id) * FROM (
        SELECT w.unit_id, v.student_id, w.class_code, w.grade_level, w.begin_date,
               w.connection_id || ':' || w.source_key AS source
        FROM waiting.enrollment w
        JOIN plan p ON p.unit_id = w.unit_id
        JOIN validated.student v ON v.connection_id = w.connection_id AND v.ref_key = w.student_key AND v.is_present
            AND v.event <> 'CANCEL'
        JOIN master.student m ON m.student_id = v.student_id
        JOIN ops.authority a ON a.unit_id = w.unit_id AND a.connection_id = w.connection_id AND a.entity = '*'
            AND a.valid_to IS NULL
        WHERE w.reason = 'year' AND w.school_year = :to_year AND w.class_code IS NOT NULL
          AND w.grade_level IS NOT NULL AND coalesce(w.status, 'active') = 'active'
          AND coalesce(w.kind, 'primary') = 'primary' AND w.end_date IS NULL
        UNION ALL
        SELECT e.unit_id, e.student_id, e.class_code, e.grade_level, e.begin_date,
               e.connection_id || ':' || e.source_key
        FROM master.enrollment e JOIN plan p ON p.unit_id = e.unit_id
        WHERE e.school_year = :to_year AND e.status = 'active' AND e.kind = 'primary' AND e.end_date IS NULL
    ) told ORDER BY unit_id, student_id, begin_date DESC, source
)"""

# Where the unit events send whom by the day the new year opens, and what a unit shows of those that come from another.
_EVENTS = """
step AS (
    SELECT s.*, 'unit ' || s.from_unit || ' was ' || s.kind || ' by decision ' || s.decision AS told
    FROM ops.unit_successor s JOIN master.school_year y ON y.school_year = :to_year
    WHERE s.valid_from <= y.begin_date AND (s.valid_to IS NULL OR s.valid_to > y.begin_date)
), shown AS (
    SELECT DISTINCT ON (unit_id, student_id) unit_id, student_id, shown_in, class_code, grade_level, source FROM (
        SELECT w.unit_id, w.student_id, w.unit_id AS shown_in, w.class_code, w.grade_level, w.source FROM placement w
        UNION ALL
        SELECT DISTINCT s.from_unit, w.student_id, w.unit_id, w.class_code, w.grade_level, w.source
        FROM placement w JOIN step s ON s.to_unit = w.unit_id
    ) said ORDER BY unit_id, student_id, shown_in <> unit_id, shown_in
)"""

# What the offices decided: who was let go and whereto, who was taken in, who stands on an admission list. A decision
# names the units as they were; who was to go to one that has ended since goes to the one that took it over.
EVIDENCE = """
transfer AS (
    SELECT t.*, t.connection_id || ':' || t.source_key AS source FROM master.transfer t
    WHERE t.school_year = :to_year AND t.status IN ('released', 'accepted')
), released AS (
    SELECT DISTINCT ON (student_id, from_unit_id) student_id, from_unit_id AS unit_id, to_unit_id, status, source,
           count(*) FILTER (WHERE status = 'accepted') OVER (PARTITION BY student_id, from_unit_id) AS acceptances
    FROM transfer WHERE from_unit_id IS NOT NULL
    ORDER BY student_id, from_unit_id, accepted_date DESC NULLS LAST, released_date DESC, transfer_id
), accepted AS (
    SELECT DISTINCT ON (student_id, unit_id) * FROM (
        SELECT t.student_id, t.to_unit_id AS unit_id, t.from_unit_id, t.accepted_date, t.source FROM transfer t
        WHERE t.status = 'accepted'
        UNION ALL
        SELECT t.student_id, s.to_unit, t.from_unit_id, t.accepted_date, t.source
        FROM transfer t JOIN step s ON s.from_unit = t.to_unit_id WHERE t.status = 'accepted'
    ) told WHERE unit_id IS NOT NULL ORDER BY student_id, unit_id, accepted_date DESC, source
), listed AS (
    SELECT DISTINCT ON (student_id, unit_id) * FROM (
        SELECT a.student_id, a.unit_id, a.grade_level, a.listed_date, a.connection_id || ':' || a.source_key AS source
        FROM master.admission a WHERE a.school_year = :to_year
        UNION ALL
        SELECT a.student_id, s.to_unit, a.grade_level, a.listed_date, a.connection_id || ':' || a.source_key
        FROM master.admission a JOIN step s ON s.from_unit = a.unit_id
        WHERE a.school_year = :to_year AND s.to_unit IS NOT NULL
    ) told ORDER BY student_id, unit_id, listed_date DESC, source
)"""


WITH = f"""
WITH plan AS (SELECT plan_id, unit_id FROM rollover.plan WHERE plan_id = ANY(:plans)),
ladder(grade, following, level, is_final, is_entrance) AS (VALUES {_LADDER}),
{_PLACEMENT},
{_EVENTS}"""


def counts(plan: str) -> str:
    """Condition that another unit's plan counts: one that is drafted along, or an applied one that is not."""
    return f"""({plan}.plan_id = ANY(:plans) OR {plan}.status = 'applied'
        AND NOT EXISTS (SELECT FROM rollover.plan d WHERE d.plan_id = ANY(:plans) AND d.unit_id = {plan}.unit_id
                        AND d.from_year = {plan}.from_year))"""


def fits(grade: str, code: str) -> str:
    """Condition that a step `s` of a unit takes a person of a grade and class code; unknown ones are in the rest."""
    return f"""(s.grades IS NULL OR {grade} = ANY(s.grades))
    AND (s.class_codes IS NULL OR {code} = ANY(s.class_codes))
    AND coalesce({grade} <> ALL(s.except_grades), true) AND coalesce({code} <> ALL(s.except_class_codes), true)"""

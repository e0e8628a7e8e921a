"""What the warehouse's tables would hold now: one query a table.

master, history, rollover -> rows of warehouse.*

What does not belong here: comparing with what stands (change.py), judging it (gate.py).
Reported rows replace a unit's rolled-over ones as a whole once its plan is confirmed (rollover/confirm.py); until then
a reported person replaces only his own row. Rows of a unit whose sums do not agree (not reconciled) are not believed.
"""

from sqlalchemy import Table

from edu_pipeline.contracts.account import LINKED
from edu_pipeline.contracts.columns import sql_type
from edu_pipeline.contracts.year import SCHOOL_CLASS
from edu_pipeline.schema import entity

# A row keeps the plan that wrote it; whether it is believed says the plan that is applied, an amendment or the first.
_BELIEVED = """JOIN rollover.plan p ON p.unit_id = r.unit_id AND p.to_year = r.school_year AND p.status = 'applied'
    AND p.reconciled"""


def _versions(name: str, basis: str = "") -> str:
    fields = ", ".join(entity(name).field_names) + basis
    return (
        f"SELECT {fields}, recorded_from AS valid_from, CAST(NULL AS timestamptz) AS valid_to, true AS is_current"
        f" FROM master.{name} UNION ALL"
        f" SELECT {fields}, recorded_from, recorded_to, false FROM history.{name}"
    )


def _rolled_over(name: str, table: Table) -> str:
    """An entity's fields as a rolled-over row has them; what it does not carry is empty."""
    return ", ".join(
        f"r.{field.name}" if field.name in table.columns else f"CAST(NULL AS {sql_type(field)}) AS {field.name}"
        for field in entity(name).fields
    )


# A rolled-over class stands since its plan was applied; the reported class of that code takes its place.
_CLASS = f"""{_versions("school_class", ", 'reported' AS basis")}
UNION ALL
SELECT {_rolled_over("school_class", SCHOOL_CLASS)}, 'rolled_over', w.applied_at, NULL, true
FROM rollover.school_class r {_BELIEVED} AND NOT p.is_confirmed
JOIN rollover.plan w ON w.plan_id = r.plan_id
WHERE NOT EXISTS (SELECT FROM master.school_class m WHERE (m.unit_id, m.school_year, m.class_code)
                  = (r.unit_id, r.school_year, r.class_code))"""

_ELSEWHERE = """EXISTS (SELECT FROM master.enrollment m WHERE m.school_year = r.school_year
    AND m.student_id = r.student_id AND m.unit_id <> r.unit_id AND m.status = 'active' AND m.kind = 'primary')"""

_ENROLLMENT = f"""
SELECT unit_id, school_year, student_id, begin_date, end_date, class_code, grade_level, kind, status,
       'reported' AS basis, false AS is_proposed, true AS is_countable FROM master.enrollment
UNION ALL
SELECT r.unit_id, r.school_year, r.student_id, r.begin_date, NULL, r.class_code, r.grade_level, r.kind, 'active',
       'rolled_over', r.is_proposed, NOT p.is_overdue
FROM rollover.enrollment r {_BELIEVED} AND NOT p.is_confirmed
WHERE NOT {_ELSEWHERE}
  AND NOT EXISTS (SELECT FROM master.enrollment m WHERE (m.unit_id, m.school_year, m.student_id)
                  = (r.unit_id, r.school_year, r.student_id))"""

_ASSIGNMENT = f"""
SELECT unit_id, school_year, staff_id, role, begin_date, end_date, status, contract, is_primary, 'reported' AS basis
FROM master.staff_assignment
UNION ALL
SELECT r.unit_id, r.school_year, r.staff_id, r.role, r.begin_date, NULL, r.status, r.contract, r.is_primary,
       'rolled_over'
FROM rollover.staff_assignment r {_BELIEVED} AND NOT p.is_confirmed
WHERE NOT EXISTS (SELECT FROM master.staff_assignment m WHERE (m.unit_id, m.school_year, m.staff_id)
                  = (r.unit_id, r.school_year, r.staff_id))"""

_ACCOUNT = f"""
WITH active AS (
    SELECT unit_id, account_code, count(DISTINCT course_code) AS courses FROM master.course_enrollment
    WHERE status = 'active' GROUP BY 1, 2
)
SELECT a.unit_id, a.account_code, l.person_id, l.person_kind, l.doubt, a.status, a.last_access_month,
       CAST(coalesce(c.courses, 0) AS int) AS course_count
FROM master.account a
JOIN ({LINKED}) l USING (unit_id, account_code)
LEFT JOIN active c USING (unit_id, account_code)"""

_DIFFERENCE = f"""
WITH carried AS (
    SELECT r.unit_id, r.school_year, r.student_id, r.class_code, r.grade_level, p.is_confirmed,
           {_ELSEWHERE} AS is_elsewhere
    FROM rollover.enrollment r {_BELIEVED}
), reported AS (
    SELECT DISTINCT ON (m.unit_id, m.school_year, m.student_id) m.unit_id, m.school_year, m.student_id, m.class_code,
           m.grade_level
    FROM master.enrollment m
    JOIN rollover.plan p ON p.unit_id = m.unit_id AND p.to_year = m.school_year AND p.status = 'applied'
        AND p.reconciled AND p.is_confirmed
    WHERE m.status = 'active' AND m.kind = 'primary' AND m.end_date IS NULL
    ORDER BY m.unit_id, m.school_year, m.student_id, m.begin_date DESC
)
SELECT unit_id, school_year, student_id,
       CASE WHEN c.student_id IS NULL THEN 'not_rolled_over' WHEN r.student_id IS NOT NULL
                AND c.grade_level <> r.grade_level THEN 'other_grade'
            WHEN r.student_id IS NOT NULL THEN 'other_class' WHEN c.is_elsewhere THEN 'reported_elsewhere'
            ELSE 'not_reported' END AS difference,
       c.class_code AS rolled_over_class, r.class_code AS reported_class
FROM carried c FULL JOIN reported r USING (unit_id, school_year, student_id)
WHERE (c.student_id IS NULL OR c.is_confirmed OR c.is_elsewhere)
  AND (c.grade_level, c.class_code) IS DISTINCT FROM (r.grade_level, r.class_code)"""

# table -> its rows as they would be, columns in the table's order
SHAPES: dict[str, str] = {
    **{f"dim_{name}": _versions(name) for name in ("unit", "student", "staff")},
    "dim_school_class": _CLASS,
    "fct_enrollment": _ENROLLMENT,
    "fct_staff_assignment": _ASSIGNMENT,
    "fct_account": _ACCOUNT,
    "rollover_difference": _DIFFERENCE,
}

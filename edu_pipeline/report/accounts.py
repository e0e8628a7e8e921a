"""Who has an account in a unit's learning-management system and who has none, and accounts that are nobody's.

master -> counts by unit; keys one by one

What does not belong here: what it costs a unit (quality/learning.py). Binds: `unit` (empty: all), `as_of`.
"""

from edu_pipeline.contracts.account import LINKED, LINKED_TO

# The newest year that a unit has opened: last year's leavers still stand in the one that closes.
_PRESENT = """(SELECT unit_id, max(school_year) AS school_year FROM ops.unit_year
    WHERE state IN ('open', 'closing') GROUP BY 1) y"""

# Who is there now; a preschool child needs no account.
_DUE = f"""
SELECT DISTINCT unit_id, e.student_id AS person_id, 'student' AS person_kind FROM master.enrollment e
JOIN {_PRESENT} USING (unit_id, school_year)
WHERE e.kind = 'primary' AND e.status = 'active' AND (e.end_date IS NULL OR e.end_date >= :as_of)
  AND e.grade_level BETWEEN 1 AND 12
UNION
SELECT DISTINCT unit_id, a.staff_id, 'staff' FROM master.staff_assignment a
JOIN {_PRESENT} USING (unit_id, school_year)
WHERE a.status = 'working' AND a.role = 'teacher' AND (a.end_date IS NULL OR a.end_date >= :as_of)"""

_WHOSE = f"""
WITH whose AS MATERIALIZED (
    SELECT l.*, a.status, a.connection_id FROM ({LINKED}) l JOIN master.account a USING (unit_id, account_code)
    WHERE CAST(:unit AS text) IS NULL OR a.unit_id = :unit
), lms AS (
    SELECT unit_id, max(connection_id) AS connection_id FROM whose GROUP BY 1
), due AS (
    SELECT d.*, EXISTS (SELECT FROM whose w WHERE (w.unit_id, w.person_id) = (d.unit_id, d.person_id)) AS has_one
    FROM ({_DUE}) d JOIN lms USING (unit_id)
)"""

ACCOUNTS = f"""{_WHOSE}, held AS (
    SELECT unit_id, count(*) AS accounts, count(person_id) AS linked,
           count(*) FILTER (WHERE doubt <> '{LINKED_TO}') AS nobodys,
           count(*) FILTER (WHERE status = 'suspended') AS suspended, count(*) FILTER (WHERE status = 'ended') AS ended
    FROM whose GROUP BY 1
), people AS (
    SELECT unit_id, count(*) FILTER (WHERE person_kind = 'student') AS pupils,
           count(*) FILTER (WHERE person_kind = 'student' AND NOT has_one) AS pupils_without,
           count(*) FILTER (WHERE person_kind = 'staff') AS teachers,
           count(*) FILTER (WHERE person_kind = 'staff' AND NOT has_one) AS teachers_without
    FROM due GROUP BY 1
)
SELECT unit_id AS unit, connection_id AS connection, accounts, linked, nobodys AS "nobody's", suspended, ended, pupils,
       pupils_without AS "pupils without", teachers, teachers_without AS "teachers without"
FROM held JOIN lms USING (unit_id) LEFT JOIN people USING (unit_id) ORDER BY unit_id"""

RECORDS = f"""{_WHOSE}
SELECT unit_id AS unit, connection_id AS connection, 'account' AS what, account_code AS key, doubt AS why
FROM whose WHERE doubt <> '{LINKED_TO}'
UNION ALL
SELECT unit_id, connection_id, person_kind, person_id, 'no account' FROM due JOIN lms USING (unit_id) WHERE NOT has_one
ORDER BY 1, 2, 3, 4"""

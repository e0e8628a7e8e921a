"""What people read of a rollover: sums by unit, plans, lines.

rollover.balance, plan, plan_line -> rows

What does not belong here: deciding or proving (rollover).
"""

from edu_pipeline.contracts.year import CLOSINGS, OPENINGS

_COLUMNS = ", ".join([*(f"closed_{n}" for n in CLOSINGS), *(f"opened_{n}" for n in OPENINGS)])

BALANCES = f"""
SELECT unit_id, from_year, active_count, headcount, headcount_basis, {_COLUMNS}, opened_count,
       staff_count, post_count, post_meant_count, post_standing_count, is_balanced, fault
FROM rollover.balance WHERE CAST(:year AS int) IS NULL OR from_year = :year ORDER BY from_year, unit_id"""

STATUS = """
SELECT DISTINCT ON (p.unit_id, p.from_year) p.unit_id, p.from_year, p.plan_id, p.status, p.reconciled, p.is_confirmed,
       p.fault, left(p.hash, 12) AS hash,
       (SELECT left(c.plan_hash, 12) || ' by ' || c.head_staff_id FROM ops.confirmation c
        WHERE c.unit_id = p.unit_id AND c.school_year = p.from_year AND c.kind = 'plan'
        ORDER BY c.plan_hash = p.hash DESC, c.confirmed_at DESC LIMIT 1) AS head_confirmed, p.run_id,
       (SELECT count(*) FROM rollover.plan_line l WHERE l.plan_id = p.plan_id) AS lines,
       (SELECT count(*) FROM rollover.plan_line l WHERE l.plan_id = p.plan_id AND l.decision = 'pending') AS pending
FROM rollover.plan p
WHERE (CAST(:year AS int) IS NULL OR p.from_year = :year) AND p.status NOT IN ('replaced', 'amended')
ORDER BY p.unit_id, p.from_year, p.status = 'undone', p.plan_id DESC"""

LINES = """
SELECT l.kind, coalesce(l.student_id, l.staff_id, l.connection_id || ':' || l.student_key) AS who, l.from_class,
       l.to_class, l.to_grade, l.role, l.decision, l.reason, l.source, l.is_proposed
FROM rollover.plan_line l
WHERE l.plan_id = (SELECT max(plan_id) FROM rollover.plan WHERE unit_id = :unit AND from_year = :year
                   AND status NOT IN ('undone', 'replaced', 'amended'))
ORDER BY l.line_key"""

DECISIONS = """
SELECT l.kind, l.decision, count(*) AS lines, count(*) FILTER (WHERE l.is_proposed) AS proposed,
       count(DISTINCT l.unit_id) AS units
FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
WHERE p.from_year = :year AND p.status IN ('checked', 'refused', 'applied')
GROUP BY l.kind, l.decision ORDER BY l.kind, l.decision"""

_TERMS = [("active on the last day", "active_count"), ("  declared headcount", "headcount"),
          *((f"closed: {n}", f"closed_{n}") for n in CLOSINGS), ("closed in all", "closed_count"),
          ("  let go: accepted inside", "released_inside"), ("  let go: left the city", "released_away"),
          ("  let go: in transit", "released_transit"), ("  arrived: let go inside", "accepted_inside"),
          ("  arrived: from outside", "accepted_outside"), *((f"opened: {n}", f"opened_{n}") for n in OPENINGS),
          ("opened in all, as it stands", "opened_count")]  # fmt: skip

SUMS = "SELECT * FROM (VALUES " + ", ".join(
    f"({position}, '{label}', (SELECT coalesce(sum({column}), 0) FROM rollover.balance"
    " WHERE CAST(:year AS int) IS NULL OR from_year = :year))"
    for position, (label, column) in enumerate(_TERMS)
) + ") AS sums(line, term, pupils) ORDER BY line"  # fmt: skip

WAREHOUSE = """
SELECT 'dim_unit' AS "table", '' AS basis, count(*) AS rows FROM warehouse.dim_unit
UNION ALL SELECT 'dim_student', '', count(*) FROM warehouse.dim_student
UNION ALL SELECT 'dim_staff', '', count(*) FROM warehouse.dim_staff
UNION ALL SELECT 'dim_school_class', basis, count(*) FROM warehouse.dim_school_class GROUP BY basis
UNION ALL SELECT 'fct_enrollment', school_year || ' ' || basis, count(*) FROM warehouse.fct_enrollment
    GROUP BY school_year, basis
UNION ALL SELECT 'fct_staff_assignment', school_year || ' ' || basis, count(*) FROM warehouse.fct_staff_assignment
    GROUP BY school_year, basis
UNION ALL SELECT 'rollover_difference', difference, count(*) FROM warehouse.rollover_difference GROUP BY difference
ORDER BY 1, 2"""

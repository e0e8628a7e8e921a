"""When do reported rows replace rolled-over ones? When a complete read of the new year has been admitted for the unit.

ops.scope, ops.batch, master.enrollment -> rollover.plan.is_confirmed, is_overdue; whom no school shows: UNCONFIRMED

A carried pupil is confirmed by an active place that the unit's own system reports in the new year, or closed by what is
reported instead: the pupil has left, or is active elsewhere. The last day is the end of corrections: until then the
carried rows may be corrected, and after it nobody would.

What does not belong here: replacing anything (warehouse/shape.py). An empty read confirms nothing (design principle 8).
"""

from sqlalchemy import TextClause, text


def confirm() -> TextClause:
    """UPDATE of the applied plans whose unit's own system has told the whole new year by now."""
    # A unit that others went up in is told as a whole only when what is still read under their codes is, too.
    return text("""
    WITH source AS (
        SELECT p.plan_id, p.unit_id FROM rollover.plan p WHERE p.status = 'applied' AND NOT p.is_confirmed
        UNION SELECT l.plan_id, l.other_unit_id FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
        WHERE p.status = 'applied' AND NOT p.is_confirmed AND l.decision IN ('moved_in', 'moved_out')
    ), reading AS (
        SELECT DISTINCT ON (r.plan_id, s.connection_id, s.unit_id) r.plan_id, s.unit_id, s.connection_id,
               s.is_complete, s.distinct_count
        FROM source r JOIN rollover.plan p USING (plan_id)
        JOIN ops.scope s ON s.entity = 'enrollment' AND s.since IS NULL
            AND (s.unit_id, s.school_year) IN ((r.unit_id, p.to_year), ('', 0))
        JOIN ops.batch b ON b.batch_id = s.batch_id AND b.status = 'merged'
        JOIN ops.authority a ON a.connection_id = s.connection_id AND a.entity = '*' AND a.valid_to IS NULL
            AND a.unit_id IN (SELECT unit_id FROM source k WHERE k.plan_id = p.plan_id)
        ORDER BY r.plan_id, s.connection_id, s.unit_id, s.is_complete AND s.distinct_count > 0 DESC
    )
    UPDATE rollover.plan p SET is_confirmed = true
    WHERE p.status = 'applied' AND NOT p.is_confirmed
      AND EXISTS (SELECT FROM master.enrollment e JOIN source k ON k.unit_id = e.unit_id
                  WHERE k.plan_id = p.plan_id AND e.school_year = p.to_year)
      AND EXISTS (SELECT FROM reading r WHERE r.plan_id = p.plan_id AND r.is_complete AND r.distinct_count > 0)
      AND NOT EXISTS (SELECT FROM reading r WHERE r.plan_id = p.plan_id AND NOT r.is_complete)""")


# The day of confirmation is over, or it was moved (binds: plans, overdue).
OVERDUE = """
UPDATE rollover.plan p SET is_overdue = s.is_overdue
FROM unnest(CAST(:plans AS bigint[]), CAST(:overdue AS boolean[])) s(plan_id, is_overdue)
WHERE p.plan_id = s.plan_id AND p.is_overdue <> s.is_overdue"""

# Carried pupils whom nobody reports in the new year (binds: year, unit).
UNCONFIRMED = """
SELECT r.unit_id AS unit, r.student_id AS student, r.class_code, w.applied_at AS since, p.is_confirmed
FROM rollover.enrollment r
JOIN rollover.plan p ON p.unit_id = r.unit_id AND p.to_year = r.school_year AND p.status = 'applied'
JOIN rollover.plan w ON w.plan_id = r.plan_id
WHERE p.from_year = :year AND (CAST(:unit AS text) IS NULL OR r.unit_id = :unit)
  AND NOT EXISTS (SELECT FROM master.enrollment m WHERE m.unit_id = r.unit_id AND m.school_year = r.school_year
                  AND m.student_id = r.student_id AND m.kind = r.kind)
  AND NOT EXISTS (SELECT FROM master.enrollment m WHERE m.school_year = r.school_year
                  AND m.student_id = r.student_id AND m.kind = 'primary' AND m.status = 'active'
                  AND m.end_date IS NULL)
ORDER BY 1, 3, 2"""

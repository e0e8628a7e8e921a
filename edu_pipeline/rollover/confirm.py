"""When do reported rows replace rolled-over ones? When a complete read of the new year has been admitted for the unit.

ops.scope, ops.batch, master.enrollment -> rollover.plan.is_confirmed

What does not belong here: replacing anything (warehouse/shape.py). An empty read confirms nothing (design principle 8).
"""

from sqlalchemy import TextClause, text


def confirm() -> TextClause:
    """UPDATE of the applied plans whose unit's own system has told the whole new year by now."""
    return text("""
    UPDATE rollover.plan p SET is_confirmed = true
    WHERE p.status = 'applied' AND NOT p.is_confirmed
      AND EXISTS (SELECT FROM master.enrollment e WHERE e.unit_id = p.unit_id AND e.school_year = p.to_year)
      AND EXISTS (SELECT FROM ops.scope s JOIN ops.batch b USING (batch_id)
                  JOIN ops.authority a ON a.unit_id = p.unit_id AND a.connection_id = s.connection_id
                      AND a.valid_to IS NULL
                  WHERE s.entity = 'enrollment' AND s.is_complete AND b.status = 'merged' AND s.distinct_count > 0
                    AND (s.unit_id, s.school_year) IN ((p.unit_id, p.to_year), ('', 0)))""")

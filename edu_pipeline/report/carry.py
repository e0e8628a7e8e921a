"""What a unit has to confirm or settle after a rollover: carried values, and people left without a main post.

rollover.school_class, student_year, staff_assignment, the closing snapshot -> rows

What does not belong here: carrying anything (rollover/carry.py). Whose row the school reports has confirmed it.
Binds: `year` (the closing one), `unit` (or null).
"""

from sqlalchemy import Table

from edu_pipeline.contracts.carry import to_reconfirm
from edu_pipeline.contracts.year import APPLIED
from edu_pipeline.schema import entity


def _quoted(said: str) -> str:
    return "'" + said.replace("'", "''") + "'"


def _open_values(table: Table) -> str:
    """Query of how many rows of a table have a value to be confirmed, field by field."""
    name, fields = table.name, to_reconfirm(table.name)
    of = {alias: ", ".join(f"{alias}.{column.name}" for column in table.primary_key) for alias in "mr"}
    said = ", ".join(f"({n}, {_quoted(f.name)}, {_quoted(f.label_vi)}, r.{f.name})" for n, f in enumerate(fields))
    return f"""
    SELECT r.unit_id AS unit, '{name}' AS entity, {_quoted(entity(name).label_vi)} AS entity_vi, v.field, v.label,
           v.rows, v.n
    FROM (SELECT r.unit_id, {", ".join(f"count(r.{f.name}) AS {f.name}" for f in fields)}
          FROM rollover.{name} r JOIN rollover.plan p USING (plan_id, unit_id)
          WHERE p.from_year = :year AND NOT p.is_confirmed AND (CAST(:unit AS text) IS NULL OR r.unit_id = :unit)
            AND NOT EXISTS (SELECT FROM master.{name} m WHERE ({of["m"]}) = ({of["r"]}))
          GROUP BY r.unit_id) r
    CROSS JOIN LATERAL (VALUES {said}) AS v(n, field, label, rows) WHERE v.rows > 0"""


RECONFIRM = (
    "SELECT unit, entity, entity_vi, field, label, rows FROM ("
    + " UNION ALL ".join(_open_values(table) for table in APPLIED if to_reconfirm(table.name))
    + ") said ORDER BY unit, entity, n"
)

# Who held a main post somewhere on the last day of semester II and holds none anywhere now, but a second one goes on.
WITHOUT_MAIN_POST = """
SELECT r.unit_id AS unit, r.staff_id, r.role, b.became AS main_post
FROM rollover.staff_assignment r JOIN rollover.plan p USING (plan_id, unit_id)
JOIN LATERAL (
    SELECT string_agg('unit ' || s.unit_id || ', ' || s.role || ': ' || coalesce(l.decision, 'no plan'), '; '
                      ORDER BY s.unit_id, s.role) AS became
    FROM rollover.snapshot_assignment s
    LEFT JOIN (rollover.plan_line l JOIN rollover.plan q ON q.plan_id = l.plan_id AND q.status = 'applied')
        ON q.unit_id = s.unit_id AND q.from_year = s.school_year AND l.kind = 'assignment'
        AND (l.staff_id, l.role, l.post_begin) = (s.staff_id, s.role, s.begin_date)
    WHERE s.school_year = :year AND s.staff_id = r.staff_id AND s.is_primary) b ON b.became IS NOT NULL
WHERE p.from_year = :year AND (CAST(:unit AS text) IS NULL OR r.unit_id = :unit)
  AND NOT EXISTS (SELECT FROM rollover.staff_assignment o
                  WHERE (o.staff_id, o.school_year) = (r.staff_id, r.school_year) AND o.is_primary)
  AND NOT EXISTS (SELECT FROM master.staff_assignment m WHERE (m.staff_id, m.school_year) = (r.staff_id, r.school_year)
                  AND m.is_primary AND m.status = 'working')
ORDER BY r.unit_id, r.staff_id, r.role"""

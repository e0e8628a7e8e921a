"""The new year's rows from checked plans, unit by unit, and their way back.

plan_line -> rollover.*_change -> (verdict) -> rollover.school_class, enrollment, staff_assignment; undo

What does not belong here: transactions and the year's state (flow). Statements bind `plans` or `plan`, `run_id`.
"""

from sqlalchemy import TextClause, column, text
from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.tables import WAITING, source_columns
from edu_pipeline.contracts.year import APPLIED, OPENINGS
from edu_pipeline.gate.judge import Part
from edu_pipeline.rollover import check
from edu_pipeline.schema import PULLED

_LINES = """
FROM rollover.plan_line l
JOIN rollover.plan p USING (plan_id)
JOIN master.school_year y ON y.school_year = p.to_year
WHERE l.plan_id = ANY(:plans)"""

_PROOF = "plan_id, line_key, run_id, is_proposed"
_PROVEN = "l.plan_id, l.line_key, :run_id, l.is_proposed"

_FILL = {
    "school_class": f"""
    INSERT INTO rollover.school_class_change (unit_id, school_year, class_code, name, grade_level, homeroom_staff_id,
                                              {_PROOF})
    SELECT l.unit_id, p.to_year, l.to_class, l.to_name, l.to_grade, l.homeroom_staff_id, {_PROVEN}
    {_LINES} AND l.kind = 'class'""",
    "enrollment": f"""
    INSERT INTO rollover.enrollment_change (unit_id, school_year, student_id, begin_date, class_code, grade_level,
                                            decision, was_retained, {_PROOF})
    SELECT l.unit_id, p.to_year, l.student_id, y.begin_date, l.to_class, l.to_grade, l.decision,
           l.from_grade IS NOT DISTINCT FROM l.to_grade, {_PROVEN}
    {_LINES} AND l.kind = 'opening' AND l.decision <> 'pending'""",
    "staff_assignment": f"""
    INSERT INTO rollover.staff_assignment_change (unit_id, school_year, staff_id, role, begin_date, contract,
                                                  is_primary, {_PROOF})
    SELECT l.unit_id, p.to_year, l.staff_id, l.role, y.begin_date, s.contract, s.is_primary, {_PROVEN}
    FROM rollover.plan_line l
    JOIN rollover.plan p USING (plan_id)
    JOIN master.school_year y ON y.school_year = p.to_year
    JOIN LATERAL (SELECT contract, is_primary FROM rollover.snapshot_assignment s
                  WHERE s.unit_id = coalesce(l.other_unit_id, l.unit_id) AND s.school_year = p.from_year
                    AND s.staff_id = l.staff_id
                    AND s.role = l.role ORDER BY is_primary DESC, begin_date LIMIT 1) s ON true
    WHERE l.plan_id = ANY(:plans) AND l.kind = 'assignment' AND l.decision IN ('carried', 'moved_in')""",
}


def fill() -> list[TextClause]:
    """Statements that write the change sets of checked plans."""
    emptied = [text(f"TRUNCATE rollover.{table.name}_change") for table in APPLIED]
    return emptied + [text(_FILL[table.name]) for table in APPLIED]


def _changes(condition: str) -> str:
    return " UNION ALL ".join(
        f"SELECT '{table.name}' AS room, CAST(c AS text) AS line FROM rollover.{table.name}_change c{condition}"
        for table in APPLIED
    )


def change(plan_id: int) -> TextualSelect:
    """One plan's change set over all three tables, as (room, line): what its verdict is on."""
    found = text(_changes(" WHERE plan_id = :plan")).bindparams(plan=plan_id)
    return found.columns(column("room"), column("line"))


def all_changes() -> TextualSelect:
    """The change sets of all plans of the run."""
    return text(_changes("")).columns(column("room"), column("line"))


def parts(plans: list[int]) -> list[Part]:
    """Suite `rollover` on the change set: it is the plans' opening, row by row, and nobody is in it twice."""
    rows = text("SELECT unit_id, student_id, decision, class_code, grade_level FROM rollover.enrollment_change")
    named = rows.columns(*map(column, ("unit_id", "student_id", "decision", "class_code", "grade_level")))
    counts = text("""
    SELECT p.unit_id, (SELECT count(*) FROM rollover.plan_line l WHERE l.plan_id = p.plan_id AND l.kind = 'opening'
                       AND l.decision <> 'pending') AS planned,
           (SELECT count(*) FROM rollover.enrollment_change c WHERE c.plan_id = p.plan_id) AS written
    FROM rollover.plan p WHERE p.plan_id = ANY(:plans)""").bindparams(check.plans_bind(plans))
    return [
        (named, [suites.unique("student_id"), suites.among("decision", list(OPENINGS)), suites.present("class_code"),
                 suites.present("grade_level")]),
        (counts.columns(column("unit_id"), column("planned"), column("written")),
         [suites.equal("planned", "written", "rows_equal_lines")]),
    ]  # fmt: skip


def apply() -> list[TextClause]:
    """Statements that write one unit's rows from the change set, parents first (bind: plan)."""
    found = []
    for table in APPLIED:
        names = ", ".join(column.name for column in table.columns)
        found.append(
            text(f"INSERT INTO rollover.{table.name} ({names}) SELECT {names} FROM rollover.{table.name}_change"
                 " WHERE plan_id = :plan")
        )  # fmt: skip
    return found


def undo() -> list[TextClause]:
    """Statements that take one unit's new year back (binds: plan, unit, year, now): its reported rows wait again."""
    found = [text(f"DELETE FROM rollover.{table.name} WHERE plan_id = :plan") for table in reversed(APPLIED)]
    found.append(text("DELETE FROM rollover.balance b USING rollover.plan p WHERE p.plan_id = :plan"
                      " AND b.unit_id = p.unit_id AND b.from_year = p.from_year"))  # fmt: skip
    for entity in PULLED:
        if not entity.is_yearly:
            continue
        names = ", ".join(column.name for column in source_columns(entity))
        where = "unit_id = :unit AND school_year = :year AND is_present AND event <> 'CANCEL'"
        found.append(
            text(f"INSERT INTO {WAITING[entity.name].fullname} ({names}, reason, since)"
                 f" SELECT {names}, 'year', :now FROM validated.{entity.name} WHERE {where}"
                 " ON CONFLICT (connection_id, source_key) DO NOTHING")
        )  # fmt: skip
        found.append(text(f"DELETE FROM validated.{entity.name} WHERE {where}"))
    return found

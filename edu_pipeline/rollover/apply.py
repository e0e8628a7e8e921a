"""The new year's rows from checked plans, unit by unit, and their way back.

plan_line, snapshot -> rollover.*_change -> (verdict) -> rollover.school_class, enrollment, student_year,
staff_assignment; undo

What does not belong here: transactions and the year's state (flow). Statements bind `plans` or `plan`, `run_id`.
"""

from sqlalchemy import TextClause, column, text
from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.tables import WAITING, source_columns
from edu_pipeline.contracts.year import APPLIED, OPENINGS
from edu_pipeline.gate.judge import Part
from edu_pipeline.rollover import check
from edu_pipeline.rollover.carry import IsCollected, former_class, values
from edu_pipeline.schema import PULLED

_OF = "(s.unit_id, s.school_year, s.{0}) = (coalesce(l.other_unit_id, l.unit_id), p.from_year, l.{0})"
_PROOF = {"plan_id": "l.plan_id", "line_key": "l.line_key", "run_id": ":run_id", "is_proposed": "l.is_proposed"}
_IN_YEAR = {"unit_id": "l.unit_id", "school_year": "p.to_year"}
_OPENED = "l.kind = 'opening' AND l.decision <> 'pending'"

# table -> what the plan says of a row, the snapshot's row `s` that it takes values along from, the lines it is made of
_ROWS: dict[str, tuple[dict[str, str], str, str]] = {
    "school_class": (
        {**_IN_YEAR, "class_code": "l.to_class", "name": "l.to_name", "grade_level": "l.to_grade",
         "homeroom_staff_id": "l.homeroom_staff_id"},
        "LEFT JOIN ({former_class}) s USING (plan_id, to_class, to_grade)",
        "l.kind = 'class'",
    ),
    "enrollment": (
        {**_IN_YEAR, "student_id": "l.student_id", "begin_date": "y.begin_date", "class_code": "l.to_class",
         "grade_level": "l.to_grade", "decision": "l.decision"},
        f"LEFT JOIN rollover.snapshot_student s ON {_OF.format('student_id')}",
        _OPENED,
    ),
    # The mark of a repeated grade is said anew: last year's is not taken along.
    "student_year": (
        {**_IN_YEAR, "student_id": "l.student_id", "was_retained": "coalesce(l.from_grade = l.to_grade, false)"},
        f"LEFT JOIN rollover.snapshot_student_year s ON {_OF.format('student_id')}",
        f"{_OPENED} AND (s.student_id IS NOT NULL OR l.from_grade = l.to_grade)",
    ),
    "staff_assignment": (
        {**_IN_YEAR, "staff_id": "l.staff_id", "role": "l.role", "begin_date": "y.begin_date"},
        f"JOIN rollover.snapshot_assignment s ON {_OF.format('staff_id')} AND s.role = l.role"
        " AND s.begin_date = l.post_begin",
        "l.kind = 'assignment' AND l.decision IN ('carried', 'moved_in')",
    ),
}  # fmt: skip


def fill(is_collected: IsCollected) -> list[TextClause]:
    """Statements that write the change sets of checked plans; fields whose purpose is off stay empty."""
    emptied = [text(f"TRUNCATE rollover.{table.name}_change") for table in APPLIED]
    return emptied + [text(_filled(table.name, is_collected)) for table in APPLIED]


def _filled(name: str, is_collected: IsCollected) -> str:
    own, origin, condition = _ROWS[name]
    said = own | values(name, is_collected) | _PROOF
    return f"""
    INSERT INTO rollover.{name}_change ({", ".join(said)})
    SELECT {", ".join(said.values())}
    FROM rollover.plan_line l
    JOIN rollover.plan p USING (plan_id)
    JOIN master.school_year y ON y.school_year = p.to_year
    {origin.format(former_class=former_class(is_collected))}
    WHERE l.plan_id = ANY(:plans) AND {condition}"""


# The unit is the first column of every key: a change set of the whole city is not read through for each unit of it.
_OF_PLAN = "plan_id = :plan AND unit_id = (SELECT unit_id FROM rollover.plan WHERE plan_id = :plan)"


def _changes(condition: str = "", by: str = "") -> str:
    return " UNION ALL ".join(
        f"SELECT {by}'{table.name}' AS room, CAST(c AS text) AS line FROM rollover.{table.name}_change c{condition}"
        for table in APPLIED
    )


def change(plan_id: int) -> TextualSelect:
    """One plan's change set over all tables, as (room, line): what its verdict is on."""
    found = text(_changes(f" WHERE {_OF_PLAN}")).bindparams(plan=plan_id)
    return found.columns(column("room"), column("line"))


def all_changes(is_by_plan: bool = False) -> TextualSelect:
    """The change sets of all plans of the run, as (room, line); `is_by_plan`: as (plan_id, room, line)."""
    if is_by_plan:
        return text(_changes(by="plan_id, ")).columns(column("plan_id"), column("room"), column("line"))
    return text(_changes()).columns(column("room"), column("line"))


def parts(plans: list[int]) -> list[Part]:
    """Suite `rollover` on the change set: it is the plans' opening, row by row, and nobody is in it twice."""
    rows = text("SELECT unit_id, student_id, decision, class_code, grade_level FROM rollover.enrollment_change")
    named = rows.columns(*map(column, ("unit_id", "student_id", "decision", "class_code", "grade_level")))
    counts = text("""
    SELECT p.unit_id, coalesce(l.planned, 0) AS planned, coalesce(c.written, 0) AS written
    FROM rollover.plan p
    LEFT JOIN (SELECT plan_id, count(*) AS planned FROM rollover.plan_line WHERE plan_id = ANY(:plans)
               AND kind = 'opening' AND decision <> 'pending' GROUP BY plan_id) l USING (plan_id)
    LEFT JOIN (SELECT plan_id, count(*) AS written FROM rollover.enrollment_change GROUP BY plan_id) c USING (plan_id)
    WHERE p.plan_id = ANY(:plans)""").bindparams(check.plans_bind(plans))
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
                 f" WHERE {_OF_PLAN}")
        )  # fmt: skip
    return found


def amend() -> list[TextClause]:
    """Statements that make one unit's rows those of the change set, where they are not; the others are not touched.

    Binds: plan, unit, year, undone (an amendment whose rows become those of the plan before it, else 0).
    """
    found = []
    for table in APPLIED:
        names = [column.name for column in table.columns]
        key = [column.name for column in table.primary_key]
        said = [name for name in names if name not in (*key, "plan_id", "line_key", "run_id")]
        found.append(
            text(f"INSERT INTO rollover.{table.name} AS r ({', '.join(names)}) SELECT {', '.join(names)}"
                 f" FROM rollover.{table.name}_change WHERE {_OF_PLAN} ON CONFLICT ({', '.join(key)})"
                 f" DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in names if name not in key)}"
                 f" WHERE ({', '.join(f'r.{name}' for name in said)})"
                 f" IS DISTINCT FROM ({', '.join(f'excluded.{name}' for name in said)}) OR r.plan_id = :undone")
        )  # fmt: skip
    for table in reversed(APPLIED):
        same = " AND ".join(f"c.{column.name} = r.{column.name}" for column in table.primary_key)
        found.append(
            text(f"DELETE FROM rollover.{table.name} r WHERE unit_id = :unit AND school_year = :year"
                 f" AND NOT EXISTS (SELECT FROM rollover.{table.name}_change c WHERE c.plan_id = :plan AND {same})")
        )  # fmt: skip
    return found


# An amendment takes the place of the plan that it amends; what the school has confirmed stays confirmed.
SUCCEED = """
WITH gone AS (UPDATE rollover.plan SET status = 'amended' WHERE plan_id = :former RETURNING is_confirmed, is_overdue)
UPDATE rollover.plan p SET is_confirmed = gone.is_confirmed, is_overdue = gone.is_overdue FROM gone
WHERE p.plan_id = :plan"""

# Whether the school reports in the new year what was carried over; its own row stays.
_REPORTED = {
    "school_class": "(m.unit_id, m.school_year, m.class_code) = (r.unit_id, r.school_year, r.class_code)",
    "enrollment": "(m.unit_id, m.school_year, m.student_id) = (r.unit_id, r.school_year, r.student_id)",
    "student_year": "(m.unit_id, m.school_year, m.student_id) = (r.unit_id, r.school_year, r.student_id)",
    "staff_assignment": "(m.unit_id, m.school_year, m.staff_id) = (r.unit_id, r.school_year, r.staff_id)",
}


def compensate() -> list[TextClause]:
    """Statements that write down every row of a unit's new year, then take it out (binds: unit, year, reason, document,
    claimed): what the school reports stays as it is."""
    noted = [
        text(f"""
    INSERT INTO rollover.compensation (unit_id, school_year, relation, line_key, plan_id, run_id, content, is_reported,
                                       reason, document, claimed)
    SELECT r.unit_id, r.school_year, '{name}', r.line_key, r.plan_id, r.run_id, to_jsonb(r),
           EXISTS (SELECT FROM master.{name} m WHERE {same}), :reason, :document, :claimed
    FROM rollover.{name} r WHERE r.unit_id = :unit AND r.school_year = :year""")
        for name, same in _REPORTED.items()
    ]
    return noted + _taken()


def _taken() -> list[TextClause]:
    return [
        text(f"DELETE FROM rollover.{name} WHERE {where}")
        for name, where in (
            *((table.name, "unit_id = :unit AND school_year = :year") for table in reversed(APPLIED)),
            ("balance", "unit_id = :unit AND to_year = :year"),
        )
    ]


# The first later edit of a unit's new year, none if there is none (binds: unit, year, since): from then on what was
# applied is not simply gone when it is taken back.
EDITED = """
SELECT said FROM (
    SELECT 1 AS rank, 'results of the new year are in the register' AS said
    WHERE EXISTS (SELECT FROM master.result WHERE unit_id = :unit AND school_year = :year)
    UNION ALL
    SELECT 2, 'the school has changed places of the new year since'
    WHERE EXISTS (SELECT FROM history.enrollment WHERE unit_id = :unit AND school_year = :year AND recorded_to > :since
                  AND ended_by = 'update')
    UNION ALL
    SELECT 3, 'the school reports other places than those carried over'
    WHERE EXISTS (SELECT FROM rollover.enrollment r JOIN master.enrollment m USING (unit_id, school_year, student_id)
                  WHERE unit_id = :unit AND school_year = :year AND m.kind = r.kind
                    AND ((m.class_code, m.grade_level) <> (r.class_code, r.grade_level)
                         OR m.status <> 'active' OR m.end_date IS NOT NULL))
) found ORDER BY rank LIMIT 1"""


def undo() -> list[TextClause]:
    """Statements that take one unit's new year back (binds: unit, year, now): its reported rows wait again."""
    found = _taken()
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

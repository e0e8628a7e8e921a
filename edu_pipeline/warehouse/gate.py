"""The relations that the warehouse's gate reads.

change sets, would-be shapes -> parts of the suite `warehouse`

What does not belong here: applying anything (change.py).
"""

from sqlalchemy import Table, column, text
from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.star import STAR_CHANGE
from edu_pipeline.gate.judge import Part
from edu_pipeline.warehouse.shape import SHAPES

_BASES = ["reported", "rolled_over"]
_DIFFERENCES = ["not_reported", "not_rolled_over", "other_class", "other_grade", "reported_elsewhere"]


def _query(sql: str, *names: str) -> TextualSelect:
    return text(sql).columns(*map(column, names))


def parts(table: Table) -> list[Part]:
    """Rows that change are keyed and say their basis; the would-be set keeps its size and its references."""
    change = STAR_CHANGE[table.name].fullname
    rows = [suites.present(column.name) for column in table.primary_key]
    names = [column.name for column in table.primary_key]
    for name, allowed in (("basis", _BASES), ("difference", _DIFFERENCES)):
        if name in table.columns:
            rows.append(suites.among(name, allowed))
            names.append(name)
    found: list[Part] = [
        (_query(f"SELECT {', '.join(names)} FROM {change} WHERE action <> 'remove'", *names), rows),
        _volume(table),
    ]
    if table.name == "fct_enrollment":
        found += [(_query(sql, "student_id"), [suites.nothing(name)]) for name, sql in LAWS.items()]
    if table.name.startswith("dim_"):
        keys = [name for name in names if name not in ("valid_from", "basis")]
        doubled = f"SELECT {', '.join(keys)} FROM ({SHAPES[table.name]}) s WHERE is_current"
        found.append((_query(doubled, *keys), [suites.unique(*keys)]))
    return found


_FACTS = f"({SHAPES['fct_enrollment']})"
_ACTIVE = "f.kind = 'primary' AND f.status = 'active' AND f.end_date IS NULL"

# law -> query of what must not be
LAWS = {
    "one_active_place": f"SELECT f.student_id FROM {_FACTS} f WHERE {_ACTIVE} GROUP BY f.school_year, f.student_id"
    " HAVING count(*) > 1",
    # By its key alone: a place of another grade than its class is one child's fault and stops nobody; the rule
    # enrollment.grade_level.not_of_class lists it.
    "class_is_known": f"SELECT f.student_id FROM {_FACTS} f LEFT JOIN warehouse.dim_school_class c ON c.is_current"
    " AND (c.unit_id, c.school_year, c.class_code) = (f.unit_id, f.school_year, f.class_code) WHERE c.unit_id IS NULL",
    "student_is_known": f"SELECT f.student_id FROM {_FACTS} f LEFT JOIN warehouse.dim_student d ON d.is_current"
    " AND d.student_id = f.student_id WHERE d.student_id IS NULL",
    # Principle 1 at the last door: whoever is enrolled in the register has a place that can be asked for; until a year
    # is rolled over, in the unit that became the one where the pupil is.
    "enrolled_have_a_place": f"SELECT s.person_id AS student_id FROM ops.person_state s LEFT JOIN {_FACTS} f"
    " ON f.student_id = s.person_id AND f.status = 'active' AND (f.unit_id = s.unit_id"
    " OR (f.unit_id, s.unit_id) IN (SELECT from_unit, to_unit FROM ops.unit_successor))"
    " WHERE s.recorded_to IS NULL AND s.entity = 'student' AND s.state = 'enrolled' AND f.student_id IS NULL",
}


_BY_DESIGN = (
    " AND basis = 'reported' AND EXISTS (SELECT FROM ops.unit_year y WHERE y.unit_id = c.unit_id"
    " AND y.school_year = c.school_year AND y.state <> 'future')"
)


def _volume(table: Table) -> Part:
    change = STAR_CHANGE[table.name].fullname
    # What a rollover's confirmation or undoing takes out leaves on purpose.
    by_design = _BY_DESIGN if "basis" in table.columns else ""
    if table.name == "rollover_difference":
        by_design = " AND false"
    ratio = (
        f"SELECT coalesce(CAST(b.n - l.n AS float) / nullif(b.n, 0), 1.0) AS ratio"
        f" FROM (SELECT count(*) AS n FROM {table.fullname}) b,"
        f" (SELECT count(*) AS n FROM {change} c WHERE action = 'remove'{by_design}) l"
    )
    return _query(ratio, "ratio"), [suites.ratio_above(suites.SHRINK_SHARE, "volume")]

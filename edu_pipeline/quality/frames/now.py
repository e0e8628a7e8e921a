"""What every frame begins with, and how one is declared.

ops.unit_year, master, reference -> NOW: a unit's present year, who is there, who works there; frame()

What does not belong here: any frame (the modules beside this one). Bind: `as_of` (date).
"""

from sqlalchemy import Boolean, Date, Integer, Numeric, Text, column, text
from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.schema.ladder import LEVELS

_TYPES = {"": Text, "i": Integer, "d": Date, "b": Boolean, "n": Numeric}
_KEYS = "unit_id grade_level:i record connection_id source_key"

# What has no grade is of the unit as a whole.
UNIT_LEVEL = "unit"
_GRADES = " ".join(
    f"WHEN {{grade}} IN ({', '.join(map(str, grades))}) THEN '{level}'" for level, grades in LEVELS.items()
)


def level(grade: str) -> str:
    """SQL: the level of a grade."""
    return f"CASE {_GRADES.format(grade=grade)} ELSE '{UNIT_LEVEL}' END"


# The present year of a unit, who is there and who works there, which provinces a ward has ever been in, the year that
# closed, and which unit answers for a member of staff.
NOW = """
WITH present AS (
    SELECT unit_id, max(school_year) AS school_year FROM ops.unit_year y
    WHERE state IN ('open', 'closing')
      -- Nobody is to mend what an ended unit left.
      AND NOT EXISTS (SELECT FROM ops.unit_event v WHERE v.unit_id = y.unit_id AND v.is_end AND v.on_date <= :as_of)
    GROUP BY unit_id
), place AS (
    SELECT e.* FROM master.enrollment e JOIN present USING (unit_id, school_year)
    WHERE e.kind = 'primary' AND e.status = 'active' AND e.end_date IS NULL
), ward AS (
    SELECT w.code, array_agg(DISTINCT coalesce(d.parent, w.parent)) AS provinces
    FROM reference.code_version w
    LEFT JOIN reference.code_version d ON d.list = 'district' AND d.code = w.parent
    WHERE w.list = 'ward' GROUP BY w.code
), post AS (
    SELECT a.* FROM master.staff_assignment a JOIN present USING (unit_id, school_year)
    WHERE a.status = 'working' AND a.end_date IS NULL
), closing AS (
    SELECT s.unit_id, max(s.school_year) AS school_year FROM rollover.snapshot s JOIN present USING (unit_id)
    WHERE s.taken_for <= :as_of GROUP BY s.unit_id
), home AS (
    -- Who answers for a member of staff: the unit of the primary post.
    SELECT DISTINCT ON (staff_id) staff_id, unit_id, role, school_year FROM post
    ORDER BY staff_id, is_primary DESC, begin_date, unit_id
), resulting AS (
    -- Units whose system is asked for results: of another one's a school owes none.
    SELECT DISTINCT a.unit_id FROM ops.authority a
    JOIN (SELECT DISTINCT connection_id FROM ops.scope WHERE entity = 'result') s USING (connection_id)
    WHERE a.entity IN ('*', 'result') AND a.valid_to IS NULL
)"""


def ward(alias: str, prefix: str) -> str:
    """SQL: whether a ward lies in the province that is told beside it."""
    return f"{alias}.{prefix}_province_code = ANY(w_{prefix}.provinces) AS is_{prefix}_in_province"


def wards(alias: str, *prefixes: str) -> str:
    """SQL: the joins that `ward` needs."""
    return " ".join(f"LEFT JOIN ward w_{p} ON w_{p}.code = {alias}.{p}_ward_code" for p in prefixes)


def frame(query: str, names: str) -> TextualSelect:
    """A query's keys, then its columns as `name:type` (i integer, d date, b boolean, n decimal; none: text)."""
    said = [name.partition(":") for name in f"{_KEYS} {names}".split()]
    return text(query).columns(*(column(name, _TYPES[kind]) for name, _, kind in said))

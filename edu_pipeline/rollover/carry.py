"""The values that a new year's row takes along from the closing snapshot, by the carry policy of each field.

snapshot_class, snapshot_student, snapshot_student_year, snapshot_assignment -> columns and their values

What does not belong here: the policy (schema), which fields it makes columns (contracts/carry.py), what the plan says
(apply.py). A field whose purpose is off stays empty, whatever the snapshot knew when it was taken.
"""

from collections.abc import Callable, Iterable

from edu_pipeline.contracts.carry import carried
from edu_pipeline.schema import Field, Need

IsCollected = Callable[[Field], bool]

# A class takes along what all classes agree on whose pupils go up into it. Who repeats the grade there, or comes from
# outside, brings nothing of another class with him; two that are silent agree on nothing.
_AGREED = "CASE WHEN count(s.{0}) = count(*) AND count(DISTINCT s.{0}) = 1 THEN (array_agg(s.{0}))[1] END AS {0}"

FORMER_CLASS = """
SELECT o.plan_id, o.to_class, o.to_grade, {agreed} FROM (
    SELECT DISTINCT plan_id, to_class, to_grade, coalesce(other_unit_id, unit_id) AS unit_id, from_class
    FROM rollover.plan_line WHERE plan_id = ANY(:plans) AND kind = 'opening' AND decision <> 'pending'
      AND from_class IS NOT NULL AND from_grade <> to_grade) o
JOIN rollover.plan p USING (plan_id)
LEFT JOIN rollover.snapshot_class s ON (s.unit_id, s.school_year, s.class_code)
    = (o.unit_id, p.from_year, o.from_class)
GROUP BY o.plan_id, o.to_class, o.to_grade"""


def values(name: str, is_collected: IsCollected) -> dict[str, str]:
    """Column -> SQL of its value in the snapshot's row `s`; what no row can be without has its default where there is
    none."""
    return {field.name: _value(field) for field in _written(name, is_collected)}


def former_class(is_collected: IsCollected) -> str:
    """Query of what the former classes of every new class of the plans agree on (bind: plans)."""
    agreed = (_AGREED.format(field.name) for field in _written("school_class", is_collected))
    return FORMER_CLASS.format(agreed=", ".join(agreed))


def _written(name: str, is_collected: IsCollected) -> Iterable[Field]:
    return filter(is_collected, carried(name))


def _value(field: Field) -> str:
    if field.need is not Need.KEY or field.default is None:
        return f"s.{field.name}"
    default = f"'{field.default}'" if isinstance(field.default, str) else str(field.default).lower()
    return f"coalesce(s.{field.name}, {default})"

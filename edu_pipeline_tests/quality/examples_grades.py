"""Examples of the rules on grades and classes of places: against the class, the unit, the year before, the plan.

rules.yaml, read by hand -> GRADES: rule id -> Example

What does not belong here: the rules (quality/places.py), other rules on places (examples_places.py). Nobody in here is
anybody.
"""

from typing import Any

from edu_pipeline_tests.quality.examples import Example, each, of
from edu_pipeline_tests.quality.examples_places import ACTIVE, NOT_ACTIVE, of_nobody

# What the year before is compared of: grades of a school, both years.
_YEARS = dict(**ACTIVE, grade_level=7, grade_before=6)
# The first and the last grade of a school, twice.
_REPEATED = [dict(grade_level=grade, grade_before=grade) for grade in (1, 12)]


def _outside_school(grade: int, before: int, **said: Any) -> list[dict[str, Any]]:
    """The same, and rows with a grade that is none of a school's twelve, or not known."""
    grades = ((0, 1), (13, 12), (1, 0), (12, 13), (None, before), (grade, None))
    return [
        *of_nobody(grade_level=grade, grade_before=before, **said),
        *(dict(grade_level=now, grade_before=then, **said) for now, then in grades),
    ]


_PROMOTED = each("promoted", "promoted_after_retest", "promoted_after_training", "promoted_after_both")

GRADES: dict[str, Example] = {
    "enrollment.grade_level.not_of_class": of(
        dict(grade_level=6, class_grade=6, class_is_combined=False, **ACTIVE),
        holds=[{}],
        broken=[dict(class_grade=each(5, 7)), dict(class_grade=7, class_is_combined=None)],
        unasked=[
            *of_nobody(class_grade=7),
            dict(class_grade=7, class_is_combined=True),
            dict(class_grade=None),
            dict(grade_level=None),
        ],
    ),
    "enrollment.grade_level.not_offered": of(
        dict(is_grade_offered=False, **ACTIVE),
        holds=[dict(is_grade_offered=True)],
        broken=[{}],
        unasked=[*NOT_ACTIVE, dict(is_grade_offered=None)],
    ),
    "enrollment.entry_kind.not_retained": of(
        dict(**_YEARS, entry_kind="promoted"),
        holds=[dict(entry_kind=_PROMOTED)],
        broken=[dict(grade_level=6, entry_kind=_PROMOTED), *_REPEATED],
        unasked=[
            *_outside_school(6, 6, entry_kind="promoted"),
            *(dict(grade_level=g, grade_before=g) for g in (0, 13)),
            dict(grade_level=6, entry_kind=each("retained", "new_intake", None)),
        ],
    ),
    "enrollment.entry_kind.not_promoted": of(
        dict(**_YEARS, entry_kind="retained"),
        holds=[dict(grade_level=each(5, 6)), *_REPEATED],
        broken=[{}, dict(grade_level=2, grade_before=1), dict(grade_level=12, grade_before=11)],
        unasked=[*_outside_school(7, 6, entry_kind="retained"), dict(entry_kind=each("promoted", "new_intake", None))],
    ),
    "enrollment.grade_level.jumped": of(
        _YEARS,
        holds=[{}, dict(grade_level=6), dict(grade_level=1, grade_before=each(1, 12))],
        broken=[dict(grade_level=8), dict(grade_level=3, grade_before=1), dict(grade_level=12, grade_before=10)],
        unasked=_outside_school(8, 6),
    ),
    "enrollment.grade_level.fell": of(
        _YEARS,
        holds=[{}, dict(grade_level=6), *_REPEATED],
        broken=[dict(grade_level=5), dict(grade_level=1, grade_before=2), dict(grade_level=11, grade_before=12)],
        unasked=_outside_school(5, 6),
    ),
    "enrollment.grade_level.third_year": of(
        dict(**ACTIVE, grade_level=6, grade_before=6, grade_two_before=6),
        holds=[dict(grade_two_before=5)],
        broken=[{}, *(dict(grade_level=g, grade_before=g, grade_two_before=g) for g in (1, 12))],
        unasked=[
            *_outside_school(6, 6, grade_two_before=6),
            *(dict(grade_level=g, grade_before=g, grade_two_before=g) for g in (0, 13)),
            dict(grade_level=7, grade_two_before=7),
            dict(grade_two_before=None),
        ],
    ),
    "student_year.was_retained.not_marked": of(
        dict(**ACTIVE, grade_level=6, grade_before=6, was_retained=False),
        holds=[dict(was_retained=True)],
        broken=[{}, *_REPEATED],
        unasked=[
            *_outside_school(6, 6),
            *(dict(grade_level=g, grade_before=g) for g in (0, 13)),
            dict(grade_level=7),
            dict(was_retained=None),
        ],
    ),
    "student_year.was_retained.was_not": of(
        dict(**_YEARS, was_retained=True),
        holds=[dict(grade_level=each(5, 6)), *_REPEATED],
        broken=[{}, dict(grade_level=2, grade_before=1), dict(grade_level=12, grade_before=11)],
        unasked=[*_outside_school(7, 6), dict(was_retained=each(False, None))],
    ),
    "enrollment.grade_level.not_as_planned": of(
        dict(grade_level=6, planned_grade=6, **ACTIVE),
        holds=[{}],
        broken=[dict(planned_grade=each(5, 7))],
        unasked=[*of_nobody(planned_grade=7), dict(planned_grade=None), dict(grade_level=None)],
    ),
    "enrollment.class_code.not_as_planned": of(
        dict(class_code="6A1", planned_class="6A1", is_plan_proposed=False, **ACTIVE),
        holds=[{}],
        broken=[dict(class_code="6A2")],
        unasked=[
            *of_nobody(class_code="6A2"),
            dict(class_code="6A2", is_plan_proposed=each(True, None)),
            dict(class_code=None),
            dict(planned_class=None),
        ],
    ),
}

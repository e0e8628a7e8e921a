"""Examples of the rules on what is told of a pupil for the year: relief, support, boarding, disability, membership.

rules.yaml, read by hand -> YEARS: rule id -> Example

What does not belong here: the rules (quality/pupils.py), the pupil (examples_pupils.py). Nobody in here is anybody.
"""

from edu_pipeline_tests.quality.examples import Example, each, of

_RELIEVED = dict(fee_relief="reduced", grade_level=10, poverty="none", policy_group=None, disability=None,
                 is_in_difficult_area=False)  # fmt: skip
_SUPPORTED = dict(poverty="none", policy_group=None, is_in_difficult_area=False)
_WITH_REASON = [dict(poverty=each("near_poor", "poor")), dict(policy_group="orphan"), dict(is_in_difficult_area=True)]

YEARS: dict[str, Example] = {
    "student_year.fee_relief.without_reason": of(
        _RELIEVED,
        holds=[*_WITH_REASON, dict(disability="vision")],
        broken=[dict(fee_relief=each("reduced", "exempt"), grade_level=each(10, 12)), dict(is_in_difficult_area=None)],
        unasked=[dict(fee_relief=each("none", None)), dict(grade_level=each(9, 13, None)), dict(poverty=None)],
    ),
    "student_year.fee_relief.not_given": of(
        dict(poverty="poor", fee_relief="none", grade_level=6),
        holds=[dict(fee_relief=each("reduced", "exempt"))],
        broken=[{}, dict(grade_level=12)],
        unasked=[
            dict(poverty=each("near_poor", "none", None)),
            dict(fee_relief=None),
            dict(grade_level=each(5, 13, None)),
        ],
    ),
    "student_year.has_lunch_support.without_reason": of(
        dict(has_lunch_support=True, **_SUPPORTED),
        holds=_WITH_REASON,
        broken=[{}],
        unasked=[dict(has_lunch_support=each(False, None)), dict(poverty=None), dict(is_in_difficult_area=None)],
    ),
    "student_year.has_rice_support.without_reason": of(
        dict(has_rice_support=True, **_SUPPORTED),
        holds=_WITH_REASON,
        broken=[{}],
        unasked=[dict(has_rice_support=each(False, None)), dict(poverty=None), dict(is_in_difficult_area=None)],
    ),
    "student_year.has_housing_support.not_boarding": of(
        dict(has_housing_support=True, boarding="none"),
        holds=[dict(boarding=each("day", "full"))],
        broken=[{}],
        unasked=[dict(has_housing_support=each(False, None)), dict(boarding=None)],
    ),
    "student_year.boarding.class_has_none": of(
        dict(boarding="day", class_has_boarding=True),
        holds=[dict(boarding=each("day", "full"))],
        broken=[dict(boarding=each("day", "full"), class_has_boarding=False)],
        unasked=[dict(boarding=each("none", None), class_has_boarding=False), dict(class_has_boarding=None)],
    ),
    "student_year.has_two_sessions.not_as_class": of(
        dict(has_two_sessions=True, class_has_two_sessions=True),
        holds=[{}, dict(has_two_sessions=False, class_has_two_sessions=False)],
        broken=[dict(has_two_sessions=False), dict(class_has_two_sessions=False)],
        unasked=[dict(has_two_sessions=None), dict(class_has_two_sessions=None)],
    ),
    "student_year.disability.class_says_none": of(
        dict(disability="vision", class_has_disabled=True),
        holds=[{}],
        broken=[dict(class_has_disabled=False)],
        unasked=[dict(disability=None, class_has_disabled=False), dict(class_has_disabled=None)],
    ),
    "student_year.disability.unit_says_none": of(
        dict(disability="vision", unit_has_disabled=True),
        holds=[{}],
        broken=[dict(unit_has_disabled=False)],
        unasked=[dict(disability=None, unit_has_disabled=False), dict(unit_has_disabled=None)],
    ),
    "student_year.is_pioneer.not_of_age": of(
        dict(is_pioneer=True, age=10),
        holds=[dict(age=each(8, 16))],
        broken=[dict(age=each(7, 17))],
        unasked=[dict(is_pioneer=each(False, None), age=7), dict(age=None)],
    ),
    "student_year.is_union_member.not_of_age": of(
        dict(is_union_member=True, age=16),
        holds=[dict(age=each(15, 18))],
        broken=[dict(age=each(14, 10))],
        unasked=[dict(is_union_member=each(False, None), age=14), dict(age=None)],
    ),
    "student_year.has_minority_language.of_kinh": of(
        dict(has_minority_language=True, ethnicity="04"),
        holds=[dict(ethnicity=each("04", "55"))],
        broken=[dict(ethnicity="01")],
        unasked=[dict(has_minority_language=each(False, None), ethnicity="01"), dict(ethnicity=None)],
    ),
    "student_year.is_in_difficult_area.unit_is_not": of(
        dict(is_in_difficult_area=True, unit_is_in_difficult_area=True),
        holds=[{}],
        broken=[dict(unit_is_in_difficult_area=False)],
        unasked=[
            dict(is_in_difficult_area=each(False, None), unit_is_in_difficult_area=False),
            dict(unit_is_in_difficult_area=None),
        ],
    ),
}

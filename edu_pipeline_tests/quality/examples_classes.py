"""Examples of the rules on classes and who teaches them.

rules.yaml, read by hand -> CLASSES: rule id -> Example

What does not belong here: the rules (quality/classes.py). Nobody in here is anybody.
"""

from edu_pipeline_tests.quality.examples import Example, each, marked, of, where

# Most pupils of a class, by its grades, the first and the last of each kind.
_LARGEST = {(1, 5): 35, (6, 12): 45, (13, 15): 25, (16, 18): 35}

_CLASS: dict[str, Example] = {
    "school_class.class_code.too_large": of(
        dict(grade_level=6, size=40),
        holds=[dict(grade_level=each(*grades), size=each(most, 0)) for grades, most in _LARGEST.items()],
        broken=[dict(grade_level=each(*grades), size=most + 1) for grades, most in _LARGEST.items()],
        unasked=[dict(grade_level=each(19, None), size=60), dict(size=None)],
    ),
    "school_class.class_code.empty": of(
        dict(size=0, year_begin="2024-09-05", today="2024-09-05"),
        holds=[dict(size=1)],
        broken=[{}, dict(today="2024-10-01")],
        unasked=[dict(today=each("2024-09-04", None)), dict(year_begin=None), dict(size=None)],
    ),
    "school_class.homeroom_staff_id.not_employed": of(
        dict(homeroom_staff_id="0000000001", is_employed=True),
        holds=[{}],
        broken=[dict(is_employed=False)],
        unasked=[dict(homeroom_staff_id=None, is_employed=False), dict(is_employed=None)],
    ),
    "school_class.homeroom_staff_id.no_teacher": marked("teaches"),
    "school_class.homeroom_staff_id.leads_two": of(
        dict(homeroom_staff_id="0000000001", led_count=1),
        holds=[{}],
        broken=[dict(led_count=2)],
        unasked=[dict(homeroom_staff_id=None, led_count=2), dict(led_count=None)],
    ),
    "school_class.name.twice": where("name_count", holds=each(1), broken=each(2), unasked=each(None)),
    "school_class.name.another_grade": of(
        dict(grade_level=6, grade_in_name=6),
        holds=[{}, dict(grade_level=1, grade_in_name=1), dict(grade_level=12, grade_in_name=12)],
        broken=[dict(grade_in_name=each(1, 5, 7, 12)), dict(grade_level=each(1, 12))],
        unasked=[
            dict(grade_level=each(0, 13, None)),
            dict(grade_in_name=each(0, 13, None)),
        ],
    ),
    "school_class.grade_level.not_offered": marked("is_grade_offered"),
    "school_class.campus_code.unknown": marked("is_campus_unknown", is_broken=True),
    "school_class.combined_class_code.missing": of(
        dict(is_combined=True, class_type="combined", combined_class_code=None),
        holds=[dict(combined_class_code="L2")],
        broken=[{}],
        unasked=[dict(is_combined=each(False, None)), dict(class_type=each("ordinary", None))],
    ),
    "school_class.combined_class_code.unknown": of(
        dict(combined_class_code="L2", is_other_known=True),
        holds=[{}],
        broken=[dict(is_other_known=False)],
        unasked=[dict(combined_class_code=None, is_other_known=False), dict(is_other_known=None)],
    ),
    "school_class.class_type.not_combined": of(
        dict(is_combined=False, class_type="ordinary"),
        holds=[dict(class_type=each("ordinary", "specialised"))],
        broken=[dict(class_type="combined")],
        unasked=[dict(is_combined=each(True, None), class_type="combined"), dict(class_type=None)],
    ),
    "school_class.weekly_session_count.too_few": of(
        dict(has_two_sessions=True, weekly_session_count=6),
        holds=[dict(weekly_session_count=each(6, 10))],
        broken=[dict(weekly_session_count=each(5, 1))],
        unasked=[dict(has_two_sessions=each(False, None), weekly_session_count=5), dict(weekly_session_count=None)],
    ),
    "school_class.shift.not_both": of(
        dict(has_two_sessions=True, shift="both"),
        holds=[{}],
        broken=[dict(shift=each("morning", "afternoon"))],
        unasked=[dict(has_two_sessions=each(False, None), shift="morning"), dict(shift=None)],
    ),
    "school_class.second_language.the_first": of(
        dict(first_language="en", second_language="fr"),
        holds=[{}],
        broken=[dict(second_language="en")],
        unasked=[dict(second_language=None), dict(first_language=None)],
    ),
    "school_class.stream.not_of_grade": of(
        dict(grade_level=9, stream="none"),
        holds=[dict(grade_level=each(1, 9))],
        broken=[dict(grade_level=each(1, 9), stream=each("natural_sciences", "social_sciences", "basic"))],
        unasked=[dict(grade_level=each(0, 10, 12, None), stream="basic"), dict(stream=None)],
    ),
    "school_class.specialisation.type_differs": of(
        dict(specialisation="physics", class_type="specialised"),
        holds=[{}],
        broken=[dict(class_type=each("ordinary", "combined"))],
        unasked=[dict(specialisation=None, class_type="ordinary"), dict(class_type=None)],
    ),
    "school_class.has_boarding.unit_has_none": of(
        dict(has_boarding=True, unit_has_boarding=True),
        holds=[{}],
        broken=[dict(unit_has_boarding=False)],
        unasked=[dict(has_boarding=each(False, None), unit_has_boarding=False), dict(unit_has_boarding=None)],
    ),
    "school_class.has_two_sessions.unit_has_none": of(
        dict(has_two_sessions=True, unit_has_two_sessions=True),
        holds=[{}],
        broken=[dict(unit_has_two_sessions=False)],
        unasked=[
            dict(has_two_sessions=each(False, None), unit_has_two_sessions=False),
            dict(unit_has_two_sessions=None),
        ],
    ),
    "class_subject.class_code.none_taught": of(
        dict(unit_tells_subjects=True, grade_level=1, size=1, subject_count=0),
        holds=[dict(subject_count=1)],
        broken=[dict(grade_level=each(1, 12)), dict(size=40)],
        unasked=[
            dict(unit_tells_subjects=each(False, None)),
            dict(grade_level=each(0, 13, None)),
            dict(size=each(0, None)),
            dict(subject_count=None),
        ],
    ),
}

_SUBJECT: dict[str, Example] = {
    "class_subject.staff_id.not_employed": of(
        dict(staff_id="0000000001", is_employed=True),
        holds=[{}],
        broken=[dict(is_employed=False)],
        unasked=[dict(staff_id=None, is_employed=False), dict(is_employed=None)],
    ),
    "class_subject.staff_id.not_declared": of(
        dict(unit_tells_subjects=True, staff_id="0000000001", grade_level=6, is_declared=False),
        holds=[dict(is_declared=True)],
        broken=[dict(grade_level=each(6, 12))],
        unasked=[
            dict(unit_tells_subjects=each(False, None)),
            dict(staff_id=None),
            # A primary teacher teaches nearly all subjects.
            dict(grade_level=each(5, 13, None)),
            dict(is_declared=None),
        ],
    ),
    "class_subject.weekly_period_count.overloaded": of(
        dict(staff_id="0000000001", periods="46"),
        holds=[dict(periods=each("46", "45.5", "0"))],
        broken=[dict(periods=each("46.5", "47"))],
        unasked=[dict(staff_id=None, periods="47"), dict(periods=None)],
    ),
}

CLASSES = _CLASS | _SUBJECT

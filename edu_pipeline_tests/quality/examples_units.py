"""Examples of the rules on a unit as a whole.

rules.yaml, read by hand -> UNITS: rule id -> Example

What does not belong here: the rules (quality/units.py). No unit in here is any unit.
"""

from edu_pipeline_tests.quality.examples import Example, each, marked, of, where

# kind -> its first and its last grade (domain.md 3.1, 3.3)
_GRADES = {"preschool": (13, 18), "primary": (1, 5), "lower_secondary": (6, 9), "upper_secondary": (10, 12)}
_ANY_GRADES = each("multi_level", "continuing_education", "foreign_invested", "office", None)

_PROFILE: dict[str, Example] = {
    "unit.grade_levels.not_of_kind": of(
        dict(unit_kind="primary", first_grade=1, last_grade=5),
        holds=[
            *(dict(unit_kind=kind, first_grade=a, last_grade=b) for kind, (a, b) in _GRADES.items()),
            dict(last_grade=3),
        ],
        broken=[
            *(dict(unit_kind=kind, first_grade=a, last_grade=b + 1) for kind, (a, b) in _GRADES.items()),
            *(dict(unit_kind=kind, first_grade=a - 1, last_grade=b) for kind, (a, b) in _GRADES.items()),
        ],
        unasked=[
            dict(unit_kind=_ANY_GRADES, last_grade=12),
            dict(first_grade=None),
            dict(last_grade=None),
        ],
    ),
    "unit.education_level.not_of_kind": of(
        dict(unit_kind="primary", education_level="primary"),
        holds=[dict(unit_kind=kind, education_level=kind) for kind in _GRADES],
        broken=[dict(unit_kind=kind, education_level="continuing") for kind in _GRADES],
        unasked=[dict(unit_kind=_ANY_GRADES), dict(education_level=None)],
    ),
    "unit.campus_count.not_as_listed": of(
        dict(campus_count=2, campuses=2),
        holds=[{}],
        broken=[dict(campuses=each(1, 3))],
        unasked=[dict(campuses=None), dict(campus_count=None)],
    ),
    "campus.is_main.not_one": where("mains", holds=each(1), broken=each(0, 2), unasked=each(None)),
    "unit.closed_date.has_pupils": of(
        dict(closed_date="2024-10-01", today="2024-10-01", pupil_count=0),
        holds=[{}],
        broken=[dict(pupil_count=1), dict(pupil_count=1, closed_date="2024-08-31")],
        unasked=[dict(pupil_count=1, closed_date=each("2024-10-02", None)), dict(today=None), dict(pupil_count=None)],
    ),
    "unit.closed_date.before_opened": of(
        dict(opened_date="2000-09-01", closed_date="2000-09-01"),
        holds=[{}, dict(closed_date="2024-08-31")],
        broken=[dict(closed_date="2000-08-31")],
        unasked=[dict(closed_date=None), dict(opened_date=None)],
    ),
    "unit.ward_code.outside_province": marked("is_ward_elsewhere", is_broken=True),
    "unit.parent_unit_id.no_office": of(
        dict(parent_unit_id="00000001", parent_kind="office"),
        holds=[{}],
        broken=[dict(parent_kind=each("primary", "upper_secondary"))],
        unasked=[dict(parent_unit_id=None, parent_kind="primary"), dict(parent_kind=None)],
    ),
    "unit.is_foreign_invested.not_of_kind": of(
        dict(unit_kind="primary", is_foreign_invested=False),
        holds=[{}, dict(unit_kind="foreign_invested", is_foreign_invested=True)],
        broken=[dict(unit_kind="foreign_invested"), dict(is_foreign_invested=True)],
        unasked=[dict(is_foreign_invested=None), dict(unit_kind=None)],
    ),
    "unit.is_national_standard.not_accredited": of(
        dict(is_national_standard=True, accreditation_level=1),
        holds=[dict(accreditation_level=each(1, 4))],
        broken=[dict(accreditation_level=None)],
        unasked=[dict(is_national_standard=each(False, None), accreditation_level=None)],
    ),
}

_WITHIN: dict[str, Example] = {
    "staff_assignment.role.no_head": of(
        dict(post_count=1, head_count=1),
        holds=[dict(head_count=each(1, 2))],
        broken=[dict(head_count=0)],
        unasked=[dict(post_count=each(0, None), head_count=0), dict(head_count=None)],
    ),
    "staff_assignment.role.two_heads": of(
        dict(post_count=1, head_count=1),
        holds=[dict(head_count=each(0, 1))],
        broken=[dict(head_count=2)],
        # Who tells no posts does not hold to it, either.
        unasked=[dict(post_count=each(0, None), head_count=0), dict(head_count=None)],
    ),
    "staff_assignment.staff_id.too_few_teachers": of(
        dict(pupil_count=120, teacher_count=2, post_count=3),
        holds=[{}, dict(teacher_count=5), dict(pupil_count=1, teacher_count=1, post_count=1)],
        broken=[dict(pupil_count=121), dict(pupil_count=1, teacher_count=0, post_count=1)],
        unasked=[
            dict(pupil_count=each(0, None)),
            dict(post_count=each(0, None), teacher_count=0),
            dict(teacher_count=None),
        ],
    ),
    "school_class.unit_id.none": of(
        dict(pupil_count=1, class_count=1),
        holds=[{}],
        broken=[dict(class_count=0)],
        unasked=[dict(pupil_count=each(0, None), class_count=0), dict(class_count=None)],
    ),
    "unit.has_boarding.no_class_has": of(
        dict(has_boarding=True, boards=True),
        holds=[{}],
        broken=[dict(boards=False)],
        unasked=[dict(has_boarding=each(False, None), boards=False), dict(boards=None)],
    ),
    "unit.has_two_sessions.no_class_has": of(
        dict(has_two_sessions=True, two=True),
        holds=[{}],
        broken=[dict(two=False)],
        unasked=[dict(has_two_sessions=each(False, None), two=False), dict(two=None)],
    ),
    "enrollment.unit_id.not_as_counted": of(
        dict(pupil_count=100, headcount=100),
        holds=[dict(pupil_count=each(90, 100, 110)), dict(headcount=1, pupil_count=1)],
        broken=[dict(pupil_count=each(89, 111, 0)), dict(headcount=1, pupil_count=0)],
        unasked=[dict(headcount=each(0, None)), dict(pupil_count=None)],
    ),
}

_SYSTEMS: dict[str, Example] = {
    "deployed_system.unit_id.none_declared": of(
        dict(unit_kind="primary", system_count=1),
        holds=[dict(system_count=each(1, 2))],
        broken=[dict(system_count=each(0, None))],
        unasked=[dict(unit_kind=each("office", None), system_count=0)],
    ),
    "deployed_system.stage.none_live": of(
        dict(system_count=1, live_count=1),
        holds=[{}, dict(system_count=2)],
        broken=[dict(live_count=0)],
        unasked=[dict(system_count=each(0, None), live_count=0), dict(live_count=None)],
    ),
    "result.unit_id.system_tells_none": of(
        dict(is_answered_for=True, result_count=1, tells_results=True),
        holds=[{}],
        broken=[dict(tells_results=False)],
        unasked=[
            dict(tells_results=False, result_count=each(0, None)),
            dict(tells_results=False, is_answered_for=each(False, None)),
            dict(tells_results=None),
        ],
    ),
    "unit.unit_id.never_read": of(
        dict(is_answered_for=True, read_on=None),
        holds=[dict(read_on="2023-09-01")],
        broken=[{}],
        unasked=[dict(is_answered_for=each(False, None))],
    ),
    "unit.unit_id.silent": of(
        dict(is_answered_for=True, read_on="2024-10-01", today="2024-10-08"),
        holds=[{}, dict(read_on="2024-10-08")],
        broken=[dict(today="2024-10-09")],
        unasked=[
            dict(is_answered_for=each(False, None), read_on="2024-09-01"),
            dict(read_on=None),
            dict(today=None),
        ],
    ),
}

UNITS = _PROFILE | _WITHIN | _SYSTEMS

"""Examples of the rules on staff and their posts.

rules.yaml, read by hand -> PEOPLE: rule id -> Example

What does not belong here: the rules (quality/people.py). Nobody in here is anybody.
"""

from edu_pipeline_tests.quality.examples import Example, each, marked, of, where

_BELOW_COLLEGE = each("intermediate", "other", "pedagogy_12_2", "pedagogy_9_3", "below_pedagogy",
                      "intermediate_certified", "intermediate_pedagogy")  # fmt: skip
_COLLEGE_AND_ABOVE = each("college", "college_certified", "college_pedagogy", "university", "university_certified",
                          "university_pedagogy", "master", "doctor")  # fmt: skip
_GROUPS = {"head": "manager", "deputy_head": "manager", "teacher": "teacher", "employee": "employee"}

_PERSON: dict[str, Example] = {
    "staff.birth_date.too_young": of(
        dict(this_year=2024, birth_year=2006),
        holds=[{}],
        broken=[dict(birth_year=2007)],
        unasked=[dict(birth_year=None), dict(this_year=None)],
    ),
    "staff.birth_date.too_old": of(
        dict(this_year=2024, birth_year=1959),
        holds=[{}],
        broken=[dict(birth_year=1958)],
        unasked=[dict(birth_year=None), dict(this_year=None)],
    ),
    "staff.personal_number.shared": where("number_count", holds=each(1), broken=each(2), unasked=each(None)),
    "staff.social_insurance_number.shared": where("insurance_count", holds=each(1), broken=each(2), unasked=each(None)),
    "staff.recruited_date.as_a_child": of(
        dict(recruited_year=2008, birth_year=1990),
        holds=[{}, dict(recruited_year=2020)],
        broken=[dict(recruited_year=2007)],
        unasked=[dict(recruited_year=None), dict(birth_year=None)],
    ),
    "staff.ethnicity.of_foreigners": of(
        dict(nationality="VN", ethnicity="01"),
        holds=[dict(ethnicity=each("01", "54"))],
        broken=[dict(ethnicity="55")],
        unasked=[dict(ethnicity="55", nationality=each("GB", None)), dict(ethnicity=None)],
    ),
    "staff.qualification.below_standard": of(
        dict(role="teacher", unit_kind="primary", qualification="college"),
        holds=[dict(qualification=_COLLEGE_AND_ABOVE)],
        broken=[
            dict(qualification=_BELOW_COLLEGE),
            dict(unit_kind=each("lower_secondary", "upper_secondary"), qualification="intermediate"),
        ],
        unasked=[
            dict(role=each("head", "deputy_head", "employee", None), qualification="intermediate"),
            dict(unit_kind=each("preschool", "office", None), qualification="intermediate"),
            dict(qualification=None),
        ],
    ),
    "staff.qualification.not_trained_so": of(
        dict(has_training=True, is_trained_so=True),
        holds=[{}],
        broken=[dict(is_trained_so=False)],
        unasked=[dict(has_training=each(False, None), is_trained_so=False), dict(is_trained_so=None)],
    ),
    "staff.residence_ward_code.outside_province": marked("is_residence_in_province"),
    "staff.hometown_ward_code.outside_province": marked("is_hometown_in_province"),
    "staff_training.graduated_year.as_a_child": of(
        dict(first_graduated=2007, birth_year=1990),
        holds=[{}, dict(first_graduated=2012)],
        broken=[dict(first_graduated=2006)],
        unasked=[dict(first_graduated=None), dict(birth_year=None)],
    ),
    "staff_training.graduated_year.in_future": of(
        dict(last_graduated=2024, this_year=2024),
        holds=[{}, dict(last_graduated=2010)],
        broken=[dict(last_graduated=2025)],
        unasked=[dict(last_graduated=None), dict(this_year=None)],
    ),
    "staff_assignment.is_primary.none": where("primary_count", holds=each(1, 2), broken=each(0), unasked=each(None)),
    "staff_assignment.is_primary.two": where("primary_count", holds=each(0, 1), broken=each(2), unasked=each(None)),
    "staff_assignment.share_pct.over_whole": where("share", holds=each(50, 100), broken=each(101), unasked=each(None)),
    "staff_subject.staff_id.none": of(
        dict(role="teacher", unit_tells_subjects=True, unit_kind="lower_secondary", subject_count=0),
        holds=[dict(subject_count=each(1, 2))],
        broken=[dict(unit_kind=each("lower_secondary", "upper_secondary"))],
        unasked=[
            dict(role=each("head", "employee", None)),
            dict(unit_tells_subjects=each(False, None)),
            dict(unit_kind=each("primary", "preschool", None)),
            dict(subject_count=None),
        ],
    ),
    "staff_subject.is_main.none": of(
        dict(subject_count=1, main_subject_count=1),
        holds=[{}, dict(subject_count=2)],
        broken=[dict(subject_count=each(1, 2), main_subject_count=0)],
        unasked=[dict(subject_count=each(0, None), main_subject_count=0), dict(main_subject_count=None)],
    ),
}

_POST: dict[str, Example] = {
    "staff_assignment.end_date.missing": of(
        dict(status="ended", end_date=None),
        holds=[dict(end_date="2024-12-31")],
        broken=[dict(status=each("ended", "retired", "transferred_out"))],
        unasked=[dict(status=each("working", None))],
    ),
    "staff_assignment.status.working_after_end": of(
        dict(status="working", end_date="2024-10-01", today="2024-10-01"),
        holds=[{}, dict(end_date="2025-05-31")],
        broken=[dict(end_date="2024-09-30")],
        unasked=[dict(status=each("ended", None), end_date="2024-09-30"), dict(end_date=None), dict(today=None)],
    ),
    "staff_assignment.end_reason.of_working": of(
        dict(status="working", end_reason=None),
        holds=[{}],
        broken=[dict(end_reason="moved away")],
        unasked=[dict(status=each("ended", "retired", None), end_reason="moved away")],
    ),
    "staff_assignment.detailed_status.contradicts_status": of(
        dict(status="working", detailed_status="working"),
        holds=[
            dict(detailed_status=each("working", "transferred_in", "awaiting_retirement", "seconded", "reassigned")),
            *(
                dict(status=status, detailed_status=detailed)
                for status, detailed in (
                    ("transferred_out", "transferred_out"),
                    ("retired", "retired"),
                    ("ended", "resigned"),
                )
            ),
        ],
        broken=[
            dict(detailed_status=each("transferred_out", "retired", "resigned")),
            dict(status=each("transferred_out", "retired", "ended"), detailed_status=each("working", "transferred_in")),
            # Gone, and not in that way.
            dict(status="retired", detailed_status=each("transferred_out", "resigned")),
            dict(status="ended", detailed_status="retired"),
        ],
        unasked=[dict(detailed_status=None), dict(status=None)],
    ),
    "staff_assignment.contract.not_of_official": of(
        dict(role="head", contract="official_indefinite"),
        holds=[dict(contract=each("official_indefinite", "official_definite", "labor"))],
        broken=[dict(role=each("head", "deputy_head"), contract=each("visiting", "task"))],
        unasked=[dict(role=each("teacher", "employee", None), contract="visiting"), dict(contract=None)],
    ),
    "staff_assignment.staff_group.not_of_role": of(
        dict(role="teacher", staff_group="teacher"),
        holds=[dict(role=role, staff_group=group) for role, group in _GROUPS.items()],
        broken=[
            dict(role=role, staff_group=each(*sorted(set(_GROUPS.values()) - {group})))
            for role, group in _GROUPS.items()
        ],
        unasked=[dict(staff_group=None), dict(role=None, staff_group="manager")],
    ),
    "staff_assignment.begin_date.before_recruited": of(
        dict(begin_date="2020-09-01", recruited_date="2020-09-01"),
        holds=[{}, dict(begin_date="2024-09-01")],
        broken=[dict(begin_date="2020-08-31")],
        unasked=[dict(begin_date=None), dict(recruited_date=None)],
    ),
    "staff_assignment.status_date.in_future": of(
        dict(status_date="2024-10-01", today="2024-10-01"),
        holds=[{}, dict(status_date="2020-09-01")],
        broken=[dict(status_date="2024-10-02")],
        unasked=[dict(status_date=None), dict(today=None)],
    ),
    "staff_assignment.status.unit_closed": of(
        dict(status="working", unit_closed="2024-10-01", today="2024-10-01"),
        holds=[dict(unit_closed="2024-10-02")],
        broken=[{}, dict(unit_closed="2024-08-31")],
        unasked=[dict(status=each("ended", "retired", None)), dict(unit_closed=None), dict(today=None)],
    ),
    "staff_assignment.salary_step.without_coefficient": of(
        dict(salary_step=3, salary_coefficient="3.00"),
        holds=[{}],
        broken=[dict(salary_coefficient=None)],
        unasked=[dict(salary_step=None, salary_coefficient=each("3.00", None))],
    ),
}

PEOPLE = _PERSON | _POST

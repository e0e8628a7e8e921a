"""Examples of the rules on pupils and on what is told of them for the year.

rules.yaml, read by hand -> PUPILS: rule id -> Example

What does not belong here: the rules (quality/pupils.py). Nobody in here is anybody.
"""

from edu_pipeline_tests.quality.examples import Example, each, marked, of, where

_IN_SCHOOL = dict(unit_kind="primary", school_year=2024, grade_level=1, birth_year=2018)
_NOT_IN_SCHOOL = [dict(grade_level=each(0, 13, None)), dict(unit_kind=each("continuing_education", None))]
_IN_GROUP = dict(school_year=2024, grade_level=16, birth_year=2021)
_RELIEVED = dict(fee_relief="reduced", grade_level=10, poverty="none", policy_group=None, disability=None,
                 is_in_difficult_area=False)  # fmt: skip
_SUPPORTED = dict(poverty="none", policy_group=None, is_in_difficult_area=False)
_WITH_REASON = [dict(poverty=each("near_poor", "poor")), dict(policy_group="orphan"), dict(is_in_difficult_area=True)]

_STUDENT: dict[str, Example] = {
    "student.birth_date.young_for_grade": of(
        _IN_SCHOOL,
        holds=[{}, dict(birth_year=2017), dict(grade_level=12, birth_year=2007), dict(unit_kind="multi_level")],
        broken=[dict(birth_year=2019), dict(grade_level=12, birth_year=2008)],
        unasked=[
            dict(grade_level=each(0, None), birth_year=2020),
            dict(grade_level=13, birth_year=2008),
            dict(unit_kind=each("continuing_education", None), birth_year=2019),
            dict(birth_year=None),
            dict(school_year=None),
        ],
    ),
    "student.birth_date.old_for_grade": of(
        _IN_SCHOOL,
        holds=[{}, dict(birth_year=2015), dict(grade_level=12, birth_year=2004)],
        broken=[dict(birth_year=2014), dict(grade_level=12, birth_year=2003)],
        unasked=[
            *_NOT_IN_SCHOOL,
            dict(unit_kind="continuing_education", birth_year=1990),
            dict(birth_year=None),
            dict(school_year=None),
        ],
    ),
    "student.birth_date.not_of_group": of(
        _IN_GROUP,
        holds=[dict(birth_year=each(2020, 2021, 2022)), dict(grade_level=18, birth_year=each(2018, 2019, 2020))],
        broken=[dict(birth_year=each(2019, 2023)), dict(grade_level=18, birth_year=each(2017, 2021))],
        unasked=[dict(grade_level=each(15, 19, 1, None)), dict(birth_year=None), dict(school_year=None)],
    ),
    "student.birth_date.old_for_nursery": of(
        dict(school_year=2024, grade_level=13, birth_year=2021),
        holds=[dict(grade_level=each(13, 15)), dict(birth_year=2024)],
        broken=[dict(grade_level=each(13, 15), birth_year=2020)],
        unasked=[dict(grade_level=each(12, 16, None), birth_year=2020), dict(birth_year=None), dict(school_year=None)],
    ),
    "student.personal_number.shared": where("number_count", holds=each(1), broken=each(2, 3), unasked=each(None)),
    "student.student_id.twin_suspected": where("alike_count", holds=each(1), broken=each(2), unasked=each(None)),
    "student.ethnicity.of_foreigners": of(
        dict(nationality="VN", ethnicity="01"),
        holds=[dict(ethnicity=each("01", "54"))],
        broken=[dict(ethnicity="55")],
        unasked=[dict(ethnicity=None), dict(ethnicity="55", nationality=each("KR", None))],
    ),
    "student.nationality.of_vietnamese": of(
        dict(nationality="KR", personal_number=None, ethnicity="55"),
        holds=[{}],
        broken=[dict(ethnicity=each("01", "54"))],
        unasked=[
            dict(ethnicity="01", nationality=each("VN", None)),
            dict(ethnicity="01", personal_number="001018000001"),
            dict(ethnicity=None),
        ],
    ),
    "student.residence_ward_code.outside_province": marked("is_residence_in_province"),
    "student.permanent_ward_code.outside_province": marked("is_permanent_in_province"),
    "student.birth_ward_code.outside_province": marked("is_birth_in_province"),
    "student.hometown_ward_code.outside_province": marked("is_hometown_in_province"),
    "guardian.student_id.nobody": of(
        dict(unit_tells_guardians=True, guardian_count=1),
        holds=[dict(guardian_count=each(1, 3))],
        broken=[dict(guardian_count=0)],
        unasked=[dict(unit_tells_guardians=each(False, None), guardian_count=0), dict(guardian_count=None)],
    ),
    "guardian.phone.nobody_reached": of(
        dict(guardian_count=1, guardian_phone_count=0, phone=None),
        holds=[
            dict(guardian_phone_count=1),
            dict(phone="0000000000"),
            dict(guardian_phone_count=2, phone="0000000000"),
        ],
        broken=[{}, dict(guardian_count=2)],
        unasked=[dict(guardian_count=each(0, None)), dict(guardian_phone_count=None)],
    ),
    "guardian.relation.twice": of(
        dict(guardian_count=2, father_count=1, mother_count=1),
        holds=[{}, dict(guardian_count=1, father_count=0, mother_count=0)],
        broken=[dict(father_count=2), dict(mother_count=2), dict(guardian_count=1, father_count=2)],
        # Who tells nobody does not hold to it, either.
        unasked=[
            dict(guardian_count=each(0, None), father_count=0, mother_count=0),
            dict(father_count=None),
            dict(mother_count=None),
        ],
    ),
    "guardian.birth_date.young_for_child": of(
        dict(birth_year=2015, youngest_parent=2000),
        holds=[{}, dict(youngest_parent=1985)],
        broken=[dict(youngest_parent=each(2001, 2016))],
        unasked=[dict(youngest_parent=None), dict(birth_year=None)],
    ),
    "guardian.birth_date.old_for_child": of(
        dict(birth_year=2015, oldest_parent=1945),
        holds=[{}, dict(oldest_parent=1985)],
        broken=[dict(oldest_parent=each(1944, 1915))],
        unasked=[dict(oldest_parent=None), dict(birth_year=None)],
    ),
    "guardian.personal_number.of_the_child": marked("has_guardians_number", is_broken=True),
    "student_paper.paper_number.not_the_number": of(
        dict(card_number="001018000001", personal_number="001018000001"),
        holds=[{}],
        broken=[dict(card_number="001018000002"), dict(card_number="01018000001")],
        unasked=[dict(card_number=None), dict(personal_number=None)],
    ),
    "student_paper.issued_date.before_birth": of(
        dict(first_issued="2018-05-02", birth_date="2018-05-02"),
        holds=[{}, dict(first_issued="2019-01-01"), dict(birth_date=each("2018", "2018-05"))],
        broken=[dict(first_issued="2018-05-01"), dict(birth_date=each("2019", "2018-06", "2018-05-03"))],
        unasked=[dict(first_issued=None), dict(birth_date=None)],
    ),
}

_YEAR: dict[str, Example] = {
    "student_year.fee_relief.without_reason": of(
        _RELIEVED,
        holds=[*_WITH_REASON, dict(disability="vision")],
        broken=[dict(fee_relief=each("reduced", "exempt"), grade_level=each(10, 12)), dict(is_in_difficult_area=None)],
        unasked=[dict(fee_relief=each("none", None)), dict(grade_level=each(9, 13, None)), dict(poverty=None)],
    ),
    "student_year.fee_relief.not_given": of(
        dict(poverty="poor", fee_relief="none"),
        holds=[dict(fee_relief=each("reduced", "exempt"))],
        broken=[{}],
        unasked=[dict(poverty=each("near_poor", "none", None)), dict(fee_relief=None)],
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

PUPILS = _STUDENT | _YEAR

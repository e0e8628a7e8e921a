"""Examples of the rules on pupils: age, identity, parents, papers.

rules.yaml, read by hand -> PUPILS: rule id -> Example

What does not belong here: the rules (quality/pupils.py), what is told for the year (examples_years.py). Nobody in here
is anybody.
"""

from edu_pipeline_tests.quality.examples import Example, each, marked, of, where

_IN_SCHOOL = dict(unit_kind="primary", school_year=2024, grade_level=1, birth_year=2018)
_NOT_IN_SCHOOL = [dict(grade_level=each(0, 13, None)), dict(unit_kind=each("continuing_education", None))]
_IN_GROUP = dict(school_year=2024, grade_level=16, birth_year=2021)
PUPILS: dict[str, Example] = {
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

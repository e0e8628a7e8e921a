"""Rules on pupils and what is told of them for the year: person against place, parents, papers, other pupils.

frames `student`, `student_year` -> RULES

What does not belong here: where a pupil sits (places.py). Ages are years of the calendar: school year less birth year.
Source: domain.md 2.4, 2.7; grades begin at six (Education Law 2019, art. 28).
"""

from sqlalchemy import ColumnElement, and_, func, not_, or_

from edu_pipeline.quality.rule import Columns, Rule

# By how many years a pupil may be older than the grade's age (TT 28/2020, TT 32/2020: retained, late, from abroad).
OLDER = 3
# A parent is this many years older than the child, at least and at most.
PARENT_YEARS = (15, 70)
# A nursery takes children of up to three years.
NURSERY_AGE = 3


def _age(c: Columns) -> ColumnElement[int]:
    return c.school_year - c.birth_year


def _is_school(c: Columns) -> ColumnElement[bool]:
    return and_(c.grade_level.between(1, 12), c.unit_kind != "continuing_education")


RULES: dict[str, tuple[Rule, ...]] = {
    "student": (
        Rule("student.birth_date.young_for_grade", lambda c: _age(c) < c.grade_level + 5, _is_school),
        Rule("student.birth_date.old_for_grade", lambda c: _age(c) > c.grade_level + 5 + OLDER, _is_school),
        Rule("student.birth_date.not_of_group", lambda c: func.abs(_age(c) - c.grade_level + 13) > 1,
             lambda c: c.grade_level.between(16, 18)),
        Rule("student.birth_date.old_for_nursery", lambda c: _age(c) > NURSERY_AGE,
             lambda c: c.grade_level.between(13, 15)),
        Rule("student.personal_number.shared", lambda c: c.number_count > 1),
        Rule("student.student_id.twin_suspected", lambda c: c.alike_count > 1),
        Rule("student.ethnicity.of_foreigners", lambda c: c.ethnicity == "55", lambda c: c.nationality == "VN"),
        Rule("student.nationality.of_vietnamese", lambda c: c.ethnicity != "55",
             lambda c: and_(c.nationality != "VN", c.personal_number.is_(None))),
        Rule("student.residence_ward_code.outside_province", lambda c: not_(c.is_residence_in_province)),
        Rule("student.permanent_ward_code.outside_province", lambda c: not_(c.is_permanent_in_province)),
        Rule("student.birth_ward_code.outside_province", lambda c: not_(c.is_birth_in_province)),
        Rule("student.hometown_ward_code.outside_province", lambda c: not_(c.is_hometown_in_province)),
        Rule("guardian.student_id.nobody", lambda c: c.guardian_count == 0, lambda c: c.unit_tells_guardians),
        Rule("guardian.phone.nobody_reached", lambda c: and_(c.guardian_phone_count == 0, c.phone.is_(None)),
             lambda c: c.guardian_count > 0),
        Rule("guardian.relation.twice", lambda c: or_(c.father_count > 1, c.mother_count > 1),
             lambda c: c.guardian_count > 0),
        Rule("guardian.birth_date.young_for_child", lambda c: c.birth_year - c.youngest_parent < PARENT_YEARS[0]),
        Rule("guardian.birth_date.old_for_child", lambda c: c.birth_year - c.oldest_parent > PARENT_YEARS[1]),
        Rule("guardian.personal_number.of_the_child", lambda c: c.has_guardians_number),
        Rule("student_paper.paper_number.not_the_number", lambda c: c.card_number != c.personal_number),
        Rule("student_paper.issued_date.before_birth",
             lambda c: func.to_char(c.first_issued, "YYYY-MM-DD") < c.birth_date),
    ),
    "student_year": (
        Rule("student_year.fee_relief.without_reason",
             lambda c: and_(c.poverty == "none", c.policy_group.is_(None), c.disability.is_(None),
                            not_(func.coalesce(c.is_in_difficult_area, False))),
             lambda c: and_(c.fee_relief.in_(["reduced", "exempt"]), c.grade_level.between(10, 12))),
        Rule("student_year.fee_relief.not_given", lambda c: c.fee_relief == "none",
             # Primary schools take no fee.
             lambda c: and_(c.poverty == "poor", c.grade_level.between(6, 12))),
        Rule("student_year.has_lunch_support.without_reason",
             lambda c: and_(c.poverty == "none", c.policy_group.is_(None), not_(c.is_in_difficult_area)),
             lambda c: c.has_lunch_support),
        Rule("student_year.has_rice_support.without_reason",
             lambda c: and_(c.poverty == "none", c.policy_group.is_(None), not_(c.is_in_difficult_area)),
             lambda c: c.has_rice_support),
        Rule("student_year.has_housing_support.not_boarding", lambda c: c.boarding == "none",
             lambda c: c.has_housing_support),
        Rule("student_year.boarding.class_has_none", lambda c: not_(c.class_has_boarding),
             lambda c: c.boarding.in_(["day", "full"])),
        Rule("student_year.has_two_sessions.not_as_class", lambda c: c.has_two_sessions != c.class_has_two_sessions),
        Rule("student_year.disability.class_says_none", lambda c: not_(c.class_has_disabled),
             lambda c: c.disability.is_not(None)),
        Rule("student_year.disability.unit_says_none", lambda c: not_(c.unit_has_disabled),
             lambda c: c.disability.is_not(None)),
        Rule("student_year.is_pioneer.not_of_age", lambda c: not_(c.age.between(8, 16)), lambda c: c.is_pioneer),
        Rule("student_year.is_union_member.not_of_age", lambda c: c.age < 15, lambda c: c.is_union_member),
        Rule("student_year.has_minority_language.of_kinh", lambda c: c.ethnicity == "01",
             lambda c: c.has_minority_language),
        Rule("student_year.is_in_difficult_area.unit_is_not", lambda c: not_(c.unit_is_in_difficult_area),
             lambda c: c.is_in_difficult_area),
    ),
}  # fmt: skip

"""Rules on classes and who teaches them: size, name, teacher, sessions, the unit's campuses.

frames `school_class`, `class_subject` -> RULES

What does not belong here: who sits in them (places.py). Sizes: TT 28/2020 (primary), TT 32/2020 (secondary),
TT 52/2020 (preschool); what is allowed may be replaced by the site's weights, not by a school.
"""

from sqlalchemy import ColumnElement, and_, case, not_

from edu_pipeline.quality.rule import Columns, Rule

# up to this grade -> most pupils in a class
SIZES = {5: 35, 12: 45, 15: 25, 18: 35}
# Two sessions a day make at least this many a week.
SESSIONS = 6
# Periods a week that nobody teaches (twice the norm of a primary teacher, TT 28/2009).
PERIODS = 46


def _most(c: Columns) -> ColumnElement[int]:
    return case(*((c.grade_level <= last, most) for last, most in SIZES.items()))


def _has_begun(c: Columns) -> ColumnElement[bool]:
    return c.year_begin <= c.today


RULES: dict[str, tuple[Rule, ...]] = {
    "school_class": (
        Rule("school_class.class_code.too_large", lambda c: c.size > _most(c)),
        Rule("school_class.class_code.empty", lambda c: c.size == 0, _has_begun),
        Rule("school_class.homeroom_staff_id.not_employed", lambda c: not_(c.is_employed),
             lambda c: c.homeroom_staff_id.is_not(None)),
        Rule("school_class.homeroom_staff_id.no_teacher", lambda c: not_(c.teaches)),
        Rule("school_class.homeroom_staff_id.leads_two", lambda c: c.led_count > 1,
             lambda c: c.homeroom_staff_id.is_not(None)),
        Rule("school_class.name.twice", lambda c: c.name_count > 1),
        Rule("school_class.name.another_grade", lambda c: c.grade_in_name != c.grade_level,
             lambda c: and_(c.grade_level.between(1, 12), c.grade_in_name.between(1, 12))),
        Rule("school_class.grade_level.not_offered", lambda c: not_(c.is_grade_offered)),
        Rule("school_class.campus_code.unknown", lambda c: c.is_campus_unknown),
        Rule("school_class.combined_class_code.missing", lambda c: c.combined_class_code.is_(None),
             lambda c: and_(c.is_combined, c.class_type == "combined")),
        Rule("school_class.combined_class_code.unknown", lambda c: not_(c.is_other_known),
             lambda c: c.combined_class_code.is_not(None)),
        Rule("school_class.class_type.not_combined", lambda c: c.class_type == "combined",
             lambda c: not_(c.is_combined)),
        Rule("school_class.weekly_session_count.too_few", lambda c: c.weekly_session_count < SESSIONS,
             lambda c: c.has_two_sessions),
        Rule("school_class.shift.not_both", lambda c: c.shift != "both", lambda c: c.has_two_sessions),
        Rule("school_class.second_language.the_first", lambda c: c.second_language == c.first_language),
        Rule("school_class.stream.not_of_grade", lambda c: c.stream != "none",
             lambda c: c.grade_level.between(1, 9)),
        Rule("school_class.specialisation.type_differs", lambda c: c.class_type != "specialised",
             lambda c: c.specialisation.is_not(None)),
        Rule("school_class.has_boarding.unit_has_none", lambda c: not_(c.unit_has_boarding), lambda c: c.has_boarding),
        Rule("school_class.has_two_sessions.unit_has_none", lambda c: not_(c.unit_has_two_sessions),
             lambda c: c.has_two_sessions),
        Rule("class_subject.class_code.none_taught", lambda c: c.subject_count == 0,
             lambda c: and_(c.unit_tells_subjects, c.grade_level.between(1, 12), c.size > 0)),
    ),
    "class_subject": (
        Rule("class_subject.staff_id.not_employed", lambda c: not_(c.is_employed), lambda c: c.staff_id.is_not(None)),
        Rule("class_subject.staff_id.not_declared", lambda c: not_(c.is_declared),
             lambda c: and_(c.unit_tells_subjects, c.staff_id.is_not(None), c.grade_level.between(6, 12))),
        Rule("class_subject.weekly_period_count.overloaded", lambda c: c.periods > PERIODS,
             lambda c: c.staff_id.is_not(None)),
    ),
}  # fmt: skip

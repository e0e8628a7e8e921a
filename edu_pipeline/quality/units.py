"""Rules on a unit as a whole: what it says of itself against what stands of it, and what others count.

frame `unit` -> RULES

What does not belong here: its classes, pupils and staff one by one. Source: domain.md 2.2, 1.3 (TT 24/2018).
"""

import datetime as dt

from sqlalchemy import ColumnElement, and_, func, not_, or_

from edu_pipeline.quality.rule import Columns, Rule

# kind -> first and last grade that it may have
GRADES = {"preschool": (13, 18), "primary": (1, 5), "lower_secondary": (6, 9), "upper_secondary": (10, 12)}
# By how much the unit's own headcount and the register may differ.
DIFFERENCE = 0.1
# A complete read is not older than this.
SILENCE = dt.timedelta(days=7)
# Pupils to a teacher, at most.
PUPILS_A_TEACHER = 60


def _other_grades(c: Columns) -> ColumnElement[bool]:
    return or_(*(
        and_(c.unit_kind == kind, or_(c.first_grade < first, c.last_grade > last))
        for kind, (first, last) in GRADES.items()
    ))  # fmt: skip


def _has_pupils(c: Columns) -> ColumnElement[bool]:
    return c.pupil_count > 0


RULES: dict[str, tuple[Rule, ...]] = {
    "unit": (
        Rule("unit.grade_levels.not_of_kind", _other_grades, lambda c: c.unit_kind.in_(sorted(GRADES))),
        Rule("unit.education_level.not_of_kind", lambda c: c.education_level != c.unit_kind,
             lambda c: c.unit_kind.in_(sorted(GRADES))),
        Rule("unit.campus_count.not_as_listed", lambda c: c.campus_count != c.campuses),
        Rule("campus.is_main.not_one", lambda c: c.mains != 1),
        Rule("unit.closed_date.has_pupils", lambda c: c.pupil_count > 0, lambda c: c.closed_date <= c.today),
        Rule("unit.closed_date.before_opened", lambda c: c.closed_date < c.opened_date),
        Rule("staff_assignment.role.no_head", lambda c: c.head_count == 0, lambda c: c.post_count > 0),
        Rule("staff_assignment.role.two_heads", lambda c: c.head_count > 1, lambda c: c.post_count > 0),
        Rule("staff_assignment.staff_id.too_few_teachers", lambda c: c.pupil_count > PUPILS_A_TEACHER * c.teacher_count,
             lambda c: and_(_has_pupils(c), c.post_count > 0)),
        Rule("school_class.unit_id.none", lambda c: c.class_count == 0, _has_pupils),
        Rule("unit.has_boarding.no_class_has", lambda c: not_(c.boards), lambda c: c.has_boarding),
        Rule("unit.has_two_sessions.no_class_has", lambda c: not_(c.two),
             lambda c: c.has_two_sessions),
        Rule("enrollment.unit_id.not_as_counted",
             lambda c: func.abs(c.pupil_count - c.headcount) > DIFFERENCE * c.headcount, lambda c: c.headcount > 0),
        Rule("deployed_system.unit_id.none_declared", lambda c: func.coalesce(c.system_count, 0) == 0,
             lambda c: c.unit_kind != "office"),
        Rule("deployed_system.stage.none_live", lambda c: c.live_count == 0, lambda c: c.system_count > 0),
        Rule("unit.unit_id.never_read", lambda c: c.read_on.is_(None), lambda c: c.is_answered_for),
        Rule("unit.unit_id.silent", lambda c: c.read_on < c.today - SILENCE, lambda c: c.is_answered_for),
        Rule("result.unit_id.system_tells_none", lambda c: not_(c.tells_results),
             lambda c: and_(c.is_answered_for, c.result_count > 0)),
        Rule("unit.ward_code.outside_province", lambda c: c.is_ward_elsewhere),
        Rule("unit.parent_unit_id.no_office", lambda c: c.parent_kind != "office",
             lambda c: c.parent_unit_id.is_not(None)),
        Rule("unit.is_foreign_invested.not_of_kind",
             lambda c: c.is_foreign_invested != (c.unit_kind == "foreign_invested")),
        Rule("unit.is_national_standard.not_accredited", lambda c: c.accreditation_level.is_(None),
             lambda c: c.is_national_standard),
    ),
}  # fmt: skip

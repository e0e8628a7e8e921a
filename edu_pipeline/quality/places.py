"""Rules on places: grade against class, unit, year before, dates, transfers, lists; and on the year that closed.

frames `enrollment`, `roster`, `result` -> RULES

What does not belong here: who may be where next year (rollover). Source: domain.md 4, 5.
"""

import datetime as dt

from sqlalchemy import ColumnElement, and_, func, not_, or_

from edu_pipeline.quality.rule import Columns, Rule
from edu_pipeline.schema.ladder import ENTRANCE_GRADES, FINAL_GRADES, NEXT_GRADE

# A place may begin this long before the year opens: summer intake.
EARLY = dt.timedelta(days=120)
# ... and end this long after it: who goes in summer.
LATE = dt.timedelta(days=100)
# More absences than this, and the pupil stays down (TT 22/2021, art. 12).
ABSENCES = 45
# The status and the detailed one have these words in common.
_GONE = ("transferred_out", "withdrawn", "on_leave")
_THERE = ("studying", "transferred_in", "returned")
_PROMOTED = ("promoted", "promoted_after_retest", "promoted_after_training", "promoted_after_both")
# Anybody may have that one; the others are titles of the year.
_SUDDEN = "surprise"
# Grades of a school that are not the last of their level.
_UNFINISHED = [grade for grade in NEXT_GRADE if grade <= 12]


def _is_active(c: Columns) -> ColumnElement[bool]:
    return and_(c.status == "active", c.kind == "primary", c.end_date.is_(None))


def _is_school(c: Columns) -> ColumnElement[bool]:
    return and_(_is_active(c), c.grade_level.between(1, 12), c.grade_before.between(1, 12))


def _repeats(c: Columns) -> ColumnElement[bool]:
    return and_(_is_active(c), c.grade_level.between(1, 12), c.grade_before == c.grade_level)


RULES: dict[str, tuple[Rule, ...]] = {
    "enrollment": (
        Rule("enrollment.grade_level.not_of_class", lambda c: c.grade_level != c.class_grade,
             # A class of which nobody says that it is combined has one grade: many systems do not tell.
             lambda c: and_(_is_active(c), not_(func.coalesce(c.class_is_combined, False)))),
        Rule("enrollment.grade_level.not_offered", lambda c: not_(c.is_grade_offered), _is_active),
        Rule("enrollment.student_id.two_places", lambda c: c.place_count > 1, _is_active),
        Rule("enrollment.begin_date.outside_year",
             lambda c: or_(c.begin_date < c.year_begin - EARLY, c.begin_date > c.year_end)),
        Rule("enrollment.end_date.outside_year",
             lambda c: or_(c.end_date < c.year_begin - EARLY, c.end_date > c.year_end + LATE)),
        Rule("enrollment.end_date.missing", lambda c: c.end_date.is_(None), lambda c: c.status.in_(_GONE)),
        Rule("enrollment.status.active_after_end", lambda c: c.end_date < c.today, lambda c: c.status == "active"),
        Rule("enrollment.begin_date.in_future", lambda c: c.begin_date > c.today + EARLY),
        Rule("enrollment.withdrawal_reason.missing", lambda c: c.withdrawal_reason.is_(None),
             lambda c: c.status == "withdrawn"),
        Rule("enrollment.withdrawal_reason.of_nobody_gone", lambda c: c.withdrawal_reason.is_not(None),
             lambda c: c.status.in_(["active", "transferred_out"])),
        Rule("enrollment.to_unit_name.missing", lambda c: c.goes_to.is_(None), lambda c: c.status == "transferred_out"),
        Rule("enrollment.from_unit_name.missing", lambda c: c.comes_from.is_(None),
             lambda c: c.entry_kind == "transferred_in"),
        Rule("enrollment.detailed_status.contradicts_status",
             lambda c: or_(and_(c.detailed_status.in_(_GONE), c.status != c.detailed_status),
                           and_(c.detailed_status.in_(_THERE), c.status != "active"))),
        Rule("enrollment.entry_kind.not_retained", lambda c: c.grade_before == c.grade_level,
             lambda c: and_(_is_school(c), c.entry_kind.in_(_PROMOTED))),
        Rule("enrollment.entry_kind.not_promoted", lambda c: c.grade_level > c.grade_before,
             lambda c: and_(_is_school(c), c.entry_kind == "retained")),
        Rule("enrollment.entry_kind.transfer_unproven", lambda c: not_(c.is_accepted),
             lambda c: and_(_is_active(c), c.entry_kind == "transferred_in", c.unit_before != c.unit_id)),
        Rule("enrollment.entry_kind.intake_unlisted", lambda c: not_(c.is_listed),
             lambda c: and_(_is_active(c), c.has_list, c.grade_level.in_(sorted(ENTRANCE_GRADES)),
                            c.entry_kind == "new_intake")),
        Rule("enrollment.status.release_unproven", lambda c: not_(c.is_released),
             lambda c: c.status == "transferred_out"),
        Rule("enrollment.grade_level.jumped", lambda c: c.grade_level > c.grade_before + 1, _is_school),
        Rule("enrollment.grade_level.fell", lambda c: c.grade_level < c.grade_before, _is_school),
        Rule("enrollment.grade_level.third_year", lambda c: c.grade_two_before == c.grade_level, _repeats),
        Rule("student_year.was_retained.not_marked", lambda c: not_(c.was_retained), _repeats),
        Rule("student_year.was_retained.was_not", lambda c: c.grade_before < c.grade_level,
             lambda c: and_(_is_school(c), c.was_retained)),
        Rule("student_year.student_id.not_told", lambda c: not_(c.has_year_row),
             lambda c: and_(_is_active(c), c.unit_tells_year)),
        Rule("enrollment.status.arrived_late", lambda c: c.is_late),
        Rule("enrollment.student_id.unit_closed", lambda c: c.unit_closed <= c.today, _is_active),
        Rule("enrollment.grade_level.not_as_planned", lambda c: c.grade_level != c.planned_grade, _is_active),
        Rule("enrollment.class_code.not_as_planned", lambda c: c.class_code != c.planned_class,
             lambda c: and_(_is_active(c), not_(c.is_plan_proposed))),
    ),
    "roster": (
        Rule("roster.student_id.carried_not_shown", lambda c: not_(c.is_reported), lambda c: c.list == "rollover"),
        Rule("roster.student_id.listed_not_shown", lambda c: not_(c.is_reported), lambda c: c.list == "admission"),
        Rule("roster.student_id.accepted_not_shown", lambda c: not_(c.is_reported), lambda c: c.list == "transfer"),
        Rule("roster.student_id.carried_elsewhere", lambda c: c.is_elsewhere, lambda c: c.list == "rollover"),
    ),
    "result": (
        Rule("result.student_id.not_told", lambda c: not_(c.is_reported),
             lambda c: and_(c.system_tells, c.grade_level.between(1, 12))),
        Rule("result.outcome.against_absences", lambda c: c.outcome != "retained",
             lambda c: and_(c.absence_count > ABSENCES, c.grade_level.between(6, 12))),
        Rule("result.outcome.against_levels", lambda c: c.outcome.in_(["promoted", "completed"]),
             lambda c: and_(c.academic_level == "4", c.conduct_level == "4")),
        Rule("result.outcome.level_not_completed", lambda c: c.outcome == "completed",
             lambda c: c.grade_level.in_(_UNFINISHED)),
        Rule("result.outcome.final_promoted", lambda c: c.outcome == "promoted",
             lambda c: c.grade_level.in_(sorted(FINAL_GRADES))),
        Rule("result.has_graduated.before_completion", lambda c: not_(c.has_completed_level),
             lambda c: c.has_graduated),
        Rule("result.graduation_kind.of_nobody", lambda c: not_(c.has_graduated),
             lambda c: c.graduation_kind.is_not(None)),
        Rule("result.has_completed_programme.against_outcome", lambda c: not_(c.has_completed_programme),
             lambda c: c.outcome == "completed"),
        Rule("result.award.of_retained", lambda c: and_(c.award.is_not(None), c.award != _SUDDEN),
             lambda c: c.outcome == "retained"),
        Rule("result.outcome.retest_unanswered", lambda c: not_(c.is_after_reported),
             # Summer work ends before the new year opens (domain.md 4.2); until then nothing is late.
             lambda c: and_(c.outcome == "retest", c.is_summer_over)),
    ),
}  # fmt: skip

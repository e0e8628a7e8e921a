"""Rules on learning-management systems, held against the register: whose account, in which class, who has none.

frames `account`, `learner`, `course`, `course_enrollment` -> RULES

What does not belong here: whose account one is (contracts/account.py).
"""

import datetime as dt

from sqlalchemy import ColumnElement, and_

from edu_pipeline.contracts.account import ANOTHER, LINKED_TO, UNKNOWN, UNTOLD
from edu_pipeline.quality.rule import Columns, Rule

# Whoever has not come in these days after the year began does not use the account.
IDLE = dt.timedelta(days=14)


def _is_somebody_s(c: Columns) -> ColumnElement[bool]:
    return and_(c.is_open, c.doubt == LINKED_TO)


def _studies(c: Columns) -> ColumnElement[bool]:
    return and_(c.status == "active", c.role == "student", c.is_class_known)


RULES: dict[str, tuple[Rule, ...]] = {
    "account": (
        Rule("account.person_id.names_nobody", lambda c: c.doubt == UNTOLD, lambda c: c.is_open),
        Rule("account.person_id.unknown", lambda c: c.doubt == UNKNOWN, lambda c: c.doubt != UNTOLD),
        Rule("account.full_name.another_person", lambda c: c.doubt == ANOTHER,
             lambda c: c.doubt.in_((LINKED_TO, ANOTHER))),
        Rule("account.person_id.twice", lambda c: c.active_count > 1, _is_somebody_s),
        Rule("account.status.has_left", lambda c: c.has_left, _is_somebody_s),
        Rule("account.class_code.another_class", lambda c: c.class_code != c.own_class,
             lambda c: and_(_is_somebody_s(c), c.is_class_known)),
        Rule("account.last_access_month.never", lambda c: c.last_access_month.is_(None),
             lambda c: and_(_is_somebody_s(c), c.is_here, c.today >= c.year_begin + IDLE)),
    ),
    "learner": (
        Rule("account.account_code.pupil_has_none", lambda c: c.account_count == 0,
             lambda c: and_(c.person_kind == "student", c.grade_level.between(1, 12))),
        Rule("account.account_code.teacher_has_none", lambda c: c.account_count == 0,
             lambda c: c.person_kind == "staff"),
    ),
    "course": (
        Rule("course.course_code.nobody_teaches", lambda c: c.teacher_count == 0, lambda c: c.learner_count > 0),
    ),
    "course_enrollment": (
        Rule("course_enrollment.status.account_closed", lambda c: c.account_status != "active",
             lambda c: c.status == "active"),
        Rule("course_enrollment.role.pupil_teaches", lambda c: c.role == "teacher",
             lambda c: and_(c.status == "active", c.person_kind == "student")),
        Rule("course_enrollment.class_code.another_class", lambda c: c.class_code != c.own_class, _studies),
    ),
}  # fmt: skip

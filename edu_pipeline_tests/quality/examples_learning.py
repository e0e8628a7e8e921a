"""Examples of the rules on learning-management systems.

rules.yaml, read by hand -> LEARNING: rule id -> Example

What does not belong here: the rules (quality/learning.py). No account in here is anybody's.
"""

from edu_pipeline_tests.quality.examples import Example, each, of

_CLOSED = each("suspended", "ended", None)
_SHUT = each(False, None)
_DOUBTED = each("untold", "unknown", "another")

_ACCOUNTS: dict[str, Example] = {
    "account.person_id.names_nobody": of(
        dict(is_open=True, doubt="none"),
        holds=[dict(doubt=each("none", "unknown", "another"))],
        broken=[dict(doubt="untold")],
        unasked=[dict(doubt="untold", is_open=_SHUT), dict(doubt=None)],
    ),
    "account.person_id.unknown": of(
        dict(doubt="none"),
        holds=[dict(doubt=each("none", "another"))],
        broken=[dict(doubt="unknown")],
        unasked=[dict(doubt=each("untold", None))],
    ),
    "account.full_name.another_person": of(
        dict(doubt="none"),
        holds=[{}],
        broken=[dict(doubt="another")],
        unasked=[dict(doubt=each("untold", "unknown", None))],
    ),
    "account.person_id.twice": of(
        dict(is_open=True, doubt="none", active_count=1),
        holds=[{}],
        broken=[dict(active_count=each(2, 3))],
        unasked=[
            dict(active_count=2, is_open=_SHUT), dict(active_count=2, doubt=_DOUBTED), dict(active_count=None),
        ],
    ),
    "account.status.has_left": of(
        dict(is_open=True, doubt="none", has_left=False),
        holds=[{}],
        broken=[dict(has_left=True)],
        unasked=[dict(has_left=True, is_open=_SHUT), dict(has_left=True, doubt=_DOUBTED), dict(has_left=None)],
    ),
    "account.class_code.another_class": of(
        dict(is_open=True, doubt="none", is_class_known=True, class_code="6A1", own_class="6A1"),
        holds=[{}],
        broken=[dict(class_code="6A2")],
        unasked=[
            dict(class_code="6A2", is_open=_SHUT), dict(class_code="6A2", doubt=_DOUBTED),
            dict(class_code="6A2", is_class_known=each(False, None)), dict(class_code=None), dict(own_class=None),
        ],
    ),
    "account.last_access_month.never": of(
        dict(is_open=True, doubt="none", is_here=True, last_access_month="2024-08", today="2024-09-19",
             year_begin="2024-09-05"),
        holds=[{}, dict(last_access_month="2019-01")],
        broken=[dict(last_access_month=None), dict(last_access_month=None, today="2025-03-01")],
        unasked=[
            dict(last_access_month=None, is_open=_SHUT), dict(last_access_month=None, doubt=_DOUBTED),
            dict(last_access_month=None, is_here=each(False, None)),
            dict(last_access_month=None, today=each("2024-09-18", None)),
            dict(last_access_month=None, year_begin=None),
        ],
    ),
}  # fmt: skip

_LEARNERS: dict[str, Example] = {
    "account.account_code.pupil_has_none": of(
        dict(person_kind="student", grade_level=6, account_count=1),
        holds=[dict(grade_level=each(1, 12)), dict(account_count=2)],
        broken=[dict(account_count=0, grade_level=each(1, 6, 12))],
        unasked=[
            dict(account_count=0, person_kind=each("staff", None)),
            dict(account_count=0, grade_level=each(0, 13, 18, None)), dict(account_count=None),
        ],
    ),
    "account.account_code.teacher_has_none": of(
        dict(person_kind="staff", account_count=1),
        holds=[{}, dict(account_count=2)],
        broken=[dict(account_count=0)],
        unasked=[dict(account_count=0, person_kind=each("student", None)), dict(account_count=None)],
    ),
    "course.course_code.nobody_teaches": of(
        dict(learner_count=1, teacher_count=1),
        holds=[{}, dict(teacher_count=2)],
        broken=[dict(teacher_count=0), dict(teacher_count=0, learner_count=40)],
        unasked=[dict(teacher_count=0, learner_count=each(0, None)), dict(teacher_count=None)],
    ),
}  # fmt: skip

_PARTS: dict[str, Example] = {
    "course_enrollment.status.account_closed": of(
        dict(status="active", account_status="active"),
        holds=[{}],
        broken=[dict(account_status=each("suspended", "ended"))],
        unasked=[dict(status=_CLOSED, account_status="ended"), dict(account_status=None)],
    ),
    "course_enrollment.role.pupil_teaches": of(
        dict(status="active", role="student", person_kind="student"),
        holds=[dict(role=each("student", "observer", "other"))],
        broken=[dict(role="teacher")],
        unasked=[
            dict(role="teacher", status=_CLOSED), dict(role="teacher", person_kind=each("staff", None)),
            dict(role=None),
        ],
    ),
    "course_enrollment.class_code.another_class": of(
        dict(status="active", role="student", is_class_known=True, class_code="6A1", own_class="6A1"),
        holds=[{}],
        broken=[dict(class_code="6A2")],
        unasked=[
            dict(class_code="6A2", status=_CLOSED), dict(class_code="6A2", role=each("teacher", "observer", None)),
            dict(class_code="6A2", is_class_known=each(False, None)), dict(class_code=None), dict(own_class=None),
        ],
    ),
}  # fmt: skip

LEARNING: dict[str, Example] = _ACCOUNTS | _LEARNERS | _PARTS

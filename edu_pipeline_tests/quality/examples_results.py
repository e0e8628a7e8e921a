"""Examples of the rules on who has to be there, and on the year that closed.

rules.yaml, read by hand -> RESULTS: rule id -> Example

What does not belong here: the rules (quality/places.py), places (examples_places.py). Nobody in here is anybody.
"""

from edu_pipeline_tests.quality.examples import Example, each, of

_NOT_PROMOTED = each("retained", "retest")


def _shown(listed: str, *others: str) -> Example:
    """Of a list: whom nobody shows breaks the rule."""
    return of(
        dict(list=listed, is_reported=True),
        holds=[{}],
        broken=[dict(is_reported=False)],
        unasked=[dict(list=each(*others, None), is_reported=False), dict(is_reported=None)],
    )


_ROSTER: dict[str, Example] = {
    "roster.student_id.carried_not_shown": _shown("rollover", "admission", "transfer"),
    "roster.student_id.listed_not_shown": _shown("admission", "rollover", "transfer"),
    "roster.student_id.accepted_not_shown": _shown("transfer", "rollover", "admission"),
    "roster.student_id.carried_elsewhere": of(
        dict(list="rollover", is_elsewhere=False),
        holds=[{}],
        broken=[dict(is_elsewhere=True)],
        unasked=[dict(list=each("admission", "transfer", None), is_elsewhere=True), dict(is_elsewhere=None)],
    ),
}

_RESULT: dict[str, Example] = {
    "result.student_id.not_told": of(
        dict(grade_level=1, is_reported=True, system_tells=True),
        holds=[dict(grade_level=each(1, 12))],
        broken=[dict(grade_level=each(1, 12), is_reported=False)],
        unasked=[
            dict(grade_level=each(0, 13, 18, None), is_reported=False),
            dict(is_reported=None),
            # A provider that knows no results: its school owes none.
            dict(is_reported=False, system_tells=each(False, None)),
        ],
    ),
    "result.outcome.against_absences": of(
        dict(grade_level=6, absence_count=46, outcome="promoted"),
        holds=[dict(outcome="retained", grade_level=each(6, 12))],
        broken=[dict(outcome=each("promoted", "completed", "retest"), grade_level=each(6, 12))],
        # Exactly 45 is allowed; a primary school has no such limit.
        unasked=[dict(absence_count=each(45, 0, None)), dict(grade_level=each(5, 13, None)), dict(outcome=None)],
    ),
    "result.outcome.against_levels": of(
        dict(academic_level="4", conduct_level="4", outcome="promoted"),
        holds=[dict(outcome=_NOT_PROMOTED)],
        broken=[dict(outcome=each("promoted", "completed"))],
        unasked=[
            dict(academic_level=each("3", "1", None)),
            dict(conduct_level=each("3", "1", None)),
            dict(outcome=None),
        ],
    ),
    "result.outcome.level_not_completed": of(
        dict(grade_level=6, outcome="completed"),
        holds=[dict(outcome=each("promoted", "retained", "retest"))],
        broken=[dict(grade_level=each(1, 2, 3, 4, 6, 7, 8, 10, 11))],
        unasked=[dict(grade_level=each(5, 9, 12, 0, 13, 17, 18, None)), dict(outcome=None)],
    ),
    "result.outcome.final_promoted": of(
        dict(grade_level=9, outcome="promoted"),
        holds=[dict(outcome=each("completed", "retained", "retest"))],
        broken=[dict(grade_level=each(5, 9, 12, 18))],
        unasked=[dict(grade_level=each(4, 6, 8, 10, 11, 17, None)), dict(outcome=None)],
    ),
    "result.has_graduated.before_completion": of(
        dict(has_graduated=True, has_completed_level=True),
        holds=[{}],
        broken=[dict(has_completed_level=False)],
        unasked=[dict(has_graduated=each(False, None), has_completed_level=False), dict(has_completed_level=None)],
    ),
    "result.graduation_kind.of_nobody": of(
        dict(graduation_kind="good", has_graduated=True),
        holds=[{}, dict(graduation_kind="ungraded")],
        broken=[dict(has_graduated=False)],
        unasked=[dict(graduation_kind=None, has_graduated=False), dict(has_graduated=None)],
    ),
    "result.has_completed_programme.against_outcome": of(
        dict(outcome="completed", has_completed_programme=True),
        holds=[{}],
        broken=[dict(has_completed_programme=False)],
        # Promoted without the programme is the principal's to decide (TT 27/2020, art. 11).
        unasked=[
            dict(outcome=each("promoted", "retained", "retest", None), has_completed_programme=False),
            dict(has_completed_programme=None),
        ],
    ),
    "result.award.of_retained": of(
        dict(outcome="retained", award=None),
        holds=[dict(award=each(None, "surprise"))],
        broken=[dict(award=each("excellent_student", "advanced_student_58", "primary_outstanding"))],
        unasked=[dict(outcome=each("promoted", "completed", "retest", None), award="excellent_student")],
    ),
    "result.outcome.retest_unanswered": of(
        dict(outcome="retest", is_after_reported=False, is_summer_over=True),
        holds=[dict(is_after_reported=True)],
        broken=[{}],
        unasked=[
            dict(outcome=each("promoted", "retained", "completed", None)),
            dict(is_summer_over=each(False, None)),
            dict(is_after_reported=None),
        ],
    ),
}

RESULTS = _ROSTER | _RESULT

"""Examples of the rules on places: dates, states, transfers, lists.

rules.yaml, read by hand -> PLACES: rule id -> Example

What does not belong here: the rules (quality/places.py), grades (examples_grades.py), results
(examples_results.py). Nobody in here is anybody.
"""

from typing import Any

from edu_pipeline_tests.quality.examples import Example, each, marked, of

ACTIVE = dict(status="active", kind="primary", end_date=None)
NOT_ACTIVE = [
    dict(status=each("withdrawn", "transferred_out", "on_leave", None)),
    dict(kind=each("secondary", None)),
    dict(end_date="2024-10-01"),
]
_YEAR = dict(year_begin="2024-09-05", year_end="2025-05-31")


def of_nobody(**said: Any) -> list[dict[str, Any]]:
    """Rows of places that are not active, which would break the rule if they were."""
    return [{**said, **row} for row in NOT_ACTIVE]


_DATES: dict[str, Example] = {
    "enrollment.begin_date.outside_year": of(
        dict(begin_date="2024-09-05", **_YEAR),
        # 120 days before the fifth of September is the eighth of May.
        holds=[dict(begin_date=each("2024-05-08", "2024-09-05", "2025-05-31"))],
        broken=[dict(begin_date=each("2024-05-07", "2025-06-01"))],
        unasked=[dict(begin_date=None), dict(year_begin=None), dict(year_end=None)],
    ),
    "enrollment.end_date.outside_year": of(
        dict(end_date="2025-05-31", **_YEAR),
        # 100 days after the last of May is the eighth of September.
        holds=[dict(end_date=each("2024-05-08", "2025-05-31", "2025-09-08"))],
        broken=[dict(end_date=each("2024-05-07", "2025-09-09"))],
        unasked=[dict(end_date=None), dict(year_begin=None), dict(year_end=None)],
    ),
    "enrollment.end_date.missing": of(
        dict(status="withdrawn", end_date=None),
        holds=[dict(end_date="2024-12-01")],
        broken=[dict(status=each("transferred_out", "withdrawn", "on_leave"))],
        unasked=[dict(status=each("active", None))],
    ),
    "enrollment.status.active_after_end": of(
        dict(status="active", end_date="2024-10-01", today="2024-10-01"),
        holds=[{}, dict(end_date="2025-05-31")],
        broken=[dict(end_date="2024-09-30")],
        unasked=[
            dict(status=each("withdrawn", None), end_date="2024-09-30"),
            dict(end_date=None),
            dict(today=None),
        ],
    ),
    "enrollment.begin_date.in_future": of(
        dict(begin_date="2024-09-05", today="2024-05-08"),
        holds=[{}, dict(begin_date="2024-05-08")],
        broken=[dict(begin_date="2024-09-06")],
        unasked=[dict(begin_date=None), dict(today=None)],
    ),
    "enrollment.status.arrived_late": marked("is_late", is_broken=True),
    "enrollment.student_id.unit_closed": of(
        dict(unit_closed="2024-10-01", today="2024-10-01", **ACTIVE),
        holds=[dict(unit_closed="2024-10-02")],
        broken=[{}, dict(unit_closed="2024-08-31")],
        unasked=[*NOT_ACTIVE, dict(unit_closed=None), dict(today=None)],
    ),
}

_STATES: dict[str, Example] = {
    "enrollment.student_id.two_places": of(
        dict(place_count=1, **ACTIVE),
        holds=[{}],
        broken=[dict(place_count=2)],
        unasked=[*of_nobody(place_count=2), dict(place_count=None)],
    ),
    "enrollment.withdrawal_reason.missing": of(
        dict(status="withdrawn", withdrawal_reason=None),
        holds=[dict(withdrawal_reason="hardship")],
        broken=[{}],
        unasked=[dict(status=each("active", "transferred_out", "on_leave", None))],
    ),
    "enrollment.withdrawal_reason.of_nobody_gone": of(
        dict(status="active", withdrawal_reason="hardship"),
        holds=[dict(withdrawal_reason=None)],
        broken=[dict(status=each("active", "transferred_out"))],
        unasked=[dict(status=each("withdrawn", "on_leave", None))],
    ),
    "enrollment.to_unit_name.missing": of(
        dict(status="transferred_out", goes_to=None),
        holds=[dict(goes_to="74")],
        broken=[{}],
        unasked=[dict(status=each("active", "withdrawn", "on_leave", None))],
    ),
    "enrollment.from_unit_name.missing": of(
        dict(entry_kind="transferred_in", comes_from=None),
        holds=[dict(comes_from="74")],
        broken=[{}],
        unasked=[dict(entry_kind=each("new_intake", "promoted", None))],
    ),
    "enrollment.detailed_status.contradicts_status": of(
        dict(status="active", detailed_status="studying"),
        holds=[
            dict(detailed_status=each("studying", "transferred_in", "returned", "completed_level", "graduated")),
            *(dict(status=gone, detailed_status=gone) for gone in ("transferred_out", "withdrawn", "on_leave")),
            dict(status="withdrawn", detailed_status="completed_level"),
        ],
        broken=[
            dict(detailed_status=each("transferred_out", "withdrawn", "on_leave")),
            dict(status=each("withdrawn", "on_leave"), detailed_status=each("studying", "transferred_in", "returned")),
            # Both gone, and not in one way.
            dict(status="withdrawn", detailed_status="transferred_out"),
        ],
        unasked=[dict(detailed_status=None), dict(status=None)],
    ),
    "enrollment.entry_kind.transfer_unproven": of(
        dict(entry_kind="transferred_in", unit_before="00000001", unit_id="00000002", is_accepted=False, **ACTIVE),
        holds=[dict(is_accepted=True)],
        broken=[{}],
        unasked=[
            *NOT_ACTIVE,
            dict(entry_kind=each("promoted", "new_intake", None)),
            dict(unit_before=each("00000002", None)),
            dict(is_accepted=None),
        ],
    ),
    "enrollment.entry_kind.intake_unlisted": of(
        dict(has_list=True, grade_level=6, entry_kind="new_intake", is_listed=False, **ACTIVE),
        holds=[dict(is_listed=True)],
        broken=[dict(grade_level=each(1, 6, 10, 13, 14, 15, 16, 17, 18))],
        unasked=[
            *NOT_ACTIVE,
            dict(has_list=each(False, None)),
            dict(grade_level=each(2, 5, 7, 9, 11, 12, None)),
            dict(entry_kind=each("transferred_in", "promoted", None)),
            dict(is_listed=None),
        ],
    ),
    "enrollment.status.release_unproven": of(
        dict(status="transferred_out", is_released=True),
        holds=[{}],
        broken=[dict(is_released=False)],
        unasked=[dict(status=each("active", "withdrawn", "on_leave", None), is_released=False), dict(is_released=None)],
    ),
    "student_year.student_id.not_told": of(
        dict(unit_tells_year=True, has_year_row=False, **ACTIVE),
        holds=[dict(has_year_row=True)],
        broken=[{}],
        unasked=[*NOT_ACTIVE, dict(unit_tells_year=each(False, None)), dict(has_year_row=None)],
    ),
}

PLACES = _DATES | _STATES

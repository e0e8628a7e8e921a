"""Contradictions of the year that closed: what was reported of it against itself.

kind -> Kind

What does not belong here: marks. No word of these decides a place: the plan is applied when they are told.
"""

from collections.abc import Callable

from edu_pipeline.sandbox.contradictions.kind import Act, Kind, Value, Victim, dropped, paths
from edu_pipeline.sandbox.tables import GRADUATION, LEVEL, OUTCOME, TITLE

_YEAR_END = {"giaiDoan": "CN"}


def _closed(outcome: str, *grades: int) -> Callable[[Victim], bool]:
    """Closed 2023-2024 here, in one of the grades, with the outcome."""

    def fits(v: Victim) -> bool:
        here = [place for place in v.pupil.in_year(2023) if place.unit == v.unit.code]
        return bool(here) and here[-1].grade in grades and v.pupil.outcome == outcome

    return fits


def _result(rule: str, kind: str, fits: Callable[[Victim], bool], **values: Value) -> Kind:
    return Kind("alumnus", kind, (f"result.{rule}",), (Act("ket-qua", paths(values), _YEAR_END, year=2023),), fits)


KINDS: dict[str, Kind] = {
    "result_untold": Kind("alumnus", "no result of the year", ("result.student_id.not_told",),
                          (dropped("ket-qua", _YEAR_END, year=2023),), _closed("promoted", 2, 3)),
    "absent": _result("outcome.against_absences", "promoted with 50 absences", _closed("promoted", 6, 7, 8),
                      soBuoiNghi="50"),
    "passed_nothing": _result("outcome.against_levels", "promoted without having passed anything",
                              _closed("promoted", 6, 7, 8), hocTap=LEVEL["chua_dat"], renLuyen=LEVEL["chua_dat"]),
    "completed_early": _result("outcome.level_not_completed", "the level completed before its last grade",
                               _closed("promoted", 1, 2, 3), ketQua=OUTCOME["completed"]),
    "promoted_last": _result("outcome.final_promoted", "promoted out of a level's last grade",
                             _closed("completed", 5, 9), ketQua=OUTCOME["promoted"]),
    "graduated_early": _result("has_graduated.before_completion", "graduated, and the level not completed",
                               _closed("completed", 9), hoanThanhCapHoc="0"),
    "graded": _result("graduation_kind.of_nobody", "a kind of graduation, and not graduated", _closed("completed", 9),
                      totNghiep="0", loaiTotNghiep=GRADUATION["good"]),
    "programme": _result("has_completed_programme.against_outcome", "the level completed, and not the programme",
                         _closed("completed", 5, 9), hoanThanhChuongTrinh="0"),
    "awarded": _result("award.of_retained", "retained with a title", _closed("retained", *range(1, 13)),
                       danhHieu=TITLE["very_good_student"]),
}  # fmt: skip

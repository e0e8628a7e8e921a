"""Contradictions of places: grade and class against each other and the year before, dates, states, transfers, lists.

kind -> Kind

What does not belong here: results (results.py). The approved plan carried every pupil of a city's schools: who is told
in another grade or class is elsewhere than planned, too, and that is declared beside it.
"""

from collections.abc import Callable

from edu_pipeline.sandbox import premises
from edu_pipeline.sandbox.contradictions.kind import ADD, Act, Kind, Value, Victim, dropped, paths, told
from edu_pipeline.sandbox.contradictions.pupils import born
from edu_pipeline.sandbox.tables import DETAIL, ENTRY, GRADE, REASON, STATUS

_GRADE, _CLASS = "enrollment.grade_level.not_as_planned", "enrollment.class_code.not_as_planned"
_LEFT, _ELSEWHERE = "12/09/2024", "Trường Ngoài Thành Phố"
_STUDIES, _GONE, _WENT, _RESTS = DETAIL["studying"], DETAIL["withdrawn"], DETAIL["away"], DETAIL["on_leave"]


def _place(**values: Value) -> Act:
    return Act("xep-lop", paths(values), year=2024)


def _class_of(v: Victim, step: int) -> str:
    """The first class of the unit so many grades on."""
    graded = v.city.classes_of(v.unit.code, 2024)
    return min(klass for klass, grade in graded.items() if grade == v.grade + step)


def _moved(step: int, **more: Value) -> Act:
    """Into another grade, and a class of it."""
    return _place(maLop=lambda v: _class_of(v, step), khoi=lambda v: GRADE[str(v.grade + step)], **more)


def _parallel(v: Victim) -> str | None:
    graded = v.city.classes_of(v.unit.code, 2024)
    others = (klass for klass, grade in graded.items() if grade == v.grade and klass != v.there.klass)
    return min(others, default=None)


def _one_session(v: Victim) -> bool:
    """Of whom no class has two sessions: another class changes nothing else."""
    return not premises.has_two_sessions(v.unit)


def _of_centre(grade: int) -> Callable[[Victim], bool]:
    """Learners of a centre are of any age."""
    return lambda v: v.unit.kind == "GDTX" and v.grade == grade and v.pupil.entry == "promoted"


def _is_promoted(v: Victim) -> bool:
    return v.pupil.entry == "promoted" and v.pupil.outcome == "promoted"


def _is_retained(v: Victim) -> bool:
    return v.pupil.entry == "retained"


def _is_intake(v: Victim) -> bool:
    """Taken in from another unit, by a list."""
    listed = [one for one in v.city.admissions_of[v.unit.code] if one.student == v.pupil.root and one.year == 2024]
    return v.pupil.entry == "intake" and bool(v.pupil.in_year(2023)) and len(listed) == 1


def _is_arrival(v: Victim) -> bool:
    return v.pupil.origin is not None


def _nearby(v: Victim, other: Victim) -> bool:
    """Another primary school with a class of the grade."""
    return other.unit.code != v.unit.code and other.unit.kind == v.unit.kind == "TH" and other.grade == v.grade <= 5


def _there(resource: str, **values: Value) -> Act:
    said: dict[str, Value] = {"maTruong": lambda v: v.beside.unit.code, "maHocSinh": "HS90001", **values}
    return Act(resource, said, {}, ADD, None if resource == "hoc-sinh" else 2024, into=lambda v: v.beside.unit.code)


def _one(rule: str, kind: str, *acts: Act, fits: Callable[[Victim], bool] = lambda _: True) -> Kind:
    return Kind("pupil", kind, (f"enrollment.{rule}",), acts, fits)


def _comer(rule: str, kind: str, *acts: Act, fits: Callable[[Victim], bool]) -> Kind:
    return Kind("comer", kind, (f"enrollment.{rule}",), acts, fits)


def _release(v: Victim) -> str:
    return f"CT-{v.unit.code}-00000"


_PORTAL = Act("transfers", {
    "transfer_id": _release, "student_id": lambda v: v.who, "school_year": 2024, "status": "released",
    "grade_level": lambda v: v.grade, "from_unit_id": lambda v: v.unit.code, "to_unit_id": None,
    "from_province_code": "79", "to_province_code": "75", "requested_date": "2024-09-09",
    "released_date": "2024-09-12", "release_decision": _release, "accepted_date": None, "accept_decision": None,
}, verb=ADD)  # fmt: skip


KINDS: dict[str, Kind] = {
    "other_grade": Kind("pupil", "a class of another grade", ("enrollment.grade_level.not_of_class", _CLASS),
                        (_place(maLop=lambda v: _class_of(v, 1)),), lambda v: v.grade in (6, 7) and _one_session(v)),
    "not_offered": Kind("pupil", "a grade that the unit does not have, in a combined class",
                        ("enrollment.grade_level.not_offered", _GRADE), (_place(khoi=GRADE["15"]),),
                        lambda v: v.grade == 16),
    "nursery": Kind("pupil", "four years old in a nursery group, which the unit does not have",
                    ("student.birth_date.old_for_nursery", "enrollment.grade_level.not_offered", _GRADE),
                    (_place(khoi=GRADE["15"]), *born(-1)), lambda v: v.grade == 16),
    "begun_early": _one("begin_date.outside_year", "begun half a year before", _place(ngayVao="01/03/2024")),
    "ended_late": _one("end_date.outside_year", "an end two years on", _place(ngayRa="31/12/2025")),
    "end_untold": _one("end_date.missing", "on leave since nobody knows when",
                       _place(trangThai=STATUS["on_leave"], trangThaiChiTiet=_RESTS)),
    "attends_after": _one("status.active_after_end", "ended, and there", _place(ngayRa=_LEFT)),
    "begins_later": _one("begin_date.in_future", "to begin in spring", _place(ngayVao="10/02/2025")),
    "no_reason": _one("withdrawal_reason.missing", "withdrawn without a reason",
                      _place(trangThai=STATUS["withdrawn"], ngayRa=_LEFT, trangThaiChiTiet=_GONE)),
    "reason_there": _one("withdrawal_reason.of_nobody_gone", "a reason of leaving, and there",
                         _place(lyDoThoiHoc=REASON["hardship"])),
    "no_goal": _one("to_unit_name.missing", "transferred nobody knows whereto",
                    _place(trangThai=STATUS["away"], ngayRa=_LEFT, trangThaiChiTiet=_WENT),
                    _PORTAL),
    "no_origin": _one("from_unit_name.missing", "come by transfer from nowhere",
                      _place(loaiNhapHoc=ENTRY["accepted"]), fits=_is_promoted),
    "detail": _one("detailed_status.contradicts_status", "there, and in detail on leave",
                   _place(trangThaiChiTiet=_RESTS)),
    "not_retained": _one("entry_kind.not_retained", "promoted into the same grade",
                         _place(loaiNhapHoc=ENTRY["promoted"]), fits=_is_retained),
    "not_promoted": _one("entry_kind.not_promoted", "retained into the next grade",
                         _place(loaiNhapHoc=ENTRY["retained"]),
                         fits=lambda v: _is_promoted(v) and v.grade <= 12),
    "unproven": _comer("entry_kind.transfer_unproven", "come by transfer, and the portal knows of none",
                     _place(loaiNhapHoc=ENTRY["accepted"], chuyenDenTu=_ELSEWHERE), fits=_is_intake),
    "unlisted": _comer("entry_kind.intake_unlisted", "taken in, and struck from the list", dropped("admissions"),
                     fits=_is_intake),
    "unreleased": _one("status.release_unproven", "transferred, and the portal knows of none",
                       _place(trangThai=STATUS["away"], ngayRa=_LEFT, trangThaiChiTiet=_WENT, chuyenDi=_ELSEWHERE)),
    "jumped": Kind("pupil", "two grades on", ("enrollment.grade_level.jumped", _GRADE, _CLASS), (_moved(1),),
                   _of_centre(11)),
    "fell": Kind("pupil", "a grade below last year's", ("enrollment.grade_level.fell", _GRADE, _CLASS), (_moved(-2),),
                 _of_centre(12)),
    "unmarked": Kind("pupil", "in the same grade, and not marked as retained",
                     ("student_year.was_retained.not_marked",),
                     (told("ho-so-nam", year=2024, sinhHoat__luuBan="0"),), _is_retained),
    "marked": Kind("pupil", "promoted, and marked as retained", ("student_year.was_retained.was_not",),
                   (told("ho-so-nam", year=2024, sinhHoat__luuBan="1"),),
                   lambda v: _is_promoted(v) and v.grade <= 12),
    "year_untold": Kind("pupil", "nothing told of the year", ("student_year.student_id.not_told",),
                        (dropped("ho-so-nam", year=2024),)),
    "held_back": Kind("pupil", "held back after the plan", (_GRADE, _CLASS),
                      (_moved(-1, loaiNhapHoc=ENTRY["retained"]),
                       told("ho-so-nam", year=2024, sinhHoat__luuBan="1")),
                      lambda v: _is_promoted(v) and v.grade in (7, 8) and _one_session(v)),
    "other_class": Kind("pupil", "in the class beside the planned one", (_CLASS,), (_place(maLop=_parallel),),
                        lambda v: _parallel(v) is not None and _one_session(v)),
    "lost": Kind("comer", "listed, planned, and in no class",
                 ("roster.student_id.listed_not_shown", "roster.student_id.carried_not_shown"),
                 (dropped("xep-lop", year=2024),), _is_intake),
    "accepted_lost": Kind("comer", "accepted by the portal, planned, and in no class",
                          ("roster.student_id.accepted_not_shown", "roster.student_id.carried_not_shown"),
                          (dropped("xep-lop", year=2024),), _is_arrival),
    "elsewhere": Kind("pupil", "carried over here, and shown by another school",
                      ("roster.student_id.carried_elsewhere",),
                      (_there("hoc-sinh"), _there("ho-so-nam"),
                       _there("xep-lop", maLop=lambda v: v.beside.there.klass), dropped("xep-lop", year=2024)),
                      _is_promoted, _nearby),
}  # fmt: skip

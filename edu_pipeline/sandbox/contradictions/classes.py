"""Contradictions of classes and of who teaches them.

kind -> Kind

What does not belong here: who sits in them (places.py), the teachers themselves (people.py).
"""

from collections.abc import Callable, Iterator

from edu_pipeline.sandbox import hours, premises
from edu_pipeline.sandbox.contradictions.kind import (
    Act,
    Found,
    Kind,
    Value,
    Victim,
    added,
    its_class,
    its_pupils,
    paths,
    told,
)
from edu_pipeline.sandbox.dossiers import members
from edu_pipeline.sandbox.story import Member
from edu_pipeline.sandbox.tables import CLASS_TYPE, GRADE, LANGUAGE, SHIFT, SPECIALISATION, STREAM, SUBJECT
from edu_pipeline.sandbox.teaching import lessons

_YEAR = 2024


def _class(rule: str, kind: str, fits: Callable[[Victim], bool] = lambda _: True, **values: Value) -> Kind:
    return Kind("class", kind, (f"school_class.{rule}",), (Act("lop-hoc", paths(values), year=_YEAR),), fits)


def _both(rule: str, kind: str, pairs: Callable[[Victim, Victim], bool], **values: Value) -> Kind:
    """It takes two classes, and both are found."""

    def found(v: Victim) -> Found:
        return ((f"school_class.{rule}", one.unit.code, one.who) for one in (v, v.beside))

    return Kind("class", kind, (f"school_class.{rule}",), (Act("lop-hoc", paths(values), year=_YEAR),), _is_led,
                lambda v, other: _is_led(other) and pairs(v, other), found)  # fmt: skip


def _leader(v: Victim) -> str | None:
    return next((m.code for m in members(v.city, v.unit.code, _YEAR) if m.homeroom.get(_YEAR) == v.klass), None)


def _is_led(v: Victim) -> bool:
    return _leader(v) is not None


def _gone(v: Victim) -> Member | None:
    """Who taught in the unit last year, and left in summer."""
    here = members(v.city, v.unit.code, _YEAR)
    return next((m for m in members(v.city, v.unit.code, _YEAR - 1) if m not in here), None)


def _left(v: Victim) -> str | None:
    gone = _gone(v)
    return gone.code if gone else None


def _employee(v: Victim) -> str | None:
    return next((m.code for m in members(v.city, v.unit.code, _YEAR) if m.role == "NV" and not m.leaves), None)


def _same_unit(v: Victim, other: Victim) -> bool:
    return v.unit.code == other.unit.code


def _same_grade(v: Victim, other: Victim) -> bool:
    return _same_unit(v, other) and v.grade == other.grade


def _is_upper(v: Victim) -> bool:
    return v.unit.kind == "THPT"


def _has_two(v: Victim) -> bool:
    return v.grade <= 12 and hours.has_two_sessions(v.unit, v.klass, v.grade)


def _has_none(v: Victim) -> bool:
    return v.unit.kind == "THCS" and not premises.has_two_sessions(v.unit)


def _taught(v: Victim) -> dict[str, Member]:
    """Subject -> teacher of the class."""
    return {s: m for k, _, s, m in lessons(v.city, v.unit, _YEAR) if k == v.klass and m is not None}


def _load(v: Victim) -> Found:
    """All that the teacher of the class's mathematics teaches: who teaches too much does so everywhere."""
    teacher = _taught(v).get("mathematics")
    for klass, _, subject, other in lessons(v.city, v.unit, _YEAR):
        if teacher is not None and other is not None and other.code == teacher.code:
            yield "class_subject.weekly_period_count.overloaded", v.unit.code, f"{klass}/{subject}/1"


def _stranger(v: Victim) -> str | None:
    """A teacher of the unit who does not teach mathematics at all."""
    own = {m.code for _, _, s, m in lessons(v.city, v.unit, _YEAR) if s == "mathematics" and m is not None}
    there = (m for m in members(v.city, v.unit.code, _YEAR) if m.role == "GV" and not m.leaves and not m.defect)
    return next((m.code for m in there if m.code not in own), None)


def _lesson(rule: str, kind: str, fits: Callable[[Victim], bool], **values: Value) -> Kind:
    """Of the class's mathematics."""

    def found(v: Victim) -> Found:
        yield f"class_subject.{rule}", v.unit.code, f"{v.klass}/mathematics/1"

    return Kind("class", kind, (f"class_subject.{rule}",), (_mathematics(**values),), fits, found=found)


def _mathematics(**values: Value) -> Act:
    return Act("mon-lop", paths(values), {"mon": SUBJECT["mathematics"]}, year=_YEAR)


def _new(v: Victim) -> str:
    return f"{v.there.klass} thêm"


def _apart(v: Victim) -> Iterator[tuple[str, str, str]]:
    yield "class_subject.class_code.none_taught", v.unit.code, _new(v)
    yield "enrollment.class_code.not_as_planned", v.unit.code, v.who


KINDS: dict[str, Kind] = {
    "empty": Kind("class", "a class in which nobody sits", ("school_class.class_code.empty",),
                  (added("lop-hoc", year=_YEAR, maLop="X-empty", tenLop="Lớp trống", maGvcn=None, ghepVaoLop=None,
                         lopGhep="0"),), lambda v: v.grade <= 9,
                  found=lambda v: (("school_class.class_code.empty", v.unit.code, "X-empty"),)),
    "led_by_gone": _class("homeroom_staff_id.not_employed", "led by who left in summer",
                          lambda v: _gone(v) is not None, maGvcn=_left),
    "led_by_employee": _class("homeroom_staff_id.no_teacher", "led by an employee",
                              lambda v: v.unit.kind == "TH" and _employee(v) is not None,
                              maGvcn=_employee),
    "led_twice": _both("homeroom_staff_id.leads_two", "led by the teacher of another", _same_unit,
                       maGvcn=lambda v: _leader(v.beside)),
    "named_twice": _both("name.twice", "called as another one of the grade", _same_grade,
                         tenLop=lambda v: f"Lớp {v.beside.klass}"),
    "named_wrongly": _class("name.another_grade", "called by another grade", lambda v: v.grade in (7, 8),
                            tenLop=lambda v: f"Lớp {v.grade + 3}Z"),
    "nursery_class": _class("grade_level.not_offered", "a nursery, which the unit does not have",
                            lambda v: v.grade == 16, khoi=GRADE["15"]),
    "campus": _class("campus_code.unknown", "at a campus that nobody lists", maDiemTruong="DT9"),
    "combined_alone": _class("combined_class_code.missing", "combined, and nobody says with what",
                             lambda v: v.grade <= 12, lopGhep="1", kieuLop=CLASS_TYPE["combined"], ghepVaoLop=None),
    "combined_nowhere": _class("combined_class_code.unknown", "combined with a class that is not there",
                               lambda v: v.grade <= 12, lopGhep="1", ghepVaoLop="X-nowhere"),
    "not_combined": _class("class_type.not_combined", "of the combined kind, and not combined",
                           lambda v: v.grade <= 12, lopGhep="0", kieuLop=CLASS_TYPE["combined"]),
    "few_sessions": _class("weekly_session_count.too_few", "two sessions a day, and five a week", _has_two,
                           soBuoiTuan="5"),
    "one_shift": _class("shift.not_both", "two sessions a day, and mornings alone", _has_two,
                        buoiHoc=SHIFT["morning"]),
    "second_language": _class("second_language.the_first", "English and English", _is_upper,
                              ngoaiNgu2=LANGUAGE["en"]),
    "stream": _class("stream.not_of_grade", "a stream below grade 10", lambda v: v.grade <= 9,
                     phanBan=STREAM["natural_sciences"]),
    "specialised": _class("specialisation.type_differs", "specialised, and an ordinary class", _is_upper,
                          heChuyen=SPECIALISATION["physics"], kieuLop=CLASS_TYPE["ordinary"]),
    "boarding_class": _class("has_boarding.unit_has_none", "boarding at a school without",
                             lambda v: v.unit.kind == "THCS", banTru="1"),
    "two_sessions": Kind("class", "two sessions at a school of one, for class and pupils",
                         ("school_class.has_two_sessions.unit_has_none",),
                         (told("lop-hoc", year=_YEAR, haiBuoi="1", soBuoiTuan="10", buoiHoc=SHIFT["both"]),
                          told("ho-so-nam", year=_YEAR, whom=its_pupils, sinhHoat__haiBuoi="1")), _has_none),
    "untaught": Kind("pupil", "moved into a new class, of which no subject is told",
                     ("class_subject.class_code.none_taught", "enrollment.class_code.not_as_planned"),
                     (added("lop-hoc", year=_YEAR, whom=its_class, maLop=_new, maGvcn=None,
                            tenLop=lambda v: f"Lớp {_new(v)}"),
                      told("xep-lop", year=_YEAR, maLop=_new)),
                     lambda v: v.grade in (6, 9), found=_apart),
    "taught_by_gone": _lesson("staff_id.not_employed", "taught by who left in summer",
                              lambda v: v.grade <= 5 and _gone(v) is not None, maCanBo=_left),
    "taught_by_stranger": _lesson("staff_id.not_declared", "taught by who does not teach it",
                                  lambda v: 6 <= v.grade <= 12 and _stranger(v) is not None, maCanBo=_stranger),
    "overloaded": Kind("class", "forty periods a week in one class of several",
                       ("class_subject.weekly_period_count.overloaded",), (_mathematics(soTiet="40"),),
                       lambda v: v.grade >= 6 and len(list(_load(v))) > 4, found=_load),
}  # fmt: skip

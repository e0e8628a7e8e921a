"""Contradictions of units as a whole: the registry against the school, what is told against what is counted.

kind -> Kind

What does not belong here: one class, pupil or member of staff.
"""

from collections.abc import Callable

from edu_pipeline.sandbox import premises
from edu_pipeline.sandbox.contradictions.kind import ROLES, Act, Found, Kind, Value, Victim, paths, told
from edu_pipeline.sandbox.dossiers import members
from edu_pipeline.sandbox.tables import GROUP, POST

_YEAR = 2024
_TEACHERS = {"viTri": POST["GV"]}


def _registry(rule: str, kind: str, fits: Callable[[Victim], bool] = lambda _: True, **values: Value) -> Kind:
    said: dict[str, Value] = {f"data__{name}": value for name, value in values.items()}
    return Kind("unit", kind, (f"unit.{rule}",), (Act("units", paths(said)),), fits)


def _is_upper(v: Victim) -> bool:
    return v.unit.kind in ("THPT", "GDTX")


def _another(v: Victim) -> str:
    return next(u.code for u in v.city.units if u.grades and u.code != v.unit.code)


def _closed(v: Victim) -> Found:
    """The unit, and each of its pupils and posts: none of them can be where nothing is any more."""
    yield "unit.closed_date.has_pupils", v.unit.code, v.unit.code
    for child in v.city.children_of[v.unit.code]:
        if any(p.unit == v.unit.code and p.year == _YEAR and p.kind == "primary" for p in child.places):
            yield "enrollment.student_id.unit_closed", v.unit.code, child.root
    for member in members(v.city, v.unit.code, _YEAR):
        yield "staff_assignment.status.unit_closed", v.unit.code, f"{member.root}/{ROLES[member.role]}"


def _untaught(v: Victim) -> Found:
    """The unit, and the classes that its teachers lead."""
    yield "staff_assignment.staff_id.too_few_teachers", v.unit.code, v.unit.code
    for member in members(v.city, v.unit.code, _YEAR):
        if klass := member.homeroom.get(_YEAR):
            yield "school_class.homeroom_staff_id.no_teacher", v.unit.code, klass


KINDS: dict[str, Kind] = {
    "shut": Kind("part", "closed in the registry, by no decision, and goes on",
                 ("unit.closed_date.has_pupils", "enrollment.student_id.unit_closed",
                  "staff_assignment.status.unit_closed"),
                 (told("units", data__ngaygiaithe="2024-09-13"),), found=_closed),
    "shut_before": _registry("closed_date.before_opened", "to close before it opens", ngaygiaithe="2030-05-31",
                             ngaythanhlap="2030-09-05"),
    "campuses": _registry("campus_count.not_as_listed", "a campus more than it lists",
                          sodiemtruong=lambda v: premises.campuses(v.unit) + 1),
    "no_main_campus": Kind("unit", "no campus is the main one", ("campus.is_main.not_one",),
                           (told("diem-truong", year=_YEAR, laDiemChinh="0"),)),
    "two_heads": Kind("unit", "the deputy is told as head", ("staff_assignment.role.two_heads",),
                      (told("phan-cong", {"viTri": POST["02"]}, year=_YEAR, viTri=POST["01"]),)),
    "no_teachers": Kind("nursery", "teachers told as employees: too few teach, and nobody who leads a class",
                        ("staff_assignment.staff_id.too_few_teachers", "school_class.homeroom_staff_id.no_teacher"),
                        (told("phan-cong", _TEACHERS, year=_YEAR, viTri=POST["NV"], nhom=GROUP["NV"]),),
                        found=_untaught),
    "boards_nowhere": _registry("has_boarding.no_class_has", "boarding, and in no class", _is_upper,
                                cohocsinhbantru=True),
    "sessions_nowhere": _registry("has_two_sessions.no_class_has", "two sessions, and in no class",
                                  lambda v: v.unit.kind == "THPT" and not premises.has_two_sessions(v.unit),
                                  coday2buoingay=True),
    "counted": Kind("unit", "counts many more pupils than it tells", ("enrollment.unit_id.not_as_counted",),
                    (told("si-so", year=_YEAR, siSo="999"),)),
    "ward": _registry("ward_code.outside_province", "a ward of this city, and another province", matinh="92"),
    "parent": _registry("parent_unit_id.no_office", "a school above it", madonvicha=_another),
    "foreign": _registry("is_foreign_invested.not_of_kind", "foreign money in a public school",
                         covondautunuocngoai=True),
    "standard": _registry("is_national_standard.not_accredited", "of national standard, and not accredited",
                          latruongdatchuanquocgia=True, datkiemdinhcapdo=None),
}  # fmt: skip

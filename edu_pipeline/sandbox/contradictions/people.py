"""Contradictions of members of staff and their posts.

kind -> Kind

What does not belong here: what they teach whom (classes.py), a unit's staff as a whole (units.py).
"""

from collections.abc import Callable

from edu_pipeline.sandbox import profile
from edu_pipeline.sandbox.career import insurance
from edu_pipeline.sandbox.contradictions.kind import Act, Found, Kind, Value, Victim, paths, told
from edu_pipeline.sandbox.papers import day
from edu_pipeline.sandbox.tables import CONTRACT, ETHNICITY, GROUP, POST, QUALIFICATION, STAFF_STATUS

_YEAR = 2024
_ELSEWHERE = "92"


def _person(rule: str, kind: str, fits: Callable[[Victim], bool] = lambda _: True, **values: Value) -> Kind:
    return Kind("member", kind, (f"staff.{rule}",), (Act("nhan-su", paths(values)),), fits)


def _post(rule: str, kind: str, fits: Callable[[Victim], bool] = lambda _: True, **values: Value) -> Kind:
    return Kind("member", kind, (f"staff_assignment.{rule}",), (Act("phan-cong", paths(values), year=_YEAR),), fits)


def _trained(rule: str, kind: str, said: Callable[[Victim], str]) -> Kind:
    return Kind("member", kind, (f"staff_training.graduated_year.{rule}",), (told("dao-tao", namTotNghiep=said),))


def _aged(rule: str, kind: str, year: int) -> Kind:
    """Born in another year, say school and registry; what came later in life is left untold."""
    acts = (told("nhan-su", hoSo__ngaySinh=f"15/03/{year}", congTac__ngayTuyenDung=None),
            told("identities", data__ngaysinh=f"{year}-03-15"), told("dao-tao", namTotNghiep=None))  # fmt: skip
    return Kind("member", kind, (f"staff.birth_date.{rule}",), acts)


def _shared(field: str, kind: str, **values: Value) -> Kind:
    """It takes two, and both are found."""
    rule = f"staff.{field}.shared"

    def found(v: Victim) -> Found:
        return ((rule, one.unit.code, one.who) for one in (v, v.beside))

    return Kind("member", kind, (rule,), (Act("nhan-su", paths(values)),), pairs=lambda _, __: True, found=found)


def _is(*roles: str) -> Callable[[Victim], bool]:
    return lambda v: v.staff.role in roles


def _home(rule: str) -> Callable[[Victim], Found]:
    """Who has two posts is found where the first one is."""

    def found(v: Victim) -> Found:
        posts = [m for m in v.city.staff if m.root == v.who and m.leaves is None]
        first = min(posts, key=lambda m: (not m.is_main and "primary" not in rule, m.begin, m.unit))
        yield rule, first.unit, v.who

    return found


def _teaches(v: Victim) -> bool:
    return v.staff.role == "GV" and v.unit.kind in ("TH", "THCS", "THPT")


_BELOW = QUALIFICATION["intermediate_pedagogy"]

KINDS: dict[str, Kind] = {
    "no_subject": Kind("member", "began to teach, and no subject is told", ("staff_subject.staff_id.none",),
                       (told("phan-cong", year=_YEAR, viTri=POST["GV"], nhom=GROUP["GV"]),
                        told("nhan-su", congTac__trinhDo=QUALIFICATION["university"]),
                        told("dao-tao", trinhDo=QUALIFICATION["university"])),
                       lambda v: v.staff.role == "NV" and v.unit.kind in ("THCS", "THPT")),
    "too_young": _aged("too_young", "works at fifteen", 2009),
    "too_old": _aged("too_old", "works at seventy", 1954),
    "staff_number": _shared("personal_number", "the personal number of another",
                            hoSo__soDinhDanh=lambda v: profile.personal_number(v.beside.staff)),
    "insurance": _shared("social_insurance_number", "the insurance number of another",
                         congTac__maBhxh=lambda v: insurance(v.beside.staff)),
    "recruited_young": _person("recruited_date.as_a_child", "recruited at sixteen",
                               congTac__ngayTuyenDung=lambda v: f"01/08/{v.staff.birth.year + 16}"),
    "staff_foreign": _person("ethnicity.of_foreigners", "the ethnicity of foreigners, and Vietnamese",
                             hoSo__danToc=ETHNICITY["55"]),
    "unqualified": Kind("member", "below what a teacher must have", ("staff.qualification.below_standard",),
                  (told("nhan-su", congTac__trinhDo=_BELOW), told("dao-tao", trinhDo=_BELOW)), _teaches),
    "untrained": _person("qualification.not_trained_so", "a doctor without a training as one", _teaches,
                         congTac__trinhDo=QUALIFICATION["doctor"]),
    "staff_residence": _person("residence_ward_code.outside_province", "a ward of this city, and another province",
                               noiO__tinh=_ELSEWHERE),
    "staff_hometown": _person("hometown_ward_code.outside_province", "a ward of this city, and another province",
                              lambda v: profile.hometown(v.staff)[1] is not None, queQuan__tinh=_ELSEWHERE),
    "graduated_child": _trained("as_a_child", "graduated at fifteen", lambda v: str(v.staff.birth.year + 15)),
    "graduated_later": _trained("in_future", "graduates in two years", lambda _: "2026"),
    "no_primary": Kind("member", "no post is the main one", ("staff_assignment.is_primary.none",),
                       (told("phan-cong", year=_YEAR, laChinh="0"),)),
    "two_primary": Kind("second", "two main posts", ("staff_assignment.is_primary.two",),
                        (told("phan-cong", year=_YEAR, laChinh="1"),),
                        found=_home("staff_assignment.is_primary.two")),
    "over_whole": Kind("second", "posts of 130 percent", ("staff_assignment.share_pct.over_whole",),
                       (told("phan-cong", year=_YEAR, tyLe="50"),),
                       found=_home("staff_assignment.share_pct.over_whole")),
    "no_main": Kind("member", "no subject is the main one", ("staff_subject.is_main.none",),
                    (told("mon-day", year=_YEAR, monChinh="0"),),
                    lambda v: v.staff.role == "GV" and v.unit.kind != "MN"),
    "post_end": _post("end_date.missing", "retired nobody knows when", _is("NV"), trangThai=STAFF_STATUS["6"]),
    "works_after": _post("status.working_after_end", "ended, and works", _is("NV"), ngayKetThuc="10/09/2024"),
    "staff_reason": _post("end_reason.of_working", "a reason of leaving, and works", lyDoThoi="Theo nguyện vọng"),
    "visiting": Kind("deputy", "a deputy head who visits", ("staff_assignment.contract.not_of_official",),
                     (told("phan-cong", year=_YEAR, hopDong=CONTRACT[_YEAR]["5"]),)),
    "staff_group": _post("staff_group.not_of_role", "a teacher among the employees", _is("GV"), nhom=GROUP["NV"]),
    "recruited_late": Kind("member", "recruited after the post began",
                           ("staff_assignment.begin_date.before_recruited",),
                           (told("nhan-su", congTac__ngayTuyenDung=lambda v: day(v.staff.begin.replace(month=12))),)),
    "state_later": _post("status_date.in_future", "a state of next year", ngayTrangThai="01/02/2025"),
    "unpaid": _post("salary_step.without_coefficient", "a step of salary without a coefficient", luong__heSo=None),
}  # fmt: skip

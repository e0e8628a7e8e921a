"""Contradictions of pupils: person against place, parents, papers, other pupils, and what is told of the year.

kind -> Kind

What does not belong here: places (places.py). Who somebody is, the registry says: a birth date is told wrongly by both.
"""

from collections.abc import Callable

from edu_pipeline.sandbox import family, hours, profile
from edu_pipeline.sandbox.contradictions.kind import (
    Act,
    Kind,
    Said,
    Value,
    Victim,
    added,
    dropped,
    its_class,
    paths,
    told,
)
from edu_pipeline.sandbox.papers import day, part
from edu_pipeline.sandbox.tables import BOARDING, DISABILITY, ETHNICITY, FEE, NATION, POVERTY, RELATION

_FATHER, _CARD, _CERTIFICATE = {"quanHe": RELATION["father"]}, {"loaiGiayTo": "5"}, {"loaiGiayTo": "1"}
# A province of the list, and none that the wards of this city ever lay in.
_ELSEWHERE = "92"
_NO_REASON: dict[str, Value] = {"chinhSach__hoNgheo": POVERTY["none"], "chinhSach__dien": None,
                                "chinhSach__khuyetTat": None, "chinhSach__vungKhoKhan": "0"}  # fmt: skip


def born(years: int) -> tuple[Act, ...]:
    """Born so many years later, by the school and by the registry."""

    def said(v: Victim) -> str:
        birth = v.pupil.birth
        return birth.replace(year=birth.year + years, day=min(birth.day, 28)).isoformat()

    return told("hoc-sinh", hoSo__ngaySinh=lambda v: part(said(v))), told("identities", data__ngaysinh=said)


def _is_local(v: Victim) -> bool:
    return profile.birth_province(v.pupil) == "79"


def _has_father(v: Victim) -> bool:
    return {"father", "mother"} == {one.relation for one in family.guardians(v.pupil)}


def _parent(years: int) -> Act:
    return told("phu-huynh", _FATHER, ngaySinh=lambda v: str(v.pupil.birth.year - years), soDinhDanh=None)


def _year(**values: Value) -> Act:
    return Act("ho-so-nam", paths(values), year=2024)


def _free(kind: str, rule: str, **values: Value) -> Kind:
    return Kind("pupil", f"{kind}, and nothing that gives a right to it", (f"student_year.{rule}",),
                (_year(**_NO_REASON, **values),), lambda v: 10 <= v.grade <= 12)  # fmt: skip


def _issued(v: Victim) -> str | None:
    return day(v.pupil.birth.replace(year=v.pupil.birth.year - 1, day=min(v.pupil.birth.day, 28)))


def _flipped(v: Victim) -> Said:
    return "0" if hours.has_two_sessions(v.unit, v.there.klass, v.there.grade) else "1"


def _knows_disabled(v: Victim) -> bool:
    """The unit has a pupil with a disability, and this one's class has none."""
    ours = v.city.disabled[v.unit.code]
    return bool(ours) and all(p.klass != v.there.klass for c in ours for p in c.places if p.unit == v.unit.code)


def _knows_none(v: Victim) -> bool:
    return not v.city.disabled[v.unit.code]


def _ward(name: str, group: str, fits: Callable[[Victim], bool] = lambda _: True) -> Kind:
    acts = (Act("hoc-sinh", {f"{group}.tinh": _ELSEWHERE}),)
    kind = f"student.{name}_ward_code.outside_province"
    return Kind("pupil", f"a ward of this city, and another province ({name})", (kind,), acts, fits)


def _is_alike(v: Victim, other: Victim) -> bool:
    """Of one place, sex and year, so that the other's number says nothing wrong of the pupil."""
    one, two = v.pupil, other.pupil
    same = (one.sex, one.birth.year, profile.birth_province(one)) == (two.sex, two.birth.year,
                                                                   profile.birth_province(two))  # fmt: skip
    return same and v.grade <= 7


KINDS: dict[str, Kind] = {
    "young": Kind("pupil", "a year too young for the grade", ("student.birth_date.young_for_grade",),
                  (*born(1), told("giay-to", _CERTIFICATE, ngayCap=None)), lambda v: v.grade in (2, 6, 7)),
    "old": Kind("pupil", "four years too old for the grade", ("student.birth_date.old_for_grade",), born(-4),
                lambda v: v.grade in (1, 2)),
    "group": Kind("pupil", "two years too old for the group", ("student.birth_date.not_of_group",), born(-2),
                  lambda v: v.grade in (17, 18)),
    "number_shared": Kind(
        "pupil", "the personal number of another pupil", ("student.personal_number.shared",),
        (told("hoc-sinh", hoSo__soDinhDanh=lambda v: profile.personal_number(v.beside.pupil)),),
        pairs=_is_alike,
        found=lambda v: (("student.personal_number.shared", one.unit.code, one.who) for one in (v, v.beside)),
    ),
    "ethnic_foreign": Kind("pupil", "the ethnicity of foreigners, and Vietnamese", ("student.ethnicity.of_foreigners",),
                           (told("hoc-sinh", hoSo__danToc=ETHNICITY["55"]),)),
    "nation": Kind("pupil", "Korean without a number, and Kinh", ("student.nationality.of_vietnamese",),
                   (told("hoc-sinh", hoSo__quocTich=NATION["KR"], hoSo__soDinhDanh=None),)),
    "ward_residence": _ward("residence", "noiO"),
    "ward_permanent": _ward("permanent", "thuongTru"),
    "ward_birth": _ward("birth", "noiSinh", _is_local),
    "ward_hometown": _ward("hometown", "queQuan", lambda v: profile.hometown(v.pupil)[1] is not None),
    "orphaned": Kind("pupil", "no parent or guardian", ("guardian.student_id.nobody",), (dropped("phu-huynh"),)),
    "unreachable": Kind("pupil", "nobody has a telephone", ("guardian.phone.nobody_reached",),
                        (told("phu-huynh", dienThoai=None), told("hoc-sinh", lienHe__dienThoai=None))),
    "two_fathers": Kind("pupil", "two fathers", ("guardian.relation.twice",), (added("phu-huynh", _FATHER, stt="2"),),
                        _has_father),
    "parent_young": Kind("pupil", "a father of twelve", ("guardian.birth_date.young_for_child",), (_parent(12),),
                         _has_father),
    "parent_old": Kind("pupil", "a father of seventy-five", ("guardian.birth_date.old_for_child",), (_parent(75),),
                       _has_father),
    "parent_number": Kind("pupil", "a father with the child's number", ("guardian.personal_number.of_the_child",),
                          (told("phu-huynh", _FATHER, soDinhDanh=lambda v: profile.personal_number(v.pupil)),),
                          _has_father),
    "card": Kind("pupil", "an identity card with another number", ("student_paper.paper_number.not_the_number",),
                 (told("giay-to", _CARD, so=lambda v: profile.personal_number(v.pupil)[:-1] + "X"),),
                 lambda v: v.grade >= 11),
    "issued": Kind("pupil", "a birth certificate of the year before the birth",
                   ("student_paper.issued_date.before_birth",), (told("giay-to", _CERTIFICATE, ngayCap=_issued),)),
    "fee_given": _free("a lower fee", "fee_relief.without_reason", chinhSach__hocPhi=FEE["reduced"]),
    "fee_denied": Kind("pupil", "a poor household, and the whole fee", ("student_year.fee_relief.not_given",),
                       (_year(chinhSach__hoNgheo=POVERTY["poor"], chinhSach__hocPhi=FEE["none"]),),
                       lambda v: 6 <= v.grade <= 12),
    "lunch": _free("lunch", "has_lunch_support.without_reason", chinhSach__hoTroAnTrua="x", chinhSach__hocPhi="0"),
    "rice": _free("rice", "has_rice_support.without_reason", chinhSach__capGao="x", chinhSach__hocPhi="0"),
    "housing": Kind("pupil", "housing, and no boarding", ("student_year.has_housing_support.not_boarding",),
                    (_year(chinhSach__hoTroNhaO="x", sinhHoat__banTru=BOARDING["none"]),)),
    "boards": Kind("pupil", "boarding in a class that has none", ("student_year.boarding.class_has_none",),
                   (_year(sinhHoat__banTru=BOARDING["day"]),), lambda v: not hours.boards(v.grade)),
    "sessions": Kind("pupil", "two sessions where the class has one, or one for two",
                     ("student_year.has_two_sessions.not_as_class",), (_year(sinhHoat__haiBuoi=_flipped),)),
    "disabled_in_class": Kind("pupil", "a disability that the class does not know",
                              ("student_year.disability.class_says_none",),
                              (_year(chinhSach__khuyetTat=DISABILITY["vision"]),), _knows_disabled),
    "disabled_in_unit": Kind("pupil", "a disability that the class knows, and not the unit",
                             ("student_year.disability.unit_says_none",),
                             (_year(chinhSach__khuyetTat=DISABILITY["vision"]),
                              told("lop-hoc", year=2024, whom=its_class, coKhuyetTat="1")), _knows_none),
    "pioneer": Kind("pupil", "a Young Pioneer of six", ("student_year.is_pioneer.not_of_age",),
                    (_year(sinhHoat__doiVien="1"),), lambda v: v.grade == 1),
    "union": Kind("pupil", "in the Youth Union at twelve", ("student_year.is_union_member.not_of_age",),
                  (_year(sinhHoat__doanVien="1"),), lambda v: v.grade == 7),
    "own_language": Kind("pupil", "Kinh, and a minority's language as its own",
                         ("student_year.has_minority_language.of_kinh",), (_year(sinhHoat__tiengDanToc="1"),),
                         lambda v: v.pupil.ethnic == 1),
    "difficult_area": Kind("pupil", "of a difficult area, at a school of none",
                           ("student_year.is_in_difficult_area.unit_is_not",), (_year(chinhSach__vungKhoKhan="1"),),
                           lambda v: v.grade <= 9),
}  # fmt: skip

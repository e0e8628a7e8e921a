"""The vendor `hoaphuong`: where pupils are in a school year, and what holds for them in it.

zone of the city, unit, year, day -> records of places, of a child's year

What does not belong here: persons (dossiers.py), classes and posts (registers.py), results (transcripts.py).
"""

import datetime as dt
from collections.abc import Iterator

from edu_pipeline.sandbox import ailments, hours, tables
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import YEAR_BEGIN
from edu_pipeline.sandbox.dossiers import code, is_keyed, rev, stays, touched
from edu_pipeline.sandbox.lot import pick
from edu_pipeline.sandbox.papers import Record, comma, day, label, record, tick, yes
from edu_pipeline.sandbox.story import Child, Place
from edu_pipeline.sandbox.units import Unit
from edu_pipeline.sandbox.welfare import yearly

_REASONS = {"withdrawn": ("hardship", "weak_results", "distance", "vocational", "other"),
            "on_leave": ("results_preserved",)}  # fmt: skip


def enrollments(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Places: since when, in which class, and how it ended."""
    for child, place in stays(zone, unit.code, year, on):
        ended = place.end if place.end is not None and place.end <= on else None
        content = {"maTruong": unit.code, "namHoc": label(year), "maHocSinh": code(child, unit.code, on),
                   **_place(zone, child, place, ended)}  # fmt: skip
        key = f"XL {unit.code} {year} {child.codes[unit.code]} {place.begin}"
        keyed = [child.keyed_on] if child.temp and child.keyed_on and is_keyed(child, on) else []
        changed = max([place.begin, *keyed, *([ended] if ended else [])])
        told = record(key, rev(child, on, ended is not None), changed, content)
        yield ailments.of_enrollment(child, told, place.begin, year)


def _place(zone: City, child: Child, place: Place, ended: dt.date | None) -> Record:
    before, after = _neighbors(child, place)
    comes = before is not None and before.unit != place.unit and before.year == place.year
    moved = child.entry == "accepted" and place.year == 2024 and place.begin == YEAR_BEGIN[2024]
    origin = before.unit if before is not None and (comes or moved) else None
    goal = after.unit if ended and place.how == "city" and after is not None else None
    reasons = _REASONS.get(place.how or "") if ended else None
    return {
        "maLop": place.klass,
        "khoi": tables.GRADE[str(place.grade)],
        "ngayVao": day(place.begin) if place.is_begin_told else None,
        "ngayRa": day(ended),
        "hinhThuc": tables.KIND[place.kind],
        "trangThai": tables.STATUS[place.how if ended else None],
        "trangThaiChiTiet": tables.DETAIL[_detail(child, place, ended, comes or moved)],
        "loaiNhapHoc": tables.ENTRY[_entry(child, place, comes)],
        "lyDoThoiHoc": tables.REASON[pick(child.root, "reason", reasons)] if reasons else None,
        "chuyenDenTu": _name(zone, origin),
        "chuyenDi": _name(zone, goal),
        "tinhChuyenDen": child.origin if moved and child.origin else None,
        "tinhChuyenDi": child.destination if ended and place.how == "away" else None,
    }


def _neighbors(child: Child, place: Place) -> tuple[Place | None, Place | None]:
    primary = [one for one in child.places if one.kind == "primary"]
    if place not in primary:
        return None, None
    at = primary.index(place)
    return primary[at - 1] if at else None, primary[at + 1] if at + 1 < len(primary) else None


def _name(zone: City, unit: str | None) -> str | None:
    return zone.unit(unit).name if unit else None


def _detail(child: Child, place: Place, ended: dt.date | None, comes: bool) -> str:
    if ended:
        return place.how or "withdrawn"
    if place.year == 2024 and child.entry == "returned":
        return "returned"
    return "transferred_in" if comes else "studying"


def _entry(child: Child, place: Place, comes: bool) -> str:
    if comes:
        return "accepted"
    if place.year == 2024 and child.entry in ("accepted", "returned", "retained", "intake"):
        return child.entry
    if place.year == 2024 and child.outcome == "retest":
        return "retest"
    return "intake" if place.grade in (1, 6, 10, 16) else "promoted"


def student_years(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """What holds for a pupil in the year; measured by the nurse in October."""
    for child, place in at_school(zone, unit, year, on):
        has_two = hours.has_two_sessions(unit, place.klass, place.grade)
        marks = yearly(child, place.grade, year, unit.district, has_two, hours.boards(place.grade))
        content = {
            "maTruong": unit.code,
            "namHoc": label(year),
            "maHocSinh": code(child, unit.code, on),
            "chinhSach": {
                "hoNgheo": tables.POVERTY[marks.poverty],
                "dien": tables.word(tables.POLICY, marks.policy),
                "khuyetTat": tables.word(tables.DISABILITY, marks.disability),
                "khuVuc": tables.REGION[marks.region],
                "hocPhi": tables.FEE[marks.fee],
                "vungKhoKhan": yes(marks.is_in_difficult_area),
                "hoTroHocTap": tick("study" in marks.supports),
                "hoTroAnTrua": tick("lunch" in marks.supports),
                "capTien": tick("cash" in marks.supports),
                "capGao": tick("rice" in marks.supports),
                "hoTroNhaO": tick("housing" in marks.supports),
            },
            "sinhHoat": {
                "banTru": tables.BOARDING[marks.boarding],
                "haiBuoi": yes(marks.has_two_sessions),
                "bietBoi": yes(marks.is_swimmer),
                "doiVien": yes(marks.is_pioneer),
                "doanVien": yes(marks.is_union_member),
                "tiengDanToc": yes(marks.has_minority_language),
                "chuongTrinhBo": yes(marks.has_ministry_programme),
                "luuBan": yes(_repeats(child, place)),
            },
            "sucKhoe": {
                "chieuCao": comma(marks.height),
                "canNang": comma(marks.weight),
                "thiLuc": marks.eyesight,
                "cotSong": marks.spine,
            },
        }
        key = f"HN {unit.code} {year} {child.codes[unit.code]}"
        yield record(key, rev(child, on), touched(child, unit.code, on, place.begin), content)


def at_school(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[tuple[Child, Place]]:
    """Each pupil of a year once, with the last of its places here that counts as its school."""
    last = {child.root: (child, place) for child, place in stays(zone, unit.code, year, on) if place.kind == "primary"}
    return iter(last.values())


def _repeats(child: Child, place: Place) -> bool:
    return any(one.year == place.year - 1 and one.grade == place.grade for one in child.places)

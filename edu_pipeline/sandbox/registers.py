"""The vendor `hoaphuong`: what it tells of a unit's school year: campuses, classes, posts.

zone of the city, unit, year, day -> records

What does not belong here: persons (dossiers.py), who teaches what (teaching.py), pupils' places and results
(placements.py, transcripts.py), HTTP (hoaphuong.py).
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from edu_pipeline.sandbox import career, deployed, hours, premises, tables, welfare
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import REFORM, YEAR_BEGIN, YEAR_END, results_from
from edu_pipeline.sandbox.dossiers import members, stays
from edu_pipeline.sandbox.lot import hits, lot, pick, weighted
from edu_pipeline.sandbox.papers import Record, comma, day, label, record, yes
from edu_pipeline.sandbox.story import Member
from edu_pipeline.sandbox.units import Unit
from edu_pipeline.sandbox.wards import address

_WHY = {"3": "Chuyển công tác", "6": "Nghỉ hưu theo chế độ", "8": "Theo nguyện vọng"}


def campuses(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """The main campus, and a second one where there is one."""
    for number in range(1, premises.campuses(unit) + 1):
        where = premises.place(unit) if number == 1 else address(unit.code, f"campus {number}", unit.district)
        distance = Decimal(0) if number == 1 else Decimal(lot(unit.code, "distance", 40) + 3) / 10
        content = {"maTruong": unit.code, "namHoc": label(year), "maDiemTruong": f"DT{number}",
                   "ten": "Điểm chính" if number == 1 else f"Điểm trường {number}", "laDiemChinh": yes(number == 1),
                   "xa": where.codes(on)[2], "diaChi": where.street, "khoangCach": comma(distance)}  # fmt: skip
        is_told_anew = on >= REFORM
        changed = max(YEAR_BEGIN[year], REFORM) if is_told_anew else YEAR_BEGIN[year]
        yield record(f"DD {unit.code} {year} {number}", 1 + is_told_anew, changed, content)


def systems(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """The systems that the school declares, the same under every year; an office does so in the registry."""
    for system in deployed.declared(unit, on) if unit.grades else ():
        content = {"maTruong": unit.code, "maHeThong": system.code,
                   "sanPham": {"ten": system.product, "nhaCungCap": system.vendor},
                   "mucDich": tables.SYSTEM_PURPOSE[system.purpose], "tienDo": tables.SYSTEM_STAGE[system.stage],
                   "capDoAnToan": None if system.level is None else str(system.level),
                   "ngayCamKet": day(system.promised)}  # fmt: skip
        yield record(f"HT {unit.code} {system.code}", 1, system.declared, content)


def graded(zone: City, unit: Unit, year: int) -> dict[str, int]:
    """Classes of a year with their grades, in order."""
    return dict(sorted(zone.classes_of(unit.code, year).items()))


def classes(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Classes; and those that a defect of the unit adds."""
    leaders = {m.homeroom.get(year): m.code for m in members(zone, unit.code, year)}
    grades = graded(zone, unit, year)
    special = {place.klass for child, place in stays(zone, unit.code, year, on) if welfare.disability(child)}
    for klass, grade in grades.items():
        content = _class(unit, year, klass, grade, grades, klass in special) | {"maGvcn": leaders.get(klass)}
        yield record(f"LH {unit.code} {year} {klass}", 1, YEAR_BEGIN[year], content)
    kinds = {defect.kind for defect in zone.defects if defect.unit == unit.code} if year == 2023 else set()
    for kind, spoiled in (("class_without_grade", {"khoi": None}), ("homeroom_unknown", {"maGvcn": "CB999"})):
        if kind in kinds:
            klass, grade = f"X-{kind}", next(iter(grades.values()))
            content = _class(unit, year, klass, grade, grades, False) | {"maGvcn": None} | spoiled
            yield record(f"LH {unit.code} {year} {klass}", 1, YEAR_BEGIN[year], content)


def _class(unit: Unit, year: int, klass: str, grade: int, graded: dict[str, int], is_special: bool) -> Record:
    who = f"{unit.code} {klass}"
    is_upper, is_centre, is_small = grade in (10, 11, 12), unit.kind == "GDTX", grade >= 13
    has_two = hours.has_two_sessions(unit, klass, grade)
    combined = next((other for other, other_grade in graded.items() if grade == 16 and other_grade == 17), None)
    kind = "vocational" if is_centre and hits(who, "vocational", 500) else "ordinary"
    stream = weighted(who, "stream", {"none": 2, "natural_sciences": 3, "social_sciences": 3, "basic": 2})
    special = pick(who, "special", tuple(tables.SPECIALISATION)) if is_upper and hits(who, "is special", 300) else None
    return {
        "maTruong": unit.code,
        "namHoc": label(year),
        "maLop": klass,
        "tenLop": f"Lớp {klass}",
        "khoi": tables.GRADE[str(grade)],
        "maDiemTruong": f"DT{1 + lot(who, 'campus', premises.campuses(unit))}",
        "ngoaiNgu1": None if is_small else tables.LANGUAGE["en"],
        "ngoaiNgu2": tables.LANGUAGE[pick(who, "second language", ("fr", "ja"))] if is_upper else None,
        "soBuoiTuan": "10" if has_two else "6",
        "buoiHoc": tables.SHIFT["both" if has_two else pick(who, "shift", ("morning", "afternoon"))],
        "phanBan": tables.STREAM[stream] if is_upper else None,
        "heChuyen": tables.SPECIALISATION[special] if special and not is_centre else None,
        "kieuLop": tables.CLASS_TYPE[kind] if is_centre else None,
        "hinhThucHoc": tables.STUDY_MODE["in_class"] if is_centre else None,
        "ghepVaoLop": combined,
        "lopGhep": yes(combined is not None),
        "haiBuoi": yes(has_two),
        "banTru": yes(hours.boards(grade)),
        "hocNghe": yes(kind == "vocational"),
        "coKhuyetTat": yes(is_special),
    }


def assignments(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Posts of a year; who has left says when and why, and ratings come at the year's end."""
    for member in members(zone, unit.code, year):
        left = member.leaves if member.leaves is not None and member.leaves <= on else None
        is_rated = on >= results_from(year)
        turns = [turn for turn in (left, results_from(year) if is_rated else None) if turn]
        # Who works beside it in another school has less than a whole post here.
        share = 20 if not member.is_main else 80 if member.root in zone.shared else 100
        content = _post(member, unit, year, left, is_rated) | {"tyLe": str(share)}
        begun = max(member.begin, YEAR_BEGIN[year])
        key = f"PC {unit.code} {year} {member.code}"
        yield record(key, 1 + len(turns), max([begun, *turns]), content)


def _post(member: Member, unit: Unit, year: int, left: dt.date | None, is_rated: bool) -> Record:
    root, pay = member.root, career.salary(member, unit.kind)
    contracts = tables.CONTRACT[2024 if year >= 2024 else 2023]
    standard = weighted(root, f"standard {year}", {"good": 45, "fair": 40, "passed": 13, "not_rated": 2})
    rating = weighted(root, f"rating {year}", {"excellent": 18, "good": 65, "fulfilled": 16, "not_fulfilled": 1})
    return {
        "maTruong": unit.code,
        "namHoc": label(year),
        "maCanBo": member.code,
        "viTri": "XX" if member.defect == "unknown_post" else tables.POST[member.role],
        "loaiCanBo": tables.POSITION[career.position(member)[0]],
        "nhom": tables.GROUP[member.role],
        "hopDong": "99" if member.defect == "unknown_contract" else contracts[member.contract],
        "trangThai": tables.STAFF_STATUS[(member.how or "8") if left else "working"],
        "ngayTrangThai": day(left or member.begin),
        "lyDoThoi": _WHY[member.how or "8"] if left else None,
        "ngayBatDau": day(member.begin),
        "ngayKetThuc": day(left),
        "laChinh": yes(member.is_main),
        "soTiet": comma(career.periods(member, unit.kind)),
        "kiemNhiem": career.duty(member),
        "luong": {
            "ngach": pay.grade,
            "bac": str(pay.step),
            "heSo": comma(pay.coefficient),
            "phuCapLanhDao": comma(pay.allowance),
        },
        "danhGia": {
            "chuanNgheNghiep": tables.STANDARD[standard] if is_rated and member.role != "NV" else None,
            "vienChuc": tables.RATING[rating] if is_rated else None,
            "giaoVienGioi": yes(hits(root, f"excellent {year}", 150)) if is_rated and member.role == "GV" else None,
            "boiDuong": yes(hits(root, f"training {year}", 930)) if is_rated else None,
        },
    }


def staff_awards(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Rewards at the year's end for many, a disciplinary measure for very few."""
    decided = YEAR_END[year]
    for member in members(zone, unit.code, year) if on >= decided else ():
        if member.leaves and member.leaves < decided:
            continue
        is_punished = hits(member.root, f"discipline {year}", 10)
        if not is_punished and not hits(member.root, f"reward {year}", 400):
            continue
        content = {"maTruong": unit.code, "namHoc": label(year), "maCanBo": member.code, "stt": "1",
                   "loai": tables.AWARD_KIND["discipline" if is_punished else "reward"],
                   "noiDung": "Khiển trách" if is_punished else "Danh hiệu Lao động tiên tiến",
                   "ngayQuyetDinh": day(decided),
                   "soQuyetDinh": f"{1 + lot(unit.code, f'decision {year}', 90)}/QĐ-{unit.code}"}  # fmt: skip
        yield record(f"KC {unit.code} {year} {member.code}", 1, decided, content)


def headcount(zone: City, unit: Unit, year: int, term: int, on: dt.date) -> Record:
    """How many pupils there are on the day, or on the last one of the year."""
    counted = min(YEAR_END[year], on)
    count = zone.headcount(unit.code, year, counted)
    content = {"maTruong": unit.code, "namHoc": label(year), "hocKy": str(term), "ngay": day(counted),
               "siSo": str(count)}  # fmt: skip
    return record(f"SS {unit.code} {year} {term}", 1, counted, content)

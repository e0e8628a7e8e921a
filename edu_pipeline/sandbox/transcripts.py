"""The vendor `hoaphuong`: what pupils achieve.

zone of the city, unit, year, day -> records of results, marks by subject, awards

What does not belong here: which marks a child has (marks.py), where it is (placements.py).
"""

import datetime as dt
from collections.abc import Iterator

from edu_pipeline.sandbox import ailments, tables
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import YEAR_END, results_from, summer_results_from
from edu_pipeline.sandbox.dossiers import code, rev, touched
from edu_pipeline.sandbox.lot import hits, lot, pick
from edu_pipeline.sandbox.marks import Report, report
from edu_pipeline.sandbox.papers import Record, comma, day, label, record, tick, yes
from edu_pipeline.sandbox.placements import at_school
from edu_pipeline.sandbox.story import Child, Place
from edu_pipeline.sandbox.units import Unit

_COMMENTS = ("Chăm ngoan, tiến bộ rõ trong năm học.", "Cần đọc thêm và mạnh dạn phát biểu.", "Có cố gắng, cần đều hơn.")
# The graduation exam's outcome is known in July (domain.md 4.3).
_EXAM = (7, 20)


def results(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Results at the year's end, and after summer of those who had something left to do."""
    for child, place, stage, told in _reports(zone, unit, year, on):
        graduated = place.grade == 12 and stage == "CN" and on >= dt.date(year + 1, *_EXAM)
        content = {"maTruong": unit.code, "namHoc": label(year), "maHocSinh": code(child, unit.code, on),
                   "giaiDoan": tables.STAGE[stage], **_result(child, place, year, stage, told, graduated)}  # fmt: skip
        since = dt.date(year + 1, *_EXAM) if graduated else _since(stage, year)
        key = f"KQ {unit.code} {year} {stage} {child.codes[unit.code]}"
        made = record(key, rev(child, on, graduated), touched(child, unit.code, on, since), content)
        yield ailments.of_result(child, made, year)
    if any(d.kind == "unknown_pupil" and d.unit == unit.code for d in zone.defects) and on >= results_from(year):
        stray = {"maTruong": unit.code, "namHoc": label(year), "maHocSinh": "HS99999",
                 "giaiDoan": tables.STAGE["CN"], "ketQua": tables.OUTCOME["promoted"]}  # fmt: skip
        yield record(f"KQ {unit.code} {year} stray", 1, results_from(year), stray)


def _since(stage: str, year: int) -> dt.date:
    return results_from(year) if stage == "CN" else summer_results_from(year)


def _reports(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[tuple[Child, Place, str, Report | None]]:
    """(child, place, stage, report) of all who have results by the day; of preschool children no report."""
    for child, place in at_school(zone, unit, year, on):
        outcome, after = child.decided(year)
        if outcome is None or on < results_from(year) or (place.end is not None and place.end < results_from(year)):
            continue
        yield child, place, "CN", report(child, place, "CN")
        if after and on >= summer_results_from(year):
            yield child, place, "HE", report(child, place, "HE")


def _result(child: Child, place: Place, year: int, stage: str, told: Report | None, graduated: bool) -> Record:
    outcome, after = child.decided(year)
    decided = (after if stage == "HE" else outcome) or ""
    is_22, is_58 = told is not None and told.circular == "TT22", told is not None and told.circular == "TT58"
    is_primary = told is not None and not (is_22 or is_58)
    is_over = decided == "completed"
    return {
        "ketQua": tables.OUTCOME[decided],
        "hocTap": tables.LEVEL[told.study] if told and is_22 else None,
        "renLuyen": tables.word(tables.LEVEL, told.conduct) if told and is_22 else None,
        "hocLuc": tables.ACADEMIC_58[told.study] if told and is_58 else None,
        "hanhKiem": tables.word(tables.CONDUCT_58, told.conduct) if told and is_58 else None,
        "xepLoai": tables.YEAR_LEVEL[told.study] if told and is_primary else None,
        "diemTongKet": comma(told.average) if told else None,
        "soBuoiNghi": str(told.absences) if told else None,
        "danhHieu": tables.word(tables.TITLE, _title(child, told, stage)),
        "hoanThanhChuongTrinh": tick(told.completes) if told else None,
        "hoanThanhCapHoc": yes(is_over),
        "thiLai": yes(bool(told and told.retests)) if stage == "CN" else None,
        "renLuyenLai": yes(bool(told and told.trains)) if stage == "CN" else None,
        "duXetTotNghiep": yes(is_over) if place.grade in (9, 12) else None,
        "totNghiep": yes(is_over) if place.grade == 9 or graduated else None,
        "loaiTotNghiep": tables.GRADUATION["ungraded"] if is_over and (place.grade == 9 or graduated) else None,
        "nhanXet": pick(child.root, f"comment {year}", _COMMENTS) if stage == "CN" else None,
    }


def _title(child: Child, told: Report | None, stage: str) -> str | None:
    """The title of the year, by the circular in force (TT 22 art. 15, TT 58 art. 18, TT 27 art. 13)."""
    if told is None or stage == "HE":
        return None
    if told.circular in ("TT27", "TT30"):
        is_outstanding = told.study == "HTT" and hits(child.root, "outstanding", 500)
        return "primary_excellent" if told.study == "HTXS" else "primary_outstanding" if is_outstanding else None
    if told.circular == "TT58":
        title = {"gioi": "very_good_student_58", "kha": "advanced_student_58"}.get(told.study)
        return title if told.conduct == "tot" else None
    top = sum(mark.year is not None and mark.year >= 9 for mark in told.marks.values())
    best = "excellent_student" if top >= 6 else "very_good_student"
    return best if (told.study, told.conduct) == ("tot", "tot") else None


def subject_marks(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Marks and levels by subject; of primary school also competences and qualities; after summer what was retested."""
    for child, _, stage, told in _reports(zone, unit, year, on):
        if told is None:
            continue
        found = []
        for subject, said in _marks(told, stage):
            content = {"maTruong": unit.code, "namHoc": label(year), "maHocSinh": code(child, unit.code, on),
                       "giaiDoan": tables.STAGE[stage], "mon": tables.SUBJECT[subject], **said}  # fmt: skip
            key = f"DM {unit.code} {year} {stage} {child.codes[unit.code]} {subject}"
            since = touched(child, unit.code, on, _since(stage, year))
            found.append(record(key, rev(child, on), since, content))
        yield from ailments.of_marks(child, found, year) if stage == "CN" else found


def _marks(told: Report, stage: str) -> Iterator[tuple[str, Record]]:
    is_primary = told.circular in ("TT27", "TT30")
    levels = tables.SUBJECT_LEVEL if is_primary else tables.COMMENT_LEVEL
    for subject, mark in told.marks.items():
        if stage == "HE" and mark.retest is None:
            continue
        retest = comma(mark.retest) if stage == "HE" else None
        yield subject, {"diem": comma(mark.year), "mucDat": levels[mark.level] if mark.level else None,
                        "diemThiLai": retest}  # fmt: skip
    for name, level in {**told.competences, **told.qualities}.items() if stage == "CN" else ():
        yield name, {"diem": None, "mucDat": tables.COMPETENCE_LEVEL[level], "diemThiLai": None}


def student_awards(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Rewards for a title, for a subject, or a disciplinary measure: few."""
    for child, _, stage, told in _reports(zone, unit, year, on) if on >= YEAR_END[year] else ():
        if stage != "CN" or told is None:
            continue
        is_punished = hits(child.root, f"discipline {year}", 8)
        if not is_punished and not (_title(child, told, stage) and hits(child.root, f"reward {year}", 300)):
            continue
        subject = None if is_punished else pick(child.root, f"award {year}", (None, None, "mathematics"))
        content = {"maTruong": unit.code, "namHoc": label(year), "maHocSinh": code(child, unit.code, on), "stt": "1",
                   "loai": tables.AWARD_KIND["discipline" if is_punished else "reward"],
                   "noiDung": "Nhắc nhở" if is_punished else "Khen thưởng cuối năm học",
                   "mon": tables.SUBJECT[subject] if subject else None, "ngayQuyetDinh": day(YEAR_END[year]),
                   "soQuyetDinh": f"{1 + lot(unit.code, f'pupils {year}', 90)}/QĐ-{unit.code}"}  # fmt: skip
        key = f"KT {unit.code} {year} {child.codes[unit.code]}"
        yield record(key, rev(child, on), touched(child, unit.code, on, YEAR_END[year]), content)

"""What each defect of the second vendor's children does to its records.

record as it should be, Child.defect -> record as `hoaphuong` tells it

What does not belong here: who has which defect, and what must become of it (defects.py).
Source: domain.md 2.7, 3.1, 5.4.
"""

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterator

from edu_pipeline.sandbox.clock import REFORM
from edu_pipeline.sandbox.papers import Record, day, uid
from edu_pipeline.sandbox.story import Child

# The day from which the vendor tells older versions again, as after a restored backup.
RESTORED = dt.date(2024, 8, 1)
_FULL_WIDTH = {ord("0") + digit: chr(ord("０") + digit) for digit in range(10)}
# A ward of Binh Thanh that ended with the districts; this child's school goes on telling it.
_ENDED = ("765", "26914")


def _name(spoil: Callable[[str], str]) -> Callable[[Record, Child], None]:
    def told(record: Record, child: Child) -> None:
        record["hoSo"]["hoTen"] = spoil(record["hoSo"]["hoTen"])

    return told


def _own(key: str, said: Callable[[Child], str | None]) -> Callable[[Record, Child], None]:
    def told(record: Record, child: Child) -> None:
        record["hoSo"][key] = said(child)

    return told


def _number(spoil: Callable[[str], str]) -> Callable[[Record, Child], None]:
    def told(record: Record, child: Child) -> None:
        record["hoSo"]["soDinhDanh"] = spoil(record["hoSo"]["soDinhDanh"])

    return told


def _at(group: str, key: str, said: str) -> Callable[[Record, Child], None]:
    def told(record: Record, child: Child) -> None:
        record[group][key] = said

    return told


def _letter(child: Child) -> str:
    return child.root[:2] + child.root[2:].replace("0", "O", 1)


_STUDENT: dict[str, Callable[[Record, Child], None]] = {
    "nfd_name": _name(lambda name: unicodedata.normalize("NFD", name)),
    "double_blanks": _name(lambda name: f"  {name.replace(' ', '  ')} "),
    "line_break": _name(lambda name: name.replace(" ", "\n", 1)),
    "blank_name": _name(lambda name: "   "),
    "long_name": _name(lambda name: (name + " ") * (200 // len(name)) + "x" * 20),
    "serial_birth_date": _own("ngaySinh", lambda child: str((child.birth - dt.date(1899, 12, 30)).days)),
    "swapped_birth_date": _own("ngaySinh", lambda child: f"{child.birth:%m/%d/%Y}"),
    "birth_year_only": _own("ngaySinh", lambda child: f"{child.birth:%Y}"),
    "birth_month_only": _own("ngaySinh", lambda child: f"{child.birth:%m/%Y}"),
    "future_birth_date": _own("ngaySinh", lambda child: day(child.birth.replace(year=2031, day=1))),
    "root_id_letter": _own("maDinhDanh", _letter),
    "root_id_short": _own("maDinhDanh", lambda child: child.root[:9]),
    "root_id_fullwidth": _own("maDinhDanh", lambda child: child.root.translate(_FULL_WIDTH)),
    "eaten_zero": _number(lambda number: number[1:]),
    "number_sex": _number(lambda number: f"{number[:3]}{int(number[3]) ^ 1}{number[4:]}"),
    "number_year": _number(lambda number: f"{number[:4]}{(int(number[4:6]) + 1) % 100:02d}{number[6:]}"),
    "number_province": _number(lambda number: f"003{number[3:]}"),
    "old_number": _number(lambda number: number[3:]),
    "ethnicity_other_list": _own("danToc", lambda child: "KINH"),
    "ethnicity_56": _own("danToc", lambda child: "56"),
    "placeholder": _own("danToc", lambda child: "Chưa cập nhật"),
    "sex_text": _own("gioiTinh", lambda child: "Nam" if child.sex == "m" else "Nữ"),
    "sex_empty": _own("gioiTinh", lambda child: None),
    "padded_code": _own("gioiTinh", lambda child: " 1 " if child.sex == "m" else " 2 "),
    "garbage_phone": _at("lienHe", "dienThoai", "090-abc"),
    "garbage_email": _at("lienHe", "email", "khong co"),
    "unknown_ward": _at("noiO", "xa", "99999"),
}


def of_student(child: Child, record: Record, on: dt.date) -> Iterator[Record]:
    """A pupil's record, or what has become of it."""
    if child.defect in _STUDENT:
        _STUDENT[child.defect](record, child)
    if child.defect == "ended_ward" and on >= REFORM:
        record["noiO"] |= {"huyen": _ENDED[0], "xa": _ENDED[1]}
    if child.defect == "version_backwards":
        # Both versions are told from the reform on as before it: this school's records stand still.
        is_old = on >= RESTORED
        record["rev"] = 4 if is_old else 5
        record["lienHe"] |= {"dienThoai": "0900000000" if is_old else "0911111100"}
    yield record
    if child.defect == "twice_on_page":
        yield record


def of_guardian(child: Child, record: Record, is_contact: bool) -> Iterator[Record]:
    """A guardian's record, and a second one that calls itself the same."""
    if child.defect == "guardian_nameless" and is_contact:
        record["hoTen"] = None
    yield record
    if child.defect == "guardian_twice" and is_contact:
        yield {**record, "uuid": uid(f"{record['uuid']} again"), "hoTen": f"{record['hoTen']} Hai"}


def of_enrollment(child: Child, record: Record, begin: dt.date, year: int) -> Record:
    """An enrollment's record; later years are told rightly."""
    if year != 2023:
        return record
    if child.defect == "enrollment_backwards":
        record["ngayRa"] = day(begin - dt.timedelta(days=5))
    if child.defect == "grade_19":
        record["khoi"] = "K19"
    return record


def of_result(child: Child, record: Record, year: int) -> Record:
    """A result's record."""
    if child.defect == "negative_absences" and year == 2023:
        record["soBuoiNghi"] = "-3"
    return record


def of_marks(child: Child, records: list[Record], year: int) -> list[Record]:
    """The records of a child's marks of a year end."""
    wrong = {"mark_11": ("diem", "11"), "mark_words": ("diem", "tám rưỡi"), "competence_h": ("mucDat", "NL-H")}
    if child.defect not in wrong or year != 2023:
        return records
    key, said = wrong[child.defect]
    victim = next(one for one in records if one[key] and (key == "diem" or one["mon"].startswith("NL")))
    victim[key] = said
    return records


def header(unit: str) -> Record:
    """The header row of a sheet, read as a pupil."""
    return {
        "maTruong": unit,
        "maHocSinh": "Mã học sinh",
        "hoSo": {"maDinhDanh": "Mã định danh", "soDinhDanh": "Số định danh", "hoTen": "Họ và tên",
                 "ngaySinh": "Ngày sinh", "gioiTinh": "Giới tính", "danToc": "Dân tộc"},
    }  # fmt: skip

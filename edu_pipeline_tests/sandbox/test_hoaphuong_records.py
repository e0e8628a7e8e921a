"""Proves that what the second vendor tells hangs together: one record is the same in every year's reading, grows a
version whenever it changes, refers to records that are there, speaks in the vendor's own codes; each defect is told.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from edu_pipeline.sandbox import clock, tables
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.defects import OF_CHILDREN, OF_STAFF, OF_UNITS
from edu_pipeline.sandbox.hoaphuong import RESOURCES, Hoaphuong, Scope
from edu_pipeline.sandbox.story import Child

Record = dict[str, Any]
DAYS = [dt.date(2024, 2, 15), clock.PHASES["year_end"], clock.PHASES["opening"], dt.date(2024, 9, 27),
        clock.PHASES["spring"], clock.PHASES["reform"]]  # fmt: skip
# A place in another province's list, a name, a number of its own: words, not codes.
_CODED = {
    "gioiTinh": tables.SEX, "danToc": tables.ETHNICITY, "quocTich": tables.NATION, "tonGiao": tables.RELIGION,
    "nhomMau": tables.BLOOD, "loaiGiayTo": tables.PAPER, "quanHe": tables.RELATION, "khoi": tables.GRADE,
    "ngoaiNgu1": tables.LANGUAGE, "buoiHoc": tables.SHIFT, "mon": tables.SUBJECT, "hinhThuc": tables.KIND,
    "trangThaiChiTiet": tables.DETAIL, "loaiNhapHoc": tables.ENTRY, "ketQua": tables.OUTCOME, "hocTap": tables.LEVEL,
    "hocLuc": tables.ACADEMIC_58, "xepLoai": tables.YEAR_LEVEL, "danhHieu": tables.TITLE, "hoNgheo": tables.POVERTY,
    "khuVuc": tables.REGION, "viTri": tables.POST, "loaiCanBo": tables.POSITION, "vienChuc": tables.RATING,
    "mucDat": {**tables.SUBJECT_LEVEL, **{f"x{k}": v for k, v in tables.COMPETENCE_LEVEL.items()},
               **{f"y{k}": v for k, v in tables.COMMENT_LEVEL.items()}},
}  # fmt: skip


class Told:
    """All that the vendor tells on a day, by resource."""

    def __init__(self, city: City, day: dt.date) -> None:
        self.vendor, self.day = Hoaphuong(city), day
        self.units = [u.code for u in city.units if u.system == "hoaphuong"]
        self._kept: dict[str, dict[str, Record]] = {}
        self.years = [year for year in (2023, 2024) if day >= clock.YEAR_BEGIN[year]]

    def readings(self, resource: str) -> Iterator[list[Record]]:
        for unit in self.units:
            for year in reversed(self.years):
                term = 2 if self.day > clock.TERM_1_END[year] else 1
                yield self.vendor.records(Scope(resource, unit, year, term), self.day)

    def all(self, resource: str) -> dict[str, Record]:
        """The records by id."""
        if resource not in self._kept:
            self._kept[resource] = {r["uuid"]: r for reading in self.readings(resource) for r in reading}
        return self._kept[resource]

    def of(self, resource: str, child: Child) -> list[Record]:
        codes = {(unit, code) for unit, code in child.codes.items()}
        return [r for r in self.all(resource).values() if (r["maTruong"], r.get("maHocSinh")) in codes]


@pytest.fixture(scope="module")
def told(whole: City) -> dict[dt.date, Told]:
    return {day: Told(whole, day) for day in DAYS}


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_record_is_the_same_in_every_reading_of_a_day(told: dict[dt.date, Told], resource: str) -> None:
    seen: dict[str, Record] = {}
    for reading in told[dt.date(2024, 9, 27)].readings(resource):
        for record in reading:
            assert seen.setdefault(record["uuid"], record) == record
    assert seen


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_record_that_changes_grows_a_version(whole: City, told: dict[dt.date, Told], resource: str) -> None:
    backwards = {child.root for child in whole.children if child.defect == "version_backwards"}
    before: dict[str, Record] = {}
    changed = 0
    for day in DAYS:
        for key, record in told[day].all(resource).items():
            was = before.get(key)
            if was is not None and record.get("hoSo", {}).get("maDinhDanh") not in backwards:
                assert (record["rev"] > was["rev"]) == (record != was)
                assert record["updatedAt"] >= was["updatedAt"]
                changed += record != was
            before[key] = record
    if resource in ("hoc-sinh", "nhan-su", "phan-cong", "xep-lop", "diem-truong"):
        assert changed


@pytest.mark.parametrize(
    ("resource", "key", "parents", "parent_key", "stray"),
    [
        *[(r, ("maTruong", "maHocSinh"), "hoc-sinh", ("maTruong", "maHocSinh"), {"HS99999"})
          for r in ("giay-to", "phu-huynh", "xep-lop", "ho-so-nam", "ket-qua", "diem-mon", "khen-thuong")],
        *[(r, ("maTruong", "maCanBo"), "nhan-su", ("maTruong", "maCanBo"), set())
          for r in ("dao-tao", "ngoai-ngu", "phan-cong", "mon-day", "mon-lop", "khen-thuong-can-bo")],
        ("lop-hoc", ("maTruong", "maGvcn"), "nhan-su", ("maTruong", "maCanBo"), {"CB999"}),
        # A contradiction: a class at a campus that nobody lists.
        ("lop-hoc", ("maTruong", "maDiemTruong"), "diem-truong", ("maTruong", "maDiemTruong"), {"DT9"}),
        ("xep-lop", ("maTruong", "namHoc", "maLop"), "lop-hoc", ("maTruong", "namHoc", "maLop"), set()),
        ("mon-lop", ("maTruong", "namHoc", "maLop"), "lop-hoc", ("maTruong", "namHoc", "maLop"), set()),
    ],
)  # fmt: skip
@pytest.mark.parametrize("day", [DAYS[0], DAYS[3]], ids=str)
def test_what_a_record_refers_to_is_told(
    told: dict[dt.date, Told], day: dt.date, resource: str, key: Any, parents: str, parent_key: Any, stray: set[str]
) -> None:
    known = {tuple(r[name] for name in parent_key) for r in told[day].all(parents).values() if not r["deletedAt"]}
    asked = [tuple(r[name] for name in key) for r in told[day].all(resource).values()]
    missing = {said for said in asked if None not in said} - known
    assert {said[-1] for said in missing} <= stray


def _pairs(record: Record) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _pairs(value)
        else:
            yield key, value


def test_codes_are_those_of_the_vendors_tables_but_for_the_defects(whole: City, told: dict[dt.date, Told]) -> None:
    strange = defaultdict(set)
    for resource in RESOURCES:
        for record in told[dt.date(2024, 9, 27)].all(resource).values():
            for key, value in _pairs(record):
                if key in _CODED and not (key == "noiSinh" or value is None) and value not in _CODED[key].values():
                    strange[key].add(str(value).strip())
    assert strange.pop("gioiTinh") in [{"Giới tính", word, code} for word in ("Nam", "Nữ") for code in "12"]
    assert dict(strange) == {
        "danToc": {"KINH", "56", "Chưa cập nhật", "Dân tộc"},
        "khoi": {"K19"},
        "mucDat": {"NL-H"},
        "viTri": {"XX"},
    }


def test_contracts_are_renumbered_from_2024_on(told: dict[dt.date, Told]) -> None:
    settled = told[dt.date(2024, 9, 27)]
    posts: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for record in settled.all("phan-cong").values():
        posts[record["maTruong"], record["maCanBo"]][record["namHoc"]] = record["hopDong"]
    pairs = {(said["2023-2024"], said["2024-2025"]) for said in posts.values() if len(said) == 2}
    # A defect, and a contradiction: an official who visits.
    pairs = {pair for pair in pairs if pair[1] not in ("99", tables.CONTRACT[2024]["5"])}
    assert pairs <= {("1", "1"), ("7", "2"), ("3", "4"), ("0", "3")}
    assert len(pairs) > 2


def test_a_code_of_the_schools_own_is_deleted_in_favor_of_the_child(whole: City, told: dict[dt.date, Told]) -> None:
    temporary = [child for child in whole.children if child.temp]
    assert temporary
    for child in temporary:
        assert child.keyed_on is not None
        before = Told(whole, child.keyed_on - dt.timedelta(days=1)).all("hoc-sinh").values()
        (own,) = [r for r in before if r["maHocSinh"] == child.temp]
        assert (own["deletedAt"], own["hoSo"]["maDinhDanh"]) == (None, None)
        after = Told(whole, child.keyed_on).all("hoc-sinh")
        gone = after[own["uuid"]]
        assert gone["rev"] > own["rev"]
        assert gone["deletedAt"]
        heir = after[gone["mergedInto"]]
        assert (heir["hoSo"]["maDinhDanh"], heir["maHocSinh"]) == (child.root, child.codes[heir["maTruong"]])


def test_places_are_told_by_the_list_in_force(told: dict[dt.date, Told], whole: City) -> None:
    ended = {child.root for child in whole.children if child.defect == "ended_ward"}
    before, after = told[DAYS[4]].all("hoc-sinh"), told[DAYS[5]].all("hoc-sinh")
    for key, record in after.items():
        if record["hoSo"]["maDinhDanh"] not in ended and "noiO" in record and not record["deletedAt"]:
            assert before[key]["noiO"]["huyen"]
            assert record["noiO"]["huyen"] is None
            assert before[key]["noiSinh"] == record["noiSinh"]


_TOLD_BY = {"student": "hoc-sinh", "enrollment": "xep-lop", "result": "ket-qua", "subject_mark": "diem-mon",
            "guardian": "phu-huynh"}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(set(OF_CHILDREN) - {"event_case", "ended_ward"}))
def test_each_defect_of_a_child_is_told(whole: City, told: dict[dt.date, Told], kind: str) -> None:
    """The same child's records without the defect differ; this vendor has no events whose case could be wrong."""
    day = clock.PHASES["opening"]
    (child,) = [child for child in whole.children if child.defect == kind]
    unit = child.places[0].unit
    scope = Scope(_TOLD_BY[OF_CHILDREN[kind].entity], unit, 2023, 2)

    def said() -> list[Record]:
        return [r for r in Hoaphuong(whole).records(scope, day) if r["maHocSinh"] == child.codes[unit]]

    spoiled = said()
    try:
        child.defect = None
        right = said()
    finally:
        child.defect = kind
    assert spoiled != right
    if kind == "twice_on_page":
        assert spoiled == right * 2
    elif kind != "guardian_twice":
        assert [r["uuid"] for r in spoiled] == [r["uuid"] for r in right]


def test_versions_run_backwards_where_the_story_says_so(whole: City, told: dict[dt.date, Told]) -> None:
    (child,) = [child for child in whole.children if child.defect == "version_backwards"]
    (before,), (after,) = (told[day].of("hoc-sinh", child) for day in (DAYS[1], DAYS[2]))
    assert after["rev"] < before["rev"]
    assert after["lienHe"] != before["lienHe"]


def test_an_ended_ward_is_told_from_the_reform_on(whole: City, told: dict[dt.date, Told]) -> None:
    (child,) = [child for child in whole.children if child.defect == "ended_ward"]
    (record,) = told[clock.REFORM].of("hoc-sinh", child)
    assert record["noiO"]["xa"] == "26914"


@pytest.mark.parametrize("kind", OF_STAFF)
def test_each_defect_of_staff_is_told(whole: City, told: dict[dt.date, Told], kind: str) -> None:
    (member,) = [member for member in whole.staff if member.defect == kind]
    said = [r for r in told[DAYS[1]].all("phan-cong").values()
            if (r["maTruong"], r["maCanBo"]) == (member.unit, member.code)]  # fmt: skip
    wrong = {"unknown_post": ("viTri", "XX"), "unknown_contract": ("hopDong", "99")}[kind]
    assert {record[wrong[0]] for record in said} == {wrong[1]}


@pytest.mark.parametrize("kind", OF_UNITS)
def test_each_defect_of_a_unit_is_told(whole: City, told: dict[dt.date, Told], kind: str) -> None:
    (defect,) = [defect for defect in whole.defects if defect.kind == kind]
    resource, key, value = {
        "header_record": ("hoc-sinh", "maHocSinh", "Mã học sinh"),
        "unknown_pupil": ("ket-qua", "maHocSinh", "HS99999"),
        "class_without_grade": ("lop-hoc", "khoi", None),
        "homeroom_unknown": ("lop-hoc", "maGvcn", "CB999"),
    }[kind]
    found = [r for r in told[DAYS[1]].all(resource).values() if r[key] == value and r["maTruong"] == defect.unit]
    assert len(found) == 1

"""Proves that the vendor `saomai` keeps the partner contract v0: who may ask and how, the envelope, one snapshot over
all pages, totals, and records that stay themselves.
"""

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from edu_pipeline.sandbox.city import City
from edu_pipeline_tests.sandbox.practice import Vendor

THREE = {"matruong", "namhoc", "hocky"}
DATA = {
    "classes": {"malop", "tenlop", "makhoi", "magvcn"},
    "students": {"mahocsinh", "madinhdanh", "hovaten", "ngaysinh", "gioitinh", "dantoc"},
    "staff": {"macanbo", "madinhdanh", "hovaten", "ngaysinh", "gioitinh"},
    "assignments": {"macanbo", "vitri", "hinhthuchopdong", "trangthai", "ngaybatdau", "ngayketthuc", "lachinh"},
    "enrollments": {"mahocsinh", "malop", "makhoi", "ngayvao", "ngayra", "trangthai", "hinhthuc"},
    "results": {"mahocsinh", "giaidoan", "ketqua", "hoctap", "renluyen", "songaynghi"},
    "headcount": {"ngay", "sohocsinh"},
    "confirmations": {"loai", "phuluc", "mabam", "ngayxacnhan", "nguoixacnhan"},
}
NEEDED = ("unit", "school_year", "term", "page", "size")


def _school(city: City) -> str:
    """A school that somebody leaves in summer, so that its records change when the clock moves."""
    return next(place.unit for child in city.children for place in child.places
                if place.end and dt.date(2024, 6, 1) < place.end < dt.date(2024, 8, 15))  # fmt: skip


def _refused(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message"}


# --- asking


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_the_token_is_required(vendor: Vendor, city: City, token: str | None) -> None:
    _refused(vendor.ask("students", _school(city), token=token), 401)


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_parameter_is_a_bad_request(vendor: Vendor, city: City, name: str) -> None:
    _refused(vendor.ask("students", **{"unit": _school(city), name: None}), 400)  # type: ignore[arg-type]


def test_a_later_page_without_its_snapshot_is_a_bad_request(vendor: Vendor, city: City) -> None:
    _refused(vendor.ask("students", _school(city), page=2, size=10), 400)


def test_a_unit_of_others_is_forbidden(vendor: Vendor, city: City) -> None:
    others = [unit.code for unit in city.units if "saomai" not in (unit.system, unit.before)]
    assert len(others) == 18
    for unit in others:
        _refused(vendor.ask("students", unit), 403)


def test_what_is_unknown_is_not_found(vendor: Vendor, city: City) -> None:
    _refused(vendor.ask("students", "79999999"), 404)
    _refused(vendor.ask("fees", _school(city)), 404)


@pytest.mark.parametrize("year", [2022, 2030])
def test_an_unknown_year_is_not_found(vendor: Vendor, city: City, year: int) -> None:
    _refused(vendor.ask("students", _school(city), school_year=year), 404)


# --- pages of one snapshot


@pytest.mark.parametrize("resource", DATA)
@pytest.mark.parametrize("size", [7, 50, 1000])
def test_the_declared_total_is_the_sum_over_the_pages(vendor: Vendor, city: City, resource: str, size: int) -> None:
    total, found = vendor.read(resource, _school(city), size=size)
    assert total == len(found) == len({record["idbanghi"] for record in found}) > 0


def test_a_page_is_an_envelope_of_at_most_its_size(vendor: Vendor, city: City) -> None:
    first = vendor.page("students", _school(city), size=25)
    assert set(first) == {"snapshot", "page", "size", "total", "records"}
    assert (first["page"], first["size"], len(first["records"])) == (1, 25, 25)
    beyond = vendor.page("students", _school(city), size=25, page=999, snapshot=first["snapshot"])
    assert (beyond["records"], beyond["total"]) == ([], first["total"])
    assert vendor.page("students", _school(city), size=5000)["size"] == 1000


def test_a_snapshot_stands_while_the_world_moves(vendor: Vendor, city: City) -> None:
    unit = _school(city)
    at_once = vendor.read("enrollments", unit)[1]
    first = vendor.page("enrollments", unit, size=40)
    slow, number = list(first["records"]), 1
    while len(slow) < first["total"]:
        number += 1
        vendor.practice.clock("summer" if number == 2 else "opening")
        vendor.practice.fault("shrunken", unit)
        page = vendor.page("enrollments", unit, size=40, page=number, snapshot=first["snapshot"])
        assert (page["snapshot"], page["total"]) == (first["snapshot"], first["total"])
        slow += page["records"]
    assert number > 2
    assert slow == at_once
    vendor.practice.fault("shrunken", unit, on=False)
    assert vendor.read("enrollments", unit)[1] != at_once


def test_an_unknown_snapshot_is_a_conflict(vendor: Vendor, city: City) -> None:
    unit = _school(city)
    known = vendor.page("students", unit)["snapshot"]
    assert vendor.page("students", unit)["snapshot"] != known
    _refused(vendor.ask("students", unit, page=2, snapshot="s-unknown"), 409)
    _refused(vendor.ask("enrollments", unit, page=2, snapshot=known), 409)
    _refused(vendor.ask("students", unit, page=2, snapshot=known, school_year=2024), 409)


# --- records


@pytest.mark.parametrize("resource", DATA)
def test_records_have_the_contract_s_keys(vendor: Vendor, city: City, resource: str) -> None:
    keys = {"idbanghi", "sukien", "phienban", "thoigiancapnhat", "data"}
    ids: Counter[str] = Counter()
    for unit in vendor.units:
        found = vendor.read(resource, unit)[1]
        for record in found:
            assert set(record) - {"thaythe"} == keys
            assert set(record["data"]) == DATA[resource] | THREE
            assert (record["sukien"] in ("NEW", "UPDATE", "CANCEL"), record["phienban"] >= 1) == (True, True)
            assert dt.datetime.fromisoformat(record["thoigiancapnhat"]).tzinfo is None
            assert record["data"]["matruong"] == unit
            assert record.get("thaythe") in (None, *(other["idbanghi"] for other in found))
        ids.update(record["idbanghi"] for record in found)
    assert set(ids.values()) == {1}


def test_a_cancelled_record_names_the_one_that_replaced_it(vendor: Vendor, city: City) -> None:
    records = [record for unit in vendor.units for record in vendor.read("students", unit)[1]]
    cancelled = [record for record in records if record["sukien"] == "CANCEL"]
    assert len(cancelled) == sum(child.defect == "rekeyed" for child in city.children) > 0
    assert all("thaythe" in record for record in cancelled)


def test_a_student_is_the_same_record_in_both_years(vendor: Vendor, city: City) -> None:
    vendor.practice.clock("settled")
    for unit in vendor.units:
        was, now = ({r["idbanghi"]: r for r in vendor.read("students", unit, school_year=y)[1]} for y in (2023, 2024))
        assert [key for key in was.keys() & now.keys() if was[key] != now[key]] == []
        assert {r["data"]["namhoc"] for r in now.values()} <= {2023, 2024}

"""Proves that each fault of the served systems changes exactly what it says, and that switching it off mends it.

What a unit serves is read whole, over HTTP, before, with and after the fault, and compared record by record.
"""

from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.sandbox.faults import NAMES, Faults
from edu_pipeline_tests.sandbox.practice import Practice, Record, Vendor

State = dict[tuple[str, str], Record]
# fault -> (resource, field, is the value that wrong, given what the unit serves without the fault)
ONE_FIELD: dict[str, tuple[str, str, Callable[[Any, State], bool]]] = {
    "unknown_code": ("students", "gioitinh", lambda value, _: value not in ("0", "1")),
    "duplicate_id": ("students", "madinhdanh", lambda value, state: value in _values(state, "students", "madinhdanh")),
    "orphan": ("enrollments", "malop", lambda value, state: value not in _values(state, "classes", "malop")),
    "other_year": ("enrollments", "namhoc", lambda value, _: value not in (2023, 2024)),
}
SHRINKS = {"students", "enrollments", "results", "classes"}
SILENT = {"error500", "unavailable"}
KINDS = ("MN", "TH", "THCS", "THPT", "LC", "GDTX")


def _values(state: State, resource: str, field: str) -> set[Any]:
    return {record["data"][field] for (name, _), record in state.items() if name == resource}


def _changed(before: State, after: State) -> set[tuple[str, str]]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _data(state: State) -> dict[tuple[str, str], Any]:
    return {key: record["data"] for key, record in state.items()}


def test_every_fault_is_tried_here() -> None:
    assert {*ONE_FIELD, "dropped", "shrunken", "truncated", *SILENT} == set(NAMES)


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault 'typo'"):
        Faults().switch("typo")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ONE_FIELD)
def test_one_field_of_one_record_goes_wrong_and_is_mended(vendor: Vendor, fault: str, kind: str) -> None:
    resource, field, is_wrong = ONE_FIELD[fault]
    unit, other = vendor.practice.a_unit(kind), vendor.practice.a_unit("THPT" if kind != "THPT" else "TH")
    before, beside = vendor.state(unit), vendor.state(other)
    vendor.practice.fault(fault, unit)
    during = vendor.state(unit)
    (key,) = _changed(before, during)
    was, now = before[key], during[key]
    assert key[0] == resource
    assert {name for name in now["data"] if now["data"][name] != was["data"][name]} == {field}
    assert is_wrong(now["data"][field], before)
    vendor.practice.fault(fault, unit, on=False)
    after = vendor.state(unit)
    assert was["phienban"] < now["phienban"] < after[key]["phienban"]
    assert _data(after) == _data(before)
    assert _changed(before, after) == {key}
    assert vendor.state(other) == beside


@pytest.mark.parametrize("kind", KINDS)
def test_a_dropped_child_is_gone_everywhere_and_comes_back(vendor: Vendor, kind: str) -> None:
    unit = vendor.practice.a_unit(kind)
    before = vendor.state(unit)
    vendor.practice.fault("dropped", unit)
    during = vendor.state(unit)
    gone = before.keys() - during.keys()
    assert {key: before[key] for key in before.keys() - gone} == during
    assert {resource for resource, _ in gone} == {"students", "enrollments", "results"}
    (code,) = {before[key]["data"]["mahocsinh"] for key in gone}
    assert gone == {key for key, record in before.items() if record["data"].get("mahocsinh") == code}
    vendor.practice.fault("dropped", unit, on=False)
    assert vendor.state(unit) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_shrunken_unit_serves_less_than_half_and_says_so(vendor: Vendor, kind: str) -> None:
    unit = vendor.practice.a_unit(kind)
    before = vendor.state(unit)
    vendor.practice.fault("shrunken", unit)
    during = vendor.state(unit)
    assert {key: before[key] for key in during} == during
    assert {resource for resource, _ in before.keys() - during.keys()} == SHRINKS
    for resource in SHRINKS:
        total, found = vendor.read(resource, unit)
        assert total == len(found) < sum(name == resource for name, _ in before) / 2
    vendor.practice.fault("shrunken", unit, on=False)
    assert vendor.state(unit) == before


@pytest.mark.parametrize("size", [30, 1000])
def test_a_truncated_reading_ends_before_its_total(vendor: Vendor, size: int) -> None:
    unit = vendor.practice.a_unit("TH")
    before = vendor.state(unit)
    vendor.practice.fault("truncated", unit)
    total, found = vendor.read("students", unit, size=size)
    assert 0 < len(found) < total == sum(resource == "students" for resource, _ in before)
    assert all(before["students", record["idbanghi"]] == record for record in found)
    assert {resource for resource, _ in _changed(before, vendor.state(unit))} == {"students"}
    vendor.practice.fault("truncated", unit, on=False)
    assert vendor.state(unit) == before


def test_a_truncated_page_is_still_no_larger_than_asked_for(vendor: Vendor) -> None:
    unit = vendor.practice.a_unit("TH")
    vendor.practice.fault("truncated", unit)
    assert len(vendor.page("students", unit, size=30)["records"]) <= 30


def test_error500_fails_as_often_as_asked_for(vendor: Vendor) -> None:
    unit = vendor.practice.a_unit("TH")
    vendor.practice.fault("error500", times=3)
    assert [vendor.ask("students", unit).status_code for _ in range(5)] == [500, 500, 500, 200, 200]
    vendor.practice.fault("error500", times=9)
    vendor.practice.fault("error500", on=False)
    assert vendor.ask("students", unit).status_code == 200


def test_an_unavailable_vendor_answers_nothing_until_it_is_back(vendor: Vendor) -> None:
    unit = vendor.practice.a_unit("TH")
    before = vendor.state(unit)
    vendor.practice.fault("unavailable")
    assert {vendor.ask(resource, unit).status_code for resource in {name for name, _ in before}} == {500}
    assert vendor.practice.get("/registry/v0/units", token="wrong").status_code == 401, "the others still answer"
    vendor.practice.fault("unavailable", on=False)
    assert vendor.state(unit) == before


@pytest.mark.parametrize("fault", sorted(set(NAMES) - SILENT))
def test_no_fault_changes_a_headcount(vendor: Vendor, fault: str) -> None:
    before = [vendor.read("headcount", unit) for unit in vendor.units]
    for unit in vendor.units:
        vendor.practice.fault(fault, unit)
    assert [vendor.read("headcount", unit) for unit in vendor.units] == before


def test_a_dropped_child_does_not_move_another_fault_to_other_children(vendor: Vendor) -> None:
    unit = vendor.practice.a_unit("TH")
    for fault in ONE_FIELD:
        vendor.practice.fault(fault, unit)
    before = vendor.state(unit)
    vendor.practice.fault("dropped", unit)
    during = vendor.state(unit)
    assert len({before[key]["data"]["mahocsinh"] for key in before.keys() - during.keys()}) == 1
    assert [key for key in during if during[key] != before[key]] == []


@pytest.mark.parametrize("fault", ["unknown_code", "duplicate_id"])
def test_a_faulty_student_is_the_same_record_in_both_years(vendor: Vendor, fault: str) -> None:
    vendor.practice.clock("settled")
    unit = vendor.practice.a_unit("TH")
    vendor.practice.fault(fault, unit)
    was, now = vendor.state(unit, 2023), vendor.state(unit, 2024)
    both = [key for key in was.keys() & now.keys() if key[0] == "students"]
    assert [key for key in both if was[key] != now[key]] == []
    assert both


def test_the_control_lists_what_is_on(practice: Practice) -> None:
    practice.fault("orphan", "79760401")
    practice.fault("unavailable")
    assert practice.get("/_control/faults").json() == {"on": [["orphan", "79760401"], ["unavailable", ""]]}
    practice.fault("orphan", "79760401", on=False)
    assert practice.get("/_control/faults").json() == {"on": [["unavailable", ""]]}

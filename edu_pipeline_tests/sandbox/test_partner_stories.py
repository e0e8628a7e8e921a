"""Proves that the vendor `saomai` tells the same children as the stories: headcounts, defects, results and the new year
each on its day.
"""

import datetime as dt
from typing import Any

import pytest

from edu_pipeline.sandbox.city import City
from edu_pipeline_tests.sandbox.practice import Record, Vendor


@pytest.mark.parametrize(
    ("phase", "year", "day"),
    [("mid_year", 2023, "2024-02-15"), ("year_end", 2023, "2024-05-31"), ("settled", 2023, "2024-05-31"),
     ("settled", 2024, "2024-09-20")],
)  # fmt: skip
def test_the_headcount_is_that_of_the_stories_and_of_the_enrollments(
    vendor: Vendor, city: City, phase: str, year: int, day: str
) -> None:
    vendor.practice.clock(phase)
    on = dt.date.fromisoformat(day)
    for unit in vendor.units:
        (record,) = vendor.read("headcount", unit, school_year=year)[1]
        stories = sum(any(p.unit == unit and p.is_active(on) for p in child.in_year(year)) for child in city.children)
        said = [record["data"] for record in vendor.read("enrollments", unit, school_year=year)[1]]
        active = [row for row in said if (row["ngayvao"] or day) <= day <= (row["ngayra"] or day)]
        assert (record["data"]["ngay"], record["data"]["sohocsinh"]) == (day, stories)
        assert len(active) == stories


def test_the_headcount_is_of_the_term_that_was_asked_for(vendor: Vendor, city: City) -> None:
    (record,) = vendor.read("headcount", vendor.practice.a_unit("TH"), term=1)[1]
    assert (record["data"]["ngay"], record["data"]["hocky"]) == ("2024-01-14", 1)


def test_every_defect_is_served_as_its_story_says(vendor: Vendor, city: City) -> None:
    def told(resource: str, child: Any) -> Record:
        (unit,) = {place.unit for place in child.in_year(2023)}
        code = child.codes[unit]
        return next(r["data"] for r in vendor.read(resource, unit)[1] if r["data"]["mahocsinh"] == code)

    shown = {"bad_birth_date": ("ngaysinh", "2015-02-31"), "unknown_code": ("gioitinh", "9"),
             "missing_root_id": ("madinhdanh", None)}  # fmt: skip
    for child in city.children:
        if child.defect in shown:
            field, value = shown[child.defect]
            assert told("students", child)[field] == value
        elif child.defect == "duplicate_root":
            assert told("students", child)["madinhdanh"] == child.twin_root
        elif child.defect == "orphan_enrollment":
            assert told("enrollments", child)["malop"] not in city.classes_of(child.places[0].unit, 2023)


@pytest.mark.parametrize(("phase", "stages"), [("mid_year", set()), ("year_end", {"CN"}), ("summer", {"CN", "HE"})])
def test_results_come_when_they_are_decided(vendor: Vendor, city: City, phase: str, stages: set[str]) -> None:
    vendor.practice.clock(phase)
    found = [record["data"] for unit in vendor.units for record in vendor.read("results", unit)[1]]
    assert {row["giaidoan"] for row in found} == stages
    assert {row["ketqua"] for row in found} == ({"LL", "OL", "HT", "KTL"} if stages else set())


def test_the_new_year_shows_when_the_unit_shows_it(vendor: Vendor, city: City) -> None:
    for phase, shown in (("2024-09-04", set()), ("opening", {True}), ("settled", {True, False})):
        vendor.practice.clock(phase)
        seen = {unit.code for unit in city.units if unit.code in vendor.units and unit.shows_new_year in shown}
        assert {unit for unit in vendor.units if vendor.read("headcount", unit, school_year=2024)[0]} == seen
    vendor.practice.clock("2024-10-31")
    assert all(vendor.read("staff", unit)[0] for unit in vendor.units), "the year before is readable until 31 October"

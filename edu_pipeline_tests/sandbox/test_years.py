"""Proves that what systems show follows the clock into the autumn of 2025, and through a change of vendor."""

import datetime as dt
from pathlib import Path

import pytest
import yaml

from edu_pipeline.sandbox import clock, partner, site
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.faults import Faults
from edu_pipeline.sandbox.rosters import Lotus
from edu_pipeline_tests.sandbox.grown import told


@pytest.fixture
def town() -> City:
    return told("town")


def _shown(city: City, unit: str, resource: str, year: int, day: str) -> list[dict]:
    return partner.Saomai(city, Faults()).records(resource, unit, year, 2, dt.date.fromisoformat(day))


def test_the_clock_walks_from_2024_across_the_reform_into_november_2025() -> None:
    days = list(clock.PHASES.values())
    assert days[-1] > dt.date(2025, 11, 1)
    assert {dt.date(2025, 5, 31), dt.date(2025, 7, 1), dt.date(2025, 9, 5)} <= set(days)
    assert set(clock.YEAR_BEGIN) == set(clock.YEAR_END) == set(clock.TERM_1_END) == {2023, 2024, 2025}


def test_a_school_of_the_town_tells_the_years_that_follow(town: City) -> None:
    unit = next(u.code for u in town.units if u.kind == "TH" and u.system == "saomai" and u.shows_new_year)
    assert _shown(town, unit, "results", 2024, "2025-05-24") == []
    results = _shown(town, unit, "results", 2024, "2025-05-25")
    assert {record["data"]["ketqua"] for record in results} == {"LL", "HT"}
    assert _shown(town, unit, "enrollments", 2025, "2025-09-04") == []
    there = _shown(town, unit, "enrollments", 2025, "2025-09-05")
    expected = [c for c in town.children_of[unit] if any(p.unit == unit for p in c.in_year(2025))]
    assert len(there) == len(expected) > 300
    (count,) = _shown(town, unit, "headcount", 2025, "2025-09-05")
    assert count["data"]["sohocsinh"] == len(expected)


def test_the_roster_provider_tells_a_year_from_its_opening(town: City) -> None:
    lotus = Lotus(town)
    years = {"2024-05-31": 1, "2024-09-05": 2, "2025-09-04": 2, "2025-09-05": 3}
    assert {day: len(lotus.held(dt.date.fromisoformat(day))["academicSessions"]) for day in years} == years


def test_the_first_units_fall_silent_after_2024_2025(whole: City) -> None:
    unit = next(u.code for u in whole.units if u.kind == "TH")
    for resource in partner.RESOURCES:
        assert _shown(whole, unit, resource, 2025, "2025-09-20") == []
    assert _shown(whole, unit, "enrollments", 2024, "2025-09-20")


def test_who_changes_the_vendor_stays_with_the_old_one_as_it_was_left(whole: City, tmp_path: Path) -> None:
    (unit,) = [unit for unit in whole.units if unit.switched]
    for day in ("2024-05-31", "2024-08-15", "2024-09-20"):
        assert _shown(whole, unit.code, "students", 2023, day)
        assert _shown(whole, unit.code, "students", 2024, day) == []
    for day, vendor in (("2024-07-31", "saomai"), ("2024-08-01", "hoaphuong")):
        site.write(tmp_path, whole, "http://127.0.0.1:1", dt.date.fromisoformat(day))
        said = yaml.safe_load((tmp_path / "connections.yaml").read_text(encoding="utf-8"))["connections"]
        claims = [one["id"] for one in said for link in one.get("units", ()) if link["unit"] == unit.code]
        assert claims == [vendor]


def test_the_site_says_what_was_decided_about_units(whole: City, tmp_path: Path) -> None:
    site.write(tmp_path, whole, "http://127.0.0.1:1")
    said = yaml.safe_load((tmp_path / "events.yaml").read_text(encoding="utf-8"))["events"]
    assert [(row["event"], row["unit"], row["date"], row["decision"]) for row in said] == [
        (event.event, event.unit, event.on, event.decision) for event in whole.events]  # fmt: skip
    needs = {"merged": "to", "split": "to", "recoded": "to", "relevelled": "grades", "new_parent": "parent",
             "new_head": "head"}  # fmt: skip
    for row in said:
        more = set(row) - {"event", "unit", "date", "decision"}
        assert more == ({needs[row["event"]]} if row["event"] in needs else set())
    heads = {member.root for member in whole.staff if member.role == "01"}
    assert {row["head"] for row in said if "head" in row} <= heads

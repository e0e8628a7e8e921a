"""Proves that the sizes are what they promise before a child is told: units, districts, pupils, events."""

import datetime as dt
from collections import Counter

import pytest

from edu_pipeline.sandbox import plan
from edu_pipeline.sandbox.units import Unit, small

# Codes of the statistics office, domain.md section 7, typed out here once more.
DISTRICTS = {"760", "761", "764", "765", "766", "767", "768", "769", "770", "771", "772", "773", "774", "775", "776",
             "777", "778", "783", "784", "785", "786", "787"}  # fmt: skip


def _pupils(units: tuple[Unit, ...] | list[Unit]) -> int:
    return sum(unit.classes * unit.size * len(unit.grades) for unit in units if not unit.opened)


@pytest.fixture(scope="module")
def city() -> tuple[plan.Plan, ...]:
    return plan.of_city()


def test_small_gains_a_dozen_little_schools() -> None:
    units = plan.of_small().units
    schools = [unit for unit in units if unit.grades and not unit.opened]
    assert Counter(unit.kind for unit in schools) == {"MN": 1, "TH": 3, "THCS": 3, "THPT": 2, "GDTX": 1}
    assert all(40 <= _pupils([unit]) <= 80 for unit in schools)
    assert {unit.system for unit in units} == {"hoaphuong"}
    assert not {unit.code for unit in units} & {unit.code for unit in small()}


def test_the_town_is_sixty_units_in_all_districts() -> None:
    units = plan.of_town().units
    assert 58 <= len(units) <= 66
    assert 28_000 <= _pupils(units) <= 32_000
    assert {unit.district for unit in units} - {"000"} == DISTRICTS
    assert {unit.system for unit in units} == {"registry", "saomai", "hoaphuong", "lotus"}


def test_the_city_is_as_many_schools_and_pupils_as_it_has(city: tuple[plan.Plan, ...]) -> None:
    units = [unit for one in city for unit in one.units]
    assert 2_250 <= len(units) <= 2_350
    assert 1_600_000 <= _pupils(units) <= 1_800_000
    assert {unit.district for unit in units} - {"000"} == DISTRICTS
    assert 60 <= len(city) <= 75
    assert max(_pupils(one.units) for one in city) < 30_000
    assert len({unit.system for unit in units}) == 4
    assert len({one.first_root for one in city}) == len(city)


@pytest.mark.parametrize("size", ["small", "town", "city"])
def test_a_unit_has_a_code_of_its_own_by_its_district_and_level(size: str, city: tuple[plan.Plan, ...]) -> None:
    plans = {"small": (plan.of_small(),), "town": (plan.of_town(),), "city": city}[size]
    units = [unit for one in plans for unit in one.units]
    codes = {unit.code for unit in units}
    assert len(codes) == len(units)
    digits = {"MN": "3", "TH": "4", "THCS": "5", "GDTX": "6", "THPT": "7", "LC": "8", "QT": "9", "PGD": "0", "SGD": "0"}
    for unit in units:
        assert (len(unit.code), unit.code[:2], unit.code[5]) == (8, "79", digits[unit.kind])
        assert unit.parent is None or unit.parent in codes | {"79000000"}


@pytest.mark.parametrize("size", ["small", "town", "city"])
def test_ten_events_of_eight_kinds_befall_a_city(size: str, city: tuple[plan.Plan, ...]) -> None:
    plans = {"small": (plan.of_small(),), "town": (plan.of_town(),), "city": city}[size]
    units = {unit.code: unit for one in plans for unit in one.units}
    events = [event for one in plans for event in one.events]
    assert len(events) == len({event.decision for event in events}) == 10
    assert {event.event for event in events} == {
        "opened", "merged", "split", "closed", "recoded", "relevelled", "new_parent", "new_head"}  # fmt: skip
    for event in events:
        assert dt.date(2024, 6, 1) < event.on < dt.date(2024, 9, 1)
        assert {event.unit, *event.to} <= set(units)
        unit, eve = units[event.unit], event.on - dt.timedelta(days=1)
        assert (unit.closed == eve) is (event.event in ("closed", "merged", "recoded"))
        assert (unit.opened == event.on) is (event.event == "opened")
        assert bool(event.to) is (event.event in ("merged", "split", "recoded"))
        assert event.parent is None or event.parent in {*units, "79000000"} - {unit.parent}
        for there in event.to:
            assert (units[there].opened == event.on) is (event.event != "merged")
    ends = [event.unit for event in events if event.event in ("closed", "merged", "recoded")]
    assert len(set(ends)) == len(ends)
    switched = [unit for unit in units.values() if unit.switched]
    assert [(unit.before, unit.system) for unit in switched] == [("saomai", "hoaphuong")]
    assert switched[0].system_on(dt.date(2024, 7, 31)) == "saomai"
    assert switched[0].system_on(dt.date(2024, 8, 1)) == "hoaphuong"

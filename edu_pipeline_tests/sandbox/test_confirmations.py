"""Proves that the practice city's heads confirm in their days, that two forget, and plans from when they are shown.

What does not belong here: what the pipeline makes of a word (flow/test_heads.py).
"""

import datetime as dt

import pytest
import requests

from edu_pipeline.sandbox import deployed
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.confirmations import APPENDICES, Said, Shown, forgetful, head_of, words
from edu_pipeline_tests.sandbox.practice import Vendor

FIRST, LAST = dt.date(2024, 9, 12), dt.date(2024, 9, 19)
PLAN = "0123456789ab"


def _said(city: City, unit: str, day: dt.date, year: int = 2024, shown: Shown | None = None) -> list[Said]:
    return list(words(city, unit, year, day, shown or Shown(), forgetful(city)))


def test_each_head_confirms_in_the_days_before_it_is_due_and_two_forget_an_appendix(city: City) -> None:
    units = [unit for unit in city.units if unit.system == "saomai"]
    missing: dict[int, str] = {}
    for unit in units:
        assert _said(city, unit.code, FIRST - dt.timedelta(days=1)) == []
        found = _said(city, unit.code, LAST)
        days = {one.at.date() for one in found}
        assert FIRST <= min(days) <= max(days) <= LAST
        missing |= dict.fromkeys(set(APPENDICES) - {one.appendix for one in found}, unit.code)
        assert {one.head for one in found} <= {m.root for m in city.staff_of[unit.code] if m.role in ("01", "02")}
        # Each day tells what the days before it told.
        for number in range(8):
            before, after = (_said(city, unit.code, FIRST + dt.timedelta(days=number + n)) for n in (0, 1))
            assert [one for one in before if one not in after] == []
        # Nobody forgets in another year.
        assert [one.appendix for one in _said(city, unit.code, dt.date(2023, 9, 30), 2023)][:3] == list(APPENDICES)
    assert missing == {appendix: unit for unit, appendix in forgetful(city).items()}
    assert set(missing) == {2, 3}


def test_systems_are_confirmed_when_they_are_declared_and_by_nobody_before(city: City) -> None:
    for unit in city.units:
        if unit.system == "saomai":
            declared = [system.declared for system in deployed.declared(unit, dt.date(2024, 9, 30), "saomai")]
            found = [one.at.date() for one in _said(city, unit.code, dt.date(2024, 9, 30)) if one.what == "systems"]
            assert len(found) == bool(declared)
            assert all(day >= min(declared) for day in found)


def test_a_plan_is_confirmed_from_the_day_on_which_it_was_shown(vendor: Vendor, city: City) -> None:
    unit, practice = vendor.units[5], vendor.practice
    address = f"{practice.url}/_control/confirmations"

    def told() -> list[dict]:
        return [r["data"] for r in vendor.read("confirmations", unit)[1] if r["data"]["loai"] == "KH"]

    day = practice.clock("opening")
    assert told() == []
    answer = requests.post(address, json={"unit": unit, "school_year": 2023, "hash": PLAN}, timeout=10)
    assert answer.json() == {"plans": [{"unit": unit, "school_year": 2023, "hash": PLAN, "on": "2024-09-05"}]}
    (data,) = told()
    assert (data["mabam"], data["nguoixacnhan"], data["phuluc"]) == (PLAN, head_of(city, unit, day), None)
    assert data["ngayxacnhan"] == "2024-09-05T09:00:00"
    practice.clock("year_end")
    assert told() == []


@pytest.mark.parametrize("said", [{"hash": "0123"}, {"hash": "XYZXYZXYZXYZ"}, {"unit": "79999999"}, {"hash": None}])
def test_a_control_that_makes_no_sense_changes_nothing(vendor: Vendor, said: dict) -> None:
    address = f"{vendor.practice.url}/_control/confirmations"
    before = requests.get(address, timeout=10).json()
    asked = {"unit": vendor.units[5], "school_year": 2023, "hash": PLAN} | said
    assert requests.post(address, json=asked, timeout=10).status_code == 400
    assert requests.get(address, timeout=10).json() == before

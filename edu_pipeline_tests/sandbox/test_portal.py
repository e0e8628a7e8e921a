"""Proves that the portal shows transfers and admission lists as the stories have them on a day, page by page, behind
its token, and refuses what makes no sense.
"""

import datetime as dt
from typing import Any

import pytest
import requests

from edu_pipeline.sandbox import portal
from edu_pipeline_tests.sandbox.practice import Practice

ASKED = {"school_year": 2024, "page": 1, "size": 1000}


def _ask(practice: Practice, resource: str, token: str | None = portal.TOKEN, **query: Any) -> requests.Response:
    given = {name: value for name, value in (ASKED | query).items() if value is not None}
    return practice.get(f"/portal/v1/{resource}", given, token)


def _all(practice: Practice, resource: str, size: int = 1000, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = 0
    while True:
        page += 1
        answer = _ask(practice, resource, page=page, size=size, **query)
        answer.raise_for_status()
        said = answer.json()
        found += said["items"]
        if not said["items"]:
            assert said["total"] == len(found)
            return found


def _ids(records: list[dict[str, Any]]) -> set[str]:
    return {record.get("transfer_id") or record["admission_id"] for record in records}


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_the_token_is_required(practice: Practice, token: str | None) -> None:
    assert _ask(practice, "transfers", token).status_code == 401


@pytest.mark.parametrize(
    ("resource", "query", "status"),
    [
        ("grades", {}, 404),
        ("transfers", {"school_year": None}, 400),
        ("transfers", {"school_year": "2024-2025"}, 400),
        ("transfers", {"school_year": 1999}, 404),
        ("transfers", {"page": 0}, 400),
        ("admissions", {"size": None}, 400),
        ("admissions", {"unit": "79999999"}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(practice: Practice, resource: str, query: Any, status: int) -> None:
    assert _ask(practice, resource, **query).status_code == status


@pytest.mark.parametrize("resource", ["transfers", "admissions"])
def test_pages_cover_every_record_once(practice: Practice, resource: str) -> None:
    practice.clock("settled")
    whole = _all(practice, resource)
    assert _all(practice, resource, size=7) == whole
    assert len(_ids(whole)) == len(whole) > 10


def test_a_transfer_goes_through_its_steps(practice: Practice) -> None:
    seen: dict[str, list[str]] = {}
    for day in (dt.date(2024, 6, 1) + dt.timedelta(days=days) for days in range(0, 150, 3)):
        practice.clock(day.isoformat())
        for record in _all(practice, "transfers"):
            steps = seen.setdefault(record["transfer_id"], [])
            if not steps or steps[-1] != record["status"]:
                steps.append(record["status"])
            dates = [record[f"{step}_date"] for step in ("requested", "released", "accepted")]
            assert [date is not None for date in dates] == [
                True, record["status"] != "requested", record["status"] == "accepted"]  # fmt: skip
            assert all(date <= day.isoformat() for date in dates if date)
            assert [record["release_decision"] is None, record["accept_decision"] is None] == [
                date is None for date in dates[1:]]  # fmt: skip
    order = ["requested", "released", "accepted"]
    assert all(steps == sorted(steps, key=order.index) for steps in seen.values())
    ends = [steps[-1] for steps in seen.values()]
    assert {ends.count(step) > 0 for step in order} == {True}


def test_transfers_lead_from_and_to_other_provinces(practice: Practice) -> None:
    practice.clock("settled")
    found = _all(practice, "transfers")
    assert {(record["from_unit_id"] is None, record["from_province_code"] == "79") for record in found} == {
        (True, False), (False, True)}  # fmt: skip
    assert {(record["to_unit_id"] is None, record["to_province_code"] == "79") for record in found} == {
        (True, False), (False, True)}  # fmt: skip


def test_a_unit_sees_its_own(practice: Practice) -> None:
    practice.clock("settled")
    whole = _all(practice, "transfers")
    unit = next(record["to_unit_id"] for record in whole if record["to_unit_id"])
    own = [record for record in whole if unit in (record["from_unit_id"], record["to_unit_id"])]
    assert _all(practice, "transfers", unit=unit) == own


def test_admission_lists_are_shown_when_they_are_published(practice: Practice) -> None:
    practice.clock("2024-07-24")
    assert _all(practice, "admissions") == []
    practice.clock("2024-07-25")
    found = _all(practice, "admissions")
    assert {record["grade_level"] for record in found} == {1, 6, 10}
    assert {record["school_year"] for record in found} == {2024}
    listed = [record["student_id"] for record in found]
    assert len(set(listed)) < len(listed)  # double admissions
    stories = {a.number: a for a in practice.city.admissions if a.year == 2024}
    assert _ids(found) == set(stories)
    assert {story.came for story in stories.values()} == {True, False}  # which the list does not tell
    assert all("came" not in record for record in found)

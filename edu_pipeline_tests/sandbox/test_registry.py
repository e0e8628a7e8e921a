"""Proves that the registry of the practice city lists every unit and every root identity once, but for the children
whose story says otherwise, behind its token.
"""

import datetime as dt
from typing import Any

import pytest

from edu_pipeline.sandbox import registry
from edu_pipeline.sandbox.story import Child, Member
from edu_pipeline_tests.sandbox.practice import Practice


def _read(practice: Practice, resource: str, size: int = 5000) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    number = 0
    while True:
        number += 1
        page = practice.get(f"/registry/v0/{resource}", {"page": number, "size": size}, registry.TOKEN).json()
        if not page["records"]:
            assert page["total"] == len(found)
            return found
        assert len(page["records"]) <= size
        found += page["records"]


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_the_token_is_required(practice: Practice, token: str | None) -> None:
    answer = practice.get("/registry/v0/units", token=token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


def test_an_unknown_resource_is_not_found(practice: Practice) -> None:
    assert practice.get("/registry/v0/fees", token=registry.TOKEN).status_code == 404


@pytest.mark.parametrize("resource", ["units", "identities"])
def test_pages_cover_every_record_once(practice: Practice, resource: str) -> None:
    whole = _read(practice, resource)
    assert _read(practice, resource, size=997 if resource == "identities" else 7) == whole
    assert len({record["idbanghi"] for record in whole}) == len(whole)
    assert {frozenset(record) for record in whole} == {
        frozenset({"idbanghi", "sukien", "phienban", "thoigiancapnhat", "data"})}  # fmt: skip


def _units(practice: Practice, day: str) -> dict[str, dict[str, Any]]:
    practice.clock(day)
    return {record["data"]["madonvi"]: record for record in _read(practice, "units")}


def test_units_are_those_of_the_city(practice: Practice) -> None:
    told = {code: record["data"] for code, record in _units(practice, "year_end").items()}
    founded_later = {unit.code for unit in practice.city.units if unit.opened}
    assert set(told) == {unit.code for unit in practice.city.units} - founded_later
    assert len(founded_later) == 3
    assert [code for code, data in told.items() if data["madonvicha"] is None] == ["79000000"]
    assert {data["madonvicha"] for data in told.values()} - {None} <= set(told)
    for unit in practice.city.units:
        if unit.code in told:
            assert (told[unit.code]["loai"], told[unit.code]["khoi"]) == (unit.kind, list(unit.grades))


def test_a_unit_is_told_as_the_events_have_made_it(practice: Practice) -> None:
    before, after = _units(practice, "year_end"), _units(practice, "opening")
    assert {record["phienban"] for record in before.values()} == {1}
    changed = {code for code, record in before.items() if after[code] != record}
    for event in practice.city.events:
        now = after[event.unit]["data"]
        if event.event == "new_parent":
            assert now["madonvicha"] == event.parent != before[event.unit]["data"]["madonvicha"]
        elif event.event == "relevelled":
            assert now["khoi"] == list(event.grades)
        elif event.event in ("closed", "merged", "recoded"):
            assert now["ngaygiaithe"] == (event.on - dt.timedelta(days=1)).isoformat()
        else:
            assert event.event in ("opened", "split", "new_head")
    assert changed == {event.unit for event in practice.city.events if event.event not in ("opened", "split")}
    assert {after[code]["phienban"] for code in changed} == {2}
    assert set(after) - set(before) == {unit.code for unit in practice.city.units if unit.opened}


def test_identities_are_everybody_but_the_unknown(practice: Practice) -> None:
    told = {record["data"]["madinhdanh"]: record["data"] for record in _read(practice, "identities")}
    unknown = {child.root for child in practice.city.children if child.defect == "unknown_identity"}
    children = {child.root for child in practice.city.children} - unknown
    staff = {member.root for member in practice.city.staff}
    assert {root for root, data in told.items() if data["loai"] == "HS"} == children
    assert {root for root, data in told.items() if data["loai"] == "CB"} == staff
    assert set(told) == children | staff
    assert unknown


def test_identities_say_what_the_stories_say_but_for_the_mismatched(practice: Practice) -> None:
    told = {record["data"]["madinhdanh"]: record["data"] for record in _read(practice, "identities")}
    sex = {"m": "01", "f": "02"}
    differing = set()
    people: list[Child | Member] = [*practice.city.children, *practice.city.staff]
    for person in people:
        if person.root in told:
            data, name = told[person.root], f"{person.family} {person.given}"
            assert data["gioitinh"] == sex[person.sex]
            is_same = [data["hovaten"] == name, person.birth.isoformat().startswith(data["ngaysinh"])]
            assert len(set(is_same)) == 1, "name and birth date differ together"
            differing |= set() if all(is_same) else {person.root}
    assert differing == {child.root for child in practice.city.children if child.defect == "name_mismatch"} != set()

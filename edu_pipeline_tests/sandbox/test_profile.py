"""Proves that invented values fit whom they are told of: numbers, papers, parents, growth, addresses on a day.

The pipeline's rules and lists are the judges here: they were written by others, from the law.
"""

import datetime as dt
import re
from collections import Counter

import pytest

from edu_pipeline.sandbox import career, family, premises, profile, wards, welfare
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import REFORM
from edu_pipeline.sandbox.lot import digits, lot, pick, weighted
from edu_pipeline.sandbox.story import Child, Member
from edu_pipeline.schema import entity
from edu_pipeline.schema.declare import EMAIL, PHONE
from edu_pipeline.schema.lists import valid

BEFORE, AFTER = dt.date(2024, 9, 5), REFORM


@pytest.fixture(scope="module")
def people(whole: City) -> list[Child | Member]:
    return whole.people


def test_chance_depends_on_whom_and_what_alone() -> None:
    assert lot("7900000001", "a", 1000) == lot("7900000001", "a", 1000)
    drawn = [(lot(str(root), "a", 100), lot(str(root), "b", 100)) for root in range(3000)]
    assert len(set(drawn)) > 2000  # one topic does not give away another
    assert pick("x", "t", "abc") in "abc"
    assert re.fullmatch("[0-9]{6}", digits("x", "t", 6))
    counted = Counter(weighted(str(root), "w", {"often": 9, "rarely": 1}) for root in range(2000))
    assert 1700 < counted["often"] < 1900


def test_a_personal_number_says_place_century_sex_and_year(people: list[Child | Member]) -> None:
    for person in people:
        number = profile.personal_number(person)
        assert re.fullmatch("[0-9]{12}", number)
        century, year = int(number[3]), int(number[4:6])
        assert 1900 + 100 * (century // 2) + year == person.birth.year
        assert "mf"[century % 2] == person.sex
        province = profile.birth_province(person)
        assert number[:3] == (f"0{province}" if province else "118")
    assert len({profile.personal_number(person) for person in people}) > 0.999 * len(people)


def test_papers_come_with_age(whole: City) -> None:
    for child in whole.children:
        kinds = [paper.kind for paper in profile.papers(child, BEFORE)]
        if child.nation != "VN":
            assert kinds == ["passport"]
        else:
            assert kinds[0] == "birth_certificate"
            assert ("citizen_card" in kinds) <= (BEFORE.year - child.birth.year >= 14)
        for paper in profile.papers(child, BEFORE):
            assert child.birth < paper.issued <= BEFORE
    assert any(len(profile.papers(child, BEFORE)) == 2 for child in whole.children)


def test_parents_are_older_than_their_child(whole: City) -> None:
    partial = Counter[int]()
    for child in whole.children:
        found = family.guardians(child)
        assert len({(one.relation, one.ordinal) for one in found}) == len(found) > 0
        assert [one.is_contact for one in found].count(True) == 1
        for one in found:
            assert 20 < child.birth.year - int(one.birth[:4]) < 42
            assert re.fullmatch(PHONE, one.phone)
            partial[len(one.birth)] += 1
    assert set(partial) == {4, 7, 10}


def test_telephones_and_addresses_have_their_form(people: list[Child | Member]) -> None:
    for person in people:
        assert re.fullmatch(PHONE, profile.phone(person.root))
        assert re.fullmatch(EMAIL, profile.email(person.root, "hs"))


@pytest.mark.parametrize("district", wards.DISTRICTS)
def test_wards_are_real_before_and_after_the_reform(district: str) -> None:
    for root in map(str, range(60)):
        home = wards.address(root, "home", district)
        province, where, ward = home.codes(BEFORE)
        assert where == district
        told = valid("ward", ward, BEFORE)
        assert told is not None
        assert told.parent == district
        province, where, ward = home.codes(AFTER)
        assert where is None
        told = valid("ward", ward, AFTER)
        assert told is not None
        assert told.parent == province == "79"
        assert {successor for successor, _ in valid("ward", home.ward, BEFORE).successors} == {ward}  # type: ignore[union-attr]


def test_children_grow(whole: City) -> None:
    bounds = {f.name: (f.minimum, f.maximum) for f in entity("student_year").fields}
    for child in whole.children[:2000]:
        small = welfare.yearly(child, 3, 2023, "764", True, True)
        big = welfare.yearly(child, 4, 2024, "764", True, True)
        assert small.height <= big.height
        for name, value in (("height_cm", big.height), ("weight_kg", big.weight)):
            low, high = bounds[name]
            assert low < value < high


def test_staff_are_paid_by_a_grade_that_holds(whole: City) -> None:
    kinds = {unit.code: unit.kind for unit in whole.units}
    for member in whole.staff:
        pay = career.salary(member, kinds[member.unit])
        assert valid("salary_grade", pay.grade, BEFORE), pay.grade
        assert 1 <= pay.step <= 9
        assert (pay.allowance is not None) == (member.role in ("01", "02"))
        assert career.recruited(member, whole.hired[member.root]) <= member.begin
        assert career.trainings(member, kinds[member.unit])[-1].qualification == career.qualification(
            member, kinds[member.unit]
        )


def test_a_unit_has_a_level_and_stands_in_its_district(whole: City) -> None:
    levels = Counter(premises.level(unit) for unit in whole.units)
    assert set(levels) == {None, "preschool", "primary", "lower_secondary", "upper_secondary", "continuing"}
    for unit in whole.units:
        told = premises.told(unit, None, False, BEFORE)
        assert told["mahuyen"] == (unit.district if unit.district != "000" else "760")
        assert premises.told(unit, None, False, AFTER)["mahuyen"] is None
        assert (told["manhomcaphoc"] is None) == (not unit.grades)

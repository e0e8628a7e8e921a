"""Proves that every kind of defect stands at one known place, that it can be there, and that the truth tells it."""

import re
from collections import Counter

import pytest

from edu_pipeline.sandbox import defects, truth
from edu_pipeline.sandbox.city import City
from edu_pipeline_tests.sandbox.grown import told

EXPECTED = re.compile(r"clean|superseded|waiting:(parent|identity|year)|(quarantined|finding):[a-z_]+\.[a-z_]+")


def test_there_are_more_than_forty_kinds_and_each_says_what_must_become_of_it() -> None:
    assert len(defects.KINDS) >= 40
    for kind, what in defects.KINDS.items():
        assert EXPECTED.fullmatch(what.expected), kind
        assert what.told


def test_every_kind_stands_once_in_the_small_city_and_the_truth_tells_where(whole: City) -> None:
    said = truth.tell(whole)["defects"]
    assert isinstance(said, list)
    assert Counter(row["kind"] for row in said) == {kind: 2 if kind in defects.FIRST else 1 for kind in defects.KINDS}
    assert all(row["expected"] == defects.KINDS[row["kind"]].expected for row in said)


@pytest.mark.parametrize("size", ["small", "town"])
def test_a_defect_is_on_its_victim_alone(size: str) -> None:
    city = told(size)
    on_children = {child.root: child for child in city.children if child.defect}
    on_staff = {member.root: member for member in city.staff if member.defect}
    kinds = [child.defect for child in on_children.values()]
    assert sorted(map(str, kinds)) == sorted(defects.OF_CHILDREN)
    assert sorted(str(member.defect) for member in on_staff.values()) == sorted(defects.OF_STAFF)
    for defect in city.defects:
        unit = city.unit(defect.unit)
        assert (unit.system, unit.closed, unit.opened, unit.switched) == ("hoaphuong", None, None, None)
        if defect.kind in defects.OF_CHILDREN:
            child = on_children[defect.who]
            (place,) = child.in_year(2023)
            assert (child.defect, place.unit, place.end) == (defect.kind, defect.unit, None)
            assert (child.sibling, child.namesake, child.temp, child.nation) == (None, None, None, "VN")
        elif defect.kind in defects.OF_STAFF:
            assert (on_staff[defect.who].defect, on_staff[defect.who].unit) == (defect.kind, defect.unit)


def test_a_defect_can_be_told_of_its_victim() -> None:
    for size in ("small", "town"):
        child = {c.defect: c for c in told(size).children if c.defect}
        assert child["swapped_birth_date"].birth.day > 12
        assert child["competence_h"].places[0].grade in range(1, 5)
        assert {child[kind].places[0].grade > 12 for kind in ("mark_11", "mark_words", "negative_absences")} == {False}


def test_no_unit_gets_so_many_that_it_would_be_held() -> None:
    city = told("small")
    spoiled = Counter(d.unit for d in city.defects if d.expected.startswith("quarantined") and d.who)
    for unit, count in spoiled.items():
        assert count < 0.2 * len(city.children_of[unit])

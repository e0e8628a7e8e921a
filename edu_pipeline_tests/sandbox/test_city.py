"""Proves the laws of the stories of the first thirty-two units: one seed is one city, and it is the city that the
demonstrations were written for; units of every kind; nobody in two places on one day; every outcome leads to the right
grade; the counts of a day come out when counted apart; every defect is there.
"""

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest

from edu_pipeline.sandbox import truth
from edu_pipeline.sandbox.city import City, build
from edu_pipeline.sandbox.story import DEFECTS, Child, Place
from edu_pipeline.sandbox.units import class_name

LAST_DAY = dt.date(2024, 5, 31)
# The last day on which a stay without an end can go on: the day before the next year begins.
YEAR_OVER = {2023: dt.date(2024, 9, 4), 2024: dt.date(2025, 9, 4)}
NEXT = {16: 17, 17: 18, 18: 1, **{grade: grade + 1 for grade in range(1, 12)}}


# What was told of a unit, a child, a stay and a member of staff when docs/failures.md was written.
FIRST_TOLD = {
    "units": ("code", "name", "kind", "parent", "grades", "classes", "size", "style", "system", "shows_new_year"),
    "children": ("root", "family", "given", "birth", "sex", "ethnic", "codes", "places", "outcome", "after_summer",
                 "entry", "is_no_show", "defect", "twin_root"),
    "places": ("unit", "year", "grade", "klass", "begin", "end", "how", "is_begin_told"),
    "staff": ("root", "family", "given", "birth", "sex", "unit", "code", "role", "contract", "begin", "leaves", "how",
              "homeroom"),
}  # fmt: skip
FIRST_FINGER = "23f49f2be58659d6890154c41f5464e0b698a71da31adc68cbacc055d5bf407d"


@pytest.fixture(scope="module")
def city(whole: City) -> City:
    """The small city's first thirty-two units."""
    return whole.without("hoaphuong")


def _finger(city: City) -> str:
    return hashlib.sha256(json.dumps(truth.tell(city), default=str).encode()).hexdigest()


def _cut(kind: str, rows: list[dict]) -> list[dict]:
    cut = [{name: row[name] for name in FIRST_TOLD[kind]} for row in rows]
    return [row | {"places": _cut("places", row["places"])} for row in cut] if kind == "children" else cut


def _last(child: Child) -> Place:
    return child.in_year(2023)[-1]


def _word(child: Child) -> str | None:
    return child.after_summer if child.outcome == "retest" else child.outcome


def _learners(city: City) -> list[Child]:
    """Children who came to the end of 2023-2024 and have an outcome."""
    return [child for child in city.children if child.outcome is not None]


def test_the_first_units_are_as_they_always_were(city: City) -> None:
    whole = truth.tell(city)
    told = {kind: _cut(kind, whole[kind]) for kind in ("units", "children", "staff")}  # type: ignore[arg-type]
    said = json.dumps(told, default=str, ensure_ascii=False)
    assert hashlib.sha256(said.encode()).hexdigest() == FIRST_FINGER


def test_the_first_units_come_first(whole: City, city: City) -> None:
    assert (whole.units[:32], whole.children[: len(city.children)], whole.staff[: len(city.staff)]) == (
        city.units, city.children, city.staff)  # fmt: skip


def test_the_same_seed_is_the_same_city(whole: City) -> None:
    assert build() == whole
    assert build(seed=1231) != whole


def test_the_same_seed_is_the_same_city_in_another_process(whole: City) -> None:
    code = f"from {__name__} import _finger, build; print(_finger(build()))"
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == _finger(whole)


def test_there_are_about_thirty_units_of_every_kind(city: City) -> None:
    kinds = Counter(unit.kind for unit in city.units)
    assert 28 <= len(city.units) <= 34
    assert set(kinds) == {"SGD", "PGD", "MN", "TH", "THCS", "THPT", "LC", "GDTX", "QT"}
    assert kinds["SGD"] == 1
    levels = [{grade for unit in city.units if unit.kind == kind for grade in unit.grades} for kind in kinds]
    assert set.union(*levels) == {*range(1, 13), 16, 17, 18}
    assert {unit.shows_new_year for unit in city.units if unit.grades} == {True, False}


def test_units_have_one_code_each_and_a_known_parent(city: City) -> None:
    kinds = {unit.code: unit.kind for unit in city.units}
    assert len(kinds) == len(city.units) == len({unit.name for unit in city.units})
    assert all(len(code) == 8 and code.isdigit() and code.startswith("79") for code in kinds)
    above = {(unit.kind, kinds.get(unit.parent or "")) for unit in city.units}
    by_district = {(kind, "PGD") for kind in ("MN", "TH", "THCS")}
    assert above == by_district | {(kind, "SGD") for kind in ("PGD", "THPT", "LC", "GDTX", "QT")} | {("SGD", None)}
    assert len({unit.org for unit in city.units}) == len(city.units)


@pytest.mark.parametrize("year", [2023, 2024])
def test_there_are_about_six_thousand_students(city: City, year: int) -> None:
    assert 5_500 <= sum(bool(child.in_year(year)) for child in city.children) <= 6_500


def test_everybody_has_one_root_and_one_code_in_a_unit(city: City) -> None:
    roots = [child.root for child in city.children] + [member.root for member in city.staff]
    assert len(set(roots)) == len(roots)
    assert all(len(root) == 10 and root.isdigit() for root in roots)
    codes = [(unit, code) for child in city.children for unit, code in child.codes.items()]
    assert len(set(codes)) == len(codes)
    assert all(set(child.codes) == {place.unit for place in child.places} for child in city.children)


def test_nobody_is_in_two_places_on_one_day(city: City) -> None:
    for child in city.children:
        stays = sorted((place.begin, place.end or YEAR_OVER[place.year]) for place in child.places)
        assert all(begin <= end for begin, end in stays), child
        assert all(before[1] < after[0] for before, after in pairwise(stays)), child
    assert sum(len(child.in_year(2023)) > 1 for child in city.children) > 5


def test_every_class_is_one_that_the_unit_has(city: City) -> None:
    units = {unit.code: unit for unit in city.units}
    for child in city.children:
        for place in child.places:
            unit = units[place.unit]
            assert place.grade in unit.grades
            assert place.klass in {class_name(unit.style, place.grade, n + 1) for n in range(unit.classes)}
    for unit in city.units:
        names = [class_name(unit.style, grade, n + 1) for grade in unit.grades for n in range(unit.classes)]
        assert len(set(names)) == len(names)
        assert set(city.classes_of(unit.code, 2023)) == set(names)


def test_homerooms_are_led_by_one_teacher_who_has_not_left(city: City) -> None:
    led = [(member.unit, year, klass) for member in city.staff for year, klass in member.homeroom.items()]
    assert len(set(led)) == len(led)
    assert all(klass in city.classes_of(unit, year) for unit, year, klass in led)
    leavers = [member for member in city.staff if member.leaves]
    assert leavers
    assert all(member.role in ("GV", "NV") and 2024 not in member.homeroom for member in leavers)


def test_the_headcount_is_what_one_counts_apart(city: City) -> None:
    counted: Counter[str] = Counter()
    for child in city.children:
        for place in child.places:
            if place.year == 2023 and place.begin <= LAST_DAY and (place.end is None or place.end >= LAST_DAY):
                counted[place.unit] += 1
    assert {unit.code: city.headcount(unit.code, 2023, LAST_DAY) for unit in city.units if unit.grades} == counted
    assert truth.tell(city)["headcounts"] == counted
    left = [child for child in city.children if child.in_year(2023) and (_last(child).end or LAST_DAY) < LAST_DAY]
    assert sum(counted.values()) + len(left) == sum(bool(child.in_year(2023)) for child in city.children)
    assert left


def test_every_kind_of_story_is_told(city: City) -> None:
    told = Counter((child.outcome, child.after_summer) for child in city.children if child.in_year(2023))
    retests = {("retest", word) for word in ("promoted", "retained", None)}
    assert set(told) == {(word, None) for word in ("promoted", "retained", "completed", None)} | retests
    assert {place.how for child in city.children for place in child.places} == {
        None, "away", "city", "withdrawn", "on_leave"}  # fmt: skip
    assert {child.entry for child in city.children} == {
        None, "promoted", "retained", "accepted", "intake", "returned"}  # fmt: skip
    assert any(child.is_no_show for child in city.children)
    assert {place.is_begin_told for child in city.children for place in child.places} == {True, False}


def test_every_outcome_leads_to_the_right_grade(city: City) -> None:
    for child in _learners(city):
        was, word, then = _last(child), _word(child), [place.grade for place in child.in_year(2024)]
        goes_on = word is not None and was.how != "away" and not child.is_no_show
        grade = was.grade if word == "retained" else NEXT.get(was.grade)
        assert then == ([grade] if goes_on and grade else []), child
        assert (word == "completed") <= (was.grade in (5, 9, 12, 18)), child
        assert (was.grade in (5, 9, 12, 18)) <= (word in ("completed", "retained")), child


def test_who_left_during_the_year_comes_back_from_leave_or_not_at_all(city: City) -> None:
    left = [child for child in city.children if child.in_year(2023) and child.outcome is None]
    back = [child for child in left if child.in_year(2024)]
    assert 0 < len(back) < len(left)
    for child in back:
        was, now = _last(child), child.in_year(2024)[0]
        assert (was.how, child.entry) == ("on_leave", "returned")
        assert (was.unit, was.grade) == (now.unit, now.grade)


def test_newcomers_enter_a_level_at_its_first_grade(city: City) -> None:
    newcomers = [child for child in city.children if not child.in_year(2023)]
    assert {child.entry for child in newcomers} == {"intake"}
    assert {place.grade for child in newcomers for place in child.places} == {16, 1, 6, 10}


def test_only_a_move_or_a_completed_level_changes_the_unit(city: City) -> None:
    units = {unit.code: unit for unit in city.units}
    for child in _learners(city):
        was, now = _last(child), child.in_year(2024)
        if now and was.how is None:
            stays = _word(child) != "completed" or now[0].grade in units[was.unit].grades
            assert (now[0].unit == was.unit) is stays, child


def test_a_move_within_the_city_is_followed_by_a_stay_elsewhere(city: City) -> None:
    for child in city.children:
        for number, place in enumerate(child.places):
            if place.how == "city":
                assert [after.unit != place.unit for after in child.places[number + 1 :][:1]] == [True], child


@pytest.mark.parametrize("defect", DEFECTS)
def test_every_defect_is_there_and_on_a_quiet_child(city: City, defect: str) -> None:
    systems = {unit.code: unit.system for unit in city.units}
    roots = {child.root: child for child in city.children}
    found = [child for child in city.children if child.defect == defect]
    assert 1 <= len(found) <= 2
    for child in found:
        (place,) = child.in_year(2023)
        assert (place.end, systems[place.unit]) == (None, "saomai")
        assert (child.twin_root is not None) is (defect == "duplicate_root")
        if child.twin_root:
            assert child.twin_root != child.root
            assert place.unit in roots[child.twin_root].codes

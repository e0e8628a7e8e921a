"""What contradicts itself in the practice city without being planted: by what the stories tell, or because of a defect.

rule -> Story: why, and where -> (rule, unit, record)

What does not belong here: kinds that are planted (the modules beside this one). A rule of UNTELLABLE no system can make
true within the practice city's nights, or the register does not let it stand at all: each says why.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from edu_pipeline.sandbox import deployed, profile
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import YEAR_BEGIN, YEAR_END
from edu_pipeline.sandbox.contradictions.kind import Found
from edu_pipeline.sandbox.contradictions.learning import learned
from edu_pipeline.sandbox.dossiers import members
from edu_pipeline.sandbox.story import Child, Place
from edu_pipeline.sandbox.teaching import lessons
from edu_pipeline.sandbox.units import Unit

_YEAR = 2024
# Up to this grade -> most pupils of a class (TT 28/2020, TT 32/2020).
_SIZES = ((5, 35), (12, 45))
# Told wrongly, and kept: what is no personal number at all is lost.
_NUMBERED = ("number_sex", "number_year", "number_province")


@dataclass(frozen=True)
class Story:
    """Why records are denied by a rule, and which: (rule, unit, record) in a city on a day."""

    why: str
    where: Callable[[City, dt.date], Found]


def _open(city: City) -> list[Unit]:
    """Units that go on in the new year."""
    return [unit for unit in city.units if unit.is_open(YEAR_BEGIN[_YEAR])]


def _there(child: Child) -> list[Place]:
    return [p for p in child.in_year(_YEAR) if p.kind == "primary" and p.end is None]


def _namesakes(city: City, day: dt.date) -> Found:
    for child in city.children:
        for place in _there(child) if child.namesake else ():
            yield "student.student_id.twin_suspected", place.unit, child.root


def _no_shows(city: City, day: dt.date) -> Found:
    for child in city.children:
        if child.is_no_show:
            yield "roster.student_id.carried_not_shown", child.places[-1].unit, child.root


def _retests(city: City, day: dt.date) -> Found:
    going_on = {unit.code for unit in _open(city)}
    for child in city.children:
        if child.outcome == "retest" and child.after_summer is None:
            last = child.in_year(2023)[-1]
            is_told = city.unit(last.unit).system != "lotus" and last.unit in going_on
            if is_told and (last.end is None or last.end > YEAR_END[2023]):
                yield "result.outcome.retest_unanswered", last.unit, child.root


def _untold(city: City, day: dt.date) -> Found:
    for unit in city.units:
        closed = (child for child in city.children_of[unit.code] if unit.system == "lotus")
        if any(p.unit == unit.code and p.end is None and p.grade <= 12 for c in closed for p in c.in_year(2023)):
            yield "result.unit_id.system_tells_none", unit.code, unit.code


def _undeclared(city: City, day: dt.date) -> Found:
    # What a unit has declared goes with it when it gets another code.
    former = {event.to[0]: event.unit for event in city.events if event.event == "recoded"}
    for unit in _open(city):
        told = unit.system != "lotus" and deployed.declared(city.unit(former.get(unit.code, unit.code)), day)
        if unit.grades and not told:
            yield "deployed_system.unit_id.none_declared", unit.code, unit.code


def _unconnected(city: City, day: dt.date) -> Found:
    for unit in city.units:
        # Of the Department itself no school year is open, and nothing is asked.
        found = deployed.declared(unit, day) if unit.kind == "PGD" else ()
        if found and all(system.stage != "live" for system in found):
            yield "deployed_system.stage.none_live", unit.code, unit.code


def _relevelled(city: City, day: dt.date) -> Found:
    for event in city.events:
        if event.event == "relevelled":
            yield "unit.grade_levels.not_of_kind", event.unit, event.unit
            yield "unit.education_level.not_of_kind", event.unit, event.unit


def _headless(city: City, day: dt.date) -> Found:
    for unit in _open(city):
        there = [m.role for m in members(city, unit.code, _YEAR) if m.leaves is None]
        if there and "01" not in there:
            yield "staff_assignment.role.no_head", unit.code, unit.code


def _crowded(city: City, day: dt.date) -> Found:
    sizes = Counter((p.unit, p.klass, p.grade) for child in city.children for p in _there(child) if p.begin <= day)
    for (unit, klass, grade), size in sizes.items():
        most = next((most for last, most in _SIZES if grade <= last), None)
        if most is not None and size > most:
            yield "school_class.class_code.too_large", unit, klass


def _postless(city: City, day: dt.date) -> Found:
    for unit in _open(city) if any(m.defect == "unknown_post" for m in city.staff) else ():
        for klass, _, subject, teacher in lessons(city, unit, _YEAR) if unit.system == "hoaphuong" else ():
            if teacher is not None and teacher.defect == "unknown_post":
                yield "class_subject.staff_id.not_employed", unit.code, f"{klass}/{subject}/1"


def _misnumbered(city: City, day: dt.date) -> Found:
    for child in city.children:
        for place in _there(child) if child.defect in _NUMBERED else ():
            if any(paper.kind == "citizen_card" for paper in profile.papers(child, day)):
                yield "student_paper.paper_number.not_the_number", place.unit, child.root


STORIES: tuple[Story, ...] = (
    Story("two pairs of pupils have one name and birth date and are not one", _namesakes),
    Story("a few who were promoted appear nowhere", _no_shows),
    Story("of one retest in ten nobody tells how it ended", _retests),
    Story("the roster provider knows no results", _untold),
    Story("some never declare their systems, and of the roster provider nobody does", _undeclared),
    Story("offices have planned what they declare", _unconnected),
    Story("a primary school that became one of two levels still stands under its old kind: grades and level differ",
          _relevelled),
    Story("the roster provider tells teachers alone; a school that a split made has no head yet", _headless),
    Story("intake classes of the first thirty-two units are overfull", _crowded),
    Story("a school and its learning-management system do not say the same", learned),
    Story("the defect `unknown_post`: a teacher without a post teaches on", _postless),
    Story("the defects of a personal number: the card says the right one", _misnumbered),
)  # fmt: skip

# By nights that fail, not by what is told: a unit that cannot be read (edu_pipeline_tests/quality/test_planted.py).
NIGHTS: dict[str, str] = {
    "unit.unit_id.never_read": "its system refuses every reading from the first night on",
    "unit.unit_id.silent": "its system refuses every reading for more than a week",
}

UNTELLABLE: dict[str, str] = {
    "enrollment.student_id.two_places": "of two claims to one pupil the register keeps one (master/merge.py); the rule"
    " watches that it stays so",
    "enrollment.grade_level.third_year": "takes places of three years, and the practice city begins with 2023-2024",
    "enrollment.status.arrived_late": "compares a source's clock with the register's, which the practice city does not"
    " move: all its nights pass within minutes of one day",
    "staff_assignment.detailed_status.contradicts_status": "both are made of one code of the vendor's; it takes a"
    " vendor that tells them apart",
    "school_class.unit_id.none": "a place whose class nobody reports waits (validate): pupils without any class do not"
    " come to stand",
}

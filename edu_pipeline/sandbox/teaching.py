"""The vendor `hoaphuong`: who teaches what: subjects of classes, subjects of teachers, the second made of the first.

zone of the city, unit, year, day -> records

What does not belong here: the classes and the posts themselves (registers.py), what is learned (subjects.py).
"""

import datetime as dt
from collections.abc import Iterator

from edu_pipeline.sandbox import tables
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import TERM_1_END, YEAR_BEGIN
from edu_pipeline.sandbox.dossiers import members
from edu_pipeline.sandbox.lot import pick
from edu_pipeline.sandbox.papers import Record, comma, label, record, yes
from edu_pipeline.sandbox.registers import graded
from edu_pipeline.sandbox.story import Member, Place
from edu_pipeline.sandbox.subjects import learned
from edu_pipeline.sandbox.units import Unit

# Weekly periods of a subject; of any other two.
_PERIODS = {"mathematics": 4, "literature": 4, "vietnamese": 8, "foreign_language_1": 3, "natural_science": 4}


def class_subjects(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """Subjects of classes by term, each with its teacher: in primary school the homeroom's."""
    second = YEAR_BEGIN[year] if on <= TERM_1_END[year] else TERM_1_END[year]
    for klass, _, subject, teacher in lessons(zone, unit, year):
        for term in (1, 2) if on > TERM_1_END[year] else (1,):
            content = {"maTruong": unit.code, "namHoc": label(year), "maLop": klass,
                       "mon": tables.SUBJECT[subject], "hocKy": str(term),
                       "maCanBo": teacher.code if teacher else None,
                       "soTiet": comma(_PERIODS.get(subject, 2))}  # fmt: skip
            changed = YEAR_BEGIN[year] if term == 1 else second
            yield record(f"ML {unit.code} {year} {klass} {subject} {term}", 1, changed, content)


def lessons(zone: City, unit: Unit, year: int) -> Iterator[tuple[str, int, str, Member | None]]:
    """(class, grade, subject, teacher)."""
    teachers = _teachers(zone, unit, year)
    leaders = {m.homeroom.get(year): m for m in teachers}
    for klass, grade in graded(zone, unit, year).items():
        for subject in learned(Place(unit.code, year, grade, "", YEAR_BEGIN[year])):
            leads = leaders.get(klass) if grade <= 5 else None
            yield (
                klass,
                grade,
                subject,
                leads or (pick(f"{unit.code} {klass}", subject, teachers) if teachers else None),
            )


def _teachers(zone: City, unit: Unit, year: int) -> list[Member]:
    return [m for m in members(zone, unit.code, year) if m.role == "GV" and m.begin <= YEAR_BEGIN[year]]


def staff_subjects(zone: City, unit: Unit, year: int, on: dt.date) -> Iterator[Record]:
    """What teachers teach: a main subject, and whatever else is theirs; a class's own teacher in grades 1 to 5 has all
    of its subjects and is told with one."""
    own: dict[str, dict[str, None]] = {}
    known: dict[str, None] = {}
    for _, grade, subject, teacher in lessons(zone, unit, year):
        known[subject] = None
        if teacher and grade > 5:
            own.setdefault(teacher.code, {})[subject] = None
    for member in _teachers(zone, unit, year) if known else ():
        taught = tuple(own.get(member.code, ()))
        main = pick(member.root, "main subject", taught or tuple(known))
        for subject in taught or (main,):
            content = {"maTruong": unit.code, "namHoc": label(year), "maCanBo": member.code,
                       "mon": tables.SUBJECT[subject], "monChinh": yes(subject == main)}  # fmt: skip
            yield record(f"MD {unit.code} {year} {member.code} {subject}", 1, YEAR_BEGIN[year], content)

"""What the register has to say, worked out from the stories alone.

City, child, unit, day -> place, state, closing, opening

No statement of the pipeline is read here; what a defect implies is typed out in the tests.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.rosters import sourced
from edu_pipeline.sandbox.story import Child, Place
from edu_pipeline.sandbox.units import Unit, class_name

LAST_DAY, OPENING_DAY = dt.date(2024, 5, 31), dt.date(2024, 9, 5)

# How a stay ended, in the words of the register.
ENDED = {"away": "transferred_out", "city": "transferred_out", "withdrawn": "withdrawn", "on_leave": "on_leave"}

# Of whom the register knows no person, as long as the school tells them like that.
UNKNOWN_DEFECTS = frozenset({"unknown_identity", "name_mismatch", "bad_birth_date", "unknown_code", "missing_root_id",
                             "duplicate_root", "blank_name", "long_name", "serial_birth_date", "swapped_birth_date",
                             "future_birth_date", "root_id_letter", "root_id_short", "root_id_fullwidth", "sex_text",
                             "sex_empty"})  # fmt: skip
# Who is not in the register on the last day, whatever became of the year: the plan can only say `pending`.
OPEN_DEFECTS = UNKNOWN_DEFECTS | {"orphan_enrollment", "enrollment_backwards", "grade_19"}

_LEVELS = {**dict.fromkeys((16, 17, 18), "preschool"), **dict.fromkeys(range(1, 6), "primary"),
           **dict.fromkeys(range(6, 10), "lower"), **dict.fromkeys(range(10, 13), "upper")}  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """An opening line: what it decides and where it seats the child."""

    decision: str
    klass: str
    grade: int
    is_proposed: bool


def stays(city: City) -> Iterator[tuple[Unit, Child]]:
    """Every child with every unit that it has a place in."""
    for unit in city.units:
        for child in city.children_of[unit.code]:
            yield unit, child


def key(unit: Unit, child: Child) -> tuple[str, str]:
    """(connection, source key) under which the unit's system reports the child."""
    if unit.system == "lotus":
        return "lotus", sourced("usr", child.root)
    return "saomai", f"HS-{unit.code}-{child.codes[unit.code]}"


def place_on(child: Child, unit: Unit, day: dt.date) -> Place | None:
    """The place in the unit's school year 2023 that the child has on the day."""
    there = (p for p in child.in_year(2023) if p.unit == unit.code and p.kind == "primary")
    return next((p for p in there if p.is_active(day)), None)


def former(child: Child, unit: Unit) -> Place | None:
    """The place in the unit's school year 2023 that ended before the last day."""
    return next((p for p in child.in_year(2023) if p.unit == unit.code and p.end and p.end < LAST_DAY), None)


def next_place(child: Child, unit: Unit) -> Place | None:
    """The child's place in the unit's school year 2024."""
    return next((place for place in child.in_year(2024) if place.unit == unit.code), None)


def closing(child: Child, unit: Unit) -> str | None:
    """The last word on the child's year in the unit; None for who was not there on its last day."""
    place = place_on(child, unit, LAST_DAY)
    if place is None:
        return None
    if child.defect in OPEN_DEFECTS:
        return "pending"
    if place.end is not None and place.end <= OPENING_DAY:
        return ENDED[place.how or ""]
    if unit.system == "lotus":
        return _by_placement(place, next_place(child, unit))
    final = child.after_summer if child.outcome == "retest" else child.outcome
    return final or "pending"


def _by_placement(place: Place, following: Place | None) -> str:
    """OneRoster tells no outcome: where the child sits now says what became of the year."""
    if following is None:
        return "pending"
    if following.grade == place.grade:
        return "retained"
    return "promoted" if _LEVELS[following.grade] == _LEVELS[place.grade] else "completed"


def following_grade(place: Place, decided: str) -> int:
    """The grade of whoever is promoted, or retained, in the unit."""
    return place.grade + (decided == "promoted")


def renamed(unit: Unit, place: Place, grade: int) -> str:
    """The class of the same number, one grade up, as the school names its classes."""
    number = next(n for n in range(1, unit.classes + 1) if class_name(unit.style, place.grade, n) == place.klass)
    return class_name(unit.style, grade, number)


def opening(child: Child, unit: Unit) -> Opened | None:
    """The opening that the child's story has in the unit on the first day; None if it has none there."""
    if child.defect in OPEN_DEFECTS:
        return None
    place, following, decided = place_on(child, unit, LAST_DAY), next_place(child, unit), closing(child, unit)
    is_shown = following is not None and unit.shows_new_year
    if decided in ("promoted", "retained"):
        assert place is not None
        grade = following_grade(place, decided)
        klass = following.klass if is_shown and following else renamed(unit, place, grade)
        return Opened(decided, klass, grade, not is_shown)
    if is_shown and following and child.entry:
        return Opened(child.entry, following.klass, following.grade, False)
    return None

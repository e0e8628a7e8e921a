"""The stories of the first thirty-two units, and of the benchmark's: one stream of chance for all of them.

units -> stories of 2023 -> summer -> places of 2024 -> City

What does not belong here: any new story. Whoever adds a draw changes every child, and with it docs/failures.md; new
stories are told zone by zone (zone.py).
"""

import datetime as dt
from typing import TYPE_CHECKING

from edu_pipeline.sandbox.clock import YEAR_BEGIN, YEAR_END
from edu_pipeline.sandbox.defects import FIRST, Defect
from edu_pipeline.sandbox.story import DEFECTS, Child, Member, Place, Teller
from edu_pipeline.sandbox.units import Unit, class_name

if TYPE_CHECKING:
    from edu_pipeline.sandbox.city import City


def people(teller: Teller, units: tuple[Unit, ...]) -> tuple[list[Child], list[Member]]:
    """Children with their 2023-2024, and staff."""
    children: list[Child] = []
    for unit in units:
        for grade in unit.grades:
            for number in range(1, unit.classes + 1):
                for _ in range(unit.size):
                    child = teller.child(grade)
                    teller.year_2023(child, unit, grade, number)
                    children.append(child)
    return children, [m for unit in units if unit.system != "registry" for m in _staff(teller, unit)]


def follow(teller: Teller, city: "City") -> None:
    """What comes of them, and who leads which class."""
    _move_mid_year(teller, city)
    _next_year(teller, city)
    _codes(city)
    _homerooms(city)


def _staff(teller: Teller, unit: Unit) -> list[Member]:
    teachers = max(unit.classes * len(unit.grades) + 1, 1) if unit.grades else 0
    roles = (["01", "02"] if unit.system == "saomai" else []) + ["GV"] * teachers
    roles += ["NV"] * (2 if unit.system == "saomai" else 0)
    return [teller.member(unit, number, role) for number, role in enumerate(roles, start=1)]


def _peers(city: "City", unit: Unit, grade: int) -> list[Unit]:
    return [u for u in city.units if u.code != unit.code and u.system == "saomai" and grade in u.grades]


def _move_mid_year(teller: Teller, city: "City") -> None:
    """Half a percent change school within the city in winter: one ended stay, one that follows it."""
    for child in city.children:
        place = child.places[0]
        if place.end or teller.rng.random() > 0.005 or city.unit(place.unit).system != "saomai":
            continue
        peers = _peers(city, city.unit(place.unit), place.grade)
        if peers:
            there = teller.rng.choice(peers)
            place.end, place.how, place.is_begin_told = dt.date(2024, 1, 20), "city", True
            klass = class_name(there.style, place.grade, 1)
            child.places.append(Place(there.code, 2023, place.grade, klass, dt.date(2024, 1, 22)))


def _next_year(teller: Teller, city: "City") -> None:
    for child in list(city.children):
        place = child.places[-1]
        unit = city.unit(place.unit)
        if place.end is None:
            _goes_on(teller, city, child, place, unit)
        elif place.how == "on_leave" and teller.rng.random() < 0.5:
            child.places.append(Place(unit.code, 2024, place.grade, place.klass, YEAR_BEGIN[2024]))
            child.entry = "returned"
    _newcomers(teller, city)


def _goes_on(teller: Teller, city: "City", child: Child, place: Place, unit: Unit) -> None:
    moved = teller.summer(child, place) if unit.system == "saomai" else None
    decided = teller.final(child)
    grade = _grade_after(place.grade, decided)
    if moved == "city" and not (grade and _peers(city, unit, grade)):
        # Who has nowhere to move to stays where he was. Undone, not left undrawn: the random sequence stays as it is.
        moved = place.how = place.end = None
    if moved == "away" or grade is None:
        return
    stays = (decided != "completed" or grade in unit.grades) and moved is None
    candidates = [unit] if stays else _peers(city, unit, grade)
    if not candidates:
        return
    there = unit if stays else teller.rng.choice(candidates)
    number = _number(unit, place) if there is unit else teller.rng.randint(1, there.classes)
    child.entry = "intake" if decided == "completed" else "accepted" if moved else decided
    if child.entry == "promoted" and unit.system == "saomai" and teller.rng.random() < 0.003:
        child.is_no_show = True
        return
    child.places.append(Place(there.code, 2024, grade, class_name(there.style, grade, number), YEAR_BEGIN[2024]))


def _newcomers(teller: Teller, city: "City") -> None:
    begin = YEAR_BEGIN[2024]
    for unit in city.units:
        for grade in sorted(set(unit.grades) & {16, 1, 6, 10}):
            for number in range(1, unit.classes + 1):
                for _ in range(unit.size // 2):
                    newcomer = teller.child(grade)
                    newcomer.entry = "intake"
                    newcomer.places.append(Place(unit.code, 2024, grade, class_name(unit.style, grade, number), begin))
                    city.children.append(newcomer)


def _grade_after(grade: int, decided: str | None) -> int | None:
    """The grade of the year that follows; None where there is none, or nothing is decided yet."""
    if decided is None:
        return None
    return {18: 1, 12: None}.get(grade, grade + 1) if decided in ("promoted", "completed") else grade


def _number(unit: Unit, place: Place) -> int:
    return next(n for n in range(1, unit.classes + 1) if class_name(unit.style, place.grade, n) == place.klass)


def _codes(city: "City") -> None:
    seen: dict[str, int] = {}
    for child in city.children:
        for place in child.places:
            if place.unit not in child.codes:
                seen[place.unit] = seen.get(place.unit, 0) + 1
                child.codes[place.unit] = f"HS{seen[place.unit]:05d}"


def _homerooms(city: "City") -> None:
    for unit in city.units:
        teachers = [member for member in city.staff_of[unit.code] if member.role == "GV"]
        for year in YEAR_END:
            staying = [t for t in teachers if t.leaves is None] if year == 2024 else teachers
            for klass, teacher in zip(sorted(city.classes_of(unit.code, year)), staying, strict=False):
                teacher.homeroom[year] = klass


def spoil(city: "City") -> None:
    """Each defect once or twice, in partner units, on children who stay the whole year in one place."""
    partner = [u for u in city.units if u.system == "saomai" and len(u.grades) > 2]
    for position, defect in enumerate(DEFECTS):
        for repeat in range(2):
            unit = partner[(position * 2 + repeat) % len(partner)]
            quiet = [c for c in city.children_of[unit.code] if _is_quiet(c, unit)]
            child = quiet[7 + position]
            child.defect = defect
            city.defects.append(Defect(defect, unit.code, child.root, FIRST[defect].expected))
            if defect == "duplicate_root":
                child.twin_root = quiet[30].root


def _is_quiet(child: Child, unit: Unit) -> bool:
    places = child.in_year(2023)
    return (
        len(places) == 1 and places[0].unit == unit.code and places[0].end is None and child.defect is None
        and child.outcome in ("promoted", "completed")
    )  # fmt: skip

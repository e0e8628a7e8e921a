"""The practice city of a size, from one seed; the first thirty-two units of the small one are told here.

units -> stories of 2023 -> summer -> places of 2024 -> City ; zones told elsewhere (zone.py) -> City

What does not belong here: serving (the apps), the truth's file (truth.py), a city too big to hold (zones.py).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from edu_pipeline.sandbox import plan, zone
from edu_pipeline.sandbox import units as units_module
from edu_pipeline.sandbox.clock import YEAR_BEGIN, YEAR_END
from edu_pipeline.sandbox.defects import FIRST, Defect
from edu_pipeline.sandbox.moves import Admission, Event, Transfer
from edu_pipeline.sandbox.story import DEFECTS, Child, Member, Place, Teller
from edu_pipeline.sandbox.units import Unit, class_name


@dataclass(repr=False)
class City:
    """Units, children, staff. Everything served is a function of it, the date and the faults.

    A city too big to hold is many of these, each a zone whose pupils move among themselves: ask `of` and `zones`.
    """

    units: tuple[Unit, ...]
    children: list[Child]
    staff: list[Member]
    transfers: list[Transfer] = field(default_factory=list)
    admissions: list[Admission] = field(default_factory=list)
    events: tuple[Event, ...] = ()
    defects: list[Defect] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)

    @cached_property
    def by_code(self) -> dict[str, Unit]:
        return {unit.code: unit for unit in self.units}

    def unit(self, code: str) -> Unit:
        """The unit as it was at first; KeyError if the city has none of that code."""
        return self.by_code[code]

    def unit_on(self, code: str, day: dt.date) -> Unit:
        """The unit with the parent and the grades that it has on the day."""
        found = self.unit(code)
        for event in self.events:
            if event.unit == code and event.on <= day:
                if event.event == "new_parent":
                    found = replace(found, parent=event.parent)
                elif event.event == "relevelled":
                    found = replace(found, grades=event.grades)
        return found

    def of(self, code: str) -> "City":
        """The zone that the unit belongs to."""
        return self

    def zone(self, place: int) -> "City":
        """The zone at a place among all zones; a city that is held whole is the only one."""
        return self

    def zones(self) -> Iterator["City"]:
        """All zones, one after the other."""
        yield self

    @cached_property
    def populations(self) -> list[int]:
        """How many people the registry may know of each zone."""
        return [len(self.people)]

    @cached_property
    def people(self) -> list[Child | Member]:
        """Everybody once: who works in two units is one person."""
        return [*self.children, *{member.root: member for member in self.staff}.values()]

    def without(self, system: str) -> "City":
        """The same city but for the units of a vendor, and whoever is known of these alone."""
        gone = {unit.code for unit in self.units if unit.system == system}
        return replace(
            self,
            units=tuple(unit for unit in self.units if unit.code not in gone),
            children=[c for c in self.children if not gone.issuperset(c.codes)],
            staff=[member for member in self.staff if member.unit not in gone],
            transfers=[t for t in self.transfers if not {t.from_unit, t.to_unit} & gone],
            admissions=[a for a in self.admissions if a.unit not in gone],
            events=tuple(event for event in self.events if event.unit not in gone),
            defects=[defect for defect in self.defects if defect.unit not in gone],
        )

    @cached_property
    def transfers_of(self) -> dict[str, list[Transfer]]:
        """Transfers from or to each unit."""
        found: dict[str, list[Transfer]] = {unit.code: [] for unit in self.units}
        for transfer in self.transfers:
            for code in dict.fromkeys((transfer.from_unit, transfer.to_unit)):
                if code:
                    found[code].append(transfer)
        return found

    @cached_property
    def admissions_of(self) -> dict[str, list[Admission]]:
        """Admission lists of each unit."""
        found: dict[str, list[Admission]] = {unit.code: [] for unit in self.units}
        for admission in self.admissions:
            found[admission.unit].append(admission)
        return found

    @cached_property
    def children_of(self) -> dict[str, list[Child]]:
        found: dict[str, list[Child]] = {unit.code: [] for unit in self.units}
        for child in self.children:
            for code in dict.fromkeys(place.unit for place in child.places):
                found[code].append(child)
        return found

    @cached_property
    def staff_of(self) -> dict[str, list[Member]]:
        found: dict[str, list[Member]] = {unit.code: [] for unit in self.units}
        for member in self.staff:
            found[member.unit].append(member)
        return found

    def classes_of(self, code: str, year: int) -> dict[str, int]:
        """Class names of a unit and year with their grades."""
        return {p.klass: p.grade for c in self.children_of[code] for p in c.places if p.unit == code and p.year == year}

    def headcount(self, code: str, year: int, day: dt.date) -> int:
        """Children whose story has them active in the unit on the day; guests of the evening do not count."""
        return sum(
            any(p.unit == code and p.year == year and p.is_active(day) and p.kind == "primary" for p in child.places)
            for child in self.children_of[code]
        )


def build(size: str = "small", students: int = 100_000, seed: int = 1230) -> City:
    """Build the small city, the town, or the one provider of the benchmark; the same arguments give the same city."""
    if size == "town":
        return as_city(zone.tell(plan.of_town(), seed))
    if size == "bench":
        return _first(units_module.bench(students), seed, has_defects=False)
    first, more = _first(units_module.small(), seed, has_defects=True), as_city(zone.tell(plan.of_small(), seed))
    return City((*first.units, *more.units), first.children + more.children, first.staff + more.staff, more.transfers,
                more.admissions, more.events, first.defects + more.defects, more.unmapped)  # fmt: skip


def as_city(told: zone.Zone) -> City:
    """A zone, told to its end."""
    return City(told.plan.units, told.children, told.staff, told.transfers, told.admissions, tuple(told.events),
                told.defects, told.unmapped)  # fmt: skip


def _first(chosen: tuple[Unit, ...], seed: int, has_defects: bool) -> City:
    """The stories of the first units, one stream of chance for all: whoever adds a draw here changes every child."""
    teller = Teller(seed)
    children: list[Child] = []
    for unit in chosen:
        for grade in unit.grades:
            for number in range(1, unit.classes + 1):
                for _ in range(unit.size):
                    child = teller.child(grade)
                    teller.year_2023(child, unit, grade, number)
                    children.append(child)
    staff = [m for unit in chosen if unit.system != "registry" for m in _staff(teller, unit)]
    city = City(chosen, children, staff)
    _move_mid_year(teller, city)
    _next_year(teller, city)
    _codes(city)
    _homerooms(city)
    if has_defects:
        _defects(city)
    return city


def _staff(teller: Teller, unit: Unit) -> list[Member]:
    teachers = max(unit.classes * len(unit.grades) + 1, 1) if unit.grades else 0
    roles = (["01", "02"] if unit.system == "saomai" else []) + ["GV"] * teachers
    roles += ["NV"] * (2 if unit.system == "saomai" else 0)
    return [teller.member(unit, number, role) for number, role in enumerate(roles, start=1)]


def _peers(city: City, unit: Unit, grade: int) -> list[Unit]:
    return [u for u in city.units if u.code != unit.code and u.system == "saomai" and grade in u.grades]


def _move_mid_year(teller: Teller, city: City) -> None:
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


def _next_year(teller: Teller, city: City) -> None:
    for child in list(city.children):
        place = child.places[-1]
        unit = city.unit(place.unit)
        if place.end is None:
            _goes_on(teller, city, child, place, unit)
        elif place.how == "on_leave" and teller.rng.random() < 0.5:
            child.places.append(Place(unit.code, 2024, place.grade, place.klass, YEAR_BEGIN[2024]))
            child.entry = "returned"
    _newcomers(teller, city)


def _goes_on(teller: Teller, city: City, child: Child, place: Place, unit: Unit) -> None:
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


def _newcomers(teller: Teller, city: City) -> None:
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


def _codes(city: City) -> None:
    seen: dict[str, int] = {}
    for child in city.children:
        for place in child.places:
            if place.unit not in child.codes:
                seen[place.unit] = seen.get(place.unit, 0) + 1
                child.codes[place.unit] = f"HS{seen[place.unit]:05d}"


def _homerooms(city: City) -> None:
    for unit in city.units:
        teachers = [member for member in city.staff_of[unit.code] if member.role == "GV"]
        for year in YEAR_END:
            staying = [t for t in teachers if t.leaves is None] if year == 2024 else teachers
            for klass, teacher in zip(sorted(city.classes_of(unit.code, year)), staying, strict=False):
                teacher.homeroom[year] = klass


def _defects(city: City) -> None:
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

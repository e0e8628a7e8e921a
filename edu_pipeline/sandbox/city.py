"""The practice city of a size, from one seed.

first units (first.py), zone (zone.py) -> City

What does not belong here: a story, serving (the apps), the truth's file (truth.py), a city too big to hold (zones.py).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from edu_pipeline.sandbox import filed, first, plan, welfare, zone
from edu_pipeline.sandbox import units as units_module
from edu_pipeline.sandbox.defects import Defect
from edu_pipeline.sandbox.moves import Admission, Event, Transfer
from edu_pipeline.sandbox.story import Child, Member, Teller
from edu_pipeline.sandbox.units import Unit

if TYPE_CHECKING:
    from edu_pipeline.sandbox.contradictions.kind import Act, Victim
    from edu_pipeline.sandbox.contradictions.plant import Planted


# One school has a Moodle of its own, and is seen by a OneRoster provider too; two share a Canvas.
_LEARNING = {"moodle": ("79770926",), "canvas": ("79765702", "79764793")}


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
    # Units that run a learning-management system, by its product.
    learning: dict[str, tuple[str, ...]] = field(default_factory=dict)

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
        left = {unit.code for unit in self.units} - gone
        return replace(
            self,
            units=tuple(unit for unit in self.units if unit.code not in gone),
            children=[c for c in self.children if not gone.issuperset(c.codes)],
            staff=[member for member in self.staff if member.unit not in gone],
            transfers=[t for t in self.transfers if not {t.from_unit, t.to_unit} & gone],
            admissions=[a for a in self.admissions if a.unit not in gone],
            events=tuple(event for event in self.events if event.unit not in gone),
            defects=[defect for defect in self.defects if defect.unit not in gone],
            learning={
                product: kept
                for product, units in self.learning.items()
                if (kept := tuple(unit for unit in units if unit in left))
            },
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

    @cached_property
    def planted(self) -> tuple["Planted", ...]:
        """Contradictions, each at its place."""
        from edu_pipeline.sandbox.contradictions.plant import plant

        return plant(self)

    @cached_property
    def contradicted(self) -> dict[str, list[tuple["Act", "Victim"]]]:
        """What is planted, by the resource that tells it."""
        from edu_pipeline.sandbox.contradictions.tell import by_resource

        return by_resource(self)

    @cached_property
    def disabled(self) -> dict[str, list[Child]]:
        """Pupils with a disability, by unit."""
        few = {child.root for child in self.children if welfare.disability(child)}
        return {code: [child for child in children if child.root in few] for code, children in self.children_of.items()}

    @cached_property
    def shared(self) -> frozenset[str]:
        """Root ids of staff who have a second post."""
        return frozenset(member.root for member in self.staff if not member.is_main)

    @cached_property
    def hired(self) -> dict[str, dt.date]:
        """Root id -> first day of a member of staff's first post: recruited is one once."""
        found: dict[str, dt.date] = {}
        for member in self.staff:
            found[member.root] = min(member.begin, found.get(member.root, member.begin))
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
    old, more = _first(units_module.small(), seed, has_defects=True), as_city(zone.tell(plan.of_small(), seed))
    return City((*old.units, *more.units), old.children + more.children, old.staff + more.staff,
                old.transfers + more.transfers, old.admissions + more.admissions, more.events,
                old.defects + more.defects, more.unmapped, _LEARNING)  # fmt: skip


def as_city(told: zone.Zone) -> City:
    """A zone, told to its end."""
    return City(told.plan.units, told.children, told.staff, told.transfers, told.admissions, tuple(told.events),
                told.defects, told.unmapped)  # fmt: skip


def _first(chosen: tuple[Unit, ...], seed: int, has_defects: bool) -> City:
    teller = Teller(seed)
    city = City(chosen, *first.people(teller, chosen))
    first.follow(teller, city)
    filed.file(city)
    if has_defects:
        first.spoil(city)
    return city

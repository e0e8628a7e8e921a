"""A zone of the grown-up city: some units whose pupils move among themselves only, told as a whole from one seed.

Plan -> year 2023 -> summer, years after (summer.py) -> staff (posts.py) -> rare fates, defects (fates.py) -> Zone

What does not belong here: what a system tells (the apps), the first thirty-two units of the small city (city.py).
"""

import datetime as dt
from functools import cache

from edu_pipeline.sandbox import clock
from edu_pipeline.sandbox.defects import Defect
from edu_pipeline.sandbox.moves import Admission, Event, Transfer
from edu_pipeline.sandbox.people import People
from edu_pipeline.sandbox.plan import Plan
from edu_pipeline.sandbox.story import FINAL, Child, Member, Place
from edu_pipeline.sandbox.units import Unit, class_name

# Places of 2023-2024 that end before its results do, and how.
_LEAVERS = (("away", 0.004), ("withdrawn", 0.008), ("on_leave", 0.011))


@cache
def class_names(style: str, grade: int, classes: int) -> tuple[str, ...]:
    """Names of a unit's classes of a grade."""
    return tuple(class_name(style, grade, number) for number in range(1, classes + 1))


class Zone:
    """What has been told of a zone so far; `unmapped`: roots of pupils of a closed unit whom nobody placed."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.people = People(f"{seed}/{plan.name}", plan.first_root)
        self.rng = self.people.rng
        self.units = {unit.code: unit for unit in plan.units}
        self.events: list[Event] = list(plan.events)
        self.children: list[Child] = []
        self.staff: list[Member] = []
        self.transfers: list[Transfer] = []
        self.admissions: list[Admission] = []
        self.defects: list[Defect] = []
        self.unmapped: list[str] = []
        # Units that give away the last class of each grade.
        self.split = {event.unit for event in plan.events if event.event == "split"}
        regrouped = {event.unit: event.grades for event in plan.events if event.event == "relevelled"}
        self.grades = {code: regrouped.get(code, unit.grades) for code, unit in self.units.items()}

    def with_grade(self, grade: int, year: int) -> list[Unit]:
        """Units that take pupils of a grade in a year. The roster provider's pupils come and go untold."""
        begin = clock.YEAR_BEGIN[year]
        return [unit for unit in self.units.values()
                if unit.system != "lotus" and unit.is_open(begin) and self.has_grade(unit, grade, year)]  # fmt: skip

    def has_grade(self, unit: Unit, grade: int, year: int) -> bool:
        """True if the unit teaches the grade in the year; a level that it has gained grows by a grade a year."""
        gained = sorted(set(self.grades[unit.code]) - set(unit.grades))
        return grade in unit.grades or grade in gained[: max(0, year - 2023)]

    def enter(
        self, child: Child, unit: Unit, year: int, grade: int, number: int, begin: dt.date | None = None
    ) -> Place:
        """Give the child a place in the class of that number."""
        there = unit.classes - (year > 2023 and unit.code in self.split)
        klass = class_names(unit.style, grade, unit.classes)[min(number, there) - 1]
        place = Place(unit.code, year, grade, klass, begin or clock.YEAR_BEGIN[year])
        child.places.append(place)
        return place

    def number(self, place: Place) -> int:
        """The number of the place's class among those of its grade."""
        unit = self.units[place.unit]
        return class_names(unit.style, place.grade, unit.classes).index(place.klass) + 1


def tell(plan: Plan, seed: int = 1230) -> Zone:
    """Tell a zone; the same arguments give the same zone."""
    from edu_pipeline.sandbox import fates, posts, summer

    zone = Zone(plan, seed)
    _first_year(zone)
    _winter(zone)
    summer.follow(zone)
    posts.fill(zone)
    fates.befall(zone)
    _codes(zone)
    posts.homerooms(zone)
    fates.spoil(zone)
    return zone


def _first_year(zone: Zone) -> None:
    rng, people, begin = zone.rng, zone.people, clock.YEAR_BEGIN[2023]
    for unit in zone.plan.units:
        if unit.opened:
            continue
        for grade in unit.grades:
            for klass in class_names(unit.style, grade, unit.classes):
                people.class_begins()
                for _ in range(unit.size):
                    child = people.child(grade, 2023)
                    place = Place(unit.code, 2023, grade, klass, begin, is_begin_told=rng.random() > 0.02)
                    child.places.append(place)
                    zone.children.append(child)
                    _year(zone, child, place)


def _year(zone: Zone, child: Child, place: Place) -> None:
    """What becomes of the child's year: it leaves, or the year has an outcome."""
    rng = zone.rng
    draw = rng.random()
    if zone.units[place.unit].system != "lotus" and draw < _LEAVERS[-1][1]:
        place.how = next(how for how, bound in _LEAVERS if draw < bound)
        place.end = dt.date(2023, 12, 1) + dt.timedelta(days=rng.randrange(91))
        place.is_begin_told = True
        return
    on = "completed" if place.grade in FINAL else "promoted"
    if place.grade >= 16:
        child.outcome = on
        return
    draw = rng.random()
    child.outcome = on if draw < 0.945 else "retained" if draw < 0.96 else "retest"
    if child.outcome == "retest":
        child.after_summer = rng.choices([on, "retained", None], cum_weights=[6, 9, 10])[0]


def _winter(zone: Zone) -> None:
    """One in 250 changes school within the zone: one ended stay, one that follows it."""
    for child in zone.children:
        place = child.places[0]
        if place.end or zone.units[place.unit].system == "lotus" or zone.rng.random() > 0.004:
            continue
        peers = [unit for unit in zone.with_grade(place.grade, 2023) if unit.code != place.unit and not unit.opened]
        if peers:
            place.end, place.how, place.is_begin_told = dt.date(2024, 1, 20), "city", True
            there = zone.rng.choice(peers)
            zone.enter(child, there, 2023, place.grade, 1, dt.date(2024, 1, 22))


def _codes(zone: Zone) -> None:
    seen: dict[str, int] = {}
    for child in zone.children:
        for place in child.places:
            if place.unit not in child.codes:
                seen[place.unit] = seen.get(place.unit, 0) + 1
                child.codes[place.unit] = f"HS{seen[place.unit]:05d}"


def population(plan: Plan) -> int:
    """How many people the registry knows of a zone, without telling it."""
    from edu_pipeline.sandbox import intake, posts

    first = sum(unit.size * unit.classes * len(unit.grades) for unit in plan.units if not unit.opened)
    return first + intake.newcomers(plan) + posts.people(plan)

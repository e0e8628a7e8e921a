"""Where everybody goes after a school year: on, again, to another unit or province, or nowhere.

zone at the end of a year -> transfers, admission lists, newcomers, places of 2024 and 2025

What does not belong here: what becomes of the year itself (zone.py), staff (posts.py).
"""

import datetime as dt
from typing import TYPE_CHECKING

from edu_pipeline.sandbox import clock
from edu_pipeline.sandbox.intake import arrivals, entrants
from edu_pipeline.sandbox.moves import CITY, Admission, Transfer
from edu_pipeline.sandbox.plan import CLOSED
from edu_pipeline.sandbox.story import Child, Place
from edu_pipeline.sandbox.units import Unit

if TYPE_CHECKING:
    from edu_pipeline.sandbox.zone import Zone

# Đồng Nai, Bình Dương, Long An, Tiền Giang, Hà Nội, Nghệ An, Cần Thơ: the provinces of before 1 July 2025.
PROVINCES = ("75", "74", "80", "82", "01", "40", "92")
LATE = dt.date(2024, 10, 7)
# Of those who go on, every so-manieth moves within the zone, and away.
_CITY_EVERY, _AWAY_EVERY = 60, 75
_DAY = dt.timedelta(days=1)


def follow(zone: "Zone") -> None:
    """Tell the summer of 2024 and the years that follow."""
    Summer(zone).tell()


class Summer:
    """The offices that decide, with their counters."""

    def __init__(self, zone: "Zone") -> None:
        self.zone, self.rng = zone, zone.rng
        self.turn = self.moved = self.left = 0
        self.open = {(grade, year): zone.with_grade(grade, year)
                     for grade in (*range(1, 13), 16, 17, 18) for year in (2024, 2025)}  # fmt: skip
        self.befallen = {event.unit: event for event in zone.events if event.event in ("merged", "split", "recoded")}
        self.closed = {event.unit for event in zone.events if event.event == "closed"}

    def tell(self) -> None:
        for child in self.zone.children:
            place = child.places[-1]
            if place.end is None:
                self._goes_on(child, place)
            elif place.how == "on_leave" and place.unit not in self.closed and self.rng.random() < 0.5:
                self._stays(child, place, place.grade, "returned")
        self._enter(2024)
        self._arrive()
        for child in self.zone.children:
            self._next(child)
        self._enter(2025)

    def _goes_on(self, child: Child, place: Place) -> None:
        decided = child.after_summer if child.outcome == "retest" else child.outcome
        if decided is None:
            return
        grade = _after(place.grade, decided)
        if grade is None:
            return
        if decided == "completed":
            self._admit(child, place, grade, 2024)
            return
        self.turn += 1
        is_told = self.zone.units[place.unit].system != "lotus"
        if is_told and self.turn % _AWAY_EVERY == 11:
            self._leave(child, place, grade, decided)
        elif is_told and self.turn % _CITY_EVERY == 7 and self._others(place, grade):
            self._move(child, place, grade)
        elif is_told and decided == "promoted" and self.turn % 300 == 40:
            child.entry, child.is_no_show = decided, True
        else:
            self._stays(child, place, grade, decided)

    def _others(self, place: Place, grade: int) -> list[Unit]:
        return [unit for unit in self.open[grade, 2024] if unit.code != place.unit and not unit.opened]

    def _stays(self, child: Child, place: Place, grade: int, entry: str) -> None:
        """On in the same unit, or in what an event has made of it."""
        unit, number = self.zone.units[place.unit], self.zone.number(place)
        if unit.code in self.closed:
            self._placed(child, place, grade)
            return
        event = self.befallen.get(unit.code)
        if event and event.event == "split":
            # The last class of each grade becomes the new unit.
            if number == unit.classes:
                unit, number = self.zone.units[event.to[0]], 1
        elif event:
            unit = self.zone.units[event.to[0]]
        child.entry = entry
        self.zone.enter(child, unit, 2024, grade, number)

    def _placed(self, child: Child, place: Place, grade: int) -> None:
        """The unit has closed: its pupils are placed elsewhere, but for one whom everybody forgot."""
        others = self._others(place, grade)
        if not others or not self.zone.unmapped:
            self.zone.unmapped.append(child.root)
            return
        there = self.rng.choice(others)
        place.how, place.end = "city", CLOSED - _DAY
        self._file(child, grade, place.unit, there.code, dt.date(2024, 7, 10), place.end, dt.date(2024, 8, 8))
        child.entry = "accepted"
        self.zone.enter(child, there, 2024, grade, self.rng.randint(1, there.classes))

    def _move(self, child: Child, place: Place, grade: int) -> None:
        """To another unit of the zone. The first is in transit for ever, the second is claimed by two."""
        others, count = self._others(place, grade), self.moved
        self.moved += 1
        asked = dt.date(2024, 6, 10) + dt.timedelta(days=self.rng.randrange(40))
        place.how, place.end = "city", asked + dt.timedelta(days=self.rng.randint(2, 9))
        there = self.rng.choice(others)
        accepted = None if count == 0 else LATE if count % 8 == 2 else place.end + dt.timedelta(days=20)
        self._file(child, grade, place.unit, there.code, asked, place.end, accepted)
        child.entry = "accepted"
        if accepted is None:
            return
        begin = LATE if accepted == LATE else None
        self.zone.enter(child, there, 2024, grade, self.rng.randint(1, there.classes), begin)
        rivals = [unit for unit in others if unit.code != there.code]
        if count == 1 and rivals:
            self._file(child, grade, place.unit, rivals[0].code, asked, place.end, accepted + _DAY)
            self.zone.enter(child, rivals[0], 2024, grade, 1)

    def _leave(self, child: Child, place: Place, grade: int, decided: str) -> None:
        """To another province. The first is not accepted there yet; the second has asked only, and stays."""
        count, province = self.left, self.rng.choice(PROVINCES)
        self.left += 1
        asked = dt.date(2024, 6, 10) + dt.timedelta(days=self.rng.randrange(40))
        released = None if count == 1 else asked + dt.timedelta(days=5)
        accepted = None if count < 2 else asked + dt.timedelta(days=30)
        self._file(child, grade, place.unit, None, asked, released, accepted, to=province)
        if released is None:
            self._stays(child, place, grade, decided)
            return
        place.how, place.end, child.destination = "away", released, province

    def _file(
        self, child: Child, grade: int, here: str | None, there: str | None, asked: dt.date,
        released: dt.date | None, accepted: dt.date | None, *, origin: str = CITY, to: str = CITY,
    ) -> None:  # fmt: skip
        number = f"CT-{self.zone.plan.name}-{len(self.zone.transfers) + 1:05d}"
        self.zone.transfers.append(
            Transfer(number, child.root, grade, here, there, origin, to, asked, released, accepted)
        )

    def _admit(self, child: Child, place: Place, grade: int, year: int) -> None:
        """Into the next level, by a list: even within one unit that is an admission, not a promotion."""
        here, rng = self.zone.units[place.unit], self.rng
        open_ = self.open[grade, year]
        is_own = here.is_open(clock.YEAR_BEGIN[year]) and self.zone.has_grade(here, grade, year)
        if here.system == "lotus":
            child.entry = "intake"
            self.zone.enter(child, here, year, grade, self.zone.number(place))
            return
        draw = rng.random()
        if not open_ or (grade == 10 and draw < 0.12):
            return  # a trade school, work, another province: no list knows
        there = here if is_own and rng.random() < 0.7 else rng.choice(open_)
        came = draw < 0.985
        self._list(child, there, year, grade, came)
        if draw > 0.94 and len(open_) > 1:
            self._list(child, rng.choice([unit for unit in open_ if unit.code != there.code]), year, grade, False)
        if came:
            child.entry = "intake" if year == 2024 else child.entry
            self.zone.enter(child, there, year, grade, rng.randint(1, there.classes))

    def _list(self, child: Child, unit: Unit, year: int, grade: int, came: bool) -> None:
        number = f"TS{year}-{unit.code}-{len(self.zone.admissions) + 1:05d}"
        self.zone.admissions.append(Admission(number, child.root, unit.code, year, grade, dt.date(year, 7, 25), came))

    def _enter(self, year: int) -> None:
        for unit in self.zone.plan.units:
            for grade, count in entrants(unit, year).items():
                for number in range(1, unit.classes + 1):
                    self.zone.people.class_begins()
                    for _ in range(count):
                        child = self.zone.people.child(grade, year)
                        child.entry = "intake"
                        self.zone.enter(child, unit, year, grade, number)
                        self.zone.children.append(child)
                        if grade == 1 and unit.system != "lotus":
                            self._list(child, unit, year, grade, True)

    def _arrive(self) -> None:
        for unit in self.zone.plan.units:
            for _ in range(arrivals(unit)):
                self.zone.people.class_begins()
                province, grade = self.rng.choice(PROVINCES), self.rng.choice(unit.grades)
                child = self.zone.people.arrival(grade, 2024, province)
                child.entry = "accepted"
                asked = dt.date(2024, 7, 1) + dt.timedelta(days=self.rng.randrange(30))
                self._file(child, grade, None, unit.code, asked, asked + 4 * _DAY, asked + 12 * _DAY, origin=province)
                self.zone.enter(child, unit, 2024, grade, self.rng.randint(1, unit.classes))
                self.zone.children.append(child)

    def _next(self, child: Child) -> None:
        """Into 2025-2026: whoever is there goes on; nothing else is told of that summer."""
        place = next((place for place in child.places if place.year == 2024), None)
        decided = child.decided(2024)[0]
        grade = None if place is None or decided is None else _after(place.grade, decided)
        if place is None or grade is None:
            return
        if decided == "completed":
            self._admit(child, place, grade, 2025)
        else:
            self.zone.enter(child, self.zone.units[place.unit], 2025, grade, self.zone.number(place))


def _after(grade: int, decided: str) -> int | None:
    """The grade of the year that follows; None after the last one."""
    return {18: 1, 12: None}.get(grade, grade + 1) if decided in ("promoted", "completed") else grade

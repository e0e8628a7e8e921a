"""The size `city`: 2,300 units and 1.7 million pupils, a zone told whenever somebody asks for it, then forgotten.

plans of all zones -> Metropolis.of(unit) -> City of one zone

What does not belong here: what is told (zone.py). Memory holds a few zones, whatever the size of the city.
"""

from collections import OrderedDict
from collections.abc import Iterator
from functools import cached_property
from threading import Lock

from edu_pipeline.sandbox import plan, zone
from edu_pipeline.sandbox.city import City, as_city, build

# One for each system that walks through the city at its own pace.
KEPT = 4


class Metropolis(City):
    """A city of many zones. It holds the units; who lives there is known zone by zone only."""

    def __init__(self, plans: tuple[plan.Plan, ...], seed: int = 1230) -> None:
        super().__init__(tuple(unit for one in plans for unit in one.units), [], [])
        self.plans, self.seed = plans, seed
        self._zone_of = {unit.code: place for place, one in enumerate(plans) for unit in one.units}
        self._told: OrderedDict[int, City] = OrderedDict()
        self._lock = Lock()
        # A new head has a name only once his zone is told.
        self.events = tuple(e for place, one in enumerate(plans) if one.events for e in self.zone(place).events)

    def zone(self, place: int) -> City:
        """The zone at a place in the plans: kept from the last time, or told anew. One is told at a time."""
        with self._lock:
            found = self._told.pop(place, None)
            while found is None and len(self._told) >= KEPT:
                self._told.popitem(last=False)
            self._told[place] = found or as_city(zone.tell(self.plans[place], self.seed))
            return self._told[place]

    def of(self, code: str) -> City:
        """The zone of the unit."""
        return self.zone(self._zone_of[code])

    def zones(self) -> Iterator[City]:
        """All zones, told one after the other."""
        yield from map(self.zone, range(len(self.plans)))

    @cached_property
    def populations(self) -> list[int]:  # type: ignore[override]
        return [zone.population(one) for one in self.plans]


def city(size: str, students: int = 100_000) -> City:
    """The practice city of a size: small, town, city, or bench with so many students."""
    return Metropolis(plan.of_city()) if size == "city" else build(size, students)

"""Zones of the grown-up city, told once for all tests that ask about them.

plan -> City of one zone

What does not belong here: any assertion.
"""

from dataclasses import replace
from functools import cache

from edu_pipeline.sandbox import plan, zone
from edu_pipeline.sandbox.city import City, as_city
from edu_pipeline.sandbox.story import Child, Place

PLANS = {"small": plan.of_small, "town": plan.of_town}


@cache
def told(size: str) -> City:
    """The zone that the small city gains, or the town. No test may change it."""
    return as_city(zone.tell(PLANS[size]()))


def tiny(count: int) -> tuple[plan.Plan, ...]:
    """Plans of so many little zones, each in a district of its own, where nothing befalls a unit."""
    found = []
    for place, district in list(enumerate(plan.DISTRICTS))[:count]:
        units = [
            replace(unit, code=f"79{district}{unit.code[5:]}", parent=None, closed=None, before=None, switched=None)
            for unit in plan.of_small().units
            if not unit.opened
        ]
        codes = {unit.code: unit for unit in units}
        found.append(plan.Plan(f"tiny/{place}", tuple(codes.values()), (), 7_910_000_000 + place * 1_000_000))
    return tuple(found)


def last(child: Child, year: int = 2023) -> Place | None:
    """The place in which the child's year ends; a guest's place in the evening is none."""
    return next((place for place in reversed(child.in_year(year)) if place.kind == "primary"), None)


def word(child: Child) -> str | None:
    """The last word on the child's 2023-2024."""
    return child.after_summer if child.outcome == "retest" else child.outcome

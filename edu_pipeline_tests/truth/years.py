"""Two rollovers in a row: 2023 -> 2024, a year of nights, 2024 -> 2025 across 1 July 2025 and its unit events.

city at a phase -> nights -> `first` -> `between` -> `second`, each with the law of the register

The practice city's own events are of summer 2024; those of 2025 are decided here, on units that the first ones made.
What does not belong here: what the stories say (lines.py).
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from edu_pipeline.flow import rollover, year
from edu_pipeline.flow.publish import population
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import REFORM
from edu_pipeline.sources import site as sites
from edu_pipeline_tests.stages import World, approve

BETWEEN = ("settled", "corrections", "term_end", "spring", "next_year_end")
CODE = "79764794"


@dataclass
class Years:
    """A city, moved through its phases; its events.yaml says what was decided for 2025, too."""

    turn: Callable[[str], World]

    def at(self, phase: str) -> World:
        """Move clock and site."""
        world = self.turn(phase)
        path = world.folder / "site" / "events.yaml"
        said = yaml.safe_load(path.read_text())
        said["events"] += events(world.city)
        path.write_text(yaml.safe_dump(said, allow_unicode=True))
        return world

    def night(self, phase: str) -> World:
        """One night at the phase, and the law."""
        world = self.at(phase)
        assert {name: outcome.error for name, outcome in world.sync().items() if outcome.error} == {}
        world.night()
        accounted(world)
        return world

    def first(self) -> World:
        """Into 2024-2025; the unit that comes from none is opened by command."""
        world = self.night("year_end") if year.open_year(2023) else self.at("year_end")
        year.close_year(2023)
        world = self.night("opening")
        carried(2023)
        year.open_year(2024, [unit for unit in opened(world.city)])
        world.night()
        accounted(world)
        return world

    def between(self) -> World:
        """The year of nights; the old one is closed for good when its corrections have ended."""
        for phase in BETWEEN:
            world = self.night(phase)
            if phase == "term_end":
                year.finish_year(2023)
        return world

    def second(self) -> World:
        """Into 2025-2026, across the reform."""
        year.close_year(2024)
        self.night("reform")
        world = self.night("next_opening")
        carried(2024)
        world.night()
        accounted(world)
        return world


def events(city: City) -> list[dict[str, object]]:
    """Decided for the day of the reform: the recoded unit is recoded again, the part of the split one comes back."""
    made = {event.event: event for event in city.events if event.event in ("recoded", "split")}
    again, part = made["recoded"].to[0], made["split"].to[0]
    return [
        {"event": "recoded", "unit": again, "to": CODE, "date": REFORM, "decision": "2501/QĐ"},
        {"event": "merged", "unit": part, "to": made["split"].unit, "date": REFORM, "decision": "2502/QĐ"},
    ]


def opened(city: City) -> list[str]:
    """Units that come from no other."""
    return [event.unit for event in city.events if event.event == "opened"]


def carried(from_year: int) -> None:
    """Plan, approve and apply a year, all units, with nothing refused."""
    planned = rollover.make_plan(from_year, f"plan-{from_year}")
    assert (planned.failure, planned.failed) == (None, {})
    approve(from_year=from_year)
    applied = rollover.apply_plan(from_year, f"apply-{from_year}")
    assert (applied.failure, applied.failed, applied.left) == (None, {}, {})
    assert sorted(applied.done) == planned.done


def accounted(world: World) -> None:
    """The law: one state for each key that was ever reported, nobody active twice in a year, every sum balanced."""
    site = sites.load(world.folder / "site")
    persons = sum(
        world.value("SELECT count(*) FROM landing.record WHERE connection_id = :c AND resource = :r", c=c, r=r)
        for c, r, _ in population(site)
    )
    states = world.value("SELECT count(*) FROM ops.person_state WHERE recorded_to IS NULL")
    assert states == persons > 0
    doubled = """SELECT student_id FROM warehouse.fct_enrollment WHERE kind = 'primary' AND status = 'active'
        AND end_date IS NULL GROUP BY school_year, student_id HAVING count(*) > 1"""
    assert world.rows(doubled) == []
    assert world.rows("SELECT unit_id, fault FROM rollover.balance WHERE NOT is_balanced") == []
    assert world.rows("SELECT entity, rule FROM ops.hold WHERE room = 'warehouse' AND closed_at IS NULL") == []
    applied = "SELECT from_year, count(*) FROM rollover.plan WHERE status = 'applied' GROUP BY 1"
    balanced = "SELECT from_year, count(*) FROM rollover.balance GROUP BY 1"
    assert sorted(map(tuple, world.rows(applied))) == sorted(map(tuple, world.rows(balanced)))


DAY = dt.date(2025, 9, 5)

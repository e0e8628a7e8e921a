"""Two rollovers in a row: 2023 -> 2024, a year of nights, 2024 -> 2025 across 1 July 2025 and its unit events.

city -> `first` rollover -> `between` -> `second` rollover, with the law of the register after every night

The practice city's own events are of summer 2024; those of 2025 are decided here, on units that the first ones made.
What does not belong here: what the stories say (lines.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import yaml

from edu_pipeline.flow import rollover, year
from edu_pipeline.flow.publish import population
from edu_pipeline.sandbox import plan, zone
from edu_pipeline.sandbox.city import City, as_city
from edu_pipeline.sandbox.clock import REFORM
from edu_pipeline.sandbox.units import LOWER, PRIMARY, UPPER
from edu_pipeline.sources import site as sites
from edu_pipeline_tests.stages import World, approve

# The phases that a night is made at between the two; the fewest that do.
PHASES = ("settled", "corrections", "term_end", "spring", "next_year_end", "reform", "next_opening")
FEW = ("term_end", "next_year_end", "next_opening")
CODE = "79764794"


def mixed() -> City:
    """The zone of the small city, with every event and the second vendor's schools; and three schools of the others.

    One of them shows the new year late, and one tells no results.
    """
    told = plan.of_small()
    like = {unit.kind: unit for unit in told.units if unit.closed is None and unit.opened is None}
    more = (
        replace(like["TH"], code="79764481", system="saomai", shows_new_year=False),
        replace(like["THCS"], code="79765581", system="saomai", before=None, switched=None),
        replace(like["TH"], code="79764981", kind="QT", grades=PRIMARY + LOWER + UPPER, style="1A", system="lotus"),
    )
    return as_city(zone.tell(replace(told, units=(*told.units, *more)), 1230))


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
        # Schools as little as these differ much from one year to the next.
        path = world.folder / "site" / "rollover.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"ranges": {"history": 0.5}}))
        return world

    def night(self, phase: str) -> World:
        """One night at the phase, and the law."""
        world = self.at(phase)
        assert {name: outcome.error for name, outcome in world.sync().items() if outcome.error} == {}
        world.night()
        accounted(world)
        return world

    def first(self) -> World:
        """Into 2024-2025."""
        self.at("year_end")
        year.open_year(2023)
        self.night("year_end")
        year.close_year(2023)
        world = self.night("opening")
        carried(2023)
        world.night()
        accounted(world)
        return world

    def between(self, phases: tuple[str, ...] = PHASES) -> None:
        """A year of nights across the reform; the old year is closed for good when its corrections have ended."""
        for phase in phases:
            self.night(phase)
            if phase == "term_end":
                done, left = year.finish_year(2023)
                assert done
                assert left == {}
            if phase == "next_year_end":
                year.close_year(2024)

    def second(self) -> World:
        """Into 2025-2026."""
        world = self.at("next_opening")
        carried(2024)
        world.night()
        accounted(world)
        return world


def events(city: City) -> list[dict[str, object]]:
    """Decided for the day of the reform: the recoded unit is recoded again, the part of the split one is merged."""
    made = {event.event: event for event in city.events if event.event in ("recoded", "split")}
    again, part = made["recoded"].to[0], made["split"].to[0]
    taker = next(unit.code for unit in city.units if unit.kind == "THCS" and unit.switched)
    return [
        {"event": "recoded", "unit": again, "to": CODE, "date": REFORM, "decision": "2501/QĐ"},
        {"event": "merged", "unit": part, "to": taker, "date": REFORM, "decision": "2502/QĐ"},
    ]


def carried(from_year: int) -> None:
    """Plan, approve and apply a year, all units, with nothing refused."""
    planned = rollover.make_plan(from_year, f"plan-{from_year}")
    assert (planned.failure, planned.failed) == (None, {}), (planned.failure, planned.failed)
    approve(from_year=from_year)
    applied = rollover.apply_plan(from_year, f"apply-{from_year}")
    said = (applied.failure, applied.failed, applied.left)
    assert said == (None, {}, {}), said
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

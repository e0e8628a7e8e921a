"""A night with work in every room, as often as it is wanted: a register as it stood, and a source that has changed.

server, folder -> a few units of the practice city, rolled over on the day of the opening -> the sources of a fortnight
later, with defects, removals, cancellations and mass changes -> a copy of the register for each night

What does not belong here: how a night dies (killed.py), what it has to come to (content.py).
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from edu_pipeline.flow import hold as holds
from edu_pipeline.flow import rollover, year
from edu_pipeline.sandbox.city import City, build
from edu_pipeline.storage import embedded
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World, approve, copy, forget, point, serving

# Primary schools, lower secondary schools: of each the last one shows the new year late, in the night that is tried.
TH, THCS = ("79770405", "79783406"), ("79760513", "79770514", "79783515")
_OTHERS = ("79770926", "79000000", "79760000", "79770000", "79783000")


@dataclass
class Standing:
    """A register, and systems that have more to tell than it holds."""

    server: embedded.Server
    world: World
    name: str

    def url(self, name: str) -> str:
        return self.server.url("edu_app", name)

    @contextmanager
    def again(self) -> Iterator[str]:
        """The URL of a copy of the register, which goes when the block ends."""
        name = f"edu_{uuid.uuid4().hex[:12]}"
        copy(self.server, self.name, name)
        try:
            yield self.url(name)
        finally:
            embedded.drop_database(self.server, name)


@contextmanager
def standing(made: embedded.Server, template: str, folder: Path) -> Iterator[Standing]:
    """Build the register in a database of its own, and let its systems go on for a fortnight."""
    with pytest.MonkeyPatch.context() as patch, serving(_few_units(), folder) as world:
        name = f"edu_{uuid.uuid4().hex[:12]}"
        copy(made, template, name)
        point(patch, made, name, folder)
        try:
            _build(world, patch)
            forget()
            yield Standing(made, world, name)
        finally:
            forget()
            embedded.drop_database(made, name)


def _few_units() -> City:
    city, kept = build("small"), {*TH, *THCS, *_OTHERS}
    units = tuple(unit if unit.code in kept else replace(unit, system="elsewhere") for unit in city.units)
    # Nobody whose story leads out of them.
    children = [c for c in city.children if kept.issuperset({*c.codes, *(place.unit for place in c.places)})]
    return replace(city, units=units, children=children).without("elsewhere")


def _build(world: World, patch: pytest.MonkeyPatch) -> None:
    told = _Told()
    wire.tell(patch, told)
    world.at("year_end")
    year.open_year(2023)
    world.night()
    year.close_year(2023)
    world.at("opening")
    world.night()
    rollover.make_plan(2023, "plan-run")
    approve()
    rollover.apply_plan(2023, "apply-run")
    world.fault("unknown_code", TH[0])
    world.fault("orphan", THCS[0])
    told.is_lossy = True
    world.night()
    # One of two questions is answered: the night may remove these, once.
    (loss, *_) = [row["id"] for row in holds.listed(TH[1]) if row["rule"] == "shrunken"]
    holds.approve(loss, "they were told twice", days=30)
    world.at("settled")
    world.fault("unknown_code", TH[0], is_on=False)
    world.fault("orphan", THCS[0], is_on=False)
    for name, unit in (("dropped", TH[0]), ("duplicate_id", THCS[0]), ("other_year", THCS[1])):
        world.fault(name, unit)
    told.has_changed = True


class _Told:
    """What the vendor says otherwise than the city's story: losses, and later changes on top of them."""

    is_lossy = has_changed = False

    def __call__(self, resource: str, unit: str, of: int, records: list[wire.Record]) -> list[wire.Record]:
        if self.is_lossy and resource == "results" and unit in (TH[1], THCS[0]):
            # The same ones every night: an approval of so many rows is not outgrown by what comes new.
            return [r for r in records if int(r["idbanghi"][-1]) % 2]
        if self.has_changed and (resource, unit) == ("students", THCS[1]):
            return [wire.newer(r, gioitinh="1" if r["data"]["gioitinh"] == "0" else "0") for r in records]
        if self.has_changed and (resource, unit) == ("results", THCS[2]):
            return records[: len(records) // 2]
        if self.has_changed and (resource, unit) == ("assignments", TH[0]):
            return [{**wire.newer(r), "sukien": "CANCEL"} for r in records[:2]] + records[2:]
        return records

"""What heads of unit confirm in the practice vendor's software: the year's first data, their systems, plans by hash.

unit, school year, day -> Said, Said, ...

What does not belong here: how it is told (partner.py). Two schools forget an appendix in 2024, and only then: whoever
looks at the figures of that autumn has to find them.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from edu_pipeline.sandbox import clock, deployed
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.lot import lot

_BEGIN, _DAYS = (9, 12), 8
APPENDICES = (1, 2, 3)
# Which of the practice vendor's schools, in the order of their codes, forget which appendix.
_FORGETFUL = {4: 2, 9: 3}
FORGOTTEN_IN = 2024
HEADS = ("01", "02")


@dataclass(frozen=True)
class Said:
    """One word: what is confirmed, when and by whom; of first data the appendix, of a plan the hash."""

    what: str
    at: dt.datetime
    head: str
    appendix: int | None = None
    hash: str | None = None


@dataclass
class Shown:
    """Plans that heads have been shown, by unit and year that ends: hash -> the day on which the head said yes."""

    plans: dict[tuple[str, int], dict[str, dt.date]] = field(default_factory=dict)

    def show(self, unit: str, year: int, plan: str, day: dt.date) -> None:
        """Show a plan's hash to a head; ValueError for what is no hash."""
        if len(plan) < 12 or not set(plan) <= set("0123456789abcdef"):
            raise ValueError("a hash has 12 characters or more, 0-9 and a-f")
        self.plans.setdefault((unit, year), {})[plan] = day


def words(city: City, unit: str, year: int, day: dt.date, shown: Shown, forgets: Mapping[str, int]) -> Iterator[Said]:
    """What a unit's head has confirmed of a school year by a day, in stable order; `forgets` as `forgetful` says it."""
    left_out = forgets.get(unit) if year == FORGOTTEN_IN else None
    things: list[tuple[str, int | None]] = [("first data", n) for n in APPENDICES if n != left_out]
    # Nobody confirms what is not declared: who declares later, confirms it then.
    declared = min((s.declared for s in deployed.declared(city.unit(unit), day, "saomai")), default=None)
    if declared and declared <= clock.YEAR_END[year]:
        things.append(("systems", None))
    for what, appendix in things:
        on = dt.date(year, *_BEGIN) + dt.timedelta(days=lot(unit, f"confirms {what} {appendix} {year}", _DAYS))
        on = max(on, declared) if what == "systems" and declared else on
        head = head_of(city, unit, on)
        if on <= day and head:
            yield Said(what, dt.datetime.combine(on, dt.time(7, 30)), head, appendix)
    for plan, on in sorted(shown.plans.get((unit, year), {}).items()):
        head = head_of(city, unit, on)
        if on <= day and head:
            yield Said("plan", dt.datetime.combine(on, dt.time(9)), head, hash=plan)


def forgetful(city: City) -> dict[str, int]:
    """The schools whose heads forget an appendix in FORGOTTEN_IN, each with its number."""
    schools = sorted(unit.code for unit in city.units if unit.system == "saomai" and unit.grades)
    return {schools[place]: appendix for place, appendix in _FORGETFUL.items() if place < len(schools)}


def head_of(city: City, unit: str, day: dt.date) -> str | None:
    """Root id of whoever leads the unit on a day: its head, else the deputy."""
    leading = [m for m in city.of(unit).staff_of[unit]
               if m.role in HEADS and m.begin <= day and not (m.leaves and m.leaves < day)]  # fmt: skip
    return min(leading, key=lambda member: member.role).root if leading else None

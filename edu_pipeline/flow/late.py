"""Which units are late against the calendar, or will be within days: year close, rollover, confirmation, heads' words.

unit years, rollover board, plans, ops.confirmation, each unit's own dates -> Late, one a matter and date

What does not belong here: mending it (year.py, rollover.py), whom it is told to (today.py).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow.board import board
from edu_pipeline.flow.calendar import unit_levels
from edu_pipeline.report import confirmations
from edu_pipeline.report import today as statements
from edu_pipeline.settings import Settings
from edu_pipeline.sources.site import Site

_WORDS = "`edu-pipeline year confirmations`"


@dataclass(frozen=True)
class Late:
    """Units that owe something by one date."""

    what: str
    date: dt.date
    days_left: int
    says: str
    is_office: bool
    names: list[str]

    @property
    def owner(self) -> str:
        return "the department" if self.is_office else "the school"

    @property
    def units(self) -> int:
        return len(self.names)


def late(database: Database, site: Site, config: Settings, within: int) -> Iterator[Late]:
    """What is owed of the year before the one that the day is in, and by heads of this one: where the day is over, or
    comes within days."""
    day = config.today()
    try:
        following = site.calendar.year_on(day)
    except KeyError:
        return
    year, levels = following.school_year - 1, unit_levels(database)

    def dated(query: str, name: str, of: int = year, **binds: dt.date) -> dict[dt.date, list[str]]:
        found = defaultdict(list)
        for unit in database.execute(text(query), {"year": of, **binds}).scalars():
            found[getattr(following.at(*levels.get(unit, ())), name)].append(unit)
        return found

    owed = (
        # The former year has to be closed when the new one opens.
        ("year close", f"the year {year} is open: `edu-pipeline year close {year}`", True,
         dated(statements.OPEN_YEARS, "opening")),
        ("rollover", f"not rolled over: `edu-pipeline rollover board {year}`", False, _rollover(year, config)),
        ("confirmation", f"the new year is not told as a whole: `edu-pipeline rollover unconfirmed {year}`", False,
         dated(statements.UNCONFIRMED, "corrections_end")),
        ("head's word", f"the head has not confirmed the year's first data: {_WORDS}", False,
         dated(confirmations.FIRST_DATA, "start_of_year_fields", year + 1, as_of=day, opened=following.opening)),
        ("head's word", f"the head has not confirmed the declared systems: {_WORDS}", False,
         dated(confirmations.SYSTEMS, "connection_report", year + 1, as_of=day)),
    )  # fmt: skip
    for what, says, is_office, dates in owed:
        for date, units in sorted(dates.items()):
            if (left := (date - day).days) <= within:
                yield Late(what, date, left, says, is_office, sorted(units))


def _rollover(year: int, config: Settings) -> dict[dt.date, list[str]]:
    """Units that are not carried over, by deadline; a carried one that is not reconciled has nothing late."""
    found = defaultdict(list)
    for row in board(year, config=config):
        if row["state"] not in ("applied", "reconciled"):
            found[row["deadline"]].append(row["unit"])
    return found

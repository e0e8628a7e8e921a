"""The calendar: school years without a gap, the season that a day falls in, and what a season lets go.

calendar.yaml -> Calendar -> Year and Season of a day at a level -> Removals, Changes

What does not belong here: reading the file (site.py), one year's dates (year.py), unit state (flow/year.py).
"""

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise

from pydantic import Field, model_validator

from edu_pipeline.sources.lines import Misplaced, Strict
from edu_pipeline.sources.year import LEVELS, Dates, Year

_NEXT_YEAR = dt.timedelta(days=365)


class Season(StrEnum):
    """What part of the school year a day is in. A year lasts from its opening to the day before the next one."""

    START_OF_YEAR = "start_of_year"  # from the opening to the end of corrections: classes and lists are set right
    IN_YEAR = "in_year"
    YEAR_END = "year_end"  # the last weeks of semester II, until results close
    SUMMER = "summer"  # after results close: retests, transfers, admissions


class Limits(Strict):
    """What a night may do to a unit unasked: more than `rows` and than `share` of what stands wait for a person."""

    share: float = Field(gt=0, lt=1)
    rows: int = Field(ge=0)


class Removals(Limits):
    """What a night may remove of a unit's resource and school year."""


class Changes(Limits):
    """What a night may change of a unit's entity in fields that say who or where somebody is."""


class Allowance(Removals):
    """A season as calendar.yaml has it: removals, and where they differ from what is usual, changes."""

    changes: Changes | None = None


# Lists are rewritten in summer and set right after the opening; otherwise a school that loses a fifth is a fault.
_REMOVALS = {
    Season.START_OF_YEAR: Removals(share=0.3, rows=5),
    Season.IN_YEAR: Removals(share=0.2, rows=5),
    Season.YEAR_END: Removals(share=0.2, rows=5),
    Season.SUMMER: Removals(share=0.4, rows=10),
}
# At the year's end and in summer a school may close all its places at once.
_CHANGES = {
    Season.START_OF_YEAR: Changes(share=0.5, rows=20),
    Season.IN_YEAR: Changes(share=0.2, rows=20),
    Season.YEAR_END: Changes(share=0.6, rows=20),
    Season.SUMMER: Changes(share=0.6, rows=20),
}


class Calendar(Strict):
    """calendar.yaml: years without a gap, oldest first, and what each season lets go."""

    years: tuple[Year, ...] = Field(min_length=1)
    year_end_weeks: int = Field(3, ge=1, le=10, description="Last weeks of semester II that are the year's end")
    seasons: dict[Season, Allowance] = {}
    holidays: tuple[dt.date, ...] = Field((), description="Days from Monday to Friday on which nobody works")

    @model_validator(mode="after")
    def _contiguous(self) -> "Calendar":
        for position, (former, year) in enumerate(pairwise(self.years), 1):
            expected = former.school_year + 1
            if year.school_year in [y.school_year for y in self.years[:position]]:
                said = f"calendar.yaml: school year {year.school_year} stands there twice; take one out"
                raise Misplaced(said, "years", position, "school_year")
            if year.school_year != expected:
                said = f"calendar.yaml: school year {expected} is missing before {year.school_year}"
                raise Misplaced(
                    f"{said}; write the years oldest first, without a gap", "years", position, "school_year"
                )
            for level in dict.fromkeys(("", *former.levels, *year.levels)):
                for earlier, later, name, other in _meeting(former._level(level), year._level(level)):
                    if earlier >= later:
                        raise Misplaced(
                            f"calendar {former.school_year}{level and ', '}{level}: {name} {earlier} is not before "
                            f"{other} {later} of {year.school_year}; correct one of the two",
                            "years", position - 1, *former.place(level, name),
                        )  # fmt: skip
        return self

    def year(self, school_year: int) -> Year:
        """The calendar of a school year; KeyError says where to add it."""
        for candidate in self.years:
            if candidate.school_year == school_year:
                return candidate
        raise KeyError(f"calendar.yaml has no school year {school_year}: add it there")

    def corrected_until(self, school_year: int, *levels: str) -> dt.date:
        """Last day on which a year may be corrected: the end of corrections in the autumn after it.

        Where the next year is not in the calendar yet, that of its own autumn a year later.
        """
        following = [y for y in self.years if y.school_year == school_year + 1]
        if following:
            return following[0].at(*levels).corrections_end
        own = self.year(school_year).at(*levels).corrections_end
        return own.replace(year=own.year + 1)

    def readable(self, day: dt.date) -> tuple[Year, ...]:
        """Years asked for on a day, newest first: opened or about to (60 days), until their corrections end."""
        early = dt.timedelta(days=60)
        return tuple(
            year
            for year in reversed(self.years)
            if year.begin - early <= day <= self.corrected_until(year.school_year, *LEVELS)
        )

    def year_on(self, day: dt.date, *levels: str) -> Year:
        """The school year that a day is in at levels (none: the city's dates), summer included; KeyError outside."""
        openings = [year.at(*levels).opening for year in self.years]
        ends = [*openings[1:], openings[-1] + _NEXT_YEAR]
        for year, opening, end in zip(self.years, openings, ends, strict=True):
            if opening <= day < end:
                return year
        raise KeyError(f"calendar.yaml says nothing of {day}: it goes from {openings[0]} until before {ends[-1]}")

    def season(self, day: dt.date, *levels: str) -> Season:
        """The season of a day at levels (none: by the city's dates). KeyError for a day outside the calendar."""
        dates = self.year_on(day, *levels).at(*levels)
        if day <= dates.corrections_end:
            return Season.START_OF_YEAR
        if day <= dates.end - dt.timedelta(weeks=self.year_end_weeks):
            return Season.IN_YEAR
        return Season.YEAR_END if day <= dates.results_close else Season.SUMMER

    def removals(self, day: dt.date, *levels: str) -> Removals:
        """What a night may remove at levels; on a day outside the calendar, the least that any season may."""
        said = {s: Removals(share=own.share, rows=own.rows) for s, own in self.seasons.items()}
        every = {**_REMOVALS, **said}
        season = self._season(day, *levels)
        if season is None:
            return Removals(share=min(r.share for r in every.values()), rows=min(r.rows for r in every.values()))
        return every[season]

    def changes(self, day: dt.date, *levels: str) -> Changes:
        """What a night may change at levels; on a day outside the calendar, the least that any season may."""
        every = {**_CHANGES, **{s: own.changes for s, own in self.seasons.items() if own.changes}}
        season = self._season(day, *levels)
        if season is None:
            return Changes(share=min(c.share for c in every.values()), rows=min(c.rows for c in every.values()))
        return every[season]

    def _season(self, day: dt.date, *levels: str) -> Season | None:
        try:
            return self.season(day, *levels)
        except KeyError:
            return None

    def working_days(self, after: dt.date, until: dt.date) -> int:
        """Working days after a day, until another, that one included: Monday to Friday without holidays."""
        days = (after + dt.timedelta(days=n) for n in range(1, (until - after).days + 1))
        return sum(day.weekday() < 5 and day not in self.holidays for day in days)

    def working_day(self, after: dt.date, number: int) -> dt.date:
        """The day that is so many working days after a day."""
        day = after
        while number:
            day += dt.timedelta(days=1)
            number -= self.working_days(day - dt.timedelta(days=1), day)
        return day


def _meeting(former: Dates, year: Dates) -> Iterator[tuple[dt.date, dt.date, str, str]]:
    """Pairs of dates that must not meet where one year follows another."""
    yield former.end, year.begin, "terms.1.end", "terms.0.begin"
    for name in ("results_close", "retests_end", "admissions_end"):
        yield getattr(former, name), year.opening, name, "opening"

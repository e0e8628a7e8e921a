"""One school year: its dates, what differs at a level, and that they run forward.

calendar.yaml -> Year -> Dates of a level, or of a unit's levels together

What does not belong here: how years follow each other, and seasons (calendar.py).
Source: the letter of September 2024 (deadlines); domain.md 1.1, 1.2, 4.6.
"""

import datetime as dt
from typing import Any, Literal, Optional

from pydantic import Field, create_model, model_validator

from edu_pipeline.schema import ladder
from edu_pipeline.sources.lines import Misplaced, Place, Strict

LEVELS = (*ladder.LEVELS, "continuing")
Level = Literal[LEVELS]  # type: ignore[valid-type]


class Term(Strict):
    """A term: first and last day."""

    term: Literal[1, 2]
    begin: dt.date
    end: dt.date


class Dates(Strict):
    """The dates of one school year. Days are the last on which something may be done, unless said otherwise."""

    terms: tuple[Term, Term]
    opening: dt.date = Field(description="The day the year is opened")
    rollover_deadline: dt.date = Field(description="The former year's records are carried over")
    start_of_year_fields: dt.date = Field(description="Every field due at the start of the year is filled")
    connection_report: dt.date = Field(description="Systems are connected, and the report on it is sent")
    statistics_date: dt.date = Field(description="Start-of-year statistics are on the database")
    corrections_end: dt.date = Field(description="The former year, and what was carried over, may be corrected")
    results_close: dt.date = Field(description="Year-end results are reported")
    retests_end: dt.date = Field(description="Results after summer are reported")
    admissions_end: dt.date = Field(description="Admissions to grades 1, 6 and 10 of the next year are done")

    @property
    def begin(self) -> dt.date:
        return self.terms[0].begin

    @property
    def end(self) -> dt.date:
        """Last day of semester II: the day of the closing snapshot."""
        return self.terms[1].end

    def term_on(self, day: dt.date) -> int:
        """The term whose state is asked for on a day: 2 from its first day on, else 1."""
        return 2 if day >= self.terms[1].begin else 1


DEADLINES = tuple(name for name in Dates.model_fields if name != "terms")


# What differs at one level: any of the dates, and nothing else.
_ANY_OF_THEM: dict[str, Any] = {name: (Optional[f.annotation], None) for name, f in Dates.model_fields.items()}  # noqa: UP045
Override: Any = create_model("Override", __base__=Strict, **_ANY_OF_THEM)


class Year(Dates):
    """One school year: the city's dates, and what differs at a level."""

    school_year: int
    levels: dict[Level, Override] = {}

    @property
    def label(self) -> str:
        return f"{self.school_year}-{self.school_year + 1}"

    def at(self, *levels: str) -> Dates:
        """The dates of a level; of several, each date is the latest level's; of none, the city's."""
        known = [self._level(level) for level in levels or ("",)]
        if len(known) == 1:
            return known[0]
        terms: Any = tuple(
            Term(term=one[0].term, begin=max(t.begin for t in one), end=max(t.end for t in one))
            for one in zip(*(dates.terms for dates in known), strict=True)
        )
        # Each pair that runs forward at every level still does: the latest of the later is not before it.
        return Dates(terms=terms, **{name: max(getattr(dates, name) for dates in known) for name in DEADLINES})

    def _level(self, level: str) -> Dates:
        said = self.levels.get(level, Override())
        return Dates(**{name: getattr(said, name) or getattr(self, name) for name in Dates.model_fields})

    def place(self, level: str, name: str) -> Place:
        """Where the calendar says a date of a level: in the level's own lines, or in the year's."""
        is_own = level in self.levels and getattr(self.levels[level], name.partition(".")[0]) is not None
        steps = tuple(int(step) if step.isdigit() else step for step in name.split("."))
        return ("levels", level, *steps) if is_own else steps

    @model_validator(mode="after")
    def _forward(self) -> "Year":
        for at, terms in (((), self.terms), *((("levels", name), o.terms) for name, o in self.levels.items())):
            if terms and [term.term for term in terms] != [1, 2]:
                raise Misplaced(f"calendar {self.school_year}: write term 1 first, then term 2", *at, "terms")
        for level in ("", *self.levels):
            where, dates = f"calendar {self.school_year}{level and ', '}{level}", self._level(level)
            for name, after in (("terms.0.begin", 0), ("opening", 0), ("corrections_end", 0), ("terms.1.end", 1)):
                if (day := _date(dates, name)).year != self.school_year + after:
                    said = (
                        f"{where}: {name} {day} is not in {self.school_year + after}; correct it or the year's number"
                    )
                    raise Misplaced(said, *self.place(level, name))
            for first, then in _ORDER:
                earlier, later = _date(dates, first), _date(dates, then)
                if earlier > later or ((first, then) == _APART and earlier == later):
                    said = f"{where}: dates run backwards: {first} {earlier} is not before {then} {later}"
                    raise Misplaced(f"{said}; correct one of the two", *self.place(level, then))
        return self


_APART = ("terms.0.end", "terms.1.begin")
# Each pair runs forward. The opening ceremony may fall before or after the first day of term 1.
_ORDER = (
    ("terms.0.begin", "terms.0.end"),
    _APART,
    ("terms.1.begin", "terms.1.end"),
    ("opening", "rollover_deadline"),
    ("rollover_deadline", "start_of_year_fields"),
    ("start_of_year_fields", "connection_report"),
    ("connection_report", "corrections_end"),
    ("opening", "statistics_date"),
    ("statistics_date", "corrections_end"),
    ("corrections_end", "terms.1.begin"),
    ("terms.1.end", "results_close"),
    ("results_close", "retests_end"),
    ("results_close", "admissions_end"),
)


def _date(dates: Dates, name: str) -> dt.date:
    found: object = dates
    for step in name.split("."):
        found = found[int(step)] if isinstance(found, tuple) else getattr(found, step)
    assert isinstance(found, dt.date)
    return found


def levels_of(unit_kind: str | None, grade_levels: str | None) -> tuple[str, ...]:
    """Levels of a unit by what master.unit says of it: kind, and grades separated by commas; none for an office."""
    if unit_kind == "continuing_education":
        return ("continuing",)
    grades = {int(grade) for grade in (grade_levels or "").split(",") if grade}
    return tuple(level for level, own in ladder.LEVELS.items() if grades & set(own))

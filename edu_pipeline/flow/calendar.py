"""The site's calendar and the register: years and terms into master, and what units' levels make of its dates.

Site.years -> master.school_year, master.term; master.unit, Calendar -> what a night may remove; Calendar -> its page

What does not belong here: the state of a unit's year (year.py).
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection as Database
from sqlalchemy import Table, delete, insert, select

from edu_pipeline.contracts.tables import MASTER, MASTER_CHANGE
from edu_pipeline.master.merge import write
from edu_pipeline.schema import entity
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.calendar import Calendar, Changes, Limits, Removals, Season
from edu_pipeline.sources.site import Site
from edu_pipeline.sources.year import DEADLINES, LEVELS, Dates, levels_of

Allowed = TypeVar("Allowed", bound=Limits)


def page(school_year: int | None = None) -> list[dict[str, Any]]:
    """A year's dates (none: the year that today is in), levels with the same dates together, with the days left.

    `season` is today's at these levels, empty outside the calendar. KeyError for a year that the calendar lacks.
    """
    config = settings()
    today, calendar = config.today(), sites.load(config.site_dir).calendar
    year = calendar.year_on(today) if school_year is None else calendar.year(school_year)
    groups: list[tuple[Dates, list[str]]] = []
    for level in LEVELS:
        dates = year.at(level)
        alike = next((levels for known, levels in groups if known == dates), None)
        alike.append(level) if alike is not None else groups.append((dates, [level]))
    return [
        {"school_year": year.label, "levels": "all" if len(levels) == len(LEVELS) else ", ".join(levels),
         "season": _season(calendar, today, levels[0]), "what": name, "date": day, "days_left": (day - today).days,
         "means": means}
        for dates, levels in groups
        for name, day, means in _named(dates)
    ]  # fmt: skip


def _season(calendar: Calendar, day: dt.date, level: str) -> Season | None:
    try:
        return calendar.season(day, level)
    except KeyError:
        return None


def _named(dates: Dates) -> list[tuple[str, dt.date, str]]:
    found = [(name, getattr(dates, name), str(Dates.model_fields[name].description)) for name in DEADLINES]
    for term in dates.terms:
        found.append((f"term {term.term} begin", term.begin, "First day of the term"))
        found.append((f"term {term.term} end", term.end, "Last day of the term"))
    return sorted(found, key=lambda one: one[1])


def unit_levels(database: Database) -> dict[str, tuple[str, ...]]:
    """Levels of every unit that the register knows; an office has none, and takes the city's dates."""
    unit = MASTER["unit"].c
    rows = database.execute(select(unit.unit_id, unit.unit_kind, unit.grade_levels))
    return {row.unit_id: levels_of(row.unit_kind, row.grade_levels) for row in rows}


def removals(database: Database, calendar: Calendar, day: dt.date) -> dict[str, Removals]:
    """What a night on that day may remove of each unit's records, by the season of its levels."""
    return _by_unit(database, lambda levels: calendar.removals(day, *levels))


def changes(database: Database, calendar: Calendar, day: dt.date) -> dict[str, Changes]:
    """What a night on that day may change of each unit's rows, by the season of its levels."""
    return _by_unit(database, lambda levels: calendar.changes(day, *levels))


def _by_unit(database: Database, allowed: Callable[[tuple[str, ...]], Allowed]) -> dict[str, Allowed]:
    units = unit_levels(database)
    by_levels = {levels: allowed(levels) for levels in set(units.values())}
    return {unit: by_levels[levels] for unit, levels in units.items()}


def load_calendar(database: Database, site: Site) -> None:
    """Bring years and terms to what the calendar says; unchanged rows are not touched. The gate is Site's own check."""
    years = [dict(school_year=y.school_year, name=y.label, begin_date=y.begin, end_date=y.end) for y in site.years]
    terms = [
        dict(school_year=y.school_year, term_number=t.term, begin_date=t.begin, end_date=t.end)
        for y in site.years
        for t in y.terms
    ]
    for name, rows in (("school_year", years), ("term", terms)):
        _load(database, name, rows)


def _load(database: Database, name: str, rows: list[dict[str, object]]) -> None:
    target, change = MASTER[name], MASTER_CHANGE[name]
    key = entity(name).key
    standing = {tuple(row[k] for k in key): row for row in _rows(database, target)}
    database.execute(delete(change))
    for row in rows:
        known = standing.get(tuple(row[k] for k in key))
        if known is None or any(known[field] != value for field, value in row.items()):
            database.execute(insert(change).values(**row, action="insert" if known is None else "update"))
    database.execute(write(entity(name), dt.datetime.now(dt.UTC)))
    database.execute(delete(change))


def _rows(database: Database, table: Table) -> list[dict[str, object]]:
    return [dict(row._mapping) for row in database.execute(table.select())]

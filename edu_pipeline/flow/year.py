"""When a unit's school year may be switched by command: future -> open -> closing -> closed.

command, calendar -> switch (state.py), rollover.snapshot* (at closing)

What does not belong here: writing and reading the states (state.py), planning and applying a rollover (rollover.py).
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection as Database
from sqlalchemy import TextClause, or_, select, text

from edu_pipeline.contracts.memory import AUTHORITY, UNIT_EVENT, UNIT_YEAR
from edu_pipeline.flow.audit import audited
from edu_pipeline.flow.calendar import unit_levels
from edu_pipeline.flow.configure import configure
from edu_pipeline.flow.events import has_ended, is_carried_into
from edu_pipeline.flow.state import switch
from edu_pipeline.rollover import snapshot
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.calendar import Calendar


class YearRefused(RuntimeError):
    """The year cannot be switched; the message says what is missing and who does it."""


def open_year(
    school_year: int, units: Sequence[str] | None = None, claimed: str | None = None, config: Settings | None = None
) -> list[str]:
    """Open a year for units without a former one; return those opened. YearRefused where a rollover has to do it."""
    config = config or settings()
    configure(sites.load(config.site_dir), config.today(), config.site_dir)
    with audited() as database:
        chosen = [unit for unit in connected(database, units) if not has_ended(database, unit, school_year)]
        known: dict[str, dict[int, str]] = {unit: {} for unit in chosen}
        for row in database.execute(select(UNIT_YEAR).where(UNIT_YEAR.c.unit_id.in_(chosen))):
            known[row.unit_id][row.school_year] = row.state
        opened = []
        for unit in chosen:
            if known[unit].get(school_year) in ("open", "closing"):
                continue
            if any(year < school_year for year in known[unit]) or is_carried_into(database, unit, school_year):
                raise YearRefused(
                    f"unit {unit}: {school_year} follows a year that the register holds; it is opened by "
                    f"`edu-pipeline rollover apply {school_year - 1}`, not by command"
                )
            if known[unit].get(school_year) == "closed":
                raise YearRefused(f"unit {unit}: {school_year} is closed; that takes a decision number")
            opened.append(unit)
        switch(database, opened, school_year, "open", "opened by command", claimed)
    return opened


def close_year(
    school_year: int, units: Sequence[str] | None = None, claimed: str | None = None, config: Settings | None = None
) -> list[str]:
    """Take the closing snapshot of every unit whose year is open; return them. Units that are closing already stay.

    A unit closes on the last day of semester II at its level; those whose day has not come stay open. Raises
    YearRefused before the first such day, for named units before theirs, and for units not synced and published since.
    """
    config = config or settings()
    year = sites.load(config.site_dir).year(school_year)
    with audited() as database:
        database.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('year', 0))"))
        states = {
            row.unit_id: row.state
            for row in database.execute(select(UNIT_YEAR).where(UNIT_YEAR.c.school_year == school_year))
        }
        chosen = [unit for unit in connected(database, units) if states.get(unit) == "open"]
        if units and (wrong := sorted(set(units) - {u for u, s in states.items() if s in ("open", "closing")})):
            raise YearRefused(f"{school_year} is not open for {', '.join(wrong)}")
        levels = unit_levels(database)
        by_day: dict[dt.date, list[str]] = {}
        for unit in chosen:
            by_day.setdefault(year.at(*levels.get(unit, ())).end, []).append(unit)
        later = sorted(day for day in by_day or (year.end,) if day > config.today())
        if later and (units or len(later) == len(by_day or (year.end,))):
            raise YearRefused(f"{school_year}: semester II ends on {later[0]}, today is {config.today()}")
        due = {day: found for day, found in sorted(by_day.items()) if day not in later}
        for day, found in due.items():
            take(database, snapshot.statements(), found, school_year, day)
            switch(database, found, school_year, "closing", f"closing snapshot of {day}", claimed)
    return sorted(unit for found in due.values() for unit in found)


def take(
    database: Database, statements: Sequence[TextClause], units: list[str], school_year: int, day: dt.date
) -> None:
    """Take a snapshot of units for a day. YearRefused where one has not been read as a whole and published since."""
    if late := _stale(database, units, day):
        raise YearRefused(
            f"{', '.join(late)}: not read as a whole and published since {day}; run `edu-pipeline pull --unit` first, "
            "or name the other units"
        )
    binds = {"units": units, "year": school_year, "day": day, "now": dt.datetime.now(dt.UTC)}
    for statement in statements:
        database.execute(statement, binds)


def finish_year(
    school_year: int,
    decision: str | None = None,
    units: Sequence[str] | None = None,
    claimed: str | None = None,
    config: Settings | None = None,
) -> tuple[list[str], dict[str, str]]:
    """Close the year of units that are closing: from then on its rows wait. Return the closed, and why others stay.

    Without a decision number a unit is closed only when its corrections have ended and its year is rolled over. Raises
    YearRefused where none can be closed, or a named unit cannot.
    """
    config = config or settings()
    calendar = sites.load(config.site_dir).calendar
    calendar.year(school_year)
    with audited() as database:
        database.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('year', 0))"))
        states = {
            row.unit_id: row.state
            for row in database.execute(select(UNIT_YEAR).where(UNIT_YEAR.c.school_year == school_year))
        }
        named = connected(database, units)
        if units and (wrong := [u for u in named if states.get(u) not in ("closing", "closed")]):
            raise YearRefused(
                f"{school_year} is {states.get(wrong[0], 'future')}, not closing, for {', '.join(wrong)}: it is closed "
                f"after `edu-pipeline year close {school_year}` and the rollover"
            )
        chosen = [unit for unit in named if states.get(unit) == "closing"]
        left = {} if decision else _unfinished(database, calendar, school_year, chosen, config.today())
        done = [unit for unit in chosen if unit not in left]
        if left and (units or not done):
            said = sorted(set(left.values()))
            raise YearRefused(f"{school_year}: {'; '.join(said)}; wait, or give the number of a decision (--decision)")
        reason = f"decision {decision}" if decision else f"corrections ended, {config.today()}"
        switch(database, done, school_year, "closed", reason, claimed)
    return done, left


def _unfinished(
    database: Database, calendar: Calendar, school_year: int, units: list[str], today: dt.date
) -> dict[str, str]:
    """Why units cannot be closed without a decision."""
    levels = unit_levels(database)
    query = text("SELECT unit_id FROM rollover.plan WHERE from_year = :year AND status = 'applied'")
    carried = set(database.execute(query, {"year": school_year}).scalars())
    left = {unit: "not rolled over" for unit in units if unit not in carried}
    for unit in units:
        until = calendar.corrected_until(school_year, *levels.get(unit, ()))
        if today <= until:
            left[unit] = f"corrections end on {until}, today is {today}"
    return left


def connected(database: Database, units: Sequence[str] | None) -> list[str]:
    """The units that a connection answers for, or those of them that are named; YearRefused for any other."""
    # A unit that has ended still has a year to close.
    ended = select(UNIT_EVENT.c.unit_id).where(UNIT_EVENT.c.is_end)
    is_there = or_(AUTHORITY.c.valid_to.is_(None), AUTHORITY.c.unit_id.in_(ended))
    query = select(AUTHORITY.c.unit_id).where(is_there).distinct().order_by(AUTHORITY.c.unit_id)
    connected = list(database.execute(query).scalars())
    if units is None:
        return connected
    if unknown := sorted(set(units) - set(connected)):
        raise YearRefused(f"no connection answers for {', '.join(unknown)}: add it to connections.yaml and pull")
    return sorted(set(units))


def _stale(database: Database, units: list[str], day: dt.date) -> list[str]:
    """Units that have not been read as a whole and published since a day."""
    query = text("""
    SELECT a.unit_id FROM ops.authority a
    WHERE a.entity = '*' AND a.valid_to IS NULL AND a.unit_id = ANY(:units) AND NOT EXISTS (
        SELECT FROM ops.batch b WHERE b.connection_id = a.connection_id AND b.status = 'merged' AND b.as_of >= :day
        -- Who was asked for changes alone has not said who is there.
        AND NOT EXISTS (SELECT FROM ops.scope s WHERE s.batch_id = b.batch_id AND s.unit_id IN (a.unit_id, '')
                        AND s.since IS NOT NULL))
    ORDER BY a.unit_id""")
    return list(database.execute(query, {"units": units, "day": day}).scalars())

"""The state of a unit's school year: future -> open -> closing -> closed, switched by command and audited.

command -> ops.unit_year, rollover.snapshot* (at closing), ops.audit

What does not belong here: planning and applying a rollover (rollover.py), the calendar's dates (calendar.py).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection as Database
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from edu_pipeline.contracts.memory import AUTHORITY, UNIT_YEAR
from edu_pipeline.flow.audit import record
from edu_pipeline.flow.configure import configure
from edu_pipeline.rollover import snapshot
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.storage.engine import engine


class YearRefused(RuntimeError):
    """The year cannot be switched; the message says what is missing and who does it."""


@dataclass(frozen=True)
class UnitYear:
    """State of one unit's year and, where it was closed, what the snapshot counted."""

    unit_id: str
    school_year: int
    state: str
    reason: str
    student_count: int | None
    open_count: int | None
    headcount: int | None
    headcount_basis: str | None


def status(school_year: int | None = None) -> list[UnitYear]:
    """States of all units' years, or of one year's; units that no command has touched are not listed (future)."""
    query = text("""
    SELECT u.unit_id, u.school_year, u.state, u.reason, s.student_count, s.open_count, s.headcount, s.headcount_basis
    FROM ops.unit_year u LEFT JOIN rollover.snapshot s USING (unit_id, school_year)
    WHERE CAST(:year AS int) IS NULL OR u.school_year = :year ORDER BY u.school_year, u.unit_id""")
    with engine().connect() as database:
        return [UnitYear(*row) for row in database.execute(query, {"year": school_year})]


def open_year(
    school_year: int, units: Sequence[str] | None = None, claimed: str | None = None, config: Settings | None = None
) -> list[str]:
    """Open a year for units without a former one; return those opened. YearRefused where a rollover has to do it."""
    config = config or settings()
    configure(sites.load(config.site_dir), config.today())
    with engine().begin() as database:
        chosen = _units(database, units)
        known: dict[str, dict[int, str]] = {unit: {} for unit in chosen}
        for row in database.execute(select(UNIT_YEAR).where(UNIT_YEAR.c.unit_id.in_(chosen))):
            known[row.unit_id][row.school_year] = row.state
        opened = []
        for unit in chosen:
            if known[unit].get(school_year) in ("open", "closing"):
                continue
            if any(year < school_year for year in known[unit]):
                raise YearRefused(
                    f"unit {unit}: {school_year} follows a year that the register holds; it is opened by "
                    f"`edu-pipeline rollover apply {school_year - 1}`, not by command"
                )
            if known[unit].get(school_year) == "closed":
                raise YearRefused(f"unit {unit}: {school_year} is closed; that takes a decision number")
            opened.append(unit)
        for unit in opened:
            set_state(database, unit, school_year, "open", "opened by command")
        if opened:
            record(database, "year.open", claimed, school_year=school_year, units=opened)
    return opened


def close_year(
    school_year: int, units: Sequence[str] | None = None, claimed: str | None = None, config: Settings | None = None
) -> list[str]:
    """Take the closing snapshot of every unit whose year is open; return them. Units that are closing already stay.

    Raises YearRefused before the last day of semester II, and for units not synced and published since that day.
    """
    config = config or settings()
    day = sites.load(config.site_dir).year(school_year).end
    if config.today() < day:
        raise YearRefused(f"{school_year}: semester II ends on {day}, today is {config.today()}")
    with engine().begin() as database:
        database.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('year', 0))"))
        states = {
            row.unit_id: row.state
            for row in database.execute(select(UNIT_YEAR).where(UNIT_YEAR.c.school_year == school_year))
        }
        chosen = [unit for unit in _units(database, units) if states.get(unit) == "open"]
        if units and (wrong := sorted(set(units) - {u for u, s in states.items() if s in ("open", "closing")})):
            raise YearRefused(f"{school_year} is not open for {', '.join(wrong)}")
        stale = _stale(database, chosen, day)
        if stale:
            raise YearRefused(
                f"{', '.join(stale)}: not synced and published since {day}; run `edu-pipeline pull` first, or name the "
                "other units"
            )
        if not chosen:
            return []
        binds = {"units": chosen, "year": school_year, "day": day, "now": dt.datetime.now(dt.UTC)}
        for statement in snapshot.statements():
            database.execute(statement, {k: v for k, v in binds.items() if k in statement._bindparams})
        for unit in chosen:
            set_state(database, unit, school_year, "closing", f"closing snapshot of {day}")
        record(database, "year.close", claimed, school_year=school_year, units=chosen)
    return chosen


def set_state(database: Database, unit: str, school_year: int, state: str, reason: str) -> None:
    """Write a unit's state inside the caller's transaction."""
    values = dict(unit_id=unit, school_year=school_year, state=state, reason=reason, changed_at=dt.datetime.now(dt.UTC))
    statement = upsert(UNIT_YEAR).values(values)
    changed = {name: statement.excluded[name] for name in ("state", "reason", "changed_at")}
    database.execute(statement.on_conflict_do_update(index_elements=["unit_id", "school_year"], set_=changed))


def _units(database: Database, units: Sequence[str] | None) -> list[str]:
    query = select(AUTHORITY.c.unit_id).where(AUTHORITY.c.valid_to.is_(None)).order_by(AUTHORITY.c.unit_id)
    connected = list(database.execute(query).scalars())
    if units is None:
        return connected
    if unknown := sorted(set(units) - set(connected)):
        raise YearRefused(f"no connection answers for {', '.join(unknown)}: add it to connections.yaml and pull")
    return sorted(set(units))


def _stale(database: Database, units: list[str], day: dt.date) -> list[str]:
    query = text("""
    SELECT a.unit_id FROM ops.authority a
    WHERE a.valid_to IS NULL AND a.unit_id = ANY(:units) AND NOT EXISTS (
        SELECT FROM ops.batch b WHERE b.connection_id = a.connection_id AND b.status = 'merged' AND b.as_of >= :day)
    ORDER BY a.unit_id""")
    return list(database.execute(query, {"units": units, "day": day}).scalars())

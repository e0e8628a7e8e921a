"""From semester I to semester II: take the snapshot of who was there, and prove every night what has become of each.

command, calendar -> rollover.term_snapshot* | publish, command -> rollover.term_balance -> gate `term` -> holds

What does not belong here: the law (rollover/term.py), the year's own snapshot and its states (year.py).
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow import batch as batches
from edu_pipeline.flow.admit import judge
from edu_pipeline.flow.audit import audited, record
from edu_pipeline.flow.calendar import unit_levels
from edu_pipeline.flow.lock import city
from edu_pipeline.flow.step import CITY, Rollover, hold
from edu_pipeline.flow.year import YearRefused, connected, take
from edu_pipeline.gate.verdict import open_gate
from edu_pipeline.rollover import term
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.storage.engine import engine


def take_term(
    school_year: int, units: Sequence[str] | None = None, claimed: str | None = None, config: Settings | None = None
) -> list[str]:
    """Take the snapshot of semester I of every open unit whose day is over and that has none yet; return them.

    Raises YearRefused before the first such day, for named units before theirs or whose year is not open, and for
    units not synced and published since.
    """
    config = config or settings()
    year = sites.load(config.site_dir).year(school_year)
    with audited() as database:
        database.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('year', 0))"))
        rows = database.execute(text(_STATES), {"year": school_year})
        known = {row.unit_id: row for row in rows}
        chosen = connected(database, units)
        if units and (wrong := [u for u in chosen if u not in known]):
            raise YearRefused(f"{school_year} is not open for {', '.join(wrong)}: semester I is counted while it is")
        levels = unit_levels(database)
        by_day: dict[dt.date, list[str]] = {}
        for unit in chosen:
            if unit in known and not known[unit].is_taken:
                by_day.setdefault(year.at(*levels.get(unit, ())).terms[0].end, []).append(unit)
        later = sorted(day for day in by_day if day >= config.today())
        if later and (units or (len(later) == len(by_day) and not any(row.is_taken for row in known.values()))):
            raise YearRefused(f"{school_year}: semester I ends on {later[0]}, today is {config.today()}")
        due = {day: found for day, found in sorted(by_day.items()) if day not in later}
        for day, found in due.items():
            _take(database, found, school_year, day, claimed)
    return sorted(unit for found in due.values() for unit in found)


_STATES = """
SELECT y.unit_id, t.unit_id IS NOT NULL AS is_taken FROM ops.unit_year y
LEFT JOIN rollover.term_snapshot t ON t.unit_id = y.unit_id AND t.school_year = y.school_year AND t.term = 1
WHERE y.school_year = :year AND y.state = 'open'"""


def _take(database: Database, units: list[str], school_year: int, day: dt.date, claimed: str | None) -> None:
    take(database, term.take(), units, school_year, day)
    for unit in units:
        record(database, "year.term", claimed, unit=unit, school_year=school_year, term=1, day=day.isoformat())


def prove(database: Database, batch_id: int, as_of: dt.date, done: Rollover) -> None:
    """Count semester II as it stands against the snapshots; who does not balance is named and held, nothing stops."""
    by_year: dict[int, list[str]] = {}
    for row in database.execute(text(term.UNITS)).all():
        by_year.setdefault(row.school_year, []).append(row.unit_id)
    if not by_year:
        return
    for school_year, units in by_year.items():
        binds = {"units": units, "year": school_year, "day": as_of, "now": dt.datetime.now(dt.UTC)}
        database.execute(term.balance(), binds)
    broken = {row.unit_id: row.fault for row in database.execute(text(term.BROKEN))}
    done.failed |= broken
    hold(database, "term", broken, batch_id)
    database.commit()
    verdict = judge(database, "term", "balance", batch_id, term.frame(), term.parts())
    done.verdicts.append(verdict)
    if verdict.passed:
        open_gate(database, verdict, term.frame().subquery(), batch_id)
    database.execute(text(term.PROVE), {"passed": verdict.passed})
    database.commit()


def prove_now(run_id: str, config: Settings | None = None) -> Rollover:
    """Prove the sums of semester II today, outside a night."""
    config = config or settings()
    done = Rollover("term")
    with city() as database:
        batch_id = batches.start(database, CITY, run_id, config.today(), "term")
        prove(database, batch_id, config.today(), done)
        batches.finish(database, batch_id, "reconciled")
        database.commit()
    return done


def balances(school_year: int, units: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """What the snapshot counted, and how it balances with semester II where that has been counted."""
    counted = ", ".join(f"b.{name}" for name in term.COUNTS if name != "headcount")
    return _listed(
        "SELECT t.unit_id AS unit, t.taken_for, t.student_count AS snapshot_students, t.open_count AS snapshot_open,"
        f" t.headcount, {counted}, b.is_balanced, b.is_proven, b.fault FROM rollover.term_snapshot t"
        " LEFT JOIN rollover.term_balance b USING (unit_id, school_year, term)", school_year, units)  # fmt: skip


def moves(school_year: int, units: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Who left and who joined, by key, and how; the vanished first."""
    return _listed("SELECT t.unit_id AS unit, t.side, t.how, t.person, t.other_unit_id AS other_unit"
                   " FROM rollover.term_move t", school_year, units, "t.how <> 'vanished', ")  # fmt: skip


def _listed(query: str, school_year: int, units: Sequence[str] | None, first: str = "") -> list[dict[str, Any]]:
    asked = " WHERE t.school_year = :year AND (CAST(:units AS text[]) IS NULL OR t.unit_id = ANY(:units))"
    order = "t.unit_id" + (", t.side, t.person" if first else "")
    binds = {"year": school_year, "units": list(units) if units else None}
    with engine().connect() as database:
        return [dict(r) for r in database.execute(text(f"{query}{asked} ORDER BY {first}{order}"), binds).mappings()]

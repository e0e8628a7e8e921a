"""The state of each unit's school year: what stands, and every switch that led there.

switch -> ops.unit_year, ops.audit -> status, history

What does not belong here: whether a switch is allowed (year.py, rollover.py).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.storage.engine import engine


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


@dataclass(frozen=True)
class Switch:
    """One switch of a unit's year, as the audit keeps it. `claimed` is a typed name: shown, never trusted."""

    at: dt.datetime
    unit_id: str
    school_year: int
    former: str
    state: str
    reason: str
    actor: str
    claimed: str | None


def history(school_year: int | None = None) -> list[Switch]:
    """Every switch of units' years, or of one year's, oldest first."""
    query = text("""
    SELECT at, detail->>'unit', CAST(detail->>'school_year' AS int), detail->>'former', detail->>'state',
           detail->>'reason', actor, claimed FROM ops.audit
    WHERE action = 'year.state' AND (CAST(:year AS int) IS NULL OR CAST(detail->>'school_year' AS int) = :year)
    ORDER BY audit_id""")
    with engine().connect() as database:
        return [Switch(*row) for row in database.execute(query, {"year": school_year})]


def switch(
    database: Database, units: Sequence[str], school_year: int, state: str, reason: str, claimed: str | None = None
) -> None:
    """Write the units' state inside the caller's transaction, and each switch with the former state in the audit."""
    database.execute(text(_SWITCH), {"units": list(units), "year": school_year, "state": state, "reason": reason,
                                     "claimed": claimed, "now": dt.datetime.now(dt.UTC)})  # fmt: skip


def set_state(database: Database, unit: str, school_year: int, state: str, reason: str) -> None:
    """Write one unit's state inside the caller's transaction."""
    switch(database, [unit], school_year, state, reason)


# One statement: what it reads of ops.unit_year is what stood before it wrote.
_SWITCH = """
WITH said AS (
    SELECT u.unit_id, coalesce(y.state, 'future') AS former FROM unnest(CAST(:units AS text[])) AS u(unit_id)
    LEFT JOIN ops.unit_year y ON y.unit_id = u.unit_id AND y.school_year = :year
), written AS (
    INSERT INTO ops.unit_year (unit_id, school_year, state, changed_at, reason)
    SELECT unit_id, :year, :state, :now, :reason FROM said
    ON CONFLICT (unit_id, school_year)
    DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at, reason = excluded.reason
)
INSERT INTO ops.audit (at, actor, claimed, action, detail)
SELECT :now, current_user, CAST(:claimed AS text), 'year.state',
       jsonb_build_object('unit', unit_id, 'school_year', CAST(:year AS int), 'former', former,
                          'state', CAST(:state AS text), 'reason', CAST(:reason AS text))
FROM said ORDER BY unit_id
"""

"""Taking back what an apply run wrote, unit by unit: simply, as long as nobody has built on it; else by entries.

rollover rows -> gone, reported rows wait, the new year is future | rows -> rollover.compensation, the year stays open

An amendment is taken back to the plan that it amends. After the first later edit (an amendment, a changed or other
place of the new year, results of it) the rows are taken out one by one into a table that only grows, with reason and
document; what the school reports stays. Refused where a later year stands on it.
What does not belong here: the statements (rollover/apply.py). Publish afterwards.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow.audit import record
from edu_pipeline.flow.lock import city
from edu_pipeline.flow.state import set_state
from edu_pipeline.flow.step import UNSAID, Rollover, Why
from edu_pipeline.rollover import apply as applying
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites

# What a run applied of a unit, what stands on it, and how its years are.
_APPLIED = """
SELECT p.plan_id, p.unit_id, p.from_year, p.to_year, p.amends, p.applied_at, t.plan_id AS top, t.run_id AS top_run,
       f.state AS former_state, n.run_id AS next_run
FROM rollover.plan p
JOIN rollover.plan t ON t.unit_id = p.unit_id AND t.from_year = p.from_year AND t.status = 'applied'
LEFT JOIN ops.unit_year f ON f.unit_id = p.unit_id AND f.school_year = p.from_year
-- A later year stands on it in the unit itself, or in one that its pupils went to.
LEFT JOIN LATERAL (
    SELECT o.run_id FROM rollover.plan o
    WHERE o.from_year = p.to_year AND o.status = 'applied' AND (o.unit_id = p.unit_id OR o.unit_id IN (
        SELECT l.other_unit_id FROM rollover.plan_line l WHERE l.plan_id = t.plan_id AND l.decision = 'moved_out'))
    ORDER BY o.unit_id <> p.unit_id, o.unit_id LIMIT 1) n ON true
WHERE p.run_id = :run AND p.status IN ('applied', 'amended')
  AND (CAST(:units AS text[]) IS NULL OR p.unit_id = ANY(:units)) ORDER BY p.unit_id, p.plan_id DESC"""

_UNDONE = """
UPDATE rollover.plan SET status = 'undone', undone_at = :now, reconciled = NULL, fault = NULL
WHERE unit_id = :unit AND from_year = :from_year AND status IN ('applied', 'amended')"""

# The plan before an amendment is the unit's again, and what the amendment was confirmed by, it is.
_BACK = """
WITH gone AS (
    UPDATE rollover.plan SET status = 'undone', undone_at = :now, reconciled = NULL, fault = NULL
    WHERE plan_id = :plan RETURNING is_confirmed, is_overdue
) UPDATE rollover.plan p SET status = 'applied', is_confirmed = gone.is_confirmed, is_overdue = gone.is_overdue
FROM gone WHERE p.plan_id = :former"""


def undo(run_id: str, units: Sequence[str] | None = None, why: Why = UNSAID) -> Rollover:
    """Take back what an apply run wrote; a unit that is refused is named, with what to do. Then publish."""
    done = Rollover("undo")
    with city() as database:
        binds = {"run": run_id, "units": list(units) if units else None}
        for row in database.execute(text(_APPLIED), binds).all():
            edited = _edited(database, row)
            if refused := _refused(row, edited, why):
                done.failed[row.unit_id] = refused
                continue
            now = dt.datetime.now(dt.UTC)
            if row.amends and row.top == row.plan_id:
                _take_back_amendment(database, row, now)
            else:
                _take_back(database, row, edited is not None, why, now)
            said = {"reason": why.reason, "document": why.document} if why.is_given else {}
            record(database, "rollover.undo", why.claimed, unit=row.unit_id, plan=row.plan_id, run=run_id, **said)
            database.commit()
            done.done.append(row.unit_id)
    return done


def _edited(database: Database, row: Any) -> str | None:
    """The first later edit on what a run applied; an amendment that is itself taken back carries no edits."""
    if row.top != row.plan_id:
        return f"it was amended by run {row.top_run}"
    if row.amends:
        return None
    binds = {"unit": row.unit_id, "year": row.to_year, "since": row.applied_at}
    return database.execute(text(applying.EDITED), binds).scalar()


def _refused(row: Any, edited: str | None, why: Why) -> str | None:
    if row.next_run:
        return f"{row.to_year} is rolled over too, on top of it: `edu-pipeline rollover undo {row.next_run}` first"
    if row.former_state == "closed" and not why.is_given:
        return f"{row.from_year} is closed: give a reason and the number of a decision (--reason, --document)"
    if edited and not why.is_given:
        first = f"`edu-pipeline rollover undo {row.top_run}` first, or " if row.top != row.plan_id else ""
        return (f"{edited}: {first}give a reason and the number of a document (--reason, --document): each row is "
                "then taken back by an entry, and what the school reports stays")  # fmt: skip
    return None


def _take_back(database: Database, row: Any, is_edited: bool, why: Why, now: dt.datetime) -> None:
    binds = {"unit": row.unit_id, "year": row.to_year, "now": now, "from_year": row.from_year,
             "reason": why.reason.strip(), "document": why.document.strip(), "claimed": why.claimed}  # fmt: skip
    for statement in (*(applying.compensate() if is_edited else applying.undo()), text(_UNDONE)):
        database.execute(statement, binds)
    if not is_edited:
        set_state(database, row.unit_id, row.to_year, "future", f"rollover plan {row.plan_id} undone")


def _take_back_amendment(database: Database, row: Any, now: dt.datetime) -> None:
    """Make the unit's rows those of the plan before; nothing but what the amendment wrote is written."""
    former = database.execute(text("SELECT run_id FROM rollover.plan WHERE plan_id = :plan"), {"plan": row.amends})
    binds = {"plans": [row.amends], "run_id": former.scalar_one(), "plan": row.amends, "unit": row.unit_id,
             "year": row.to_year, "undone": row.plan_id}  # fmt: skip
    is_collected = sites.load(settings().site_dir).catalogue.is_collected
    for statement in (*applying.fill(is_collected), *applying.amend()):
        database.execute(statement, binds)
    database.execute(text(_BACK), {"plan": row.plan_id, "former": row.amends, "now": now})

"""Taking back what an apply run wrote, unit by unit.

rollover rows -> gone; the new year is future again, its reported rows wait

What does not belong here: the statements (rollover/apply.py). Publish afterwards.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import text

from edu_pipeline.flow.audit import record
from edu_pipeline.flow.lock import city
from edu_pipeline.flow.state import set_state
from edu_pipeline.flow.step import Rollover
from edu_pipeline.rollover import apply as applying


def undo(run_id: str, units: Sequence[str] | None = None, claimed: str | None = None) -> Rollover:
    """Take back what an apply run wrote: the new year becomes future again and its reported rows wait. Then publish."""
    done = Rollover("undo")
    with city() as database:
        query = text("""SELECT plan_id, unit_id, to_year FROM rollover.plan WHERE run_id = :run AND status = 'applied'
                        AND (CAST(:units AS text[]) IS NULL OR unit_id = ANY(:units)) ORDER BY unit_id""")
        for row in database.execute(query, {"run": run_id, "units": list(units) if units else None}).all():
            now = dt.datetime.now(dt.UTC)
            binds = {"plan": row.plan_id, "unit": row.unit_id, "year": row.to_year, "now": now}
            for statement in applying.undo():
                database.execute(statement, {k: v for k, v in binds.items() if k in statement._bindparams})
            set_state(database, row.unit_id, row.to_year, "future", f"rollover plan {row.plan_id} undone")
            database.execute(
                text("UPDATE rollover.plan SET status = 'undone', undone_at = :now, reconciled = NULL, fault = NULL"
                     " WHERE plan_id = :plan"), {"now": now, "plan": row.plan_id},
            )  # fmt: skip
            record(database, "rollover.undo", claimed, unit=row.unit_id, plan=row.plan_id, run=run_id)
            database.commit()
            done.done.append(row.unit_id)
    return done

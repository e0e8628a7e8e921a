"""The standing proof of what was applied: every unit's sums, counted anew; who does not balance is not believed.

rollover.plan, rows -> rollover.balance -> gate `rollover` -> rollover.plan.reconciled

What does not belong here: the laws (rollover/reconcile.py).
"""

import datetime as dt

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow import batch as batches
from edu_pipeline.flow.admit import judge
from edu_pipeline.flow.lock import city
from edu_pipeline.flow.step import CITY, Rollover, hold
from edu_pipeline.gate.verdict import open_gate
from edu_pipeline.rollover import reconcile
from edu_pipeline.settings import Settings, settings


def reconcile_all(database: Database, batch_id: int, done: Rollover) -> None:
    """Count every applied unit anew and judge the sums; a unit that does not balance is named and held."""
    database.execute(reconcile.balance(), {"now": dt.datetime.now(dt.UTC)})
    database.execute(text(reconcile.SUSPECT))
    rows = database.execute(text("SELECT unit_id, fault FROM rollover.balance WHERE NOT is_balanced")).all()
    broken = {row.unit_id: row.fault for row in rows}
    done.failed |= broken
    hold(database, "rollover", broken, batch_id)
    database.commit()
    verdict = judge(database, "rollover", "balance", batch_id, reconcile.frame(),
                    reconcile.parts())  # fmt: skip
    done.verdicts.append(verdict)
    if verdict.passed:
        open_gate(database, verdict, reconcile.frame().subquery(), batch_id)
        database.execute(text(reconcile.MARK))
    else:
        # Nothing is believed as long as the gate is closed: the warehouse leaves all rolled-over rows out.
        database.execute(text(reconcile.DOUBT), {"fault": ", ".join(verdict.failed)})
    database.commit()


def reconcile_now(run_id: str, config: Settings | None = None) -> Rollover:
    """Prove the sums of everything that was ever applied and not undone: the nightly standing proof."""
    config = config or settings()
    done = Rollover("reconcile")
    with city() as database:
        batch_id = batches.start(database, CITY, run_id, config.today(), "rollover reconcile")
        reconcile_all(database, batch_id, done)
        batches.finish(database, batch_id, "reconciled")
        database.commit()
    return done

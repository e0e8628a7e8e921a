"""Materialise the warehouse: change sets of all tables, judged, published; unchanged rows are not rewritten.

master, history, rollover -> warehouse.*

What does not belong here: the shape of a table (warehouse/shape.py), merging (publish.py).
"""

from dataclasses import dataclass, field

from sqlalchemy import Connection as Database
from sqlalchemy import Table, func, select, text

from edu_pipeline.contracts.star import STAR, STAR_CHANGE
from edu_pipeline.flow import batch as batches
from edu_pipeline.flow.admit import judge
from edu_pipeline.flow.batch import Hold
from edu_pipeline.flow.lock import city
from edu_pipeline.gate.verdict import Verdict, open_gate
from edu_pipeline.settings import Settings, settings
from edu_pipeline.warehouse import change, gate

CITY = "city"


@dataclass
class Materialization:
    """What came of it: verdicts and counts of changes by table."""

    batch_id: int
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    changes: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def closed(self) -> dict[str, Verdict]:
        return {name: verdict for name, verdict in self.verdicts.items() if not verdict.passed}


def materialize(run_id: str, config: Settings | None = None) -> Materialization:
    """Bring every table to what master and rollover say. A closed gate stops its table and the facts that need it."""
    config = config or settings()
    with city() as database:
        batch_id = batches.start(database, CITY, run_id, config.today(), "warehouse")
        # Nobody else is at it: this one holds the city's lock.
        batches.interrupt(database, CITY, batch_id)
        done = Materialization(batch_id)
        for table in STAR:
            _table(database, table, done)
        batches.finish(database, batch_id, "materialized")
        database.commit()
    return done


def _table(database: Database, table: Table, done: Materialization) -> None:
    target = STAR_CHANGE[table.name]
    database.execute(text(f"TRUNCATE {target.fullname}"))
    database.execute(change.differ(table))
    database.commit()
    rows = database.execute(select(target.c.action, func.count()).group_by(target.c.action)).all()
    done.changes[table.name] = {row[0]: row[1] for row in rows}
    verdict = judge(database, "warehouse", table.name, done.batch_id, select(target),
                    gate.parts(table))  # fmt: skip
    done.verdicts[table.name] = verdict
    closed = [] if verdict.passed else [
        Hold("warehouse", CITY, "", table.name, ", ".join(verdict.failed), verdict.standing.row_count)
    ]  # fmt: skip
    batches.open_holds(database, "warehouse", CITY, table.name, closed, done.batch_id)
    if verdict.passed and verdict.standing.row_count:
        open_gate(database, verdict, select(target).subquery(), done.batch_id)
        for statement in change.publish(table):
            database.execute(statement)
    database.commit()

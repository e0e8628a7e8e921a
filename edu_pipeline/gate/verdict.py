"""A verdict, and the lock it opens: one change set, of one batch, with one row count and one checksum.

relation -> standing (rows, checksum) -> Verdict -> open_gate or GateClosed

What does not belong here: running a suite (judge.py). Design principle 6: a gate is a wall in the data.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Numeric,
    Text,
    cast,
    func,
    insert,
    literal_column,
    select,
    text,
)

from edu_pipeline.contracts.memory import VERDICT


class GateClosed(RuntimeError):
    """The verdict does not permit publication: it failed, or another change set stands there. Nothing was written."""


@dataclass(frozen=True)
class Standing:
    """What stands in a relation: rows, and an order-free checksum of them."""

    row_count: int
    checksum: Decimal


@dataclass(frozen=True)
class Verdict:
    """The judgement on the change set of (room, entity, batch)."""

    room: str
    entity: str
    batch_id: int
    passed: bool
    standing: Standing
    failed: tuple[str, ...] = ()


def _checksum(row: ColumnElement) -> ColumnElement:
    return func.coalesce(func.sum(cast(func.hashtextextended(cast(row, Text), 0), Numeric)), 0)


def standing(database: Connection, relation: FromClause) -> Standing:
    """Count and checksum of a relation as it stands now."""
    row = relation.alias("stands")
    query = select(func.count(), _checksum(literal_column("stands"))).select_from(row)
    count, checksum = database.execute(query).one()
    return Standing(count, checksum)


def standings(database: Connection, relation: FromClause, part: str) -> dict[int, Standing]:
    """What `standing` says of each part of a relation, by the column `part`, in one pass; a part without rows has none.

    The checksum is over the other columns: the same as that of a relation of one part's rows without this column.
    """
    row = relation.alias("stands")
    others = func.row(*(column for column in row.columns if column.name != part))
    query = select(row.columns[part], func.count(), _checksum(others)).group_by(row.columns[part])
    return {key: Standing(count, checksum) for key, count, checksum in database.execute(query)}


def open_gate(database: Connection, verdict: Verdict, relation: FromClause, batch_id: int) -> None:
    """Take the room's lock and check the verdict against batch and rows that stand there; GateClosed says why not."""
    name = f"{verdict.room}.{verdict.entity}, batch {verdict.batch_id}"
    database.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:room, 0))"), {"room": f"gate:{verdict.room}"})
    if not verdict.passed:
        raise GateClosed(f"{name}: the gate is closed ({', '.join(verdict.failed)})")
    if verdict.batch_id != batch_id:
        raise GateClosed(f"{name}: the verdict is on another batch than {batch_id}; judge again")
    now = standing(database, relation)
    if now != verdict.standing:
        raise GateClosed(
            f"{name}: the verdict is on {verdict.standing.row_count} rows with another checksum than the "
            f"{now.row_count} that stand there; judge again"
        )


def remember(database: Connection, verdict: Verdict) -> None:
    """Keep the verdict in ops.verdict."""
    database.execute(
        insert(VERDICT).values(
            room=verdict.room,
            entity=verdict.entity,
            batch_id=verdict.batch_id,
            passed=verdict.passed,
            row_count=verdict.standing.row_count,
            checksum=verdict.standing.checksum,
            failed=list(verdict.failed),
            judged_at=dt.datetime.now(dt.UTC),
        )
    )

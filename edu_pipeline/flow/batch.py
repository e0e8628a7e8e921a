"""The life of a batch: opened, balanced, finished; holds opened and closed.

connection -> ops.batch, ops.hold, ops.ledger

What does not belong here: what is pulled (pull.py) and what is admitted (admit.py).
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from edu_pipeline.contracts.memory import BATCH, HOLD, LEDGER
from edu_pipeline.schema import Entity


class Unbalanced(RuntimeError):
    """A room's terms do not add up to what it received: somebody would be lost. Nothing of it is published."""


@dataclass(frozen=True)
class Hold:
    """What a person has to decide: a unit's (or a whole entity's) rows are stopped by a rule."""

    room: str
    connection_id: str
    unit_id: str
    entity: str
    rule: str
    row_count: int
    known_count: int | None = None


TERMS = ("unchanged", "admitted", "quarantined", "held", "waiting_year", "waiting_parent", "waiting_identity",
         "superseded")  # fmt: skip
# What is empty again when a hold becomes a question anew.
_ANSWER = ("answer", "answered_at", "answered_count", "reminded_at", "escalated_at")


def start(
    database: Database,
    connection_id: str,
    run_id: str,
    as_of: dt.date,
    mapping: str,
    asked: dict[str, Any] | None = None,
) -> int:
    """Open a batch and return its id. `asked` is what the run was asked for; a batch without it never goes on."""
    row = dict(connection_id=connection_id, run_id=run_id, as_of=as_of, mapping=mapping, status="pulling",
               asked=asked, started_at=dt.datetime.now(dt.UTC))  # fmt: skip
    batch_id = database.execute(insert(BATCH).values(row).returning(BATCH.c.batch_id)).scalar_one()
    database.commit()
    return int(batch_id)


def finish(database: Database, batch_id: int, status: str, error: str | None = None) -> None:
    """Set the batch's status: landed, admitted, merged, failed, skipped."""
    now = dt.datetime.now(dt.UTC)
    landed = {"landed_at": now} if status == "landed" else {}
    database.execute(
        update(BATCH).where(BATCH.c.batch_id == batch_id).values(status=status, error=error, finished_at=now, **landed)
    )


def interrupt(database: Database, connection_id: str, before: int) -> None:
    """Mark earlier batches of the connection that say that they are at work: whoever was at it has died."""
    database.execute(
        update(BATCH)
        .where(BATCH.c.connection_id == connection_id, BATCH.c.batch_id < before,
               BATCH.c.status.in_(("pulling", "landed")))
        .values(status="failed", error="interrupted")
    )  # fmt: skip


def open_holds(
    database: Database,
    room: str,
    connection_id: str,
    entity: str,
    holds: list[Hold],
    batch_id: int,
    staying: Collection[tuple[str, str]] = (),
) -> None:
    """Make the open holds of (room, connection, entity) exactly these: new ones open, cured ones close themselves.

    `staying` names those (unit, rule) of which the batch knows nothing: they are left as they are.
    """
    now = dt.datetime.now(dt.UTC)
    day = select(func.coalesce(select(BATCH.c.as_of).where(BATCH.c.batch_id == batch_id).scalar_subquery(),
                               func.current_date())).scalar_subquery()  # fmt: skip
    standing = {
        (row.unit_id, row.rule): row
        for row in database.execute(
            select(HOLD).where(HOLD.c.room == room, HOLD.c.connection_id == connection_id, HOLD.c.entity == entity,
                               HOLD.c.closed_at.is_(None))
        )
    }  # fmt: skip
    wanted = {(hold.unit_id, hold.rule): hold for hold in holds}
    for key, row in standing.items():
        if key in staying and key not in wanted:
            continue
        changes: dict[str, Any] = {"closed_at": now}
        if hold := wanted.get(key):
            changes = {"row_count": hold.row_count, "known_count": hold.known_count, "batch_id": batch_id}
            # It still holds although it was approved (more came, or the approval is over), or it has grown.
            is_outgrown = hold.row_count > (row.answered_count or 0)
            if row.answer == "approved" or (row.answer == "rejected" and is_outgrown):
                changes |= {**dict.fromkeys(_ANSWER), "asked_on": day}
        database.execute(update(HOLD).where(HOLD.c.hold_id == row.hold_id).values(changes))
    for key in wanted.keys() - standing.keys():
        database.execute(insert(HOLD).values(**vars(wanted[key]), batch_id=batch_id, opened_at=now, asked_on=day))


def balance(database: Database, batch_id: int, connection_id: str, entity: Entity, resource: str) -> dict[str, int]:
    """Count every received key by its own predicate over its own table, the total apart; Unbalanced if they differ."""
    name = entity.name
    received = (
        "(SELECT DISTINCT ON (source_key) source_key, disposition FROM landing.record_change"
        " WHERE batch_id = :batch AND resource = :resource AND disposition NOT IN ('remove', 'keep')"
        " ORDER BY source_key, disposition = 'superseded') r"
    )
    current = "r.disposition <> 'superseded' AND"
    in_room = "x.connection_id = :connection AND x.source_key = r.source_key"
    quarantined = f"EXISTS (SELECT FROM quarantine.{name} x WHERE {in_room})"
    waiting = f"EXISTS (SELECT FROM waiting.{name} x WHERE {in_room}"
    validated = f"EXISTS (SELECT FROM validated.{name} x WHERE {in_room}"
    predicates = {
        "superseded": "r.disposition = 'superseded'",
        "quarantined": f"{current} {quarantined}",
        "held": f"{current} {waiting} AND x.reason = 'hold')",
        "waiting_year": f"{current} {waiting} AND x.reason = 'year')",
        "waiting_parent": f"{current} {waiting} AND x.reason = 'parent')",
        "waiting_identity": f"{current} {waiting} AND x.reason = 'identity')",
        "admitted": f"{current} {validated} AND x.batch_id = :batch)",
        "unchanged": f"{current} NOT {quarantined} AND NOT {waiting}) AND {validated} AND x.batch_id <> :batch)",
    }
    binds = {"batch": batch_id, "connection": connection_id, "resource": resource}
    counted = {
        term: database.execute(text(f"SELECT count(*) FROM {received} WHERE {predicates[term]}"), binds).scalar_one()
        for term in TERMS
    }
    total = database.execute(
        text("SELECT count(DISTINCT source_key) FROM landing.record_change WHERE batch_id = :batch"
             " AND resource = :resource AND disposition NOT IN ('remove', 'keep')"),
        binds,
    ).scalar_one()  # fmt: skip
    write_ledger(database, batch_id, "validated", name, {"received": total, **counted})
    if total != sum(counted.values()):
        raise Unbalanced(f"{connection_id}, {name}, batch {batch_id}: received {total}, accounted {counted}")
    return counted


def balance_landing(database: Database, batch_id: int, entity: str, resource: str) -> None:
    """Landing's own terms: what each received line meant."""
    query = (
        "SELECT disposition, count(*) FROM landing.record_change WHERE batch_id = :batch AND resource = :resource"
        " GROUP BY disposition"
    )
    rows = database.execute(text(query), {"batch": batch_id, "resource": resource}).all()
    counted: dict[str, int] = {row[0]: row[1] for row in rows}
    received = sum(count for term, count in counted.items() if term not in ("remove", "keep"))
    write_ledger(database, batch_id, "landing", entity, {"received": received, **counted})


def write_ledger(database: Database, batch_id: int, room: str, entity: str, terms: dict[str, int]) -> None:
    """Keep terms of a room's ledger; a repeated call of the same batch replaces them."""
    rows = [dict(batch_id=batch_id, room=room, entity=entity, term=t, row_count=n) for t, n in terms.items() if n]
    if rows:
        statement = upsert(LEDGER).values(rows)
        database.execute(
            statement.on_conflict_do_update(
                index_elements=[c.name for c in LEDGER.primary_key],
                set_={"row_count": statement.excluded.row_count},
            )
        )

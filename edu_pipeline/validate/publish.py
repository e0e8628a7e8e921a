"""Apply a judged change set: admitted rows to validated, failed ones to quarantine, waiting ones to waiting.

validated.<entity>_change + passed verdict -> validated, quarantine, waiting

What does not belong here: the decision on a row (isolate.py); checking the verdict (gate); transactions (flow).
"""

import datetime as dt

from sqlalchemy import (
    ColumnElement,
    Delete,
    Executable,
    Select,
    Table,
    Update,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from edu_pipeline.contracts.memory import RECORD
from edu_pipeline.contracts.tables import NORMALIZED, QUARANTINE, VALIDATED, VALIDATED_CHANGE, WAITING, source_columns
from edu_pipeline.schema import Entity
from edu_pipeline.validate.resolve import Scope

WAITS = {"waiting_year": "year", "waiting_parent": "parent", "waiting_identity": "identity", "held": "hold"}


def close(entity: Entity, scope: Scope) -> Update:
    """A closed gate: what would have been admitted is held instead; the last good versions stay."""
    change = VALIDATED_CHANGE[entity.name]
    return (
        update(change)
        .where(_ours(change, scope), change.c.disposition == "admitted")
        .values(disposition="held")
    )  # fmt: skip


def publish(entity: Entity, scope: Scope, now: dt.datetime) -> list[Executable]:
    """Statements that apply the change set of a batch, in order."""
    return [_admit(entity, scope), _remove(entity, scope), _quarantine(entity, scope, now), _wait(entity, scope, now),
            _release(QUARANTINE[entity.name], entity, scope, ("quarantined",)),
            _release(WAITING[entity.name], entity, scope, tuple(WAITS))]  # fmt: skip


def forget(entity: Entity, connection_id: str, resource: str) -> list[Delete]:
    """Quarantined and waiting rows whose record has left the source have nothing to wait for."""
    return [
        delete(table).where(
            table.c.connection_id == connection_id,
            exists().where(
                RECORD.c.connection_id == table.c.connection_id,
                RECORD.c.resource == resource,
                RECORD.c.source_key == table.c.source_key,
                RECORD.c.is_present.is_(False),
            ),
        )
        for table in (QUARANTINE[entity.name], WAITING[entity.name])
    ]


def _ours(change: Table, scope: Scope) -> ColumnElement[bool]:
    return and_(change.c.batch_id == scope.batch_id, change.c.connection_id == scope.connection_id)


def _upsert(target: Table, names: list[str], query: Select, compared: list[str]) -> Executable:
    statement = insert(target).from_select(names, query)
    changed = {name: statement.excluded[name] for name in names if name not in ("connection_id", "source_key", "since")}
    return statement.on_conflict_do_update(
        index_elements=["connection_id", "source_key"],
        set_=changed,
        where=or_(*(target.c[name].is_distinct_from(statement.excluded[name]) for name in compared)),
    )


def _admit(entity: Entity, scope: Scope) -> Executable:
    change, names = VALIDATED_CHANGE[entity.name], [c.name for c in source_columns(entity)]
    query = select(*(change.c[name] for name in names), (change.c.event != "CANCEL").label("is_present")).where(
        _ours(change, scope), change.c.disposition == "admitted", change.c.action != "none"
    )
    return _upsert(VALIDATED[entity.name], [*names, "is_present"], query, ["batch_id"])


def _remove(entity: Entity, scope: Scope) -> Executable:
    change, current = VALIDATED_CHANGE[entity.name], VALIDATED[entity.name]
    return (
        update(current)
        .where(
            _ours(change, scope),
            change.c.disposition == "removed",
            current.c.connection_id == change.c.connection_id,
            current.c.source_key == change.c.source_key,
        )
        .values(is_present=False, batch_id=scope.batch_id)
    )


def _quarantine(entity: Entity, scope: Scope, now: dt.datetime) -> Executable:
    change, names = VALIDATED_CHANGE[entity.name], [c.name for c in source_columns(entity)]
    query = select(*(change.c[name] for name in names), change.c.failed_rules, literal(now).label("since")).where(
        _ours(change, scope), change.c.disposition == "quarantined"
    )
    compared = [name for name in names if name not in ("batch_id", "connection_id", "source_key")]
    return _upsert(
        QUARANTINE[entity.name], [*names, "failed_rules", "since"], query, [*compared, "failed_rules"]
    )  # fmt: skip


def _wait(entity: Entity, scope: Scope, now: dt.datetime) -> Executable:
    change, names = VALIDATED_CHANGE[entity.name], [c.name for c in source_columns(entity)]
    reason = case(WAITS, value=change.c.disposition)
    query = select(*(change.c[name] for name in names), reason.label("reason"), literal(now).label("since")).where(
        _ours(change, scope), change.c.disposition.in_(tuple(WAITS))
    )
    compared = [name for name in names if name not in ("batch_id", "connection_id", "source_key")]
    return _upsert(WAITING[entity.name], [*names, "reason", "since"], query, [*compared, "reason"])


def _release(table: Table, entity: Entity, scope: Scope, staying: tuple[str, ...]) -> Delete:
    change = VALIDATED_CHANGE[entity.name]
    return delete(table).where(
        table.c.connection_id == scope.connection_id,
        table.c.source_key.in_(
            select(change.c.source_key).where(_ours(change, scope), change.c.disposition.not_in(staying))
        ),
    )


def hold_all(entity: Entity, scope: Scope) -> Update:
    """Hold every row that the batch brought: the batch as a whole could not be read."""
    change = VALIDATED_CHANGE[entity.name]
    fresh = NORMALIZED[entity.name]
    brought = select(fresh.c.source_key).where(
        fresh.c.batch_id == scope.batch_id, fresh.c.connection_id == scope.connection_id
    )
    # What waited before is not the batch's fault: it keeps the decision that it has.
    return (
        update(change)
        .where(_ours(change, scope), change.c.disposition != "removed", change.c.source_key.in_(brought))
        .values(disposition="held")
    )


def held_units(entity: Entity, scope: Scope) -> Select:
    """Query of (unit_id, row_count) of what the batch holds."""
    change = VALIDATED_CHANGE[entity.name]
    return (
        select(change.c.claim_unit_id.label("unit_id"), func.count().label("row_count"))
        .where(_ours(change, scope), change.c.disposition == "held")
        .group_by(change.c.claim_unit_id)
    )

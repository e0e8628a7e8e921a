"""What each received record means, judged against what landing holds under its key.

record, known row -> insert, update, return, again, unchanged, superseded

What does not belong here: reading pages (pull.py) and writing (flow). domain.md 2.1: lower or equal versions with
other content are ignored and counted.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, CompoundSelect, Select, Text, and_, bindparam, exists, false, func, select, union
from sqlalchemy.dialects.postgresql import ARRAY

from edu_pipeline.contracts.life import EPOCH
from edu_pipeline.contracts.memory import BATCH, RECORD, RECORD_CHANGE
from edu_pipeline.contracts.tables import QUARANTINE, WAITING
from edu_pipeline.contracts.waiver import let_in
from edu_pipeline.schema import entity as declared

TAKEN_UP = ("insert", "update", "return", "again")


@dataclass(frozen=True, slots=True)
class Known:
    """What landing holds under a key; `is_open`: it has business left.

    That is: it is quarantined or held, a waiver let it in, the batch that landed it broke, or its mapping has changed.
    `is_untold`: that batch landed it as the source's update, and nobody has judged it as one. A version of an older
    epoch says nothing of a newer one's: the source has begun to count anew.
    """

    hash: bytes
    version: int | None
    is_present: bool
    is_open: bool
    is_remapped: bool = False
    is_of_older_epoch: bool = False
    is_untold: bool = False


def digest(content: dict[str, Any], volatile: Sequence[str]) -> bytes:
    """16-byte hash of the record's sorted content without the system's declared volatile fields.

    A key that is null says what an absent one says: a vendor's new serialiser is no change of its records.
    """
    kept = {key: value for key, value in content.items() if key not in volatile} if volatile else content
    said = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
    if b":null" in said:  # most records have none, and the walk costs more than the search
        said = orjson.dumps(_spoken(kept), option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(said, digest_size=16).digest()


def _spoken(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _spoken(inner) for key, inner in value.items() if inner is not None}
    return [_spoken(inner) for inner in value] if isinstance(value, list) else value


def known_rows(connection_id: str, resource: str, entity: str, mapping: str) -> Select:
    """Query of Known by source key, for one page's keys (bind `keys`)."""
    query = _known(connection_id, resource, entity, mapping)
    return query.where(RECORD.c.source_key == func.any(bindparam("keys", type_=ARRAY(Text))))


def open_keys(connection_id: str, resource: str, entity: str) -> CompoundSelect:
    """Query of the source keys of records that have business left under an unchanged mapping: from the few that have
    it, not from the many that a connection holds."""
    quarantine, waiting = QUARANTINE[entity].c, WAITING[entity].c
    broken = select(BATCH.c.batch_id).where(BATCH.c.connection_id == connection_id, BATCH.c.status == "failed")
    return union(
        select(quarantine.source_key).where(quarantine.connection_id == connection_id),
        select(waiting.source_key).where(waiting.connection_id == connection_id, waiting.reason == "hold"),
        let_in(declared(entity), connection_id),
        select(RECORD.c.source_key).where(
            RECORD.c.connection_id == connection_id, RECORD.c.resource == resource, RECORD.c.batch_id.in_(broken)
        ),
    )


def is_untold() -> ColumnElement[bool]:
    """True for a record that a batch which broke has landed as an update: only such lines are left of earlier batches
    (publish.py)."""
    said = RECORD_CHANGE.alias("untold").c
    return exists().where(
        said.batch_id == RECORD.c.batch_id,
        said.resource == RECORD.c.resource,
        said.source_key == RECORD.c.source_key,
        said.disposition == "update",
    )


def is_of_older_epoch(connection_id: str) -> ColumnElement[bool]:
    """True for a record whose version was counted in an epoch that is over."""
    first = select(func.coalesce(func.max(EPOCH.c.first_batch), 0)).where(EPOCH.c.connection_id == connection_id)
    return RECORD.c.batch_id < first.scalar_subquery()


def _known(connection_id: str, resource: str, entity: str, mapping: str) -> Select:
    quarantine, waiting = QUARANTINE[entity].c, WAITING[entity].c
    is_open = (
        (RECORD.c.mapping != mapping)
        | quarantine.source_key.is_not(None)
        | func.coalesce(waiting.reason == "hold", false())
        | RECORD.c.source_key.in_(let_in(declared(entity), connection_id))
        # Landed by a batch that broke before its rows were admitted: nobody has seen them yet.
        | exists().where(BATCH.c.batch_id == RECORD.c.batch_id, BATCH.c.status == "failed")
    )
    same = [RECORD.c.connection_id == connection_id, RECORD.c.resource == resource]
    return (
        select(
            RECORD.c.source_key,
            RECORD.c.hash,
            RECORD.c.version,
            RECORD.c.is_present,
            is_open.label("is_open"),
            (RECORD.c.mapping != mapping).label("is_remapped"),
            is_of_older_epoch(connection_id).label("is_of_older_epoch"),
            is_untold().label("is_untold"),
        )
        .select_from(RECORD)
        .outerjoin(
            QUARANTINE[entity],
            and_(quarantine.connection_id == connection_id, quarantine.source_key == RECORD.c.source_key),
        )
        .outerjoin(
            WAITING[entity],
            and_(waiting.connection_id == connection_id, waiting.source_key == RECORD.c.source_key),
        )
        .where(*same)
    )


def disposition(content_hash: bytes, version: int | None, known: Known | None) -> str:
    """What a record means, by its hash and version."""
    if known is None:
        return "insert"
    if not known.is_present:
        return "return"
    if known.hash == content_hash and known.is_untold:
        # It is news still: as "again" a mass change would pass unasked (validate/volume.py).
        return "update"
    if known.hash == content_hash:
        return "again" if known.is_open else "unchanged"
    is_counted = not known.is_of_older_epoch
    if is_counted and version is not None and known.version is not None and version <= known.version:
        # What is collected may have changed, and with it the hash of the same version.
        return "again" if known.is_remapped and version == known.version else "superseded"
    return "update"

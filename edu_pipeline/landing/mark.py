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
from sqlalchemy import Select, Text, and_, bindparam, exists, false, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from edu_pipeline.contracts.memory import BATCH, RECORD, RECORD_CHANGE
from edu_pipeline.contracts.tables import QUARANTINE, WAITING

TAKEN_UP = ("insert", "update", "return", "again")


@dataclass(frozen=True, slots=True)
class Known:
    """What landing holds under a key; `is_open`: it has business left.

    That is: it is quarantined or held, the batch that landed it broke, or its mapping has changed. `is_untold`: that
    batch landed it as the source's update, and nobody has judged it as one.
    """

    hash: bytes
    version: int | None
    is_present: bool
    is_open: bool
    is_remapped: bool = False
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
    quarantine, waiting = QUARANTINE[entity].c, WAITING[entity].c
    is_open = (
        (RECORD.c.mapping != mapping)
        | quarantine.source_key.is_not(None)
        | func.coalesce(waiting.reason == "hold", false())
        # Landed by a batch that broke before its rows were admitted: nobody has seen them yet.
        | exists().where(BATCH.c.batch_id == RECORD.c.batch_id, BATCH.c.status == "failed")
    )
    # Only lines of a batch that broke are left of earlier ones (publish.py).
    is_untold = exists().where(
        RECORD_CHANGE.c.batch_id == RECORD.c.batch_id,
        RECORD_CHANGE.c.resource == RECORD.c.resource,
        RECORD_CHANGE.c.source_key == RECORD.c.source_key,
        RECORD_CHANGE.c.disposition == "update",
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
            is_untold.label("is_untold"),
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
        .where(*same, RECORD.c.source_key == func.any(bindparam("keys", type_=ARRAY(Text))))
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
    if version is not None and known.version is not None and version <= known.version:
        # What is collected may have changed, and with it the hash of the same version.
        return "again" if known.is_remapped and version == known.version else "superseded"
    return "update"

"""The audit's chain: what is committed of it gets a number without gaps and a hash that stands on the one before.

ops.audit -> ops.audit_seal

An entry is written inside its action's transaction, unchained: it waits for nobody, and what is rolled back leaves no
hole. Sealing is a short transaction of its own under a lock that nothing else holds, so no night waits for another's.

What does not belong here: finding what was tampered with (verify.py).
"""

import datetime as dt
import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.report import audit as audits
from edu_pipeline.storage.engine import engine

CHUNK = 10_000

_FRESH = text(f"""SELECT a.audit_id, {audits.entry("CAST(:now AS timestamptz)")} AS entry
    FROM ops.audit a WHERE {audits.UNSEALED} ORDER BY a.audit_id LIMIT :limit""")
_WRITE = text("""INSERT INTO ops.audit_seal (seq, audit_id, sealed_at, hash) SELECT seq, audit_id, :now, hash
    FROM unnest(CAST(:seqs AS bigint[]), CAST(:ids AS bigint[]), CAST(:hashes AS text[])) AS s(seq, audit_id, hash)""")


def seal() -> int:
    """Seal every committed entry that has no seal; return how many. Whatever a crash left is taken up here."""
    done, chunk = 0, CHUNK
    while chunk == CHUNK:
        with engine().begin() as database:
            chunk = _chunk(database)
        done += chunk
    return done


def _chunk(database: Database) -> int:
    database.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('edu_pipeline.audit', 0))"))
    now = dt.datetime.now(dt.UTC)
    fresh = database.execute(_FRESH, {"now": now, "limit": CHUNK}).all()
    if not fresh:
        return 0
    head = database.execute(text(audits.HEAD)).one_or_none()
    seq, former = (head.seq, head.hash) if head else (0, audits.GENESIS)
    values = {"ids": [row.audit_id for row in fresh], "seqs": list(range(seq + 1, seq + 1 + len(fresh))),
              "hashes": list(_chained(former, (row.entry for row in fresh)))}  # fmt: skip
    database.execute(_WRITE, {"now": now, **values})
    return len(fresh)


def _chained(former: str, entries: Iterable[str]) -> Iterable[str]:
    for entry in entries:
        former = hashlib.sha256(f"{former}{entry}".encode()).hexdigest()
        yield former

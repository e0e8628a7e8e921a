"""A connection begins to count its versions anew: a vendor restored from a backup starts again at lower numbers.

person -> ops.epoch, ops.audit -> the next night reads all, and believes versions that look old

What does not belong here: noticing it (landing's gate: `superseded_share`), judging a version (landing/mark.py).
"""

import datetime as dt

from sqlalchemy import func, insert, select

from edu_pipeline.contracts.life import EPOCH
from edu_pipeline.contracts.memory import BATCH
from edu_pipeline.flow import audit
from edu_pipeline.landing import watermark
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites


def begin(connection_id: str, reason: str, claimed: str | None = None) -> int:
    """Open an epoch: what lies at landing has versions of the older one. Returns the first batch of the new one.

    KeyError for an unknown connection, ValueError without a reason. What came in between is not lost: the next read is
    complete, and the usual holds judge how much of a unit would change.
    """
    connection = sites.load(settings().site_dir).connection(connection_id)
    if len(reason.strip()) < 3:
        raise ValueError("no reason: say what the vendor told, it stands in the audit")
    with audit.audited() as database:
        # Every batch counts: they are numbered across connections.
        first = database.execute(select(func.coalesce(func.max(BATCH.c.batch_id), 0) + 1)).scalar_one()
        now, actor = dt.datetime.now(dt.UTC), select(func.current_user()).scalar_subquery()
        row = dict(connection_id=connection.id, first_batch=first, opened_at=now, actor=actor, claimed=claimed,
                   reason=reason.strip())  # fmt: skip
        database.execute(insert(EPOCH).values(row))
        database.execute(watermark.forget(), {"connection": connection.id})
        audit.record(database, "connection.epoch", claimed, connection=connection.id, first_batch=first,
                     reason=reason.strip())  # fmt: skip
    return int(first)

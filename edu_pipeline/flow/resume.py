"""A batch begins: anew, or where the last one's reading broke off; what has come whole is not asked for again.

ops.batch that never landed -> the same batch, without its half readings -> places that are done

What does not belong here: reading (pull.py). A batch that had landed is not taken up: its records come again as open.
Change sets are unlogged tables, empty after a crash of the server, while ops.scope is not: a reading counts as done
only if as many lines lie there as it wrote.
"""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import delete, text

from edu_pipeline.contracts.tables import NORMALIZED, VALIDATED_CHANGE
from edu_pipeline.flow.batch import interrupt, start
from edu_pipeline.flow.chunk import PAGES_PER_BATCH
from edu_pipeline.landing.publish import purge
from edu_pipeline.landing.watermark import Place
from edu_pipeline.sources.site import Connection

# Older than this, what has been read is no longer what the system says tonight.
MAX_HOURS = 6

_BROKEN = text("""
SELECT batch_id FROM (
    SELECT * FROM ops.batch WHERE connection_id = :connection ORDER BY batch_id DESC LIMIT 1
) last
WHERE status IN ('pulling', 'failed') AND landed_at IS NULL AND started_at > :oldest
  AND as_of = :as_of AND mapping = :mapping AND asked = CAST(:asked AS jsonb)
  AND NOT EXISTS (SELECT FROM ops.epoch e WHERE e.connection_id = :connection AND e.first_batch > last.batch_id)""")

_HALF = text("""
WITH line AS MATERIALIZED (
    SELECT resource, unit_id, school_year, count(*) AS n FROM landing.record_change WHERE batch_id = :batch
    GROUP BY resource, unit_id, school_year
), half AS (
    SELECT resource, unit_id, school_year FROM ops.scope LEFT JOIN line USING (resource, unit_id, school_year)
    WHERE batch_id = :batch AND (is_complete AND line_count = coalesce(n, 0)) IS NOT TRUE
)
DELETE FROM ops.scope s USING half h WHERE s.batch_id = :batch
AND (s.resource, s.unit_id, s.school_year) = (h.resource, h.unit_id, h.school_year)""")

_LINES = text("""
DELETE FROM landing.record_change c WHERE batch_id = :batch AND NOT EXISTS (
    SELECT FROM ops.scope s WHERE s.batch_id = c.batch_id AND s.resource = c.resource AND s.unit_id = c.unit_id
    AND s.school_year = c.school_year)""")

_NUMBER = text("""
SELECT coalesce(max(page_id), :first - 1) + 1 - :first FROM (
    -- What was taken up from landing has pages of older batches.
    SELECT page_id FROM landing.record_change WHERE batch_id = :batch AND page_id >= :first
    UNION ALL SELECT page_id FROM landing.page WHERE batch_id = :batch) said""")

_DONE = text("SELECT resource, unit_id, school_year FROM ops.scope WHERE batch_id = :batch")


@dataclass(frozen=True)
class Done:
    """What a batch has read whole, and the number of its next page."""

    places: frozenset[Place] = frozenset()
    next_page: int = 0

    @property
    def units(self) -> frozenset[tuple[str, str]]:
        """(resource, unit) of which something has been read."""
        return frozenset(place[:2] for place in self.places)


def begin(
    database: Database, connection: Connection, mapping: str, run_id: str, as_of: dt.date, asked: dict[str, Any] | None
) -> tuple[int, Done]:
    """Id of a new batch; or the last one's, if its reading broke off and was asked for the same. Committed.

    What earlier batches of the connection left in transit is taken away, a killed one's too. `asked` None: never goes
    on with another.
    """
    oldest = dt.datetime.now(dt.UTC) - dt.timedelta(hours=MAX_HOURS)
    binds = {"connection": connection.id, "oldest": oldest, "as_of": as_of, "mapping": mapping,
             "asked": json.dumps(asked)}  # fmt: skip
    batch_id = database.execute(_BROKEN, binds).scalar() if asked else None
    if batch_id is None:
        batch_id, done = start(database, connection.id, run_id, as_of, mapping, asked), Done()
    else:
        done = _take_up(database, connection, batch_id, run_id)
    _clear(database, connection.id, batch_id)
    return batch_id, done


def discard(database: Database, connection_id: str, batch_id: int) -> None:
    """Take away what a rehearsed batch left in transit, its pages too. Committed."""
    _clear(database, connection_id, batch_id + 1)


def _clear(database: Database, connection_id: str, batch_id: int) -> None:
    # First: what a batch that broke has landed is not taken away.
    interrupt(database, connection_id, batch_id)
    for statement in purge(connection_id, batch_id):
        database.execute(statement)
    for table in (*NORMALIZED.values(), *VALIDATED_CHANGE.values()):
        database.execute(delete(table).where(table.c.connection_id == connection_id, table.c.batch_id != batch_id))
    database.commit()


def _take_up(database: Database, connection: Connection, batch_id: int, run_id: str) -> Done:
    """Leave of a broken batch what came whole, and say what that is."""
    binds = {"batch": batch_id}
    number = database.execute(_NUMBER, {**binds, "first": batch_id * PAGES_PER_BATCH}).scalar_one()
    database.execute(_HALF, binds)
    database.execute(_LINES, binds)
    for resource, declared in connection.kind.records().items():
        table = NORMALIZED[declared.entity or ""]
        database.execute(
            text(f"""DELETE FROM {table.fullname} n WHERE batch_id = :batch AND NOT EXISTS (
                     SELECT FROM landing.record_change c WHERE c.batch_id = n.batch_id AND c.resource = :resource
                     AND c.source_key = n.source_key)"""),
            {**binds, "resource": resource},
        )
    database.execute(text("DELETE FROM landing.lookup WHERE batch_id = :batch"), binds)
    database.execute(
        text("UPDATE ops.batch SET run_id = :run, status = 'pulling', error = NULL, finished_at = NULL"
             " WHERE batch_id = :batch"), {**binds, "run": run_id}
    )  # fmt: skip
    done = frozenset((row[0], row[1], row[2]) for row in database.execute(_DONE, binds))
    database.commit()
    return Done(done, number)

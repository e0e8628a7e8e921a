"""From where on a reading may be asked for its changes alone: moments of the source's clock, one a scope.

ops.scope of an admitted batch -> ops.watermark -> Reading with `since`

What does not belong here: asking (flow/pull.py), what is gone (publish.py): a reading of changes proves no absence.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection as Database
from sqlalchemy import TextClause, exists, or_, select, text

from edu_pipeline.contracts.life import WATERMARK
from edu_pipeline.contracts.memory import AUTHORITY, HOLD
from edu_pipeline.landing.read import Reading
from edu_pipeline.sources.site import Connection

Place = tuple[str, str, int]  # resource, unit, school year
Marks = Mapping[Place, dt.datetime]


def marks(database: Database, connection: Connection, mapping: str, day: dt.date) -> Marks:
    """The moments from which scopes may be asked on a day, overlap taken off; a scope without one is read as a whole.

    So is one whose last complete read is too long ago or brought nothing (a school that shows its year late tells
    changes that are older than the last night), one that was read by another mapping, and one with an open hold.
    """
    trusted = connection.incremental
    if trusted is None:
        return {}
    known = WATERMARK.c
    # While a question is open, or another connection answers for the unit, changes alone would settle nothing.
    asked = exists().where(HOLD.c.room == "landing", HOLD.c.connection_id == connection.id, HOLD.c.closed_at.is_(None),
                           or_(HOLD.c.unit_id == known.unit_id, known.unit_id == ""))  # fmt: skip
    answered = exists().where(AUTHORITY.c.unit_id == known.unit_id, AUTHORITY.c.entity == "*",
                              AUTHORITY.c.valid_to.is_(None), AUTHORITY.c.connection_id != connection.id)  # fmt: skip
    query = select(known.resource, known.unit_id, known.school_year, known.since).where(
        known.connection_id == connection.id,
        known.mapping == mapping,
        known.complete_count > 0,
        ~asked,
        ~answered,
        known.complete_on > day - dt.timedelta(days=trusted.complete_every),
    )
    overlap = dt.timedelta(hours=trusted.overlap_hours)
    return {(row.resource, row.unit_id, row.school_year): row.since - overlap for row in database.execute(query)}


def since(reading: Reading, connection: Connection, found: Marks, years: Collection[int]) -> Reading:
    """The reading as it is asked for: as a whole, or with the moment from which changes are wanted.

    A record of two years stands in the newer one. Read as a whole there alone, or in both, it stays there; read as a
    whole in the older year alone it would move back, and be missed from there later: then the newer is whole too.
    """
    asked = connection.kind.since
    needed = [year for year in years if year <= reading.school_year] if reading.school_year else [0]
    if asked is None or any((reading.resource, reading.unit_id, year) not in found for year in needed):
        return reading
    moment = found[reading.resource, reading.unit_id, reading.school_year]
    said = moment.astimezone(ZoneInfo(connection.kind.timezone)).strftime(asked.form)
    if own := connection.kind.resources[reading.resource].params.get(asked.param):
        said = f"{own}{asked.glue}{said}"
    return replace(reading, since=moment, params={**reading.params, asked.param: said})


def clock(told: str) -> dt.datetime | None:
    """The moment that a Date header tells; None where there is none, or nonsense."""
    try:
        moment = parsedate_to_datetime(told)
    except (TypeError, ValueError):
        return None
    # RFC 9110: always GMT; one without a zone is read as that.
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def save() -> TextClause:
    """INSERT of what a batch proves, for the transaction that admits it (binds: batch). One moment for all its scopes:
    when its first reading began, on the source's clock. A source without a clock gets none."""
    return text("""
    INSERT INTO ops.watermark (connection_id, resource, unit_id, school_year, since, complete_on, complete_count,
                               mapping)
    SELECT s.connection_id, s.resource, s.unit_id, s.school_year, c.began,
           CASE WHEN s.since IS NULL THEN b.as_of ELSE w.complete_on END,
           CASE WHEN s.since IS NULL THEN s.distinct_count ELSE w.complete_count END, b.mapping
    FROM ops.scope s JOIN ops.batch b USING (batch_id)
    CROSS JOIN (SELECT min(told_at) AS began FROM ops.scope WHERE batch_id = :batch) c
    LEFT JOIN ops.watermark w ON (w.connection_id, w.resource, w.unit_id, w.school_year)
                               = (s.connection_id, s.resource, s.unit_id, s.school_year)
    WHERE s.batch_id = :batch AND s.is_complete AND c.began IS NOT NULL
      AND (s.since IS NULL OR w.complete_on IS NOT NULL)
      -- A batch that began before an epoch was opened does not say from where on the new one is known.
      AND NOT EXISTS (SELECT FROM ops.epoch e WHERE e.connection_id = b.connection_id AND e.first_batch > b.batch_id)
    ON CONFLICT (connection_id, resource, unit_id, school_year) DO UPDATE
    SET since = excluded.since, complete_on = excluded.complete_on, complete_count = excluded.complete_count,
        mapping = excluded.mapping""")


def forget() -> TextClause:
    """DELETE of a connection's moments: the next night reads all (binds: connection)."""
    return text("DELETE FROM ops.watermark WHERE connection_id = :connection")

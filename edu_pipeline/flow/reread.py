"""Take records up again from landing's pages, without asking the system: all, or those with business left.

landing.record, landing.page -> landing.record_change, normalized.<entity>

What does not belong here: judging and publishing (admit.py). Nothing is removed: a page says nothing about absence.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import orjson
import zstandard
from sqlalchemy import ColumnElement, Insert, case, exists, insert, literal, null, select, text
from sqlalchemy import Connection as Database

from edu_pipeline.contracts.memory import RECORD, RECORD_CHANGE, SCOPE
from edu_pipeline.flow.chunk import PAGES_PER_BATCH, normalize
from edu_pipeline.landing.document import parse
from edu_pipeline.landing.mark import is_of_older_epoch, is_untold, open_keys
from edu_pipeline.landing.paging import Page
from edu_pipeline.landing.publish import is_covered
from edu_pipeline.landing.read import received
from edu_pipeline.normalize.speak import Told
from edu_pipeline.sources.paths import find
from edu_pipeline.sources.resource import Resource
from edu_pipeline.sources.site import Connection, Site

# A line that came over the wire has a page of the batch; one that is taken up from landing, an older batch's.
# So many pages at once: one at a time, each would read the whole change set for its keys.
_PAGES = text("""
SELECT page_id, array_agg(source_key) AS keys FROM landing.record_change
WHERE batch_id = :batch AND resource = :resource AND page_id > :after AND page_id < :first
GROUP BY page_id ORDER BY page_id LIMIT 500""")

_PAGE = text("SELECT body, joined, school_year FROM landing.page WHERE page_id = :page")


def reread(
    database: Database, connection: Connection, batch_id: int, day: dt.date, chunk_rows: int, site: Site
) -> None:
    """Write the change set and the normalized rows of every present record; each chunk is committed."""
    for name, resource in connection.kind.records().items():
        mapping = site.mapping(connection, day, resource)
        database.execute(_again(connection.id, name, batch_id, mapping))
        database.commit()
        _normalize(database, connection, batch_id, name, resource, chunk_rows, site)


def reopen(
    database: Database, connection: Connection, batch_id: int, day: dt.date, chunk_rows: int, site: Site
) -> None:
    """The same for those records with business left whose reading was asked for changes alone, and that did not come.

    A complete reading brings them every night; what waits for a mending of ours must not wait for the next one.
    """
    said = RECORD_CHANGE.c
    for name, resource in connection.kind.records().items():
        partial = exists().where(
            SCOPE.c.batch_id == batch_id,
            SCOPE.c.resource == name,
            is_covered(),
            SCOPE.c.since.is_not(None),
        )
        came = exists().where(said.batch_id == batch_id, said.resource == name, said.source_key == RECORD.c.source_key)
        is_open = RECORD.c.source_key.in_(open_keys(connection.id, name, resource.entity or ""))
        mapping = site.mapping(connection, day, resource)
        # Tables just filled have no statistics: a nested loop over them is the planner's worst guess.
        database.execute(text("SET LOCAL enable_nestloop = off"))
        database.execute(_again(connection.id, name, batch_id, mapping, partial, ~came, is_open))
        database.commit()
        _normalize(database, connection, batch_id, name, resource, chunk_rows, site)


def _again(connection_id: str, resource: str, batch_id: int, mapping: str, *conditions: ColumnElement[bool]) -> Insert:
    told: dict[str, ColumnElement[Any]] = dict(RECORD.c.items())
    # What a batch that broke has landed is the source's change still.
    means = case((is_untold(), "update"), else_="again")
    # A version of an older epoch must not look like one of this: it says nothing.
    version = case((is_of_older_epoch(connection_id), null()), else_=RECORD.c.version)
    told |= {"mapping": literal(mapping), "batch_id": literal(batch_id), "disposition": means, "version": version}
    names = [column.name for column in RECORD_CHANGE.columns]
    query = select(*(told[name] for name in names)).where(
        RECORD.c.connection_id == connection_id, RECORD.c.resource == resource, RECORD.c.is_present, *conditions
    )
    return insert(RECORD_CHANGE).from_select(names, query)


def _normalize(
    database: Database,
    connection: Connection,
    batch_id: int,
    name: str,
    resource: Resource,
    chunk_rows: int,
    site: Site,
) -> None:
    chunk: list[Told] = []
    for told in _told(database, connection, batch_id, name, resource):
        chunk.append(told)
        if len(chunk) >= chunk_rows:
            normalize(database, site, connection, batch_id, resource, chunk)
            database.commit()
            chunk.clear()
    if chunk:
        normalize(database, site, connection, batch_id, resource, chunk)
    database.commit()


def _told(database: Database, connection: Connection, batch_id: int, name: str, resource: Resource) -> Iterator[Told]:
    unzip = zstandard.ZstdDecompressor().decompress
    binds = {"batch": batch_id, "resource": name, "first": batch_id * PAGES_PER_BATCH}
    after, keyed = -1, connection.kind.key(resource)
    while pages := database.execute(_PAGES, {**binds, "after": after}).all():
        for after, keys in pages:
            page = database.execute(_PAGE, {"page": after}).one()
            document = parse(unzip(page.body))
            records = find(document, resource.records) if resource.records else document
            extra = orjson.loads(unzip(page.joined)) if page.joined else {}
            wanted = set(keys)
            for record in received(Page(page.body, records, None), connection.kind, 0, keyed)[0]:
                if record.source_key in wanted:
                    wanted.discard(record.source_key)
                    content = {**record.content, **extra.get(record.source_key, {})}
                    yield Told(record.source_key, record.event, record.version, page.school_year, content)

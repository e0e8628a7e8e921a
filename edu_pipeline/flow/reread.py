"""Take every present record of a connection up again from landing's pages, without asking the system.

landing.record, landing.page -> landing.record_change, normalized.<entity>

What does not belong here: judging and publishing (admit.py). Nothing is removed: a page says nothing about absence.
"""

from collections.abc import Iterator

import orjson
import zstandard
from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow.chunk import normalize
from edu_pipeline.landing.document import parse
from edu_pipeline.landing.paging import Page
from edu_pipeline.landing.read import received
from edu_pipeline.normalize.speak import Told
from edu_pipeline.sources.paths import find
from edu_pipeline.sources.site import Connection, Site
from edu_pipeline.sources.system import Resource

_AGAIN = text("""
INSERT INTO landing.record_change (connection_id, resource, source_key, unit_id, school_year, hash, version, event,
                                   changed_at, page_id, ordinal, mapping, batch_id, disposition)
SELECT connection_id, resource, source_key, unit_id, school_year, hash, version, event, changed_at, page_id, ordinal,
       (SELECT mapping FROM ops.batch WHERE batch_id = :batch), :batch,
       -- What a batch that broke has landed is the source's change still (landing/mark.py).
       CASE WHEN EXISTS (SELECT FROM landing.record_change c WHERE c.batch_id = r.batch_id AND c.resource = r.resource
                         AND c.source_key = r.source_key AND c.disposition = 'update') THEN 'update' ELSE 'again' END
FROM landing.record r WHERE connection_id = :connection AND is_present""")

_PAGES = text("""
SELECT DISTINCT page_id FROM landing.record
WHERE connection_id = :connection AND resource = :resource AND is_present AND page_id IS NOT NULL ORDER BY page_id""")

_PAGE = text("""
SELECT p.body, p.joined, p.school_year,
       (SELECT array_agg(r.source_key) FROM landing.record r WHERE r.connection_id = :connection
        AND r.resource = :resource AND r.page_id = p.page_id AND r.is_present) AS keys
FROM landing.page p WHERE p.page_id = :page""")


def reread(database: Database, connection: Connection, batch_id: int, chunk_rows: int, site: Site) -> None:
    """Write the change set and the normalized rows of every present record; each chunk is committed."""
    binds = {"connection": connection.id, "batch": batch_id}
    database.execute(_AGAIN, binds)
    database.commit()
    for name, resource in connection.kind.records().items():
        chunk: list[Told] = []
        for told in _told(database, connection, name, resource):
            chunk.append(told)
            if len(chunk) >= chunk_rows:
                normalize(database, site, connection, batch_id, resource, chunk)
                database.commit()
                chunk.clear()
        if chunk:
            normalize(database, site, connection, batch_id, resource, chunk)
        database.commit()


def _told(database: Database, connection: Connection, name: str, resource: Resource) -> Iterator[Told]:
    unzip = zstandard.ZstdDecompressor().decompress
    binds = {"connection": connection.id, "resource": name}
    for page_id in database.execute(_PAGES, binds).scalars().all():
        page = database.execute(_PAGE, {**binds, "page": page_id}).one()
        document = parse(unzip(page.body))
        records = find(document, resource.records) if resource.records else document
        extra = orjson.loads(unzip(page.joined)) if page.joined else {}
        wanted = set(page.keys)
        for record in received(Page(page.body, records, None), connection.kind, 0)[0]:
            if record.source_key in wanted:
                wanted.discard(record.source_key)
                content = {**record.content, **extra.get(record.source_key, {})}
                yield Told(record.source_key, record.event, record.version, page.school_year, content)

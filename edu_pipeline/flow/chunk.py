"""Pages of one resource, gathered until they are worth a statement: then one query, one COPY, one commit for all.

pages received -> landing.record_change, landing.page, ops.scope; new and changed records -> normalized.<entity>

What does not belong here: asking for pages (pull.py). A school's page has a few dozen records, and a city thousands of
schools: what is done page by page costs more than the records themselves.
"""

import datetime as dt
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from typing import Any

import orjson
import zstandard
from sqlalchemy import Connection as Database
from sqlalchemy import Text, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY

from edu_pipeline.contracts.frames import mistyped
from edu_pipeline.contracts.memory import LOOKUP, PAGE, RECORD_CHANGE, SCOPE
from edu_pipeline.contracts.tables import NORMALIZED
from edu_pipeline.landing.mark import TAKEN_UP, Known, disposition, known_rows
from edu_pipeline.landing.read import Reading, Received
from edu_pipeline.normalize.recode import recode
from edu_pipeline.normalize.speak import Told, speak
from edu_pipeline.schema import entity
from edu_pipeline.sources.paths import find
from edu_pipeline.sources.resource import Resource
from edu_pipeline.sources.site import Connection, Site
from edu_pipeline.storage.copy import copy_rows

PAGES_PER_BATCH = 10_000_000
# Bodies wait in memory until they are written: a vendor's largest pages must not gather by the thousand records.
_MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Page:
    reading: Reading
    body: bytes
    records: list[Received]


@dataclass
class Chunk:
    """The pages of one batch that are not written yet, and the readings that ended among them."""

    db: Database
    connection: Connection
    batch_id: int
    mapping: str
    site: Site
    max_rows: int
    first_page: int = 0
    _pages: list[_Page] = field(default_factory=list)
    _scopes: list[dict[str, Any]] = field(default_factory=list)
    _rows: int = 0
    _bytes: int = 0

    def __post_init__(self) -> None:
        self._numbers = count(self.first_page)

    @property
    def is_full(self) -> bool:
        """Whether what is gathered should be written."""
        return self._rows >= self.max_rows or self._bytes >= _MAX_BYTES

    def add(self, reading: Reading, body: bytes, records: list[Received]) -> None:
        """A page as received, and those of its records that the reading has not brought before."""
        if records:
            self._pages.append(_Page(reading, body, records))
            # Counted as it grows: asked after every page, a sum over all of them would grow with their square.
            self._rows += len(records)
            self._bytes += len(body)

    def end(self, reading: Reading, resource: Resource, **counts: object) -> None:
        """A reading has come to its end: what it declared and what came."""
        self._scopes.append(
            dict(batch_id=self.batch_id, connection_id=self.connection.id, resource=reading.resource,
                 entity=resource.entity, unit_id=reading.unit_id, school_year=reading.school_year, **counts)
        )  # fmt: skip

    def write(self, resource: Resource) -> None:
        """Write all that is gathered, and commit it; nothing is published by that."""
        told = self._lines(resource) if self._pages else []
        if self._scopes:
            self.db.execute(insert(SCOPE), self._scopes)
        if told:
            normalize(self.db, self.site, self.connection, self.batch_id, resource, told)
        self.db.commit()
        self._pages.clear()
        self._rows = self._bytes = 0
        self._scopes.clear()

    def _lines(self, resource: Resource) -> list[Told]:
        """Write the lines into the change set; return the records that have to be understood (again)."""
        assert resource.entity is not None
        name = self._pages[0].reading.resource
        keys = [record.source_key for page in self._pages for record in page.records]
        query = known_rows(self.connection.id, name, resource.entity, self.mapping)
        known = {row.source_key: Known(*row[1:]) for row in self.db.execute(query, {"keys": keys})}
        joined = self._joined(resource)
        told: list[Told] = []
        lines: list[tuple[object, ...]] = []
        kept: list[dict[str, object]] = []
        for page in self._pages:
            # Numbered also where it is not kept: an unchanged record's line names no page that another one has.
            page_id = self.batch_id * PAGES_PER_BATCH + next(self._numbers)
            found = self._page(page, page_id, known, joined, lines)
            if found:
                kept.append(self._kept(page, page_id, joined))
            told.extend(found)
        if kept:
            self.db.execute(insert(PAGE), kept)
        copy_rows(self.db, RECORD_CHANGE, [column.name for column in RECORD_CHANGE.columns], lines)
        return told

    def _page(
        self,
        page: _Page,
        page_id: int,
        known: dict[str, Known],
        joined: dict[str, bytes],
        lines: list[tuple[object, ...]],
    ) -> list[Told]:
        told, reading = [], page.reading
        for record in page.records:
            extra = joined.get(record.source_key)
            content_hash = record.hash if extra is None else _with(record.hash, extra)
            means = disposition(content_hash, record.version, known.get(record.source_key))
            lines.append(
                (self.connection.id, reading.resource, record.source_key, reading.unit_id, reading.school_year,
                 content_hash, record.version, record.event, None, page_id, record.ordinal, self.mapping,
                 self.batch_id, means)
            )  # fmt: skip
            if means in TAKEN_UP:
                content = {**record.content, **orjson.loads(extra or b"{}")}
                told.append(Told(record.source_key, record.event, record.version, reading.school_year, content))
        return told

    def _kept(self, page: _Page, page_id: int, joined: dict[str, bytes]) -> dict[str, object]:
        squeeze = zstandard.ZstdCompressor(level=3).compress
        own = {r.source_key: orjson.loads(joined[r.source_key]) for r in page.records if r.source_key in joined}
        return dict(
            page_id=page_id,
            batch_id=self.batch_id,
            connection_id=self.connection.id,
            resource=page.reading.resource,
            unit_id=page.reading.unit_id,
            school_year=page.reading.school_year,
            body=squeeze(page.body),
            joined=squeeze(orjson.dumps(own)) if own else None,
            received_at=dt.datetime.now(dt.UTC),
        )

    def _joined(self, resource: Resource) -> dict[str, bytes]:
        """What the lookups add to each record, as JSON by source key."""
        added: dict[str, dict[str, object]] = {}
        for name, (lookup, path) in resource.joins.items():
            # What one lookup has added, the next one may be asked by.
            wanted = {r.source_key: find({**r.content, **added.get(r.source_key, {})}, path)
                      for page in self._pages for r in page.records}  # fmt: skip
            # Of a key that is told twice the first word by the alphabet: each night the same one.
            query = (
                select(LOOKUP.c.key, LOOKUP.c.value)
                .where(
                    LOOKUP.c.batch_id == self.batch_id,
                    LOOKUP.c.resource == lookup,
                    LOOKUP.c.key == func.any(bindparam("keys", type_=ARRAY(Text))),
                )
                .order_by(LOOKUP.c.key, LOOKUP.c.value.cast(Text).desc())
            )
            keys = list({str(key) for key in wanted.values() if key is not None})
            values = {row.key: row.value for row in self.db.execute(query, {"keys": keys})}
            for source_key, key in wanted.items():
                added.setdefault(source_key, {})[name] = values.get(str(key))
        return {key: orjson.dumps(value, option=orjson.OPT_SORT_KEYS) for key, value in added.items()}


def normalize(
    database: Database, site: Site, connection: Connection, batch_id: int, resource: Resource, told: list[Told]
) -> None:
    """Translate a chunk of records and COPY it into normalized.<entity>; not committed."""
    assert resource.entity is not None
    frame = speak(told, connection.kind, resource, connection.keys, site.catalogue.uncollected(resource.entity))
    recode(frame, connection.classes)
    if wrong := mistyped(entity(resource.entity), frame):
        raise TypeError(f"{connection.kind.system}, {resource.path}: {', '.join(wrong)} not of the declared type")
    frame["connection_id"], frame["batch_id"] = connection.id, batch_id
    table = NORMALIZED[resource.entity]
    own = {"unit_id"} if resource.claim is None else set[str]()
    told_of = {*resource.fields, *own, *(set(frame.columns) - set(entity(resource.entity).field_names))}
    names = [column.name for column in table.columns if column.name in told_of]
    copy_rows(database, table, names, zip(*(frame[name].tolist() for name in names), strict=True))


def _with(content_hash: bytes, joined: bytes) -> bytes:
    return blake2b(content_hash + joined, digest_size=16).digest()

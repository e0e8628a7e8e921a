"""Pull one connection: pages to landing's change set, new and changed records on to normalized, in bounded chunks.

connection -> landing.page, landing.record_change, ops.scope, normalized.<entity>

What does not belong here: judging and publishing (admit.py). Each chunk is committed; nothing is published by it.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import orjson
import pandas as pd
import zstandard
from sqlalchemy import Connection as Database
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from edu_pipeline.contracts.frames import mistyped
from edu_pipeline.contracts.memory import HEADCOUNT, LOOKUP, PAGE, RECORD_CHANGE, SCOPE
from edu_pipeline.contracts.tables import NORMALIZED
from edu_pipeline.landing.client import Client
from edu_pipeline.landing.errors import Malformed
from edu_pipeline.landing.mark import TAKEN_UP, Known, disposition, known_rows
from edu_pipeline.landing.paging import pages
from edu_pipeline.landing.read import Reading, Received, readings, received
from edu_pipeline.landing.redact import redacted, uncollected_paths
from edu_pipeline.normalize.clean import Words, clean
from edu_pipeline.normalize.speak import Told, speak
from edu_pipeline.schema import entity
from edu_pipeline.sources.paths import find
from edu_pipeline.sources.site import Connection, Site, Year
from edu_pipeline.sources.system import COUNTED, Resource
from edu_pipeline.storage.copy import copy_rows

_PAGES_PER_BATCH = 10_000_000


@dataclass
class Pull:
    """One connection's pull in progress."""

    db: Database
    client: Client
    batch_id: int
    day: dt.date
    years: tuple[Year, ...]
    site: Site
    chunk_rows: int
    on_progress: Callable[[str], None] = lambda message: None
    page_count: int = 0

    @property
    def connection(self) -> Connection:
        return self.client.connection

    @cached_property
    def mapping(self) -> str:
        return self.site.mapping(self.connection, self.day)

    def run(self) -> None:
        """Read every resource of the connection. Raises PullError; what is committed then is never published."""
        by_use: dict[str, list[str]] = {"lookup": [], "records": list(self.connection.kind.records()), "headcount": []}
        for name, resource in self.connection.kind.resources.items():
            if resource.use != "records":
                by_use[resource.use].append(name)
        for name in by_use["lookup"]:
            self._lookup(name)
        for name in by_use["records"]:
            self._records(name)
        for name in by_use["headcount"]:
            self._headcount(name)

    def _readings(self, name: str) -> Iterator[Reading]:
        return readings(self.connection, name, self.years, self.day)

    def _resource(self, name: str) -> Resource:
        return self.connection.kind.resources[name]

    def _lookup(self, name: str) -> None:
        resource = self._resource(name)
        for reading in self._readings(name):
            for page in pages(self.client, resource, reading.params, reading.place):
                rows = (
                    (
                        self.batch_id,
                        name,
                        str(find(record, resource.key or "")),
                        orjson.dumps({path: find(record, path) for path in resource.keep}).decode(),
                    )
                    for record in page.records
                )
                copy_rows(self.db, LOOKUP, ("batch_id", "resource", "key", "value"), rows)
        self.db.commit()

    def _headcount(self, name: str) -> None:
        resource = self._resource(name)
        for reading in self._readings(name):
            for page in pages(self.client, resource, reading.params, reading.place):
                for record in page.records:
                    counted_on, count = self._counted(resource, record, reading.place)
                    row = dict(connection_id=self.connection.id, unit_id=reading.unit_id, term=reading.term,
                               school_year=reading.school_year, counted_on=counted_on, student_count=count,
                               basis="declared", batch_id=self.batch_id)  # fmt: skip
                    self._upsert_headcount(row)
        self.db.commit()

    def _counted(self, resource: Resource, record: dict[str, Any], place: str) -> list[Any]:
        """Day and number of pupils as a headcount says them."""
        cleaned = [
            clean(pd.Series([find(record, mapped.paths[0])], dtype=object), mapped.clean, Words()).values.iloc[0]
            for mapped in (resource.fields[name] for name in COUNTED)
        ]
        if None in cleaned:
            raise Malformed(self.connection.id, place, "a headcount without day or number", "ask the vendor")
        return cleaned

    def _upsert_headcount(self, row: dict[str, object]) -> None:
        statement = upsert(HEADCOUNT).values(row)
        changed = {name: statement.excluded[name] for name in ("counted_on", "student_count", "basis", "batch_id")}
        self.db.execute(
            statement.on_conflict_do_update(
                index_elements=[c.name for c in HEADCOUNT.primary_key],
                set_=changed,
                where=HEADCOUNT.c.student_count.is_distinct_from(statement.excluded.student_count)
                | HEADCOUNT.c.counted_on.is_distinct_from(statement.excluded.counted_on),
            )
        )

    def _records(self, name: str) -> None:
        resource = self._resource(name)
        chunk: list[Told] = []
        seen: set[str] = set()
        unit = None
        for reading in self._readings(name):
            if reading.unit_id != unit:
                # One unit's years follow one another: a record of two years is taken once, in its newest reading.
                seen, unit = set(), reading.unit_id
            self._read(reading, resource, seen, chunk)
            if len(chunk) >= self.chunk_rows:
                self._flush(resource, chunk)
        self._flush(resource, chunk)

    def _read(self, reading: Reading, resource: Resource, seen: set[str], chunk: list[Told]) -> None:
        declared, total, distinct, page_count, nameless = None, 0, 0, 0, 0
        here: set[str] = set()
        unwanted = uncollected_paths(resource, self.site.catalogue.uncollected(resource.entity or ""))
        for whole in pages(self.client, resource, reading.params, reading.place):
            page = redacted(whole, resource, unwanted)
            declared = page.declared if page.declared is not None else declared
            found, without_key = received(page, self.connection.kind, 0)
            nameless += without_key
            total += len(page.records)
            page_count += 1
            here.update(record.source_key for record in found)
            fresh = []
            for record in found:
                if record.source_key not in seen:
                    seen.add(record.source_key)
                    fresh.append(record)
            chunk.extend(self._land(reading, resource, page.body, fresh))
            if len(chunk) >= self.chunk_rows:
                self._flush(resource, chunk)
        distinct = len(here)
        fault = None
        if nameless:
            fault = f"{nameless} records without a key"
        elif declared is not None and distinct != declared:
            fault = f"declared {declared}, received {distinct} distinct"
        elif declared is None and distinct != total:
            fault = f"{total - distinct} records came twice: rows shifted while reading"
        self.db.execute(
            insert(SCOPE).values(
                batch_id=self.batch_id,
                connection_id=self.connection.id,
                resource=reading.resource,
                entity=resource.entity,
                unit_id=reading.unit_id,
                school_year=reading.school_year,
                declared_count=declared,
                received_count=total,
                distinct_count=distinct,
                page_count=page_count,
                is_complete=fault is None and declared is not None,
                fault=fault,
            )
        )
        self.db.commit()
        self.on_progress(f"{self.connection.id}: {reading.place}: {total} records{', ' + fault if fault else ''}")

    def _land(self, reading: Reading, resource: Resource, body: bytes, found: list[Received]) -> list[Told]:
        """Write a page's lines into the change set; return the records that have to be understood (again)."""
        assert resource.entity is not None
        keys = [record.source_key for record in found]
        query = known_rows(self.connection.id, reading.resource, resource.entity, self.mapping)
        known = {row.source_key: Known(*row[1:]) for row in self.db.execute(query, {"keys": keys})}
        joined = self._join(resource, found)
        page_id = self.batch_id * _PAGES_PER_BATCH + self.page_count
        told, lines = [], []
        for record in found:
            content_hash = (
                record.hash if record.source_key not in joined else _with(record.hash, joined[record.source_key])
            )
            means = disposition(content_hash, record.version, known.get(record.source_key))
            lines.append(
                (self.connection.id, reading.resource, record.source_key, reading.unit_id, reading.school_year,
                 content_hash, record.version, record.event, None, page_id, record.ordinal, self.mapping, self.batch_id,
                 means)
            )  # fmt: skip
            if means in TAKEN_UP:
                content = {**record.content, **orjson.loads(joined.get(record.source_key, b"{}"))}
                told.append(Told(record.source_key, record.event, record.version, reading.school_year, content))
        if told:
            self._keep_page(page_id, reading, body, joined)
        copy_rows(self.db, RECORD_CHANGE, [column.name for column in RECORD_CHANGE.columns], lines)
        return told

    def _keep_page(self, page_id: int, reading: Reading, body: bytes, joined: dict[str, bytes]) -> None:
        squeeze = zstandard.ZstdCompressor(level=3).compress
        extra = squeeze(orjson.dumps({key: orjson.loads(value) for key, value in joined.items()})) if joined else None
        self.db.execute(
            insert(PAGE).values(
                page_id=page_id,
                batch_id=self.batch_id,
                connection_id=self.connection.id,
                resource=reading.resource,
                unit_id=reading.unit_id,
                school_year=reading.school_year,
                body=squeeze(body),
                joined=extra,
                received_at=dt.datetime.now(dt.UTC),
            )
        )
        self.page_count += 1

    def _join(self, resource: Resource, found: list[Received]) -> dict[str, bytes]:
        """What the lookups add to each record, as JSON by source key."""
        added: dict[str, dict[str, object]] = {}
        for name, (lookup, path) in resource.joins.items():
            wanted = {record.source_key: find(record.content, path) for record in found}
            query = select(LOOKUP.c.key, LOOKUP.c.value).where(
                LOOKUP.c.batch_id == self.batch_id,
                LOOKUP.c.resource == lookup,
                LOOKUP.c.key.in_({str(key) for key in wanted.values() if key is not None}),
            )
            values = {row.key: row.value for row in self.db.execute(query)}
            for source_key, key in wanted.items():
                added.setdefault(source_key, {})[name] = values.get(str(key))
        return {key: orjson.dumps(value, option=orjson.OPT_SORT_KEYS) for key, value in added.items()}

    def _flush(self, resource: Resource, chunk: list[Told]) -> None:
        if not chunk:
            return
        assert resource.entity is not None
        normalize(self.db, self.site, self.connection, self.batch_id, resource, chunk)
        chunk.clear()


def normalize(
    database: Database, site: Site, connection: Connection, batch_id: int, resource: Resource, told: list[Told]
) -> None:
    """Translate a chunk of records and COPY it into normalized.<entity>; committed, not published."""
    assert resource.entity is not None
    units = {link.key or link.unit: link.unit for link in connection.units}
    frame = speak(told, connection.kind, resource, units, site.catalogue.uncollected(resource.entity))
    if wrong := mistyped(entity(resource.entity), frame):
        raise TypeError(f"{connection.kind.system}, {resource.path}: {', '.join(wrong)} not of the declared type")
    frame["connection_id"], frame["batch_id"] = connection.id, batch_id
    table = NORMALIZED[resource.entity]
    told_of = {*resource.fields, *(set(frame.columns) - set(entity(resource.entity).field_names))}
    names = [column.name for column in table.columns if column.name in told_of]
    copy_rows(database, table, names, zip(*(frame[name].tolist() for name in names), strict=True))
    database.commit()


def _with(content_hash: bytes, joined: bytes) -> bytes:
    return blake2b(content_hash + joined, digest_size=16).digest()

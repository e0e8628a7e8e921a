"""Pull one connection: pages to landing's change set, new and changed records on to normalized, in bounded chunks.

connection -> lookups, headcounts, and pages of records (chunk.py writes them)

What does not belong here: judging and publishing (admit.py). Each chunk is committed; nothing is published by it.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
import pandas as pd
from sqlalchemy import Connection as Database
from sqlalchemy.dialects.postgresql import insert as upsert

from edu_pipeline.contracts.memory import HEADCOUNT, LOOKUP
from edu_pipeline.flow.chunk import Chunk
from edu_pipeline.landing.client import Client
from edu_pipeline.landing.errors import Malformed
from edu_pipeline.landing.paging import pages
from edu_pipeline.landing.read import Reading, readings, received
from edu_pipeline.landing.redact import redacted, uncollected_paths
from edu_pipeline.normalize.clean import Words, clean
from edu_pipeline.settings import settings
from edu_pipeline.sources.paths import find
from edu_pipeline.sources.site import Connection, Site, Year
from edu_pipeline.sources.system import COUNTED, Resource
from edu_pipeline.sources.window import silent
from edu_pipeline.storage.copy import copy_rows


class Silenced(RuntimeError):
    """A window began in which nobody may ask: what came before it is not used."""


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

    @property
    def connection(self) -> Connection:
        return self.client.connection

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

    @cached_property
    def _chunk(self) -> Chunk:
        mapping = self.site.mapping(self.connection, self.day)
        return Chunk(self.db, self.connection, self.batch_id, mapping, self.site, self.chunk_rows)

    def _readings(self, name: str) -> Iterator[Reading]:
        for reading in readings(self.connection, name, self.years, self.day):
            # Asked anew each time: hours of silence may begin while a city is being read.
            if silent(self.connection.windows, "", now := settings().now()):
                raise Silenced(self.connection.id)
            if not silent(self.connection.windows, reading.unit_id, now):
                yield reading

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
        seen: set[str] = set()
        unit, total = None, 0
        for reading in self._readings(name):
            if reading.unit_id != unit:
                # One unit's years follow one another: a record of two years is taken once, in its newest reading.
                seen, unit = set(), reading.unit_id
            total += self._read(reading, resource, seen)
        self._chunk.write(resource)
        # Once a resource: a line for each of a city's readings costs more than the reading.
        self.on_progress(f"{self.connection.id}: {name}: {total} records")

    def _read(self, reading: Reading, resource: Resource, seen: set[str]) -> int:
        declared, total, page_count, nameless = None, 0, 0, 0
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
            self._chunk.add(reading, page.body, fresh)
            if self._chunk.is_full:
                self._chunk.write(resource)
        fault = _fault(declared, total, len(here), nameless)
        self._chunk.end(reading, resource, declared_count=declared, received_count=total, distinct_count=len(here),
                        page_count=page_count, is_complete=fault is None and declared is not None,
                        fault=fault)  # fmt: skip
        if fault:
            self.on_progress(f"{self.connection.id}: {reading.place}: {fault}")
        return total


def _fault(declared: int | None, total: int, distinct: int, nameless: int) -> str | None:
    """Why what came cannot be the whole of a reading, from the data alone; None where nothing speaks against it."""
    if nameless:
        return f"{nameless} records without a key"
    if declared is not None and distinct != declared:
        return f"declared {declared}, received {distinct} distinct"
    if declared is None and distinct != total:
        return f"{total - distinct} records came twice: rows shifted while reading"
    return None

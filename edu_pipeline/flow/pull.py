"""Pull one connection: pages to landing's change set, new and changed records on to normalized, in bounded chunks.

connection -> lookups, headcounts, heads' words, and pages of records (chunk.py writes them)

What does not belong here: judging and publishing (admit.py). Each chunk is committed; nothing is published by it.
"""

import datetime as dt
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property, partial

import orjson
from sqlalchemy import Connection as Database
from sqlalchemy import func, select

from edu_pipeline.contracts.memory import LOOKUP, RECORD_CHANGE, SCOPE
from edu_pipeline.flow.chunk import Chunk
from edu_pipeline.flow.headcount import head
from edu_pipeline.flow.resume import Done
from edu_pipeline.flow.word import Heard
from edu_pipeline.landing.ahead import Feed, ahead
from edu_pipeline.landing.client import Clients
from edu_pipeline.landing.each import each
from edu_pipeline.landing.errors import Absent, PullError, Unauthorized
from edu_pipeline.landing.look import Look, strays_of
from edu_pipeline.landing.paging import Pages, pages
from edu_pipeline.landing.publish import standing
from edu_pipeline.landing.read import Reading, readings
from edu_pipeline.landing.redact import redacted, uncollected_paths
from edu_pipeline.landing.watermark import Marks, clock, since
from edu_pipeline.settings import settings
from edu_pipeline.sources.paths import find, key
from edu_pipeline.sources.resource import Resource
from edu_pipeline.sources.site import Connection, Site, Year
from edu_pipeline.sources.window import silent
from edu_pipeline.storage.copy import copy_rows

# Readings in a row that fail before the system is left for the night; second looks that a night has time for.
MAX_FAILING, MAX_SECOND_LOOKS = 3, 1000
# Units in a row, the first ones, for which a system has no words of heads before nobody else is asked.
MAX_ABSENT = 3


class Silenced(RuntimeError):
    """A window began in which nobody may ask: what came before it is not used."""


@dataclass
class Pull:
    """One connection's pull in progress."""

    db: Database
    clients: Clients
    batch_id: int
    day: dt.date
    years: tuple[Year, ...]
    site: Site
    chunk_rows: int
    on_progress: Callable[[str], None] = lambda message: None
    # Only these, if any are named: of nothing else can a record be missed then.
    units: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    # From where on changes alone are asked for; what a run that broke off has read already.
    marks: Marks = field(default_factory=dict)
    done: Done = field(default_factory=Done)
    # Readings that failed, each with why; those that came, and those that failed since the last one that did.
    faults: list[str] = field(default_factory=list)
    # What heads of unit have said: judged when the batch is admitted.
    heard: Heard = field(default_factory=Heard)
    _came: int = 0
    _failing: int = 0
    _last: PullError | None = None
    _looks: int = 0
    # Keys of resources by each of whose records another one is asked, and whether they are all of them.
    _keys: dict[str, tuple[list[str], bool]] = field(default_factory=dict)

    @property
    def connection(self) -> Connection:
        return self.clients.connection

    def run(self) -> None:
        """Read every resource of the connection; a reading that fails is the fault of that reading.

        Raises PullError where the system as a whole does not answer; what is committed then is never published.
        """
        of_entities = [name for name, resource in self.connection.kind.records().items()
                       if not self.entities or resource.entity in self.entities]  # fmt: skip
        by_use: dict[str, list[str]] = {"lookup": [], "records": of_entities, "headcount": [],
                                        "confirmation": []}  # fmt: skip
        for name, resource in self.connection.kind.resources.items():
            if resource.use != "records":
                by_use[resource.use].append(name)
        for name in by_use["lookup"]:
            self._lookup(name)
        for name in by_use["records"]:
            self._records(name)
        # A headcount is kept as it comes: of a connection on trial it would count.
        for name in by_use["headcount"] if self.connection.answers else ():
            self._headcount(name)
        for name in by_use["confirmation"] if self.connection.answers else ():
            self._confirmations(name)
        if self._last and not self._came:
            raise self._last

    @cached_property
    def _chunk(self) -> Chunk:
        mapping = self.site.mapping(self.connection, self.day)
        return Chunk(self.db, self.connection, self.batch_id, mapping, self.site, self.chunk_rows, self.done.next_page)

    def _readings(self, name: str) -> Iterator[Reading]:
        years = [year.school_year for year in self.years]
        for reading in readings(self.connection, name, self.years, self.day):
            if self.units and reading.unit_id and reading.unit_id not in self.units:
                continue
            if (reading.resource, reading.unit_id, reading.school_year) in self.done.places:
                if name in self._askers:
                    self._keys[name] = self._known(name)
                self._answered()
                continue
            # Asked anew each time: hours of silence may begin while a city is being read.
            if silent(self.connection.windows, "", now := settings().now()):
                raise Silenced(self.connection.id)
            if not silent(self.connection.windows, reading.unit_id, now):
                yield since(reading, self.connection, self.marks, years)

    @cached_property
    def _askers(self) -> frozenset[str]:
        return frozenset(r.each.of for r in self.connection.kind.resources.values() if r.each)

    def _known(self, name: str) -> tuple[list[str], bool]:
        """Keys that a run which broke off has brought of a resource by which others are asked, and whether all."""
        said, scope = RECORD_CHANGE.c, SCOPE.c
        keys = select(said.source_key).where(said.batch_id == self.batch_id, said.resource == name)
        is_whole = select(func.bool_and(scope.is_complete)).where(
            scope.batch_id == self.batch_id, scope.resource == name
        )
        found = sorted(self.db.scalars(keys)), bool(self.db.scalar(is_whole))
        self.db.commit()  # no transaction stays open while a vendor is asked
        return found

    def _resource(self, name: str) -> Resource:
        return self.connection.kind.resources[name]

    def _lookup(self, name: str) -> None:
        resource, keys = self._resource(name), list[str]()
        for reading in self._readings(name):
            for page in self._ask(resource, reading):
                told = [(key(record, self.connection.kind.key(resource)) or "", record) for record in page.records]
                rows = (
                    (self.batch_id, name, found, orjson.dumps({p: find(record, p) for p in resource.keep}).decode())
                    for found, record in told
                )
                copy_rows(self.db, LOOKUP, ("batch_id", "resource", "key", "value"), rows)
                keys += [found for found, _ in told if found and name in self._askers]
        self._keys[name] = list(dict.fromkeys(keys)), True
        self.db.commit()

    def _headcount(self, name: str) -> None:
        resource = self._resource(name)
        with closing(self._ahead(name)) as feeds:
            for feed in feeds:
                try:
                    # All pages first: one that is left untaken would hold up the readings behind it.
                    told = [record for page in feed.pages() for record in page.records]
                    rows = [head(self.connection.id, self.batch_id, feed.reading, resource, row) for row in told]
                except PullError as error:
                    self.faults.append(f"{feed.reading.place}: {self._confined(error)}")
                    continue
                self._answered()
                for row in rows:
                    self.db.execute(row)
        self.db.commit()

    def _confirmations(self, name: str) -> None:
        """What heads say; a system that has no such resource is found out, and is no fault of the night."""
        resource = self._resource(name)
        with closing(self._ahead(name)) as feeds:
            for feed in feeds:
                try:
                    self.heard.take(self.connection, resource, feed.reading, list(feed.pages()))
                    self._answered()
                except Absent:
                    self.heard.offers[feed.reading.unit_id, feed.reading.school_year] = False
                    if len(self.heard.offers) >= MAX_ABSENT and not any(self.heard.offers.values()):
                        self.heard.is_given_up = True
                        return
                except PullError as error:
                    self.faults.append(f"{feed.reading.place}: {self._confined(error)}")

    def _records(self, name: str) -> None:
        resource = self._resource(name)
        self._chunk.mapping = self.site.mapping(self.connection, self.day, resource)
        seen: set[str] = set()
        unit, total = None, 0
        try:
            with closing(self._ahead(name)) as feeds:
                for feed in feeds:
                    if feed.reading.unit_id != unit:
                        # One unit's years follow one another: a record of two years is taken once, in its newest one.
                        seen, unit = self._brought(feed.reading), feed.reading.unit_id
                    total += self._read(feed, resource, seen)
        except PullError:
            # What came whole until then is not asked for again by the run that goes on.
            self._chunk.write(resource)
            raise
        self._chunk.write(resource)
        # Once a resource: a line for each of a city's readings costs more than the reading.
        self.on_progress(f"{self.connection.id}: {name}: {total} records")

    def _brought(self, reading: Reading) -> set[str]:
        """Keys that a run which broke off has brought of a unit."""
        if (reading.resource, reading.unit_id) not in self.done.units:
            return set()
        said = RECORD_CHANGE.c
        query = select(said.source_key).where(
            said.batch_id == self.batch_id, said.resource == reading.resource, said.unit_id == reading.unit_id
        )
        return set(self.db.execute(query).scalars())

    def _ahead(self, name: str) -> Generator[Feed, None, None]:
        return ahead(self._readings(name), partial(self._ask, self._resource(name)), self.connection.limits.parallel)

    def _ask(self, resource: Resource, reading: Reading) -> Pages:
        with self.clients.one() as client:
            if resource.each is None:
                return (yield from pages(client, resource, reading.params, reading.place))
            keys, is_whole = self._keys.get(resource.each.of, ([], False))
            fault = yield from each(client, resource, reading.params, reading.place, keys)
            return fault or (None if is_whole else f"not all {resource.each.of} are known")

    def _read(self, feed: Feed, resource: Resource, seen: set[str]) -> int:
        reading = feed.reading
        look = self._look(feed.pages(), reading, resource, seen)
        is_doubtful = look.is_shifted or self._misses(look, reading, seen)
        if is_doubtful and self._looks >= MAX_SECOND_LOOKS:
            look.shrunk = look.shrunk or "somebody known is missing, and the night has no second look left"
        elif is_doubtful:
            # Rows move while they are read, and those that slipped through are there at a second look. What has come
            # stays; the second look alone says whether it is all.
            self._looks += 1
            again = self._look(self._ask(resource, reading), reading, resource, seen)
            fresh = look.fresh + again.fresh
            look = look if again.failed and look.fault else again
            look.fresh = fresh
        if not look.failed:
            self._answered()
        is_proven = look.declared is not None or self.connection.kind.paging.ends_whole
        if reading.resource in self._askers:
            self._keys[reading.resource] = sorted(look.keys), look.fault is None and is_proven
        self._chunk.end(reading, resource, declared_count=look.declared, received_count=look.total,
                        distinct_count=len(look.keys), page_count=look.page_count,
                        is_complete=look.fault is None and is_proven, fault=look.fault,
                        since=reading.since, told_at=clock(look.told_at), line_count=look.fresh)  # fmt: skip
        if look.fault:
            self.on_progress(f"{self.connection.id}: {reading.place}: {look.fault}")
        return look.total

    def _misses(self, look: Look, reading: Reading, seen: set[str]) -> bool:
        """Whether somebody known is not on several pages that seem whole: one row that leaves while another comes moves
        the rows between them to where they are not read, and no total says so.
        """
        if look.page_count < 2 or look.fault or look.declared is None or reading.since:
            return False
        query = standing(self.connection.id, reading.resource, reading.unit_id, reading.school_year)
        is_missing = any(key not in seen for key in self.db.scalars(query.execution_options(yield_per=10_000)))
        self.db.commit()  # no transaction stays open while a vendor is asked
        return is_missing

    def _look(self, told: Pages, reading: Reading, resource: Resource, seen: set[str]) -> Look:
        """Take the pages of a reading, each record once; a reading that fails keeps what has come until then."""
        unwanted = uncollected_paths(resource, self.site.catalogue.uncollected(resource.entity or ""))
        look = Look(strays_of(self.connection, resource, reading))
        while True:
            try:
                page = redacted(next(told), resource, unwanted, self.connection.kind.timezone)
            except StopIteration as end:
                look.circle = end.value
                return look
            except PullError as error:
                look.failed = self._confined(error)
                return look
            fresh = []
            for record in look.take(page, self.connection.kind, self.connection.kind.key(resource)):
                if record.source_key not in seen:
                    seen.add(record.source_key)
                    fresh.append(record)
            look.fresh += len(fresh)
            self._chunk.add(reading, page.body, fresh)
            if self._chunk.is_full:
                self._chunk.write(resource)

    def _confined(self, error: PullError) -> str:
        """What to say of a reading that failed; raises the error where it is the system that fails."""
        self._failing += 1
        # Nobody is asked a city's thousand times over for what no reading gets.
        if isinstance(error, Unauthorized) or self._failing >= MAX_FAILING:
            raise error
        self._last = error
        return f"{error.cause}. Remedy: {error.remedy}"

    def _answered(self) -> None:
        self._came += 1
        self._failing = 0

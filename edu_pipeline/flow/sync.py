"""A night's first half: pull every due connection, admit what passes, and say what did not.

site -> pull (bounded parallelism) -> admit, the registry before the schools -> Outcome per connection

What does not belong here: merging into master (publish.py); Dagster (defs). One connection's failure is its own.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from sqlalchemy import Connection as Database
from sqlalchemy import delete, insert, select, text, update

from edu_pipeline.contracts.memory import AUTHORITY, BATCH
from edu_pipeline.contracts.tables import NORMALIZED, VALIDATED_CHANGE
from edu_pipeline.flow import batch as batches
from edu_pipeline.flow.admit import Admission, admit
from edu_pipeline.flow.calendar import load_calendar
from edu_pipeline.flow.pull import Pull
from edu_pipeline.landing.client import Client
from edu_pipeline.landing.errors import PullError
from edu_pipeline.landing.publish import purge
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.site import Connection, Site
from edu_pipeline.storage.engine import engine, url
from edu_pipeline.validate.resolve import Scope


@dataclass
class Outcome:
    """What came of one connection: an error, or an admission with its verdicts and terms."""

    connection_id: str
    batch_id: int
    error: str | None = None
    admission: Admission | None = None
    seconds: float = 0.0
    scopes: list[str] = field(default_factory=list)

    @property
    def failure(self) -> str | None:
        """Why the connection's night is not whole; None if it is."""
        if self.error:
            return self.error
        closed = self.admission.closed if self.admission else []
        said = [f"{v.room}.{v.entity}: {', '.join(v.failed)}" for v in closed]
        return "; ".join([*said, *self.scopes]) or None


def fingerprint(connection: Connection) -> str:
    """What the understanding of a record depends on; when it changes, all are taken up again."""
    return connection.kind.fingerprint


def sync(
    run_id: str,
    only: Sequence[str] | None = None,
    on_progress: Callable[[str], None] = lambda message: None,
    config: Settings | None = None,
) -> Iterator[Outcome]:
    """Sync the due connections (all, or those named) and yield each outcome as it is known. Raises ConfigurationError."""
    config = config or settings()
    site = sites.load(config.site_dir)
    chosen = [c for c in site.connections if only is None or c.id in only]
    for name in only or ():
        site.connection(name)
    for connection in chosen:
        for secret in connection.secret_names:
            config.secret(secret)
    prepare(site, config.today())
    for is_registry in (True, False):
        group = [c for c in chosen if c.kind.is_registry == is_registry]
        yield from _group(group, site, run_id, on_progress, config)


def _group(
    group: list[Connection], site: Site, run_id: str, on_progress: Callable[[str], None], config: Settings
) -> Iterator[Outcome]:
    if not group:
        return
    with ThreadPoolExecutor(config.pull_parallelism) as pool:
        pulls: list[Future[Outcome]] = [pool.submit(_pull, c, site, run_id, on_progress, config) for c in group]
        for future in as_completed(pulls):
            outcome = future.result()
            if outcome.error is None:
                _admit(outcome, site.connection(outcome.connection_id), config)
            yield outcome


def _pull(
    connection: Connection, site: Site, run_id: str, on_progress: Callable[[str], None], config: Settings
) -> Outcome:
    began = dt.datetime.now(dt.UTC)
    with engine().connect() as database:
        mapping = fingerprint(connection)
        batch_id = batches.start(database, connection.id, run_id, config.today(), mapping)
        _clear(database, connection.id, batch_id)
        outcome = Outcome(connection.id, batch_id)
        try:
            client = Client(connection, config.secret)
            Pull(database, client, batch_id, config.today(), site, config.chunk_rows, mapping, on_progress).run()
            outcome.scopes = _incomplete(database, batch_id)
            batches.finish(database, batch_id, "landed")
        except PullError as error:
            database.rollback()
            outcome.error = str(error)
            batches.finish(database, batch_id, "failed", str(error))
        database.commit()
    outcome.seconds = (dt.datetime.now(dt.UTC) - began).total_seconds()
    return outcome


def _admit(outcome: Outcome, connection: Connection, config: Settings) -> None:
    with engine().connect() as database:
        scope = Scope(outcome.batch_id, connection.id, config.today())
        # Tables just filled have no statistics: a nested loop over them is the planner's worst guess.
        database.execute(text("SET enable_nestloop = off"))
        try:
            outcome.admission = admit(database, url(config=config), connection, scope)
        except Exception as error:
            database.rollback()
            outcome.error = f"{connection.id}: {type(error).__name__}: {str(error).splitlines()[0][:300]}"
            batches.finish(database, outcome.batch_id, "failed", outcome.error)
        database.execute(text("RESET enable_nestloop"))
        database.commit()


def prepare(site: Site, as_of: dt.date) -> None:
    """Write down what the site's configuration says: the calendar and who is authority for which unit."""
    with engine().begin() as database:
        _same_city(database, site)
        load_calendar(database, site)
        known = {
            row.unit_id: (row.connection_id, row.unit_key, row.valid_from)
            for row in database.execute(select(AUTHORITY).where(AUTHORITY.c.valid_to.is_(None)))
        }
        wanted = {link.unit: (c.id, link.key or link.unit) for c in site.connections for link in c.units}
        for unit_id, (connection_id, key, valid_from) in known.items():
            if wanted.get(unit_id) != (connection_id, key):
                database.execute(
                    update(AUTHORITY)
                    .where(AUTHORITY.c.unit_id == unit_id, AUTHORITY.c.valid_from == valid_from)
                    .values(valid_to=as_of)
                )
        fresh = [
            dict(unit_id=unit_id, entity="*", valid_from=as_of, connection_id=said[0], unit_key=said[1])
            for unit_id, said in wanted.items()
            if known.get(unit_id, ("", "", None))[:2] != said
        ]
        if fresh:
            database.execute(insert(AUTHORITY), fresh)


class OtherCity(RuntimeError):
    """The database holds another city's units than the site configures."""


def _same_city(database: Database, site: Site) -> None:
    held = database.execute(text("SELECT name FROM ops.city")).scalar()
    if held is None:
        database.execute(text("INSERT INTO ops.city (name) VALUES (:name)"), {"name": site.city})
    elif held != site.city:
        raise OtherCity(f"the database holds city {held!r}, the site is {site.city!r}: use another database")


def _clear(database: Database, connection_id: str, batch_id: int) -> None:
    """Take away what earlier batches of the connection left in transit, a killed one's too."""
    for statement in purge(connection_id, batch_id):
        database.execute(statement)
    for table in (*NORMALIZED.values(), *VALIDATED_CHANGE.values()):
        database.execute(delete(table).where(table.c.connection_id == connection_id))
    database.execute(
        update(BATCH)
        .where(BATCH.c.connection_id == connection_id, BATCH.c.batch_id < batch_id,
               BATCH.c.status.in_(("pulling", "landed")))
        .values(status="failed", error="interrupted")
    )  # fmt: skip
    database.commit()


def _incomplete(database: Database, batch_id: int) -> list[str]:
    rows = database.execute(
        text("SELECT resource, unit_id, school_year, fault FROM ops.scope WHERE batch_id = :batch"
             " AND NOT is_complete ORDER BY 1, 2, 3"), {"batch": batch_id}
    )  # fmt: skip
    return [
        f"landing.{row.resource}, unit {row.unit_id or '*'}, year {row.school_year}: {row.fault or 'no total declared'};"
        " used for additions, not for removals"
        for row in rows
    ]

"""A night's first half: pull every due connection, admit what passes, and say what did not.

site -> pull (bounded parallelism) -> admit, the registry before the schools -> Outcome per connection

What does not belong here: merging into master (publish.py); Dagster (defs). One connection's failure is its own.
"""

import datetime as dt
import hashlib
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow import approval as approvals
from edu_pipeline.flow import baseline, heads, lock, resume
from edu_pipeline.flow import batch as batches
from edu_pipeline.flow import hold as holds
from edu_pipeline.flow.admit import admit
from edu_pipeline.flow.approval import NotApproved
from edu_pipeline.flow.batch import Unbalanced
from edu_pipeline.flow.configure import configure
from edu_pipeline.flow.order import Order, Outcome
from edu_pipeline.flow.pull import Pull, Silenced
from edu_pipeline.flow.reread import reopen, reread
from edu_pipeline.flow.trial import try_out
from edu_pipeline.gate.judge import GateBroken
from edu_pipeline.gate.verdict import GateClosed
from edu_pipeline.landing.client import Clients
from edu_pipeline.landing.errors import PullError
from edu_pipeline.landing.pace import Paces
from edu_pipeline.landing.watermark import marks
from edu_pipeline.schema import entity
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.connection import Stage
from edu_pipeline.sources.site import Connection, Site, Year
from edu_pipeline.sources.window import silent
from edu_pipeline.storage.engine import engine
from edu_pipeline.storage.migrate import require
from edu_pipeline.validate.resolve import Scope


@dataclass(frozen=True)
class _Run:
    run_id: str
    site: Site
    order: Order
    on_progress: Callable[[str], None]
    config: Settings
    paces: Paces

    @property
    def years(self) -> tuple[Year, ...]:
        """The school years that are read."""
        return tuple(map(self.site.year, self.order.years)) or self.site.readable_years(self.config.today())

    def asked(self, connection: Connection) -> dict[str, Any] | None:
        """What a run that broke off must have been asked for too, to be gone on with; None: it is not.

        Of whom it was asked counts as well: what another server or another key told is not what this one would tell.
        """
        if self.order.from_landing:
            return None
        said = connection.model_dump_json(include={"base_url", "stage", "units", "incremental"})
        return {"years": [year.school_year for year in self.years], "units": sorted(self.order.units),
                "entities": sorted(self.order.entities), "named": self.order.is_named,
                "of": hashlib.sha256(said.encode()).hexdigest()[:12]}  # fmt: skip


def sync(
    run_id: str,
    order: Order | None = None,
    on_progress: Callable[[str], None] = lambda message: None,
    config: Settings | None = None,
) -> Iterator[Outcome]:
    """Sync the due connections and yield each outcome as it is known.

    Raises before anything starts: ConfigurationError, KeyError (unknown connection or year, missing secret),
    SchemaMismatch, OtherCity.
    """
    config, order = config or settings(), order or Order()
    site = sites.load(config.site_dir)
    chosen = _chosen(site, order, config.today())
    for year in order.years:
        site.year(year)
    for connection in chosen:
        for secret in connection.secret_names if order.from_landing or connection.is_due(config.today()) else ():
            config.secret(secret)
    with engine().connect() as database:
        require(database)
    configure(site, config.today(), config.site_dir)
    run = _Run(run_id, site, order, on_progress, config, Paces(chosen, site.hosts))
    with lock.reading([connection.id for connection in chosen]) as mine:
        for connection in chosen:
            if connection.id not in mine:
                yield Outcome(connection.id, 0, f"{connection.id}: another run reads it; wait until that is done")
        yield from _night([connection for connection in chosen if connection.id in mine], run)


def _chosen(site: Site, order: Order, day: dt.date) -> list[Connection]:
    """The connections of an order. KeyError for a name that nobody has, or a unit that nobody answers for."""
    named = [site.connection(name) for name in order.connections] or list(site.connections)
    for name in order.entities:
        entity(name)
    if not order.units:
        return named
    answering = [(link.unit, connection) for connection in named for link in connection.links_on(day)]
    if unknown := set(order.units) - {unit for unit, _ in answering}:
        raise KeyError(f"no connection asked for answers for unit {', '.join(sorted(unknown))}: see connections.yaml")
    return list({connection.id: connection for unit, connection in answering if unit in order.units}.values())


def _night(chosen: list[Connection], run: _Run) -> Iterator[Outcome]:
    """Pull all side by side; admit one after another, the registry first: who a record is about is known by then."""
    day = run.config.today()
    cut = [] if run.order.from_landing else [c for c in chosen if approvals.is_cut_off(run.site, c, day)]
    for connection in cut:
        # What was decided is no failure of a night, but whoever asks for it by name is told.
        said = approvals.refusal(run.site, connection, day) or ""
        is_named = connection.id in run.order.connections
        yield Outcome(connection.id, 0, said if is_named else None, warnings=[] if is_named else [said])
    idle = [] if run.order.from_landing else [c for c in chosen if c not in cut and not c.is_due(day)]
    for connection in idle:
        yield Outcome(connection.id, 0, skipped=connection.rests(day))
    chosen = [connection for connection in chosen if connection not in cut and connection not in idle]
    first = [c for c in chosen if c.kind.is_registry]
    then = [c for c in chosen if not c.kind.is_registry]
    with ThreadPoolExecutor(run.config.pull_parallelism) as pool:
        pulls: dict[str, Future[Outcome]] = {c.id: pool.submit(_pull, c, run) for c in (*first, *then)}
        for group in (first, then):
            for future in as_completed([pulls[c.id] for c in group]):
                outcome = future.result()
                if outcome.error is None and outcome.skipped is None:
                    connection = run.site.connection(outcome.connection_id)
                    _judged(outcome, _try_out if connection.stage is Stage.TRIAL else _admit, connection, run)
                yield outcome


def _pull(connection: Connection, run: _Run) -> Outcome:
    try:
        return _pulled(connection, run)
    except Exception as error:
        # Not even that a batch cannot begin is the others' fault.
        return Outcome(connection.id, 0, _said(connection.id, error))


def _pulled(connection: Connection, run: _Run) -> Outcome:
    began, config = dt.datetime.now(dt.UTC), run.config
    if not run.order.from_landing and (window := silent(connection.windows, "", config.now())):
        return Outcome(connection.id, 0, skipped=window.said)
    with engine().connect() as database:
        mapping = run.site.mapping(connection, config.today())
        batch_id, done = resume.begin(database, connection, mapping, run.run_id, config.today(), run.asked(connection))
        outcome = Outcome(connection.id, batch_id, notes=_silent_units(connection, run))
        if done.places:
            outcome.notes.append(f"went on where a run broke off: {len(done.places)} readings were there already")
        if said := approvals.warning(run.site, connection, config.today()):
            outcome.warnings.append(said)
        try:
            if run.order.from_landing:
                reread(database, connection, batch_id, config.today(), config.chunk_rows, run.site)
            else:
                # What lies at landing may be read again; a system is asked only if it is approved.
                approvals.require(run.site, connection, config.today())
                clients = Clients(connection, config.secret, run.paces)
                # Who asks for something by name wants to see it, and not what changed since last night.
                found = {} if run.order.is_named else marks(database, connection, mapping, config.today())
                pull = Pull(database, clients, batch_id, config.today(), run.years, run.site, config.chunk_rows,
                            run.on_progress, run.order.units, run.order.entities, found, done)  # fmt: skip
                pull.run()
                if found:
                    reopen(database, connection, batch_id, config.today(), config.chunk_rows, run.site)
                outcome.scopes, outcome.heard = pull.faults, pull.heard
            outcome.scopes += _incomplete(database, batch_id)
            batches.finish(database, batch_id, "landed")
        except Silenced:
            database.rollback()
            window = silent(connection.windows, "", config.now())
            outcome.skipped = window.said if window else "not asked: a window began and ended while it was read"
            batches.finish(database, batch_id, "skipped", outcome.skipped)
        except Exception as error:
            # One connection's failure is its own, whatever it is: the others' night goes on.
            database.rollback()
            outcome.error = str(error) if isinstance(error, PullError | NotApproved) else _said(connection.id, error)
            batches.finish(database, batch_id, "failed", outcome.error)
        database.commit()
    outcome.seconds = (dt.datetime.now(dt.UTC) - began).total_seconds()
    return outcome


def _silent_units(connection: Connection, run: _Run) -> list[str]:
    if run.order.from_landing:
        return []
    units = dict.fromkeys(link.unit for link in connection.links_on(run.config.today()))
    found = ((unit, silent(connection.windows, unit, run.config.now())) for unit in units)
    return [f"unit {unit}: {window.said}" for unit, window in found if window]


def _admit(database: Database, outcome: Outcome, connection: Connection, scope: Scope, run: _Run) -> None:
    new = baseline.new(database, run.site, connection, scope.as_of)
    outcome.admission = admit(database, connection, scope, run.site.calendar, new)
    if not run.order.from_landing:
        outcome.notes += heads.keep(database, connection, scope.batch_id, outcome.heard, scope.as_of)
    holds.assign(database, run.site)


def _try_out(database: Database, outcome: Outcome, connection: Connection, scope: Scope, run: _Run) -> None:
    years = [year.school_year for year in run.years]
    outcome.notes.append(try_out(database, connection, scope, years, outcome.scopes))


def _judged(outcome: Outcome, how: Callable[..., None], connection: Connection, run: _Run) -> None:
    config = run.config
    with engine().connect() as database:
        scope = Scope(outcome.batch_id, connection.id, config.today())
        # Tables just filled have no statistics: a nested loop over them is the planner's worst guess.
        database.execute(text("SET enable_nestloop = off"))
        try:
            how(database, outcome, connection, scope, run)
        except Exception as error:
            database.rollback()
            outcome.error = _said(connection.id, error)
            batches.finish(database, outcome.batch_id, "failed", outcome.error)
        database.execute(text("RESET enable_nestloop"))
        database.commit()


def _said(connection_id: str, error: Exception) -> str:
    """An unexpected error by kind and place. Its own text is told only where it is ours: others quote values."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "edu_pipeline" in f.filename]
    place = f" at {frames[-1].filename.rpartition('edu_pipeline/')[2]}:{frames[-1].lineno}" if frames else ""
    told = f": {error}" if isinstance(error, GateClosed | GateBroken | Unbalanced) else ""
    return f"{connection_id}: {type(error).__name__}{place}{told}; a fault of the code or the format: report it"


def _incomplete(database: Database, batch_id: int) -> list[str]:
    rows = database.execute(
        text("SELECT resource, unit_id, school_year, fault FROM ops.scope WHERE batch_id = :batch"
             " AND NOT is_complete ORDER BY 1, 2, 3"), {"batch": batch_id}
    )  # fmt: skip
    return [
        f"landing.{row.resource}, unit {row.unit_id or '*'}, year {row.school_year}:"
        f" {row.fault or 'no total declared'};"
        " used for additions, not for removals"
        for row in rows
    ]

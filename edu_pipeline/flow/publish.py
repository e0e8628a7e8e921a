"""A night's second half: merge every admitted batch into master, and account for every person.

validated -> master.<entity>_change -> gate -> master, history; ops.person_state

What does not belong here: pulling and admitting (sync.py), the warehouse (warehouse.py).
"""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import Connection as Database
from sqlalchemy import and_, func, literal, select, text

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.memory import PERSON_STATE_CHANGE
from edu_pipeline.contracts.tables import MASTER, MASTER_CHANGE, VALIDATED
from edu_pipeline.flow import baseline, identity, term
from edu_pipeline.flow import batch as batches
from edu_pipeline.flow import hold as holds
from edu_pipeline.flow.admit import judge
from edu_pipeline.flow.authority import pass_on
from edu_pipeline.flow.batch import Hold
from edu_pipeline.flow.confirm import confirm
from edu_pipeline.flow.lock import city
from edu_pipeline.flow.reconcile import reconcile_all
from edu_pipeline.flow.step import Rollover
from edu_pipeline.gate.judge import Part
from edu_pipeline.gate.verdict import Verdict, open_gate
from edu_pipeline.master import gate, merge, state
from edu_pipeline.schema import PULLED, Entity
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.site import Site

CITY = "city"

# Nothing points to their rows: what goes can go first, so that a child's old place is free before the new one comes.
CHILDLESS = frozenset(e.name for e in PULLED) - {
    reference.entity for e in PULLED for reference in e.references if reference.required
}


@dataclass
class Publication:
    """What came of a publication: verdicts by entity, counts of changes, states of persons."""

    batch_id: int
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    changes: dict[str, dict[str, int]] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    rollover: Rollover = field(default_factory=lambda: Rollover("reconcile"))

    @property
    def closed(self) -> dict[str, Verdict]:
        return {name: verdict for name, verdict in self.verdicts.items() if not verdict.passed}


class Unaccounted(RuntimeError):
    """Somebody is in no state, or in two: the law of the project is broken. The former states stand."""


def publish(run_id: str, config: Settings | None = None) -> Publication:
    """Merge what is admitted, entity by entity; a closed gate stops its entity only. Raises Unaccounted."""
    config = config or settings()
    site = sites.load(config.site_dir)
    with city() as database:
        batch_id = batches.start(database, CITY, run_id, config.today(), "-")
        # Nobody else is at it: this one holds the city's lock.
        batches.interrupt(database, CITY, batch_id)
        done = Publication(batch_id)
        pass_on(database, site, config.today())
        for declared in PULLED:
            _judge(database, declared, config, done)
        for declared in reversed([e for e in PULLED if e.name not in CHILDLESS]):
            _apply(database, declared, done, "erase")
        for declared in PULLED:
            _balance(database, declared, batch_id)
        _merged(database)
        confirm(database, site, config)
        database.commit()
        reconcile_all(database, batch_id, done.rollover)
        term.prove(database, batch_id, config.today(), done.rollover)
        account(database, site, config, done)
        identity.look(database)
        baseline.propose(database, site, config.today(), batch_id)
        holds.assign(database, site)
        batches.finish(database, batch_id, "merged")
        database.commit()
    return done


def _judge(database: Database, declared: Entity, config: Settings, done: Publication) -> None:
    change = MASTER_CHANGE[declared.name]
    # Parents are written before their children are compared: a child's state is built on them.
    database.execute(text(f"TRUNCATE {change.fullname}"))
    database.execute(merge.differ(declared, config.today()))
    database.commit()
    verdict = judge(database, "master", declared.name, done.batch_id, select(change),
                    gate.parts(declared, config.today()))  # fmt: skip
    done.verdicts[declared.name] = verdict
    closed = [] if verdict.passed else [
        Hold("master", CITY, "", declared.name, ", ".join(verdict.failed), verdict.standing.row_count)
    ]  # fmt: skip
    batches.open_holds(database, "master", CITY, declared.name, closed, done.batch_id)
    rows = database.execute(select(change.c.action, func.count()).group_by(change.c.action)).all()
    done.changes[declared.name] = {row[0]: row[1] for row in rows}
    if verdict.passed:
        if declared.name in CHILDLESS:
            _apply(database, declared, done, "erase")
        _apply(database, declared, done, "write")
    database.commit()


def _apply(database: Database, declared: Entity, done: Publication, step: str) -> None:
    verdict = done.verdicts[declared.name]
    if not verdict.passed or not verdict.standing.row_count:
        return
    open_gate(database, verdict, select(MASTER_CHANGE[declared.name]).subquery(), done.batch_id)
    now = dt.datetime.now(dt.UTC)
    database.execute(merge.write(declared, now) if step == "write" else merge.erase(declared, now))
    database.commit()


def _balance(database: Database, declared: Entity, batch_id: int) -> None:
    """Master's ledger: every admitted row is a master row, gave way to another, or waits for a parent or owner."""
    row, master = VALIDATED[declared.name], MASTER[declared.name]
    live = (row.c.is_present) & (row.c.event != "CANCEL")
    total = database.execute(select(func.count()).select_from(row).where(live)).scalar_one()
    chosen = database.execute(
        select(func.count())
        .select_from(master)
        .join(row, (row.c.connection_id == master.c.connection_id) & (row.c.source_key == master.c.source_key))
        .where(live)
    ).scalar_one()
    same_key = and_(*(row.c[name] == master.c[name] for name in declared.key))
    other = database.execute(
        select(func.count())
        .select_from(row)
        .join(master, same_key)
        .where(live, (row.c.connection_id != master.c.connection_id) | (row.c.source_key != master.c.source_key))
    ).scalar_one()
    batches.write_ledger(
        database,
        batch_id,
        "master",
        declared.name,
        {"received": total, "merged": chosen, "superseded": other, "held": total - chosen - other},
    )


def _merged(database: Database) -> None:
    database.execute(text("UPDATE ops.batch SET status = 'merged' WHERE status = 'admitted'"))


def population(site: Site) -> list[tuple[str, str, str]]:
    """(connection, resource, entity) of every resource that reports persons."""
    return [
        (connection.id, name, resource.entity or "")
        for connection in site.connections
        for name, resource in connection.kind.records().items()
        if resource.entity in ("student", "staff")
    ]


def account(database: Database, site: Site, config: Settings, done: Publication) -> None:
    """Compute everybody's state, judge that it is exactly one, and write the intervals that changed."""
    reported = population(site)
    database.execute(text("TRUNCATE ops.person_state_change"))
    binds = {
        "connections": [row[0] for row in reported],
        "resources": [row[1] for row in reported],
        "entities": [row[2] for row in reported],
    }
    for person in ("student", "staff"):
        own = [row for row in reported if row[2] == person]
        database.execute(
            state.compute(person),
            {"connections": [r[0] for r in own], "resources": [r[1] for r in own], "as_of": config.today()},
        )
    unaccounted = database.execute(state.unaccounted(), binds).all()
    total = database.execute(state.counted(), binds).scalar_one()
    stated = database.execute(select(func.count()).select_from(PERSON_STATE_CHANGE)).scalar_one()
    database.commit()
    counts = select(literal(total).label("persons"), literal(stated).label("states"))
    change = PERSON_STATE_CHANGE
    parts: list[Part] = [
        (counts, [suites.equal("persons", "states", "states_equal_persons")]),
        (select(change.c.connection_id, change.c.entity, change.c.source_key),
         [suites.unique("connection_id", "entity", "source_key")]),
    ]  # fmt: skip
    verdict = judge(database, "ledger", "person", done.batch_id, select(change), parts)
    done.verdicts["person"] = verdict
    if unaccounted or not verdict.passed:
        row = unaccounted[0] if unaccounted else None
        where = f"; the first is {row.connection_id}, {row.entity}, record {row.source_key}" if row else ""
        raise Unaccounted(f"{len(unaccounted)} persons are in no state or in two{where}")
    open_gate(database, verdict, select(change).subquery(), done.batch_id)
    for statement, values in state.publish(dt.datetime.now(dt.UTC)):
        database.execute(statement, values)
    rows = database.execute(select(change.c.state, func.count()).group_by(change.c.state)).all()
    done.states = {row[0]: row[1] for row in rows}
    database.commit()

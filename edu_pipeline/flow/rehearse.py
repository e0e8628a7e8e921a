"""What would come of a batch, without letting it: the statements of an admission in one transaction that is taken back.

committed change set, normalized -> validated as it would be -> counts, comparison with master -> rollback

What does not belong here: reading (pull.py, reread.py), and letting anything through (admit.py). Volume is not judged:
whoever rehearses wants to see it.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.rules import supplied
from edu_pipeline.flow import lock, resume
from edu_pipeline.flow.admit import judge
from edu_pipeline.flow.batch import finish
from edu_pipeline.flow.reread import reread
from edu_pipeline.report import rehearsal
from edu_pipeline.schema import Entity, entity
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.site import Connection
from edu_pipeline.storage.engine import engine
from edu_pipeline.validate import gate as relations
from edu_pipeline.validate import isolate, publish
from edu_pipeline.validate.resolve import Scope

Row = dict[str, Any]


def rehearse(database: Database, connection: Connection, scope: Scope, years: Collection[int] = ()) -> dict[str, Any]:
    """Gates that would close, outcomes that would change, and (where `years` are named) how what would stand compares
    with master.

    Nothing of it stays but the verdicts on normalized. Keys are the source's; no value is told.
    """
    entities = [entity(resource.entity or "") for resource in connection.kind.records().values()]
    unread = dict(_judged(database, entities, scope))
    database.commit()
    # Tables just filled have no statistics: a nested loop over them is the planner's worst guess.
    database.execute(text("SET LOCAL enable_nestloop = off"))
    done: dict[str, Any] = {"closed": {f"normalized.{name}": said for name, said in unread.items()}, "outcomes": []}
    told = {}
    try:
        for declared, resource in zip(entities, connection.kind.records().values(), strict=True):
            told[declared.name] = frozenset(resource.fields) | supplied(declared)
            database.execute(isolate.isolate(declared, scope, told=told[declared.name]))
            database.execute(isolate.hold_units(declared, scope))
            if declared.name in unread:
                database.execute(publish.hold_all(declared, scope))
            elif (database.execute(relations.rejected(declared, scope)).scalar() or 0) > suites.REJECTED_SHARE:
                done["closed"][f"validated.{declared.name}"] = "rejected_share"
                database.execute(publish.close(declared, scope))
            found = database.execute(rehearsal.outcomes(declared, scope.batch_id, scope.connection_id))
            done["outcomes"] += [dict(row._mapping) for row in found]
            # Parents as they would be, for those that hang on them.
            for statement in publish.publish(declared, scope, dt.datetime.now(dt.UTC)):
                database.execute(statement)
        if years:
            units = [link.unit for link in connection.units]
            done |= _compared(database, connection, told, units, years)
    finally:
        database.rollback()
    return done


def _judged(database: Database, entities: Collection[Entity], scope: Scope) -> Iterator[tuple[str, str]]:
    """(entity, what failed) of those that could not be read as a whole."""
    for declared in entities:
        relation = relations.normalized_set(declared, scope)
        verdict = judge(database, "normalized", declared.name, scope.batch_id, relation,
                        relations.normalized_parts(declared, scope))  # fmt: skip
        if not verdict.passed:
            yield declared.name, ", ".join(verdict.failed)


def _compared(
    database: Database,
    connection: Connection,
    told: dict[str, frozenset[str]],
    units: Collection[str],
    years: Collection[int],
) -> dict[str, Any]:
    rows = []
    for name, fields in told.items():
        query = rehearsal.compared(entity(name), connection.id, fields, units, years)
        rows.append({"entity": name, **database.execute(query).mappings().one()})
    by_unit = database.execute(rehearsal.by_unit(connection.id, units, years)).mappings()
    return {"compared": rows, "units": [dict(row) for row in by_unit]}


def preview(connection_ids: Collection[str]) -> Iterator[Row]:
    """How many outcomes a `reprocess` would change, by connection, entity, before, after and rule; counts alone.

    Raises KeyError for an unknown connection, lock.Busy where another run reads one.
    """
    config = settings()
    site, day = sites.load(config.site_dir), config.today()
    chosen = [site.connection(name) for name in connection_ids] or list(site.connections)
    with lock.reading([connection.id for connection in chosen]) as mine, engine().connect() as database:
        if busy := [connection.id for connection in chosen if connection.id not in mine]:
            raise lock.Busy(f"another run reads {', '.join(busy)}; wait until that is done")
        for connection in chosen:
            mapping = site.mapping(connection, day)
            batch_id, _ = resume.begin(database, connection, mapping, f"preview-{uuid.uuid4().hex}", day, None)
            reread(database, connection, batch_id, day, config.chunk_rows, site)
            finish(database, batch_id, "landed")
            done = rehearse(database, connection, Scope(batch_id, connection.id, day))
            finish(database, batch_id, "rehearsed")
            database.commit()
            resume.discard(database, connection.id, batch_id)
            for gate, failed in done["closed"].items():
                yield {"connection": connection.id, "entity": gate, "before": "gate", "after": "closed", "rule": failed,
                       "rows": None, "sample": None}  # fmt: skip
            yield from ({"connection": connection.id, **row} for row in done["outcomes"])

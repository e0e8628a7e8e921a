"""From one connection's committed change sets to validated rows: landing's gate, then each entity's two.

landing.record_change -> landing.record; normalized -> validated, quarantine, waiting

What does not belong here: pulling (pull.py), merging with other connections (publish.py).
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection as Database

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.rules import supplied
from edu_pipeline.contracts.tables import NORMALIZED
from edu_pipeline.flow import batch as batches
from edu_pipeline.flow.allowance import Allowances
from edu_pipeline.flow.baseline import NOBODY, New
from edu_pipeline.flow.batch import Hold
from edu_pipeline.flow.volume import hold_changes, hold_removals
from edu_pipeline.gate.judge import Part, Relation, failures
from edu_pipeline.gate.verdict import Verdict, open_gate, remember, standing
from edu_pipeline.landing import publish as landing
from edu_pipeline.landing import watermark
from edu_pipeline.schema import Entity, entity
from edu_pipeline.sources.calendar import Calendar
from edu_pipeline.sources.site import Connection
from edu_pipeline.validate import gate as relations
from edu_pipeline.validate import isolate, publish
from edu_pipeline.validate.resolve import Scope


@dataclass
class Admission:
    """What came of a batch: verdicts by (room, entity) and the ledger's terms by entity."""

    batch_id: int
    verdicts: list[Verdict] = field(default_factory=list)
    terms: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def closed(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if not verdict.passed]


def judge(database: Database, room: str, name: str, batch_id: int, relation: Relation, parts: list[Part]) -> Verdict:
    """Judge a committed change set. No suite runs on zero rows: there is nothing to judge."""
    stands = standing(database, relation.subquery())
    # GX reads on its own connection: what it judges must be committed.
    database.commit()
    failed = failures(database.engine.url, f"{room}.{name}", parts) if stands.row_count else ()
    verdict = Verdict(room, name, batch_id, not failed, stands, failed)
    if stands.row_count:
        # The verdict stays known even if what follows it fails.
        remember(database, verdict)
        database.commit()
    return verdict


def admit(database: Database, connection: Connection, scope: Scope, calendar: Calendar, new: New = NOBODY) -> Admission:
    """Judge and publish all of a pulled batch. Raises Unbalanced; a closed gate is an outcome, not an error."""
    done = Admission(scope.batch_id)
    resources = {resource.entity: name for name, resource in connection.kind.records().items()}
    if not _land(database, connection, scope, calendar, done, new):
        batches.finish(database, scope.batch_id, "failed", "landing's gate is closed")
        database.commit()
        return done
    for name, resource in resources.items():
        assert name is not None
        told = frozenset(connection.kind.resources[resource].fields) | supplied(entity(name))
        _entity(database, entity(name), resource, scope, done, told, calendar, new)
    if connection.incremental:
        # With the admission or not at all: what was not admitted is asked for again.
        database.execute(watermark.save(), {"batch": scope.batch_id})
    batches.finish(database, scope.batch_id, "admitted")
    database.commit()
    return done


def _land(
    database: Database, connection: Connection, scope: Scope, calendar: Calendar, done: Admission, new: New
) -> bool:
    batch_id, entities = scope.batch_id, {n: r.entity for n, r in connection.kind.records().items()}
    for resource, name in entities.items():
        database.execute(landing.name_units(batch_id, resource, NORMALIZED[name or ""]))
    database.execute(landing.gone(batch_id, connection.id))
    removals = hold_removals(database, connection, scope, calendar, {r: n or "" for r, n in entities.items()}, new)
    done.notes += removals.notes
    for name, found in removals.holds.items():
        staying = {(unit, rule) for entity_, unit, rule in removals.staying if entity_ == name}
        batches.open_holds(database, "landing", connection.id, name, found, batch_id, staying)
    database.commit()
    relation = landing.change_set(batch_id)
    expected = [suites.present("source_key"), suites.unique("resource", "source_key"),
                suites.among("event", ["NEW", "UPDATE", "CANCEL"])]  # fmt: skip
    old = [suites.share_below(suites.SUPERSEDED_SHARE, "superseded_share")]
    parts: list[Part] = [(landing.judged(batch_id), expected), (landing.superseded_share(batch_id), old)]
    verdict = judge(database, "landing", connection.id, batch_id, relation, parts)
    done.verdicts.append(verdict)
    closed = [] if verdict.passed else [
        Hold("landing", connection.id, "", "*", ", ".join(verdict.failed), verdict.standing.row_count)
    ]  # fmt: skip
    batches.open_holds(database, "landing", connection.id, "*", closed, batch_id)
    if verdict.passed:
        open_gate(database, verdict, relation.subquery(), scope.batch_id)
        for statement in landing.publish(batch_id):
            database.execute(statement)
        removals.allowances.spend(database)
    for resource, name in entities.items():
        batches.balance_landing(database, batch_id, name or "", resource)
    database.commit()
    return verdict.passed


def _entity(
    database: Database,
    declared: Entity,
    resource: str,
    scope: Scope,
    done: Admission,
    told: frozenset[str] | None = None,
    calendar: Calendar | None = None,
    new: New = NOBODY,
) -> None:
    relation = relations.normalized_set(declared, scope)
    verdict = judge(database, "normalized", declared.name, scope.batch_id, relation,
                    relations.normalized_parts(declared, scope))  # fmt: skip
    done.verdicts.append(verdict)
    for statement in publish.forget(declared, scope.connection_id, resource):
        database.execute(statement)
    if verdict.passed:
        open_gate(database, verdict, relation.subquery(), scope.batch_id)
    database.execute(isolate.isolate(declared, scope, told=told, resource=resource))
    database.execute(isolate.remove(declared, scope, resource))
    database.execute(isolate.hold_units(declared, scope))
    allowances = Allowances(database, "validated", scope.connection_id, scope.batch_id, scope.as_of)
    changes: list[Hold] = []
    let: set[str] = set()
    if not verdict.passed:
        # What could not be read as a whole is held as a whole; its last good versions stay.
        database.execute(publish.hold_all(declared, scope))
    elif calendar:
        changes, let = hold_changes(database, declared, scope, resource, calendar, allowances, new)
    cause = ", ".join(verdict.failed)
    database.commit()
    change = relations.validated_set(declared, scope)
    verdict = judge(database, "validated", declared.name, scope.batch_id, change,
                    relations.validated_parts(declared, scope, told, let))  # fmt: skip
    done.verdicts.append(verdict)
    cause = cause or ", ".join(verdict.failed) or "rejected_share"
    if verdict.passed:
        allowances.spend(database)
    else:
        database.execute(publish.close(declared, scope))
        verdict = Verdict("validated", declared.name, scope.batch_id, True, standing(database, change.subquery()))
    _publish(database, declared, resource, scope, verdict, done, cause, changes)


def _publish(
    database: Database,
    declared: Entity,
    resource: str,
    scope: Scope,
    verdict: Verdict,
    done: Admission,
    cause: str,
    changes: Sequence[Hold] = (),
) -> None:
    now = dt.datetime.now(dt.UTC)
    open_gate(database, verdict, relations.validated_set(declared, scope).subquery(), scope.batch_id)
    for statement in publish.publish(declared, scope, now):
        database.execute(statement)
    own: Counter[str] = Counter()
    for hold in changes:
        own[hold.unit_id] += hold.row_count
    counted = [(row.unit_id or "", row.row_count) for row in database.execute(publish.held_units(declared, scope))]
    # A unit's changed rows are a question of their own; the others are held for the cause.
    others = [
        Hold("validated", scope.connection_id, unit, declared.name, cause, count - own[unit])
        for unit, count in counted
        if count > own[unit]
    ]
    batches.open_holds(database, "validated", scope.connection_id, declared.name, [*changes, *others], scope.batch_id)
    done.terms[declared.name] = batches.balance(database, scope.batch_id, scope.connection_id, declared, resource)
    database.commit()

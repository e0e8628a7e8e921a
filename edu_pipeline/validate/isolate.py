"""Decide on every candidate row: admitted, quarantined with all failed rules, or waiting for what it lacks.

resolved rows, row rules -> INSERT INTO validated.<entity>_change

A rule on a value that nobody is stopped for takes the value out, or only tells: the finding stays with the row. So does
what an officer has waived, as long as the waiver holds.

What does not belong here: whether the batch as a whole may pass (gate), and applying the change (publish.py).
Order of reasons (docs/decisions.md): a defect first, then the year, then parents, then identity.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Insert,
    Text,
    Update,
    all_,
    and_,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

from edu_pipeline.contracts.memory import RECORD
from edu_pipeline.contracts.rules import Columns, Effect, Rule, key_fields, row_rules
from edu_pipeline.contracts.tables import VALIDATED, VALIDATED_CHANGE, source_columns
from edu_pipeline.contracts.waiver import is_waived
from edu_pipeline.schema import Entity
from edu_pipeline.schema import Scope as Kind
from edu_pipeline.validate import reused
from edu_pipeline.validate.resolve import Scope, resolved

# Above this share of rejected rows a unit's rows are held: the defect is the unit's export, not its pupils'.
HOLD_SHARE, HOLD_ROWS = 0.5, 20


def isolate(
    entity: Entity,
    scope: Scope,
    without: frozenset[str] = frozenset(),
    told: Collection[str] | None = None,
    resource: str | None = None,
) -> Insert:
    """INSERT that fills the change set with one row a candidate. `without` leaves rules out (tests of the gate).

    `told` names the fields that the connection's system fills: rules on an empty column need not be asked. `resource`
    is where landing has the records: what has left it stands in nobody's way.
    """
    row = resolved(entity, scope)
    asked = [r for r in row_rules(entity) if r.id not in without and (told is None or r.field in told or r.is_key)]
    failed = _failed(entity, scope, row.c, asked, without)
    kept = _kept(asked, scope, row.c)
    checked = select(*kept, failed.label("failed_rules"), *_rank(entity, row.c)).cte("checked")
    failed = _with_duplicates(entity, scope, checked.c, without, resource)
    all_failed = _with_reused(entity, scope, checked.c, failed, without)
    judged = select(*(c for c in checked.c if c.name != "failed_rules"), all_failed.label("failed_rules")).cte("judged")
    current = VALIDATED[entity.name]
    names = [column.name for column in source_columns(entity)]
    query = (
        select(
            *(judged.c[name] for name in names),
            _action(entity, judged.c, current.c).label("action"),
            _disposition(judged.c).label("disposition"),
            judged.c.failed_rules,
        )
        .select_from(judged)
        .outerjoin(
            current,
            and_(current.c.connection_id == judged.c.connection_id, current.c.source_key == judged.c.source_key),
        )
    )
    return insert(VALIDATED_CHANGE[entity.name]).from_select([*names, "action", "disposition", "failed_rules"], query)


def remove(entity: Entity, scope: Scope, resource: str) -> Insert:
    """INSERT of the admitted rows whose record has left landing: they leave validated too."""
    current = VALIDATED[entity.name]
    names = [column.name for column in source_columns(entity)]
    gone = exists().where(
        RECORD.c.connection_id == current.c.connection_id,
        RECORD.c.resource == resource,
        RECORD.c.source_key == current.c.source_key,
        RECORD.c.is_present.is_(False),
    )
    columns = [literal(scope.batch_id) if name == "batch_id" else current.c[name] for name in names]
    query = select(*columns, literal("remove"), literal("removed"), cast(array([]), ARRAY(Text))).where(
        current.c.connection_id == scope.connection_id, current.c.is_present, gone
    )
    return insert(VALIDATED_CHANGE[entity.name]).from_select([*names, "action", "disposition", "failed_rules"], query)


def hold_units(entity: Entity, scope: Scope) -> Update:
    """UPDATE that holds all rows of a unit most of whose rows fail: a defect of a school holds that school."""
    change = VALIDATED_CHANGE[entity.name]
    ours = and_(change.c.batch_id == scope.batch_id, change.c.connection_id == scope.connection_id)
    judged = change.c.disposition.in_(("admitted", "quarantined"))
    rejected = func.count().filter(change.c.disposition == "quarantined")
    spoiled = (
        select(change.c.claim_unit_id)
        .where(ours, judged)
        .group_by(change.c.claim_unit_id)
        .having(and_(func.count() >= HOLD_ROWS, rejected > HOLD_SHARE * func.count()))
    )
    return (
        update(change)
        .where(ours, judged, change.c.claim_unit_id.in_(spoiled))
        .values(disposition="held")
    )  # fmt: skip


def _kept(rules: Sequence[Rule], scope: Scope, columns: Columns) -> list[ColumnElement]:
    """The row's columns: values that break a blanking rule are taken out, and what was found stands in `faults`."""
    found: list[ColumnElement] = []
    brought = columns.faults
    spoiled: dict[str, list[ColumnElement[bool]]] = {}
    for rule in rules:
        if rule.effect is Effect.REJECT and not rule.is_waivable:
            continue
        fails, said = rule.fails(columns, scope.as_of), literal(rule.fault)
        if rule.is_waivable:
            # What a waiting row was waived brings along is asked anew: the waiver may be over.
            brought = func.array_remove(brought, said)
            found.append(case((and_(fails, is_waived(rule, columns, scope.as_of)), said)))
            continue
        # A waiting row brings its findings along.
        found.append(case((and_(fails, said != all_(columns.faults)), said)))
        if rule.effect is Effect.BLANK:
            spoiled.setdefault(rule.field, []).append(fails)
    values: dict[str, ColumnElement] = {c.name: c for c in columns}
    for name, fails_any in spoiled.items():
        values[name] = case((or_(*fails_any), null()), else_=values[name])
    if found:
        values["faults"] = func.array_cat(brought, func.array_remove(array(found), None))
    return [value.label(name) for name, value in values.items()]


def _failed(
    entity: Entity, scope: Scope, columns: Columns, rules: Sequence[Rule], without: frozenset[str]
) -> ColumnElement:
    said = func.array_to_string(columns.faults, ",")
    parts: list[ColumnElement] = []
    for rule in rules:
        if rule.effect is not Effect.REJECT:
            continue
        fails = rule.fails(columns, scope.as_of)
        if rule.check == "missing":
            # A value that was there and could not be read is not missing: one cause, one rule, one remedy.
            fails = and_(fails, ~said.regexp_match(f"(^|,){rule.field}:"))
        if rule.is_waivable:
            fails = and_(fails, ~is_waived(rule, columns, scope.as_of))
        parts.append(case((fails, literal(rule.id))))
    found = func.array_remove(array(parts), None)
    fault = func.unnest(columns.faults).table_valued("fault").render_derived("said")
    named = literal(f"{entity.name}.") + func.replace(fault.c.fault, ":", ".")
    # What can be waived was read: its rule says above whether it fails.
    elsewhere = without | {rule.id for rule in rules if rule.is_waivable}
    unreadable = (
        select(func.coalesce(func.array_agg(named), cast(array([]), ARRAY(Text))))
        .where(func.split_part(fault.c.fault, ":", 1).in_(key_fields(entity)), named.not_in(elsewhere))
        .scalar_subquery()
    )
    return func.array_cat(found, unreadable)


def _rank(entity: Entity, columns: Columns) -> list[ColumnElement]:
    key = [columns[name] for name in own_key(entity)]
    window: dict[str, Any] = {"partition_by": [*key, columns.event == "CANCEL"]}
    return [
        func.count().over(**window).label("sharing"),
        func.row_number().over(**window, order_by=[columns.agrees.desc(), columns.source_key]).label("place"),
    ]


def own_key(entity: Entity) -> tuple[str, ...]:
    """Columns by which a connection tells one thing from another."""
    # A person may be in two schools, each of which answers for its own record and for what hangs on it.
    of_person = (entity.identity,) if entity.identity else entity.key
    return ("claim_unit_id", *of_person) if entity.scope is Kind.PERSON and entity.references else entity.key


def _with_duplicates(
    entity: Entity, scope: Scope, columns: Columns, without: frozenset[str], resource: str | None
) -> ColumnElement:
    """Two records of a connection that are one thing by its natural key: one of them would vanish in silence."""
    rule = f"{entity.name}.{entity.identity or entity.key[-1]}.duplicate"
    if rule in without:
        return columns.failed_rules
    current, key = VALIDATED[entity.name].alias("standing"), own_key(entity)
    elsewhere = exists().where(
        current.c.connection_id == scope.connection_id,
        current.c.is_present,
        current.c.event != "CANCEL",
        *(current.c[name] == columns[name] for name in key),
        current.c.source_key != columns.source_key,
        # A record that this batch cancels or misses leaves with it: under its new id the same thing is no second one.
        ~exists().where(
            RECORD.c.connection_id == current.c.connection_id,
            RECORD.c.resource == resource,
            RECORD.c.source_key == current.c.source_key,
            or_(RECORD.c.is_present.is_(False), RECORD.c.event == "CANCEL"),
        ),
    )
    # Of several records with one root id only the one that agrees with the registry is believed.
    in_batch = and_(columns.sharing > 1, or_(columns.place > 1, ~columns.agrees))
    named = and_(*(columns[name].is_not(None) for name in key))
    fails = and_(named, columns.event != "CANCEL", or_(in_batch, elsewhere))
    return case((fails, func.array_append(columns.failed_rules, rule)), else_=columns.failed_rules)


def _with_reused(
    entity: Entity, scope: Scope, columns: Columns, failed: ColumnElement, without: frozenset[str]
) -> ColumnElement:
    """Who agrees with the registry, but stands under a key that means somebody else already."""
    rule = f"{entity.name}.{entity.identity}.{reused.CHECK}"
    if entity.identity is None or rule in without:
        return failed
    fails = and_(columns.event != "CANCEL", columns.agrees, reused.is_reused(entity, scope, columns))
    return case((fails, func.array_append(failed, rule)), else_=failed)


def _disposition(columns: Columns) -> ColumnElement:
    return case(
        (columns.event == "CANCEL", "admitted"),
        (func.cardinality(columns.failed_rules) > 0, "quarantined"),
        (~columns.year_is_open, "waiting_year"),
        (~columns.has_parents, "waiting_parent"),
        (~columns.agrees, "waiting_identity"),
        else_="admitted",
    )


def _action(entity: Entity, columns: Columns, current: Columns) -> ColumnElement:
    compared = (*entity.field_names, *dict.fromkeys(entity.source_keys), "claim_unit_id", "ref_key", "event",
                "faults")  # fmt: skip
    differs = or_(*(columns[name].is_distinct_from(current[name]) for name in compared))
    cancelled = columns.event == "CANCEL"
    return case(
        (current.source_key.is_(None), "insert"),
        (and_(cancelled, current.is_present), "remove"),
        (and_(~cancelled, ~current.is_present), "return"),
        (differs, "update"),
        else_="none",
    )

"""The relations that the gates of normalized and validated read.

normalized.<entity>, validated.<entity>_change -> parts of the suites

What does not belong here: isolating rows (isolate.py), running a suite (gate).
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Float, FromClause, Select, and_, case, cast, func, literal, select, union_all

from edu_pipeline.contracts import rules, suites, waiver
from edu_pipeline.contracts.limits import ENOUGH_ROWS
from edu_pipeline.contracts.reference import unknown_codes
from edu_pipeline.contracts.rules import row_rules
from edu_pipeline.contracts.tables import NORMALIZED, VALIDATED, VALIDATED_CHANGE
from edu_pipeline.gate.judge import Part
from edu_pipeline.schema import Entity, Need
from edu_pipeline.validate import distribution, reused
from edu_pipeline.validate.isolate import own_key
from edu_pipeline.validate.resolve import Scope


def normalized_set(entity: Entity, scope: Scope) -> Select:
    """The relation that normalized's verdict is on: the batch's rows."""
    table = NORMALIZED[entity.name]
    return select(table).where(table.c.batch_id == scope.batch_id, table.c.connection_id == scope.connection_id)


def validated_set(entity: Entity, scope: Scope) -> Select:
    """The relation that validated's verdict is on: the batch's change set."""
    table = VALIDATED_CHANGE[entity.name]
    return select(table).where(table.c.batch_id == scope.batch_id, table.c.connection_id == scope.connection_id)


def normalized_parts(entity: Entity, scope: Scope) -> list[Part]:
    """Each record once; a batch most of which cannot be read is a changed interface, not bad rows."""
    rows = normalized_set(entity, scope).subquery("rows")
    all_rows = rows.alias("all_rows")
    # Not what is optional: no school is stopped for its telephone numbers. But a table that has changed would take a
    # known value from everybody.
    needed = "|".join(["claim_unit_id", *(field.name for field in entity.fields if field.need is not Need.OPTIONAL)])
    is_faulty = func.array_to_string(all_rows.c.faults, ",").regexp_match(f"(^|,)({needed}):")
    # The share stands beside every row: there is none where there are no rows, and one relation is one run.
    share = select(_share(is_faulty)).select_from(all_rows).scalar_subquery()
    expected = [suites.present("source_key"), suites.unique("source_key"),
                suites.among("event", ["NEW", "UPDATE", "CANCEL"]),
                suites.share_below(suites.FAULT_SHARE, "unreadable_share")]  # fmt: skip
    return [(select(rows.c.source_key, rows.c.event, share.label("share")), expected)]


def validated_parts(
    entity: Entity, scope: Scope, told: Collection[str] | None = None, let: Collection[str] = ()
) -> list[Part]:
    """What is admitted follows the declaration, each thing is there once; few rows are rejected, no share moves far.

    `told` names the fields that the connection's system fills; the others are empty and break no rule. `let` names
    units whose shares somebody lets move.
    """
    change = validated_set(entity, scope).subquery("change")
    admitted = and_(change.c.disposition == "admitted", change.c.event != "CANCEL")
    columns = waiver.unwaived(change.c, entity, change.c.faults)
    rows = select(*columns, *unknown_codes(entity, change.c, told)).where(admitted)
    facts: dict[str, tuple[ColumnElement, Any]] = {
        "rejected": (_rejected(change), suites.share_below(suites.REJECTED_SHARE, "rejected_share", "rejected")),
        "repeated": (func.count() - func.count(change.c.source_key.distinct()),
                     suites.none("repeated", "unique(source_key)")),
        "doubled": (_doubled(entity, scope, change), suites.none("doubled", _unique_name(entity))),
    }  # fmt: skip
    for name in distribution.judged(entity):
        facts[f"{name}_shift"] = (
            distribution.farthest(entity, name, scope, let),
            suites.share_below(distribution.BOUNDS[name], f"{name}.{distribution.DISTRIBUTION}", f"{name}_shift"),
        )
    if entity.identity:
        taken_over = func.count().filter(and_(admitted, reused.is_reused(entity, scope, change.c)))
        facts["reused"] = (taken_over, suites.none("reused", f"{entity.identity}.{reused.CHECK}"))
    for rule in row_rules(entity):
        # Rules of one field are expectations on rows; those of several are counted.
        if rule.check in rules.OF_SEVERAL and rule.effect is not rules.Effect.NOTE:
            fails = and_(admitted, rule.fails(change.c, scope.as_of))
            if rule.is_waivable:
                fails = and_(fails, ~waiver.was_waived(rule, change.c.faults))
            broken = func.count().filter(fails)
            name = f"{rule.field}_{rule.check}"
            facts[name] = (broken, suites.none(name, f"{rule.field}.{rule.check}"))
    counted = select(*(fact.label(name) for name, (fact, _) in facts.items())).select_from(change)
    return [
        (rows, [*suites.field_expectations(entity, told), *suites.code_expectations(entity, told)]),
        (counted, [expectation for _, expectation in facts.values()]),
    ]


def rejected(entity: Entity, scope: Scope) -> Select:
    """Query of the share of rows that the batch would have rejected; empty where there are too few for one."""
    return select(_rejected(validated_set(entity, scope).subquery("change")))


def _rejected(change: FromClause) -> ColumnElement[float]:
    is_decided = change.c.disposition.in_(("admitted", "quarantined"))
    return _share(and_(is_decided, change.c.disposition == "quarantined"), is_decided)


def _unique_name(entity: Entity) -> str:
    return f"unique({'+'.join(own_key(entity))})"


def _doubled(entity: Entity, scope: Scope, change: FromClause) -> ColumnElement[int]:
    """How many things would stand twice: admitted rows, and standing ones that the batch does not touch."""
    current, key = VALIDATED[entity.name], own_key(entity)
    told = change.alias("told")
    is_admitted = and_(told.c.disposition == "admitted", told.c.event != "CANCEL")
    touched = select(told.c.source_key)
    untouched = select(*(current.c[name] for name in key)).where(
        current.c.connection_id == scope.connection_id,
        current.c.is_present,
        current.c.event != "CANCEL",
        current.c.source_key.not_in(touched),
    )
    both = union_all(select(*(told.c[name] for name in key)).where(is_admitted), untouched).subquery("both")
    known = and_(*(both.c[name].is_not(None) for name in key))
    twice = select(literal(1)).select_from(both).where(known).group_by(*both.c).having(func.count() > 1).subquery()
    return select(func.count()).select_from(twice).scalar_subquery()


def _share(is_counted: ColumnElement[bool], among: ColumnElement[bool] | None = None) -> ColumnElement[float]:
    """The share of counted rows, NULL where there are too few for one."""
    total = func.count() if among is None else func.count().filter(among)
    share = cast(func.count().filter(is_counted), Float) / func.nullif(total, 0)
    return case((total >= ENOUGH_ROWS, share))

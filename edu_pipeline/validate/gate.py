"""The relations that the gates of normalized and validated read.

normalized.<entity>, validated.<entity>_change -> parts of the suites

What does not belong here: isolating rows (isolate.py), running a suite (gate).
"""

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Float,
    FromClause,
    Select,
    and_,
    case,
    cast,
    func,
    not_,
    select,
    union_all,
)

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.reference import unknown_codes
from edu_pipeline.contracts.rules import EARLIEST_BIRTH, key_fields
from edu_pipeline.contracts.tables import NORMALIZED, VALIDATED, VALIDATED_CHANGE
from edu_pipeline.gate.judge import Part
from edu_pipeline.schema import Entity
from edu_pipeline.validate.resolve import Scope

# A share means something only where there are enough rows for one.
ENOUGH_ROWS = 50


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
    keyed = select(rows.c.source_key, rows.c.event)
    # Only what a row cannot do without: no school is stopped for its telephone numbers.
    needed = "|".join(key_fields(entity))
    is_faulty = func.array_to_string(rows.c.faults, ",").regexp_match(f"(^|,)({needed}):")
    faults = _share(rows, is_faulty, func.count() >= ENOUGH_ROWS)
    return [
        (keyed, [suites.present("source_key"), suites.unique("source_key"),
                 suites.among("event", ["NEW", "UPDATE", "CANCEL"])]),
        (faults, [suites.share_below(suites.FAULT_SHARE, "unreadable_share")]),
    ]  # fmt: skip


def validated_parts(entity: Entity, scope: Scope) -> list[Part]:
    """What is admitted follows the declaration, each root id once a unit; few rows are rejected."""
    change = validated_set(entity, scope).subquery("change")
    admitted = and_(change.c.disposition == "admitted", change.c.event != "CANCEL")
    rows = select(*(change.c[name] for name in entity.field_names)).where(admitted)
    is_decided = change.c.disposition.in_(("admitted", "quarantined"))
    decided = select(change.c.disposition).where(is_decided).subquery("decided")
    rejected = _share(decided, decided.c.disposition == "quarantined", func.count() >= ENOUGH_ROWS)
    found: list[Part] = [
        (rows, suites.field_expectations(entity)),
        (unknown_codes(entity, rows), suites.code_expectations(entity)),
        (rejected, [suites.share_below(suites.REJECTED_SHARE, "rejected_share")]),
        (select(change.c.source_key), [suites.unique("source_key")]),
    ]
    if "birth_date" in entity.field_names:
        # Partial dates are texts, which Great Expectations does not put in order: it is asked for what must not be.
        outside = not_(change.c.birth_date.between(EARLIEST_BIRTH, scope.as_of.isoformat()))
        found.append((select(change.c.source_key).where(admitted, outside),
                      [suites.nothing("birth_date.implausible")]))  # fmt: skip
    if entity.identity:
        found.append((_roots(entity, scope, change, admitted), [suites.unique("claim_unit_id", entity.identity)]))
    return found


def _roots(entity: Entity, scope: Scope, change: FromClause, admitted: ColumnElement[bool]) -> CompoundSelect:
    """(unit, root id) as they would stand: admitted rows, and standing ones that the batch does not touch."""
    current, root = VALIDATED[entity.name], entity.identity or ""
    untouched = select(current.c.claim_unit_id, current.c[root]).where(
        current.c.connection_id == scope.connection_id,
        current.c.is_present,
        current.c.event != "CANCEL",
        current.c.source_key.not_in(select(change.c.source_key)),
    )
    return union_all(select(change.c.claim_unit_id, change.c[root]).where(admitted), untouched)


def _share(rows: FromClause, is_counted: ColumnElement[bool], is_enough: ColumnElement[bool]) -> Select:
    """One row: the share of counted rows, NULL where there are too few for one."""
    share = cast(func.count().filter(is_counted), Float) / func.nullif(func.count(), 0)
    return select(case((is_enough, share)).label("share")).select_from(rows)

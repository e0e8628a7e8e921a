"""Where an officer lets a record be, although it breaks a rule that rejects: to the last day of the waiver.

quality.exemption -> condition on a row; a waived fault stays in the row's `faults`

What does not belong here: entering a waiver (flow/exempt.py), what it takes out of the figures (quality/gain.py).
"""

import datetime as dt

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, exists, false, null, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from edu_pipeline.contracts.quality import EXEMPTION
from edu_pipeline.contracts.rules import Columns, Rule, row_rules
from edu_pipeline.contracts.tables import VALIDATED
from edu_pipeline.schema import Entity

# An upheld contest says that the rule was wrong about the record: the same as a waiver, with a last day too.
_LETS = or_(EXEMPTION.c.kind == "waived", EXEMPTION.c.decision == "upheld")

# Checks that can be waived and that suites know from the declaration too; the others they count (validate/gate.py).
_OF_SUITES = frozenset({"before_begin"})

# A stopped record `q` that an officer has rejected for good, in this version: told otherwise it is judged anew.
REJECTED = """EXISTS (SELECT FROM quality.exemption e WHERE e.kind = 'rejected' AND e.ended_at IS NULL
    AND e.unit_id = q.unit_id AND e.rule = q.entity || '.record.stopped' AND e.record = q.source_key
    AND e.batch_id = q.batch_id)"""


def waivable(entity: Entity) -> tuple[Rule, ...]:
    """Rules of an entity that reject, and that a waiver can take back."""
    return tuple(rule for rule in row_rules(entity) if rule.is_waivable)


def is_waived(rule: Rule, columns: Columns, as_of: dt.date) -> ColumnElement[bool]:
    """Whether a waiver of this rule holds for the row on a day."""
    return exists().where(
        _LETS,
        EXEMPTION.c.rule == rule.id,
        EXEMPTION.c.unit_id == columns.claim_unit_id,
        EXEMPTION.c.record == columns.source_key,
        EXEMPTION.c.ended_at.is_(None),
        EXEMPTION.c.expires_on >= as_of,
    )


def was_waived(rule: Rule, faults: ColumnElement) -> ColumnElement[bool]:
    """Whether a row was admitted by a waiver of the rule: only then does a rule that rejects stand in its faults."""
    return faults.op("@>", is_comparison=True)(cast(array([rule.fault]), ARRAY(Text)))


def unwaived(columns: Columns, entity: Entity, faults: ColumnElement) -> list[ColumnElement]:
    """An entity's fields for a suite, without what a waiver lets be: it judges what nobody has decided on."""
    rules = {rule.field: rule for rule in waivable(entity) if rule.check in _OF_SUITES}
    found = []
    for name in entity.field_names:
        value = columns[name]
        if rule := rules.get(name):
            # First what is at hand: few rows fail, and only of these somebody looks for the faults.
            is_let = and_(rule.fails(columns, dt.date.max), was_waived(rule, faults))
            value = case((is_let, null()), else_=value).label(name)
        found.append(value)
    return found


def let_in(entity: Entity, connection_id: str) -> Select:
    """Query of the source keys that a waiver has let in: they are judged anew every night, because it ends."""
    row, rules = VALIDATED[entity.name], waivable(entity)
    decided = select(EXEMPTION.c.record).where(_LETS, EXEMPTION.c.rule.in_([rule.id for rule in rules]))
    return select(row.c.source_key).where(
        row.c.connection_id == connection_id,
        row.c.source_key.in_(decided),
        or_(false(), *(was_waived(rule, row.c.faults) for rule in rules)),
    )

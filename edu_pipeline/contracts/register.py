"""Which units the register knows on a day, for rows that stand in one or name one.

validated.unit, ops.unit_event, ops.unit_successor -> query of unit codes

What does not belong here: what a unit is (master/unit.py), where its rows go when it ends (validate/follow.py).
"""

import datetime as dt

from sqlalchemy import CompoundSelect, or_, select, union

from edu_pipeline.contracts.memory import UNIT_EVENT, UNIT_SUCCESSOR
from edu_pipeline.contracts.tables import VALIDATED


def known_units(as_of: dt.date) -> CompoundSelect:
    """Query of the registry's units, those that have ended, and the new codes that it does not have yet."""
    unit, event, step = VALIDATED["unit"].alias("known"), UNIT_EVENT, UNIT_SUCCESSOR
    ended = select(event.c.unit_id).where(event.c.is_end, event.c.on_date <= as_of)
    recoded = select(step.c.to_unit).where(
        step.c.kind == "recoded",
        step.c.valid_from <= as_of,
        step.c.from_unit.in_(select(VALIDATED["unit"].c.unit_id)),
    )
    own = select(unit.c.unit_id).where(or_(unit.c.is_present, unit.c.unit_id.in_(ended)))
    return own.union(recoded)


def named_units() -> CompoundSelect:
    """Query of all units that a row may name: the registry's, former ones too, and those that a decision calls."""
    step = UNIT_SUCCESSOR
    return union(
        select(VALIDATED["unit"].c.unit_id),
        select(UNIT_EVENT.c.unit_id),
        select(step.c.to_unit).where(step.c.to_unit.is_not(None)),
    )

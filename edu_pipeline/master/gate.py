"""The relations that master's gate reads: the change set's rows, and the state as it would be.

would_be, master -> parts of the suite

What does not belong here: applying anything (merge.py).
"""

import datetime as dt

from sqlalchemy import ColumnElement, Float, and_, cast, exists, func, select

from edu_pipeline.contracts import suites, waiver
from edu_pipeline.contracts.memory import UNIT_YEAR
from edu_pipeline.contracts.reference import unknown_codes
from edu_pipeline.contracts.tables import MASTER, MASTER_CHANGE, VALIDATED
from edu_pipeline.gate.judge import Part
from edu_pipeline.master.merge import would_be
from edu_pipeline.schema import Entity


def parts(entity: Entity, as_of: dt.date) -> list[Part]:
    """Rows that change follow the declaration; the would-be set keeps its size and puts nobody in two places."""
    change = MASTER_CHANGE[entity.name]
    columns: list[ColumnElement] = [change.c[name] for name in entity.field_names]
    if (told := VALIDATED.get(entity.name)) is not None:
        same = and_(told.c.connection_id == change.c.connection_id, told.c.source_key == change.c.source_key)
        columns = waiver.unwaived(change.c, entity, select(told.c.faults).where(same).scalar_subquery())
    rows = select(*columns, *unknown_codes(entity, change.c)).where(change.c.action != "remove")
    expected = [*suites.field_expectations(entity), *suites.code_expectations(entity), suites.unique(*entity.key)]
    facts: list[ColumnElement] = [_ratio(entity)]
    asked = [suites.ratio_above(suites.SHRINK_SHARE, "volume")]
    if entity.name == "enrollment":
        facts.append(_doubled(entity, as_of))
        asked.append(suites.none("doubled", "one_active_place"))
    return [(rows, expected), (select(*facts), asked)]


def _doubled(entity: Entity, as_of: dt.date) -> ColumnElement[int]:
    state = would_be(entity, as_of).subquery("state")
    active = and_(state.c.kind == "primary", state.c.status == "active", state.c.end_date.is_(None))
    twice = (
        select(state.c.school_year)
        .where(active)
        .group_by(state.c.school_year, state.c.student_id)
        .having(func.count() > 1)
    ).subquery("twice")
    return select(func.count()).select_from(twice).scalar_subquery().label("doubled")


def _ratio(entity: Entity) -> ColumnElement:
    change, current = MASTER_CHANGE[entity.name], MASTER[entity.name]
    before = select(func.count()).select_from(current).scalar_subquery()
    lost = select(func.count()).where(change.c.action == "remove", *_in_open_year(entity)).scalar_subquery()
    gained = select(func.count()).where(change.c.action == "insert").scalar_subquery()
    return func.coalesce(cast(before - lost + gained, Float) / func.nullif(before, 0), 1.0).label("ratio")


def _in_open_year(entity: Entity) -> list[ColumnElement[bool]]:
    # Rows of a year that an undone rollover has shut leave on purpose.
    if not entity.is_yearly:
        return []
    change = MASTER_CHANGE[entity.name]
    return [
        exists().where(
            UNIT_YEAR.c.unit_id == change.c.unit_id,
            UNIT_YEAR.c.school_year == change.c.school_year,
            UNIT_YEAR.c.state != "future",
        )
    ]

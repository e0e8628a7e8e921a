"""A unit most of whose standing rows would be somebody else tomorrow: a mass change is held, additions pass.

validated.<entity>_change, validated.<entity>, landing.record_change, Limits of the season -> held updates

What does not belong here: removals (landing/volume.py), rows that break a rule (isolate.py). Only fields that say who
or where somebody is count; and only what the source has changed: what we understand otherwise is no doing of its. Nor
is it a question that pupils leave a unit which a decision ends, or stand in the one that goes on.
"""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import CTE, ColumnElement, FromClause, Select, Update, and_, exists, func, or_, select, update

from edu_pipeline.contracts.limits import limit
from edu_pipeline.contracts.memory import HOLD, RECORD_CHANGE, UNIT_SUCCESSOR
from edu_pipeline.contracts.tables import VALIDATED, VALIDATED_CHANGE, WAITING
from edu_pipeline.schema import Entity, Need
from edu_pipeline.sources.calendar import Changes
from edu_pipeline.sources.succession import BEGINNING
from edu_pipeline.validate.follow import OWN_CODES, fits
from edu_pipeline.validate.resolve import Scope

MASS_CHANGE = "mass_change"
# So long before a unit ends its pupils are told to go: over a summer.
ANNOUNCED = dt.timedelta(days=60)


def changed(entity: Entity, scope: Scope, resource: str, city: Changes, units: Mapping[str, Changes]) -> Select:
    """Query of (unit_id, changed, known) of units in which more changes than a night may."""
    fresh, row = _changes(entity, scope, resource), VALIDATED[entity.name]
    known = (
        select(row.c.claim_unit_id.label("unit_id"), func.count().label("rows"))
        .where(row.c.connection_id == scope.connection_id, row.c.is_present, row.c.event != "CANCEL")
        .group_by(row.c.claim_unit_id)
        .subquery()
    )
    count = select(fresh.c.unit_id, func.count().label("rows")).group_by(fresh.c.unit_id).subquery()
    return (
        select(count.c.unit_id, count.c.rows.label("changed"), known.c.rows.label("known"))
        .select_from(count.join(known, known.c.unit_id == count.c.unit_id))
        .where(
            count.c.rows > limit("rows", count.c.unit_id, city, units),
            count.c.rows > limit("share", count.c.unit_id, city, units) * known.c.rows,
        )
    )


def hold(entity: Entity, scope: Scope, resource: str, units: Collection[str]) -> Update:
    """UPDATE that holds the changes of units; their last good versions stay, and whatever else came passes."""
    change, fresh = VALIDATED_CHANGE[entity.name], _changes(entity, scope, resource)
    keys = select(fresh.c.source_key).where(fresh.c.unit_id.in_(units))
    return (
        update(change)
        .where(
            change.c.batch_id == scope.batch_id,
            change.c.connection_id == scope.connection_id,
            change.c.source_key.in_(keys),
        )
        .values(disposition="held")
    )


def _changes(entity: Entity, scope: Scope, resource: str) -> CTE:
    """(source_key, unit_id) of rows that would be admitted with another key field, by the unit that they stand in."""
    change, row = VALIDATED_CHANGE[entity.name], VALIDATED[entity.name]
    said, waiting = RECORD_CHANGE, WAITING[entity.name]
    told = exists().where(
        said.c.batch_id == scope.batch_id,
        said.c.resource == resource,
        said.c.source_key == change.c.source_key,
        said.c.disposition == "update",
    )
    # What was held for the same reason comes back as "again": without this the question would answer itself.
    asked = select(HOLD.c.unit_id).where(
        HOLD.c.room == "validated",
        HOLD.c.connection_id == scope.connection_id,
        HOLD.c.entity == entity.name,
        HOLD.c.rule == MASS_CHANGE,
        HOLD.c.closed_at.is_(None),
    )
    was_held = and_(
        row.c.claim_unit_id.in_(asked),
        exists().where(
            waiting.c.connection_id == change.c.connection_id,
            waiting.c.source_key == change.c.source_key,
            waiting.c.reason == "hold",
        ),
    )
    needed = [*(field.name for field in entity.fields if field.need is Need.KEY), "claim_unit_id"]
    return (
        select(change.c.source_key, row.c.claim_unit_id.label("unit_id"))
        .select_from(
            change.join(
                row, and_(row.c.connection_id == change.c.connection_id, row.c.source_key == change.c.source_key)
            )
        )
        .where(
            change.c.batch_id == scope.batch_id,
            change.c.connection_id == scope.connection_id,
            change.c.disposition == "admitted",
            change.c.action == "update",
            or_(*(change.c[name].is_distinct_from(row.c[name]) for name in needed)),
            or_(told, was_held),
            ~_is_decided(entity, scope, change, row, needed),
        )
        .cte("fresh")
    )


def _is_decided(
    entity: Entity, scope: Scope, change: FromClause, row: FromClause, needed: Collection[str]
) -> ColumnElement[bool]:
    """Whether all that changes is what a decision on the unit says: its people leave, or go on under another code."""
    step = UNIT_SUCCESSOR.alias("decided")
    said: list[ColumnElement[bool]] = []
    for name in needed:
        same = change.c[name].is_not_distinct_from(row.c[name])
        if name == "status":
            here = entity.field(name).default
            same = or_(same, and_(row.c[name] == here, change.c[name] != here))
        elif name in ("unit_id", "claim_unit_id"):
            same = or_(same, change.c[name] == step.c.to_unit)
        elif name in OWN_CODES:
            same = or_(same, change.c[name] == row.c[name] + step.c.class_suffix)
        said.append(same)
    place = (row.c.get("grade_level"), row.c.get("class_code"))
    return exists().where(
        step.c.from_unit == row.c.claim_unit_id,
        step.c.to_unit.is_distinct_from(step.c.from_unit),
        step.c.valid_from > BEGINNING,
        step.c.valid_from <= scope.as_of + ANNOUNCED,
        or_(step.c.valid_to.is_(None), step.c.valid_to > scope.as_of),
        *fits(step, *place),
        *said,
    )

"""What a rehearsed batch would change, and how what it would let in compares with what master says.

validated.<entity>_change, validated, quarantine, waiting, master -> counts, the source's keys

What does not belong here: rehearsing (flow/rehearse.py). Never a value of a person: keys and numbers.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, or_, select, true

from edu_pipeline.contracts.rules import Columns
from edu_pipeline.contracts.tables import MASTER, QUARANTINE, VALIDATED, VALIDATED_CHANGE, WAITING
from edu_pipeline.schema import Entity, Scope, entity

_AFTER = {"quarantined": "quarantined", "waiting_year": "waiting for year", "waiting_parent": "waiting for parent",
          "waiting_identity": "waiting for identity", "held": "held", "removed": "removed"}  # fmt: skip


def outcomes(entity: Entity, batch_id: int, connection_id: str) -> Select:
    """Query of (entity, before, after, rule, rows, sample) of rows whose outcome would be another than it is."""
    change, row = VALIDATED_CHANGE[entity.name].c, VALIDATED[entity.name].c
    quarantine, waiting = QUARANTINE[entity.name].c, WAITING[entity.name].c
    before = case(
        (quarantine.source_key.is_not(None), "quarantined"),
        (waiting.reason == "hold", "held"),
        (waiting.source_key.is_not(None), literal("waiting for ") + waiting.reason),
        (row.is_present, "admitted"),
        else_="nothing",
    )
    is_in = and_(change.disposition == "admitted", change.event != "CANCEL")
    after = case(
        (and_(is_in, before == "admitted", change.action == "update"), "admitted otherwise"),
        (is_in, "admitted"),
        (change.disposition == "admitted", "removed"),
        *((change.disposition == said, word) for said, word in _AFTER.items()),
    )
    same = [
        (table.connection_id == change.connection_id) & (table.source_key == change.source_key)
        for table in (row, quarantine, waiting)
    ]
    found = (
        select(
            before.label("before"),
            after.label("after"),
            case((change.disposition == "quarantined", change.failed_rules[1]), else_=null()).label("rule"),
            change.source_key,
        )
        .select_from(VALIDATED_CHANGE[entity.name])
        .outerjoin(VALIDATED[entity.name], same[0])
        .outerjoin(QUARANTINE[entity.name], same[1])
        .outerjoin(WAITING[entity.name], same[2])
        .where(change.batch_id == batch_id, change.connection_id == connection_id)
        .subquery("found")
    )
    place = (found.c.before, found.c.after, found.c.rule)
    return (
        select(literal(entity.name).label("entity"), *place, func.count().label("rows"), _sample(found.c.source_key))
        .where(found.c.before != found.c.after, ~and_(found.c.before == "nothing", found.c.after == "removed"))
        .group_by(*place)
        .order_by(*place)
    )


def _sample(key: ColumnElement[str], among: ColumnElement[bool] | None = None) -> ColumnElement:
    """The first and the last key: an array of them all would be as large as the city."""
    first, last = (end(key) if among is None else end(key).filter(among) for end in (func.min, func.max))
    return func.concat_ws(", ", first, func.nullif(last, first)).label("sample")


def compared(
    entity: Entity, connection_id: str, told: Collection[str], units: Collection[str], years: Collection[int]
) -> Select:
    """Query of one row: same, differs, only_here, only_master, sample of those that differ, and `fields`: by how many
    rows each field differs.

    Rows meet by the natural key. What the system does not tell is not compared; of persons master has the whole
    city's, so who is there and not here says nothing.
    """
    new, old = VALIDATED[entity.name], MASTER[entity.name]
    fields = [name for name in entity.field_names if name not in entity.key and name in told]
    is_unit = entity.scope is Scope.UNIT
    here = select(new).where(new.c.connection_id == connection_id, new.c.is_present, new.c.event != "CANCEL").subquery()
    there = select(old).where(*_of(old.c, entity, units, years)).subquery() if is_unit else select(old).subquery()
    same_key = and_(*(here.c[name] == there.c[name] for name in entity.key))
    differs = {name: here.c[name].is_distinct_from(there.c[name]) for name in fields}
    is_here, is_there = here.c.source_key.is_not(None), there.c[entity.key[0]].is_not(None)
    other = or_(*differs.values()) if differs else ~true()
    both = and_(is_here, is_there)
    facts = {
        "same": and_(both, ~other),
        "differs": and_(both, other),
        "only_here": and_(is_here, ~is_there),
        "only_master": and_(is_there, ~is_here),
    }
    counted = func.jsonb_strip_nulls(
        func.jsonb_build_object(
            *(part for name, by in differs.items()
              for part in (name, func.nullif(func.count().filter(and_(both, by)), 0)))
        )
    )  # fmt: skip
    return select(
        *(func.count().filter(fact).label(name) for name, fact in facts.items()),
        _sample(here.c.source_key, or_(facts["differs"], facts["only_here"])),
        counted.label("fields"),
    ).select_from(here.outerjoin(there, same_key, full=is_unit))


def by_unit(connection_id: str, units: Collection[str], years: Collection[int]) -> Select:
    """Query of (unit, here, master, same, other_class) of places, the units that agree least first."""
    place = entity("enrollment")
    new, old = VALIDATED["enrollment"], MASTER["enrollment"]
    here = select(new).where(
        new.c.connection_id == connection_id, new.c.is_present, new.c.event != "CANCEL"
    ).subquery()  # fmt: skip
    there = select(old).where(*_of(old.c, place, units, years)).subquery()
    same_key = and_(*(here.c[name] == there.c[name] for name in place.key))
    unit = func.coalesce(here.c.unit_id, there.c.unit_id)
    is_here, is_there = here.c.source_key.is_not(None), there.c.unit_id.is_not(None)
    is_same = here.c.class_code == there.c.class_code
    same = func.count().filter(is_same)
    return (
        select(
            unit.label("unit"),
            func.count().filter(is_here).label("here"),
            func.count().filter(is_there).label("master"),
            same.label("same"),
            func.count().filter(and_(is_here, is_there, ~is_same)).label("other_class"),
        )
        .select_from(here.outerjoin(there, same_key, full=True))
        .group_by(unit)
        .order_by((func.count() - same).desc(), unit)
    )


def _of(columns: Columns, entity: Entity, units: Collection[str], years: Collection[int]) -> list[ColumnElement[bool]]:
    found = [columns.unit_id.in_(units)]
    return [*found, columns.school_year.in_(years)] if "school_year" in entity.field_names else found

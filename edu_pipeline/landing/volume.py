"""What a unit loses in a night, against what it stands with: empty, shrunken, or as usual.

landing.record_change, landing.record, ops.scope, Limits of the season -> losses; held removals -> disposition keep

What does not belong here: what is gone at all (publish.py), and who may let it go (flow/allowance.py).
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, Text, Update, case, cast, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY

from edu_pipeline.contracts.limits import limit
from edu_pipeline.contracts.memory import RECORD, RECORD_CHANGE, SCOPE
from edu_pipeline.sources.calendar import Removals

EMPTY, SHRUNKEN = "empty", "shrunken"

Place = tuple[str, str, int]  # resource, unit, school year


def losses(
    batch_id: int, connection_id: str, city: Removals, units: Mapping[str, Removals], anew: Collection[str] = ()
) -> Select:
    """Query of (resource, unit_id, school_year, lost, known, rule) where more is lost than a night may take.

    `city` is what the season of the day lets go, `units` where a unit's level has another one. Nothing left of what
    was known is `empty`, however little that was. What the source itself has cancelled is no loss. `anew`: resources
    that a school year makes anew, where what comes stands for what goes.
    """
    place = ("resource", "unit_id", "school_year")
    known = (
        select(*(RECORD.c[name] for name in place), func.count().label("rows"))
        .where(RECORD.c.connection_id == connection_id, RECORD.c.is_present, RECORD.c.event != "CANCEL")
        .group_by(*(RECORD.c[name] for name in place))
        .subquery()
    )
    said = RECORD_CHANGE.c
    count = (
        select(
            *(said[name] for name in place),
            func.count().filter(said.disposition == "remove", said.event != "CANCEL").label("lost"),
            func.count().filter(said.disposition.not_in(("remove", "keep"))).label("came"),
            func.count().filter(said.disposition == "insert").label("fresh"),
        )
        .where(said.batch_id == batch_id)
        .group_by(*(said[name] for name in place))
        .subquery()
    )
    read = select(SCOPE).where(SCOPE.c.batch_id == batch_id, SCOPE.c.unit_id != "").subquery()
    # A record of two years is counted in the newer one, but the older year's reading has brought it as well.
    shared = func.greatest(func.coalesce(read.c.distinct_count - count.c.came, 0), 0)
    stands = known.c.rows + shared
    replaced = case((count.c.resource.in_(anew), count.c.fresh), else_=0)
    lost = func.greatest(count.c.lost - replaced, 0)
    is_empty = lost >= stands
    is_more = lost > limit("rows", count.c.unit_id, city, units)
    is_larger = lost > limit("share", count.c.unit_id, city, units) * stands
    same = [count.c[name] == known.c[name] for name in place]
    return (
        select(
            *(count.c[name] for name in place),
            count.c.lost,
            stands.label("known"),
            case((is_empty, EMPTY), else_=SHRUNKEN).label("rule"),
        )
        .select_from(
            count.join(known, same[0] & same[1] & same[2]).outerjoin(
                read,
                (read.c.resource == count.c.resource)
                & (read.c.unit_id == count.c.unit_id)
                & (read.c.school_year == count.c.school_year),
            )
        )
        .where(lost > 0, or_(is_empty, is_more & is_larger))
    )


def keep(batch_id: int, places: Sequence[Place]) -> Update:
    """UPDATE that turns the removals of places into kept ones: the hold. What was cancelled may go."""
    said = RECORD_CHANGE.c
    return (
        update(RECORD_CHANGE)
        .where(
            said.batch_id == batch_id,
            said.disposition == "remove",
            said.event != "CANCEL",
            tuple_(said.resource, said.unit_id, said.school_year).in_(places),
        )
        .values(disposition="keep")
    )


def keep_units(batch_id: int, units: Collection[str] | None) -> Update:
    """UPDATE that keeps every removal of units (None: of the whole connection): a window for additions only."""
    said = RECORD_CHANGE.c
    chosen = [] if units is None else [said.unit_id.in_(units)]
    return (
        update(RECORD_CHANGE)
        .where(said.batch_id == batch_id, said.disposition == "remove", *chosen)
        .values(disposition="keep")
        .returning(said.unit_id)
    )  # type: ignore[return-value]


def unread(batch_id: int, resource: str, units: Collection[str]) -> Select:
    """Query of those units whose reading of a resource proves nothing of absence: not asked, or not complete."""
    unit = func.unnest(cast(list(units), ARRAY(Text))).column_valued("unit")
    mine = (SCOPE.c.batch_id == batch_id, SCOPE.c.resource == resource, SCOPE.c.unit_id.in_((unit, "")))
    is_whole = func.bool_and(SCOPE.c.is_complete & SCOPE.c.since.is_(None))
    whole = select(func.coalesce(is_whole, False)).where(*mine).scalar_subquery()
    return select(unit).where(~whole)

"""Volume of a batch, unit by unit: what is too much for the season waits for a person, unless one has let it through.

change sets, calendar, approvals -> kept removals, held changes -> Hold

What does not belong here: the counting itself (landing/volume.py, validate/volume.py), opening holds (batch.py).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection as Database
from sqlalchemy import select

from edu_pipeline.contracts.memory import AUTHORITY, HOLD, UNIT_SUCCESSOR
from edu_pipeline.flow import calendar as seasons
from edu_pipeline.flow.allowance import Allowances
from edu_pipeline.flow.baseline import New
from edu_pipeline.flow.batch import Hold
from edu_pipeline.landing import named
from edu_pipeline.landing import volume as landing
from edu_pipeline.schema import Entity, entity
from edu_pipeline.sources.calendar import Calendar
from edu_pipeline.sources.site import Connection
from edu_pipeline.validate import distribution, ranges
from edu_pipeline.validate import volume as validated
from edu_pipeline.validate.resolve import Scope

# Entities that a school year makes anew: last year's courses go, and this year's come.
ANEW = ("course", "course_enrollment")
OF_REMOVALS = (landing.EMPTY, landing.SHRUNKEN, named.NAMED)


@dataclass
class Kept:
    """What became of a batch's removals: holds by entity, holds (entity, unit, rule) that stay as
    they are, what a window keeps unasked."""

    holds: dict[str, list[Hold]]
    allowances: Allowances
    staying: set[tuple[str, str, str]] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def hold_removals(database: Database, connection: Connection, scope: Scope, calendar: Calendar,
                  entities: Mapping[str, str], new: New) -> Kept:  # fmt: skip
    """Keep the removals of units that lose too much, by (entity, rule) over all years; `entities` by resource.

    Of `new` units there is nothing to compare with yet.
    """
    done = Kept({name: [] for name in entities.values()},
                    Allowances(database, "landing", connection.id, scope.batch_id, scope.as_of))  # fmt: skip
    _keep_windows(database, connection, scope, done)
    _keep_former(database, connection, scope)
    _keep_named(database, connection, scope, done)
    city, units = calendar.removals(scope.as_of), seasons.removals(database, calendar, scope.as_of)
    anew = [resource for resource, name in entities.items() if name in ANEW]
    found: dict[tuple[str, str, str], list] = {}
    for row in database.execute(landing.losses(scope.batch_id, connection.id, city, units, anew)).all():
        found.setdefault((row.unit_id, entities[row.resource], row.rule), []).append(row)
    for (unit, name, rule), rows in found.items():
        lost = sum(row.lost for row in rows)
        # That a school is gone as a whole, no range would notice.
        if unit in new.units and rule != landing.EMPTY:
            continue
        if done.allowances.take(unit, name, rule, lost):
            continue
        places = [(row.resource, row.unit_id, row.school_year) for row in rows]
        database.execute(landing.keep(scope.batch_id, places))
        known = sum(row.known for row in rows)
        done.holds[name].append(Hold("landing", connection.id, unit, name, rule, lost, known))
    _stay(database, connection, scope, entities, done)
    return done


def _keep_windows(database: Database, connection: Connection, scope: Scope, done: Kept) -> None:
    for window in connection.windows:
        if not window.only_adds_on(scope.as_of):
            continue
        kept = Counter(database.execute(landing.keep_units(scope.batch_id, window.units or None)).scalars())
        done.notes += [
            f"unit {unit or '*'}: {count} removals kept, {window.said}" for unit, count in sorted(kept.items())
        ]


def _keep_former(database: Database, connection: Connection, scope: Scope) -> None:
    """A system that is read as a whole may drop a unit that it answers for no more: its silence removes nobody.

    Whose line was taken out without a date, what was known says. What an event sends on to a unit of its own it answers
    for under the new code.
    """
    sent_on = select(UNIT_SUCCESSOR.c.from_unit).where(
        UNIT_SUCCESSOR.c.connection_id == connection.id, UNIT_SUCCESSOR.c.valid_from <= scope.as_of
    )
    known = select(AUTHORITY.c.unit_id).where(
        AUTHORITY.c.connection_id == connection.id, AUTHORITY.c.unit_id.not_in(sent_on)
    )
    former = {link.unit for link in connection.units} | set(database.execute(known).scalars())
    if former := former - {link.unit for link in connection.links_on(scope.as_of)}:
        database.execute(landing.keep_units(scope.batch_id, former))


def _keep_named(database: Database, connection: Connection, scope: Scope, done: Kept) -> None:
    """What is asked for by each of another resource is complete without it, and so a witness of who is still there."""
    resources = connection.kind.records()
    for by, child in resources.items():
        for name, parent in resources.items() if child.each else ():
            declared, other = entity(parent.entity or ""), entity(child.entity or "")
            if not any(one.entity == declared.name and one.key in child.fields for one in other.references):
                continue
            witness = named.Witness(scope.batch_id, name, declared, by, other)
            rows = [row for row in database.execute(witness.named()).all()
                    if not done.allowances.take(row.unit_id, declared.name, named.NAMED, row.rows)]  # fmt: skip
            database.execute(witness.keep([row.unit_id for row in rows]))
            done.holds[declared.name] += [
                Hold("landing", connection.id, row.unit_id, declared.name, named.NAMED, row.rows) for row in rows
            ]


def _stay(database: Database, connection: Connection, scope: Scope, entities: Mapping[str, str], done: Kept) -> None:
    """A question stays where the unit was not read completely: its cause is not gone, only not seen."""
    standing = database.execute(
        select(HOLD).where(HOLD.c.room == "landing", HOLD.c.connection_id == connection.id,
                           HOLD.c.rule.in_(OF_REMOVALS), HOLD.c.closed_at.is_(None))
    ).all()  # fmt: skip
    is_whole = connection.kind.scope != "unit_year"
    linked = {link.unit for link in connection.links_on(scope.as_of)}
    for resource, name in entities.items():
        mine = [row for row in standing if row.entity == name and (is_whole or row.unit_id in linked)]
        if mine:
            asked = landing.unread(scope.batch_id, resource, {row.unit_id for row in mine})
            unread = set(database.execute(asked).scalars())
            done.staying |= {(row.entity, row.unit_id, row.rule) for row in mine if row.unit_id in unread}


def hold_changes(database: Database, declared: Entity, scope: Scope, resource: str, calendar: Calendar,
                 allowances: Allowances, new: New) -> tuple[list[Hold], set[str]]:  # fmt: skip
    """Hold the changes of units in which too much would be somebody or somewhere else; of new ones what cannot be.

    Also: the units whose shares are not judged, because somebody has answered for them or there is nothing to compare.
    """
    city, units = calendar.changes(scope.as_of), seasons.changes(database, calendar, scope.as_of)
    rule, found, answered = validated.MASS_CHANGE, [], set(new.units)
    for row in database.execute(validated.changed(declared, scope, resource, city, units)).all():
        if row.unit_id in new.units:
            continue
        if allowances.take(row.unit_id or "", declared.name, rule, row.changed):
            answered.add(row.unit_id or "")
        else:
            found.append(Hold("validated", scope.connection_id, row.unit_id or "", declared.name, rule, row.changed,
                              row.known))  # fmt: skip
    if found:
        database.execute(validated.hold(declared, scope, resource, [hold.unit_id for hold in found]))
    found += _hold_distribution(database, declared, scope, allowances, answered)
    return [*found, *_hold_ranges(database, declared, scope, allowances, new)], answered


def _hold_distribution(database: Database, declared: Entity, scope: Scope, allowances: Allowances,
                       answered: set[str]) -> list[Hold]:  # fmt: skip
    """Hold what would move the shares of a unit's codes too far; who was let change so many was asked already."""
    if not distribution.judged(declared):
        return []
    rule, found = distribution.DISTRIBUTION, []
    for row in database.execute(distribution.shifted(declared, scope, answered)).all():
        if allowances.take(row.unit_id, declared.name, rule, row.rows):
            answered.add(row.unit_id)
        else:
            found.append(Hold("validated", scope.connection_id, row.unit_id, declared.name, rule, row.rows))
    if found:
        database.execute(ranges.hold(declared, scope, [hold.unit_id for hold in found]))
    return found


def _hold_ranges(database: Database, declared: Entity, scope: Scope, allowances: Allowances, new: New) -> list[Hold]:
    if not (new.units and new.ranges and declared.name in ranges.RANGED):
        return []
    query, binds = ranges.outside(declared, scope, new.ranges, new.units)
    # Whoever has said that a school is that large has said it for as long as the approval lasts.
    found = [
        Hold("validated", scope.connection_id, row.unit_id, declared.name, ranges.RANGE, row.rows, row.known)
        for row in database.execute(query, binds).all()
        if not allowances.stands(row.unit_id, declared.name, ranges.RANGE)
    ]
    if found:
        database.execute(ranges.hold(declared, scope, [hold.unit_id for hold in found]))
    return found

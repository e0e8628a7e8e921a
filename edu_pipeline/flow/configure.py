"""Write down what the site's configuration says: the calendar, unit events, and who is authority for which unit.

Site -> ops.city, ops.authority, ops.unit_event, reference.*, master.school_year, master.term

What does not belong here: reading and checking the configuration (sources/site.py).
"""

import datetime as dt
from pathlib import Path

from sqlalchemy import Connection as Database
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from edu_pipeline.contracts.memory import AUTHORITY
from edu_pipeline.flow.calendar import load_calendar
from edu_pipeline.flow.events import record_events
from edu_pipeline.flow.reference import load_lists
from edu_pipeline.sources.site import Site
from edu_pipeline.sources.succession import BEGINNING
from edu_pipeline.storage.engine import engine


class OtherCity(RuntimeError):
    """The database holds another city's units than the site configures."""


def configure(site: Site, as_of: dt.date, folder: Path) -> None:
    """Bring the database to what the site in `folder` says; unchanged rows are not touched.

    OtherCity if it is another city's; ConfigurationError if one of the folder's code lists cannot be believed.
    """
    with engine().begin() as database:
        _same_city(database, site)
        load_lists(database, folder / "lists", as_of)
        load_calendar(database, site)
        record_events(database, site, as_of)
        _authorities(database, site, as_of)


def _authorities(database: Database, site: Site, as_of: dt.date) -> None:
    """Who answers for a unit today. Of a unit that has ended the last authority stays known: its past is its own."""
    known = {
        row.unit_id: (row.connection_id, row.unit_key, row.valid_from)
        for row in database.execute(select(AUTHORITY).where(AUTHORITY.c.valid_to.is_(None)))
    }
    ends = {event.unit: event.date for event in site.events if event.is_end and event.date <= as_of}
    wanted = _wanted(site, as_of)
    for unit_id, (connection_id, key, valid_from) in known.items():
        if wanted.get(unit_id, ("", ""))[:2] != (connection_id, key):
            ended = max(ends.get(unit_id, as_of), valid_from)
            database.execute(
                update(AUTHORITY)
                .where(AUTHORITY.c.unit_id == unit_id, AUTHORITY.c.valid_from == valid_from)
                .values(valid_to=ended)
            )
    fresh = [
        dict(unit_id=unit_id, entity="*", valid_from=as_of, valid_to=None, connection_id=said[0], unit_key=said[1])
        for unit_id, said in wanted.items()
        if known.get(unit_id, ("", "", None))[:2] != said
    ]
    ever = set(database.execute(select(AUTHORITY.c.unit_id)).scalars())
    fresh += [
        dict(unit_id=unit_id, entity="*", valid_from=day, valid_to=day, connection_id=answers, unit_key=unit_id)
        for unit_id, day in ends.items()
        if unit_id not in ever and (answers := site.succession.answers.get(unit_id))
    ]
    if fresh:
        statement = upsert(AUTHORITY).values(fresh)
        changed = {name: statement.excluded[name] for name in ("valid_to", "connection_id", "unit_key")}
        # A second change of mind on one day is the one that counts.
        database.execute(
            statement.on_conflict_do_update(index_elements=["unit_id", "entity", "valid_from"], set_=changed)
        )


def _wanted(site: Site, as_of: dt.date) -> dict[str, tuple[str, str]]:
    """(connection, what it calls the unit) for each unit that somebody answers for on a day."""
    said = {link.unit: (c.id, link.key or link.unit) for c in site.connections for link in c.units}
    standing = [s for s in site.succession.steps if s.since <= as_of and (s.until is None or as_of < s.until)]
    over = {event.unit for event in site.events if event.is_end and event.date <= as_of}
    # Linked by a code that is not there yet: until its day the former code answers.
    over |= {step.unit for step in standing if step.since == BEGINNING}
    found = {unit: link for unit, link in said.items() if unit not in over}
    for step in standing:
        if step.to and step.answers and step.to not in said:
            _, key = said.get(step.unit, ("", step.to))
            found.setdefault(step.to, (step.answers, key))
    return found


def refuse_other(database: Database, city: str) -> None:
    """Raise OtherCity if the database holds units that are not this city's; nothing is written, not even a schema."""
    if database.execute(text("SELECT to_regclass('ops.city')")).scalar() is None:
        return
    held = database.execute(text("SELECT name FROM ops.city")).scalar()
    units = database.execute(text("SELECT count(*) FROM master.unit")).scalar_one()
    if held != city and (held or units):
        raise OtherCity(f"the database holds {units} units of {held or 'no named city'}, not of {city!r}: use another")


def _same_city(database: Database, site: Site) -> None:
    held = database.execute(text("SELECT name FROM ops.city")).scalar()
    if held is None:
        database.execute(text("INSERT INTO ops.city (name) VALUES (:name)"), {"name": site.city})
    elif held != site.city:
        raise OtherCity(f"the database holds city {held!r}, the site is {site.city!r}: use another database")

"""Write down what the site's configuration says: the calendar, and who is authority for which unit.

Site -> ops.city, ops.authority, reference.*, master.school_year, master.term

What does not belong here: reading and checking the configuration (sources/site.py).
"""

import datetime as dt
from pathlib import Path

from sqlalchemy import Connection as Database
from sqlalchemy import insert, select, text, update

from edu_pipeline.contracts.memory import AUTHORITY
from edu_pipeline.flow.calendar import load_calendar
from edu_pipeline.flow.reference import load_lists
from edu_pipeline.sources.site import Site
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
        known = {
            row.unit_id: (row.connection_id, row.unit_key, row.valid_from)
            for row in database.execute(select(AUTHORITY).where(AUTHORITY.c.valid_to.is_(None)))
        }
        wanted = {link.unit: (c.id, link.key or link.unit) for c in site.connections for link in c.units}
        for unit_id, (connection_id, key, valid_from) in known.items():
            if wanted.get(unit_id) != (connection_id, key):
                database.execute(
                    update(AUTHORITY)
                    .where(AUTHORITY.c.unit_id == unit_id, AUTHORITY.c.valid_from == valid_from)
                    .values(valid_to=as_of)
                )
        fresh = [
            dict(unit_id=unit_id, entity="*", valid_from=as_of, connection_id=said[0], unit_key=said[1])
            for unit_id, said in wanted.items()
            if known.get(unit_id, ("", "", None))[:2] != said
        ]
        if fresh:
            database.execute(insert(AUTHORITY), fresh)


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

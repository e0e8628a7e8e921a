"""Write down what the site's configuration says: the calendar, unit events, and who answers for which unit.

Site -> ops.city, ops.authority, ops.unit_event, reference.*, master.school_year, master.term

What does not belong here: reading and checking the configuration (sources/site.py), passing authority on
(authority.py).
"""

import datetime as dt
from pathlib import Path

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow.audit import audited
from edu_pipeline.flow.authority import record_authorities
from edu_pipeline.flow.calendar import load_calendar
from edu_pipeline.flow.events import record_events
from edu_pipeline.flow.reference import load_lists
from edu_pipeline.flow.trial import record_stages
from edu_pipeline.sources.site import Site


class OtherCity(RuntimeError):
    """The database holds another city's units than the site configures."""


def configure(site: Site, as_of: dt.date, folder: Path) -> None:
    """Bring the database to what the site in `folder` says; unchanged rows are not touched.

    OtherCity if it is another city's; ConfigurationError if one of the folder's code lists cannot be believed.
    """
    with audited() as database:
        _same_city(database, site)
        load_lists(database, folder / "lists", as_of)
        load_calendar(database, site)
        record_events(database, site, as_of)
        record_authorities(database, site, as_of)
        record_stages(database, site, as_of)


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

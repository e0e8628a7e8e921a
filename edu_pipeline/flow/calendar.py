"""School years and terms from the site's calendar into master, with history when the calendar changes.

Site.years -> master.school_year, master.term

What does not belong here: the state of a unit's year (year.py).
"""

import datetime as dt

from sqlalchemy import Connection as Database
from sqlalchemy import Table, delete, insert

from edu_pipeline.contracts.tables import MASTER, MASTER_CHANGE
from edu_pipeline.master.merge import write
from edu_pipeline.schema import entity
from edu_pipeline.sources.site import Site


def load_calendar(database: Database, site: Site) -> None:
    """Bring years and terms to what the calendar says; unchanged rows are not touched. The gate is Site's own check."""
    years = [dict(school_year=y.school_year, name=y.label, begin_date=y.begin, end_date=y.end) for y in site.years]
    terms = [
        dict(school_year=y.school_year, term_number=t.term, begin_date=t.begin, end_date=t.end)
        for y in site.years
        for t in y.terms
    ]
    for name, rows in (("school_year", years), ("term", terms)):
        _load(database, name, rows)


def _load(database: Database, name: str, rows: list[dict[str, object]]) -> None:
    target, change = MASTER[name], MASTER_CHANGE[name]
    key = entity(name).key
    standing = {tuple(row[k] for k in key): row for row in _rows(database, target)}
    database.execute(delete(change))
    for row in rows:
        known = standing.get(tuple(row[k] for k in key))
        if known is None or any(known[field] != value for field, value in row.items()):
            database.execute(insert(change).values(**row, action="insert" if known is None else "update"))
    database.execute(write(entity(name), dt.datetime.now(dt.UTC)))
    database.execute(delete(change))


def _rows(database: Database, table: Table) -> list[dict[str, object]]:
    return [dict(row._mapping) for row in database.execute(table.select())]

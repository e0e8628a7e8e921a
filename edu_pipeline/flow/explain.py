"""Explain a pupil, a member of staff, a class or a unit: an audited reading, and nothing is told that was not audited.

key, day -> person.py, school.py -> ops.audit -> heading and story

What does not belong here: what is told (person.py, school.py), how it looks (report/page.py). A key that is not known
is not written down: whoever mistypes may have typed a name.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from edu_pipeline.flow import audit, person, school
from edu_pipeline.flow.calendar import unit_levels
from edu_pipeline.flow.present import Asked, Told
from edu_pipeline.report import explain as statements
from edu_pipeline.settings import CITY_ZONE, Settings, settings
from edu_pipeline.sources import site as sites

KINDS: dict[str, Callable[[Database, Asked], Told | None]] = {
    "student": lambda database, asked: person.told(database, asked, "student"),
    "staff": lambda database, asked: person.told(database, asked, "staff"),
    "class": school.klass,
    "unit": school.unit,
}
_TRY = {
    "student": "give the root id of ten digits, or the record key of a connection, as `edu-pipeline findings --records`"
               " and `edu-pipeline hold list` show them",
    "staff": "give the root id of ten digits, or the record key of a connection",
    "class": "give UNIT:CODE, UNIT:YEAR:CODE (2024 is 2024-2025), or the record key of a connection",
    "unit": "give the unit's code, as `edu-pipeline year status` shows it, or what its connection calls it",
}  # fmt: skip
# Insufficient privilege, and a session that may only read.
_REFUSED = ("42501", "25006")


class NotAudited(RuntimeError):
    """The role may not write that it reads: it is told nothing."""


def explain(
    kind: str, key: str, as_of: dt.date | None = None, is_vi: bool = False, config: Settings | None = None
) -> dict[str, Any]:
    """Heading, what is so now, and story, as it was known at the end of a day (none: now).

    KeyError for a key that nobody was called by, or not yet on that day; NotAudited if the reading cannot be audited.
    """
    config = config or settings()
    site = sites.load(config.site_dir)
    try:
        with audit.audited() as database:
            asked = Asked(key, site, config, as_of, is_vi, unit_levels(database))
            found = KINDS[kind](database, asked)
            audit.record(database, f"explain.{kind}", key=key if found else None,
                         as_of=as_of.isoformat() if as_of else None, known=found is not None)  # fmt: skip
            why = None if found else _unknown(database, kind, asked)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _REFUSED:
            raise
        said = "this database role may not read this and write that it did (ops.audit): nothing is told"
        raise NotAudited(f"{said}; explain as a role that may, such as edu_app ({error.orig})") from error
    if found is None:
        raise KeyError(why)
    return {"kind": kind, "key": key, "as_of": asked.day, "facts": found.facts, "now": found.now,
            "story": found.story}  # fmt: skip


def _unknown(database: Database, kind: str, asked: Asked) -> str:
    """Why a key is not known: the day lies before the first load, or before its own; or nobody was called so."""
    begin = database.execute(text(statements.FIRST_LOAD)).scalar()
    if begin is None:
        return "nothing is known yet: `edu-pipeline pull` reads the systems"
    if asked.at is not None and begin >= asked.at:
        return f"nothing was known on {asked.as_of}: the first load was on {_day(begin)}; ask for that day or later"
    if kind in ("student", "staff"):
        binds = {"entity": kind, "key": asked.key}
        first = database.execute(text(statements.FIRST), binds).scalar()
        if first is not None:
            return f"{asked.key} was not reported yet on {asked.as_of}: first on {_day(first)}; ask for a later day"
    who = "nobody" if kind in ("student", "staff") else f"no {kind}"
    return f"{who} was ever reported as {asked.key}: {_TRY[kind]}"


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(CITY_ZONE).date()

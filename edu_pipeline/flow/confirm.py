"""Who was carried over, and is shown by no school since: until when, and what is to be done.

rollover rows, master, calendar -> rollover.plan.is_confirmed, is_overdue -> lists; the warehouse leaves them uncounted

What does not belong here: when a unit is confirmed (rollover/confirm.py).
"""

from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow.calendar import unit_levels
from edu_pipeline.rollover import confirm as confirming
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.site import Site
from edu_pipeline.storage.engine import engine


def confirm(database: Database, site: Site, config: Settings) -> None:
    """Mark the plans whose units have told the whole new year, and those for which the day of confirmation is over."""
    database.execute(confirming.confirm())
    levels, known = unit_levels(database), {year.school_year for year in site.calendar.years}
    applied = text("SELECT plan_id, unit_id, from_year FROM rollover.plan WHERE status = 'applied'")
    plans = [row for row in database.execute(applied) if row.from_year in known]
    overdue = [config.today() > site.calendar.corrected_until(row.from_year, *levels.get(row.unit_id, ()))
               for row in plans]  # fmt: skip
    database.execute(text(confirming.OVERDUE), {"plans": [row.plan_id for row in plans], "overdue": overdue})


def unconfirmed(from_year: int, unit: str | None = None, config: Settings | None = None) -> list[dict[str, Any]]:
    """Pupils carried over whom no school shows in the new year, with the last day and what to do."""
    config = config or settings()
    calendar, day = sites.load(config.site_dir).calendar, config.today()
    with engine().connect() as database:
        levels = unit_levels(database)
        found = database.execute(text(confirming.UNCONFIRMED), {"year": from_year, "unit": unit}).all()
    rows = []
    for row in found:
        until = calendar.corrected_until(from_year, *levels.get(row.unit, ()))
        late = day > until
        rows.append(
            {"unit": row.unit, "student": row.student, "class": row.class_code, "since": row.since,
             "until": until, "is_late": late, "to_do": _to_do(row.is_confirmed, late)}
        )  # fmt: skip
    return rows


def _to_do(is_confirmed: bool, is_late: bool) -> str:
    told = "the unit's list of the new year is not in as a whole: `edu-pipeline pull`"
    if is_confirmed:
        told = "the unit's complete list lacks the pupil: it enters the place, or reports that the pupil has left"
    return f"{told}; until then the pupil is not counted" if is_late else told

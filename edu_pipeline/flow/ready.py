"""Which units are not ready to have their plan approved, and why not.

site, database -> facts by unit -> reasons by unit

What does not belong here: the reasons themselves (rollover/readiness.py).
"""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.rollover import readiness
from edu_pipeline.sources.site import Site


def not_ready(
    database: Database, site: Site, from_year: int, day: dt.date, units: Mapping[str, int | None]
) -> dict[str, list[str]]:
    """Reasons by unit; ready ones are not in it. `units` is the newest plan's id by unit, None where there is none."""
    tellers = [c.id for c in site.connections if any(r.entity == "result" for r in c.kind.records().values())]
    binds = {"units": list(units), "year": from_year, "plans": [p for p in units.values() if p], "tellers": tellers}
    found = {}
    for fact in database.execute(text(readiness.FACTS), binds):
        if said := list(readiness.reasons(fact, site.policy.of(fact.unit_id, day), day)):
            found[fact.unit_id] = said
    return found

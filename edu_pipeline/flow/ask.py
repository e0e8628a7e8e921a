"""Questions that people and the shell put to the register; each answer is rows of counts, keys and reasons.

report's queries -> rows

What does not belong here: changing anything, and the queries themselves (report).
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import TextClause, text

from edu_pipeline.flow import approval as approving
from edu_pipeline.flow import authority as authorities
from edu_pipeline.flow import baseline as baselines
from edu_pipeline.flow import trial as trials
from edu_pipeline.report import accounts as accounting
from edu_pipeline.report import carry as carries
from edu_pipeline.report import connections as connected
from edu_pipeline.report import findings as finding
from edu_pipeline.report import ledger as ledgers
from edu_pipeline.report import plan as plans
from edu_pipeline.report import standing as standings
from edu_pipeline.report import stopped as stops
from edu_pipeline.report import systems as kinds
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.catalogue import Catalogue
from edu_pipeline.sources.system import of_site
from edu_pipeline.sources.system import systems as packaged
from edu_pipeline.sources.window import silent
from edu_pipeline.sources.year import Year
from edu_pipeline.storage.engine import engine

Row = dict[str, Any]


def rows(query: TextClause, binds: Mapping[str, Any] | None = None) -> list[Row]:
    """Answer of one query."""
    with engine().connect() as database:
        return [dict(row._mapping) for row in database.execute(query, dict(binds or {}))]


def connection_ids() -> list[str]:
    """Ids of the configured connections."""
    return [connection.id for connection in sites.load(settings().site_dir).connections]


def catalogue() -> Catalogue:
    """What the site says of the catalogue; where there is no site, what is assumed."""
    folder = settings().site_dir
    return sites.load(folder).catalogue if (folder / "connections.yaml").is_file() else Catalogue()


def systems(name: str | None = None) -> list[Row]:
    """Kinds of system, the package's and the site's own; of one: entity by entity. KeyError names those there are."""
    folder = settings().site_dir
    own = of_site(folder)
    known = packaged() | own
    if name is None:
        return kinds.listed(known, own)
    if name not in known:
        raise KeyError(f"no system {name!r}; there are {', '.join(known)}")
    return kinds.described(known[name])


def findings(unit: str | None = None, check: str | None = None, by_record: bool = False) -> list[Row]:
    """What was found in admitted rows, by cause or record by record."""
    query = finding.RECORDS if by_record else finding.FINDINGS
    return rows(text(query), {"unit": unit, "check": check, "as_of": settings().today()})


def accounts(unit: str | None = None, by_record: bool = False) -> list[Row]:
    """Accounts of learning-management systems, counted by unit; or which are nobody's, and who has none."""
    query = accounting.RECORDS if by_record else accounting.ACCOUNTS
    return rows(text(query), {"unit": unit, "as_of": settings().today()})


def connections() -> list[Row]:
    """Configured connections with their approval, their last batch and their windows."""
    site, day = sites.load(settings().site_dir), settings().today()
    last = {row["connection_id"]: row for row in rows(text(standings.LAST_BATCH))}
    stages = trials.listed()
    return [
        {"connection": c.id, "system": c.system, "stage": str(c.stage),
         "since": stages.get(c.id, {}).get("since"), "tried_on": stages.get(c.id, {}).get("tried_on"),
         "units": len({link.unit for link in c.links_on(day)}),
         "base_url": c.base_url,
         "owner": c.owner.contact, "approval": approving.said(site.approval(c).standing(day)),
         "status": last.get(c.id, {}).get("status", "never pulled"),
         "finished_at": last.get(c.id, {}).get("finished_at"), "error": last.get(c.id, {}).get("error"),
         "windows": "; ".join(window.said for window in c.windows if window.is_open_on(day))}
        for c in site.connections
    ]  # fmt: skip


def approvals() -> list[Row]:
    """What is decided of each configured connection, and how it stands today."""
    return approving.approvals(sites.load(settings().site_dir), settings().today())


def connection_report(as_of: dt.date | None = None) -> dict[str, Any]:
    """Declared against connected on a day (none: today): sums by kind of unit, lists, progress since a week before."""
    site, day = sites.load(settings().site_dir), as_of or settings().today()
    before = day - dt.timedelta(days=7)
    live, live_before = (
        [c.id for c in site.connections if c.answers and site.approval(c).standing(on).is_read] for on in (day, before)
    )
    try:
        year: Year | None = site.calendar.year_on(day)
    except KeyError:
        year = None
    binds = {"day": day, "as_of": day, "before": before, "live": live, "live_before": live_before,
             "year": year and year.school_year}  # fmt: skip
    due = year and year.at().connection_report
    said: dict[str, Any] = {"as_of": day, "since": before, "due": due, "kinds": rows(text(connected.KINDS), binds)}
    return said | {name: rows(text(query), binds) for name, query in connected.LISTS.values()}


def last_admitted() -> int | None:
    """Newest batch that is admitted and not merged."""
    found = rows(text("SELECT max(batch_id) AS batch FROM ops.batch WHERE status = 'admitted'"))
    return found[0]["batch"]


def closed_in(run_id: str) -> list[str]:
    """Gates that closed in a run, by name."""
    query = text("""SELECT v.room || '.' || v.entity || ': ' || array_to_string(v.failed, ', ') AS said
        FROM ops.verdict v JOIN ops.batch b USING (batch_id) WHERE b.run_id = :run AND NOT v.passed ORDER BY 1""")
    broken = text("SELECT 'unit ' || unit_id || ': ' || fault AS said FROM rollover.balance WHERE NOT is_balanced")
    return [row["said"] for row in (*rows(query, {"run": run_id}), *rows(broken))]


def standing() -> list[Row]:
    """Everything that is closed, held, absent or to be decided now, with what, where, rule, rows."""
    site, day, now = sites.load(settings().site_dir), settings().today(), settings().now()
    # What is cut off is not missed, nor whom nobody may ask now; what is not approved stands here once, by its rule,
    # not as failed or absent too.
    due = [c.id for c in site.connections
           if c.answers and c.is_due(day) and site.approval(c).standing(day).is_read
           and not silent(c.windows, "", now)]  # fmt: skip
    found = rows(text(standings.STANDING), {"connections": due, "as_of": day})
    with engine().connect() as database:
        waiting = list(authorities.standing(database, site, day))
    untried = [{"what": "untried", "where": name, "rule": "live without a trial whose gates all opened", "rows": 0,
                "since": None} for name in trials.untried(site)]  # fmt: skip
    return [*found, *waiting, *untried, *baselines.standing(site), *approving.standing(site, day)]


def stopped() -> list[Row]:
    """Everything that stands stopped, by room, outcome, unit and rule."""
    return rows(text(stops.STOPPED))


def ledger() -> list[Row]:
    """The last ledger of every room, connection and entity."""
    return rows(text(ledgers.LEDGER))


def states() -> list[Row]:
    """Persons by state now: source keys, and persons counted once city-wide."""
    return rows(text(ledgers.STATES))


def to_reconfirm(from_year: int, unit: str | None = None) -> list[Row]:
    """Values that a rollover carried and the unit has to confirm, counted by field."""
    return rows(text(carries.RECONFIRM), {"year": from_year, "unit": unit})


def without_main_post(from_year: int, unit: str | None = None) -> list[Row]:
    """Staff whose second post goes on while the main one does not, anywhere."""
    return rows(text(carries.WITHOUT_MAIN_POST), {"year": from_year, "unit": unit})


def balances(from_year: int | None = None) -> list[Row]:
    """The rollover's sums by unit."""
    return rows(text(plans.BALANCES), {"year": from_year})


def sums(from_year: int | None = None) -> list[Row]:
    """The city's sums of a rollover, one line a term."""
    return rows(text(plans.SUMS), {"year": from_year})


def plan_sums(from_year: int) -> list[Row]:
    """Decisions of the newest plans, counted."""
    return rows(text(plans.DECISIONS), {"year": from_year})


def warehouse() -> list[Row]:
    """Rows of every table of the warehouse, by basis where it has one."""
    return rows(text(plans.WAREHOUSE))


def changed() -> list[Row]:
    """Rows that the last publication changed, by room; a night in which nothing happened shows zeros."""
    return rows(text(ledgers.CHANGED))


def plan_status(from_year: int | None = None) -> list[Row]:
    """Newest plan of every unit."""
    return rows(text(plans.STATUS), {"year": from_year})


def plan_lines(unit: str, from_year: int) -> list[Row]:
    """Lines of a unit's newest plan."""
    return rows(text(plans.LINES), {"unit": unit, "year": from_year})

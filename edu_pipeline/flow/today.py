"""The morning's list: what ran, what waits for whom, what is new, what ends and who is late; the most urgent first.

site, calendar, ops, quarantine, rollover board -> one row a matter, with the party that acts

What does not belong here: a matter's own page (ask.standing, hold list, rollover board, explain), telling anybody
(remind.py). Counts, codes and dates: no key of a person.
"""

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.flow import approval as approving
from edu_pipeline.flow.due import answer
from edu_pipeline.flow.late import late
from edu_pipeline.report import reasons, standing
from edu_pipeline.report import today as statements
from edu_pipeline.report.holds import remedy
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.approval import State
from edu_pipeline.sources.connection import Connection
from edu_pipeline.sources.site import Site
from edu_pipeline.sources.window import silent
from edu_pipeline.storage.engine import engine

Row = dict[str, Any]
SOON = 7


class Urgency(StrEnum):
    """How soon somebody has to act; listed in this order."""

    LATE = "late"
    NOW = "now"
    SOON = "soon"
    NEW = "new"
    DONE = "done"


_ORDER = list(Urgency)


def today(config: Settings | None = None) -> list[Row]:
    """Everything of the morning, sorted by urgency, then by the day until which it is owed."""
    config = config or settings()
    site = sites.load(config.site_dir)
    with engine().connect() as database:
        rows = [*_connections(database, site, config), *_publication(database), *_holds(database, site, config.today()),
                *_quarantined(database, site), *_ending(database, site, config.today())]  # fmt: skip
        rows += [_row(_urgency(one.days_left), one.what, one.date.isoformat(), one.says, units=one.units,
                      names=one.names, by=one.date, owner=one.owner, contact=_office(site) if one.is_office else None)
                 for one in late(database, site, config, SOON)]  # fmt: skip
    return sorted(rows, key=lambda one: (_ORDER.index(one["urgency"]), one["by"] or dt.date.max,
                                         -(one["rows"] or 0), one["what"], one["where"]))  # fmt: skip


def _row(urgency: Urgency, what: str, where: str, says: str, owner: str, rows: int | None = None,
         units: int | None = None, by: dt.date | None = None, names: list[str] | None = None,
         since: Any = None, contact: str | None = None) -> Row:  # fmt: skip
    return {"urgency": urgency.value, "what": what, "where": where, "says": says, "rows": rows, "units": units,
            "by": by, "since": since, "owner": owner, "contact": contact, "names": names or []}  # fmt: skip


def _urgency(days_left: int) -> Urgency:
    return Urgency.LATE if days_left < 0 else Urgency.SOON


def _office(site: Site) -> str | None:
    return site.department.contact if site.department else None


def _contact(site: Site, name: str) -> str | None:
    return next((c.owner.contact for c in site.connections if c.id == name), _office(site))


def _connections(database: Database, site: Site, config: Settings) -> Iterator[Row]:
    """What was read and what was not, and why: a failure is the vendor's, a missing approval the department's."""
    last = {row.connection_id: row for row in database.execute(text(standing.LAST_BATCH))}
    for connection in site.connections:
        batch = last.get(connection.id)
        if reason := _rests(site, connection, config):
            needs = site.approval(connection).standing(config.today()).state is State.NEVER
            urgency = Urgency.NOW if needs and connection.is_due(config.today()) else Urgency.DONE
            yield _row(urgency, "not asked", connection.id, reason, "the department", contact=_office(site),
                       since=batch and batch.finished_at)  # fmt: skip
        elif batch is None or batch.as_of < config.today() - dt.timedelta(days=1):
            said = f"no pull since {batch.as_of}" if batch else "never pulled"
            yield _row(Urgency.NOW, "did not run", connection.id, f"{said}: start the daemon, or `edu-pipeline pull`",
                       "the department", contact=_office(site), since=batch and batch.finished_at)  # fmt: skip
        elif batch.status in ("failed", "pulling", "landed"):
            yield _row(Urgency.NOW, "failed", connection.id, batch.error or f"it broke off while {batch.status}",
                       _vendor(connection.id), contact=connection.owner.contact, since=batch.finished_at)  # fmt: skip
        else:
            yield _row(Urgency.DONE, "ran", connection.id, f"{batch.status}, read for {batch.as_of}", "nobody",
                       since=batch.finished_at)  # fmt: skip


def _rests(site: Site, connection: Connection, config: Settings) -> str | None:
    stands = site.approval(connection).standing(config.today())
    if not connection.is_due(config.today()):
        return connection.rests(config.today())
    if not stands.is_read:
        return approving.said(stands)
    window = silent(connection.windows, "", config.now())
    return window.said if window else None


def _vendor(name: str) -> str:
    return reasons.PARTIES["vendor"].en.format(connection=name)


def _publication(database: Database) -> Iterator[Row]:
    last = database.execute(text(statements.PUBLICATIONS)).first()
    unmerged = database.execute(text(statements.UNMERGED)).scalar_one()
    if last is None or last.status != "merged":
        yield _row(Urgency.NOW, "not published", "city", f"the last publication is {last.status if last else 'none'}",
                   "the department", rows=unmerged)  # fmt: skip
    elif unmerged:
        yield _row(Urgency.NOW, "not published", "city", "batches are admitted and not merged: `edu-pipeline publish`",
                   "the department", rows=unmerged, since=last.finished_at)  # fmt: skip
    else:
        yield _row(Urgency.DONE, "published", "city", f"for {last.as_of}", "nobody", since=last.finished_at)


def _holds(database: Database, site: Site, day: dt.date) -> Iterator[Row]:
    for hold in database.execute(text(statements.HOLDS)):
        by, age = answer(site.calendar, hold.asked_on, day), (day - hold.asked_on).days
        where = " ".join(filter(None, (hold.room, hold.connection_id, hold.unit_id, hold.entity)))
        says = f"hold {hold.hold_id}: {hold.rule}, {age} days old, {hold.answer or 'no answer'}; {remedy(hold.rule).en}"
        urgency = Urgency.NOW if hold.answer or by.days_left >= 0 else Urgency.LATE
        owner = "the department" if hold.connection_id == "city" else _vendor(hold.connection_id)
        yield _row(urgency, "hold", where, says, owner, rows=hold.row_count, by=by.date, since=hold.asked_on,
                   units=1 if hold.unit_id else None, names=[hold.unit_id] if hold.unit_id else [],
                   contact=hold.owner or _contact(site, hold.connection_id))  # fmt: skip


def _quarantined(database: Database, site: Site) -> Iterator[Row]:
    """What came into quarantine with the newest publication, or after it: since the one before."""
    done = database.execute(text(statements.PUBLICATIONS)).all()
    since = done[1].finished_at if len(done) > 1 else None
    for cause in database.execute(text(statements.QUARANTINED), {"since": since}):
        beside = reasons.BESIDE.get(cause.rule.rsplit(".", 1)[-1])
        owner = {"vendor": _vendor(cause.connection_id), "department": "the department"}.get(beside or "", "the school")
        contact = {"vendor": _contact(site, cause.connection_id), "department": _office(site)}.get(beside or "")
        yield _row(Urgency.NEW, "quarantine", f"{cause.connection_id} {cause.entity}",
                   f"{cause.rule}: {reasons.remedy('quarantined', cause.rule).en}", owner, rows=cause.rows,
                   units=cause.units, names=cause.names, since=since, contact=contact)  # fmt: skip


def _ending(database: Database, site: Site, day: dt.date) -> Iterator[Row]:
    """What lets something pass, and ends within a week: of holds, of findings, of connections."""
    binds = {"day": day, "until": day + dt.timedelta(days=SOON)}
    for one in database.execute(text(statements.APPROVALS), binds):
        where = " ".join(filter(None, (one.room, one.connection_id, one.unit_id, one.entity)))
        yield _row(Urgency.SOON, "approval ends", where, f"approval {one.approval_id} of {one.rule}: what it"
                   " lets through is held again", _vendor(one.connection_id), rows=one.row_count, by=one.expires_on,
                   contact=_contact(site, one.connection_id))  # fmt: skip
    for one in database.execute(text(statements.EXEMPTIONS), binds):
        says = (
            f"`edu-pipeline quality decide {one.exemption_id}`" if one.is_undecided else "what it lets be costs again"
        )
        yield _row(Urgency.SOON, f"{'contest' if one.kind == 'contested' else 'waiver'} ends", one.unit_id,
                   f"exemption {one.exemption_id} of {one.rule}: {says}",
                   "the department" if one.is_undecided else "the school", units=1, names=[one.unit_id],
                   by=one.expires_on, contact=_office(site) if one.is_undecided else None)  # fmt: skip
    for connection in site.connections:
        stands = site.approval(connection).standing(day)
        if connection.is_over(day) or stands.days_left is None or stands.days_left > SOON:
            continue
        what = "exemption ends" if stands.state is State.EXEMPT else "approval ends"
        yield _row(_urgency(stands.days_left), what, connection.id,
                   f"{approving.said(stands)}: renew, exempt with a date and a name, or cut off (approvals.yaml)",
                   "the department", by=stands.until, contact=_office(site))  # fmt: skip

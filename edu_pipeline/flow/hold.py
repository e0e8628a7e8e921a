"""Holds and their answers: who is asked, what may be let through, and until when.

ops.hold -> approve, reject -> ops.approval, ops.audit -> the next night

What does not belong here: opening and closing holds (batch.py), using an approval (allowance.py), letters (remind.py).
"""

import datetime as dt
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import Row, func, insert, select, text, update

from edu_pipeline.contracts.memory import APPROVAL, HOLD
from edu_pipeline.flow import audit
from edu_pipeline.report import holds as reports
from edu_pipeline.settings import settings
from edu_pipeline.sources.site import Site
from edu_pipeline.storage.engine import engine

CITY = "city"
LONGEST_DAYS = 30

# A matter of volume: whether it is true, a person can know. Everything else is wrong, whoever approves it.
_OF_VOLUME = frozenset(
    {
        ("landing", "empty"),
        ("landing", "shrunken"),
        ("landing", "still_named"),
        ("validated", "mass_change"),
        ("validated", "distribution"),
        ("validated", "range"),
    }
)
_OF_UNIT = ("validated", "rejected_share")


class HoldRefused(RuntimeError):
    """The hold cannot be answered like that; the message says what to do instead."""


def listed(unit: str | None = None, is_all: bool = False) -> list[dict[str, Any]]:
    """Open holds (or all that ever were), with counts, up to three record keys, and what to do."""
    with engine().connect() as database:
        rows = database.execute(text(reports.HOLDS), {"unit": unit, "all": is_all}).mappings().all()
    return [{**row, "to do": "" if row["closed"] else reports.remedy(row["rule"]).en} for row in rows]


def approve(hold_id: int, reason: str, days: int = 7, claimed: str | None = None) -> dt.date:
    """Let the rows of a hold through at the next sync, no more of them, until the day returned. HoldRefused says why
    not."""
    if not 1 <= days <= LONGEST_DAYS:
        raise HoldRefused(f"an approval lasts 1 to {LONGEST_DAYS} days, not {days}; nothing is raised for ever")
    today = settings().today()
    with audit.audited() as database:
        hold = _open(database, hold_id, reason)
        if (hold.room, hold.rule) not in _OF_VOLUME:
            said = reports.remedy(hold.rule).en
            raise HoldRefused(f"hold {hold_id}, {_place(hold)}: {hold.rule} cannot be approved; {said}")
        expires = today + dt.timedelta(days=days)
        _decide(database, hold, hold.row_count, expires, reason, claimed)
        _answer(database, hold, "approved", reason, claimed, expires_on=expires.isoformat())
    return expires


def reject(hold_id: int, reason: str, claimed: str | None = None) -> None:
    """Say that a hold's rows are not believed: it goes on holding, and asks again only if it grows."""
    today = settings().today()
    with audit.audited() as database:
        hold = _open(database, hold_id, reason)
        is_unit = (hold.room, hold.rule) == _OF_UNIT and hold.unit_id
        if (hold.room, hold.rule) not in _OF_VOLUME and not is_unit:
            raise HoldRefused(f"hold {hold_id}, {_place(hold)}: {hold.rule} is no question; "
                              f"{reports.remedy(hold.rule).en}")  # fmt: skip
        if hold.answer == "approved":
            # The newest decision counts: nothing is left of the approval.
            _decide(database, hold, 0, today, reason, claimed)
        _answer(database, hold, "rejected", reason, claimed)


def assign(database: Database, site: Site) -> None:
    """Write on every open hold who is asked, as the site says it now; not committed."""
    people: dict[str, tuple[str | None, str | None]] = {
        c.id: (c.owner.contact, c.deputy.contact if c.deputy else None) for c in site.connections
    }
    people[CITY] = (site.department.contact if site.department else None, None)
    database.execute(
        text("""
    UPDATE ops.hold h SET owner = p.owner, deputy = p.deputy
    FROM unnest(CAST(:ids AS text[]), CAST(:owners AS text[]), CAST(:deputies AS text[])) AS p(id, owner, deputy)
    WHERE h.connection_id = p.id AND h.closed_at IS NULL
      AND (h.owner, h.deputy) IS DISTINCT FROM (p.owner, p.deputy)"""),
        {"ids": list(people), "owners": [p[0] for p in people.values()], "deputies": [p[1] for p in people.values()]},
    )


def _place(hold: Row[Any]) -> str:
    return " ".join(filter(None, [hold.room, hold.connection_id, hold.unit_id, hold.entity]))


def _open(database: Database, hold_id: int, reason: str) -> Row[Any]:
    if not reason.strip():
        raise HoldRefused("no reason; say why, it is kept with the answer")
    hold = database.execute(select(HOLD).where(HOLD.c.hold_id == hold_id).with_for_update()).one_or_none()
    if hold is None:
        raise HoldRefused(f"there is no hold {hold_id}; `edu-pipeline hold list` shows them")
    if hold.closed_at is not None:
        raise HoldRefused(f"hold {hold_id} has closed: its cause was gone; `edu-pipeline hold list` shows what is open")
    return hold


def _decide(database: Database, hold: Row[Any], count: int, until: dt.date, reason: str, claimed: str | None) -> None:
    actor = select(func.current_user()).scalar_subquery()
    database.execute(
        insert(APPROVAL).values(
            room=hold.room,
            connection_id=hold.connection_id,
            unit_id=hold.unit_id,
            entity=hold.entity,
            rule=hold.rule,
            row_count=count,
            expires_on=until,
            decided_at=dt.datetime.now(dt.UTC),
            actor=actor,
            claimed=claimed,
            reason=reason.strip(),
        )
    )


def _answer(database: Database, hold: Row[Any], answer: str, reason: str, claimed: str | None, **said: Any) -> None:
    database.execute(
        update(HOLD)
        .where(HOLD.c.hold_id == hold.hold_id)
        .values(answer=answer, answered_at=dt.datetime.now(dt.UTC), answered_count=hold.row_count)
    )
    audit.record(database, f"hold.{answer}", claimed, hold=hold.hold_id, room=hold.room, unit=hold.unit_id,
                 connection=hold.connection_id, entity=hold.entity, rule=hold.rule, rows=hold.row_count,
                 reason=reason.strip(), **said)  # fmt: skip

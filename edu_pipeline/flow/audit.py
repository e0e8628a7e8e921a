"""Who did what to a year: append-only, with the actor that the database attests.

action -> ops.audit -> entries

What does not belong here: the chain over the entries (seal.py, verify.py); verdicts and holds, which have tables of
their own. Never a child's data: counts and keys.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import func, insert, select, text

from edu_pipeline.contracts.memory import AUDIT
from edu_pipeline.flow.seal import seal
from edu_pipeline.report import audit as audits
from edu_pipeline.settings import CITY_ZONE
from edu_pipeline.storage.engine import engine


def record(database: Database, action: str, claimed: str | None = None, **detail: Any) -> None:
    """Write an entry inside the caller's transaction. `claimed` is a typed name: shown, never trusted."""
    actor = select(func.current_user()).scalar_subquery()
    values = dict(at=dt.datetime.now(dt.UTC), actor=actor, claimed=claimed, action=action, detail=detail)
    database.execute(insert(AUDIT).values(values))


@contextmanager
def audited() -> Iterator[Database]:
    """A transaction whose entries are sealed when it is committed."""
    with engine().begin() as database:
        yield database
    seal()


def planned(database: Database, plans: Sequence[int]) -> dict[str, Any]:
    """What an entry says of rollover plans: units, lines by kind and decision, hash, and the first units' hashes."""
    return dict(database.execute(text(audits.PLANS), {"plans": list(plans)}).one()._mapping)


def entries(
    action: str | None = None, unit: str | None = None, since: dt.date | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """The newest entries first; `action` is one (`hold.approved`) or all of a kind (`hold`), `since` a city's day."""
    begin = dt.datetime.combine(since, dt.time.min, CITY_ZONE) if since else None
    binds = {"action": action, "unit": unit, "since": begin, "limit": limit}
    with engine().connect() as database:
        return [dict(row) for row in database.execute(text(audits.ENTRIES), binds).mappings()]

"""Who did what to a year: append-only, with the actor that the database attests.

action -> ops.audit

What does not belong here: verdicts and holds, which have tables of their own. Never a child's data: counts and keys.
"""

import datetime as dt
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import func, insert, select

from edu_pipeline.contracts.memory import AUDIT


def record(database: Database, action: str, claimed: str | None = None, **detail: Any) -> None:
    """Write an entry inside the caller's transaction. `claimed` is a typed name: shown, never trusted."""
    actor = select(func.current_user()).scalar_subquery()
    values = dict(at=dt.datetime.now(dt.UTC), actor=actor, claimed=claimed, action=action, detail=detail)
    database.execute(insert(AUDIT).values(values))

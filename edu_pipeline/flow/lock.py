"""One writer at a time: for a connection's change sets, and for what the whole city shares.

name -> session lock in the database -> released with the block; what was recorded under it is sealed

What does not belong here: the gates' own locks (gate/verdict.py), which live as long as one transaction.
"""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection as Database
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from edu_pipeline.flow.seal import seal
from edu_pipeline.storage.engine import engine

WAIT_SECONDS = 900
# A killed run's session ends when the server notices; a living one's lasts for hours, and nobody waits for it.
_GONE_SECONDS = 10
_KEY = "hashtextextended('edu_pipeline.city', 0)"


class Busy(RuntimeError):
    """Another publication or rollover is running, and has not ended in time."""


@contextmanager
def city() -> Iterator[Database]:
    """A connection that alone may publish, plan, apply, undo or materialise while the block runs.

    Waits for its turn (a sensor and a person may start the same thing at once); raises Busy after WAIT_SECONDS.
    """
    with engine().connect() as database:
        database.execute(text(f"SET lock_timeout = '{WAIT_SECONDS}s'"))
        try:
            database.execute(text(f"SELECT pg_advisory_lock({_KEY})"))
        except OperationalError as error:
            database.rollback()
            raise Busy(
                "another publication or rollover still runs in this database: run this when it is done"
            ) from error
        database.execute(text("RESET lock_timeout"))
        database.commit()
        try:
            # Tables just filled have no statistics: a nested loop over them is the planner's worst guess.
            database.execute(text("SET enable_nestloop = off"))
            database.commit()
            yield database
        finally:
            database.rollback()
            database.execute(text("RESET enable_nestloop"))
            database.execute(text(f"SELECT pg_advisory_unlock({_KEY})"))
            database.commit()
            seal()


@contextmanager
def reading(connection_ids: Collection[str]) -> Iterator[frozenset[str]]:
    """Those of the connections that the block alone may read; the others are being read by another run.

    Two runs in one connection's change sets would take each other's lines away, and what is not there looks removed.
    """
    key = "hashtextextended('edu_pipeline.reading.' || :id, 0)"
    with engine().connect() as database:
        left, until = sorted(connection_ids), time.monotonic() + _GONE_SECONDS
        mine: set[str] = set()
        while left:
            for name in left:
                if database.execute(text(f"SELECT pg_try_advisory_lock({key})"), {"id": name}).scalar():
                    mine.add(name)
            database.commit()
            left = [name for name in left if name not in mine]
            if left and time.monotonic() > until:
                break
            time.sleep(0.2 if left else 0)
        try:
            yield frozenset(mine)
        finally:
            for name in mine:
                database.execute(text(f"SELECT pg_advisory_unlock({key})"), {"id": name})
            database.commit()
            seal()

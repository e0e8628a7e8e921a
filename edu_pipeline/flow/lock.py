"""One writer at a time for what the whole city shares: change sets of master, rollover and warehouse.

name -> session lock in the database -> released with the block

What does not belong here: the gates' own locks (gate/verdict.py), which live as long as one transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection as Database
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from edu_pipeline.storage.engine import engine

WAIT_SECONDS = 900
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

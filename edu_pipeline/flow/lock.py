"""One writer at a time for what the whole city shares: change sets of master, rollover and warehouse.

name -> session lock in the database -> released with the block

What does not belong here: the gates' own locks (gate/verdict.py), which live as long as one transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.storage.engine import engine

_KEY = "hashtextextended('edu_pipeline.city', 0)"


class Busy(RuntimeError):
    """Another publication or rollover is running; try again when it has ended."""


@contextmanager
def city() -> Iterator[Database]:
    """A connection that alone may publish, plan, apply, undo or materialise while the block runs. Raises Busy."""
    with engine().connect() as database:
        if not database.execute(text(f"SELECT pg_try_advisory_lock({_KEY})")).scalar_one():
            raise Busy("another publication or rollover is running in this database: wait for it, then run this again")
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

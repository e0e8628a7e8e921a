"""A night in a process of its own, which dies by SIGKILL at the boundary that it is told.

warm parent -> fork -> sync, publish, materialise -> the boundaries that it passed, or its death at one of them

A boundary lies behind every statement (the gates' too), in the middle of and behind every COPY, and behind every
COMMIT; what lies before a COMMIT is the boundary of the statement before it. Boundaries are counted by stream (a
connection's pull, its admission, the publication): threads meet in another order every night, a stream does not.

What does not belong here: what the night finds to do (night.py), what it has to come to (content.py).
"""

import json
import multiprocessing
import os
import signal
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from edu_pipeline.flow import publish, sync, warehouse
from edu_pipeline.settings import settings
from edu_pipeline.storage import copy
from edu_pipeline.storage.engine import engine

# Of a warm parent: importing Great Expectations again for every one of a thousand deaths would take an hour.
_FORK = multiprocessing.get_context("fork")
COMMIT = "COMMIT"


class Boundary(NamedTuple):
    """The n-th place of a stream, and what was done just before it."""

    stream: str
    number: int
    done: str


class Watch:
    """Counts the boundaries of this process; at one of them the process ends."""

    def __init__(self, at: Boundary | None, log: Path) -> None:
        self.at, self.log, self.passed = at, log, list[Boundary]()
        self._counts, self._here = Counter[str](), threading.local()

    def __call__(self, done: str) -> None:
        stream = getattr(self._here, "stream", "night")
        self._counts[stream] += 1
        boundary = Boundary(stream, self._counts[stream], " ".join(done.split())[:60])
        self.passed.append(boundary)
        if self.at and boundary[:2] == self.at[:2]:
            self.log.write_text(json.dumps([boundary]))
            os.kill(os.getpid(), signal.SIGKILL)

    def listen(self) -> None:
        """Hear of every statement, COPY and COMMIT of any engine of this process, for good."""
        event.listen(Engine, "after_cursor_execute", lambda connection, cursor, statement, *said: self(statement))
        commit, copied = PGDialect_psycopg.do_commit, copy._copy

        def do_commit(dialect: PGDialect_psycopg, raw: Any) -> None:
            commit(dialect, raw)
            self(COMMIT)

        def watched(rows: Iterable[Any]) -> Iterator[Any]:
            for place, row in enumerate(rows):
                yield row
                if place == 0:
                    self("a row of COPY")

        def copying(raw: Any, statement: Any, rows: Iterable[Any]) -> int:
            count = copied(raw, statement, watched(rows))
            self("COPY")
            return count

        PGDialect_psycopg.do_commit = do_commit  # type: ignore[method-assign]
        copy._copy = copying

    def name(self, place: Any, function: str, stream: Callable[..., str]) -> None:
        """Count what a function does in a stream of its own."""
        real = getattr(place, function)

        def named(*said: Any) -> Any:
            self._here.stream = stream(*said)
            try:
                return real(*said)
            finally:
                del self._here.stream

        setattr(place, function, named)


def start(url: str, log: Path, at: Boundary | None = None, work: Callable[[], None] | None = None) -> BaseProcess:
    """Start a night, or other work, on a database, as the leader of a process group. The log tells what it passed."""
    process = _FORK.Process(target=_run, args=(url, log, at, work or _night))
    process.start()
    # Done by both: nobody may be early enough to find the group without its leader.
    os.setpgid(process.pid or 0, process.pid or 0)
    return process


def passed(log: Path) -> list[Boundary]:
    """The boundaries that a night has passed, all if it lived, else its last one."""
    return [Boundary(*said) for said in json.loads(log.read_text())]


def _run(url: str, log: Path, at: Boundary | None, work: Callable[[], None]) -> None:
    os.setpgid(0, 0)
    os.environ["EDU_DATABASE_URL"] = url
    # The parent's connections are the parent's: nothing of them may be used, or closed, here.
    engine.cache_clear()
    settings.cache_clear()
    watch = Watch(at, log)
    watch.listen()
    watch.name(sync, "_pull", lambda connection, run: f"pull {connection.id}")
    watch.name(sync, "_judged", lambda outcome, how, connection, run: f"admit {connection.id}")
    watch.name(publish, "publish", lambda run_id: "publish")
    watch.name(warehouse, "materialize", lambda run_id: "warehouse")
    try:
        work()
    finally:
        log.write_text(json.dumps(watch.passed))


def _night() -> None:
    errors = [outcome.error for outcome in sync.sync(uuid.uuid4().hex) if outcome.error]
    publish.publish(uuid.uuid4().hex)
    warehouse.materialize(uuid.uuid4().hex)
    if errors:
        raise RuntimeError("; ".join(errors))

"""Replies: a vendor is told what came of each record that its system has told, once for each change.

ops.reply against what stands now -> temporary table `replying` -> POST in bounded bodies -> ops.reply

What does not belong here: the words (report/replies.py). A body that did not arrive is sent again by the next run; one
that arrived twice says the same twice.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import text

from edu_pipeline.contracts.words import STATUSES
from edu_pipeline.flow import approval as approvals
from edu_pipeline.flow import lock
from edu_pipeline.landing.client import Client
from edu_pipeline.landing.errors import PullError
from edu_pipeline.report import replies
from edu_pipeline.schema import entity
from edu_pipeline.settings import Settings, settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.site import Connection, Site
from edu_pipeline.sources.window import silent
from edu_pipeline.storage.engine import engine
from edu_pipeline.storage.migrate import require

# Records a body.
SIZE = 1000


@dataclass
class Replied:
    """What a connection was told: records by status; why it was not asked, or what failed."""

    connection_id: str
    sent: Counter[str] = field(default_factory=Counter)
    skipped: str | None = None
    failure: str | None = None

    @property
    def said(self) -> str:
        told = ", ".join(f"{self.sent[status]} {status}" for status in STATUSES if self.sent[status])
        return self.failure or self.skipped or told or "nothing new to tell"


def reply(names: Sequence[str] = (), config: Settings | None = None) -> Iterator[Replied]:
    """Tell connections (none named: all whose kind takes replies) what is new. One's failure is its own.

    Raises before anybody is told: KeyError (a connection that there is not, a kind that takes no replies, a missing
    secret), SchemaMismatch.
    """
    config = config or settings()
    site = sites.load(config.site_dir)
    named = [site.connection(name) for name in names]
    for connection in named:
        if connection.kind.reply is None:
            raise KeyError(f"{connection.id}: {connection.system} takes no replies (`reply:` in its systems file)")
    chosen = named or [one for one in site.connections if one.kind.reply is not None and one.answers]
    for connection in chosen:
        for secret in connection.secret_names:
            config.secret(secret)
    with engine().connect() as database:
        require(database)
    with lock.reading([connection.id for connection in chosen]) as mine:
        for connection in chosen:
            done = Replied(connection.id)
            if connection.id not in mine:
                done.failure = f"{connection.id}: another run reads it; wait until that is done"
            elif said := _unasked(site, connection, config):
                done.skipped = said
            else:
                _tell(connection, config, done)
            yield done


def taken() -> list[dict[str, Any]]:
    """How many records each connection has been told of, by what came of them."""
    with engine().connect() as database:
        return [dict(row) for row in database.execute(text(replies.TAKEN)).mappings()]


def _unasked(site: Site, connection: Connection, config: Settings) -> str | None:
    if said := approvals.refusal(site, connection, config.today()):
        return said
    window = silent(connection.windows, "", config.now())
    return window.said if window else None


def _tell(connection: Connection, config: Settings, done: Replied) -> None:
    client = Client(connection, config.secret)
    with engine().connect() as database:
        try:
            for name, resource in connection.kind.records().items():
                for body in _bodies(database, connection, name, done):
                    declared = entity(resource.entity or "")
                    told = [replies.reply(row, declared, resource) for row in body]
                    client.send(connection.kind.reply or "", {"replies": told}, f"replies on {name}")
        except PullError as error:
            database.rollback()
            done.failure = str(error)


def _bodies(database: Database, connection: Connection, name: str, done: Replied) -> Iterator[Sequence[Any]]:
    """What is new of a resource, body by body; each has arrived when the next is asked for."""
    declared = entity(connection.kind.resources[name].entity or "")
    for statement in replies.EMPTY:
        database.execute(text(statement))
    count = database.execute(text(replies.fill(declared)), {"connection": connection.id, "resource": name}).rowcount
    database.commit()
    for first in range(1, count + 1, SIZE):
        binds = {"first": first, "last": first + SIZE - 1}
        rows = database.execute(text(replies.SOME), binds).mappings().all()
        database.commit()  # no transaction stays open while a vendor is told
        yield rows
        now = dt.datetime.now(dt.UTC)
        database.execute(text(replies.ARRIVED), {**binds, "connection": connection.id, "now": now})
        database.commit()
        done.sent.update(row["status"] for row in rows)

"""Engines for the roles, and where the database is.

Settings -> URL -> Engine

What does not belong here: starting a server (embedded.py), changing the schema (migrate.py).
"""

from functools import cache

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from edu_pipeline.settings import Settings, settings
from edu_pipeline.storage import embedded


class DatabaseUnavailable(RuntimeError):
    """The database does not answer, or is not of this version; the message says what to do."""


def url(role: str = "edu_app", config: Settings | None = None) -> URL:
    """URL of the database for a role (edu_app, edu_owner, edu_reader); starts the embedded server where none is set."""
    config = config or settings()
    if config.database_url is not None:
        chosen = config.owner_url if role == "edu_owner" else config.database_url
        if chosen is None:
            raise DatabaseUnavailable("EDU_OWNER_URL is not set: migrations need the owner role of the server")
        return make_url(chosen.get_secret_value())
    server = embedded.start(config.data_dir / "postgres", config.pg_bindir)
    embedded.ensure_database(server, config.database)
    return make_url(server.url(role, config.database))


@cache
def engine(role: str = "edu_app") -> Engine:
    """The process's engine for a role. Parameters never reach a log or an error (they are children's data)."""
    return connect(url(role))


def connect(address: URL, pool_size: int = 8) -> Engine:
    """An engine with the settings that every connection of ours has; DatabaseUnavailable if nothing answers."""
    made = create_engine(
        address,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=8,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC -c jit=off -c client_min_messages=error"},
    )
    try:
        with made.connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError as error:
        place = f"{address.host}:{address.port}/{address.database}"
        raise DatabaseUnavailable(f"no PostgreSQL answers at {place}: start it, or mend EDU_DATABASE_URL") from error
    return made

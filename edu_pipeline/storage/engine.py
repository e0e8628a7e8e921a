"""Engines for the roles, and where the database is.

Settings -> URL -> Engine

What does not belong here: starting a server (embedded.py), changing the schema (migrate.py).
"""

from functools import cache

import psycopg

# Not used: Great Expectations brings it, imported by the first gate while others pull. From its first lines on it is
# asked about every value in a query, and half imported it fails, and with it a connection's night.
import sqlalchemy.orm  # noqa: F401
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import OperationalError

from edu_pipeline.settings import Settings, settings
from edu_pipeline.storage import embedded


class DatabaseUnavailable(RuntimeError):
    """The database does not answer, or is not of this version; the message says what to do."""


def url(role: str = "edu_app", config: Settings | None = None) -> URL:
    """URL of the database for a role (edu_app, edu_owner, edu_reader); starts the embedded server where none is set.

    Raises DatabaseUnavailable where a real server is set, but no URL for this role; ServerFailed where the embedded
    one does not start.
    """
    config = config or settings()
    if config.database_url is not None:
        return _address(role, config)
    server = embedded.start(config.data_dir / "postgres", config.pg_bindir)
    embedded.ensure_database(server, config.database)
    return make_url(server.url(role, config.database))


def _address(role: str, config: Settings) -> URL:
    # No role is given another's address: who asks as the reader must not be able to write.
    if role not in ("edu_app", "edu_owner"):
        raise DatabaseUnavailable(f"EDU_DATABASE_URL is edu_app's: no setting holds a URL for {role} on that server")
    chosen = config.owner_url if role == "edu_owner" else config.database_url
    if chosen is None:
        raise DatabaseUnavailable("EDU_OWNER_URL is not set: migrations need the owner role of the server")
    return make_url(chosen.get_secret_value())


@cache
def engine(role: str = "edu_app") -> Engine:
    """The process's engine for a role. No value of a row reaches a log or an error (it is a child's data)."""
    # A session for each pull, one that holds the reading locks, one that admits, and some to spare.
    return connect(url(role), settings().pull_parallelism + 6)


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
    event.listen(made, "handle_error", _hide_values)
    try:
        with made.connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError as error:
        place = f"{address.host}:{address.port}/{address.database}"
        raise DatabaseUnavailable(f"no PostgreSQL answers at {place}: start it, or mend EDU_DATABASE_URL") from error
    return made


def hide_values(error: psycopg.Error) -> None:
    """Cut a driver's error down to what names no row: message, table, constraint, SQLSTATE; its type and diag stay.

    PostgreSQL's DETAIL and CONTEXT quote rows and keys, and the message of a DataError quotes the value itself.
    """
    said = error.diag
    message = said.message_primary or str(error)
    if isinstance(error, psycopg.DataError):
        message = "a value that cannot be taken, and is not told"
    table = ".".join(filter(None, (said.schema_name, said.table_name)))
    # An error of the driver's own (no connection, a wrong call) has none of these.
    place = {"table": table, "constraint": said.constraint_name, "SQLSTATE": said.sqlstate}
    found = ", ".join(f"{word} {name}" for word, name in place.items() if name)
    error.args = (f"{message} ({found})" if found else message,)


def _hide_values(context: ExceptionContext) -> None:
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    if not isinstance(error, psycopg.Error):
        return
    # In place: SQLAlchemy raises its error from the driver's, and a traceback prints both.
    hide_values(error)
    if wrapped is not None:
        wrapped.args = (f"({type(error).__module__}.{type(error).__name__}) {error}",)

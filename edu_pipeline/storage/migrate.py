"""Bring a database to the declared schema, as the owner role.

Alembic revisions -> head; grants from contracts

What does not belong here: the declaration of a table (contracts). A test proves that head equals the declarations.
"""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from edu_pipeline.contracts.grants import statements


class SchemaMismatch(RuntimeError):
    """The database is not of this code's version; the message says which command mends it."""


def configuration() -> Config:
    """Alembic's configuration: revisions stand in the package, nothing is read from a file."""
    config = Config()
    config.set_main_option("script_location", str(files("edu_pipeline.storage").joinpath("revisions")))
    return config


def upgrade(owner: Engine) -> None:
    """Upgrade to head and grant privileges, under a lock, so that two starts at once do not meet."""
    with owner.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('migrate', 0))"))
        if current(connection) == head():
            return
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        for statement in (*statements(), "GRANT USAGE ON SCHEMA public TO edu_app",
                          "GRANT SELECT ON alembic_version TO edu_app"):  # fmt: skip
            connection.execute(text(statement))


def head() -> str | None:
    """Newest revision of the code."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def current(connection: Connection) -> str | None:
    """Revision of the database; None if it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def require(connection: Connection) -> None:
    """Raise SchemaMismatch unless the database is at head."""
    found, wanted = current(connection), head()
    if found != wanted:
        raise SchemaMismatch(
            f"the database is at revision {found or 'none'}, the code at {wanted}: run `edu-pipeline migrate`"
        )

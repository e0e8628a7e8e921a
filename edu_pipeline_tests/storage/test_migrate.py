"""The migrations lead to exactly what is declared, once, and code never runs on a database of another version.

`upgrade head` on an empty database and `metadata.create_all` on another are compared in PostgreSQL's own words.
"""

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, event, make_url, text

from edu_pipeline.contracts import identity, memory, star, term, year  # noqa: F401  they register their tables
from edu_pipeline.contracts.tables import SCHEMAS, metadata
from edu_pipeline.storage import embedded, migrate
from edu_pipeline.storage.engine import connect

# Without the place of a column in its table: a column that came later stands last, and every statement names its own.
COLUMNS = """
    SELECT table_schema || '.' || table_name || '.' || column_name AS place, data_type, udt_name, numeric_precision,
           numeric_scale, is_nullable, column_default, is_identity, identity_generation, collation_name, is_generated,
           col_description((table_schema || '.' || table_name)::regclass, ordinal_position) AS comment
    FROM information_schema.columns WHERE table_schema = ANY (:schemas)"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text || ': ' || conname AS place, contype::text,
           pg_get_constraintdef(c.oid) AS definition
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = ANY (:schemas)"""
INDEXES = """
    SELECT n.nspname || '.' || c.relname AS place, pg_get_indexdef(c.oid) AS definition
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('i', 'I') AND n.nspname = ANY (:schemas)"""
RELATIONS = """
    SELECT n.nspname || '.' || c.relname AS place, c.relkind::text, c.relpersistence::text, c.relowner::regrole::text,
           c.reloptions, obj_description(c.oid, 'pg_class') AS comment
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname = ANY (:schemas)"""


@pytest.fixture
def empty(server) -> Iterator[Engine]:
    """An empty database, as its owner."""
    name = f"edu_{uuid.uuid4().hex[:12]}"
    embedded.ensure_database(server, name)
    owner = connect(make_url(server.url("edu_owner", name)))
    yield owner
    owner.dispose()
    embedded.drop_database(server, name)


def catalogue(engine: Engine, query: str) -> dict[str, dict[str, object]]:
    with engine.connect() as connection:
        rows = connection.execute(text(query), {"schemas": list(SCHEMAS)}).mappings().all()
    found = {str(row["place"]): dict(row) for row in rows}
    assert len(found) == len(rows) > 0
    return found


@pytest.mark.parametrize(
    "query", [COLUMNS, CONSTRAINTS, INDEXES, RELATIONS], ids=["columns", "constraints", "indexes", "relations"]
)
def test_head_is_what_is_declared(query, database, empty):
    with empty.begin() as connection:
        for schema in SCHEMAS:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        metadata.create_all(connection)
    declared, migrated = catalogue(empty, query), catalogue(database.owner, query)
    assert sorted(migrated) == sorted(declared)
    assert {place: said for place, said in migrated.items() if said != declared[place]} == {}


def test_head_has_no_schema_that_nobody_declared(database):
    with database.owner.connect() as connection:
        found = set(connection.scalars(text("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'")))
    assert found == {*SCHEMAS, "public", "information_schema"}


def test_unlogged_are_the_change_sets_and_what_lives_for_one_batch(database):
    found = catalogue(database.owner, RELATIONS)
    unlogged = {name for name, said in found.items() if said["relkind"] == "r" and said["relpersistence"] == "u"}
    assert {"normalized.student", "validated.student_change", "landing.lookup"} <= unlogged
    # What a crash of the server may not empty.
    kept = {"master.student", "validated.student", "landing.page", "landing.record", "ops.audit", "ops.verdict"}
    kept |= {name for name in found if name.startswith(("history.", "quarantine.", "waiting."))}
    assert kept <= set(found)
    assert not kept & unlogged


def test_a_second_upgrade_only_looks(database):
    said: list[str] = []
    event.listen(database.owner, "before_cursor_execute", lambda *args: said.append(args[2]))
    migrate.upgrade(database.owner)
    assert said
    assert [statement for statement in said if not re.match(r"\s*SELECT\b", statement)] == []


def test_two_starts_at_once_do_not_meet(empty):
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: migrate.upgrade(empty), range(2)))
    with empty.connect() as connection:
        assert migrate.current(connection) == migrate.head()
        migrate.require(connection)


def test_the_app_may_ask_for_the_version(database):
    with database.app.connect() as connection:
        assert migrate.current(connection) == migrate.head() is not None
        migrate.require(connection)


def test_an_empty_database_is_refused_with_the_command_that_mends_it(empty):
    with empty.connect() as connection, pytest.raises(migrate.SchemaMismatch, match=r"none.*`edu-pipeline migrate`"):
        migrate.require(connection)


def test_another_version_is_refused_with_both_revisions(database):
    with database.owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    with database.app.connect() as connection, pytest.raises(migrate.SchemaMismatch, match=f"older.*{migrate.head()}"):
        migrate.require(connection)


def test_a_failed_upgrade_leaves_nothing(empty, monkeypatch):
    monkeypatch.setattr(migrate, "statements", lambda: iter(["GRANT SELECT ON nowhere.nothing TO edu_app"]))
    with pytest.raises(Exception, match="nowhere"):
        migrate.upgrade(empty)
    with empty.connect() as connection:
        assert migrate.current(connection) is None
        found = set(connection.scalars(text("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'")))
    assert found == {"public", "information_schema"}

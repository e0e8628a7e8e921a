"""The roles may do what the declarations say, and nothing else: asked of PostgreSQL itself, on every table and column.

reader: public and internal columns of master and warehouse; app: DML everywhere, but what may only grow only grows
"""

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import ProgrammingError

from edu_pipeline.contracts.grants import APPEND_ONLY, ATTESTED, readable
from edu_pipeline.contracts.memory import AUDIT
from edu_pipeline.contracts.tables import SCHEMAS, metadata
from edu_pipeline.schema import ENTITIES, Sensitivity, entity
from edu_pipeline.storage.engine import connect

CLOSED = {Sensitivity.PERSONAL, Sensitivity.SENSITIVE}


@pytest.fixture
def reader(database):
    made = connect(database.url_of("edu_reader"))
    yield made
    made.dispose()


def is_refused(engine: Engine, statement: str) -> bool:
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except ProgrammingError as error:
        if isinstance(error.orig, InsufficientPrivilege):
            return True
        raise
    return False


def test_a_reader_is_refused_every_personal_column_of_master_and_given_the_others(reader):
    wrong = [
        f"{declared.name}.{field.name}"
        for declared in ENTITIES
        for field in declared.fields
        if is_refused(reader, f"SELECT {field.name} FROM master.{declared.name}") != (field.sensitivity in CLOSED)
    ]
    assert wrong == []


@pytest.mark.parametrize("column", ["full_name", "birth_date", "sex", "student_id", "ethnicity", "source_key", "*"])
def test_a_reader_cannot_read_a_child(column, reader):
    assert is_refused(reader, f"SELECT {column} FROM master.student")


def test_a_reader_can_count_what_is_public(reader):
    with reader.connect() as connection:
        assert connection.execute(text("SELECT unit_id, name, unit_kind FROM master.unit")).all() == []
        assert connection.scalar(text("SELECT count(unit_id) FROM master.enrollment")) == 0


def test_a_reader_sees_nothing_outside_master_and_warehouse_and_changes_nothing(database):
    rights = text("""
        SELECT n.nspname || '.' || c.relname AS name,
               has_any_column_privilege('edu_reader', c.oid, 'SELECT') AS reads,
               has_table_privilege('edu_reader', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
               OR has_any_column_privilege('edu_reader', c.oid, 'INSERT, UPDATE') AS writes
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname = ANY (:schemas)""")
    with database.app.connect() as connection:
        found = connection.execute(rights, {"schemas": [*SCHEMAS, "public"]}).all()
    assert len(found) >= len(metadata.sorted_tables)
    assert {row.name for row in found if row.reads} <= {table.fullname for table in readable()}
    assert {row.name for row in found if row.writes} == set()


def test_no_personal_column_of_the_warehouse_is_open(reader):
    shows = {"dim_unit": "unit", "dim_student": "student", "dim_staff": "staff", "dim_school_class": "school_class",
             "fct_enrollment": "enrollment", "fct_staff_assignment": "staff_assignment",
             "fct_account": "account"}  # fmt: skip
    closed = {
        (table, field.name)
        for table, name in shows.items()
        for field in entity(name).fields
        if field.sensitivity in CLOSED
    } | {("rollover_difference", "student_id")}
    open_columns = text("""
        SELECT table_name, column_name FROM information_schema.column_privileges
        WHERE grantee = 'edu_reader' AND privilege_type = 'SELECT' AND table_schema = 'warehouse'""")
    with reader.connect() as connection:
        found = {tuple(row) for row in connection.execute(open_columns)}
    assert {table for table, _ in found} == {*shows, "rollover_difference"}
    assert not found & closed


def test_the_app_changes_every_table_but_what_may_only_grow(database):
    wrong = []
    for table in metadata.sorted_tables:
        # An identity column is the server's to fill.
        attested = ATTESTED.get(table.fullname, ())
        names = [column.name for column in table.columns if column.identity is None and column.name not in attested]
        columns, is_free = ", ".join(names), table.fullname not in APPEND_ONLY
        is_allowed = {
            f"SELECT * FROM {table.fullname}": True,
            f"INSERT INTO {table.fullname} ({columns}) SELECT {columns} FROM {table.fullname} WHERE false": True,
            f"UPDATE {table.fullname} SET {names[0]} = {names[0]} WHERE false": is_free,
            f"DELETE FROM {table.fullname} WHERE false": is_free,
            f"TRUNCATE {table.fullname} CASCADE": is_free,
        }
        wrong += [said for said, allowed in is_allowed.items() if is_refused(database.app, said) is allowed]
    assert wrong == []


def test_what_may_only_grow_is_the_audit_the_verdicts_what_was_decided_the_snapshots_and_official_figures():
    snapshots = {
        "snapshot",
        "snapshot_student",
        "snapshot_open",
        "snapshot_class",
        "snapshot_assignment",
        "snapshot_student_year",
        "term_snapshot",
        "term_snapshot_student",
        "term_snapshot_open",
    }
    assert {
        "identity.decision",
        "quality.official",
        "quality.official_rule",
        "quality.official_score",
        "quality.official_tally",
        "rollover.compensation",
        "ops.audit",
        "ops.audit_seal",
        "ops.verdict",
        "ops.approval",
        "ops.approval_use",
        "ops.epoch",
        "ops.stage",
        "ops.trial",
        "rollover.approval",
        *(f"rollover.{name}" for name in snapshots),
    } == APPEND_ONLY


def test_what_the_database_says_of_a_row_the_app_cannot_say(database):
    assert ATTESTED
    for name, columns in ATTESTED.items():
        for column in columns:
            assert is_refused(database.app, f"INSERT INTO {name} ({column}) SELECT {column} FROM {name} WHERE false")
            assert is_refused(database.app, f"UPDATE {name} SET {column} = {column} WHERE false")


def test_the_app_adds_to_the_audit_and_cannot_take_it_back(database):
    entry = insert(AUDIT).values(at=text("now()"), actor="edu_app", action="release", detail={})
    with database.app.begin() as connection:
        connection.execute(entry)
    for statement in ("DELETE FROM ops.audit", "UPDATE ops.audit SET actor = 'somebody'", "TRUNCATE ops.audit"):
        assert is_refused(database.app, statement)
    with database.app.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ops.audit WHERE actor = 'edu_app'")) == 1


@pytest.mark.parametrize("role", ["edu_app", "edu_reader"])
def test_only_the_owner_makes_or_changes_anything(role, database):
    engine = connect(database.url_of(role))
    statements = [f"CREATE TABLE {schema}.mine (n integer)" for schema in (*SCHEMAS, "public")]
    statements += ["CREATE SCHEMA mine", "CREATE ROLE mine", "SET ROLE edu_owner", "DROP TABLE master.student"]
    statements += ["ALTER TABLE master.student DROP CONSTRAINT student_sex_code_check"]
    assert [said for said in statements if not is_refused(engine, said)] == []
    engine.dispose()

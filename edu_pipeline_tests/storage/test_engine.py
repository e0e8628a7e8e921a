"""An engine says what to do where no database answers, works as the role it was asked for, tells no child's data."""

import logging
import pickle
import socket
import subprocess
import sys
import traceback

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import insert, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from edu_pipeline.contracts.tables import MASTER
from edu_pipeline.settings import Settings
from edu_pipeline.storage.engine import DatabaseUnavailable, connect, engine, url

CHILD = "Nguyễn Thị Ánh"
STUDENT = {"student_id": "0123456789", "full_name": CHILD, "birth_date": "2015-02-28", "sex": "female",
           "recorded_from": "2024-09-05T00:00:00Z"}  # fmt: skip


@pytest.fixture
def silent_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settings(**said: str) -> Settings:
    return Settings(**{name: SecretStr(value) for name, value in said.items()})


def test_what_a_gate_imports_later_changes_nothing_of_how_queries_are_built():
    said = subprocess.run([sys.executable, "-c", """
from sqlalchemy import inspection
import edu_pipeline.storage.engine
before = set(inspection._registrars)
import great_expectations
print(sorted(str(kind) for kind in set(inspection._registrars) - before))
"""], capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert said.strip() == "[]"


def test_where_nothing_listens_the_message_names_the_place_and_the_setting(silent_port):
    address = make_url(f"postgresql+psycopg://edu_app:very-secret@127.0.0.1:{silent_port}/edu")
    with pytest.raises(DatabaseUnavailable, match=rf"127\.0\.0\.1:{silent_port}/edu.*EDU_DATABASE_URL") as raised:
        connect(address)
    assert "very-secret" not in str(raised.value)


def test_the_owner_s_engine_needs_the_owner_s_url():
    with pytest.raises(DatabaseUnavailable, match="EDU_OWNER_URL is not set"):
        url("edu_owner", settings(database_url="postgresql+psycopg://edu_app:x@127.0.0.1/edu"))


def test_each_role_has_its_address():
    both = settings(
        database_url="postgresql+psycopg://edu_app:a@db/edu", owner_url="postgresql+psycopg://edu_owner:o@db/edu"
    )
    assert url("edu_app", both).username == "edu_app"
    assert url("edu_owner", both).username == "edu_owner"


def test_a_reader_is_not_given_the_app_s_rights():
    app = settings(database_url="postgresql+psycopg://edu_app:a@db/edu")
    with pytest.raises(DatabaseUnavailable, match="no setting holds a URL for edu_reader"):
        url("edu_reader", app)


def test_without_an_address_the_embedded_server_is_used(server, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr("edu_pipeline.storage.embedded.start", lambda *args: asked.append(args) or server)
    monkeypatch.setattr("edu_pipeline.storage.embedded.ensure_database", lambda *args: asked.append(args))
    found = url("edu_app", Settings(data_dir=tmp_path, database="city"))
    assert (found.username, found.database, found.port) == ("edu_app", "city", server.port)
    assert asked == [(tmp_path / "postgres", None), (server, "city")]


def test_the_engine_of_a_role_works_as_that_role_and_is_made_once(database):
    for role in ("edu_app", "edu_owner"):
        with engine(role).connect() as connection:
            assert connection.scalar(text("SELECT current_user")) == role
            assert connection.scalar(text("SELECT current_database()")) == database.name
        assert engine(role) is engine(role)
    assert engine("edu_app") is database.app


def test_every_connection_counts_time_in_utc(database):
    with database.app.connect() as connection:
        assert connection.scalar(text("SHOW timezone")) == "UTC"
        assert connection.scalar(text("SHOW jit")) == "off"


def refused(database, **changed: str) -> DBAPIError:
    with pytest.raises(DBAPIError) as raised, database.app.begin() as connection:
        connection.execute(insert(MASTER["student"]), {**STUDENT, **changed})
    return raised.value


def test_no_parameter_reaches_an_error_or_a_log(database, caplog):
    caplog.set_level(logging.INFO, "sqlalchemy")
    error = refused(database, student_id="12345678901")
    assert "SQL parameters hidden" in str(error)
    assert "student_student_id_pattern_check" in str(error)
    assert CHILD not in str(error.statement)
    assert CHILD not in caplog.text


@pytest.mark.parametrize("changed", [{"student_id": "1"}, {"sex": None}, {}], ids=["check", "not null", "foreign key"])
def test_no_row_reaches_an_error_by_postgresql_s_detail(changed, database):
    said = str(refused(database, **changed))
    assert CHILD not in said
    assert STUDENT["student_id"] not in said


def printed(error: Exception) -> str:
    """All that a log could show of an error, its causes and its copy in another process included."""
    return "".join(traceback.format_exception(error)) + repr(error) + str(pickle.loads(pickle.dumps(error)))


def test_an_error_keeps_its_kind_and_says_table_constraint_and_state(database):
    error = refused(database)
    assert isinstance(error, IntegrityError)
    assert isinstance(error.orig, psycopg.errors.ForeignKeyViolation)
    assert error.orig.diag.constraint_name in str(error)
    assert "table master.student" in str(error)
    assert "SQLSTATE 23503" in str(error)


@pytest.mark.parametrize("changed", [{"student_id": "1"}, {"sex": None}, {}], ids=["check", "not null", "foreign key"])
def test_no_row_reaches_a_traceback_by_the_driver_s_own_error(changed, database):
    said = printed(refused(database, **changed))
    assert CHILD not in said
    assert STUDENT["student_id"] not in said


@pytest.mark.parametrize("kind", ["integer", "date", "boolean", "uuid", "json"])
def test_a_value_of_the_wrong_kind_is_not_quoted(kind, database):
    statement = text(f"SELECT CAST(CAST(:said AS text) AS {kind})")
    with pytest.raises(DBAPIError) as raised, database.app.connect() as connection:
        connection.execute(statement, {"said": CHILD})
    assert isinstance(raised.value, DataError)
    assert "SQLSTATE 22" in str(raised.value)
    assert CHILD not in printed(raised.value)


def test_no_row_reaches_an_error_that_only_commit_finds(database):
    with database.app.connect() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE one (name text UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
        connection.execute(text("INSERT INTO one VALUES (:name), (:name)"), {"name": CHILD})
        with pytest.raises(IntegrityError, match="one_name_key") as raised:
            connection.commit()
    assert CHILD not in printed(raised.value)

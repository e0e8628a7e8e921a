"""Two publications never meet: the second waits for its turn, and says so when it waits too long."""

import pytest
from sqlalchemy import text

from edu_pipeline.flow import lock
from edu_pipeline_tests.conftest import Database


def test_the_second_is_refused_when_it_waits_too_long(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT_SECONDS", 1)
    with lock.city(), pytest.raises(lock.Busy, match="still runs"), lock.city():
        pass


def test_the_lock_and_its_settings_go_with_the_block(database: Database) -> None:
    with lock.city() as first:
        assert first.execute(text("SHOW enable_nestloop")).scalar_one() == "off"
    with lock.city() as second:
        assert second.execute(text("SHOW lock_timeout")).scalar_one() == "0"
    with database.app.connect() as connection:
        held = """SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
            WHERE locktype = 'advisory' AND datname = current_database()"""
        assert connection.execute(text(held)).scalar_one() == 0
        assert connection.execute(text("SHOW enable_nestloop")).scalar_one() == "on"


def test_a_failure_inside_gives_the_lock_back(database: Database) -> None:
    def fail() -> None:
        with lock.city() as first:
            first.execute(text("SELECT 1"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with lock.city():
        pass

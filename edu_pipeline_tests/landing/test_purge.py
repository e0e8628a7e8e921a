"""What a connection's new batch takes away of earlier ones, and what it leaves: others' lookups, untold updates."""

import datetime as dt

import pytest
from sqlalchemy import Connection, insert, select

from edu_pipeline.contracts.memory import BATCH, LOOKUP, RECORD, RECORD_CHANGE
from edu_pipeline.flow import batch as batches
from edu_pipeline.landing.publish import purge
from edu_pipeline_tests.conftest import Database

DAY = dt.date(2024, 9, 5)


def _batch(connection: Connection, name: str) -> int:
    return batches.start(connection, name, "run", DAY, "mapping")


def _purge(connection: Connection, name: str, before: int) -> None:
    for statement in purge(name, before):
        connection.execute(statement)


def test_the_lookups_of_a_batch_that_is_being_pulled_are_left_to_it(database: Database) -> None:
    with database.app.connect() as connection:
        pulled, beside = _batch(connection, "lotus"), _batch(connection, "another")
        row = dict(batch_id=pulled, resource="sessions", key="1", value={"year": 2024})
        connection.execute(insert(LOOKUP).values(row))
        _purge(connection, "another", beside)
        assert connection.execute(select(LOOKUP.c.key)).scalars().all() == ["1"]
        _purge(connection, "lotus", _batch(connection, "lotus"))
        assert connection.execute(select(LOOKUP.c.key)).scalars().all() == []


@pytest.mark.parametrize(
    ("disposition", "status", "is_landed", "is_kept"),
    [
        ("update", "failed", True, True),
        ("update", "failed", False, False),
        ("update", "merged", True, False),
        ("again", "failed", True, False),
    ],
)
def test_an_update_that_a_broken_batch_has_landed_keeps_its_line(
    database: Database, disposition: str, status: str, is_landed: bool, is_kept: bool
) -> None:
    with database.app.connect() as connection:
        batch = _batch(connection, "saomai")
        batches.finish(connection, batch, status)
        row = dict(connection_id="saomai", resource="students", source_key="HS-1", unit_id="79770405",
                   school_year=2023, hash=b"h", event="UPDATE", mapping="mapping", batch_id=batch)  # fmt: skip
        connection.execute(insert(RECORD_CHANGE).values(**row, disposition=disposition))
        connection.execute(insert(RECORD).values(**{**row, "batch_id": batch if is_landed else 0}, is_present=True))
        _purge(connection, "saomai", _batch(connection, "saomai"))
        assert len(connection.execute(select(RECORD_CHANGE)).all()) == is_kept
        assert connection.execute(select(BATCH.c.status).where(BATCH.c.batch_id == batch)).scalar_one() == status

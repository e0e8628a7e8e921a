"""The size of a chunk is a matter of memory alone: what is written is the same, page by page or all at once."""

import datetime as dt
from collections.abc import Callable

import pytest

from edu_pipeline.contracts.memory import RECORD_CHANGE
from edu_pipeline.flow import chunk as chunks
from edu_pipeline.flow.chunk import Chunk
from edu_pipeline.landing.read import Reading, Received, readings
from edu_pipeline.sources import site as sites
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]
DAY = dt.date(2024, 5, 31)


def _records(first: int, count: int) -> list[Received]:
    return [Received(f"c{n}", "UPDATE", 1, n.to_bytes(16, "big"), n - first, {"localId": f"c{n}"})
            for n in range(first, first + count)]  # fmt: skip


def _written(world: World, batch_id: int, max_rows: int) -> tuple[list[object], ...]:
    """Three pages of two readings, written whenever the chunk says that it is full."""
    world.execute("DELETE FROM normalized.school_class")
    site = sites.load(world.folder / "site")
    connection = site.connection("saomai")
    resource = connection.kind.resources["classes"]
    first, second = list(readings(connection, "classes", (site.year(2023),), DAY))[:2]
    with engine().connect() as database:
        chunk = Chunk(database, connection, batch_id, site.mapping(connection, DAY), site, max_rows)
        pages: list[tuple[Reading, bytes, list[Received]]] = [
            (first, b'{"page": 1}', _records(0, 3)), (first, b'{"page": 2}', _records(3, 2)),
            (first, b'{"page": 3}', []), (second, b'{"page": 4}', _records(5, 4))]  # fmt: skip
        for number, (reading, body, records) in enumerate(pages):
            chunk.add(reading, body, records)
            if chunk.is_full:
                chunk.write(resource)
                assert not chunk.is_full
            if number >= 2:
                chunk.end(reading, resource, declared_count=1, received_count=1, distinct_count=1, page_count=1,
                          is_complete=True, fault=None)  # fmt: skip
        chunk.write(resource)
    names = ", ".join(c.name for c in RECORD_CHANGE.columns if c.name not in ("batch_id", "page_id"))
    where = {"b": batch_id}
    lines = world.rows(f"SELECT {names}, page_id - batch_id * 10000000 AS page FROM landing.record_change"
                       " WHERE batch_id = :b ORDER BY source_key", **where)  # fmt: skip
    kept = world.rows("SELECT page_id - batch_id * 10000000, unit_id, school_year, body FROM landing.page"
                      " WHERE batch_id = :b ORDER BY 1", **where)  # fmt: skip
    scopes = world.rows("SELECT resource, unit_id, school_year, page_count FROM ops.scope WHERE batch_id = :b"
                        " ORDER BY unit_id", **where)  # fmt: skip
    normalized = world.rows("SELECT source_key FROM normalized.school_class WHERE batch_id = :b ORDER BY 1", **where)
    return tuple([tuple(row) for row in rows] for rows in (lines, kept, scopes, normalized))


def test_page_by_page_or_all_at_once_is_the_same(stage: Stage) -> None:
    world = stage("year_end")
    whole = _written(world, 900_001, 5000)
    lines, kept, scopes, normalized = whole
    assert (len(lines), len(kept), len(scopes), len(normalized)) == (9, 3, 2, 9)
    assert _written(world, 900_002, 1) == whole
    assert _written(world, 900_003, 4) == whole


def test_it_is_full_by_records_or_by_the_bytes_of_its_pages(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stage("year_end")
    site = sites.load(world.folder / "site")
    connection = site.connection("saomai")
    reading = next(readings(connection, "classes", (site.year(2023),), DAY))
    monkeypatch.setattr(chunks, "_MAX_BYTES", 100)
    with engine().connect() as database:
        chunk = Chunk(database, connection, 900_004, site.mapping(connection, DAY), site, 3)
        full = []
        for body, count in ((b"x" * 40, 1), (b"x" * 40, 1), (b"x" * 10, 1)):
            chunk.add(reading, body, _records(len(full), count))
            full.append(chunk.is_full)
        assert full == [False, False, True]
        other = Chunk(database, connection, 900_004, site.mapping(connection, DAY), site, 3)
        other.add(reading, b"x" * 100, _records(0, 1))
        assert other.is_full


def test_a_line_names_the_page_on_which_its_record_lies(stage: Stage) -> None:
    world = stage("year_end")
    lines, kept, _, _ = _written(world, 900_005, 5000)
    page_of = {line[2]: line[-1] for line in lines}  # type: ignore[index]
    assert [page_of[f"c{n}"] for n in (0, 2, 3, 4, 5, 8)] == [0, 0, 1, 1, 2, 2]
    assert [row[0] for row in kept] == [0, 1, 2]  # type: ignore[index]

"""How far is a sync from its floor? At 100,000 pupils of one OneRoster provider, everything in this one run.

floor: fetch every page, parse it, COPY its records, nothing else | first sync | sync when nothing has changed
Of each sync also what its gates take, by room: all of judging, from the checksum of what stands to the verdict kept.

`make bench` prints the figures; it judges nothing. The served city runs in a process of its own.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import requests
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text
from sqlalchemy import Connection as Database

from edu_pipeline.flow import admit, publish, sync, year
from edu_pipeline.gate.verdict import Verdict
from edu_pipeline.landing.client import Client
from edu_pipeline.landing.paging import pages
from edu_pipeline.landing.read import readings
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.storage import embedded, migrate
from edu_pipeline.storage.copy import copy_rows
from edu_pipeline.storage.engine import engine

PORT = 8799
FLOOR = Table("floor", MetaData(), Column("key", Text), Column("record", LargeBinary), schema="pg_temp",
              prefixes=["TEMPORARY"])  # fmt: skip


@contextmanager
def _served(folder: Path, students: int) -> Iterator[None]:
    command = [sys.executable, "-m", "edu_pipeline", "sandbox", "serve", "--size", "bench", "--students", str(students)]
    process = subprocess.Popen([*command, "--port", str(PORT), "--site", str(folder)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            try:
                requests.get(f"http://127.0.0.1:{PORT}/_control/clock", timeout=1)
                break
            except requests.RequestException:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _floor() -> tuple[float, int]:
    """Seconds and records of the least that anybody has to do."""
    site, day = sites.load(settings().site_dir), settings().today()
    began, count = time.perf_counter(), 0
    with engine().begin() as database:
        FLOOR.create(database, checkfirst=False)
        for connection in site.connections:
            client = Client(connection, settings().secret)
            for name, kind in connection.kind.resources.items():
                for reading in readings(connection, name, site.readable_years(day), day):
                    for page in pages(client, kind, reading.params, reading.place):
                        rows = [(str(r.get("sourcedId")), orjson.dumps(r)) for r in page.records]
                        count += copy_rows(database, FLOOR, ("key", "record"), rows)
        FLOOR.drop(database, checkfirst=False)
    return time.perf_counter() - began, count


@contextmanager
def _clocked() -> Iterator[Counter[str]]:
    """Seconds that the gates take, by room, while it lasts; readings that are judged side by side count twice."""
    spent: Counter[str] = Counter()
    true = admit.judge

    def judge(database: Database, room: str, *said: Any) -> Verdict:
        began = time.perf_counter()
        try:
            return true(database, room, *said)
        finally:
            spent[room] += time.perf_counter() - began

    admit.judge = judge  # type: ignore[assignment]
    try:
        yield spent
    finally:
        admit.judge = true


def _timed(title: str, floor: float) -> float:
    began = time.perf_counter()
    with _clocked() as spent:
        failures = [outcome.failure for outcome in sync.sync(title) if outcome.failure]
    seconds = time.perf_counter() - began
    assert not failures, failures
    print(f"{title:<18} {seconds:7.1f} s   {seconds / floor:5.2f} x floor")
    gates = spent.total()
    rooms = ", ".join(f"{room} {took:.1f} s" for room, took in spent.most_common())
    print(f"{'  of it gates':<18} {gates:7.1f} s   {gates / seconds:5.0%} of the sync   {rooms}")
    return seconds


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=100_000)
    students = parser.parse_args().students
    folder = Path(tempfile.mkdtemp(prefix="edu-bench-"))
    folder.chmod(0o755)
    os.environ |= {"EDU_DATA_DIR": str(folder), "EDU_SITE_DIR": str(folder / "site")}
    try:
        with _served(folder / "site", students):
            migrate.upgrade(engine("edu_owner"))
            year.open_year(2023)
            # The server answers its first question by building what it holds: nobody's time but its own.
            _floor()
            floor, count = _floor()
            print(f"{'floor':<18} {floor:7.1f} s   {count} records")
            _timed("first sync", floor)
            publish.publish("bench")
            _timed("unchanged sync", floor)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{'peak memory':<18} {peak:7.0f} MB of the pipeline's process")
    finally:
        engine().dispose()
        embedded.stop(folder / "postgres")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

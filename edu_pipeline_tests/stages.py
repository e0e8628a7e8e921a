"""The practice city at its turning points, for tests that need a register with history.

sandbox (real HTTP) -> flow, as the app role -> a database per stage, built once a run -> a copy per test

Stages: `year_end` (synced, published, warehouse), `declared` (the same after the nights of 20 and 27 September, when
units have declared their systems), `opening` (2023 closed; the new year's rows wait), `applied` (rolled
over, the new year's rows admitted). A test gets its own copy, its own clock, its own served systems and faults.
"""

import datetime as dt
import fcntl
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, make_url, text

from edu_pipeline.flow import approve as approvals
from edu_pipeline.flow import publish, rollover, sync, warehouse, year
from edu_pipeline.sandbox import clock, plan, server, site, zone
from edu_pipeline.sandbox.city import City, as_city, build
from edu_pipeline.settings import settings
from edu_pipeline.storage import embedded
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.conftest import Database

STAGES = {"year_end": "year_end", "declared": "2024-09-27", "opening": "opening", "applied": "opening"}


@cache
def practice_city() -> City:
    """The small city, built once a process; nothing changes it. Its second vendor is not connected here, nor is any
    learning-management system: `flow/test_learning.py` and the whole city have them."""
    return replace(build("small").without("hoaphuong"), learning={})


@dataclass
class World:
    """One test's practice city: its systems are served, its database stands at a stage."""

    sandbox: server.Sandbox
    base_url: str
    folder: Path

    @property
    def city(self) -> City:
        return self.sandbox.city

    @property
    def app(self) -> Engine:
        return engine("edu_app")

    def at(self, phase: str) -> None:
        """Move the business clock."""
        clock.move(self.folder / "clock", phase)

    def fault(self, name: str, unit: str = "", is_on: bool = True, **options: Any) -> None:
        """Switch a fault of the served systems."""
        self.sandbox.faults.switch(name, unit, is_on, **options)

    def sync(self, *connections: str, run_id: str = "") -> dict[str, sync.Outcome]:
        """Sync and return the outcomes by connection."""
        order = sync.Order(tuple(connections))
        return {o.connection_id: o for o in sync.sync(run_id or uuid.uuid4().hex, order)}

    def night(self, is_good: bool = False) -> publish.Publication:
        """Sync all, publish, materialise. `is_good`: nothing may fail; what did is told here, not by what follows."""
        failed = {name: outcome.failure for name, outcome in self.sync().items() if outcome.failure}
        assert not (is_good and failed), failed
        done = publish.publish(uuid.uuid4().hex)
        warehouse.materialize(uuid.uuid4().hex)
        return done

    def rows(self, query: str, **binds: Any) -> list[Any]:
        """Answer of a query, as the app role."""
        with self.app.connect() as connection:
            return list(connection.execute(text(query), binds))

    def value(self, query: str, **binds: Any) -> Any:
        """The one value that a query gives."""
        return self.rows(query, **binds)[0][0]

    def execute(self, statement: str, **binds: Any) -> None:
        """Change something behind the pipeline's back, as the app role."""
        with self.app.begin() as connection:
            connection.execute(text(statement), binds)


def approve(*units: str, from_year: int = 2023) -> dict[str, str]:
    """Approve the plans of units (none named: all) that are checked, by the hash that stands; those hashes."""
    query = text("SELECT unit_id, hash FROM rollover.plan WHERE status = 'checked' AND from_year = :year")
    with engine().connect() as database:
        found = {row.unit_id: row.hash for row in database.execute(query, {"year": from_year})}
    return approvals.approve(from_year, {unit: said for unit, said in found.items() if unit in units or not units})


def _build(stage: str, world: World) -> None:
    world.at("year_end")
    year.open_year(2023)
    world.night(is_good=True)
    if stage == "year_end":
        return
    if stage == "declared":
        for day in ("2024-09-20", "2024-09-27"):
            world.at(day)
            assert {name: o.error for name, o in world.sync().items() if o.error} == {}
            publish.publish(uuid.uuid4().hex)
        return
    year.close_year(2023)
    world.at("opening")
    world.night(is_good=True)
    if stage == "opening":
        return
    rollover.make_plan(2023, "plan-run")
    approve()
    rollover.apply_plan(2023, "apply-run")
    world.night(is_good=True)


def _sql(made: embedded.Server, *statements: str) -> None:
    admin = make_url(made.url("postgres", "postgres")).set(drivername="postgresql")
    with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def copy(made: embedded.Server, template: str, name: str) -> None:
    """Make a database that is what another one is; whoever is connected to that one is cut off."""
    _sql(
        made,
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'",
        f"CREATE DATABASE {name} OWNER edu_owner TEMPLATE {template}",
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {', '.join(embedded.ROLES)}",
    )


def forget() -> None:
    """Let go of the engines and settings of this process: others are wanted next."""
    for role in ("edu_app", "edu_owner"):
        if engine.cache_info().currsize:
            engine(role).dispose()
    engine.cache_clear()
    settings.cache_clear()


def point(monkeypatch: pytest.MonkeyPatch, made: embedded.Server, name: str, folder: Path) -> None:
    """Let settings and engines be those of a database of the server and of the world in the folder."""
    values = {"DATABASE_URL": made.url("edu_app", name), "OWNER_URL": made.url("edu_owner", name),
              "DATA_DIR": str(folder), "SITE_DIR": str(folder / "site"), "AS_OF_FILE": str(folder / "clock"),
              **{f"SECRET_{key}": value for key, value in site.SECRETS.items()}}  # fmt: skip
    for key, value in values.items():
        monkeypatch.setenv(f"EDU_{key}", value)
    engine.cache_clear()
    settings.cache_clear()


@pytest.fixture
def stage(
    server: embedded.Server, template: str, locks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], World]]:
    """`stage("opening")` gives the test a world of its own at that stage."""
    names: list[str] = []
    with serving(practice_city(), tmp_path) as world:

        def at(name: str) -> World:
            source = f"edu_stage_{name}"
            with (locks / f"{source}.lock").open("a+") as turn:
                fcntl.flock(turn, fcntl.LOCK_EX)
                turn.seek(0)
                if not turn.read():
                    # What a build that failed has left.
                    embedded.drop_database(server, source)
                    copy(server, template, source)
                    point(monkeypatch, server, source, tmp_path)
                    _build(name, world)
                    forget()
                    turn.write(dt.datetime.now(dt.UTC).isoformat())
                    turn.flush()
                names.append(f"edu_{uuid.uuid4().hex[:12]}")
                copy(server, source, names[-1])
            point(monkeypatch, server, names[-1], tmp_path)
            world.at(STAGES[name])
            return world

        yield at
    for name in names:
        forget()
        embedded.drop_database(server, name)


@contextmanager
def serving(city: City, folder: Path) -> Iterator[World]:
    """A world of a city at its year's end, without a database; the folder gets its site and its clock."""
    clock.move(folder / "clock", "year_end")
    sandbox = server.Sandbox(city, folder / "clock")
    with server.running(sandbox) as base_url:
        site.write(folder / "site", sandbox.city, base_url)
        yield World(sandbox, base_url, folder)


@contextmanager
def unread(city: City, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], World]]:
    """A city whose systems are served, and an empty register; `at("settled")` moves its clock, and its site along."""
    for name, value in site.SECRETS.items():
        monkeypatch.setenv(f"EDU_SECRET_{name}", value)
    monkeypatch.setenv("EDU_SITE_DIR", str(folder / "site"))
    monkeypatch.setenv("EDU_AS_OF_FILE", str(folder / "clock"))
    settings.cache_clear()
    sandbox = server.Sandbox(city, folder / "clock")
    with server.running(sandbox) as base_url:

        def at(phase: str) -> World:
            world = World(sandbox, base_url, folder)
            world.at(phase)
            site.write(folder / "site", sandbox.city, base_url, clock.read(folder / "clock"))
            return world

        yield at


@pytest.fixture
def whole(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], World]]:
    """`whole("settled")`: the small city with its second vendor and its events, at a phase; an empty register."""
    with unread(build("small"), tmp_path, monkeypatch) as at:
        yield at


@pytest.fixture
def moving(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], World]]:
    """`moving("opening")`: the same for those units of the small city alone whose pupils move among them."""
    with unread(as_city(zone.tell(plan.of_small(), 1230)), tmp_path, monkeypatch) as at:
        yield at

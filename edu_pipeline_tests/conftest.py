"""What every test may ask for: a real PostgreSQL, a migrated database of its own, a site folder, a clean environment.

embedded server (one a run, shared by all workers) -> template, migrated once -> `database`, one a test

What does not belong here: data. A test that needs rows writes them itself, as the role that the pipeline runs as.
"""

import datetime as dt
import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis
import psycopg
import pytest
from hypothesis.internal.conjecture import providers
from sqlalchemy import URL, Engine, make_url, text

from edu_pipeline.flow.reference import load_lists
from edu_pipeline.settings import settings
from edu_pipeline.storage import embedded, migrate
from edu_pipeline.storage.engine import connect, engine

# It would draw out of the constants of whatever modules are loaded, and otherwise with every line that is written.
providers._get_local_constants = providers.Constants  # type: ignore[assignment]
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("steady")

_TEMPLATE, _RUN = "edu_template", "PYTEST_XDIST_TESTRUNUID"


@dataclass(frozen=True)
class Database:
    """A migrated database of one test: engines of the two roles that write, and the app role's URL."""

    app: Engine
    owner: Engine
    url: URL
    name: str
    server: embedded.Server = field(repr=False)

    def url_of(self, role: str) -> URL:
        return make_url(self.server.url(role, self.name))


def _forget() -> None:
    engine.cache_clear()
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees the EDU_ variables of whoever runs it: a developer's database is nobody's test data."""
    for name in [name for name in os.environ if name.startswith("EDU_")]:
        monkeypatch.delenv(name)
    _forget()
    yield
    _forget()


@pytest.fixture(scope="session")
def locks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if _RUN in os.environ else own


def fast_folder() -> Path:
    """Where a test's database lies: in memory, if there is room."""
    memory = Path("/dev/shm")
    is_roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 * 2**30
    return memory if is_roomy else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def server(locks: Path) -> Iterator[embedded.Server]:
    """The run's server. Each worker holds a shared lock on it; the one that nobody else shares it with stops it."""
    with (locks / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        folder = fast_folder() / f"edu-pipeline-tests-{os.environ.get(_RUN, os.getpid())}"
        folder.mkdir(mode=0o755, exist_ok=True)
        made = embedded.start(folder)
        yield made
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        embedded.stop(folder)
        for place in {made.home, folder}:
            shutil.rmtree(place)


@pytest.fixture(scope="session")
def template(server: embedded.Server, locks: Path) -> str:
    """Name of the migrated database that the tests' databases are copies of."""
    with (locks / "template.lock").open("a+") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        turn.seek(0)
        # Once a run: whoever copies it cuts off who is connected to it, another worker that looks at it again, too.
        if not turn.read():
            migrated(server)
            turn.write(dt.datetime.now(dt.UTC).isoformat())
            turn.flush()
        return _TEMPLATE


def migrated(server: embedded.Server) -> str:
    """Name of the server's migrated database; it is made, or brought to this code's schema."""
    embedded.ensure_database(server, _TEMPLATE)
    owner = connect(make_url(server.url("edu_owner", _TEMPLATE)))
    migrate.upgrade(owner)
    with owner.begin() as connection:
        # Master refuses a code that no list has; that lists are loaded is no test's audit but test_reference's.
        if load_lists(connection, folder=Path("no site"), as_of=dt.date(2024, 9, 5)):
            connection.execute(text("TRUNCATE ops.audit, ops.audit_seal RESTART IDENTITY"))
    owner.dispose()
    return _TEMPLATE


@pytest.fixture
def database(
    server: embedded.Server, template: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Database]:
    """A migrated database of this test alone; settings and `storage.engine.engine()` point to it."""
    name = f"edu_{uuid.uuid4().hex[:12]}"
    admin = make_url(server.url("postgres", "postgres")).set(drivername="postgresql")
    with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as connection:
        # As ensure_database does it: PostgreSQL does not copy privileges on the database itself.
        connection.execute(f"CREATE DATABASE {name} OWNER edu_owner TEMPLATE {template}")
        connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {', '.join(embedded.ROLES)}")
    monkeypatch.setenv("EDU_DATABASE_URL", server.url("edu_app", name))
    monkeypatch.setenv("EDU_OWNER_URL", server.url("edu_owner", name))
    monkeypatch.setenv("EDU_DATA_DIR", str(tmp_path / "data"))
    _forget()
    app, owner = (engine(role) for role in ("edu_app", "edu_owner"))
    yield Database(app, owner, app.url, name, server)
    app.dispose()
    owner.dispose()
    embedded.drop_database(server, name)


@pytest.fixture
def site_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A valid site: one connection of each shipped system, two school years. Settings point to it."""
    folder = shutil.copytree(Path(__file__).parent / "sources" / "site", tmp_path / "site")
    monkeypatch.setenv("EDU_SITE_DIR", str(folder))
    _forget()
    return folder

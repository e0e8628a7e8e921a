"""The embedded server is started once, found again, survives a crash, and is never mistaken for another process."""

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from edu_pipeline.storage import embedded


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for a server of this test alone; the server is stopped and removed whatever the test does."""
    made = Path(tempfile.mkdtemp(prefix="edu-pipeline-test-"))
    made.chmod(0o755)
    yield made
    embedded.stop(made)
    for place in {made, embedded._home(made)}:
        shutil.rmtree(place)


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen]:
    """A living process of the server's own user that is no server."""
    identity = {"user": pwd.getpwnam("nobody").pw_uid} if os.geteuid() == 0 else {}
    process = subprocess.Popen(["sleep", "60"], **identity)
    yield process
    process.kill()
    process.wait()


def pid_file(server: embedded.Server) -> Path:
    return server.home / "cluster" / "postmaster.pid"


def postmaster(server: embedded.Server) -> int:
    return int(pid_file(server).read_text().splitlines()[0])


def ask(server: embedded.Server, statement: str, role: str = "postgres", database: str = "postgres") -> list[tuple]:
    address = server.url(role, database).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        answer = connection.execute(statement)
        return answer.fetchall() if answer.description else []


def kill(server: embedded.Server) -> None:
    pid = postmaster(server)
    os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        if embedded.status(server.folder) is None:
            return
        time.sleep(0.05)
    raise AssertionError("the killed server is still taken for running")


def test_a_second_start_finds_the_first_server(folder):
    first = embedded.start(folder)
    pid = postmaster(first)
    second = embedded.start(folder)
    assert second == first == embedded.status(folder)
    assert postmaster(second) == pid
    assert ask(second, "SELECT 1") == [(1,)]


def test_a_narrow_terminal_does_not_hide_the_server(folder, monkeypatch):
    # Whoever imports readline (pytest, a shell, a debugger) has COLUMNS set for its children.
    server = embedded.start(folder)
    with monkeypatch.context() as narrow:
        narrow.setenv("COLUMNS", "40")
        found = embedded.status(folder)
    assert found == server


def test_what_was_committed_survives_a_kill(folder):
    server = embedded.start(folder)
    ask(server, "CREATE TABLE kept AS SELECT n FROM generate_series(1, 1000) AS n")
    kill(server)
    again = embedded.start(folder)
    assert ask(again, "SELECT count(*), sum(n) FROM kept") == [(1000, 500500)]
    assert again.passwords == server.passwords


def test_a_stale_pid_of_another_living_process_is_not_believed(folder, bystander):
    server = embedded.start(folder)
    ask(server, "CREATE TABLE kept (n integer)")
    said = pid_file(server).read_text()
    embedded.stop(folder)
    pid_file(server).write_text("\n".join([str(bystander.pid), *said.splitlines()[1:]]) + "\n")
    assert embedded.status(folder) is None
    embedded.stop(folder)
    assert bystander.poll() is None
    again = embedded.start(folder)
    assert bystander.poll() is None
    assert postmaster(again) != bystander.pid
    assert ask(again, "SELECT count(*) FROM kept") == [(0,)]


def test_a_process_that_only_reads_the_cluster_is_not_believed(folder):
    server = embedded.start(folder)
    cluster, said = server.home / "cluster", pid_file(server).read_text()
    embedded.stop(folder)
    reader = subprocess.Popen(["tail", "-f", cluster / "PG_VERSION"], stdout=subprocess.DEVNULL)
    try:
        pid_file(server).write_text("\n".join([str(reader.pid), *said.splitlines()[1:]]) + "\n")
        found = embedded.status(folder)
    finally:
        reader.kill()
        reader.wait()
    assert found is None


@pytest.mark.parametrize(
    ("command", "program", "is_believed"),
    [
        ("Ss   /opt/pg/bin/postgres -D /data/cluster -p 1 -k", "postgres", True),
        ("Ss   /opt/our own/bin/postgres -D /data/cluster", "/opt/our own/bin/postgres", True),
        ("Zs   /opt/pg/bin/postgres -D /data/cluster -p 1 -k", "postgres", False),
        ("S    /opt/pg/bin/postgres -D /data/cluster2 -p 1 -k", "postgres", False),
        ("S    /opt/pg/bin/postgres -D /data/cluster two/cluster -p 1", "postgres", False),
        ("S    /opt/pg/bin/postgres -D /other/cluster -c x=/data/cluster", "postgres", False),
        ("S    /opt/pg/bin/postgres", "postgres", False),
        ("S    postgres: edu_app edu 127.0.0.1(1) idle", "postgres", False),
        ("S    tail -f /opt/pg/bin/postgres -D /data/cluster", "tail", False),
        ("S    /opt/pg/bin/pg_basebackup -D /data/cluster", "pg_basebackup", False),
        ("", "", False),
    ],
)
def test_only_a_postgres_on_this_very_cluster_is_its_server(command, program, is_believed, monkeypatch):
    said = {"stat=,args=": command, "comm=": program}
    monkeypatch.setattr(embedded, "_ps", lambda pid, columns: said[columns])
    assert embedded._is_postmaster(1, Path("/data/cluster")) is is_believed


def test_stop_stops_and_may_be_said_again(folder):
    server = embedded.start(folder)
    embedded.stop(folder)
    assert embedded.status(folder) is None
    with pytest.raises(psycopg.OperationalError):
        ask(server, "SELECT 1")
    embedded.stop(folder)


def test_a_folder_without_a_server_has_no_status_and_nothing_to_stop(folder):
    nowhere = folder / "nowhere"
    assert embedded.status(folder) is None
    assert embedded.status(nowhere) is None
    embedded.stop(nowhere)
    assert not nowhere.exists()


def test_secrets_are_the_owner_s_alone_and_all_different(folder):
    server = embedded.start(folder)
    path = folder / "secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(server.passwords) == {"postgres", *embedded.ROLES}
    assert len(set(server.passwords.values())) == len(server.passwords)
    assert json.loads(path.read_text()) == server.passwords
    assert stat.S_IMODE((server.home / "cluster").stat().st_mode) == 0o700
    assert list(server.home.glob("initial-*")) == []


def test_a_server_shown_in_a_traceback_tells_no_password():
    made = embedded.Server(Path("/nowhere"), Path("/nowhere"), 1, {"edu_app": "very-secret"})
    assert "very-secret" not in repr(made)


def test_a_role_needs_its_password(folder):
    server = embedded.start(folder)
    assert ask(server, "SELECT current_user", "edu_app") == [("edu_app",)]
    wrong = embedded.Server(server.folder, server.home, server.port, dict.fromkeys(server.passwords, "wrong"))
    for role in server.passwords:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            ask(wrong, "SELECT 1", role)


def test_the_server_listens_on_loopback_only_and_logs_no_statement(folder):
    server = embedded.start(folder)
    with pytest.raises(psycopg.Error):
        ask(server, "SELECT 'Nguyễn Thị Ánh'::integer")
    assert ask(server, "SHOW listen_addresses") == [("127.0.0.1",)]
    assert ask(server, "SHOW unix_socket_directories") == [("",)]
    assert "Nguy" not in (server.home / "postgres.log").read_text()


def test_a_database_is_made_once_and_its_public_may_do_nothing(server):
    try:
        embedded.ensure_database(server, "edu_made_once")
        ask(server, "CREATE TABLE mine (n integer)", database="edu_made_once")
        embedded.ensure_database(server, "edu_made_once")
        assert ask(server, "SELECT count(*) FROM mine", database="edu_made_once") == [(0,)]
        owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'edu_made_once'"
        assert ask(server, owner) == [("edu_owner",)]
        everyone = (
            "SELECT count(*) FROM pg_database, aclexplode(datacl) WHERE datname = 'edu_made_once' AND grantee = 0"
        )
        assert ask(server, everyone) == [(0,)]
    finally:
        embedded.drop_database(server, "edu_made_once")
    assert ask(server, "SELECT 1 FROM pg_database WHERE datname = 'edu_made_once'") == []


def test_a_server_that_will_not_start_names_its_log(folder, monkeypatch):
    server = embedded.start(folder)
    embedded.stop(folder)
    configuration = server.home / "cluster" / "postgresql.conf"
    good = configuration.read_text()
    configuration.write_text(good + "no_such_setting = 1\n")
    monkeypatch.setattr(embedded, "START_SECONDS", 0.5)
    with pytest.raises(embedded.ServerFailed, match=r"postgres\.log"):
        embedded.start(folder)
    assert "no_such_setting" in (server.home / "postgres.log").read_text()


def test_a_folder_without_binaries_is_said_to_be_one(folder):
    with pytest.raises(embedded.ServerFailed, match=r"nowhere.*initdb.*EDU_PG_BINDIR"):
        embedded.start(folder, folder / "nowhere")

"""The practice city: its systems, the demonstration, the demonstration of failures, and a developer's instance.

sandbox process + practice environment -> the same commands that a real city has

What does not belong here: what the systems serve (sandbox), what the commands do (data.py, year.py, rollover.py).
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import requests

from edu_pipeline.cli import jobs
from edu_pipeline.cli.show import show
from edu_pipeline.flow import approve as approvals
from edu_pipeline.flow import ask
from edu_pipeline.flow import board as boards
from edu_pipeline.flow import year as years
from edu_pipeline.flow.configure import refuse_other
from edu_pipeline.sandbox import clock, server
from edu_pipeline.settings import settings
from edu_pipeline.storage import embedded, migrate
from edu_pipeline.storage.engine import engine

# A machine that does much else takes its time until a city is born.
START_SECONDS = 120
FROM = 2023
_DOCUMENT = "512/SGDĐT-KHTC"


@click.group()
def sandbox() -> None:
    """The practice city's systems."""


@sandbox.command()
@click.option("--port", type=int, default=8731, show_default=True)
@click.option("--fd", type=int, help="A socket that listens already, of whoever starts this process.")
@click.option("--site", type=click.Path(path_type=Path), default=Path(".edu/site"), show_default=True)
@click.option("--size", type=click.Choice(["small", "town", "city", "bench"]), default="small", show_default=True)
@click.option("--students", type=int, default=100_000, show_default=True, help="Of size bench.")
def serve(port: int, fd: int | None, site: Path, size: str, students: int) -> None:
    """Serve the practice city on loopback until stopped."""
    bound = server.listening(port) if fd is None else socket.socket(fileno=fd)
    click.echo(f"practice city on {server.address(bound)}, its site in {site}")
    server.serve(bound, site, size, students)


def _enter(data: Path) -> None:
    """Make this process and its children live in the practice city."""
    os.environ |= {"EDU_DATA_DIR": str(data), "EDU_SITE_DIR": str(data / "site")}
    settings.cache_clear()
    engine.cache_clear()


@contextmanager
def systems(data: Path, prepare: Callable[[], None]) -> Iterator[str]:
    """The city's systems while the block runs: those of `make dev` if they are up, else a process of our own.

    What there is to `prepare` is done while they start: the city has to be born first.
    """
    address = data / "address"
    if address.exists() and _answers(address.read_text()):
        prepare()
        yield address.read_text()
        return
    with server.listening() as bound:
        base_url, given = server.address(bound), bound.fileno()
        command = [sys.executable, "-m", "edu_pipeline", "sandbox", "serve", "--fd", str(given)]
        command += ["--site", str(data / "site")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, pass_fds=[given])
    try:
        prepare()
        deadline = time.monotonic() + START_SECONDS
        while not _answers(base_url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise click.ClickException("the practice city's systems did not start")
            time.sleep(0.1)
        address.write_text(base_url)
        yield base_url
    finally:
        process.terminate()
        process.wait(10)


def _answers(base_url: str) -> bool:
    try:
        return requests.get(f"{base_url}/_control/clock", timeout=2).ok
    except requests.RequestException:
        return False


def _night() -> None:
    jobs.launch("sync")
    jobs.launch("publish")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path(".edu"), show_default=True)
def demo(data: Path) -> None:
    """The whole way on the practice city: pull, close the year, roll over, publish, materialise."""
    began = time.monotonic()
    _enter(data.absolute())
    with systems(data.absolute(), _database) as base_url:
        _rollover_all(base_url)
    _say("ledger")
    show(ask.ledger(), False, "received = unchanged + admitted + quarantined + held + waiting + superseded")
    show(ask.states(), False, "persons by state")
    show(ask.sums(), False, "rollover 2023-2024, semester II -> 2024-2025")
    show(ask.warehouse(), False, "warehouse")
    show(ask.changed(), False, "changed by the last publication")
    click.echo(f"\n{time.monotonic() - began:.0f} s. `make dev` opens the same data: runs, checks, lineage.")


def _database() -> None:
    _say("database")
    with engine("edu_owner").connect() as database:
        refuse_other(database, "practice")
    migrate.upgrade(engine("edu_owner"))


def _rollover_all(base_url: str) -> None:
    """The year's way, from wherever the clock stands: a step that is done already finds nothing to do."""
    path = settings().site_dir / "clock"
    today = clock.read(path)
    _say(f"{today}: sync and publish")
    if today <= clock.YEAR_END[FROM]:
        click.echo(f"  {FROM} opened for {len(years.open_year(FROM))} units")
    _night()
    _say(f"{clock.read(path)}: close {FROM}-{FROM + 1}")
    click.echo(f"  closing snapshot of {len(years.close_year(FROM))} units")
    if today < clock.OPENING:
        requests.post(f"{base_url}/_control/clock", json={"to": "opening"}, timeout=30).raise_for_status()
        _say(f"{clock.OPENING}: sync and publish; the new year's rows wait")
        _night()
    _say(f"rollover {FROM}-{FROM + 1} -> {FROM + 1}-{FROM + 2}")
    jobs.launch("rollover_plan", partition=FROM)
    approve_all()
    jobs.launch("rollover_apply", partition=FROM)
    _say("sync and publish; what waited for the year enters")
    _night()


def approve_all() -> None:
    """As the city's people would: what is plain by district, citing a document; the others unit by unit, by their hash.

    A unit that is not ready is approved by nobody.
    """
    for district in sorted({row["district"] for row in boards.board(FROM) if row["hash"]} - {""}):
        done, _ = approvals.approve_district(FROM, district, _DOCUMENT)
        click.echo(f"  district {district}: {len(done)} plans without exceptions approved by {_DOCUMENT}")
    looked_at = {row["unit"]: row["hash"] for row in boards.board(FROM) if row["state"] == "planned"}
    approvals.approve(FROM, looked_at)
    click.echo(f"  {len(looked_at)} plans with exceptions approved, each by its hash")


@click.command("demo-failure")
@click.option("--data", type=click.Path(path_type=Path), default=Path(".edu/failure"), show_default=True)
def demo_failure(data: Path) -> None:
    """Eight planted faults; exits 0 only if each is stopped where docs/failures.md says, and nothing else is."""
    from edu_pipeline.cli import failures

    data = data.absolute()
    _enter(data)
    started = embedded.start(data / "postgres")
    embedded.drop_database(started, settings().database)
    for folder in ("dagster", "site", "anchor"):
        shutil.rmtree(data / folder, ignore_errors=True)
    try:
        with systems(data, lambda: migrate.upgrade(engine("edu_owner"))) as base_url:
            failures.run(base_url)
    finally:
        embedded.stop(data / "postgres")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path(".edu"), show_default=True)
@click.option("--port", type=int, default=3000, show_default=True)
def dev(data: Path, port: int) -> None:
    """Open the Dagster UI on the practice city, with daemon, schedules and the city's systems."""
    _enter(data.absolute())
    with systems(data.absolute(), lambda: migrate.upgrade(engine("edu_owner"))):
        command: list[str | Path] = [
            Path(sys.executable).parent / "dg",
            "dev",
            "-m",
            "edu_pipeline.definitions",
            "--port",
            str(port),
        ]
        # A shell starts background jobs with SIGINT ignored, and children inherit that: Dagster would then never stop.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        process = subprocess.Popen(command, env=jobs.environment(), start_new_session=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            process.wait()
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@click.command()
def stop() -> None:
    """Stop the embedded servers of this folder; nothing is removed."""
    for data in (Path(".edu"), Path(".edu/failure")):
        embedded.stop(data / "postgres")


def _say(step: str) -> None:
    click.secho(f"\n{step}", bold=True)

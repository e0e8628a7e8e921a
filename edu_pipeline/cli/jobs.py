"""Start a job of the Dagster instance as a process of its own, and wait for it.

job, config -> `dg launch` -> run in the instance that `make dev` opens

What does not belong here: importing Dagster (a second or two, and a door that the shell does not need).
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

from edu_pipeline.settings import settings


class JobFailed(click.ClickException):
    """The run failed; the message is the run's own last word."""


def home() -> Path:
    """DAGSTER_HOME: the environment's, else a folder beside the data, with the project's dagster.yaml."""
    if "DAGSTER_HOME" in os.environ:
        return Path(os.environ["DAGSTER_HOME"])
    folder = (settings().data_dir / "dagster").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    instance = Path("dagster.yaml")
    if not instance.is_file():
        raise click.ClickException("no dagster.yaml here: run in the project's folder, or set DAGSTER_HOME")
    if not (folder / "dagster.yaml").exists():
        (folder / "dagster.yaml").write_text(instance.read_text())
    return folder


def environment() -> dict[str, str]:
    """The environment of Dagster's processes."""
    return {**os.environ, "DAGSTER_HOME": str(home()), "PYTHONWARNINGS": "ignore"}


def launch(job: str, may_fail: bool = False, partition: int | None = None, **config: Any) -> bool:
    """Run a job in this instance, its log in <data>/logs. True if it succeeded; JobFailed unless `may_fail`."""
    began = time.monotonic()
    document = {"ops": {f"{job}_step": {"config": config}}} if config else {}
    folder = settings().data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{time.strftime('%Y%m%dT%H%M%S')}-{job}.log"
    command = [str(Path(sys.executable).parent / "dg"), "launch", "--job", job, "-m", "edu_pipeline.definitions"]
    command += ["--config-json", json.dumps(document), *(["--partition", str(partition)] if partition else [])]
    click.echo(f"  job {job} ...", nl=False)
    with log.open("w") as handle:
        done = subprocess.run(command, env=environment(), stdout=handle, stderr=subprocess.STDOUT, check=False)
    click.echo(f" {'done' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - began:.1f} s")
    if done.returncode and not may_fail:
        raise JobFailed(f"job {job} failed: {_last_word(log)} (log: {log})")
    return done.returncode == 0


def _last_word(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    said = [line for line in lines if "dagster.Failure:" in line or "Error:" in line or "Refused" in line]
    return said[-1].strip()[:600] if said else "see its log"

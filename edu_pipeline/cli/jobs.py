"""Run a job in the Dagster instance, and wait for it.

job, config -> `dg launch`, in this process -> run in the instance that `make dev` opens

What does not belong here: importing Dagster before a job is asked for (seconds, which a question need not wait).
"""

import json
import os
import time
import traceback
import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TextIO

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
    command = ["launch", "--job", job, "-m", "edu_pipeline.definitions", "--config-json", json.dumps(document)]
    command += ["--partition", str(partition)] if partition else []
    click.echo(f"  job {job} ...", nl=False)
    with log.open("w") as handle:
        is_done = _dg(command, handle)
    click.echo(f" {'done' if is_done else 'FAILED'} in {time.monotonic() - began:.1f} s")
    if not is_done and not may_fail:
        raise JobFailed(f"job {job} failed: {_last_word(log)} (log: {log})")
    return is_done


def _dg(arguments: Sequence[str], log: TextIO) -> bool:
    """`dg` as its own command line calls it, here: a night of several jobs loads Dagster and its gates once."""
    before = dict(os.environ)
    try:
        os.environ |= environment()
        with redirect_stdout(log), redirect_stderr(log), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from dagster_dg_cli.cli import cli

            cli.main(list(arguments), standalone_mode=False)
    except click.ClickException as error:
        error.show(log)
        return False
    except Exception:
        traceback.print_exc(file=log)
        return False
    finally:
        os.environ.clear()
        os.environ |= before
    return True


def _last_word(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    said = [line.strip() for line in lines if "Failure: " in line or "Error:" in line or "Refused" in line]
    # The command's own closing line says only that the run failed.
    reasons = [line for line in said if not line.endswith("resulted in failure.")]
    return reasons[-1].removeprefix("dagster._core.definitions.events.")[:600] if reasons else "see its log"

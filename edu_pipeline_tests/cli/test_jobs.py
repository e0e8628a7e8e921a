"""A job of the command line runs in Dagster's instance, in this process; however it ends, the command says so."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from dagster_dg_cli.cli import cli

from edu_pipeline.cli import jobs
from edu_pipeline.settings import settings


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """What `dg` is asked; it ends well."""
    monkeypatch.setenv("EDU_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    settings.cache_clear()
    found: list[list[str]] = []
    monkeypatch.setattr(cli, "main", lambda arguments, standalone_mode: found.append([*arguments, _home()]))
    yield found
    settings.cache_clear()


def _home() -> str:
    return os.environ["DAGSTER_HOME"]


def test_a_job_is_launched_in_the_data_s_instance_and_leaves_the_environment(
    asked: list[list[str]], tmp_path: Path
) -> None:
    before = dict(os.environ)
    assert jobs.launch("rollover_plan", partition=2023, units=["79760401"])
    assert asked == [
        ["launch", "--job", "rollover_plan", "-m", "edu_pipeline.definitions", "--config-json",
         '{"ops": {"rollover_plan_step": {"config": {"units": ["79760401"]}}}}', "--partition", "2023",
         str(tmp_path / "dagster")]
    ]  # fmt: skip
    assert dict(os.environ) == before


def test_a_job_that_ends_in_any_error_has_failed_and_its_log_says_why(
    asked: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(arguments: list[str], standalone_mode: bool) -> None:
        raise LookupError("no such job")

    monkeypatch.setattr(cli, "main", breaks)
    before = dict(os.environ)
    assert jobs.launch("publish", may_fail=True) is False
    with pytest.raises(jobs.JobFailed, match="job publish failed: LookupError: no such job"):
        jobs.launch("publish")
    assert dict(os.environ) == before
    assert all("no such job" in log.read_text() for log in (tmp_path / "logs").iterdir())


def test_a_run_s_own_reason_is_told_and_not_only_that_it_failed(
    asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(arguments: list[str], standalone_mode: bool) -> None:
        print("dagster._core.definitions.events.Failure: lotus: HTTP 503 after all tries", file=sys.stderr)
        raise click.ClickException("Run 7d0f resulted in failure.")

    monkeypatch.setattr(cli, "main", fails)
    with pytest.raises(jobs.JobFailed, match="job sync failed: Failure: lotus: HTTP 503 after all tries"):
        jobs.launch("sync")

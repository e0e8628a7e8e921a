"""What one reads in the UI is what one types in SQL: keys, jobs, schedules, checks; nothing that nobody declared."""

import dagster as dg
import pytest

from edu_pipeline.contracts.tables import metadata
from edu_pipeline.definitions import defs
from edu_pipeline.schema import PULLED

JOBS = {
    "sync",
    "publish",
    "warehouse",
    "quality",
    "rollover_plan",
    "rollover_apply",
    "rollover_undo",
    "hold_answer",
    "remind",
    "reply",
    "audit",
}
GRAPH = defs.resolve_asset_graph()


# What is computed each time and stands in no table.
REPORTS = {"ops.today"}


def test_every_asset_is_a_table_of_that_schema_or_a_report() -> None:
    keys = {".".join(key.path) for key in GRAPH.get_all_asset_keys()}
    assert keys - set(metadata.tables) == REPORTS
    for room in ("normalized", "validated", "master"):
        assert {f"{room}.{entity.name}" for entity in PULLED} <= keys


def test_jobs_schedule_and_sensor_are_these() -> None:
    repository = defs.get_repository_def()
    assert {name for name in repository.job_names if not name.startswith("__")} == JOBS
    crons = {s.name: (s.job_name, s.cron_schedule, s.execution_timezone) for s in repository.schedule_defs}
    zone = "Asia/Ho_Chi_Minh"
    assert crons == {
        "nightly": ("sync", "0 1 * * *", zone),
        "reminder": ("remind", "30 7 * * *", zone),
        "replying": ("reply", "0 6 * * *", zone),
        "anchoring": ("audit", "30 6 * * *", zone),
    }
    assert [sensor.name for sensor in repository.sensor_defs] == ["admitted"]


def test_partitions_are_connection_and_school_year() -> None:
    names = {".".join(key.path): GRAPH.get(key).partitions_def for key in GRAPH.get_all_asset_keys() if GRAPH.get(key)}
    assert isinstance(names["landing.record"], dg.DynamicPartitionsDefinition)
    assert names["landing.record"].name == "connection"
    assert names["rollover.plan"].get_partition_keys()[0] == "2023"
    assert names["master.student"] is None


@pytest.mark.parametrize("schema", ["landing", "normalized", "validated", "master", "rollover", "warehouse"])
def test_every_table_that_a_run_writes_has_its_suite_as_a_check(schema: str) -> None:
    keys = {key for key in GRAPH.get_all_asset_keys() if key.path[0] == schema and key.path[1] != "snapshot"}
    checked = {check.asset_key for check in GRAPH.asset_check_keys if check.name == "suite"}
    assert keys
    assert keys <= checked


def test_checks_do_not_block() -> None:
    assert not any(GRAPH.get_check_spec(key).blocking for key in GRAPH.asset_check_keys)

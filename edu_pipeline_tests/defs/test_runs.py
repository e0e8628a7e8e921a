"""Runs record what happened and no more: failed connections by name, closed gates, counts; never a child's data."""

import logging
from collections.abc import Callable

import dagster as dg
import pytest

from edu_pipeline.definitions import defs
from edu_pipeline.defs.jobs import admitted
from edu_pipeline.defs.publish import standing_check
from edu_pipeline.flow import publish as publishing
from edu_pipeline.gate.verdict import Verdict, remember
from edu_pipeline.schema import PULLED
from edu_pipeline_tests.stages import World, approve

Stage = Callable[[str], World]


def _run(job: str, instance: dg.DagsterInstance, **options: object) -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False, **options)  # type: ignore[arg-type]


def _materialized(result: dg.ExecuteInProcessResult) -> set[tuple[str, str | None]]:
    events = [e for e in result.all_events if e.event_type_value == "ASSET_MATERIALIZATION"]
    return {("/".join(e.asset_key.path), e.partition) for e in events if e.asset_key}


def _texts(instance: dg.DagsterInstance, run_id: str) -> str:
    return "\n".join(str(record) for record in instance.all_logs(run_id))


@pytest.mark.slow
def test_one_failed_connection_is_named_and_the_others_are_recorded(stage: Stage) -> None:
    world, instance = stage("year_end"), dg.DagsterInstance.ephemeral()
    world.fault("unavailable")
    result = _run("sync", instance)
    assert not result.success
    (failure,) = [e for e in result.all_events if e.event_type_value == "STEP_FAILURE"]
    assert "saomai" in str(failure.step_failure_data)
    recorded = _materialized(result)
    assert {("landing/record", "lotus"), ("landing/record", "registry")} <= recorded
    assert not any(partition == "saomai" for _, partition in recorded)
    # Of what has not changed there is nothing to record but that it was read.
    assert ("validated/enrollment", "lotus") not in recorded
    checks = {e.event_specific_data.asset_key for e in result.all_events
              if e.event_type_value == "ASSET_CHECK_EVALUATION"}  # fmt: skip
    assert len(checks) == 1 + 2 * len(PULLED)
    assert _run("publish", instance).success


@pytest.mark.slow
def test_a_lapsed_approval_is_told_in_the_log_and_fails_nothing(stage: Stage) -> None:
    world, instance = stage("year_end"), dg.DagsterInstance.ephemeral()
    path = world.folder / "site" / "approvals.yaml"
    path.write_text(path.read_text().replace("valid_until: 2028-06-14", "valid_until: 2024-05-30"))
    result = _run("sync", instance)
    assert result.success
    told = [entry.user_message for entry in instance.all_logs(result.run_id) if entry.level == logging.WARNING]
    for name in ("registry", "saomai", "lotus"):
        assert any(f"{name}: its approval lapsed on 2024-05-31" in said for said in told)


@pytest.mark.slow
def test_a_closed_gate_leaves_out_its_table_and_fails_the_run_by_name(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, instance = stage("year_end"), dg.DagsterInstance.ephemeral()
    world.at("opening")
    world.sync()
    real = publishing.judge

    def judge(database, room, name, batch_id, relation, parts):  # type: ignore[no-untyped-def]
        verdict = real(database, room, name, batch_id, relation, parts)
        if name != "result":
            return verdict
        closed = Verdict(room, name, batch_id, False, verdict.standing, ("forced",))
        remember(database, closed)
        return closed

    monkeypatch.setattr(publishing, "judge", judge)
    before = world.value("SELECT count(*) FROM master.result")
    result = _run("publish", instance)
    assert not result.success
    (failure,) = [e for e in result.all_events if e.event_type_value == "STEP_FAILURE"]
    assert "master.result: forced" in str(failure.step_failure_data)
    recorded = {key for key, _ in _materialized(result)}
    assert "master/result" not in recorded
    assert {"master/enrollment", "ops/person_state", "warehouse/fct_enrollment"} <= recorded
    assert world.value("SELECT count(*) FROM master.result") == before


@pytest.mark.slow
def test_no_log_event_or_metadata_holds_a_childs_data(stage: Stage) -> None:
    world, instance = stage("year_end"), dg.DagsterInstance.ephemeral()
    for name, kind in (("truncated", "THCS"), ("unknown_code", "THPT"), ("duplicate_id", "TH")):
        world.fault(name, next(u.code for u in world.city.units if u.kind == kind))
    said = ""
    for job in ("sync", "publish"):
        result = _run(job, instance)
        said += _texts(instance, result.run_id)
    assert len(said) > 10_000
    leaked = [c.root for c in world.city.children if c.root in said or f"{c.family} {c.given}" in said]
    assert not leaked


@pytest.mark.slow
def test_rollover_jobs_are_partitions_of_the_year_that_ends(stage: Stage) -> None:
    world, instance = stage("opening"), dg.DagsterInstance.ephemeral()
    assert _run("rollover_plan", instance, partition_key="2023").success
    # Not to be approved is no failure; it is said.
    left = _run("rollover_apply", instance, partition_key="2023")
    assert left.success
    assert ("rollover/enrollment", "2023") in _materialized(left)
    assert world.value("SELECT count(*) FROM rollover.enrollment") == 0
    approve()
    applied = _run("rollover_apply", instance, partition_key="2023")
    assert applied.success
    assert ("rollover/enrollment", "2023") in _materialized(applied)
    config = {"ops": {"rollover_undo_step": {"config": {"run_id": applied.run_id}}}}
    assert _run("rollover_undo", instance, run_config=config).success
    assert world.value("SELECT count(*) FROM rollover.enrollment") == 0
    assert not _run("rollover_undo", instance, run_config=config).success


def test_the_sensor_starts_publish_once_for_what_is_admitted(stage: Stage) -> None:
    world, instance = stage("year_end"), dg.DagsterInstance.ephemeral()
    with dg.build_sensor_context(instance=instance) as context:
        assert isinstance(admitted(context), dg.SkipReason)
        world.sync("lotus")
        first, second = admitted(context), admitted(context)
    assert isinstance(first, dg.RunRequest)
    assert isinstance(second, dg.RunRequest)
    assert first.run_key == second.run_key


def test_the_standing_check_lists_what_somebody_has_to_act_on(stage: Stage) -> None:
    world = stage("year_end")
    assert standing_check().passed
    unit = next(u.code for u in world.city.units if u.kind == "THPT")
    world.fault("shrunken", unit)
    world.sync("saomai")
    result = standing_check()
    assert not result.passed
    assert result.severity is dg.AssetCheckSeverity.WARN
    assert unit in str(result.metadata["list"].value)

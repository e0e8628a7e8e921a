"""Assets of the year rollover, and the way back.

flow.rollover -> rollover.plan, rollover.school_class, enrollment, student_year, staff_assignment

What does not belong here: decisions, laws, sums (rollover, flow). `year close` takes the snapshot outside Dagster.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from edu_pipeline.defs.keys import SCHOOL_YEAR, SUITE, checks, key, spec, suite_result
from edu_pipeline.flow import rollover
from edu_pipeline.flow.rollover import Rollover, Why

SNAPSHOT = dg.AssetSpec(key("rollover", "snapshot"), group_name="rollover", kinds={"postgres"},
                        deps=[key("master", name) for name in ("enrollment", "school_class", "student_year",
                                                               "staff_assignment")],
                        description="Closing snapshot of semester II; taken by `edu-pipeline year close`.")  # fmt: skip
_PLAN = spec("rollover", "plan", [SNAPSHOT.key, key("master", "result")], "One line a person, class and post.",
             SCHOOL_YEAR)  # fmt: skip
_ROWS = [spec("rollover", name, [_PLAN.key], "Rolled-over rows, by plan line and run.", SCHOOL_YEAR)
         for name in ("school_class", "enrollment", "student_year", "staff_assignment")]  # fmt: skip


class UnitsConfig(dg.Config):
    """The units: none named means all."""

    units: list[str] = []


class UndoConfig(dg.Config):
    """The apply run to take back, the units of it (none named: all), and why, where others have built on it."""

    run_id: str
    units: list[str] = []
    reason: str = ""
    document: str = ""


@dg.multi_asset(name="rollover_plan_step", specs=[_PLAN], check_specs=checks([_PLAN.key]))
def plan_assets(
    context: dg.AssetExecutionContext, config: UnitsConfig
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Plan every closing unit and have the plans judged."""
    done = rollover.make_plan(int(context.partition_key), context.run.run_id, config.units or None)
    yield from _record(done, [_PLAN.key])


@dg.multi_asset(name="rollover_apply_step", specs=_ROWS, check_specs=checks([s.key for s in _ROWS]))
def apply_assets(
    context: dg.AssetExecutionContext, config: UnitsConfig
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Apply every approved plan, unit by unit, and prove the sums; the others are left out by name."""
    done = rollover.apply_plan(int(context.partition_key), context.run.run_id, config.units or None)
    yield from _record(done, [s.key for s in _ROWS])


@dg.op(name="rollover_undo_step")
def undo(context: dg.OpExecutionContext, config: UndoConfig) -> None:
    """Take an apply run back; the next publish brings master and warehouse after it."""
    done = rollover.undo(config.run_id, config.units or None, why=Why(config.reason, config.document))
    context.log.info(f"{len(done.done)} units undone")
    if done.failure:
        raise dg.Failure(done.failure, allow_retries=False)
    if not done.done:
        raise dg.Failure(f"run {config.run_id} has applied nothing that stands", allow_retries=False)


@dg.job(executor_def=dg.in_process_executor)
def rollover_undo() -> None:
    """Take back what an apply run wrote."""
    undo()


def _record(done: Rollover, assets: list[dg.AssetKey]) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    counts = {"units": len(done.done), "unchanged": len(done.unchanged), "failed": len(done.failed),
              "left_out": len(done.left), "late": len(done.late)}  # fmt: skip
    for asset in assets:
        result = suite_result(asset, done.verdicts)
        named: dict[str, Any] = {**result.metadata, "units_failed": ", ".join(sorted(done.failed)),
                                 "units_left_out": ", ".join(sorted(done.left))}  # fmt: skip
        yield dg.AssetCheckResult(passed=result.passed and not done.failed, check_name=SUITE, asset_key=asset,
                                  metadata=named)  # fmt: skip
        if result.passed:
            yield dg.MaterializeResult(asset_key=asset, metadata=counts)
    if done.failure:
        raise dg.Failure(done.failure, allow_retries=False)

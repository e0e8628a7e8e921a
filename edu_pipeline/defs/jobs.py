"""Jobs, the nightly schedule, and the sensor that starts the night's second half.

assets -> jobs -> schedule, sensor

What does not belong here: what a job does (flow). Hours are the city's: Asia/Ho_Chi_Minh.
"""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from edu_pipeline.defs.publish import master_assets, standing_check, warehouse_assets
from edu_pipeline.defs.quality import quality_assets
from edu_pipeline.defs.rollover import apply_assets, plan_assets
from edu_pipeline.defs.sync import sync_assets
from edu_pipeline.defs.today import today_asset
from edu_pipeline.flow import ask
from edu_pipeline.flow.night import CRON

ZONE = "Asia/Ho_Chi_Minh"


def _job(name: str, description: str, selection: dg.AssetSelection) -> UnresolvedAssetJobDefinition:
    return dg.define_asset_job(name, selection, description=description, executor_def=dg.in_process_executor)


_OF = dg.AssetSelection.assets
sync_job = _job("sync", "Pull every due connection and admit what passes.", _OF(sync_assets))
publish_job = _job("publish", "Merge what is admitted, account for everybody, score, materialise the warehouse.",
                   _OF(master_assets, quality_assets, warehouse_assets, today_asset)
                   | dg.AssetSelection.checks(standing_check))  # fmt: skip
warehouse_job = _job("warehouse", "Materialise the warehouse alone.", _OF(warehouse_assets))
quality_job = _job("quality", "Judge what stands and score every unit.", _OF(quality_assets))
plan_job = _job("rollover_plan", "Plan the rollover of every closing unit.", _OF(plan_assets))
apply_job = _job("rollover_apply", "Apply every approved plan, unit by unit.", _OF(apply_assets))

nightly = dg.ScheduleDefinition(name="nightly", job=sync_job, cron_schedule=CRON, execution_timezone=ZONE,
                                default_status=dg.DefaultScheduleStatus.RUNNING)  # fmt: skip

_BUSY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING,
         dg.DagsterRunStatus.STARTED]  # fmt: skip


@dg.sensor(job=publish_job, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def admitted(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Start `publish` when a batch is admitted and no sync is running, even if some connections failed."""
    if context.instance.get_run_ids(dg.RunsFilter(job_name="sync", statuses=_BUSY), limit=1):
        return dg.SkipReason("a sync is running")
    batch = ask.last_admitted()
    return dg.SkipReason("nothing new is admitted") if batch is None else dg.RunRequest(run_key=f"batch-{batch}")

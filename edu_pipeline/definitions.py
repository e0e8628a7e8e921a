"""The code location: assembles the definitions, nothing else.

defs -> Definitions

What does not belong here: anything else.
"""

import dagster as dg

from edu_pipeline.defs import audit, hold, jobs, reply
from edu_pipeline.defs.publish import master_assets, standing_check, warehouse_assets
from edu_pipeline.defs.quality import quality_assets
from edu_pipeline.defs.rollover import SNAPSHOT, apply_assets, plan_assets, rollover_undo
from edu_pipeline.defs.sync import sync_assets
from edu_pipeline.defs.today import today_asset

defs = dg.Definitions(
    assets=[
        sync_assets,
        master_assets,
        quality_assets,
        warehouse_assets,
        plan_assets,
        apply_assets,
        SNAPSHOT,
        today_asset,
    ],
    asset_checks=[standing_check],
    jobs=[
        jobs.sync_job,
        jobs.publish_job,
        jobs.warehouse_job,
        jobs.quality_job,
        jobs.plan_job,
        jobs.apply_job,
        rollover_undo,
        hold.hold_answer,
        hold.remind,
        reply.reply,
        audit.audit,
    ],
    schedules=[jobs.nightly, hold.reminder, reply.replying, audit.anchoring],
    sensors=[jobs.admitted],
    executor=dg.in_process_executor,
)

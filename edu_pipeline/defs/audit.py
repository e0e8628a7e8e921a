"""Every morning: the audit's head is anchored outside the database, and the whole of it is verified.

flow.anchor, flow.verify -> job audit; schedule anchoring

What does not belong here: sealing after an action (flow), and what is wrong (flow/verify.py).
"""

import dagster as dg

from edu_pipeline.flow.anchor import anchor
from edu_pipeline.flow.verify import verify


@dg.op(name="audit_step")
def anchor_and_verify(context: dg.OpExecutionContext) -> None:
    """Anchor, then verify; what is wrong fails the run by name."""
    anchor()
    said = verify()
    context.log.info(f"{said.entries} entries, sealed and anchored to seq {said.seq}")
    if said.findings:
        raise dg.Failure("; ".join(f"{one.rule}: {one.says}" for one in said.findings), allow_retries=False)


@dg.job(executor_def=dg.in_process_executor)
def audit() -> None:
    """Anchor the audit's head outside the database, and verify the audit."""
    anchor_and_verify()


anchoring = dg.ScheduleDefinition(name="anchoring", job=audit, cron_schedule="30 6 * * *",
                                  execution_timezone="Asia/Ho_Chi_Minh",
                                  default_status=dg.DefaultScheduleStatus.RUNNING)  # fmt: skip

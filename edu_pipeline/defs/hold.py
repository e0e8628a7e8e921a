"""Holds from the UI: an answer from the launchpad, and the morning's reminder.

flow.hold, flow.remind -> jobs hold_answer, remind; schedule reminder

What does not belong here: what may be approved, and who is told (flow).
"""

from typing import Literal

import dagster as dg

from edu_pipeline.flow import hold
from edu_pipeline.flow.remind import remind as send_letters


class AnswerConfig(dg.Config):
    """The hold and the answer to it; `edu-pipeline hold list` and the check `standing` show the holds."""

    hold_id: int
    answer: Literal["approve", "reject"]
    reason: str
    days: int = 7
    claimed: str | None = None


@dg.op(name="hold_answer_step")
def answer_hold(context: dg.OpExecutionContext, config: AnswerConfig) -> None:
    """Approve or reject a hold; the next sync acts on it."""
    try:
        if config.answer == "approve":
            until = hold.approve(config.hold_id, config.reason, config.days, config.claimed)
            context.log.info(f"hold {config.hold_id}: approved until {until}")
        else:
            hold.reject(config.hold_id, config.reason, config.claimed)
            context.log.info(f"hold {config.hold_id}: rejected")
    except hold.HoldRefused as error:
        raise dg.Failure(str(error), allow_retries=False) from error


@dg.op(name="remind_step")
def tell_owners(context: dg.OpExecutionContext) -> None:
    """Write and send the letters of the day."""
    context.log.info(f"{len(send_letters())} letters")


@dg.job(executor_def=dg.in_process_executor)
def hold_answer() -> None:
    """Answer a hold: approve lets its rows through at the next sync, reject goes on holding."""
    answer_hold()


@dg.job(executor_def=dg.in_process_executor)
def remind() -> None:
    """Tell whoever owes an answer to a hold."""
    tell_owners()


reminder = dg.ScheduleDefinition(name="reminder", job=remind, cron_schedule="30 7 * * *",
                                 execution_timezone="Asia/Ho_Chi_Minh",
                                 default_status=dg.DefaultScheduleStatus.RUNNING)  # fmt: skip

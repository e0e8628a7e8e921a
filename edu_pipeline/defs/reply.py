"""Replies to vendors, every morning: what came of each record that their systems have told.

flow.reply -> job reply, schedule replying

What does not belong here: what is told (report/replies.py). The step fails last, by name, when all have been told.
"""

import dagster as dg

from edu_pipeline.flow.reply import reply as tell


class ReplyConfig(dg.Config):
    """Which connections are told: none named means all whose kind takes replies."""

    connections: list[str] = []


@dg.op(name="reply_step")
def tell_vendors(context: dg.OpExecutionContext, config: ReplyConfig) -> None:
    """Tell each connection what is new; counts alone reach the log."""
    done = []
    for one in tell(config.connections):
        done.append(one)
        context.log.info(f"{one.connection_id}: {one.said}")
    if failures := [f"{one.connection_id}: {one.failure}" for one in done if one.failure]:
        raise dg.Failure("; ".join(failures), allow_retries=False)


@dg.job(executor_def=dg.in_process_executor)
def reply() -> None:
    """Tell vendors which of their records were accepted, rejected, wait or came too late, and why."""
    tell_vendors()


# After the night: what is told is what the register holds by then.
replying = dg.ScheduleDefinition(name="replying", job=reply, cron_schedule="0 6 * * *",
                                 execution_timezone="Asia/Ho_Chi_Minh",
                                 default_status=dg.DefaultScheduleStatus.RUNNING)  # fmt: skip

"""The command of replies: vendors are told what came of their records, or it is shown how far they have been told.

command -> job `reply`; flow/reply.py -> shown

What does not belong here: what is told (report/replies.py).
"""

import click

from edu_pipeline.cli import jobs
from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow.reply import taken


@click.command()
@click.argument("connections", nargs=-1)
@click.option("--taken", "is_shown", is_flag=True, help="Tell nobody: count what vendors have been told until now.")
@as_json
def reply(connections: tuple[str, ...], is_shown: bool, as_json: bool) -> None:
    """Tell vendors what came of each record: accepted, rejected and why, waiting for what, superseded.

    None named: all connections whose kind of system takes replies. What a vendor has taken is not told again.
    """
    if is_shown:
        show([row for row in taken() if not connections or row["connection"] in connections], as_json)
        return
    jobs.launch("reply", connections=list(connections))

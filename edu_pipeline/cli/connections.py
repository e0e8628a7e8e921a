"""Commands on the connected systems.

command -> flow -> shown

What does not belong here: pulling them (data.py).
"""

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow import ask


@click.group()
def connections() -> None:
    """The connected systems."""


@connections.command("list")
@as_json
def list_connections(as_json: bool) -> None:
    """Connections with their approval and their last batch."""
    show(ask.connections(), as_json, "connections")


@connections.command("approvals")
@as_json
def list_approvals(as_json: bool) -> None:
    """What is decided of each connection: decisions, valid until, days left, last assessment, state."""
    show(ask.approvals(), as_json, "approvals")

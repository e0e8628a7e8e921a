"""Commands on holds: what waits for an answer, the answers, and the morning's letters.

command -> flow/hold.py, flow/remind.py

What does not belong here: what may be approved (flow/hold.py).
"""

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow import hold as holds
from edu_pipeline.flow.remind import remind as send_letters

_ID = click.argument("hold_id", type=int)
_REASON = click.option("--reason", required=True, help="Why; kept with the answer.")
_CLAIMED = click.option("--as", "claimed", help="Your name, as you claim it: kept beside the database role.")


@click.group()
def hold() -> None:
    """What is held until somebody answers: removals, mass changes, closed gates."""


@hold.command("list")
@click.option("--unit", help="Only this unit's.")
@click.option("--all", "is_all", is_flag=True, help="Closed ones too.")
@as_json
def list_holds(unit: str | None, is_all: bool, as_json: bool) -> None:
    """Holds with counts, up to three record keys, and what to do."""
    show(holds.listed(unit, is_all), as_json, "holds")


@hold.command()
@_ID
@_REASON
@click.option("--days", default=7, show_default=True, help="For how many days it counts, 30 at most.")
@_CLAIMED
def approve(hold_id: int, reason: str, days: int, claimed: str | None) -> None:
    """Let as many rows through as the hold counts; the next sync does it. More than that is held again."""
    until = holds.approve(hold_id, reason, days, claimed)
    click.echo(f"hold {hold_id}: approved until {until}; the next sync lets it through")


@hold.command()
@_ID
@_REASON
@_CLAIMED
def reject(hold_id: int, reason: str, claimed: str | None) -> None:
    """Say that it is not believed: the hold stays, and asks again only if it grows."""
    holds.reject(hold_id, reason, claimed)
    click.echo(f"hold {hold_id}: rejected; it goes on holding until its cause is gone")


@hold.command()
def remind() -> None:
    """Write, and where a mail server is set send, the letters to those who owe an answer."""
    written = send_letters()
    for path in written:
        click.echo(str(path))
    if not written:
        click.echo("nobody owes an answer")

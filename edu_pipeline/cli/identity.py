"""Commands on identities: who may be whom, what a steward says of it, whom the registry is asked for.

command -> flow/identity.py

What does not belong here: what may be accepted (flow/identity.py), who is suspected (identity/suspect.py).
"""

from collections.abc import Callable
from typing import Any

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow import identity as identities
from edu_pipeline.flow.step import Why

_NUMBER = click.argument("number", type=int)
_UNIT = click.option("--unit", help="Only this unit's.")


def _why(command: Callable[..., Any]) -> Callable[..., Any]:
    reason = click.option("--reason", required=True, help="Why; kept with the decision. No child's name or birth date.")
    document = click.option("--document", default="", help="Number of the document that it rests on.")
    by = click.option("--by", help="Your name, as you claim it: kept beside the database role.")
    return reason(document(by(command)))


@click.group()
def identity() -> None:
    """Who a record may be whom no identity agrees with: a steward decides, nothing is merged on a guess."""


@identity.command("list")
@_UNIT
@click.option("--status", default="open", show_default=True,
              type=click.Choice(["open", "accepted", "rejected", "split", "all"]))  # fmt: skip
@as_json
def list_suspicions(unit: str | None, status: str, as_json: bool) -> None:
    """Records, candidates and evidence by keys and codes."""
    show(identities.listed(unit, None if status == "all" else status), as_json, "suspicions")


@identity.command()
@_NUMBER
@_why
def accept(number: int, reason: str, document: str, by: str | None) -> None:
    """Say that the record is of the candidate, as long as it says what it says now; a lookalike needs a document."""
    identities.accept(number, Why(reason, document, by))
    click.echo(f"suspicion {number}: accepted; the next sync admits the record")


@identity.command()
@_NUMBER
@_why
def reject(number: int, reason: str, document: str, by: str | None) -> None:
    """Say that it is not: it is suggested no more, and without another candidate the registry is asked."""
    identities.reject(number, Why(reason, document, by))
    click.echo(f"suspicion {number}: rejected")


@identity.command()
@_NUMBER
@_why
def split(number: int, reason: str, document: str, by: str | None) -> None:
    """Take an acceptance back: the record waits again, what came of it leaves at the next publication."""
    identities.split(number, Why(reason, document, by))
    click.echo(f"suspicion {number}: split; the record waits again")


@identity.command("requests")
@_UNIT
@click.option("--status", default="asked", show_default=True,
              type=click.Choice(["asked", "created", "matched", "refused", "gone", "all"]))  # fmt: skip
@as_json
def list_requests(unit: str | None, status: str, as_json: bool) -> None:
    """Persons whom the registry is asked to create: the school's errand."""
    show(identities.requests(unit, None if status == "all" else status), as_json, "requests")


@identity.command()
@_NUMBER
@_why
def refuse(number: int, reason: str, document: str, by: str | None) -> None:
    """Say that nobody is created for a request; it is asked again only when the record changes."""
    identities.refuse(number, Why(reason, document, by))
    click.echo(f"request {number}: refused")

"""Commands on the audit: what it holds, whether it is what it was, and its head outside the database.

command -> flow/audit.py, flow/verify.py, flow/anchor.py

What does not belong here: judging (flow/verify.py). Whatever acts records and seals its own entries.
"""

import dataclasses
import datetime as dt
import json

import click

from edu_pipeline.cli.show import as_json, as_object, show
from edu_pipeline.flow import anchor as anchors
from edu_pipeline.flow import audit as audits
from edu_pipeline.flow import verify as verifying


@click.group()
def audit() -> None:
    """Who planned, approved, applied, overrode, undid; and the proof that nobody changed it."""


@audit.command("list")
@click.option("--action", help="Only this action (hold.approved), or this kind (hold).")
@click.option("--unit", help="Only this unit's.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
@click.option("--limit", default=100, show_default=True, help="How many, newest first.")
@as_json
def list_entries(action: str | None, unit: str | None, since: dt.datetime | None, limit: int, as_json: bool) -> None:
    """Entries with their number in the chain; the newest first. Without a number they are not sealed yet."""
    found = audits.entries(action, unit, since.date() if since else None, limit)
    if not as_json:
        found = [{**row, "detail": json.dumps(row["detail"], ensure_ascii=False), "hash": (row["hash"] or "")[:12]}
                 for row in found]  # fmt: skip
    show(found, as_json, "audit")


@audit.command()
@as_json
def verify(as_json: bool) -> None:
    """Find what was changed, taken out, computed anew or cut off; exits 1 if there is something."""
    said = verifying.verify()
    if as_json:
        as_object(dataclasses.asdict(said))
    else:
        click.echo(f"{said.entries} entries since {said.since or 'never'}; sealed to seq {said.seq}, hash {said.hash}")
        click.echo(f"not sealed yet: {said.unsealed}" + (f", since {said.unsealed_since}" if said.unsealed else ""))
        last = f"seq {said.anchor.seq} at {said.anchor.at}" if said.anchor else "none"
        click.echo(f"last anchor: {last}, in {said.anchor_file}")
        show([dataclasses.asdict(one) for one in said.findings], False, "wrong")
    if said.findings:
        raise click.exceptions.Exit(1)


@audit.command()
def anchor() -> None:
    """Seal what is not sealed, and append the chain's head to the anchors' file; the job `audit` does it at 06:30."""
    said = anchors.anchor()
    click.echo(f"anchored: seq {said.seq}, hash {said.hash}" if said else "nothing is recorded yet")

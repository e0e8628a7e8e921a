"""Commands on a first load: what units told at first, and their word that it is right.

command -> flow/baseline.py

What does not belong here: which units are read from when on (connections.yaml, a link's `from`).
"""

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow import baseline as baselines


@click.group()
def baseline() -> None:
    """What units told at first: each confirms its own."""


@baseline.command("list")
@click.option("--unit", help="Only this unit's.")
@click.option("--all", "is_all", is_flag=True, help="Confirmed ones too.")
@as_json
def list_baselines(unit: str | None, is_all: bool, as_json: bool) -> None:
    """Baselines that wait for their unit: pupils, classes, staff."""
    show(baselines.listed(unit, is_all), as_json, "baselines")


@baseline.command()
@click.option("--unit", required=True, help="Code of the unit.")
@click.option("--pupils", required=True, type=int, help="How many pupils the unit itself counts.")
@click.option("--as", "claimed", help="Who says so, as claimed: kept beside the database role.")
def confirm(unit: str, pupils: int, claimed: str | None) -> None:
    """Say in a unit's name that its number is right; from then on its nights are compared with it."""
    baselines.confirm(unit, pupils, claimed)
    click.echo(f"unit {unit}: {pupils} pupils, confirmed")

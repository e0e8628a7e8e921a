"""Commands on the state of a school year.

command -> flow/year.py, flow/state.py, flow/term.py

What does not belong here: the rollover (rollover.py).
"""

import dataclasses
import uuid

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow import state as states
from edu_pipeline.flow import term as terms
from edu_pipeline.flow import year as years

_UNITS = click.option("--unit", "units", multiple=True, help="Only this unit (may be repeated).")
_CLAIMED = click.option("--as", "claimed", help="Your name, as you claim it: kept beside the database role.")


@click.group()
def year() -> None:
    """The state of each unit's school year."""


@year.command()
@click.argument("school_year", type=int, required=False)
@click.option("--history", "is_history", is_flag=True, help="Every switch, with who did it, instead of what stands.")
@as_json
def status(school_year: int | None, is_history: bool, as_json: bool) -> None:
    """States, and what the closing snapshot counted."""
    rows = states.history(school_year) if is_history else states.status(school_year)
    show([dataclasses.asdict(row) for row in rows], as_json, "school years by unit")


@year.command("open")
@click.argument("school_year", type=int)
@_UNITS
@_CLAIMED
def open_(school_year: int, units: tuple[str, ...], claimed: str | None) -> None:
    """Open a year for units that have no former one; a rollover opens the others."""
    done = years.open_year(school_year, units or None, claimed)
    click.echo(f"{school_year}: opened for {len(done)} units")


@year.command()
@click.argument("school_year", type=int)
@click.option("--moves", "is_moves", is_flag=True, help="Who left and joined since, by key, instead of the sums.")
@_UNITS
@_CLAIMED
@as_json
def term(school_year: int, is_moves: bool, units: tuple[str, ...], claimed: str | None, as_json: bool) -> None:
    """Take the snapshot of semester I of units that have none, and prove the sums of semester II as it stands."""
    done = terms.take_term(school_year, units or None, claimed)
    terms.prove_now(str(uuid.uuid4()))
    rows = terms.moves(school_year, units) if is_moves else terms.balances(school_year, units)
    show(rows, as_json, f"semester I of {school_year} and what has become of it; {len(done)} snapshots taken now")


@year.command()
@click.argument("school_year", type=int)
@_UNITS
@_CLAIMED
def close(school_year: int, units: tuple[str, ...], claimed: str | None) -> None:
    """Take the closing snapshot of semester II; corrections stay possible until their end."""
    done = years.close_year(school_year, units or None, claimed)
    click.echo(f"{school_year}: closing snapshot of {len(done)} units")


@year.command()
@click.argument("school_year", type=int)
@click.option("--decision", help="Number of the decision that closes it before corrections end.")
@_UNITS
@_CLAIMED
def finish(school_year: int, decision: str | None, units: tuple[str, ...], claimed: str | None) -> None:
    """Close a closing year for good, after the end of corrections or by a decision; its rows wait from then on."""
    done, left = years.finish_year(school_year, decision, units or None, claimed)
    click.echo(f"{school_year}: closed for {len(done)} units")
    for unit, why in sorted(left.items()):
        click.echo(f"{unit} stays closing: {why}")

"""Commands on the state of a school year, and on what heads of unit confirm of it.

command -> flow/year.py, flow/state.py, flow/term.py, flow/paper.py

What does not belong here: the rollover (rollover.py).
"""

import dataclasses
import uuid

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow import paper
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


@year.command()
@click.argument("unit")
@click.argument("school_year", type=int)
@click.option("--what", required=True, type=click.Choice(["start-of-year", "systems", "plan"]))
@click.option("--appendix", type=int, help="Of start-of-year: 1, 2 or 3 (none: all three).")
@click.option("--hash", "plan_hash", help="Of plan: its first 8 characters or more; YEAR is the one that ends.")
@click.option("--document", required=True, help="Number of the paper that the head has signed.")
@click.option("--by", "head", help="Root id of who signed it (none: the unit's one head).")
@_CLAIMED
def confirm(
    unit: str, school_year: int, what: str, appendix: int | None, plan_hash: str | None, document: str,
    head: str | None, claimed: str | None,
) -> None:  # fmt: skip
    """Enter what a unit's head has confirmed on paper; in the school's software heads do it themselves."""
    kept = paper.confirm(unit, school_year, what.replace("-", "_"), document, head, appendix, plan_hash, claimed)
    for word in kept:
        of = f", appendix {word.appendix}" if word.appendix else f", hash {word.plan_hash}" if word.plan_hash else ""
        click.echo(f"unit {unit}: {school_year}, {what}{of}: confirmed by {word.head_staff_id}, document {document}")


@year.command()
@click.option("--unit", help="Only this unit.")
@as_json
def confirmations(unit: str | None, as_json: bool) -> None:
    """Who has confirmed what, and first who has not."""
    show(paper.listed(unit), as_json, "what heads of unit have confirmed")

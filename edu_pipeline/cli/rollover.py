"""Commands on the year rollover.

command -> job, or question -> shown

What does not belong here: a decision on a child (rollover/plan.py).
"""

import click

from edu_pipeline.cli.jobs import launch
from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow import ask

_UNITS = click.option("--unit", "units", multiple=True, help="Only this unit (may be repeated).")
_YEAR = click.argument("from_year", type=int)


@click.group()
def rollover() -> None:
    """Carry a school year into the next: plan, check, apply, prove, undo."""


@rollover.command()
@_YEAR
@_UNITS
def plan(from_year: int, units: tuple[str, ...]) -> None:
    """Plan every closing unit; the same inputs give the same plan."""
    launch("rollover_plan", partition=from_year, units=list(units))
    show(ask.plan_sums(from_year), False, f"plan {from_year} -> {from_year + 1}")


@rollover.command("show")
@_YEAR
@click.argument("unit")
@as_json
def show_lines(from_year: int, unit: str, as_json: bool) -> None:
    """Lines of a unit's newest plan."""
    show(ask.plan_lines(unit, from_year), as_json, f"plan of {unit}")


@rollover.command()
@_YEAR
@_UNITS
def apply(from_year: int, units: tuple[str, ...]) -> None:
    """Apply every checked plan, unit by unit, and prove the sums."""
    launch("rollover_apply", partition=from_year, units=list(units))


@rollover.command()
@click.argument("run_id")
@_UNITS
def undo(run_id: str, units: tuple[str, ...]) -> None:
    """Take an apply run back (`rollover status` shows its id), then publish."""
    launch("rollover_undo", run_id=run_id, units=list(units))
    launch("publish")


@rollover.command()
@click.argument("from_year", type=int, required=False)
@as_json
def status(from_year: int | None, as_json: bool) -> None:
    """Newest plan of every unit: state, proof, hash, run."""
    show(ask.plan_status(from_year), as_json, "rollover plans")

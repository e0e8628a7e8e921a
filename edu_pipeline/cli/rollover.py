"""Commands on the year rollover.

command -> job, or question -> shown

What does not belong here: a decision on a child (rollover/plan.py).
"""

from pathlib import Path

import click

from edu_pipeline.cli.jobs import launch
from edu_pipeline.cli.show import as_json, as_object, show
from edu_pipeline.flow import approve as approvals
from edu_pipeline.flow import ask, dress
from edu_pipeline.flow import board as boards
from edu_pipeline.flow import confirm as confirms
from edu_pipeline.report.board import summed

_UNITS = click.option("--unit", "units", multiple=True, help="Only this unit (may be repeated).")
_YEAR = click.argument("from_year", type=int)
_ONE = click.option("--unit", help="Only this unit.")
_CLAIMED = click.option("--as", "--claimed", "claimed", help="Your name, as you claim it: kept beside your role.")


@click.group()
def rollover() -> None:
    """Carry a school year into the next: plan, check, approve, apply, prove, undo."""


@rollover.command()
@_YEAR
@_UNITS
def plan(from_year: int, units: tuple[str, ...]) -> None:
    """Plan every closing unit; the same inputs give the same plan. Late changes of an applied one amend it."""
    launch("rollover_plan", partition=from_year, units=list(units))
    show(ask.plan_sums(from_year), False, f"plan {from_year} -> {from_year + 1}")


@rollover.command()
@_YEAR
@_UNITS
@as_json
def rehearse(from_year: int, units: tuple[str, ...], as_json: bool) -> None:
    """Plan, apply, prove and take back in a schema that is thrown away; exits 1 if a unit would be blocked."""
    done = dress.rehearse(from_year, units)
    if as_json:
        as_object({"units": done.units, "sums": done.sums, "left_behind": done.left_behind})
    else:
        show([{"what": what, "lines": lines} for what, lines in done.sums.items()], False, "what would come of it")
        blocked = [{"unit": row["unit"], "blocked": row["blocked"]} for row in done.blocked]
        show(blocked, False, f"would be blocked: {len(blocked)} of {len(done.units)} units")
    if done.blocked or done.left_behind:
        raise click.exceptions.Exit(1)


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
    """Apply every approved plan, unit by unit, and prove the sums; the others are named."""
    launch("rollover_apply", partition=from_year, units=list(units))
    if left := approvals.left(from_year):
        show(left, False, "left out")


@rollover.command()
@_YEAR
@click.option("--unit", help="One unit: give the hash of the plan that you have looked at.")
@click.option("--hash", "prefix", help="Its first 8 characters or more; `rollover board` shows it.")
@click.option("--district", help="All units under this one whose plans have no exception; cite a document.")
@click.option("--document", help="Number of the document that decides it.")
@_CLAIMED
def approve(
    from_year: int,
    unit: str | None,
    prefix: str | None,
    district: str | None,
    document: str | None,
    claimed: str | None,
) -> None:
    """Approve exactly the plan that you have looked at, in your own database role; `rollover apply` does it."""
    if unit and prefix and not district:
        hashes = approvals.approve(from_year, {unit: prefix}, claimed, document)
        click.echo(f"unit {unit}: {hashes[unit]} is approved")
    elif district and document and not (unit or prefix):
        done, left = approvals.approve_district(from_year, district, document, claimed)
        click.echo(f"district {district}: {len(done)} plans are approved by document {document}")
        for one, why in sorted(left.items()):
            click.echo(f"unit {one}: {why}")
    else:
        raise click.UsageError("give --unit with --hash, or --district with --document")


@rollover.command()
@_YEAR
@click.option("--unit", required=True)
@click.option("--reason", required=True, help="Why; kept with the withdrawal.")
@_CLAIMED
def withdraw(from_year: int, unit: str, reason: str, claimed: str | None) -> None:
    """Take an approval back before it is applied."""
    approvals.withdraw(from_year, unit, reason, claimed)
    click.echo(f"unit {unit}: no approval stands any more")


@rollover.command()
@_YEAR
@click.option("--district", help="Only units under this one.")
@as_json
def board(from_year: int, district: str | None, as_json: bool) -> None:
    """How far every unit is, what stops it, how many days are left; districts and the city at the end."""
    rows = boards.board(from_year, district)
    if as_json:
        as_object({"units": rows, "districts": summed(rows)})
        return
    shown = [{**row, "exceptions": ", ".join(f"{c} {n}" for c, n in row["exceptions"].items()),
              "is_late": "late" if row["is_late"] else "",
              "may_be_stale": "stale?" if row["may_be_stale"] else ""} for row in rows]  # fmt: skip
    show(shown, False, f"rollover {from_year} -> {from_year + 1}")
    show(summed(rows), False, "by district, then the city")


@rollover.command()
@_YEAR
@click.option("--unit", required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there instead of printing it.")
def protocol(from_year: int, unit: str, out: Path | None) -> None:
    """The protocol (biên bản) of a unit: one HTML page in Vietnamese, to print and sign."""
    page = boards.protocol(from_year, unit)
    if out is None:
        click.echo(page)
        return
    out.write_text(page, encoding="utf-8")
    click.echo(str(out))


@rollover.command()
@_YEAR
@_ONE
@as_json
def reconfirm(from_year: int, unit: str | None, as_json: bool) -> None:
    """Values that were carried into the new year and that the unit has to confirm there, field by field."""
    show(ask.to_reconfirm(from_year, unit), as_json, f"to be confirmed in {from_year + 1}")


@rollover.command()
@_YEAR
@click.option("--unit", required=True)
@as_json
def diff(from_year: int, unit: str, as_json: bool) -> None:
    """What differs between a unit's newest plan and the one that it amends or replaces, line by line."""
    show(boards.differences(from_year, unit), as_json, f"plan of {unit}, compared with the one before")


@rollover.command()
@_YEAR
@_ONE
@as_json
def posts(from_year: int, unit: str | None, as_json: bool) -> None:
    """Staff whose second post goes on into the new year while they have no main post anywhere."""
    show(ask.without_main_post(from_year, unit), as_json, f"without a main post in {from_year + 1}")


@rollover.command()
@_YEAR
@click.option("--unit", help="Only this unit.")
@as_json
def unconfirmed(from_year: int, unit: str | None, as_json: bool) -> None:
    """Pupils carried over whom no school shows in the new year: since when, until when, what to do."""
    show(confirms.unconfirmed(from_year, unit), as_json, "carried over, not confirmed")


@rollover.command()
@click.argument("run_id")
@_UNITS
@click.option("--reason", default="", help="Why; needed once others have built on it.")
@click.option("--document", default="", help="Number of the decision; needed once others have built on it.")
def undo(run_id: str, units: tuple[str, ...], reason: str, document: str) -> None:
    """Take an apply run back (`rollover status` shows its id), then publish."""
    try:
        launch("rollover_undo", run_id=run_id, units=list(units), reason=reason, document=document)
    finally:
        # Units that were not refused are taken back.
        launch("publish")


@rollover.command()
@click.argument("from_year", type=int, required=False)
@as_json
def status(from_year: int | None, as_json: bool) -> None:
    """Newest plan of every unit: state, proof, hash, run."""
    show(ask.plan_status(from_year), as_json, "rollover plans")

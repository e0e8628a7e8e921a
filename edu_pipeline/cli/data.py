"""Commands on the data: pull, backfill, reprocess, warehouse, ledger, accounts.

command -> job or question -> shown

What does not belong here: the systems themselves (connections.py), the year and the rollover (year.py, rollover.py).
"""

from typing import Any

import click

from edu_pipeline.cli.jobs import launch
from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow import ask
from edu_pipeline.flow import rehearse as rehearsing
from edu_pipeline.storage import migrate as migrations
from edu_pipeline.storage.engine import engine

_NAMES = click.argument("connections", nargs=-1)
_UNITS = click.option("--unit", "units", multiple=True, help="Only this unit (may be repeated).")
_ENTITIES = click.option("--entity", "entities", multiple=True, help="Only this entity (may be repeated).")


@click.command()
def migrate() -> None:
    """Bring the database to this code's schema (as the owner role)."""
    migrations.upgrade(engine("edu_owner"))
    click.echo(f"schema at revision {migrations.head()}")


def _night(**config: Any) -> None:
    is_whole = launch("sync", may_fail=True, **config)
    launch("publish")
    if not is_whole:
        raise click.ClickException("not every connection passed; `edu-pipeline standing` lists what did not")


@click.command()
@_NAMES
@_UNITS
def pull(connections: tuple[str, ...], units: tuple[str, ...]) -> None:
    """Sync the named connections (none named: all), then publish. With --unit nothing else can be missed."""
    _night(connections=list(connections), units=list(units))


@click.command()
@click.argument("school_year", type=int)
@_NAMES
@_UNITS
@_ENTITIES
def backfill(school_year: int, connections: tuple[str, ...], units: tuple[str, ...], entities: tuple[str, ...]) -> None:
    """Read one school year again from the systems, due or not, then publish."""
    _night(connections=list(connections), years=[school_year], units=list(units), entities=list(entities))


@click.command()
@_NAMES
@click.option("--preview", is_flag=True, help="Only show how many outcomes would change.")
@click.option("--yes", is_flag=True, help="Do it without showing and asking.")
@as_json
def reprocess(connections: tuple[str, ...], preview: bool, yes: bool, as_json: bool) -> None:
    """Take every record up again from landing, without asking the systems, then publish.

    After a change of a mapping, a code list or a rule. First shows how many outcomes change, and asks.
    """
    if preview or not yes:
        show(list(rehearsing.preview(connections)), as_json, "outcomes that would change (none listed: none)")
    if preview:
        return
    if not yes:
        click.confirm("reprocess?", abort=True)
    _night(connections=list(connections), from_landing=True)


@click.command()
def publish() -> None:
    """Merge what is admitted, account for everybody, materialise the warehouse."""
    launch("publish")


@click.command()
@click.option("--materialize/--no-materialize", default=True, help="Run the job first.")
@as_json
def warehouse(materialize: bool, as_json: bool) -> None:
    """Materialise the warehouse and show its tables."""
    if materialize and not as_json:
        launch("warehouse")
    show(ask.warehouse(), as_json, "warehouse")


@click.command()
@as_json
def ledger(as_json: bool) -> None:
    """What every room received and what became of it, and where all persons are."""
    if as_json:
        show([*ask.ledger(), *ask.states()], True)
        return
    show(ask.ledger(), False, "received = unchanged + admitted + quarantined + held + waiting + superseded")
    show(ask.states(), False, "persons by state")


@click.command()
@as_json
def standing(as_json: bool) -> None:
    """What is closed, held or absent now."""
    show(ask.standing(), as_json, "closed, held, absent")


@click.command()
@click.option("--unit", help="Only this unit.")
@click.option("--records", is_flag=True, help="Which accounts are nobody's, and who has none.")
@as_json
def accounts(unit: str | None, records: bool, as_json: bool) -> None:
    """Who has an account in a unit's learning-management system, and who has none."""
    show(ask.accounts(unit, records), as_json, "accounts of learning-management systems")

"""Commands on what people decide beside the witnesses: overrides of pupils, renamings of classes.

command -> flow/decide.py

What does not belong here: what may be decided (flow/decide.py), planning and applying (rollover.py).
"""

from collections.abc import Callable
from typing import Any

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow import decide
from edu_pipeline.flow.step import Why
from edu_pipeline.rollover.closing import DECISIONS

_YEAR = click.argument("from_year", type=int)
_UNIT = click.option("--unit", required=True, help="The unit that closes the year.")
_ONLY = click.option("--unit", help="Only this unit's.")
_ALL = click.option("--all", "is_all", is_flag=True, help="Withdrawn ones too.")
_NUMBER = click.argument("number", type=int)
_CLAIMED = click.option("--as", "claimed", help="Your name, as you claim it: kept beside the database role.")


def _why(command: Callable[..., Any]) -> Callable[..., Any]:
    reason = click.option("--reason", required=True, help="Why; kept with the decision.")
    document = click.option("--document", default="", help="Number of the document that it rests on.")
    return reason(document(_CLAIMED(command)))


@click.group()
def override() -> None:
    """What is decided of one pupil, against or beside the witnesses; the next plan follows it."""


@override.command("add")
@_YEAR
@_UNIT
@click.option("--student", required=True, help="Root id of a pupil of the closing snapshot.")
@click.option("--decision", required=True, type=click.Choice(DECISIONS))
@click.option("--class", "to_class", help="Class of the new year; left out: as the plan finds it.")
@_why
def add_override(
    from_year: int, unit: str, student: str, decision: str, to_class: str | None, reason: str, document: str,
    claimed: str | None,
) -> None:  # fmt: skip
    """Decide of a pupil; then plan again."""
    number = decide.override(unit, from_year, student, decision, Why(reason, document, claimed), to_class)
    click.echo(f"override {number} stands; `edu-pipeline rollover plan {from_year} --unit {unit}` follows it")


@override.command("list")
@_YEAR
@_ONLY
@_ALL
@as_json
def list_overrides(from_year: int, unit: str | None, is_all: bool, as_json: bool) -> None:
    """Overrides with who, when and why."""
    show(decide.overrides(from_year, unit, is_all), as_json, "overrides")


@override.command("withdraw")
@_NUMBER
@_CLAIMED
def withdraw_override(number: int, claimed: str | None) -> None:
    """Take an override back; then plan again."""
    decide.withdraw_override(number, claimed)
    click.echo(f"override {number} is withdrawn; the next plan is made without it")


@click.group()
def renaming() -> None:
    """What a class is called in the new year where its name does not say it: merged, split, called otherwise."""


@renaming.command("add")
@_YEAR
@_UNIT
@click.option("--from", "from_class", required=True, help="Class of the year that ends.")
@click.option("--grade", "to_grade", required=True, type=int, help="Grade of its pupils in the new year.")
@click.option("--to", "to_class", required=True, help="Their class there.")
@_why
def add_renaming(
    from_year: int, unit: str, from_class: str, to_grade: int, to_class: str, reason: str, document: str,
    claimed: str | None,
) -> None:  # fmt: skip
    """Name a class; then plan again."""
    number = decide.rename(unit, from_year, from_class, to_grade, to_class, Why(reason, document, claimed))
    click.echo(f"renaming {number} stands; `edu-pipeline rollover plan {from_year} --unit {unit}` follows it")


@renaming.command("list")
@_YEAR
@_ONLY
@_ALL
@as_json
def list_renamings(from_year: int, unit: str | None, is_all: bool, as_json: bool) -> None:
    """Renamings with who, when and why."""
    show(decide.renamings(from_year, unit, is_all), as_json, "renamings")


@renaming.command("withdraw")
@_NUMBER
@_CLAIMED
def withdraw_renaming(number: int, claimed: str | None) -> None:
    """Take a renaming back; then plan again."""
    decide.withdraw_renaming(number, claimed)
    click.echo(f"renaming {number} is withdrawn; the next plan is made without it")

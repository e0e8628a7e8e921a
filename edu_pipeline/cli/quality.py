"""Commands on quality: figures of units, the records behind them, rules, exemptions, official figures, verdicts.

command -> flow/quality.py, figures.py, exempt.py, verdicts.py -> shown

What does not belong here: what a figure is made of (quality/).
"""

import datetime as dt
from pathlib import Path

import click

from edu_pipeline.cli.jobs import launch
from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow import exempt as exempting
from edu_pipeline.flow import figures, verdicts
from edu_pipeline.flow.step import Why

_ONLY = click.option("--unit", help="Only this unit.")
_DAY = click.DateTime(["%Y-%m-%d"])
_REASON = click.option("--reason", required=True, help="Why; kept with it.")
_DOCUMENT = click.option("--document", default="", help="Number of the decision that it rests on.")
_CLAIMED = click.option("--as", "claimed", help="Your name, as you claim it: kept beside the database role.")


@click.group()
def quality() -> None:
    """How correct, complete, clean and live each unit's data is, why, and how it is mended."""


@quality.command()
@_ONLY
@click.option("--on", type=_DAY, help="Figures of this day; left out: the newest.")
@click.option("--run", is_flag=True, help="Judge and score now, first.")
@as_json
def score(unit: str | None, on: dt.datetime | None, run: bool, as_json: bool) -> None:
    """Figures of all units, the worst first; of one with its levels, criteria and entities, and what stands behind."""
    if run:
        launch("quality")
    show(figures.scores(unit, on.date() if on else None), as_json, "figures")


@quality.command("list")
@click.option("--unit", help="Records of this unit, the dearest first.")
@click.option("--causes", is_flag=True, help="By rule and connection instead: one missing code is one line.")
@click.option("--vi", "is_vietnamese", is_flag=True, help="Remedies in Vietnamese.")
@as_json
def list_(unit: str | None, causes: bool, is_vietnamese: bool, as_json: bool) -> None:
    """Records that cost a unit points, with what mending each is worth; without --unit by cause, for engineers."""
    if causes or unit is None:
        show(figures.causes(unit), as_json, "by cause")
        return
    show(figures.listing(unit, is_vietnamese), as_json, f"unit {unit}")


@quality.command()
@as_json
def rules(as_json: bool) -> None:
    """Every rule: what it compares, its criterion and weight, who mends it and how."""
    show(figures.rules(), as_json, "rules")


def _enter(kind: str, unit: str, rule: str, record: str | None, until: dt.datetime | None, why: Why) -> None:
    number = exempting.exempt(kind, unit, rule, record, until.date() if until else None, why)
    click.echo(f"exemption {number}: {kind}; the next scoring leaves it out of numerator and denominator"
               + (", and the next sync admits a record that was stopped" if kind == "waived" else ""))  # fmt: skip


@quality.command()
@click.argument("unit")
@click.argument("rule")
@click.option("--record", help="Only this record; left out: every record of the unit.")
@click.option("--until", type=_DAY, help="The last day on which it holds; a waiver has one.")
@_REASON
@_DOCUMENT
@_CLAIMED
def waive(unit: str, rule: str, record: str | None, until: dt.datetime | None, reason: str, document: str,
          claimed: str | None) -> None:  # fmt: skip
    """Let be what a rule finds in a unit, to a last day; a record that it has stopped is admitted by the next sync."""
    _enter("waived", unit, rule, record, until, Why(reason, document, claimed))


@quality.command()
@click.argument("unit")
@click.argument("rule")
@click.option("--record", help="Only this record; left out: every record of the unit.")
@_REASON
@_DOCUMENT
@_CLAIMED
def contest(unit: str, rule: str, record: str | None, reason: str, document: str, claimed: str | None) -> None:
    """Say that a finding is wrong: it costs nothing until it is decided, for 15 days at most."""
    _enter("contested", unit, rule, record, None, Why(reason, document, claimed))


@quality.command()
@click.argument("unit")
@click.argument("entity")
@click.argument("record")
@_REASON
@_DOCUMENT
@_CLAIMED
def reject(unit: str, entity: str, record: str, reason: str, document: str, claimed: str | None) -> None:
    """Reject a stopped record for good: it is kept, and leaves the list until its source tells it otherwise."""
    number = exempting.reject(entity, unit, record, Why(reason, document, claimed))
    click.echo(f"exemption {number}: rejected; `edu-pipeline quality exemptions` tells it")


@quality.command()
@click.argument("number", type=int)
@click.option("--decision", required=True, type=click.Choice(exempting.DECISIONS))
@click.option("--until", type=_DAY, help="Of an upheld contest: the last day on which it holds.")
@_REASON
@_DOCUMENT
@_CLAIMED
def decide(number: int, decision: str, until: dt.datetime | None, reason: str, document: str,
           claimed: str | None) -> None:  # fmt: skip
    """Decide a contest, or withdraw an exemption."""
    exempting.end(number, decision, Why(reason, document, claimed), until.date() if until else None)
    click.echo(f"exemption {number}: {decision}")


@quality.command()
@_ONLY
@click.option("--all", "is_all", is_flag=True, help="Ended ones too.")
@as_json
def exemptions(unit: str | None, is_all: bool, as_json: bool) -> None:
    """Waivers and contests, with who, when, why and to which day."""
    show(exempting.exemptions(unit, is_all), as_json, "exemptions")


@quality.command()
@click.argument("day", type=_DAY)
@_CLAIMED
def freeze(day: dt.datetime, claimed: str | None) -> None:
    """Keep the figures of a rating day for good: with rules, counts, model and who answered for each unit."""
    click.echo(f"{exempting.freeze(day.date(), claimed)} units rated on {day.date()}")


@quality.command()
@click.option("--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Into here.")
@click.option("--on", type=_DAY, help="Verdicts of this day; left out: the newest.")
def docs(folder: Path, on: dt.datetime | None) -> None:
    """Write the verdicts of a night's suites as pages to open: counts and what failed, no value of anybody."""
    click.echo(f"open {verdicts.write(folder, on.date() if on else None)[0]}")

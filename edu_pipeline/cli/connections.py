"""Commands on the connected systems.

command -> flow -> shown

What does not belong here: pulling them (data.py).
"""

import datetime as dt
import getpass

import click

from edu_pipeline.cli.show import as_json, as_object, show
from edu_pipeline.flow import ask
from edu_pipeline.flow import check as checking
from edu_pipeline.flow import epoch as epochs
from edu_pipeline.flow import handover as handovers
from edu_pipeline.flow import trial as trials
from edu_pipeline.report.connections import LISTS, summary


@click.group()
def connections() -> None:
    """The connected systems."""


@connections.command("list")
@as_json
def list_connections(as_json: bool) -> None:
    """Connections with their approval and their last batch."""
    show(ask.connections(), as_json, "connections")


@connections.command("approvals")
@as_json
def list_approvals(as_json: bool) -> None:
    """What is decided of each connection: decisions, valid until, days left, last assessment, state."""
    show(ask.approvals(), as_json, "approvals")


@connections.command("check")
@click.argument("connection")
@click.option("--unit", default="", help="Ask of this unit (none: the connection's first).")
@as_json
def check_connection(connection: str, unit: str, as_json: bool) -> None:
    """What its server does: name, certificate, credentials, clock, one page of each resource. Keeps nothing."""
    rows = checking.check(connection, unit)
    show(rows, as_json, connection)
    if any(row["state"] == "fail" for row in rows):
        raise SystemExit(1)


@connections.command("trial")
@click.argument("connection")
@as_json
def show_trial(connection: str, as_json: bool) -> None:
    """What would have come of its last batch on trial: match rate, gates, outcomes, differences to master."""
    found = trials.last(connection)
    if as_json:
        as_object(found)
        return
    report = found.pop("report")
    show([found], False, connection)
    if report is None:
        raise click.ClickException(f"{connection} was never read on trial: set `stage: trial`, then pull it")
    show(
        [{"gate": gate, "failed": failed} for gate, failed in report["closed"].items()], False, "gates that would close"
    )
    show([{**row, "stopped": _counts(row["stopped"])} for row in report["persons"]], False, "persons")
    show([{**row, "fields": _counts(row["fields"])} for row in report["compared"]], False, "compared with master")
    show(report["units"], False, "places by unit, those that agree least first")
    show(report["outcomes"], False, "outcomes")
    show([{"reading": said} for said in report["incomplete"]], False, "readings that were not whole")


def _counts(said: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in said.items())


@connections.command("epoch")
@click.argument("connection")
@click.option("--reason", required=True, help="What the vendor said; kept in the audit.")
@click.option("--as", "claimed", help="Your name, as you claim it: kept beside the database role.")
def begin_epoch(connection: str, reason: str, claimed: str | None) -> None:
    """Its versions count anew from now on: a vendor restored a backup. The next night reads all of it."""
    epochs.begin(connection, reason, claimed)
    click.echo(f"{connection}: what it tells from now on is believed whatever its versions were before")


@connections.command("handover")
@click.option("--unit", required=True, help="Code of the unit.")
@click.option("--from", "source", required=True, help="The connection that answers for it.")
@click.option("--to", required=True, help="The connection that answers for it from the day on.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The first day of the new connection.")
@click.option("--entity", "entities", multiple=True, help="Only this entity (repeat for several; none: all).")
@click.option("--key", help="What the new system calls the unit.")
@click.option("--class", "classes", multiple=True, metavar="NEW=CODE",
              help="A class code of the new system, and the code that the register keeps.")  # fmt: skip
@click.option("--missing", type=int, help="How many pupils of the former system the new one may leave out.")
@click.option("--decision", help="Number of the decision.")
@click.option("--reason", required=True, help="Why; kept with the entry.")
@click.option("--as", "claimed", help="Your name, as you claim it (none: that of your login).")
@click.option("--undo", is_flag=True, help="Take it back: before its day is over the entry goes, later it is reversed.")
@as_json
def hand_over(
    unit: str,
    source: str,
    to: str,
    day: dt.datetime | None,
    entities: tuple[str, ...],
    key: str | None,
    classes: tuple[str, ...],
    missing: int | None,
    decision: str | None,
    reason: str,
    claimed: str | None,
    undo: bool,
    as_json: bool,
) -> None:
    """From a day on let another connection answer for a unit; nobody is lost until it has told the unit."""
    why = {"decision": decision, "reason": reason, "by": claimed or getpass.getuser()}
    if undo:
        rows = handovers.take_back(unit, source, to, day.date() if day else None, why)
    elif day is None:
        raise click.UsageError("--on is missing: the first day of the new connection")
    else:
        codes = dict(_code(said) for said in classes)
        asked = {"unit": unit, "from": source, "to": to, "date": day.date(), "entities": list(entities), "key": key,
                 "classes": codes, "missing": missing, **why}  # fmt: skip
        rows = handovers.hand_over({name: value for name, value in asked.items() if value})
    show(rows, as_json, "handover")


def _code(said: str) -> tuple[str, str]:
    new, sign, kept = said.partition("=")
    if not (new and sign and kept):
        raise click.UsageError(f"--class {said}: write it as NEW=CODE")
    return new, kept


@connections.command("report")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="On this day (none: today).")
@as_json
def report(as_of: dt.datetime | None, as_json: bool) -> None:
    """The report of 27 September: what units declared against what is connected, and who has not declared."""
    said = ask.connection_report(as_of.date() if as_of else None)
    if as_json:
        as_object(said)
        return
    click.echo(summary(said, said["kinds"]))
    show(said["kinds"], False, "by kind of unit")
    for title, (name, _) in LISTS.items():
        show(said[name], False, title)

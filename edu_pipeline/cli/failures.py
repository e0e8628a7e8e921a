"""Eight planted faults, and what must be seen of them: exactly the table in docs/failures.md, and nothing else.

faults of the served systems, two tampered rows -> jobs -> stopped rows == the table

What does not belong here: stopping anything; the jobs are the ones of every night.
"""

from pathlib import Path

import click
import requests
from sqlalchemy import text

from edu_pipeline.cli import jobs, practice
from edu_pipeline.cli.show import show
from edu_pipeline.flow import ask
from edu_pipeline.flow import year as years
from edu_pipeline.storage.engine import engine

TABLE = Path("docs/failures.md")
FROM = 2023

Stop = tuple[str, str, str, str]


def expected() -> dict[Stop, str]:
    """The table: (room, outcome, unit, rule) -> what was planted."""
    rows = [[cell.strip().strip("`") for cell in line.strip("|\n ").split("|")]
            for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]  # fmt: skip
    return {(row[1], row[2], row[3], row[4]): row[0] for row in rows[1:]}


def run(base_url: str) -> None:
    """Plant, run, compare. Raises ClickException where anything else is stopped, or something is not."""
    table = expected()
    units = {planted: stop[2] for stop, planted in table.items()}
    click.echo(f"  {FROM} opened for {len(years.open_year(FROM))} units")
    _night("a clean night")
    before = _stopped()
    for planted in ("truncated", "shrunken", "unknown_code", "duplicate_id", "orphan", "other_year"):
        requests.post(f"{base_url}/_control/faults", json={"name": planted, "unit": units[planted]}, timeout=5)
    _night("the same with six faults on the wire", may_fail=True)
    years.close_year(FROM)
    click.secho("\nthe rollover: one plan line deleted, then one applied row", bold=True)
    jobs.launch("rollover_plan", partition=FROM)
    practice.approve_all()
    _tamper("a line of the plan", """DELETE FROM rollover.plan_line l USING rollover.plan p
        WHERE p.plan_id = l.plan_id AND p.unit_id = :unit AND l.kind = 'closing' AND l.student_id IS NULL""",
            units["plan line deleted"])  # fmt: skip
    jobs.launch("rollover_apply", may_fail=True, partition=FROM)
    _tamper("an applied row", """DELETE FROM rollover.enrollment WHERE (unit_id, student_id) IN (
        SELECT unit_id, student_id FROM rollover.enrollment WHERE unit_id = :unit ORDER BY student_id LIMIT 1)""",
            units["applied row removed"])  # fmt: skip
    jobs.launch("publish", may_fail=True)
    _compare(table, _stopped() - before)


def _night(title: str, may_fail: bool = False) -> None:
    click.secho(f"\n{title}", bold=True)
    jobs.launch("sync", may_fail)
    jobs.launch("publish", may_fail)


def _stopped() -> set[Stop]:
    return {(row["room"], row["outcome"], row["unit"], row["rule"]) for row in ask.stopped()}


def _tamper(what: str, statement: str, unit: str) -> None:
    with engine().begin() as database:
        gone = database.execute(text(statement), {"unit": unit}).rowcount
    if gone != 1:
        raise click.ClickException(f"{what} of unit {unit}: {gone} found, one was to be taken away")


def _compare(table: dict[Stop, str], seen: set[Stop]) -> None:
    rows = [
        {"planted": table.get(stop, "-"), "room": stop[0], "outcome": stop[1], "unit": stop[2], "rule": stop[3],
         "": "as written" if stop in seen and stop in table else "NOT SEEN" if stop in table else "NOT WRITTEN"}
        for stop in sorted(seen | set(table))
    ]  # fmt: skip
    show(rows, False, f"observed against {TABLE}")
    if wrong := [row for row in rows if row[""] != "as written"]:
        raise click.ClickException(f"{len(wrong)} differ from {TABLE}")
    click.echo(f"all {len(set(table.values()))} faults were stopped where they should be, and nothing else was")

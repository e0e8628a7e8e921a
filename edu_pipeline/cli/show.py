"""How answers are shown: a table for people, JSON for programs.

rows -> terminal

What does not belong here: fetching them.
"""

import json
from collections.abc import Sequence
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def as_object(said: dict[str, Any]) -> None:
    """Print one answer of several parts as JSON."""
    click.echo(json.dumps(said, default=str, ensure_ascii=False, indent=2))


def show(rows: Sequence[dict[str, Any]], as_json: bool, title: str = "") -> None:
    """Print rows; an empty answer says so."""
    if as_json:
        click.echo(json.dumps(list(rows), default=str, ensure_ascii=False, indent=2))
        return
    if not rows:
        click.echo(f"{title}: nothing" if title else "nothing")
        return
    table = Table(title=title or None, title_justify="left", title_style="italic", header_style="bold", box=SIMPLE_HEAD)
    for name in rows[0]:
        is_number = all(isinstance(row[name], int) for row in rows)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    console = Console()
    if not console.is_terminal:
        # A log has no width: wrapped columns could not be read in it.
        console = Console(width=200)
    console.print(table)

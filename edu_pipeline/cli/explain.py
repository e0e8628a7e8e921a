"""The commands that explain: a pupil, a member of staff, a class, a unit.

command -> flow/explain.py -> half a page, or JSON

What does not belong here: what is told, and in which words (flow, report).
"""

import datetime as dt
from collections.abc import Callable

import click

from edu_pipeline.cli.show import as_json, as_object
from edu_pipeline.flow.explain import explain as told
from edu_pipeline.report.page import page

_HELP = {
    "student": "The story of a pupil, by root id or by a source's record key: state, claims, decisions, who must act.",
    "staff": "The story of a member of staff, by root id or by a source's record key.",
    "class": "The story of a class, by UNIT:CODE, UNIT:YEAR:CODE or a source's record key.",
    "unit": "The story of a unit: its years, readings, holds, plans, and how many persons are in which state.",
}


@click.group()
def explain() -> None:
    """Why somebody or something is as the register says, who must act, and by when. Each call is audited."""


def _command(kind: str) -> Callable[..., None]:
    @click.argument("key")
    @click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="As it was known on this day.")
    @click.option("--vi", "is_vi", is_flag=True, help="In Vietnamese.")
    @as_json
    def command(key: str, as_of: dt.datetime | None, is_vi: bool, as_json: bool) -> None:
        found = told(kind, key, as_of.date() if as_of else None, is_vi)
        if as_json:
            as_object(found)
        else:
            click.echo(page(found, is_vi))

    return command


for _kind, _help in _HELP.items():
    explain.command(_kind, help=_help)(_command(_kind))

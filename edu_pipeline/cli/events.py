"""Commands on unit events: what decisions say of units, and whether the registry follows.

command -> flow/events.py

What does not belong here: writing an event (events.yaml in the site's folder).
"""

import json

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow import events as unit_events
from edu_pipeline.settings import settings


@click.group()
def events() -> None:
    """Unit events: opened, merged, split, closed, recoded, re-levelled, new parent, new head."""


@events.command("list")
@as_json
def list_events(as_json: bool) -> None:
    """Events as recorded at the last sync, with what the registry and the schools say of the same."""
    found = unit_events.events(settings().today())
    if not as_json:
        found = [{**row, "says": json.dumps(row["says"], ensure_ascii=False)} for row in found]
    show(found, as_json, "unit events")

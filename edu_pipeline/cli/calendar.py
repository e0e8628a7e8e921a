"""The command that shows the calendar: dates by level, today's season, days left.

command -> flow/calendar.py

What does not belong here: the dates and seasons themselves (sources/calendar.py).
"""

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow.calendar import page


@click.command()
@click.argument("school_year", type=int, required=False)
@as_json
def calendar(school_year: int | None, as_json: bool) -> None:
    """Dates of a school year at each level (none: today's), the season that today is in, and the days left."""
    show(page(school_year), as_json, "calendar")

"""The command of the morning: what ran, what waits for whom, what is new, what ends and who is late.

command -> flow/today.py -> shown

What does not belong here: finding out (flow/today.py).
"""

from collections import Counter

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow.today import today as found

_SHOWN = 5
_COLUMNS = ("urgency", "what", "where", "says", "rows", "units", "by", "owner", "contact")


@click.command()
@as_json
def today(as_json: bool) -> None:
    """What the morning has to know, the most urgent first: each line with who acts. Counts, codes and dates only."""
    rows = found()
    if as_json:
        show(rows, True)
        return
    counts = Counter(row["urgency"] for row in rows)
    show([{**{name: row[name] for name in _COLUMNS}, "which": _which(row["names"])} for row in rows], False,
         "today: " + ", ".join(f"{count} {urgency}" for urgency, count in counts.items()))  # fmt: skip


def _which(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

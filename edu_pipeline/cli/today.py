"""The command of the morning: what ran, what waits for whom, what is new, what ends and who is late.

command -> flow/today.py -> shown

What does not belong here: finding out (flow/today.py).
"""

from collections import Counter

import click

from edu_pipeline.cli.show import as_json, show
from edu_pipeline.flow.today import today as found
from edu_pipeline.report import morning

_SHOWN = 5
_COLUMNS = ("urgency", "what", "where", "says", "rows", "units", "by", "owner", "contact")


@click.command()
@click.option("--vi", "is_vi", is_flag=True, help="In Vietnamese.")
@as_json
def today(is_vi: bool, as_json: bool) -> None:
    """What the morning has to know, the most urgent first: each line with who acts. Counts, codes and dates only."""
    rows = [morning.vietnamese(row) for row in found()] if is_vi else found()
    if as_json:
        show(rows, True)
        return
    counts = Counter(row["urgency"] for row in rows)
    heads = morning.COLUMNS if is_vi else {name: name for name in morning.COLUMNS}
    shown = [{**{heads[name]: row[name] for name in _COLUMNS}, heads["which"]: _which(row["names"], is_vi)}
             for row in rows]  # fmt: skip
    title = "hôm nay: " if is_vi else "today: "
    show(shown, False, title + ", ".join(f"{count} {urgency}" for urgency, count in counts.items()))


def _which(names: list[str], is_vi: bool) -> str:
    more = len(names) - _SHOWN
    rest = f" và {more} đơn vị nữa" if is_vi else f" and {more} more"
    return ", ".join(names[:_SHOWN]) + (rest if more > 0 else "")

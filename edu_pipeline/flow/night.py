"""When the next night looks again: the schedule's hour, and whether a connection is asked then.

schedule, windows, approval, stage, the city's clock -> Look

What does not belong here: starting a night (defs/jobs.py), asking (sync.py).
"""

import datetime as dt
from dataclasses import dataclass

from edu_pipeline.contracts.words import Word
from edu_pipeline.sources.site import Site
from edu_pipeline.sources.window import silent

# The city's time; the one place that says it.
CRON = "0 1 * * *"
_MINUTE, _HOUR = (int(part) for part in CRON.split()[:2])
_FARTHEST = 400


@dataclass(frozen=True)
class Look:
    """The next night in which the register is computed anew; `note` says why the connection itself is not asked."""

    at: dt.datetime
    note: Word | None = None


def next_night(now: dt.datetime) -> dt.datetime:
    """The schedule's next moment after a moment of the city."""
    tonight = dt.datetime.combine(now.date(), dt.time(_HOUR, _MINUTE))
    return tonight if tonight > now.replace(tzinfo=None) else tonight + dt.timedelta(days=1)


def next_look(site: Site, connection_id: str, unit: str | None, now: dt.datetime) -> Look:
    """When a connection is asked again about a unit. Every night accounts for everybody, asked or not."""
    first = next_night(now)
    connection = next((one for one in site.connections if one.id == connection_id), None)
    if connection is None:
        return Look(first, Word(f"{connection_id} không còn kết nối", f"{connection_id} is connected no more"))
    for after in range(_FARTHEST):
        night = first + dt.timedelta(days=after)
        day = night.date()
        if (
            connection.is_due(day)
            and site.approval(connection).standing(day).is_read
            and not silent(connection.windows, unit or "", night)
        ):
            note = Word(f"{connection_id} được hỏi lại từ {day}", f"{connection_id} is asked again from {day} on")
            return Look(night, note if after else None)
    return Look(first, Word(f"{connection_id} hiện không được hỏi", f"{connection_id} is not asked as things stand"))

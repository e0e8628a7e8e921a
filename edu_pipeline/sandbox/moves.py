"""What the city's offices decide in summer: transfers, admission lists, unit events.

stories -> Transfer, Admission, Event

What does not belong here: how the transfer portal serves them (portal.py), who is sent where (zone.py).
"""

import datetime as dt
from dataclasses import dataclass

CITY = "79"


@dataclass(frozen=True)
class Transfer:
    """A pupil's transfer. A unit is None where it lies in another province; released, not yet accepted: in transit.

    Two transfers of one pupil that two units have accepted are a double claim.
    """

    number: str
    student: str
    grade: int
    from_unit: str | None
    to_unit: str | None
    from_province: str
    to_province: str
    requested: dt.date
    released: dt.date | None = None
    accepted: dt.date | None = None

    def state(self, day: dt.date) -> str | None:
        """requested, released or accepted; None before the request."""
        if self.accepted and self.accepted <= day:
            return "accepted"
        if self.released and self.released <= day:
            return "released"
        return "requested" if self.requested <= day else None


@dataclass(frozen=True)
class Admission:
    """A line of a unit's admission list for grade 1, 6 or 10. `came` is false where the child never appeared there."""

    number: str
    student: str
    unit: str
    year: int
    grade: int
    listed: dt.date
    came: bool


@dataclass(frozen=True)
class Event:
    """A unit event: what befell a unit on a day, by decision of the Department.

    opened (unit); merged (unit into `to`); split (unit, part of it into `to`); closed (unit); recoded (unit is called
    `to` from then on); relevelled (`grades` from then on); new_parent (`parent`); new_head (`head`: root id).
    """

    event: str
    unit: str
    on: dt.date
    decision: str
    to: tuple[str, ...] = ()
    parent: str | None = None
    grades: tuple[int, ...] = ()
    head: str | None = None

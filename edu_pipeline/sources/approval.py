"""What the Department has decided of each connection: may it be read, since when, until when, and who bridges a lapse.

approvals.yaml -> Approval by connection -> Standing on a day

What does not belong here: the texts that people read and the gate itself (flow/approval.py). Nothing here ends by
itself: a lapse is told until somebody decides; only a `cut_off` with a decision and a name cuts off.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import ConfigDict, Field, model_validator

from edu_pipeline.sources.lines import Misplaced, Strict, checked, read

FILE = "approvals.yaml"
LEVEL = 3  # the letter, section 1: ND 85/2016, level 3
NOTICES = (60, 30, 7)
_YEAR = dt.timedelta(days=365)
_LONGEST = 180
_TEXT = Field(min_length=1)


class State(StrEnum):
    """How a connection stands on a day."""

    IN_FORCE = "in force"
    LAPSING = "lapsing"
    LAPSED = "lapsed"
    EXEMPT = "exempt"
    NEVER = "never approved"
    CUT_OFF = "cut off"


class Axis(Strict):
    """The approval to connect through the data axis."""

    decision: str = _TEXT
    authority: str = _TEXT
    date: dt.date


class Security(Strict):
    """The approval of the information system's security level, and its last yearly assessment."""

    level: int = Field(ge=1, le=5)
    decision: str = _TEXT
    authority: str = _TEXT
    date: dt.date
    valid_until: dt.date
    scope: str = _TEXT
    assessed_on: dt.date

    @model_validator(mode="after")
    def _in_order(self) -> "Security":
        if self.valid_until < self.date:
            raise Misplaced(f"it ends before its date, {self.date}; correct one of the two", "valid_until")
        return self

    def last_day(self, day: dt.date) -> dt.date:
        """Last day in force, as known on a day: an assessment that has not been made yet counts for nothing."""
        assessed = self.assessed_on if self.assessed_on <= day else self.date
        return min(self.valid_until, assessed + _YEAR)


class Exemption(Strict):
    """A named person lets it go on without an approval in force, from a day to a day."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)

    since: dt.date = Field(alias="from")
    until: dt.date
    approver: str = _TEXT
    reason: str = _TEXT

    @model_validator(mode="after")
    def _bounded(self) -> "Exemption":
        days = (self.until - self.since).days + 1
        if days < 1:
            raise Misplaced(f"it ends before it begins, {self.since}; correct one of the two", "until")
        if days > _LONGEST:
            raise Misplaced(f"{days} days are too long; at most {_LONGEST}, then decide again", "until")
        return self


class CutOff(Strict):
    """From this day on it is not read any more."""

    date: dt.date
    decision: str = _TEXT
    approver: str = _TEXT


@dataclass(frozen=True)
class Standing:
    """The state on a day; `until` its last day (or, lapsed and cut off, the first), `days_left` until then."""

    state: State
    until: dt.date | None = None
    days_left: int | None = None

    @property
    def is_read(self) -> bool:
        """May it be asked? A lapse alone does not cut off."""
        return self.state not in (State.NEVER, State.CUT_OFF)

    @property
    def notice(self) -> int | None:
        """Which of the notices before a last day this is: 60, 30 or 7; None if it is too early for any."""
        if self.state not in (State.LAPSING, State.EXEMPT) or self.days_left is None:
            return None
        return min((notice for notice in NOTICES if self.days_left <= notice), default=None)


class Approval(Strict):
    """All that is decided of one connection. A `renewal` takes over from `security` on its own date."""

    axis: Axis | None = None
    security: Security | None = None
    renewal: Security | None = None
    exemptions: tuple[Exemption, ...] = ()
    cut_off: CutOff | None = None

    def exemption(self, day: dt.date) -> Exemption | None:
        """The exemption that holds on a day; of several the one that holds longest."""
        holding = [one for one in self.exemptions if one.since <= day <= one.until]
        return max(holding, key=lambda one: one.until, default=None)

    def security_on(self, day: dt.date) -> Security | None:
        """The security approval that counts on a day."""
        return self.renewal if self.renewal and self.renewal.date <= day else self.security

    def begins(self, day: dt.date) -> dt.date | None:
        """First day on which both approvals are there; None while one of them is missing or the level too low."""
        security = self.security_on(day)
        if self.axis is None or security is None or security.level < LEVEL:
            return None
        return max(self.axis.date, security.date)

    def standing(self, day: dt.date) -> Standing:
        """How the connection stands on a day."""
        if self.cut_off and self.cut_off.date <= day:
            return Standing(State.CUT_OFF, self.cut_off.date)
        begins, security, exemption = self.begins(day), self.security_on(day), self.exemption(day)
        last = security.last_day(day) if security and begins and begins <= day else None
        if last and day <= last:
            left = (last - day).days
            return Standing(State.LAPSING if left <= max(NOTICES) else State.IN_FORCE, last, left)
        if exemption:
            return Standing(State.EXEMPT, exemption.until, (exemption.until - day).days)
        if last:
            since = last + dt.timedelta(days=1)
            return Standing(State.LAPSED, since, (last - day).days)
        return Standing(State.NEVER, begins)


class Approvals(Strict):
    """approvals.yaml: what is decided, by connection. One that has left the site may stay: decisions are kept."""

    approvals: dict[str, Approval] = {}


def load(folder: Path) -> dict[str, Approval]:
    """The site's approvals by connection; none without the file. ConfigurationError names file, line and remedy."""
    return checked(read(folder / FILE), Approvals).approvals if (folder / FILE).is_file() else {}

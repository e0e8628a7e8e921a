"""Windows of a connection: times in which it is not asked, or may only add; each says why, and a day on which it ends.

connections.yaml, `windows:` -> Window -> flow (who is asked tonight, whose removals are kept)

What does not belong here: unit events, which change who answers for a unit; holds, which wait for an answer.
"""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field, field_validator, model_validator

from edu_pipeline.sources.lines import Misplaced, Strict

_HOURS = r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"


class Kind(StrEnum):
    """What a window does."""

    PAUSE = "pause"  # nobody asks; nothing is removed
    BLACKOUT = "blackout"  # nobody asks in these hours of the day
    ADDITIONS_ONLY = "additions_only"  # asked as ever; what is missing stays


class Window(Strict):
    """From the first day to the last, both included. Without units it is the whole connection's."""

    kind: Kind
    units: tuple[str, ...] = ()
    begin: dt.date | None = Field(None, alias="from")
    to: dt.date | None = None
    hours: str | None = Field(None, pattern=_HOURS)
    reason: str = Field(min_length=3)

    @field_validator("reason")
    @classmethod
    def _told(cls, said: str) -> str:
        if not said.strip():
            raise ValueError("no reason; say why, it is shown to everybody who asks where the data is")
        return said.strip()

    @model_validator(mode="after")
    def _checked(self) -> "Window":
        if self.kind is Kind.BLACKOUT:
            if self.hours is None:
                raise Misplaced(
                    'a blackout has hours; write them in the city\'s time, as hours: "22:00-02:00"', "hours"
                )
            first, last = self._times
            if first == last:
                raise Misplaced("the hours begin when they end; for whole days write a pause", "hours")
        elif self.hours is not None:
            raise Misplaced(f"{self.kind} has days, no hours; take them out, or write a blackout", "hours")
        else:
            for name, day in (("from", self.begin), ("to", self.to)):
                if day is None:
                    raise Misplaced(f"{self.kind} without `{name}`; every pause has a first and a last day", name)
        if self.begin and self.to and self.begin > self.to:
            raise Misplaced(f"from {self.begin} to {self.to} runs backwards; correct one of the two", "to")
        return self

    @property
    def _times(self) -> tuple[dt.time, dt.time]:
        first, last = (dt.time.fromisoformat(text) for text in str(self.hours).split("-"))
        return first, last

    @property
    def said(self) -> str:
        """The window in words, for whoever asks why nothing came, or nothing went."""
        what = {Kind.PAUSE: "paused", Kind.BLACKOUT: "not asked", Kind.ADDITIONS_ONLY: "additions only"}[self.kind]
        hours = f" {self.hours}" if self.hours else ""
        until = f" until {self.to}" if self.to else ""
        return f"{what}{hours}{until}: {self.reason}"

    def is_open_on(self, day: dt.date) -> bool:
        """Whether the day is one of the window's."""
        return (self.begin is None or self.begin <= day) and (self.to is None or day <= self.to)

    def only_adds_on(self, day: dt.date) -> bool:
        """Whether what is missing on that day stays."""
        return self.kind is Kind.ADDITIONS_ONLY and self.is_open_on(day)

    def is_silent_at(self, now: dt.datetime) -> bool:
        """Whether nobody may ask at that moment of the city."""
        if self.kind is Kind.PAUSE:
            return self.is_open_on(now.date())
        if self.kind is not Kind.BLACKOUT:
            return False
        first, last = self._times
        if first < last:
            return first <= now.time() < last and self.is_open_on(now.date())
        # Over midnight: the small hours belong to the night that began the day before.
        if now.time() >= first:
            return self.is_open_on(now.date())
        return now.time() < last and self.is_open_on(now.date() - dt.timedelta(days=1))


def silent(windows: Iterable[Window], unit: str, now: dt.datetime) -> Window | None:
    """The window because of which a unit is not asked at that moment ("": the whole connection); None if it is."""
    found = (w for w in windows if w.is_silent_at(now) and (not w.units or unit in w.units))
    return next(found, None)

"""What a city decides about its year rollover, and in which units it decided otherwise.

EDU_SITE_DIR/rollover.yaml (optional) -> checked -> Policy -> Rules of a unit on a day

What does not belong here: dates (calendar.py), the circulars (rollover), whom anything concerns (flow).
Every number here is a first guess that an engineer replaces by what the city's own years show (docs/assumptions.md).
"""

import datetime as dt
import difflib
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal, Optional

from pydantic import Field, create_model, model_validator

from edu_pipeline.sources.lines import ConfigurationError, Document, Misplaced, Strict, checked, read
from edu_pipeline.sources.year import LEVELS

FILE = "rollover.yaml"

DECISIONS = ("promoted", "retained", "completed", "transferred_out", "withdrawn", "on_leave", "moved_out", "pending",
             "intake", "accepted", "returned")  # fmt: skip


class Share(Strict):
    """Between which shares a decision is believed, both included."""

    min: float = Field(default=0, ge=0, le=1)
    max: float = Field(default=1, ge=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> "Share":
        if self.min > self.max:
            raise Misplaced(f"from {self.min} to {self.max} is no range; write the lesser as min", "min")
        return self


# What is believed unasked, by level: closings of those who were active there, arrivals of those who open there.
# Nobody is kept back in a preschool; pupils of continuing education come and go. Who is pending is no share to believe
# or not: a unit with too many of them is not ready (open_share).
_RANGES: dict[str, dict[str, Share]] = {
    "preschool": {"retained": Share(max=0.05), "transferred_out": Share(max=0.2), "withdrawn": Share(max=0.15),
                  "on_leave": Share(max=0.05)},
    "primary": {"retained": Share(max=0.08), "transferred_out": Share(max=0.15), "withdrawn": Share(max=0.05),
                "on_leave": Share(max=0.05), "intake": Share(max=0.5)},
    "lower_secondary": {"retained": Share(max=0.12), "transferred_out": Share(max=0.15), "withdrawn": Share(max=0.08),
                        "on_leave": Share(max=0.05), "intake": Share(max=0.6)},
    "upper_secondary": {"retained": Share(max=0.12), "transferred_out": Share(max=0.15), "withdrawn": Share(max=0.1),
                        "on_leave": Share(max=0.05), "intake": Share(max=0.7)},
    "continuing": {"retained": Share(max=0.25), "transferred_out": Share(max=0.3), "withdrawn": Share(max=0.4),
                   "on_leave": Share(max=0.2)},
}  # fmt: skip
_ANY = Share()

_EACH: dict[str, Any] = dict.fromkeys(DECISIONS, (Optional[Share], None))  # noqa: UP045
Shares: Any = create_model("Shares", __base__=Strict, **_EACH)


class _Ranges(Strict):
    rows: int = Field(default=30, ge=0, description="below how many pupils of a level shares say nothing")
    history: float = Field(default=0.15, gt=0, le=1, description="by how much a share may differ from the year before")


_LEVELS: dict[str, Any] = dict.fromkeys(LEVELS, (Shares, Shares()))
Ranges: Any = create_model("Ranges", __base__=_Ranges, **_LEVELS)


class Rules(Strict):
    """What is decided of a rollover, for all units."""

    four_eyes: bool = Field(
        default=True, description="who approves is another than who planned, as the database attests"
    )
    head_confirms: bool = Field(
        default=False, description="a plan is approved only if the unit's head has confirmed exactly its hash"
    )
    both_below: Literal["strict", "lenient"] = Field(
        default="strict",
        description="conduct and learning both below the line (TT 22/2021, art. 14): retained, or retested",
    )
    homeroom: Literal["carry", "clear"] = Field(
        default="clear", description="whether a class keeps its homeroom teacher"
    )
    fresh_days: int = Field(default=3, ge=0, description="the last complete read is not older, in days")
    results_share: float = Field(default=0.9, ge=0, le=1, description="share of pupils whose year-end result is in")
    open_share: float = Field(
        default=0.1, ge=0, le=1, description="share of a unit's pupils that may be without a place"
    )
    open_rows: int = Field(default=5, ge=0, description="up to how many of them the share does not count")
    ranges: Ranges = Field(default=Ranges(), description="shares of decisions that are believed")

    def range(self, level: str, decision: str) -> Share:
        """Within which share of a level a decision is believed; anything where nothing is said."""
        return getattr(getattr(self.ranges, level), decision) or _RANGES[level].get(decision, _ANY)


# What may be decided otherwise for a unit: any of the rules, each in part.
_OTHERWISE: dict[str, Any] = {name: (Optional[f.annotation], None) for name, f in Rules.model_fields.items()}  # noqa: UP045


class _Decided(Strict):
    decision: str = Field(min_length=1, description="number of the decision")
    reason: str = Field(min_length=1)
    until: dt.date | None = Field(default=None, description="last day on which it counts; empty: until it is taken out")


Otherwise: Any = create_model("Otherwise", __base__=_Decided, **_OTHERWISE)


class Policy(Rules):
    """rollover.yaml: the rules, and the units for which it was decided otherwise."""

    units: dict[str, Otherwise] = {}

    @model_validator(mode="after")
    def _says_something(self) -> "Policy":
        for unit, own in self.units.items():
            if not own.model_fields_set & set(_OTHERWISE):
                said = f"nothing is decided otherwise; write one of {', '.join(_OTHERWISE)}, or take the unit out"
                raise Misplaced(said, "units", unit)
        return self

    def of(self, unit: str, day: dt.date) -> Rules:
        """What counts for a unit on a day: its own decision where it says something, else the city's."""
        own = self.units.get(unit)
        if own is None or (own.until and day > own.until):
            return self
        said = own.model_dump(include=own.model_fields_set & set(_OTHERWISE), exclude_unset=True)
        return Rules.model_validate(_merged(self.model_dump(exclude={"units"}, exclude_unset=True), said))


def load(folder: Path, units: Collection[str]) -> Policy:
    """The site's policy; the defaults without the file. ConfigurationError names file, line and remedy."""
    if not (folder / FILE).is_file():
        return Policy()
    document = read(folder / FILE)
    policy = checked(document, Policy)
    for unit in policy.units:
        if unit not in units:
            raise _unknown(document, unit, units)
    return policy


def _unknown(document: Document, unit: str, units: Collection[str]) -> ConfigurationError:
    near = difflib.get_close_matches(unit, units, 1)
    meant = f"did you mean {near[0]}? " if near else ""
    return document.wrong(f"no connection and no event names unit {unit}; {meant}correct it or take it out",
                          "units", unit)  # fmt: skip


def _merged(city: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    both = {name: _merged(city[name], said) for name, said in own.items()
            if isinstance(said, dict) and isinstance(city.get(name), dict)}  # fmt: skip
    return {**city, **own, **both}

"""The kinds of unit events, each with what it has to say.

domain.md section 9, the letter of a decision -> Recoded, Merged, Split, Closed, Opened, Relevelled, NewParent, NewHead

What does not belong here: whether events agree with each other (sequence.py), reading the file (events.py).
"""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from edu_pipeline.schema.ladder import LEVELS
from edu_pipeline.sources.lines import Misplaced, Strict

UnitCode = Annotated[str, Field(pattern=r"^[0-9]{8}$")]
_GRADES = {grade for grades in LEVELS.values() for grade in grades}


class Event(Strict):
    """What a decision says of one unit from a day on."""

    event: str
    unit: UnitCode
    date: dt.date
    decision: str = Field(min_length=1)

    @property
    def parts(self) -> "tuple[Part, ...]":
        """Who takes what of the unit; empty if nobody takes anything."""
        return ()

    @property
    def is_end(self) -> bool:
        """True if the unit's code ends with the event."""
        return False

    @property
    def detail(self) -> dict[str, object]:
        """What it says beyond unit, kind, date and decision, as JSON."""
        kept = {"event", "unit", "date", "decision"}
        return self.model_dump(mode="json", exclude=kept, exclude_defaults=True)


class Part(Strict):
    """One share of a split: the grades or the classes that go to a unit; neither: whatever no other part names."""

    unit: UnitCode
    grades: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> "Part":
        if self.grades and self.classes:
            raise Misplaced("name grades or classes, not both; one share is one list", "classes")
        if wrong := sorted(set(self.grades) - _GRADES):
            raise Misplaced(f"there is no grade {wrong[0]}; write 1-12, preschool 13-18", "grades")
        return self


class Recoded(Event):
    """The unit goes on under another code."""

    event: Literal["recoded"]
    to: UnitCode

    @property
    def parts(self) -> tuple[Part, ...]:
        return (Part(unit=self.to),)

    @property
    def is_end(self) -> bool:
        return True


class Merged(Recoded):
    """The unit goes up in another one, new or existing."""

    event: Literal["merged"]  # type: ignore[assignment]


class Closed(Event):
    """The unit ends; `to` names who takes its people, if one unit does."""

    event: Literal["closed"]
    to: UnitCode | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        return (Part(unit=self.to),) if self.to else ()

    @property
    def is_end(self) -> bool:
        return True


class Split(Event):
    """The unit's grades or classes of the years that follow go to several units; it goes on if it is one of them."""

    event: Literal["split"]
    to: tuple[Part, ...] = Field(min_length=2)

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.to

    @property
    def is_end(self) -> bool:
        return self.unit not in {part.unit for part in self.to}

    @model_validator(mode="after")
    def _apart(self) -> "Split":
        taken: dict[object, str] = {}
        rest = None
        for position, part in enumerate(self.to):
            if part.unit in [other.unit for other in self.to[:position]]:
                raise Misplaced(f"unit {part.unit} takes two shares; write them as one", "to", position, "unit")
            for key, named in (("grades", part.grades), ("classes", part.classes)):
                for one in named:
                    if (key, one) in taken:
                        said = f"{key} {one} goes to {taken[key, one]} and to {part.unit}; leave it to one of them"
                        raise Misplaced(said, "to", position, key)
                    taken[key, one] = part.unit
            if not part.grades and not part.classes:
                if rest is not None:
                    raise Misplaced(f"{rest} and {part.unit} both take the rest; name grades or classes of one of them",
                                    "to", position)  # fmt: skip
                rest = part.unit
        return self


class Opened(Event):
    """The unit begins."""

    event: Literal["opened"]


class Relevelled(Event):
    """The unit teaches these grades from now on."""

    event: Literal["relevelled"]
    grades: tuple[int, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ladder(self) -> "Relevelled":
        if wrong := sorted(set(self.grades) - _GRADES):
            raise Misplaced(f"there is no grade {wrong[0]}; write 1-12, preschool 13-18", "grades")
        return self


class NewParent(Event):
    """Another unit manages it."""

    event: Literal["new_parent"]
    parent: UnitCode


class NewHead(Event):
    """Somebody else heads it: recorded and compared with the posts that are reported; it changes none."""

    event: Literal["new_head"]
    head: str = Field(pattern=r"^[0-9]{10}$")


KINDS: dict[str, type[Event]] = {
    "opened": Opened,
    "merged": Merged,
    "split": Split,
    "closed": Closed,
    "recoded": Recoded,
    "relevelled": Relevelled,
    "new_parent": NewParent,
    "new_head": NewHead,
}

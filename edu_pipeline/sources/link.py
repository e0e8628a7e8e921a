"""A unit that a connection answers for: what the system calls it, for which entities, from which day to which.

connections.yaml, `units:` and handovers.yaml -> UnitLink -> who is asked, and who is authority, on a day

What does not belong here: handovers, which end and begin links (handover.py); windows, in which nobody is asked.
As with a window, `from` is the first day and `to` the last, both included. A `from` to come is a wave of a first load:
until then nobody asks.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from pydantic import ConfigDict, Field, field_validator, model_validator

from edu_pipeline.schema import LEARNING, PULLED
from edu_pipeline.sources.lines import Misplaced, Strict

OWNED = tuple(entity.name for entity in PULLED if entity.has_owner)
# What a school-management system answers for where nothing is named: a learning-management system is another one.
MANAGED = tuple(name for name in OWNED if name not in {entity.name for entity in LEARNING})
# Whoever says where a pupil is answers for the unit as such: its headcount, its year, what no other is named for.
PLACES = "enrollment"

_PARENTS = {e.name: {one.entity for one in e.references if one.key} for e in PULLED}


class Share(Strict):
    """What of a unit somebody answers for, and how its classes are called there.

    `entities`: none is all that a school-management system answers for. `classes`: the system's class codes that are
    not the register's, each with its own. `missing`: how many of the pupils whom the former connection told may be
    missing when it takes over.
    """

    entities: tuple[str, ...] = ()
    classes: dict[str, str] = {}
    missing: int = Field(0, ge=0)

    @field_validator("entities")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for position, name in enumerate(names):
            if name not in OWNED:
                raise Misplaced(f"no unit's connection answers for {name!r}; write of {', '.join(OWNED)}", position)
        return names

    @field_validator("classes")
    @classmethod
    def _apart(cls, codes: dict[str, str]) -> dict[str, str]:
        first: dict[str, str] = {}
        for code, kept in codes.items():
            if kept in first:
                raise Misplaced(f"{first[kept]} and {code} would both be class {kept}; each class keeps one code", code)
            first[kept] = code
        return codes


class UnitLink(Share):
    """A unit, by the register's code and by what the system calls it (`key`), from the first day to the last."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)

    unit: str = Field(pattern=r"^[0-9]{8}$")
    key: str | None = None
    begin: dt.date | None = Field(None, alias="from")
    to: dt.date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "UnitLink":
        if self.begin and self.to and self.begin > self.to:
            raise Misplaced(f"from {self.begin} to {self.to} runs backwards; correct one of the two", "to")
        return self

    @property
    def names(self) -> frozenset[str]:
        """The entities that it answers for."""
        return frozenset(self.entities or MANAGED)

    @property
    def asked(self) -> frozenset[str]:
        """The entities that are read: those that it answers for, and those that their rows point to."""
        found: set[str] = set()
        left = set(self.names)
        while left:
            found |= left
            left = {parent for name in left for parent in _PARENTS[name]} - found
        return frozenset(found)

    def is_on(self, day: dt.date) -> bool:
        """Whether it answers on the day."""
        return (self.begin is None or self.begin <= day) and (self.to is None or day <= self.to)

    def meets(self, other: "UnitLink") -> bool:
        """Whether there is an entity of the unit, and a day, for which both would answer."""
        first, last = (
            max(self.begin or dt.date.min, other.begin or dt.date.min),
            min(self.to or dt.date.max, other.to or dt.date.max),
        )
        return self.unit == other.unit and first <= last and bool(self.names & other.names)


def same_key(links: Iterable[UnitLink]) -> tuple[int, str, str, str] | None:
    """(position, unit, other unit, key) of the first link whose key another unit has already; None if all are apart."""
    units: dict[str, str] = {}
    for position, link in enumerate(links):
        key = link.key or link.unit
        if units.setdefault(key, link.unit) != link.unit:
            return position, link.unit, units[key], key
    return None


def answering(links: Iterable[tuple[str, UnitLink]], day: dt.date | None = None) -> dict[str, str]:
    """The connection by unit, on a day: who answers for it then, else who will first, else who did last.

    Without a day: whoever has the last word.
    """
    found: dict[str, tuple[tuple[bool, bool, int], str]] = {}
    for connection, link in links:
        begin = link.begin or dt.date.min
        is_to_come = day is not None and begin > day
        is_on = PLACES in link.names and (day is None or link.is_on(day))
        rank = (is_on, is_to_come, -begin.toordinal() if is_to_come else begin.toordinal())
        if link.unit not in found or rank > found[link.unit][0]:
            found[link.unit] = (rank, connection)
    return {unit: connection for unit, (_, connection) in found.items()}


def owners(links: Iterable[tuple[str, UnitLink]], day: dt.date) -> Mapping[tuple[str, str], tuple[str, UnitLink]]:
    """(connection, link) by (unit, entity) on a day; `*` is whoever says where the pupils are, for all not named."""
    found: dict[tuple[str, str], tuple[str, UnitLink]] = {}
    for connection, link in links:
        if link.is_on(day):
            names = ["*"] if not link.entities else link.entities
            found |= {(link.unit, name): (connection, link) for name in names}
    for (unit, name), said in list(found.items()):
        if name == PLACES:
            found[unit, "*"] = said
    return {
        (unit, name): said
        for (unit, name), said in found.items()
        if name == "*" or found.get((unit, "*"), ("",))[0] != said[0]
    }

"""Handovers: from a day on another connection answers for a unit, or for some of its entities; dated, with a name.

EDU_SITE_DIR/handovers.yaml -> checked against the links -> links that end and begin

What does not belong here: writing the file (flow/handover.py), when authority passes (flow/authority.py). An entry that
is taken out again, or one of a later day in the other direction, gives back what was before.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field, field_validator, model_validator

from edu_pipeline.sources.connection import Connection, Stage
from edu_pipeline.sources.event import UnitCode
from edu_pipeline.sources.lines import Document, Misplaced, Strict, checked, read
from edu_pipeline.sources.link import MANAGED, OWNED, Share, UnitLink, same_key

FILE = "handovers.yaml"
_DAY = dt.timedelta(days=1)


class Handover(Share):
    """`date`: the first day of the new connection. `key`, `classes`, `missing`: as a link of `to` has them."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)

    unit: UnitCode
    source: str = Field(alias="from")
    to: str
    date: dt.date
    key: str | None = None
    decision: str | None = Field(None, min_length=1)
    reason: str | None = Field(None, min_length=3)
    by: str = Field(min_length=1)

    @model_validator(mode="after")
    def _explained(self) -> "Handover":
        if self.source == self.to:
            raise Misplaced("it hands over to itself; name another connection", "to")
        if self.decision is None and self.reason is None:
            raise Misplaced("neither `decision` nor `reason`; say why, it is kept", "reason")
        return self


class Handovers(Strict):
    """handovers.yaml."""

    handovers: tuple[Handover, ...] = ()

    @field_validator("handovers", mode="before")
    @classmethod
    def _emptied(cls, said: Any) -> Any:
        # Whoever takes the last entry out leaves the bare word.
        return () if said is None else said


def find(folder: Path) -> Document | None:
    """The site's file, if it has one."""
    return read(folder / FILE) if (folder / FILE).is_file() else None


def load(document: Document | None) -> tuple[Handover, ...]:
    """Handovers in the order of the file. ConfigurationError names file, line and remedy."""
    if document is None:
        return ()
    said = document.value.get("handovers") if isinstance(document.value, dict) else None
    for position, one in enumerate(said if isinstance(said, list) else ()):
        if isinstance(one, dict) and True in one:
            raise document.wrong("`on` is YAML's word for true; write `date:`", "handovers", position)
    return checked(document, Handovers).handovers


def hand_over(document: Document | None, connections: tuple[Connection, ...]) -> tuple[Connection, ...]:
    """The connections with their links as the handovers leave them, in the order of their days."""
    if document is None:
        return connections
    links = {connection.id: list(connection.units) for connection in connections}
    tells = {c.id: {r.entity or "" for r in c.kind.records().values()} & set(OWNED) for c in connections}
    seen: dict[tuple[str, dt.date], int] = {}
    for position, one in sorted(enumerate(load(document)), key=lambda item: (item[1].date, item[0])):
        here = ("handovers", position)
        if (one.unit, one.date) in seen:
            first = document.line(("handovers", seen[one.unit, one.date]))
            said = f"unit {one.unit} is handed over on {one.date} in line {first} too; write one of them"
            raise document.wrong(said, *here, "date")
        seen[one.unit, one.date] = position
        if refused := _refusal(one, links, tells, {c.id: c.stage for c in connections}):
            raise document.wrong(refused[0], *here, *refused[1])
        ending = [link for link in links[one.source] if link.unit == one.unit and link.is_on(one.date)]
        begun = [_begun(one, link, links[one.to]) for link in ending if _passed(one, link)]
        staying = [link for link in links[one.source] if link not in ending]
        links[one.source] = staying + [left for link in ending for left in _left(one, link)]
        if twice := same_key([*links[one.to], *begun]):
            _, unit, other, key = twice
            said = f"{one.to} calls both {unit} and {other} {key}; write the unit's own `key`"
            raise document.wrong(said, *here, *(["key"] if one.key else []))
        # It takes exactly the days and entities that were the former's: what did not meet before does not now.
        links[one.to] += begun
    return tuple(connection.model_copy(update={"units": tuple(links[connection.id])}) for connection in connections)


def _refusal(
    one: Handover, links: Mapping[str, list[UnitLink]], tells: Mapping[str, set[str]], stages: Mapping[str, Stage]
) -> tuple[str, tuple[str | int, ...]] | None:
    """Why it cannot be, and at which of its places; None if it can."""
    for at, name in (("from", one.source), ("to", one.to)):
        if name not in links:
            said = f"no connection {name!r}; there are {', '.join(links)}"
            return f"{said}: correct it, or take the entry out and list the unit under the other", (at,)
    if stages[one.to] is not Stage.LIVE:
        return f"{one.to} is {stages[one.to]}, and what it tells does not count: make it live first", ("to",)
    for number, name in enumerate(one.entities):
        if name not in tells[one.to]:
            return f"{one.to} tells no {name}; it tells {', '.join(sorted(tells[one.to]))}", ("entities", number)
    answers = {name: {entity for link in own if link.unit == one.unit and link.is_on(one.date) for entity in link.names}
               for name, own in links.items()}  # fmt: skip
    if not answers[one.source] or not answers[one.source].issuperset(one.entities):
        who = ", ".join(name for name, names in answers.items() if names & set(one.entities or MANAGED)) or "nobody"
        what = f"{', '.join(one.entities)} of unit {one.unit}" if one.entities else f"unit {one.unit}"
        return f"{one.source} does not answer for {what} on {one.date}, but {who}; correct one of the two", ("from",)
    return None


def _passed(one: Handover, link: UnitLink) -> tuple[str, ...]:
    """Entities of a link that are handed over, in the order of the declaration."""
    return tuple(name for name in OWNED if name in link.names and (not one.entities or name in one.entities))


def _begun(one: Handover, link: UnitLink, own: Iterable[UnitLink]) -> UnitLink:
    """The new connection's link. What it called the unit and its classes before, it still does."""
    passed, before = _passed(one, link), [former for former in own if former.unit == one.unit]
    key = one.key or next((former.key for former in reversed(before) if former.key), None)
    classes = one.classes or next((former.classes for former in reversed(before) if former.classes), {})
    entities = () if set(passed) == set(MANAGED) else passed
    return link.model_copy(update={"key": key, "begin": one.date, "entities": entities, "classes": classes,
                                   "missing": one.missing})  # fmt: skip


def _left(one: Handover, link: UnitLink) -> list[UnitLink]:
    """What stays of the former connection's link: its days before, and the entities that are not handed over."""
    passed = _passed(one, link)
    if not passed:
        return [link]
    kept = tuple(name for name in OWNED if name in link.names and name not in passed)
    found = [] if link.begin == one.date else [link.model_copy(update={"to": one.date - _DAY})]
    if kept:
        found.append(link.model_copy(update={"begin": one.date, "entities": kept}))
    return found

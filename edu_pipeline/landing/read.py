"""The readings that a connection owes on a day, and the records on their pages.

Connection, calendar, day -> Reading -> Received, Received, ...

What does not belong here: the meaning of a record (mark.py) and of its fields (normalize).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from edu_pipeline.landing.mark import digest
from edu_pipeline.landing.paging import Page, Params
from edu_pipeline.sources.link import PLACES, UnitLink
from edu_pipeline.sources.paths import find, key
from edu_pipeline.sources.protocol import ScopeParams
from edu_pipeline.sources.site import Connection, Year
from edu_pipeline.sources.system import System


@dataclass(frozen=True)
class Reading:
    """One resource within one scope: a unit and school year, or the whole city (no unit, a year or 0)."""

    resource: str
    unit_id: str = ""
    school_year: int = 0
    term: int = 0
    params: Params = field(default_factory=dict)
    # Only what has changed since then is asked for (watermark.py); empty: all.
    since: dt.datetime | None = None

    @property
    def place(self) -> str:
        """The reading in words, for an error or a log."""
        year = f", {self.school_year}" if self.school_year else ""
        scope = f", unit {self.unit_id}{year} term {self.term}" if self.unit_id else year
        return f"{self.resource}{scope}"


@dataclass(frozen=True, slots=True)
class Received:
    """One record of a page."""

    source_key: str
    event: str
    version: int | None
    hash: bytes
    ordinal: int
    content: dict[str, Any]


def readings(connection: Connection, resource: str, years: tuple[Year, ...], day: dt.date) -> Iterator[Reading]:
    """The scopes to read of a resource on a day: units that it then answers for, years newest first."""
    asked = {link.unit: link for link in connection.links_on(day) if _is_asked(link, connection.kind, resource)}
    if connection.kind.scope == "whole":
        if connection.kind.is_of_city or asked:
            yield Reading(resource)
        return
    said = connection.kind.params
    if connection.kind.scope == "city_year":
        for year in years:
            yield Reading(resource, "", year.school_year, 0, {said.school_year.param: _told(year, said)})
        return
    for link in asked.values():
        for year in years:
            term = year.term_on(day)
            params: Params = {
                said.unit: link.key or link.unit,
                said.school_year.param: _told(year, said),
                said.term: term,
            }
            yield Reading(resource, link.unit, year.school_year, term, params)


def _told(year: Year, said: ScopeParams) -> str | int:
    return year.label if said.school_year.form == "label" else year.school_year


def _is_asked(link: UnitLink, system: System, resource: str) -> bool:
    """Whether a link has any use for a resource: its entities, what these point to, or what completes them."""
    read = system.resources[resource]
    if read.use in ("headcount", "confirmation"):
        return PLACES in link.names
    return read.entity is None or read.entity in link.asked


def received(page: Page, system: System, offset: int, at: tuple[str, ...]) -> tuple[list[Received], int]:
    """A page's records, and how many were unusable (they make the reading unprovable, never silently vanish).

    Their key stands `at` these paths.
    """
    envelope, found, nameless = system.envelope, [], 0
    for ordinal, content in enumerate(page.records):
        source_key = key(content, at)
        if source_key is None:
            nameless += 1
            continue
        try:
            content_hash = digest(content, system.volatile)
        except orjson.JSONEncodeError:
            # Nested deeper than a record can mean: it is as good as one without a key, and costs itself alone.
            nameless += 1
            continue
        event, version = _event(content, system), _version(content, envelope.version)
        found.append(Received(source_key, event, version, content_hash, offset + ordinal, content))
    return found, nameless


def _event(content: dict[str, Any], system: System) -> str:
    if system.envelope.cancelled_if:
        return "UPDATE" if find(content, system.envelope.cancelled_if) is None else "CANCEL"
    said = find(content, system.envelope.event) if system.envelope.event else None
    by_word = {word.upper(): event for word, event in system.envelope.events.items()}
    return by_word.get(str(said).upper(), "UPDATE")


def _version(content: dict[str, Any], path: str | None) -> int | None:
    said = find(content, path) if path else None
    return int(said) if isinstance(said, int | str) and str(said).isdigit() else None

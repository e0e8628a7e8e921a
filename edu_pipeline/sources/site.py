"""The site: which systems are connected, which units they answer for, and its calendar.

EDU_SITE_DIR/*.yaml -> checked as a whole -> Site

What does not belong here: a connection (connection.py), the calendar's rules (calendar.py), approvals (approval.py).
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from pydantic import Field, SerializeAsAny, model_validator

from edu_pipeline.sources import approval as approving
from edu_pipeline.sources import events as unit_events
from edu_pipeline.sources import handover, policy, succession
from edu_pipeline.sources.approval import Approval
from edu_pipeline.sources.calendar import Calendar, Year
from edu_pipeline.sources.catalogue import Catalogue
from edu_pipeline.sources.connection import Connection, Limits, Owner
from edu_pipeline.sources.event import Event
from edu_pipeline.sources.first import FirstLoad
from edu_pipeline.sources.handover import Handover
from edu_pipeline.sources.lines import Document, Misplaced, Strict, checked, read
from edu_pipeline.sources.link import UnitLink, answering
from edu_pipeline.sources.policy import Policy
from edu_pipeline.sources.resource import Resource
from edu_pipeline.sources.succession import Succession
from edu_pipeline.sources.system import System, of_site


class Connections(Strict):
    """connections.yaml: the city, its connections, one authority for each unit, and one for what is the city's own."""

    city: str
    hosts: dict[str, Limits] = Field({}, description="servers that several connections share")
    connections: tuple[Connection, ...]
    department: Owner | None = None
    first_load: FirstLoad | None = None

    @model_validator(mode="after")
    def _apart(self) -> "Connections":
        ids: set[str] = set()
        tellers: dict[str, str] = {}
        seen: dict[str, list[tuple[str, UnitLink]]] = {}
        for position, connection in enumerate(self.connections):
            if connection.id in ids:
                said = f"two connections have one id, {connection.id}; rename one"
                raise Misplaced(said, "connections", position, "id")
            ids.add(connection.id)
            if not connection.answers:
                continue
            for name in sorted(connection.kind.of_city):
                if (other := tellers.setdefault(name, connection.id)) != connection.id:
                    said = f"both {other} and {connection.id} tell {name}, which is the city's own; take one out"
                    raise Misplaced(said, "connections", position, "system")
            for number, link in enumerate(connection.units):
                for other, former in seen.setdefault(link.unit, []):
                    if link.meets(former):
                        said = f"unit {link.unit}: both {other} and {connection.id} claim it; take it from one"
                        raise Misplaced(said, "connections", position, "units", number, "unit")
                seen[link.unit].append((connection.id, link))
        return self


class Site(Strict):
    """All of a site's configuration."""

    city: str
    systems: dict[str, System] = {}
    hosts: dict[str, Limits] = {}
    connections: tuple[Connection, ...]
    calendar: Calendar
    department: Owner | None = None
    catalogue: Catalogue = Catalogue()
    events: tuple[SerializeAsAny[Event], ...] = ()
    approvals: dict[str, Approval] = {}
    handovers: tuple[Handover, ...] = ()
    first_load: FirstLoad | None = None
    policy: Policy = Policy()

    @property
    def links(self) -> Iterator[tuple[str, UnitLink]]:
        """Every link with its connection's id; of those whose word counts."""
        return _links(self.connections)

    def succession(self, day: dt.date) -> Succession:
        """What continues where because of the unit events, by who answers for the units on a day."""
        # Asked for each resource of each connection: traced once a day.
        if day not in self._traced:
            self._traced[day] = succession.trace(self.events, answering(self.links, day))
        return self._traced[day]

    @cached_property
    def _traced(self) -> dict[dt.date, Succession]:
        return {}

    def mapping(self, connection: Connection, day: dt.date, resource: Resource | None = None) -> str:
        """Says what the understanding of a connection's records depends on: when it changes, all are taken up again.

        Of a resource, or (none named) of any.
        """
        # What offices run, the registry tells; its millions of identities no event concerns.
        of_any = connection.kind.is_registry and (resource is None or resource.entity == "deployed_system")
        keys = {link.unit: link.key or link.unit for link in connection.units}
        happened = self.succession(day).fingerprint(connection.id, keys, day, of_any)
        codes = repr(sorted((unit, *code) for unit, found in connection.classes.items() for code in found.items()))
        classes = codes if connection.classes else ""
        others = {key: unit for key, unit in connection.keys.items() if key != unit}
        classes += repr(sorted(others.items())) if others else ""
        said = "/".join(filter(None, [connection.kind.fingerprint, self.catalogue.fingerprint, happened, classes]))
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def connection(self, name: str) -> Connection:
        """A connection by id; KeyError lists the ids."""
        for candidate in self.connections:
            if candidate.id == name:
                return candidate
        raise KeyError(f"no connection {name!r}; there are {', '.join(c.id for c in self.connections)}")

    def approval(self, connection: Connection) -> Approval:
        """What is decided of a connection; an empty approval where nothing is."""
        return self.approvals.get(connection.id, Approval())

    @property
    def years(self) -> tuple[Year, ...]:
        return self.calendar.years

    def year(self, school_year: int) -> Year:
        """The calendar of a school year; KeyError says where to add it."""
        return self.calendar.year(school_year)

    def readable_years(self, day: dt.date) -> tuple[Year, ...]:
        """Years asked for on a day, newest first (Calendar.readable)."""
        return self.calendar.readable(day)


def load(folder: Path, handovers: Document | None = None) -> Site:
    """Read and check a site folder as a whole. ConfigurationError tells a mistake by file, line, place and remedy.

    `handovers` is what would stand in its file of handovers, to be checked before it is written.
    """
    # A file's keys are its own: neither file may say what stands in the other.
    kinds = of_site(folder)
    said = checked(read(folder / "connections.yaml"), Connections, systems=kinds)
    calendar = checked(read(folder / "calendar.yaml"), Calendar)
    own = folder / "catalogue.yaml"
    catalogue = checked(read(own), Catalogue) if own.is_file() else Catalogue()
    told = handovers or handover.find(folder)
    connections = handover.hand_over(told, said.connections)
    events = unit_events.load(folder, answering(_links(connections)))
    return Site(systems=kinds, city=said.city, hosts=said.hosts, connections=connections, calendar=calendar,
                department=said.department, catalogue=catalogue, events=events,
                approvals=approving.load(folder), handovers=handover.load(told),
                first_load=said.first_load, policy=policy.load(folder, _named(connections, events)))  # fmt: skip


def _named(connections: tuple[Connection, ...], events: tuple[Event, ...]) -> set[str]:
    """Units that the site names: linked, by whichever connection, or made by an event."""
    linked = {link.unit for connection in connections for link in connection.units}
    return linked | {event.unit for event in events} | {part.unit for event in events for part in event.parts}


def _links(connections: tuple[Connection, ...]) -> Iterator[tuple[str, UnitLink]]:
    return ((connection.id, link) for connection in connections if connection.answers for link in connection.units)

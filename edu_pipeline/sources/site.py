"""The site: which systems are connected, which units they answer for, and its calendar.

EDU_SITE_DIR/*.yaml -> checked as a whole -> Site

What does not belong here: kinds of systems (system.py), the calendar's rules (calendar.py), approvals (approval.py),
secrets (settings).
"""

import datetime as dt
import hashlib
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SerializeAsAny, model_validator

from edu_pipeline.sources import approval as approving
from edu_pipeline.sources import events as unit_events
from edu_pipeline.sources import succession
from edu_pipeline.sources.address import origin, refusal
from edu_pipeline.sources.approval import Approval
from edu_pipeline.sources.calendar import Calendar, Year
from edu_pipeline.sources.catalogue import Catalogue
from edu_pipeline.sources.event import Event
from edu_pipeline.sources.lines import Misplaced, Strict, checked, read
from edu_pipeline.sources.succession import Succession
from edu_pipeline.sources.system import Resource, System, systems
from edu_pipeline.sources.window import Kind as WindowKind
from edu_pipeline.sources.window import Window


class UnitLink(Strict):
    """A unit that the connection is authority for; `key` is what the system calls it, where that differs."""

    unit: str = Field(pattern=r"^[0-9]{8}$")
    key: str | None = None


class Owner(Strict):
    """Who mends it."""

    name: str
    contact: str


class Limits(Strict):
    """How hard a connection, or a server that several share, may be asked."""

    requests_per_second: float = Field(default=20.0, gt=0, le=1000)
    parallel: int = Field(default=1, ge=1, le=16, description="requests at the same time")


class Incremental(Strict):
    """How far a connection is trusted to tell what has changed: on most nights it is asked for that alone.

    In-place edits escape every cursor: after `complete_every` days all is read again. The overlap makes up for records
    that were written while the last night read.
    """

    complete_every: int = Field(default=7, ge=2, le=31, description="days from one complete read to the next")
    overlap_hours: int = Field(default=24, ge=1, le=168)


class Connection(Strict):
    """One connected instance of a system."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    system: str
    base_url: str
    auth: dict[str, str]
    owner: Owner
    limits: Limits = Limits()
    incremental: Incremental | None = None
    units: tuple[UnitLink, ...] = ()
    deputy: Owner | None = None
    windows: tuple[Window, ...] = ()

    @model_validator(mode="after")
    def _checked(self) -> "Connection":
        if self.system not in systems():
            said = f"connection {self.id}: no system {self.system!r}; there are {', '.join(systems())}"
            raise Misplaced(said, "system")
        for at, address in ((("base_url",), self.base_url), (("auth", "token_url"), self.auth.get("token_url"))):
            if address is not None and (refused := refusal(address)):
                raise Misplaced(f"connection {self.id}: {refused}", *at)
        needed = self.kind.credentials
        if set(self.auth) != needed:
            raise Misplaced(f"connection {self.id}: auth needs exactly {', '.join(sorted(needed))}", "auth")
        if self.incremental and self.kind.since is None:
            said = f"connection {self.id}: {self.system} cannot be asked for changes alone; take `incremental` out"
            raise Misplaced(said, "incremental")
        self._check_windows()
        return self

    def _check_windows(self) -> None:
        linked = {link.unit for link in self.units}
        for position, window in enumerate(self.windows):
            for number, unit in enumerate(window.units):
                if unit not in linked:
                    said = f"connection {self.id} does not answer for unit {unit}; name one of its units"
                    raise Misplaced(said, "windows", position, "units", number)
            if window.units and window.kind is not WindowKind.ADDITIONS_ONLY and self.kind.scope == "whole":
                said = f"connection {self.id} is read as a whole, no unit alone; take the units out"
                raise Misplaced(said, "windows", position, "units")

    @property
    def kind(self) -> System:
        return systems()[self.system]

    @property
    def origins(self) -> tuple[str, ...]:
        """The servers that it may talk to, as scheme://host:port: its base_url's, and its token_url's."""
        said = (self.base_url, self.auth.get("token_url"))
        return tuple(dict.fromkeys(origin(address) for address in said if address))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of those servers, in an order that every connection takes them in."""
        return tuple(sorted({urlsplit(server).hostname or "" for server in self.origins}))

    @property
    def secret_names(self) -> tuple[str, ...]:
        """Names of the secrets it needs (token_url is an address, not a secret)."""
        return tuple(value for key, value in self.auth.items() if key != "token_url")


class Connections(Strict):
    """connections.yaml: the city, its connections, and one authority for each unit."""

    city: str
    hosts: dict[str, Limits] = Field({}, description="servers that several connections share")
    connections: tuple[Connection, ...]
    department: Owner | None = None

    @model_validator(mode="after")
    def _apart(self) -> "Connections":
        seen: dict[str, str] = {}
        ids: set[str] = set()
        for position, connection in enumerate(self.connections):
            if connection.id in ids:
                said = f"two connections have one id, {connection.id}; rename one"
                raise Misplaced(said, "connections", position, "id")
            ids.add(connection.id)
            for number, link in enumerate(connection.units):
                if link.unit in seen:
                    said = f"unit {link.unit}: both {seen[link.unit]} and {connection.id} claim it; take it from one"
                    raise Misplaced(said, "connections", position, "units", number, "unit")
                seen[link.unit] = connection.id
        return self


class Site(Strict):
    """All of a site's configuration."""

    city: str
    hosts: dict[str, Limits] = {}
    connections: tuple[Connection, ...]
    calendar: Calendar
    department: Owner | None = None
    catalogue: Catalogue = Catalogue()
    events: tuple[SerializeAsAny[Event], ...] = ()
    approvals: dict[str, Approval] = {}

    @cached_property
    def succession(self) -> Succession:
        """What continues where because of the unit events."""
        return succession.trace(self.events, _links(self.connections))

    def mapping(self, connection: Connection, day: dt.date, resource: Resource | None = None) -> str:
        """Says what the understanding of a connection's records depends on: when it changes, all are taken up again.

        Of a resource, or (none named) of any.
        """
        # What offices run, the registry tells; its millions of identities no event concerns.
        of_any = connection.kind.is_registry and (resource is None or resource.entity == "deployed_system")
        keys = {link.unit: link.key or link.unit for link in connection.units}
        happened = self.succession.fingerprint(connection.id, keys, day, of_any)
        said = "/".join(filter(None, [connection.kind.fingerprint, self.catalogue.fingerprint, happened]))
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


def load(folder: Path) -> Site:
    """Read and check a site folder as a whole. ConfigurationError tells a mistake by file, line, place and remedy."""
    # A file's keys are its own: neither file may say what stands in the other.
    said = checked(read(folder / "connections.yaml"), Connections)
    calendar = checked(read(folder / "calendar.yaml"), Calendar)
    own = folder / "catalogue.yaml"
    catalogue = checked(read(own), Catalogue) if own.is_file() else Catalogue()
    events = unit_events.load(folder, _links(said.connections))
    return Site(city=said.city, hosts=said.hosts, connections=said.connections, calendar=calendar,
                department=said.department, catalogue=catalogue, events=events,
                approvals=approving.load(folder))  # fmt: skip


def _links(connections: tuple[Connection, ...]) -> dict[str, str]:
    """The connection by linked unit."""
    return {link.unit: connection.id for connection in connections for link in connection.units}

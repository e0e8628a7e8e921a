"""One connected instance of a system: where it is, what it answers for, who owns it, how hard it may be asked.

connections.yaml, `connections:` -> Connection

What does not belong here: the site as a whole (site.py), kinds of systems (system.py), secrets (settings).
"""

import datetime as dt
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, ValidationInfo, model_validator

from edu_pipeline.sources.address import origin, refusal
from edu_pipeline.sources.lines import Misplaced, Strict
from edu_pipeline.sources.link import OWNED, PLACES, UnitLink, same_key
from edu_pipeline.sources.system import System, systems
from edu_pipeline.sources.window import Kind as WindowKind
from edu_pipeline.sources.window import Window


class Stage(StrEnum):
    """How far a connection has come. Only a live one's rows count; a retired one's last word stays."""

    APPLIED = "applied"  # known, asked for nothing
    CHECKED = "checked"  # `connections check` found it fit; asked for nothing
    TRIAL = "trial"  # read and judged every night, nothing admitted: a report
    LIVE = "live"
    RETIRED = "retired"  # asked no more; nothing is removed by that


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
    stage: Stage = Stage.LIVE
    units: tuple[UnitLink, ...] = ()
    # What this instance means by codes that others of its kind do not say, or mean otherwise: Year 7 is grade 6.
    codes: dict[str, dict[str, str]] = {}
    deputy: Owner | None = None
    windows: tuple[Window, ...] = ()

    _kind: System | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _checked(self, info: ValidationInfo) -> "Connection":
        known = systems() | (info.context or {}).get("systems", {})
        # A site that is made of connections has them checked again, and knows no file.
        self._kind = known.get(self.system, self._kind)
        if self._kind is None:
            said = f"connection {self.id}: no system {self.system!r}; there are {', '.join(known)}"
            raise Misplaced(said, "system")
        if self.codes:
            try:
                self._kind = self._kind.spoken(self.codes)
            except Misplaced as wrong:
                raise Misplaced(f"connection {self.id}: {wrong}", "codes", *wrong.at) from None
        for at, address in ((("base_url",), self.base_url), (("auth", "token_url"), self.auth.get("token_url"))):
            if address is not None and (refused := refusal(address)):
                raise Misplaced(f"connection {self.id}: {refused}", *at)
        needed = self.kind.credentials
        if set(self.auth) != needed:
            raise Misplaced(f"connection {self.id}: auth needs exactly {', '.join(sorted(needed))}", "auth")
        if self.incremental and self.kind.since is None:
            said = f"connection {self.id}: {self.system} cannot be asked for changes alone; take `incremental` out"
            raise Misplaced(said, "incremental")
        if self.units and self.kind.scope == "city_year":
            said = f"connection {self.id}: {self.system} answers for no unit, but for the city; take the units out"
            raise Misplaced(said, "units")
        self._check_windows()
        self._take_what_it_tells()
        return self

    def _take_what_it_tells(self) -> None:
        """A system that says of no pupil where he is answers for what it tells, and for nothing else of a unit."""
        told = {resource.entity or "": resource for resource in self.kind.records().values()}
        if not self.units or PLACES in told:
            return
        nameless = sorted(name for name, resource in told.items() if resource.claim is None)
        if nameless and len({link.unit for link in self.units}) != 1:
            said = f"connection {self.id}: {self.system} names no unit in {', '.join(nameless)}; it is one unit's own"
            raise Misplaced(said, "units")
        names = tuple(name for name in OWNED if name in told)
        links = (one if one.entities else one.model_copy(update={"entities": names}) for one in self.units)
        # The model is frozen for everybody else.
        self.__dict__["units"] = tuple(links)

    @model_validator(mode="after")
    def _keys_apart(self) -> "Connection":
        if twice := same_key(self.units):
            position, unit, other, key = twice
            said = f"connection {self.id}: {unit} and {other} are both called {key}; each unit has a key of its own"
            raise Misplaced(said, "units", position)
        return self

    def _check_windows(self) -> None:
        linked = {link.unit for link in self.units}
        for position, window in enumerate(self.windows):
            for number, unit in enumerate(window.units):
                if unit not in linked:
                    said = f"connection {self.id} does not answer for unit {unit}; name one of its units"
                    raise Misplaced(said, "windows", position, "units", number)
            if window.units and window.kind is not WindowKind.ADDITIONS_ONLY and self.kind.scope != "unit_year":
                said = f"connection {self.id} is read as a whole, no unit alone; take the units out"
                raise Misplaced(said, "windows", position, "units")

    @property
    def kind(self) -> System:
        """The kind of system, the package's or the site's own."""
        assert self._kind is not None
        return self._kind

    @property
    def keys(self) -> dict[str, str]:
        """The unit by what the system calls it, whether it answers for it now, did, or will."""
        return {link.key or link.unit: link.unit for link in self.units}

    @property
    def classes(self) -> dict[str, dict[str, str]]:
        """The register's class codes by unit and the system's code, where the two differ."""
        return {link.unit: link.classes for link in self.units if link.classes}

    def links_on(self, day: dt.date) -> tuple[UnitLink, ...]:
        """What it answers for on a day."""
        return tuple(link for link in self.units if link.is_on(day))

    @property
    def answers(self) -> bool:
        """Whether what it has told counts: it is live, or was."""
        return self.stage in (Stage.LIVE, Stage.RETIRED)

    def is_due(self, day: dt.date) -> bool:
        """Whether there is anything to ask it for on a day."""
        if self.stage not in (Stage.TRIAL, Stage.LIVE):
            return False
        return self.kind.is_of_city or bool(self.links_on(day))

    def is_over(self, day: dt.date) -> bool:
        """Whether all that it ever answered for has ended: nobody has to decide about it any more."""
        return bool(self.units) and all(link.to is not None and link.to < day for link in self.units)

    def rests(self, day: dt.date) -> str:
        """Why there is nothing to ask it for on a day."""
        if self.stage not in (Stage.TRIAL, Stage.LIVE):
            return f"not asked: {self.stage}"
        coming = min((link.begin for link in self.units if link.begin and link.begin > day), default=None)
        return f"not asked: it answers for no unit {f'before {coming}' if coming else 'any more'}"

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

"""The site: which systems are connected, which units they answer for, and the calendar.

EDU_SITE_DIR/*.yaml -> checked as a whole -> Site

What does not belong here: kinds of systems (system.py), secrets' values (settings).
"""

import datetime as dt
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import yaml
from pydantic import Field, model_validator

from edu_pipeline.sources.system import ConfigurationError, Strict, System, systems, what_is_wrong

# A file's keys are its own: neither file may say what stands in the other.
_FILES = {"connections.yaml": ("city", "connections"), "calendar.yaml": ("years",)}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class UnitLink(Strict):
    """A unit that the connection is authority for; `key` is what the system calls it, where that differs."""

    unit: str = Field(pattern=r"^[0-9]{8}$")
    key: str | None = None


class Owner(Strict):
    """Who mends it."""

    name: str
    contact: str


class Connection(Strict):
    """One connected instance of a system."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    system: str
    base_url: str
    auth: dict[str, str]
    owner: Owner
    units: tuple[UnitLink, ...] = ()

    @model_validator(mode="after")
    def _checked(self) -> "Connection":
        if self.system not in systems():
            raise ValueError(f"connection {self.id}: no system {self.system!r}; there are {', '.join(systems())}")
        for address in (self.base_url, self.auth.get("token_url", self.base_url)):
            parts = urlsplit(address)
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
                raise ValueError(
                    f"connection {self.id}: {parts.scheme or 'no scheme'} is refused; systems are pulled over https "
                    "(the letter: no raw files; plain http only on loopback)"
                )
        needed = {"bearer": {"token"}, "oauth2": {"token_url", "client_id", "client_secret"}}[self.kind.auth]
        if set(self.auth) != needed:
            raise ValueError(f"connection {self.id}: auth needs exactly {', '.join(sorted(needed))}")
        return self

    @property
    def kind(self) -> System:
        return systems()[self.system]

    @property
    def secret_names(self) -> tuple[str, ...]:
        """Names of the secrets it needs (token_url is an address, not a secret)."""
        return tuple(value for key, value in self.auth.items() if key != "token_url")


class Term(Strict):
    """A term: first and last day."""

    term: Literal[1, 2]
    begin: dt.date
    end: dt.date


class Year(Strict):
    """The calendar of one school year."""

    school_year: int
    terms: tuple[Term, Term]
    opening: dt.date
    results_close: dt.date
    retests_end: dt.date
    rollover_deadline: dt.date
    corrections_end: dt.date

    @model_validator(mode="after")
    def _forward(self) -> "Year":
        days = [self.terms[0].begin, self.terms[0].end, self.terms[1].begin, self.terms[1].end, self.corrections_end]
        if days != sorted(days) or self.terms[0].term != 1 or self.terms[1].term != 2:
            raise ValueError(f"calendar {self.school_year}: dates run backwards")
        return self

    @property
    def label(self) -> str:
        return f"{self.school_year}-{self.school_year + 1}"

    @property
    def begin(self) -> dt.date:
        return self.terms[0].begin

    @property
    def end(self) -> dt.date:
        return self.terms[1].end

    def term_on(self, day: dt.date) -> int:
        """The term whose state is asked for on a day: 2 from its first day on, else 1."""
        return 2 if day >= self.terms[1].begin else 1


class Site(Strict):
    """All of a site's configuration."""

    city: str
    connections: tuple[Connection, ...]
    years: tuple[Year, ...]

    @model_validator(mode="after")
    def _whole(self) -> "Site":
        seen: dict[str, str] = {}
        for connection in self.connections:
            for link in connection.units:
                if link.unit in seen:
                    raise ValueError(f"unit {link.unit}: both {seen[link.unit]} and {connection.id} claim it")
                seen[link.unit] = connection.id
        ids = [c.id for c in self.connections]
        if len(ids) != len(set(ids)):
            raise ValueError("two connections have one id")
        years = [year.school_year for year in self.years]
        if twice := sorted({year for year in years if years.count(year) > 1}):
            raise ValueError(f"calendar.yaml: school year {', '.join(map(str, twice))} stands there twice")
        return self

    def connection(self, name: str) -> Connection:
        """A connection by id; KeyError lists the ids."""
        for candidate in self.connections:
            if candidate.id == name:
                return candidate
        raise KeyError(f"no connection {name!r}; there are {', '.join(c.id for c in self.connections)}")

    def year(self, school_year: int) -> Year:
        """The calendar of a school year; KeyError says where to add it."""
        for candidate in self.years:
            if candidate.school_year == school_year:
                return candidate
        raise KeyError(f"calendar.yaml has no school year {school_year}")

    def readable_years(self, day: dt.date) -> tuple[Year, ...]:
        """Years asked for on a day, newest first: opened or about to (60 days), until the end of corrections."""
        early = dt.timedelta(days=60)
        return tuple(
            sorted(
                (y for y in self.years if y.begin - early <= day <= y.corrections_end),
                key=lambda year: -year.school_year,
            )
        )


def load(folder: Path) -> Site:
    """Read and check a site folder as a whole. ConfigurationError names file and remedy."""
    document: dict[str, object] = {}
    for name, keys in _FILES.items():
        document |= _read(folder / name, keys)
    try:
        return Site.model_validate(document)
    except ValueError as error:
        raise ConfigurationError(f"{folder}: {what_is_wrong(error)}") from error


def _read(path: Path, keys: tuple[str, ...]) -> dict[str, object]:
    if not path.is_file():
        raise ConfigurationError(f"{path} is missing: point EDU_SITE_DIR to a folder that has it")
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (ValueError, yaml.YAMLError) as error:
        # ValueError: a day that does not exist, or bytes that are no UTF-8.
        raise ConfigurationError(f"{path}: {error}") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ConfigurationError(f"{path}: write it as `{keys[0]}:` and what belongs to it, not as a list or a word")
    if strange := [str(key) for key in document if key not in keys]:
        raise ConfigurationError(f"{path}: {', '.join(strange)} does not belong there; it holds {' and '.join(keys)}")
    return document

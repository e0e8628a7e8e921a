"""A kind of school system: how it is asked, how it pages, what its words mean in the master schema.

systems/*.yaml -> checked -> System

What does not belong here: one site's addresses and units (site.py), running a request (landing), a cleaner (normalize).
"""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from edu_pipeline.schema import PULLED, entity

CLEANERS = ("text", "name", "integer", "date", "boolean", "code", "unit", "end_year", "person_name")


class Strict(BaseModel):
    """Refuses a key that it does not know: a typo in a YAML file must not be an option that is off."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldMap(Strict):
    """One master field: a path into the record (or several, joined), a cleaner, a code table."""

    path: str | tuple[str, ...]
    clean: Literal[CLEANERS] = "text"  # type: ignore[valid-type]
    codes: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,) if isinstance(self.path, str) else self.path


class Resource(Strict):
    """One resource of the system and the entity that its records are."""

    path: str
    entity: str | None = None
    use: Literal["records", "lookup", "headcount"] = "records"
    records: str | None = None
    params: dict[str, str] = {}
    key: str | None = None
    joins: dict[str, tuple[str, str]] = {}
    keep: tuple[str, ...] = ()
    ref_key: str | tuple[str, ...] | None = None
    claim: FieldMap | None = None
    fields: dict[str, FieldMap] = {}

    @model_validator(mode="after")
    def _fields_exist(self) -> "Resource":
        if self.use != "records":
            return self
        if self.entity not in {e.name for e in PULLED}:
            raise ValueError(f"resource {self.path}: entity {self.entity!r} is not one of the pulled entities")
        declared = entity(self.entity)
        known = {*declared.field_names, *declared.source_keys}
        if unknown := sorted(set(self.fields) - known):
            raise ValueError(f"resource {self.path}: {self.entity} declares no field {', '.join(unknown)}")
        return self


class Envelope(Strict):
    """Where record id, event, version and change time stand (domain.md 2.1)."""

    key: str
    event: str | None = None
    events: dict[str, Literal["NEW", "UPDATE", "CANCEL"]] = {}
    version: str | None = None
    changed_at: str | None = None
    replaced_by: str | None = None


class Paging(Strict):
    """Paging by a word. Sizes are records per page."""

    kind: Literal["page", "offset"]
    size: int
    size_param: str
    position_param: str
    total: str | None = None
    total_header: str | None = None
    snapshot: str | None = None


class System(Strict):
    """A whole kind of system, checked before the first request."""

    system: str
    label: str
    is_registry: bool = False
    auth: Literal["bearer", "oauth2"]
    scope: Literal["unit_year", "whole"]
    timezone: str
    envelope: Envelope
    paging: Paging
    volatile: tuple[str, ...] = ()
    resources: dict[str, Resource]
    codes: dict[str, dict[str, str]] = {}

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {name!r}; write one such as Asia/Ho_Chi_Minh") from None
        return name

    @model_validator(mode="after")
    def _joins_exist(self) -> "System":
        lookups = sorted(name for name, resource in self.resources.items() if resource.use == "lookup")
        for name, resource in self.resources.items():
            for joined, (lookup, _) in resource.joins.items():
                if lookup not in lookups:
                    known = ", ".join(lookups) or "none"
                    raise ValueError(f"{name}.joins.{joined}: no lookup {lookup!r} in this file; there are: {known}")
        return self

    @model_validator(mode="after")
    def _codes_exist(self) -> "System":
        for name, resource in self.resources.items():
            for field_name, mapped in resource.fields.items():
                if (mapped.clean == "code") != (mapped.codes is not None):
                    raise ValueError(f"{name}.{field_name}: `clean: code` and `codes:` go together")
                if mapped.codes is not None:
                    self._check_codes(name, resource, field_name, mapped.codes)
        return self

    def _check_codes(self, name: str, resource: Resource, field_name: str, table: str) -> None:
        if table not in self.codes:
            raise ValueError(f"{name}.{field_name}: no code table {table!r} in this file")
        assert resource.entity is not None
        if field_name in entity(resource.entity).source_keys:
            raise ValueError(f"{name}.{field_name}: the source's own word for a parent is kept and takes no codes")
        field = entity(resource.entity).field(field_name)
        allowed = set(field.codes.codes) if field.codes else set()
        if wrong := sorted(set(self.codes[table].values()) - allowed):
            raise ValueError(f"code table {table}: {', '.join(wrong)} not in the code set of {field_name}")

    @property
    def fingerprint(self) -> str:
        """Hash of the declaration: when it changes, every record of the system is taken up again from landing."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def records(self) -> dict[str, Resource]:
        """Resources whose records become rows, parents before children."""
        order = {e.name: position for position, e in enumerate(PULLED)}
        found = {n: r for n, r in self.resources.items() if r.use == "records"}
        return dict(sorted(found.items(), key=lambda item: order[item[1].entity or ""]))


class ConfigurationError(ValueError):
    """A YAML file is wrong; the message names file, place and remedy."""


def load(text: str, name: str) -> System:
    """Read and check one system's YAML. ConfigurationError names the file and what is wrong."""
    try:
        return System.model_validate(_strings(yaml.safe_load(text)))
    except (ValueError, yaml.YAMLError) as error:
        raise ConfigurationError(f"systems/{name}: {what_is_wrong(error)}") from error


def what_is_wrong(error: Exception) -> str:
    """An error of reading or checking YAML: each mistake with its place.

    Pydantic's echo of the input is left out: it could be a secret that was written in the wrong place.
    """
    if not isinstance(error, ValidationError):
        return str(error)
    told = []
    for one in error.errors(include_url=False, include_input=False):
        place = ".".join(map(str, one["loc"]))
        said = one["msg"].removeprefix("Value error, ")
        told.append(f"{place}: {said}" if place else said)
    return "; ".join(told)


def _strings(document: Any) -> Any:
    # Codes are text: YAML reads `01` and `1` as numbers, `NO` as false; tables must therefore be quoted.
    # Whatever is no mapping is left as it is: the model refuses it by its place.
    tables = document.get("codes") if isinstance(document, dict) else None
    for table, codes in tables.items() if isinstance(tables, dict) else ():
        for code in codes if isinstance(codes, dict) else ():
            if not isinstance(code, str):
                raise ValueError(f"code table {table}: quote the code {code!r}")
    return document


@cache
def systems() -> dict[str, System]:
    """Every kind of system that the package ships, by name."""
    found = {}
    for file in sorted(files("edu_pipeline.sources").joinpath("systems").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            made = load(file.read_text(encoding="utf-8"), file.name)
            found[made.system] = made
    return found

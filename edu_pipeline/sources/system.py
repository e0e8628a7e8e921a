"""A kind of school system: how it is asked, how it pages, what its words mean in the master schema.

systems/*.yaml, of the package or of the site -> checked -> System

What does not belong here: one resource (resource.py), how it speaks (protocol.py), a site's addresses (site.py).
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationError, field_validator, model_validator

from edu_pipeline.schema import PULLED, entity
from edu_pipeline.sources.lines import Document, Misplaced, Strict, checked, parse, read
from edu_pipeline.sources.protocol import Envelope, Paging, ScopeParams, Since
from edu_pipeline.sources.resource import CONFIRMED_KINDS, Resource


class CodeVersion(Strict):
    """A code table as it holds from a school year on: products renumber their lists (domain.md 3.9)."""

    from_year: int
    codes: dict[str, str]


_CREDENTIALS = {
    "bearer": ("token",),
    "basic": ("username", "password"),
    "oauth2": ("token_url", "client_id", "client_secret"),
    "oauth1": ("consumer_key", "consumer_secret"),
}


class System(Strict):
    """A whole kind of system, checked before the first request.

    `scope`: what one reading covers, a unit's school year, a school year of the city, or all that there is.
    `reply`: the path to which what came of its records is sent (POST); none: it takes no replies.
    `errors`: where a page says that it is none; `denied`: words there by which credentials are refused.
    `auth`: `api_key` sends credentials in headers, `query` as parameters; `token_scope`: what an OAuth 2 token is for.
    """

    system: str
    label: str
    is_registry: bool = False
    auth: Literal["bearer", "basic", "oauth2", "oauth1", "api_key", "query"]
    auth_headers: dict[str, str] = {}
    auth_params: dict[str, str] = {}
    token_scope: str | None = None
    scope: Literal["unit_year", "city_year", "whole"]
    params: ScopeParams = ScopeParams()
    timezone: str
    envelope: Envelope
    paging: Paging
    since: Since | None = None
    reply: str | None = None
    errors: tuple[str, ...] = ("error", "errors")
    denied: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    resources: dict[str, Resource]
    codes: dict[str, dict[str, str] | tuple[CodeVersion, ...]] = {}

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {name!r}; write one such as Asia/Ho_Chi_Minh") from None
        return name

    @model_validator(mode="after")
    def _speaks_as_it_says(self) -> "System":
        for word, given, of in (("api_key", "auth_headers", "header"), ("query", "auth_params", "parameter")):
            if (self.auth == word) != bool(getattr(self, given)):
                said = f"`auth: {word}` and `{given}:` go together, a {of} for each credential"
                raise Misplaced(said, given if getattr(self, given) else "auth")
        if self.token_scope and self.auth != "oauth2":
            raise Misplaced("only `auth: oauth2` asks for a token of a scope; leave it out", "token_scope")
        if self.scope == "whole" and "params" in self.model_fields_set:
            raise Misplaced("a system of scope whole is asked for no unit and no year; leave it out", "params")
        return self

    @model_validator(mode="after")
    def _asks_for_both(self) -> "System":
        for name, resource in self.resources.items():
            if self.since and self.since.glue is None and self.since.param in resource.params:
                said = f"{name} has a {self.since.param} of its own; say in since.glue what stands between the two"
                raise Misplaced(said, "since")
        return self

    @property
    def is_of_city(self) -> bool:
        """Whether it tells what is the city's own: it answers for no unit, and is due every day."""
        return self.is_registry or self.scope == "city_year"

    @property
    def of_city(self) -> frozenset[str]:
        """Entities without a unit that answers for them, which it tells: units, identities, transfers."""
        told = (entity(resource.entity or "") for resource in self.records().values())
        return frozenset(declared.name for declared in told if not declared.has_owner)

    @property
    def credentials(self) -> frozenset[str]:
        """What a connection's `auth` has to name."""
        return frozenset(_CREDENTIALS.get(self.auth) or self.auth_headers or self.auth_params)

    @model_validator(mode="after")
    def _is_of_a_unit(self) -> "System":
        for name, resource in self.resources.items():
            if resource.use == "confirmation" and self.scope != "unit_year":
                said = f"{name}: a head confirms a unit's year; only `scope: unit_year` can be asked for it"
                raise Misplaced(said, "resources", name, "use")
        return self

    @model_validator(mode="after")
    def _joins_exist(self) -> "System":
        lookups = sorted(name for name, resource in self.resources.items() if resource.use == "lookup")
        for name, resource in self.resources.items():
            for joined, (lookup, _) in resource.joins.items():
                if lookup not in lookups:
                    known = ", ".join(lookups) or "none"
                    said = f"{name}.joins.{joined}: no lookup {lookup!r} in this file; there are: {known}"
                    raise Misplaced(said, "resources", name, "joins", joined)
        return self

    @model_validator(mode="after")
    def _skips_what_nobody_counts(self) -> "System":
        for name, resource in self.resources.items():
            if resource.skip and not self.paging.ends_whole:
                said = f"{name}: a total counts what is skipped; it goes with `ends_whole`"
                raise Misplaced(said, "resources", name, "skip")
        return self

    @model_validator(mode="after")
    def _each_of_something(self) -> "System":
        for name, resource in self.resources.items():
            if resource.each is None:
                continue
            asked = self.resources.get(resource.each.of)
            place = ("resources", name, "each")
            if asked is None:
                known = ", ".join(self.resources)
                raise Misplaced(f"{name}: no resource {resource.each.of!r}; there are: {known}", *place)
            if asked.use == "headcount" or not isinstance(asked.key or self.envelope.key, str):
                raise Misplaced(f"{name}: {resource.each.of} has no key of one value to ask by", *place)
            if resource.use == "lookup" and asked.use != "lookup":
                raise Misplaced(f"{name}: lookups are read first; {resource.each.of} is none", *place)
            if self.scope != "whole":
                raise Misplaced(f"{name}: only a system of scope whole is asked by each", *place)
        return self

    @model_validator(mode="after")
    def _codes_exist(self) -> "System":
        for name, resource in self.resources.items():
            for field_name, mapped in resource.fields.items():
                if (mapped.clean == "code") != (mapped.codes is not None):
                    said = f"{name}.{field_name}: `clean: code` and `codes:` go together"
                    raise Misplaced(said, "resources", name, "fields", field_name)
                if mapped.codes is not None:
                    self._check_codes(name, resource, field_name, mapped.codes)
        return self

    def _check_codes(self, name: str, resource: Resource, field_name: str, table: str) -> None:
        mapped = ("resources", name, "fields", field_name)
        if table not in self.codes:
            raise Misplaced(f"{name}.{field_name}: no code table {table!r} in this file", *mapped)
        if resource.use == "confirmation":
            allowed = set(CONFIRMED_KINDS) if field_name == "kind" else set()
        else:
            assert resource.entity is not None
            if field_name in entity(resource.entity).source_keys:
                said = f"{name}.{field_name}: the source's own word for a parent is kept and takes no codes"
                raise Misplaced(said, *mapped)
            field = entity(resource.entity).field(field_name)
            allowed = set(field.codes.codes) if field.codes else set()
        for position, version in enumerate(self.versions(table)):
            if wrong := sorted(set(version.codes.values()) - allowed):
                first = next(theirs for theirs, ours in version.codes.items() if ours in wrong)
                said = f"code table {table}: {', '.join(wrong)} not in the code set of {field_name}"
                plain = isinstance(self.codes[table], dict)
                raise Misplaced(said, "codes", table, *([first] if plain else [position, "codes", first]))

    @model_validator(mode="after")
    def _versions_follow(self) -> "System":
        for name in self.codes:
            years = [version.from_year for version in self.versions(name)]
            if not years or years != sorted(set(years)):
                said = f"code table {name}: its versions' from_year must grow from one to the next"
                raise Misplaced(said, "codes", name)
        return self

    def versions(self, table: str) -> tuple[CodeVersion, ...]:
        """A code table's versions, oldest first; one that is not versioned holds from the beginning."""
        said = self.codes[table]
        return (CodeVersion(from_year=0, codes=said),) if isinstance(said, dict) else said

    def table(self, name: str, school_year: int) -> dict[str, str]:
        """The code table that holds in a school year (0: no year is known, the newest); empty before its first."""
        holding = [v.codes for v in self.versions(name) if not school_year or v.from_year <= school_year]
        return holding[-1] if holding else {}

    def spoken(self, own: Mapping[str, Mapping[str, str]]) -> "System":
        """The same system where one connection means more by some codes, or something else.

        Misplaced for a table that there is not, one that has versions, and a code that means nothing.
        """
        codes = dict(self.codes)
        for name, said in own.items():
            table = codes.get(name)
            if not isinstance(table, dict):
                there = ", ".join(sorted(known for known, one in codes.items() if isinstance(one, dict)))
                raise Misplaced(f"{self.system} has no code table {name!r} without versions; there are: {there}", name)
            codes[name] = {**table, **said}
        try:
            return System.model_validate({**self.model_dump(exclude_unset=True), "codes": codes})
        except ValidationError as error:
            raise Misplaced(error.errors()[0]["msg"].removeprefix("Value error, "), next(iter(own))) from None

    def key(self, resource: Resource) -> tuple[str, ...]:
        """Where the key of a resource's records stands."""
        said = resource.key or self.envelope.key
        return (said,) if isinstance(said, str) else said

    @property
    def fingerprint(self) -> str:
        """Hash of the declaration: when it changes, every record of the system is taken up again from landing."""
        # Who is told what came of a record changes nothing of what the record means.
        return hashlib.sha256(self.model_dump_json(exclude={"reply"}).encode()).hexdigest()[:12]

    @property
    def confirms(self) -> bool:
        """Whether heads of unit can say in it that something is right."""
        return any(resource.use == "confirmation" for resource in self.resources.values())

    def records(self) -> dict[str, Resource]:
        """Resources whose records become rows, parents before children."""
        order = {e.name: position for position, e in enumerate(PULLED)}
        found = {n: r for n, r in self.resources.items() if r.use == "records"}
        return dict(sorted(found.items(), key=lambda item: order[item[1].entity or ""]))


def load(text: str, name: str) -> System:
    """Read and check one system's YAML. ConfigurationError names file, line and what is wrong."""
    document = parse(text, f"systems/{name}")
    _quoted(document)
    return checked(document, System)


def _quoted(document: Document) -> None:
    # Codes are text: YAML reads `01` and `1` as numbers, `NO` as false; tables must therefore be quoted.
    # Whatever is no mapping is left as it is: the model refuses it by its place.
    tables = document.value.get("codes") if isinstance(document.value, dict) else None
    for table, codes in tables.items() if isinstance(tables, dict) else ():
        for code in codes if isinstance(codes, dict) else ():
            if not isinstance(code, str):
                raise document.wrong(f"code table {table}: quote the code {code!r}", "codes", table, str(code))


def of_site(folder: Path) -> dict[str, System]:
    """Kinds of system that a site declares itself, in systems/*.yaml of its folder, by name; each its own file's.

    ConfigurationError as for `load`, and where a name is the package's or another file's.
    """
    found: dict[str, System] = {}
    for file in sorted(folder.glob("systems/*.yaml")):
        document = read(file)
        _quoted(document)
        made = checked(document, System)
        if made.system in systems() or made.system in found:
            raise document.wrong(f"there is a system {made.system!r} already; give it another name", "system")
        found[made.system] = made
    return found


@cache
def systems() -> dict[str, System]:
    """Every kind of system that the package ships, by name."""
    found = {}
    for file in sorted(files("edu_pipeline.sources").joinpath("systems").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            made = load(file.read_text(encoding="utf-8"), file.name)
            found[made.system] = made
    return found

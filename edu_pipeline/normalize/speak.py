"""One chunk of one resource, from the system's words to a frame of the master schema.

records, System, Resource -> DataFrame (columns of normalized.<entity>)

What does not belong here: resolving parents and people (validate, master): that needs the other rows.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from edu_pipeline.normalize.clean import Cleaned, Words, clean
from edu_pipeline.schema import Kind, Scope, entity
from edu_pipeline.sources.paths import find
from edu_pipeline.sources.resource import FieldMap, Resource
from edu_pipeline.sources.system import System

# datetime.fromisoformat takes any character between day and time, and so some numbers (seconds since 1970) for times.
_TIME = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}([T ].+)?")


@dataclass(frozen=True)
class Told:
    """A record as landing hands it over: its key and event, the reading it came in, and its content."""

    source_key: str
    event: str
    version: int | None
    scope_year: int
    content: dict[str, Any]


def speak(
    told: Sequence[Told],
    system: System,
    resource: Resource,
    units: Mapping[str, str],
    uncollected: Set[str] = frozenset(),
) -> pd.DataFrame:
    """Translate a chunk. Every declared field is a column of objects (None where empty); `faults` lists field:rule.

    `uncollected` names fields whose purpose the site has not turned on: nobody reads them.
    """
    assert resource.entity is not None
    declared = entity(resource.entity)
    contents = [record.content for record in told]
    index = pd.RangeIndex(len(told))
    columns: dict[str, Any] = {}
    faults: list[list[str]] = [[] for _ in told]

    def take(name: str, mapped: FieldMap) -> pd.Series:
        cleaned = _cleaned(told, index, mapped, system, units)
        for row in index[cleaned.is_fault]:
            faults[row].append(f"{name}:{cleaned.rule}")
        return cleaned.values

    # A system that names no unit is one unit's own (sources/connection.py sees to that).
    sole = next(iter(units.values())) if resource.claim is None and len(units) == 1 else None
    for field in declared.fields:
        mapped = None if field.name in uncollected else resource.fields.get(field.name)
        column = pd.Series([None] * len(told), dtype=object) if mapped is None else take(field.name, mapped)
        if field.name == "unit_id" and mapped is None and declared.scope is Scope.UNIT:
            column = pd.Series([sole] * len(told), dtype=object)
        if field.kind is Kind.INTEGER and mapped is not None and mapped.clean == "code":
            column = pd.Series([None if v is None else int(v) for v in column], dtype=object)
        columns[field.name] = column
    for key in declared.source_keys:
        mapped = resource.fields.get(key)
        columns[key] = None if mapped is None else take(key, mapped)
    columns["claim_unit_id"] = sole if resource.claim is None else take("claim_unit_id", resource.claim)
    columns["ref_key"] = _joined(contents, index, resource.ref_key)
    columns["source_changed_at"] = _times(contents, system)
    columns["replaced_by"] = _joined(contents, index, system.envelope.replaced_by)
    columns["source_key"] = [record.source_key for record in told]
    columns["event"] = [record.event for record in told]
    columns["source_version"] = pd.Series([record.version for record in told], dtype=object)
    columns["scope_year"] = pd.Series([record.scope_year for record in told], dtype=object)
    return pd.DataFrame({**columns, "faults": faults}, index=index)


def _cleaned(
    told: Sequence[Told], index: pd.Index, mapped: FieldMap, system: System, units: Mapping[str, str]
) -> Cleaned:
    contents = [record.content for record in told]
    if len(mapped.paths) == 1:
        raw = pd.Series([find(content, mapped.paths[0]) for content in contents], index=index, dtype=object)
    else:
        separator = " " if mapped.clean == "person_name" else "/"
        raw = _join([[find(content, path) for path in mapped.paths] for content in contents], separator, index)
    if mapped.codes is None:
        return clean(raw, mapped.clean, Words(units=units, zone=system.timezone))
    # The same code may mean something else in another school year: each year is read by its own table.
    years = pd.Series([record.scope_year for record in told], index=index, dtype=int)
    parts = [
        clean(raw[years == year], mapped.clean, Words(system.table(mapped.codes, int(year)), units))
        for year in [*years.unique()] or [0]
    ]
    values, faults = pd.concat([part.values for part in parts]), pd.concat([part.is_fault for part in parts])
    return Cleaned(values.reindex(index), faults.reindex(index), parts[0].rule)


def _joined(contents: Sequence[dict[str, Any]], index: pd.Index, path: str | tuple[str, ...] | None) -> pd.Series:
    paths = (path,) if isinstance(path, str) else path or ()
    return _join([[find(content, one) for one in paths] for content in contents], "/", index)


def _join(parts: list[list[Any]], separator: str, index: pd.Index) -> pd.Series:
    # A key with a part missing is no key: half a key could be somebody else's.
    joined = [separator.join(map(str, found)) if found and all(map(_is_there, found)) else None for found in parts]
    return pd.Series(joined, index=index, dtype=object)


def _is_there(part: Any) -> bool:
    return bool(part.strip()) if isinstance(part, str) else part is not None


def _times(contents: Sequence[dict[str, Any]], system: System) -> pd.Series:
    path, zone = system.envelope.changed_at, ZoneInfo(system.timezone)
    times = [None if path is None else _time(find(content, path), zone) for content in contents]
    return pd.Series(times, dtype=object)


def _time(said: Any, zone: ZoneInfo) -> dt.datetime | None:
    # No key and no field: what cannot be read is absent in this record, and no fault. One by one, because a source may
    # mix offsets. In UTC, because there it shows whether PostgreSQL and Python can both hold it.
    if not isinstance(said, str) or not _TIME.fullmatch(said.strip()):
        return None
    try:
        time = dt.datetime.fromisoformat(said.strip())
        return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None

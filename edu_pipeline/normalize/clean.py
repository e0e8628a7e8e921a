"""Named cleaners: one raw column becomes one typed column and the places where it could not.

Series of JSON values -> read.py, dates.py, code tables -> (Series of values or None, mask of faults, rule)

What does not belong here: a guess. A value that cannot be expressed becomes None plus a fault, never another value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from edu_pipeline.normalize import dates, read

UNREADABLE, UNKNOWN_CODE, UNKNOWN_UNIT = "unreadable", "unknown_code", "unknown_unit"


@dataclass(frozen=True)
class Words:
    """What a cleaner needs beside the value: the field's code table, the connection's words for units, its zone."""

    codes: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"


@dataclass(frozen=True)
class Cleaned:
    """Values by row, and the rows whose value was there but could not be expressed."""

    values: pd.Series
    is_fault: pd.Series
    rule: str


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "text": read.text,
    "name": read.name,
    "person_name": read.name,
    "integer": read.integer,
    "decimal": read.decimal,
    "decimal_comma": read.decimal_comma,
    "boolean": read.boolean,
    "date": dates.date,
    "date_dmy": dates.date_dmy,
    "month": dates.month,
    "partial_date": dates.partial_date,
    "partial_dmy": dates.partial_dmy,
    "end_year": dates.end_year,
    "year_label": dates.year_label,
}


def clean(raw: pd.Series, cleaner: str, words: Words) -> Cleaned:
    """Apply a named cleaner to a column. KeyError for a name that sources/system.py does not list."""
    if cleaner == "code":
        return _translated(raw, words.codes, UNKNOWN_CODE)
    if cleaner == "unit":
        return _translated(raw, words.units, UNKNOWN_UNIT)
    function = partial(dates.instant_date, ZoneInfo(words.zone)) if cleaner == "instant_date" else _PLAIN[cleaner]
    values, faults = [], []
    for value in raw:
        try:
            values.append(function(value))
            faults.append(False)
        except read.Unreadable:
            values.append(None)
            faults.append(True)
    return Cleaned(_column(values, raw), pd.Series(faults, index=raw.index, dtype=bool), UNREADABLE)


def _translated(raw: pd.Series, table: Mapping[str, str], rule: str) -> Cleaned:
    # A system that says yes and no may mean a code by it.
    worded = _column([str(value).lower() if isinstance(value, bool) else value for value in raw], raw)
    said = clean(worded, "text", Words())
    values = [None if word is None else table.get(word) for word in said.values]
    unknown = [word is not None and value is None for word, value in zip(said.values, values, strict=True)]
    return Cleaned(_column(values, raw), said.is_fault | pd.Series(unknown, index=raw.index, dtype=bool), rule)


def _column(values: list[Any], like: pd.Series) -> pd.Series:
    # Object columns: a nullable int must not become a float, nor a date a timestamp, on its way to COPY.
    return pd.Series(values, index=like.index, dtype=object)

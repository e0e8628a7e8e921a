"""Named cleaners: one raw column becomes one typed column and the places where it could not.

Series of JSON values -> (Series of values or None, mask of faults, rule)

What does not belong here: a guess. A value that cannot be expressed becomes None plus a fault, never another value.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

UNREADABLE, UNKNOWN_CODE, UNKNOWN_UNIT = "unreadable", "unknown_code", "unknown_unit"

# What PostgreSQL's integer holds.
_LEAST, _MOST = -(2**31), 2**31 - 1
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?")


@dataclass(frozen=True)
class Words:
    """What a cleaner needs beside the value: the code table of the field and the connection's words for units."""

    codes: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cleaned:
    """Values by row, and the rows whose value was there but could not be expressed."""

    values: pd.Series
    is_fault: pd.Series
    rule: str


class _Unreadable(ValueError):
    pass


def text(value: Any) -> str | None:
    """Text in NFC, outer blanks cut, empty as None; a list becomes its items, each such a text, joined by commas."""
    if value is None:
        return None
    if isinstance(value, list):
        return ",".join(map(_item, value)) or None
    if isinstance(value, dict | bool):
        raise _Unreadable
    cleaned = unicodedata.normalize("NFC", _written(value)).strip()
    if "\x00" in cleaned or any("\ud800" <= character <= "\udfff" for character in cleaned):
        raise _Unreadable
    return cleaned or None


def _written(value: Any) -> str:
    try:
        return str(value)
    except ValueError:
        # Python writes no number of more than 4,300 digits.
        raise _Unreadable from None


def _item(value: Any) -> str:
    # A list with an item missing is not the shorter list, and a list in a list is not one longer list.
    cleaned = None if isinstance(value, list) else text(value)
    if cleaned is None:
        raise _Unreadable
    return cleaned


def name(value: Any) -> str | None:
    """Text with inner runs of blanks and line breaks as one blank."""
    cleaned = text(value)
    return None if cleaned is None else " ".join(cleaned.split())


def integer(value: Any) -> int | None:
    """Whole number that an integer column can hold, from a number or its ASCII digits."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise _Unreadable
    if isinstance(value, int | float):
        return _held(int(value))
    cleaned = text(value)
    if cleaned is None:
        return None
    if not (cleaned.isascii() and cleaned.removeprefix("-").isdigit()):
        raise _Unreadable
    try:
        return _held(int(cleaned))
    except ValueError:
        # Python reads no number of more than 4,300 digits.
        raise _Unreadable from None


def _held(number: int) -> int:
    if not _LEAST <= number <= _MOST:
        raise _Unreadable
    return number


def date(value: Any) -> dt.date | None:
    """Calendar date from ISO `YYYY-MM-DD` (a time after `T` is checked and cut)."""
    cleaned = text(value)
    if cleaned is None:
        return None
    if not _DATE.fullmatch(cleaned):
        raise _Unreadable
    try:
        dt.datetime.fromisoformat(cleaned)
        return dt.date.fromisoformat(cleaned[:10])
    except ValueError:
        raise _Unreadable from None


def boolean(value: Any) -> bool | None:
    """True and false, as JSON says them or in the words true, false, 1, 0."""
    if isinstance(value, bool):
        return value
    cleaned = text(value)
    if cleaned is None:
        return None
    known = {"true": True, "1": True, "false": False, "0": False}
    if cleaned.lower() not in known:
        raise _Unreadable
    return known[cleaned.lower()]


def end_year(value: Any) -> int | None:
    """Start year of a school year that the source names by its end year (OneRoster schoolYear)."""
    year = integer(value)
    return None if year is None else _held(year - 1)


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "text": text,
    "name": name,
    "person_name": name,
    "integer": integer,
    "date": date,
    "boolean": boolean,
    "end_year": end_year,
}


def clean(raw: pd.Series, cleaner: str, words: Words) -> Cleaned:
    """Apply a named cleaner to a column. KeyError for a name that sources/system.py does not list."""
    if cleaner == "code":
        return _translated(raw, words.codes, UNKNOWN_CODE)
    if cleaner == "unit":
        return _translated(raw, words.units, UNKNOWN_UNIT)
    function = _PLAIN[cleaner]
    values, faults = [], []
    for value in raw:
        try:
            values.append(function(value))
            faults.append(False)
        except _Unreadable:
            values.append(None)
            faults.append(True)
    return Cleaned(_column(values, raw), pd.Series(faults, index=raw.index, dtype=bool), UNREADABLE)


def _translated(raw: pd.Series, table: Mapping[str, str], rule: str) -> Cleaned:
    said = clean(raw, "text", Words())
    values = [None if word is None else table.get(word) for word in said.values]
    unknown = [word is not None and value is None for word, value in zip(said.values, values, strict=True)]
    return Cleaned(_column(values, raw), said.is_fault | pd.Series(unknown, index=raw.index, dtype=bool), rule)


def _column(values: list[Any], like: pd.Series) -> pd.Series:
    # Object columns: a nullable int must not become a float, nor a date a timestamp, on its way to COPY.
    return pd.Series(values, index=like.index, dtype=object)

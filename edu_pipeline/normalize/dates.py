"""One raw JSON value read as a date, a part of a date, or a school year.

JSON value -> date, text of a partial date, start year; or Unreadable

What does not belong here: a day that was not said. A year alone stays a year (domain.md 2.1: partial dates).
"""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from edu_pipeline.normalize.read import Unreadable, held, integer, text

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_PART = re.compile(r"[0-9]{4}(-[0-9]{2})?")
_DMY = re.compile(r"(?:(?:([0-9]{1,2})/)?([0-9]{1,2})/)?([0-9]{4})")
_LABEL = re.compile(r"([0-9]{4})\s*-\s*([0-9]{4})")


def date(value: Any) -> dt.date | None:
    """Calendar date from ISO `YYYY-MM-DD` (a time after `T` is checked and cut)."""
    cleaned = text(value)
    if cleaned is None:
        return None
    if not _ISO.fullmatch(cleaned):
        raise Unreadable
    try:
        dt.datetime.fromisoformat(cleaned)
        return dt.date.fromisoformat(cleaned[:10])
    except ValueError:
        raise Unreadable from None


def date_dmy(value: Any) -> dt.date | None:
    """Calendar date from `DD/MM/YYYY`, as Vietnamese products write it."""
    part = partial_dmy(value)
    if part is None:
        return None
    if len(part) != len("YYYY-MM-DD"):
        raise Unreadable
    return dt.date.fromisoformat(part)


def instant_date(zone: ZoneInfo, value: Any) -> dt.date | None:
    """Calendar date that a moment has in a zone: told in seconds since 1970 (0: none) or by ISO; one without an offset
    is the zone's."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _moment(dt.datetime.fromtimestamp, value, zone).date() if value else None
    cleaned = text(value)
    if cleaned is None:
        return None
    if not _ISO.fullmatch(cleaned):
        raise Unreadable
    moment = _moment(dt.datetime.fromisoformat, cleaned)
    return (moment.astimezone(zone) if moment.tzinfo else moment).date()


def _moment(read: Callable[..., dt.datetime], *said: Any) -> dt.datetime:
    try:
        return read(*said)
    except (ValueError, OverflowError, OSError):
        raise Unreadable from None


def month(value: Any) -> str | None:
    """A month, `YYYY-MM`; landing has cut moments down to it (landing/redact.py)."""
    cleaned = text(value)
    if cleaned is not None and not _MONTH.fullmatch(cleaned):
        raise Unreadable
    return cleaned


def partial_date(value: Any) -> str | None:
    """What is known of a date, from `YYYY`, `YYYY-MM` or a whole ISO date, in those same words."""
    cleaned = text(value)
    if cleaned is not None and _PART.fullmatch(cleaned):
        return _existing(cleaned)
    whole = date(value)
    return None if whole is None else whole.isoformat()


def partial_dmy(value: Any) -> str | None:
    """What is known of a date, from `YYYY`, `MM/YYYY` or `DD/MM/YYYY`, in ISO's words."""
    cleaned = text(value)
    if cleaned is None:
        return None
    if not (found := _DMY.fullmatch(cleaned)):
        raise Unreadable
    day, month, year = found.groups()
    return _existing("-".join([year, *(part.zfill(2) for part in (month, day) if part)]))


def _existing(part: str) -> str:
    try:
        # The rest of a first of January, to ask whether the part exists; it goes no further than this line.
        dt.date.fromisoformat(part + "0000-01-01"[len(part) :])
    except ValueError:
        raise Unreadable from None
    return part


def end_year(value: Any) -> int | None:
    """Start year of a school year that the source names by its end year (OneRoster schoolYear)."""
    year = integer(value)
    return None if year is None else held(year - 1)


def year_label(value: Any) -> int | None:
    """Start year of a school year that the source writes as 2023-2024."""
    cleaned = text(value)
    if cleaned is None:
        return None
    found = _LABEL.fullmatch(cleaned)
    if not found or int(found[2]) != int(found[1]) + 1:
        raise Unreadable
    return int(found[1])

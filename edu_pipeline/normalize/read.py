"""One raw JSON value read as text, a number or yes and no.

JSON value -> value of the master schema, or Unreadable

What does not belong here: dates (dates.py), whole columns and code tables (clean.py), a guess.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Any

# What PostgreSQL's integer holds.
_LEAST, _MOST = -(2**31), 2**31 - 1


class Unreadable(ValueError):
    """The value is there and cannot be expressed in the master schema."""


def text(value: Any) -> str | None:
    """Text in NFC, outer blanks cut, empty as None; a list becomes its items, each such a text, joined by commas."""
    if value is None:
        return None
    if isinstance(value, list):
        return ",".join(map(_item, value)) or None
    if isinstance(value, dict | bool):
        raise Unreadable
    cleaned = unicodedata.normalize("NFC", _written(value)).strip()
    if "\x00" in cleaned or any("\ud800" <= character <= "\udfff" for character in cleaned):
        raise Unreadable
    return cleaned or None


def _written(value: Any) -> str:
    try:
        return str(value)
    except ValueError:
        # Python writes no number of more than 4,300 digits.
        raise Unreadable from None


def _item(value: Any) -> str:
    # A list with an item missing is not the shorter list, and a list in a list is not one longer list.
    cleaned = None if isinstance(value, list) else text(value)
    if cleaned is None:
        raise Unreadable
    return cleaned


def name(value: Any) -> str | None:
    """Text with inner runs of blanks and line breaks as one blank."""
    cleaned = text(value)
    return None if cleaned is None else " ".join(cleaned.split())


def integer(value: Any) -> int | None:
    """Whole number that an integer column can hold, from a number or its ASCII digits."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise Unreadable
    if isinstance(value, int | float):
        return held(int(value))
    cleaned = text(value)
    if cleaned is None:
        return None
    if not (cleaned.isascii() and cleaned.removeprefix("-").isdigit()):
        raise Unreadable
    try:
        return held(int(cleaned))
    except ValueError:
        # Python reads no number of more than 4,300 digits.
        raise Unreadable from None


def held(number: int) -> int:
    """The number, if an integer column can hold it."""
    if not _LEAST <= number <= _MOST:
        raise Unreadable
    return number


def boolean(value: Any) -> bool | None:
    """True and false, as JSON says them or in the words true, false, 1, 0; a lone x is a tick."""
    if isinstance(value, bool):
        return value
    cleaned = text(value)
    if cleaned is None:
        return None
    known = {"true": True, "1": True, "x": True, "false": False, "0": False}
    if cleaned.lower() not in known:
        raise Unreadable
    return known[cleaned.lower()]


def decimal(value: Any) -> Decimal | None:
    """Number with at most two decimals, from a number or its digits with a point. A third decimal is not cut off."""
    return _decimal(value, ".")


def decimal_comma(value: Any) -> Decimal | None:
    """The same with a comma before the decimals, as Vietnamese products write it: 8,5."""
    return _decimal(value, ",")


def _decimal(value: Any, point: str) -> Decimal | None:
    # A float's text is the number as it was written, as far as a float can say it.
    written = repr(value) if isinstance(value, float) else text(value)
    if written is None:
        return None
    mark = "." if isinstance(value, int | float) else point
    if not re.fullmatch(rf"-?[0-9]{{1,10}}([{mark}][0-9]{{1,2}}0*)?", written, re.ASCII):
        raise Unreadable
    return Decimal(written.replace(mark, ".")).quantize(Decimal("0.01"))

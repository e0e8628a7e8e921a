"""How the vendor `hoaphuong` writes: record envelope, dates, numbers, yes and no.

values -> its words

What does not belong here: what it tells (dossiers.py, registers.py), its code tables (tables.py). Habits: UTC with
milliseconds, 31/05/2024, 8,5, "1" and "0" or a tick, 2023-2024; no event but the day of deletion.
"""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

Record = dict[str, Any]
_SPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "hoaphuong.example.edu.vn")


def uid(key: str) -> str:
    """The vendor's id of a record."""
    return str(uuid.uuid5(_SPACE, key))


def record(key: str, rev: int, changed: dt.date, content: Record, into: str | None = None) -> Record:
    """A record; with `into` it was deleted on the day of its change, and that other record replaced it."""
    time = f"{changed}T01:00:00.000Z"
    return {"uuid": uid(key), "rev": rev, "updatedAt": time, "deletedAt": time if into else None,
            "mergedInto": uid(into) if into else None, **content}  # fmt: skip


def label(year: int) -> str:
    """A school year as the vendor says it."""
    return f"{year}-{year + 1}"


def day(said: dt.date | None) -> str | None:
    """31/05/2024"""
    return None if said is None else f"{said:%d/%m/%Y}"


def part(said: str) -> str:
    """A whole or partial date in ISO, turned round: 05/2024, 2024."""
    return "/".join(reversed(said.split("-")))


def comma(said: Decimal | float | None) -> str | None:
    """8,5"""
    return None if said is None else str(said).replace(".", ",")


def yes(said: bool) -> str:
    """1 or 0"""
    return "1" if said else "0"


def tick(said: bool) -> str | None:
    """A tick where it holds, nothing where it does not."""
    return "x" if said else None

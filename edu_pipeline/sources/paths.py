"""Paths into a JSON record: `data.mahocsinh`, `roles.0.org.sourcedId`.

record, path -> value or None

What does not belong here: cleaning the value (normalize).
"""

from functools import cache
from typing import Any


@cache
def steps(path: str) -> tuple[str | int, ...]:
    """The path's steps; a number is a position in a list."""
    return tuple(int(step) if step.isdigit() else step for step in path.split("."))


def find(record: Any, path: str) -> Any:
    """The value at a path; None where any step is missing."""
    for step in steps(path):
        if isinstance(step, int):
            if not isinstance(record, list) or step >= len(record):
                return None
            record = record[step]
        else:
            if not isinstance(record, dict):
                return None
            record = record.get(step)
        if record is None:
            return None
    return record

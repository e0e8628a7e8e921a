"""Paths into a JSON record: `data.mahocsinh`, `roles.0.org.sourcedId`.

record, path -> value or None; record, paths -> key or None

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


def key(record: Any, paths: tuple[str, ...]) -> str | None:
    """The key that stands at the paths, its parts joined by `/`; None where one is missing: half a key is another's."""
    parts = [find(record, path) for path in paths]
    # A number is one; true and false are not.
    is_whole = all(isinstance(part, str | int) and not isinstance(part, bool) and part != "" for part in parts)
    return "/".join(map(str, parts)) if is_whole else None

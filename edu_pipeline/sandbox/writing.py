"""JSON as sloppy systems write it: half characters, and lists nested deeper than a decent writer goes.

document -> bytes

What does not belong here: where in a document such a value stands (distort.py).
"""

import json
import re
from dataclasses import dataclass
from typing import Any

# Where a nested list goes: it is put in afterwards, since no writer goes 2000 deep. A private-use character marks it.
_NESTED = "\ue000nested:{}\ue000"
_NESTED_AT = re.compile('"\ue000nested:([0-9]+)\ue000"'.encode())


@dataclass(frozen=True)
class Nested:
    """A list in a list in a list, so many deep."""

    depth: int


def write(document: Any) -> bytes:
    """The document in UTF-8; half a character goes out as its escape, which JSON allows."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=_marked)
    body = text.encode("utf-8", "backslashreplace")
    return _NESTED_AT.sub(lambda found: b"[" * int(found[1]) + b"]" * int(found[1]), body)


def _marked(value: Any) -> str:
    if isinstance(value, Nested):
        return _NESTED.format(value.depth)
    raise TypeError(f"no JSON: {value!r}")

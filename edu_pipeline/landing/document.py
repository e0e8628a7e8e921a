"""The JSON of a page, read so that one record's broken text costs that text and nothing else.

bytes -> document, or ValueError

What does not belong here: where a page's records stand (paging.py). Strict first, in native code; what JSON allows and
the database cannot hold (NUL, half a character) becomes U+FFFD, which no rule takes for a name.
"""

import json
import re
from typing import Any

import orjson

from edu_pipeline.sources.paths import steps

# An escaped NUL, not the text \u0000 whose backslash is itself escaped.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def parse(body: bytes) -> Any:
    """The document that the bytes are. ValueError if they are no JSON, or nested deeper than anybody means it."""
    if b"\\u0000" in body:
        body = _NUL.sub(rb"\1\\ufffd", body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _lenient(body)


def shaped(records: list[Any], at: str | None) -> Any:
    """A document whose records stand where a resource says, and nothing beside them."""
    document: Any = records
    for step in reversed(steps(at)) if at else ():
        # A number is a place in a list: what is looked for there is all that the list has.
        document = [document] if isinstance(step, int) else {step: document}
    return document


def _lenient(body: bytes) -> Any:
    """As `parse`, for text that is not UTF-8 throughout or has half of a surrogate pair."""
    try:
        found = json.loads(body.decode("utf-8", "replace"), parse_constant=_refused)
        whole = json.dumps(found, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return orjson.loads(whole)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")

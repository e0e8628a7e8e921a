"""Whether a value has the shape that the contract says: the part of JSON Schema that contract.json uses.

schema, value -> places and rules that it breaks

What does not belong here: a value in what is said. A library would need installing where the kit runs.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

_KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
    "null": type(None),
}  # fmt: skip
KNOWN = frozenset({"type", "enum", "pattern", "maxLength", "minimum", "maximum", "format", "required", "properties",
                   "items", "description", "$ref"})  # fmt: skip


def faults(schema: dict[str, Any], value: Any, root: dict[str, Any], place: str = "") -> Iterator[str]:
    """`data.hovaten: missing`, `data.gioitinh: code`, ...: every rule that is broken, by its place; never a value."""
    if "$ref" in schema:
        schema = _at(root, schema["$ref"])
    kinds = schema.get("type", ())
    if kinds and not any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        yield f"{place or 'the answer'}: not {kinds if isinstance(kinds, str) else ' or '.join(kinds)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: code"
    yield from _within(schema, value, root, place)


def _within(schema: dict[str, Any], value: Any, root: dict[str, Any], place: str) -> Iterator[str]:
    if isinstance(value, str):
        yield from _text(schema, value, place)
    elif isinstance(value, list):
        for item in value:
            yield from faults(schema.get("items", {}), item, root, place)
    elif isinstance(value, dict):
        yield from (f"{_under(place, name)}: missing" for name in schema.get("required", ()) if name not in value)
        for name, said in schema.get("properties", {}).items():
            if name in value:
                yield from faults(said, value[name], root, _under(place, name))
    elif value is not None and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{place}: bounds"


def _text(schema: dict[str, Any], value: str, place: str) -> Iterator[str]:
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{place}: form"
    if len(value) > schema.get("maxLength", len(value)):
        yield f"{place}: length"
    if schema.get("format") == "date":
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            yield f"{place}: date"


def _is(value: Any, kind: str) -> bool:
    # To Python a truth value is a number; to JSON it is none.
    return isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _under(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _at(root: dict[str, Any], reference: str) -> dict[str, Any]:
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found  # type: ignore[no-any-return]

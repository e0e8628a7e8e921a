"""Take values that the site does not collect out of a page, before anything of it is hashed or kept.

Page, paths -> Page without them, and with months where only the month of a moment is collected

What does not belong here: which values those are (sources/catalogue.py). What is not collected lies nowhere: not in
the pages that landing keeps, and a change of it is no change of the record (domain.md 8.2: minimise).
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from edu_pipeline.landing.document import shaped
from edu_pipeline.landing.paging import Page
from edu_pipeline.sources.paths import steps
from edu_pipeline.sources.resource import MONTH, Resource


def uncollected_paths(resource: Resource, uncollected: Collection[str]) -> frozenset[str]:
    """Paths that only fields lead to which are not collected."""
    wanted = {path for name, mapped in resource.fields.items() if name not in uncollected for path in mapped.paths}
    unwanted = {path for name, mapped in resource.fields.items() if name in uncollected for path in mapped.paths}
    return frozenset(unwanted - wanted)


def redacted(page: Page, resource: Resource, paths: Collection[str], zone: str) -> Page:
    """The page without the values at the paths; its body is then what is left of it, its records and nothing else.

    `zone`: the system's, in which a moment has its month.
    """
    moments = [steps(path) for mapped in resource.fields.values() if mapped.clean == MONTH for path in mapped.paths]
    if not paths and not moments:
        return page
    for record in page.records:
        for path in paths:
            _put(record, steps(path), _nothing)
        for way in moments:
            _put(record, way, partial(_month, ZoneInfo(zone)))
    try:
        return replace(page, body=orjson.dumps(shaped(page.records, resource.records)))
    except orjson.JSONEncodeError:
        # A record nested too deep is not kept, and its page without it.
        flat = [record for record in page.records if _is_flat(record)]
        kept = redacted(Page(b"", flat, page.declared), resource, paths, zone)
        return replace(page, body=kept.body)


def _is_flat(record: dict[str, Any]) -> bool:
    try:
        orjson.dumps(record)
    except orjson.JSONEncodeError:
        return False
    return True


def _nothing(value: Any) -> None:
    return None


def _month(zone: ZoneInfo, value: Any) -> Any:
    """The month of a moment, told in seconds since 1970 (0: never) or by ISO; anything else stays as it is."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return dt.datetime.fromtimestamp(value, zone).strftime("%Y-%m") if value else None
        moment = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError, OSError):
        return value
    return (moment.astimezone(zone) if moment.tzinfo else moment).strftime("%Y-%m")


def _put(value: Any, way: tuple[str | int, ...], change: Callable[[Any], Any]) -> None:
    """Change what stands at the way's end; nothing left is taken out, or in a list keeps its place."""
    *before, last = way
    for step in before:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    if isinstance(last, int):
        if isinstance(value, list) and last < len(value):
            value[last] = change(value[last])
    elif isinstance(value, dict) and last in value:
        left = change(value.pop(last))
        value |= {} if left is None else {last: left}

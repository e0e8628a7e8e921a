"""Take values that the site does not collect out of a page, before anything of it is hashed or kept.

Page, paths -> Page without them

What does not belong here: which values those are (sources/catalogue.py). What is not collected lies nowhere: not in
the pages that landing keeps, and a change of it is no change of the record (domain.md 8.2: minimise).
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import orjson

from edu_pipeline.landing.paging import Page
from edu_pipeline.sources.paths import steps
from edu_pipeline.sources.system import Resource


def uncollected_paths(resource: Resource, uncollected: Collection[str]) -> frozenset[str]:
    """Paths that only fields lead to which are not collected."""
    wanted = {path for name, mapped in resource.fields.items() if name not in uncollected for path in mapped.paths}
    unwanted = {path for name, mapped in resource.fields.items() if name in uncollected for path in mapped.paths}
    return frozenset(unwanted - wanted)


def redacted(page: Page, resource: Resource, paths: Collection[str]) -> Page:
    """The page without the values at the paths; its body is then what is left of it, its records and nothing else."""
    if not paths:
        return page
    for record in page.records:
        for path in paths:
            _drop(record, steps(path))
    document: Any = page.records
    for step in reversed(steps(resource.records)) if resource.records else ():
        document = {step: document}
    try:
        return replace(page, body=orjson.dumps(document))
    except orjson.JSONEncodeError:
        # A record nested too deep is not kept, and its page without it.
        flat = [record for record in page.records if _is_flat(record)]
        kept = redacted(Page(b"", flat, page.declared), resource, paths)
        return replace(page, body=kept.body)


def _is_flat(record: dict[str, Any]) -> bool:
    try:
        orjson.dumps(record)
    except orjson.JSONEncodeError:
        return False
    return True


def _drop(value: Any, way: tuple[str | int, ...]) -> None:
    *before, last = way
    for step in before:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    if isinstance(last, int):
        if isinstance(value, list) and last < len(value):
            value[last] = None  # what follows keeps its place
    elif isinstance(value, dict):
        value.pop(last, None)

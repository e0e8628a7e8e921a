"""A reading of many questions: one for each record of another resource, such as the members of each course.

Client, Resource, keys -> Page, Page, ... -> which questions were not answered

What does not belong here: paging of one question (paging.py), what the keys are (flow/pull.py). A question that is
refused costs the reading its proof and nothing else: a course that nobody may see does not hide those behind it.
"""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

import orjson

from edu_pipeline.landing.client import Client, Params
from edu_pipeline.landing.document import shaped
from edu_pipeline.landing.errors import PullError, Unauthorized, Unreachable
from edu_pipeline.landing.paging import Page, Pages, pages
from edu_pipeline.sources.resource import ASKED, Resource

# Questions in a row that nobody answers before the others are left for the next night.
MAX_SILENT = 3


def each(client: Client, resource: Resource, params: Params, place: str, keys: Sequence[str]) -> Pages:
    """Every page of every question; each record says by which key it was asked for. The value is a fault, or None.

    Raises Unauthorized, and Unreachable where nobody answers any more.
    """
    asked, faults, silent = resource.each, list[str](), 0
    assert asked is not None
    if not keys:
        return f"there are no {asked.of} to ask by: may the token see any?"
    for key in keys:
        own = {asked.param: key} if asked.param else {}
        one = resource.model_copy(update={"path": resource.path.replace("{each}", quote(key, safe=""))})
        told = pages(client, one, {**params, **own}, f"{place}, {asked.of} {key}")
        try:
            while True:
                page = next(told)
                silent = 0
                yield _asked(page, resource, key)
        except StopIteration as end:
            faults += [end.value] if end.value else []
        except Unauthorized:
            raise
        except PullError as error:
            silent = silent + 1 if isinstance(error, Unreachable) else 0
            if silent >= MAX_SILENT:
                raise
            faults.append(error.cause)
    return f"{len(faults)} of {len(keys)} questions without a whole answer, the first: {faults[0]}" if faults else None


def _asked(page: Page, resource: Resource, key: str) -> Page:
    # With the key in them, the page that is kept can be taken up again without the question.
    records = [{**record, ASKED: key} for record in page.records]
    return replace(page, records=records, body=orjson.dumps(shaped(records, resource.records)))

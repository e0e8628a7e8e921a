"""Faults of a page: its records stand elsewhere or are none, its total is wrong, the next page lies with a stranger.

page -> the same page, which says something else of itself

What does not belong here: which records a page has (readings.py), records that are wrong (distort.py).
"""

import re
from urllib.parse import urlencode

from edu_pipeline.sandbox.exchange import Answer, Hit, fault
from edu_pipeline.sandbox.refusals import ELSEWHERE
from edu_pipeline.sandbox.shapes import LISTS, POINTING


@fault(LISTS, under="payload")
async def wrapped(hit: Hit) -> Answer:
    """The list of records stands under the key `under`, not under that of the contract."""
    answer = await hit.answer()
    if page := hit.page(answer):
        answer.document = {hit.options["under"] if name == page.list_name else name: said
                           for name, said in page.document.items()}  # fmt: skip
    return answer


@fault(POINTING, to=ELSEWHERE)
async def next_elsewhere(hit: Hit) -> Answer:
    """The next page, said to be there even after the last, is an address on another host, `to`."""
    answer = await hit.answer()
    if page := hit.page(answer):
        assert hit.shape.turning is not None
        address = f"{hit.options['to']}{hit.asked.path}?{urlencode(hit.asked.query)}"
        hit.shape.turning.point(page.document, answer.headers, address)
    return answer


@fault(LISTS)
async def no_total(hit: Hit) -> Answer:
    """No total is declared, and no link to the last page."""
    answer = await hit.answer()
    if page := hit.page(answer):
        page.total = None
        if "link" in answer.headers:
            answer.headers["link"] = re.sub(r'(, )?<[^>]*>; rel="last"', "", answer.headers["link"])
    return answer


@fault(LISTS, delta=1)
async def total_off(hit: Hit) -> Answer:
    """The declared total is `delta` more than there are."""
    answer = await hit.answer()
    if page := hit.page(answer):
        page.total += hit.options["delta"]
    return answer


@fault(LISTS)
async def empty(hit: Hit) -> Answer:
    """An empty list of records, total 0."""
    answer = await hit.answer()
    if page := hit.page(answer):
        assert hit.shape.turning is not None
        page.records, page.total = [], 0
        hit.shape.turning.tell(page.document, answer.headers, hit.asked.address, hit.asked.query, is_more=False)
    return answer


FAULTS = (wrapped, next_elsewhere, no_total, total_off, empty)

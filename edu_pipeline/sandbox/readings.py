"""Faults of a reading: its records are right, but some come twice or never, in other pages, or without an end.

request -> all records of the reading -> pages that are not what the reader asked for

What does not belong here: what a page says of itself (pages.py), records that are wrong (distort.py). Most faults here
show on readings of several pages; with `clamped` beside it every reading has several.
"""

import copy
from collections.abc import Callable

from edu_pipeline.sandbox.exchange import Answer, Hit, Page, fault
from edu_pipeline.sandbox.shapes import BY_UNIT, LISTS, Record, at, put
from edu_pipeline.sandbox.turning import Query

Pages = list[list[Record]]


async def _reading(hit: Hit, query: Query) -> tuple[Answer, Page | None]:
    """A reading from its first page to its last, as one page; None where the system refuses it."""
    assert hit.shape.turning is not None
    asked: Query | None = hit.shape.turning.first(query)
    assert asked is not None
    answer = await hit.answer(asked)
    whole = hit.page(answer)
    page = whole
    while whole and page and (asked := hit.shape.turning.following(asked, page.document, len(page.records))):
        page = hit.page(await hit.answer(asked))
        whole.records = whole.records + (page.records if page else [])
    return answer, whole


async def _turned(hit: Hit, cut: Callable[[list[Record], int], Pages], is_endless: bool = False) -> Answer:
    """The asked page, of those that `cut` makes of the reading's records and the size of a page. The total is as told.

    A page past the end is empty, or of an endless reading the last one again.
    """
    turning, query = hit.shape.turning, hit.asked.query
    assert turning is not None
    try:
        begin, size = turning.window(query)
    except ValueError:
        return await hit.answer()  # badly asked, and refused by the system itself
    answer, whole = await _reading(hit, query)
    if whole is None:
        return answer
    pages = cut(whole.records, size)
    number = min(begin // size, len(pages) - 1) if is_endless else begin // size
    whole.records = pages[number] if number < len(pages) else []
    turning.tell(whole.document, answer.headers, hit.asked.address, query, is_endless or number + 1 < len(pages))
    return answer


def _cut(records: list[Record], size: int) -> Pages:
    return [records[begin : begin + size] for begin in range(0, len(records), size)] or [[]]


@fault(LISTS, size=10, total=True)
async def clamped(hit: Hit) -> Answer:
    """A page has at most `size` records whatever is asked for, and page numbers follow that size; the answer repeats
    the size that was asked for. Without `total` no total is declared.
    """
    turning, query = hit.shape.turning, hit.asked.query
    assert turning is not None
    try:
        asked = turning.length(query)
    except ValueError:
        return await hit.answer()
    answer = await hit.answer(query | {turning.size: str(min(asked, hit.options["size"]))})
    if page := hit.page(answer):
        if "size" in page.document:
            page.document["size"] = asked
        if not hit.options["total"]:
            page.total = None
    return answer


@fault(LISTS)
async def endless(hit: Hit) -> Answer:
    """Each page past the end is the last one again, and a cursor or link to the next page never ends."""
    return await _turned(hit, _cut, is_endless=True)


@fault(LISTS, page=1)
async def page_repeated(hit: Hit) -> Answer:
    """Page `page` comes again as the next one, those after it a page later: the last one never comes."""

    def cut(records: list[Record], size: int) -> Pages:
        pages, number = _cut(records, size), hit.options["page"]
        return (pages[:number] + pages[number - 1 :])[: len(pages)]

    return await _turned(hit, cut)


@fault(LISTS, page=2)
async def page_missing(hit: Hit) -> Answer:
    """Page `page` is left out: the next one comes in its place. The total is told in full."""

    def cut(records: list[Record], size: int) -> Pages:
        pages = _cut(records, size)
        return pages[: hit.options["page"] - 1] + pages[hit.options["page"] :]

    return await _turned(hit, cut)


@fault(LISTS)
async def reordered(hit: Hit) -> Answer:
    """From page to page the order moves on by half a page, round the end to the beginning: some records come twice,
    some never. The total is right.
    """

    def cut(records: list[Record], size: int) -> Pages:
        moved = max(size // 2, 1)
        found = []
        for number, page in enumerate(_cut(records, size)):
            begin = number * (size + moved)
            found.append([records[(begin + place) % len(records)] for place in range(len(page))])
        return found

    return await _turned(hit, cut)


@fault(LISTS, changed=1, added=1, removed=1, again=False)
async def mid_pull(hit: Hit) -> Answer:
    """When page 2 is first asked for, the records have become others: the first `removed` are gone, so that as many at
    the end of page 1 never come; the last `changed` are newer and say something else; `added` stand at the end. Page
    and total are of the list as it then is. So it stays, or with `again` every reading's first page is of before.
    """
    assert hit.shape.turning is not None
    place = (hit.asked.path, hit.shape.turning.reading(hit.asked.query))
    if not hit.begins():
        hit.memory[place] = True
    has_happened = hit.memory.get(place, False) and not (hit.options["again"] and hit.begins())
    grown = 0

    def cut(records: list[Record], size: int) -> Pages:
        nonlocal grown
        moved = _moved_on(hit, records) if has_happened else records
        grown = len(moved) - len(records)
        return _cut(moved, size)

    answer = await _turned(hit, cut)
    if page := hit.page(answer):
        page.total += grown
    return answer


def _moved_on(hit: Hit, records: list[Record]) -> list[Record]:
    shape, options = hit.shape, hit.options
    rest = records[options["removed"] :]
    first_changed = max(len(rest) - options["changed"], 0)
    added = [copy.deepcopy(rest[-1 - number % len(rest)]) for number in range(options["added"])] if rest else []
    for number, record in enumerate(added):
        shape.rekey(record, f"{shape.key(record)}-new-{number + 1}")
    for record in rest[first_changed:]:
        shape.envelope.newer(record, 1)
        path = shape.text(record)
        put(shape.inside(record), path, f"{at(shape.inside(record), path)} *")
    return rest + added


@fault(BY_UNIT, served="")
async def filter_ignored(hit: Hit) -> Answer:
    """The records of the unit `served` come whatever unit is asked for: by default the next school that the system
    covers, with `all` those of every school that it covers.
    """
    shape, query = hit.shape, hit.asked.query
    asked, served = query.get(shape.unit), hit.options["served"]
    if asked is None:
        return await hit.answer()
    if served != "all":
        return await hit.answer(query | {shape.unit: served or _next(hit.covered, asked)})
    if not shape.must_name_unit:
        return await hit.answer({name: value for name, value in query.items() if name != shape.unit})
    records: list[Record] = []
    total = 0
    for unit in hit.covered:
        _, page = await _reading(hit, query | {shape.unit: unit})
        records += page.records if page else []
        total += page.total if page else 0
    answer = await _turned(hit, lambda _, size: _cut(records, size))
    if page := hit.page(answer):
        page.total = total
    return answer


def _next(units: tuple[str, ...], unit: str) -> str:
    """The unit after this one, round the end; the first for one that is none of them."""
    return units[(units.index(unit) + 1) % len(units)] if unit in units else units[0]


# From the outermost, which sees the answer last, to the innermost: `clamped` tells all below it the size of a page.
FAULTS = (clamped, endless, page_repeated, page_missing, reordered, mid_pull, filter_ignored)

"""Faults of records: values that a parser, a database or a careless reader does not survive.

page -> its third record (of a reading's first page), or that of option `key`, is another

What does not belong here: which records come (readings.py); what schools themselves get wrong (faults.py, defects.py).
"""

import unicodedata
from collections.abc import Callable
from typing import Any

from edu_pipeline.sandbox.exchange import Answer, Hit, Page, fault
from edu_pipeline.sandbox.shapes import CANCELLING, LISTS, VERSIONED, Record, at, put
from edu_pipeline.sandbox.writing import Nested

_VICTIM = 2


def _victim(hit: Hit, page: Page) -> int | None:
    """Place of the record that the fault befalls: the third, or the last of fewer, or that of the key."""
    if key := hit.options.get("key"):
        return next((place for place, record in enumerate(page.records) if hit.shape.key(record) == key), None)
    return min(_VICTIM, len(page.records) - 1) if page.records and hit.begins() else None


async def _marred(hit: Hit, mar: Callable[[Record], None]) -> Answer:
    """The answer, with its victim changed."""
    answer = await hit.answer()
    if (page := hit.page(answer)) and (place := _victim(hit, page)) is not None:
        mar(page.records[place])
    return answer


async def _text(hit: Hit, write: Callable[[str], Any]) -> Answer:
    """The answer, with another text in a field of its victim: that of option `field`, or its name."""

    def mar(record: Record) -> None:
        inside = hit.shape.inside(record)
        path = hit.options["field"] or hit.shape.text(record)
        put(inside, path, write(str(at(inside, path) or "")))

    return await _marred(hit, mar)


@fault(LISTS, key="", field="", bytes=10_000_000)
async def huge_field(hit: Hit) -> Answer:
    """A text of `bytes` bytes."""
    return await _text(hit, lambda text: "x" * hit.options["bytes"])


@fault(LISTS, key="", field="", depth=2000)
async def deep_nesting(hit: Hit) -> Answer:
    """A list in a list in a list, `depth` deep, where a text should be; most parsers accept 500."""
    return await _text(hit, lambda text: Nested(hit.options["depth"]))


@fault(LISTS, key="", field="")
async def nul(hit: Hit) -> Answer:
    r"""A text with \u0000 in it."""
    return await _text(hit, lambda text: f"{text[:1]}\0{text[1:]}")


@fault(LISTS, key="", field="")
async def surrogate(hit: Hit) -> Answer:
    r"""A text with half a character, \ud800, in it: an escape that JSON allows and Unicode does not."""
    return await _text(hit, lambda text: f"{text[:1]}\ud800{text[1:]}")


@fault(LISTS)
async def nfd(hit: Hit) -> Answer:
    """All texts of all records with their accents apart (NFD)."""
    answer = await hit.answer()
    if page := hit.page(answer):
        page.records = [_apart(record) for record in page.records]
    return answer


def _apart(value: Any) -> Any:
    match value:
        case str():
            return unicodedata.normalize("NFD", value)
        case list():
            return [_apart(item) for item in value]
        case dict():
            return {name: _apart(item) for name, item in value.items()}
    return value


@fault(LISTS, how="")
async def explicit_nulls(hit: Hit) -> Answer:
    """To odd requests what is null is left out, to even ones it is told as null; `how` (`absent` or `null`) fixes it.
    A system that always leaves it out tells all fields of its model.
    """
    answer = await hit.answer()
    if page := hit.page(answer):
        is_absent = (hit.options["how"] or ("absent" if hit.number % 2 else "null")) == "absent"
        for record in page.records:
            inside = hit.shape.inside(record)
            if is_absent:
                _bare(inside)
            else:
                told = hit.shape.model.get(hit.asked.resource, set())
                inside.update(dict.fromkeys(sorted(told - inside.keys())))
    return answer


def _bare(value: Any) -> None:
    if isinstance(value, dict):
        for name in [name for name, item in value.items() if item is None]:
            del value[name]
        for item in value.values():
            _bare(item)


@fault(VERSIONED, by=10)
async def newer(hit: Hit) -> Answer:
    """Every record in a version that is `by` higher, changed as many days later: what else is wrong with it is read."""
    answer = await hit.answer()
    if page := hit.page(answer):
        for record in page.records:
            hit.shape.envelope.newer(record, hit.options["by"])
    return answer


@fault(LISTS, key="", versions=1, identity={})
async def rekeyed(hit: Hit) -> Answer:
    """The victim's key is reused for another person: its record has the identity of the one after it (of the last: of
    the one before), or what `identity` says by field, and a version that is `versions` higher.
    """
    answer = await hit.answer()
    page = hit.page(answer)
    place = _victim(hit, page) if page else None
    if page and place is not None:
        record = page.records[place]
        ours, other = hit.shape.inside(record), hit.options["identity"] or _neighbor(hit, page, place)
        shared = [path for path in hit.shape.identity if at(ours, path) is not None and at(other, path) is not None]
        for path in shared:
            put(ours, path, at(other, path))
        if shared:
            hit.shape.envelope.newer(record, hit.options["versions"])
    return answer


def _neighbor(hit: Hit, page: Page, place: int) -> Record:
    """The content of the record after this one, of the last: of the one before; of the only one: nothing."""
    others = page.records[place + 1 : place + 2] or page.records[place - 1 : place]
    return hit.shape.inside(others[0]) if others else {}


@fault(CANCELLING, key="")
async def cancelled_resent(hit: Hit) -> Answer:
    """The first time the victim is told as cancelled, ever after as there again, each time with a higher version."""

    def mar(record: Record) -> None:
        envelope = hit.shape.envelope
        place = (hit.asked.path, hit.shape.key(record))
        is_first = hit.memory.setdefault(place, hit.number) == hit.number
        envelope.newer(record, 1 if is_first else 2)
        record[envelope.event] = (envelope.cancelled or record[envelope.changed]) if is_first else envelope.resent

    return await _marred(hit, mar)


FAULTS = (huge_field, deep_nesting, nul, surrogate, nfd, explicit_nulls, newer, rekeyed, cancelled_resent)

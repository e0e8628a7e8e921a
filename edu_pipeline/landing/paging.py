"""Pages of one reading, by a word of the system's declaration.

Client, Resource, parameters -> Page, Page, ... -> why they cannot be all, where something speaks against it

What does not belong here: records' meaning (read.py) and whether the reading is complete (flow/pull.py, from the data).
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from requests.utils import parse_header_links

from edu_pipeline.landing.client import Answer, Client, Params
from edu_pipeline.landing.errors import Malformed, Unauthorized
from edu_pipeline.sources.paths import find, key
from edu_pipeline.sources.resource import BARE, Resource

MAX_PAGES = 100_000
# Pages without a record that had not come before: a source whose paging goes in a circle is left after so many.
MAX_REPEATED = 3
# A code of an error, not a sentence, which may quote anything.
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./-]{0,59}")


@dataclass(frozen=True)
class Page:
    """One page: bytes as received, its records, the total that the source declared (None: it declares none), and the
    server's time in its headers' words (none: it says none)."""

    body: bytes
    records: list[dict[str, Any]]
    declared: int | None
    told_at: str = ""


# What a reading gives: its pages, and at its end a fault of the paging or None.
Pages = Generator[Page, None, str | None]


def pages(client: Client, resource: Resource, params: Params, place: str) -> Pages:
    """Every page of a reading; its value is a fault of the paging, or None.

    Raises what Client.get raises; Malformed where a page is none.
    """
    paging = client.connection.kind.paging
    told = _WAYS[paging.kind](client, resource, {**resource.params, **params, **paging.asked}, place)
    circle = _Circle(client.connection.kind.key(resource))
    for number, page in enumerate(told, 1):
        yield page
        if fault := circle.fault(page):
            return fault
        if number >= MAX_PAGES:
            return f"more than {MAX_PAGES} pages: paging of the source does not end"
    return None


def _by_position(client: Client, resource: Resource, asked: dict[str, Any], place: str) -> Iterator[Page]:
    """Ask by number or offset until the declared total has come, or a page is empty.

    A page that is not full proves nothing: a source may serve fewer records a page than it is asked for, and say so
    nowhere.
    """
    paging = client.connection.kind.paging
    assert paging.position_param is not None
    position = 1 if paging.kind == "page" else 0
    received, snapshot = 0, dict[str, str]()
    while True:
        answer = client.get(resource.path, {**asked, paging.position_param: position, **snapshot}, place)
        page = _page(client, resource, answer, place)
        yield page
        received += len(page.records)
        position += 1 if paging.kind == "page" else len(page.records)
        if not page.records or (page.declared is not None and received >= page.declared):
            return
        if paging.snapshot:
            said = find(answer.document, paging.snapshot)
            snapshot = {} if said is None else {paging.snapshot: said}


def _by_cursor(client: Client, resource: Resource, asked: dict[str, Any], place: str) -> Iterator[Page]:
    """Follow each page's word for the next one until there is none; within a reading no cursor comes twice."""
    paging = client.connection.kind.paging
    assert paging.next is not None
    assert paging.position_param is not None
    followed: dict[str, str] = {}
    seen: set[str] = set()
    while True:
        answer = client.get(resource.path, {**asked, **followed}, place)
        yield _page(client, resource, answer, place)
        cursor = find(answer.document, paging.next)
        if cursor is None:
            return
        if str(cursor) in seen:
            cause = "a page names a cursor that was followed before"
            raise Malformed(client.connection.id, place, cause, "paging of the source does not end")
        seen.add(str(cursor))
        followed = {paging.position_param: str(cursor)}


def _by_address(client: Client, resource: Resource, asked: dict[str, Any], place: str) -> Iterator[Page]:
    """Follow the address of the next page, as the page or its Link header says it, until there is none.

    It is the source's own, parameters and all; to another server than the connection's it leads nowhere.
    """
    paging, answer = client.connection.kind.paging, client.get(resource.path, asked, place)
    here = f"{client.connection.base_url}/{resource.path}"
    seen: set[str] = set()
    while True:
        yield _page(client, resource, answer, place)
        said = find(answer.document, paging.next) if paging.next else _linked(answer.headers.get("Link", ""))
        if not said:
            return
        here = urljoin(here, str(said))
        if here in seen:
            cause = "a page names an address that was followed before"
            raise Malformed(client.connection.id, place, cause, "paging of the source does not end")
        seen.add(here)
        answer = client.get(here, {}, place)


def _linked(header: str) -> str | None:
    found = (link for link in parse_header_links(header) if "next" in link.get("rel", "").split())
    return next((str(link["url"]) for link in found), None)


def _once(client: Client, resource: Resource, asked: dict[str, Any], place: str) -> Iterator[Page]:
    """One answer holds everything."""
    yield _page(client, resource, client.get(resource.path, asked, place), place)


_WAYS = {
    "page": _by_position,
    "offset": _by_position,
    "cursor": _by_cursor,
    "next": _by_address,
    "link": _by_address,
    "single": _once,
}


@dataclass
class _Circle:
    """Whether pages still bring something: by the hash of their keys, so that it costs a number a page."""

    at: tuple[str, ...]
    seen: set[int] = field(default_factory=set)
    repeated: int = 0

    def fault(self, page: Page) -> str | None:
        if not page.records:
            return None
        told = hash(tuple(key(record, self.at) for record in page.records))
        self.repeated = self.repeated + 1 if told in self.seen else 0
        self.seen.add(told)
        return "the same pages come again and again" if self.repeated >= MAX_REPEATED else None


def _inside(client: Client, place: str, said: Any) -> Malformed | Unauthorized:
    """What to raise for an error that came as a good page. Its word is told where it is one, not a sentence."""
    name, word = client.connection.id, f": {said}" if isinstance(said, str) and _WORD.fullmatch(said) else ""
    if said in client.connection.kind.denied:
        return Unauthorized(name, place, f"refused inside HTTP 200{word}", "renew the token, or what it may do")
    return Malformed(name, place, f"an error inside HTTP 200{word}", "ask the vendor what it means")


def _page(client: Client, resource: Resource, answer: Answer, place: str) -> Page:
    paging = client.connection.kind.paging
    records = find(answer.document, resource.records) if resource.records else answer.document
    # Some put an empty list beside it: nothing of such a page is believed.
    if said := next(filter(None, (find(answer.document, path) for path in client.connection.kind.errors)), None):
        raise _inside(client, place, said)
    if resource.is_bare and isinstance(records, list):
        records = [{BARE: value} for value in records]
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        cause = f"no list of records at {resource.records or 'the top'}"
        raise Malformed(client.connection.id, place, cause, "an error page with HTTP 200? Compare with the contract")
    if resource.skip:
        records = [r for r in records if not any(find(r, path) == word for path, word in resource.skip.items())]
    declared: Any = None
    if paging.total:
        declared = find(answer.document, paging.total)
    elif paging.total_header:
        declared = answer.headers.get(paging.total_header)
    try:
        total = None if declared in (None, "") else int(declared)
    except (TypeError, ValueError):
        raise Malformed(client.connection.id, place, "the declared total is no number", "ask the vendor") from None
    return Page(answer.body, records, total, answer.headers.get("Date", ""))

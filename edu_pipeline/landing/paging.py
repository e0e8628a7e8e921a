"""Pages of one reading, by a word of the system's declaration.

Client, Resource, parameters -> Page, Page, ...

What does not belong here: records' meaning (pull.py) and whether the reading is complete (pull.py, from the data).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from edu_pipeline.landing.client import Answer, Client
from edu_pipeline.landing.errors import Malformed
from edu_pipeline.sources.paths import find
from edu_pipeline.sources.system import Resource

MAX_PAGES = 100_000


@dataclass(frozen=True)
class Page:
    """One page: bytes as received, its records, and the total that the source declared (None: it declares none)."""

    body: bytes
    records: list[dict[str, Any]]
    declared: int | None


def pages(client: Client, resource: Resource, params: Mapping[str, str | int], place: str) -> Iterator[Page]:
    """Every page of a reading. Raises what Client.get raises; Malformed where a page is none, or paging has no end."""
    paging = client.connection.kind.paging
    asked = {**resource.params, **params, paging.size_param: paging.size}
    return (_by_cursor if paging.kind == "cursor" else _by_position)(client, resource, asked, place)


def _by_position(client: Client, resource: Resource, asked: dict[str, str | int], place: str) -> Iterator[Page]:
    """Ask by number or offset until a page is empty or the declared total has come."""
    paging = client.connection.kind.paging
    position = 1 if paging.kind == "page" else 0
    received, snapshot = 0, dict[str, str]()
    for _ in range(MAX_PAGES):
        answer = client.get(resource.path, {**asked, paging.position_param: position, **snapshot}, place)
        page = _page(client, resource, answer, place)
        yield page
        received += len(page.records)
        position += 1 if paging.kind == "page" else len(page.records)
        if not page.records or (page.declared is not None and received >= page.declared):
            return
        if page.declared is None and len(page.records) < paging.size:
            return
        if paging.snapshot:
            said = find(answer.document, paging.snapshot)
            snapshot = {} if said is None else {paging.snapshot: said}
    raise _endless(client, place, f"more than {MAX_PAGES} pages")


def _by_cursor(client: Client, resource: Resource, asked: dict[str, str | int], place: str) -> Iterator[Page]:
    """Follow each page's word for the next one until there is none; within a reading no cursor comes twice."""
    paging = client.connection.kind.paging
    assert paging.next is not None
    followed: dict[str, str] = {}
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        answer = client.get(resource.path, {**asked, **followed}, place)
        yield _page(client, resource, answer, place)
        cursor = find(answer.document, paging.next)
        if cursor is None:
            return
        if str(cursor) in seen:
            raise _endless(client, place, "a page names a cursor that was followed before")
        seen.add(str(cursor))
        followed = {paging.position_param: str(cursor)}
    raise _endless(client, place, f"more than {MAX_PAGES} pages")


def _endless(client: Client, place: str, cause: str) -> Malformed:
    return Malformed(client.connection.id, place, cause, "paging of the source does not end")


def _page(client: Client, resource: Resource, answer: Answer, place: str) -> Page:
    paging = client.connection.kind.paging
    records = find(answer.document, resource.records) if resource.records else answer.document
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        cause = f"no list of records at {resource.records or 'the top'}"
        raise Malformed(client.connection.id, place, cause, "an error page with HTTP 200? Compare with the contract")
    declared: Any = None
    if paging.total:
        declared = find(answer.document, paging.total)
    elif paging.total_header:
        declared = answer.headers.get(paging.total_header)
    try:
        return Page(answer.body, records, None if declared is None else int(declared))
    except (TypeError, ValueError):
        raise Malformed(client.connection.id, place, "the declared total is no number", "ask the vendor") from None

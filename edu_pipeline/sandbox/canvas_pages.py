"""Pages of a Canvas list: the Link header, by number or by an opaque bookmark.

rows in order, page, per_page -> rows of the page, Link

Bookmarked lists go on from a place in their order, so what is added or gone before it moves nobody; they have neither
`prev` nor `last`. Numbered ones have `last` only where Canvas counts them. No list declares a total.

What does not belong here: what is in a list (canvas.py). Sources: the API's page on pagination; lib/api.rb (paginate,
per_page_for: at least 1, at most 100; links end in page and per_page, and leave out access_token).
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

PER_PAGE, MAX_PER_PAGE = 10, 100


class InvalidPage(Exception):
    """A page that no list has."""


@dataclass(frozen=True)
class Listing:
    """A list in its order. `tell` writes a row, `wrap` the page; a `key` that no two rows share makes it bookmarked."""

    rows: list[Any]
    tell: Callable[[Any], Any]
    is_counted: bool = True
    key: Callable[[Any], tuple[Any, ...]] | None = None
    wrap: Callable[[list[Any]], Any] = field(default=lambda told: told)


def page_of(listing: Listing, base: str, query: list[tuple[str, str]]) -> tuple[Any, str]:
    """A page, and its Link header."""
    said = dict(query)
    size = per_page(said.get("per_page"))
    cut = _by_bookmark if listing.key else _by_number
    rows, pages = cut(listing, said.get("page"), size)
    kept = [(name, value) for name, value in query if name not in ("page", "per_page", "access_token")]
    links = ",".join(
        f'<{base}?{urlencode([*kept, ("page", page), ("per_page", str(size))])}>; rel="{rel}"'
        for rel in ("current", "next", "prev", "first", "last") if (page := pages.get(rel))
    )  # fmt: skip
    return listing.wrap([listing.tell(row) for row in rows]), links


def per_page(said: str | None) -> int:
    """As Canvas understands it: what is no number is 1, as 0 is."""
    if said is None:
        return PER_PAGE
    return min(max(int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 1, 1), MAX_PER_PAGE)


def _by_number(listing: Listing, said: str | None, size: int) -> tuple[list[Any], dict[str, str]]:
    said = said or "1"
    if not said.isascii() or not said.isdigit() or len(said) > 9 or int(said) < 1:
        raise InvalidPage(said)
    page, last = int(said), max(-(-len(listing.rows) // size), 1)
    pages = {"current": said, "first": "1"}
    if page < last:
        pages["next"] = str(page + 1)
    if page > 1:
        pages["prev"] = str(page - 1)
    if listing.is_counted:
        pages["last"] = str(last)
    return listing.rows[(page - 1) * size : page * size], pages


def _by_bookmark(listing: Listing, said: str | None, size: int) -> tuple[list[Any], dict[str, str]]:
    assert listing.key is not None
    key, said = listing.key, said or "first"
    left = listing.rows
    if said != "first":
        after = _read(said)
        try:
            left = [row for row in listing.rows if key(row) > after]
        except TypeError:
            raise InvalidPage(said) from None
    pages = {"current": said, "first": "first"}
    if len(left) > size:
        pages["next"] = _write(key(left[size - 1]))
    return left[:size], pages


def _write(key: tuple[Any, ...]) -> str:
    text = json.dumps(key, ensure_ascii=False, separators=(",", ":"))
    return f"bookmark:{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"


def _read(said: str) -> tuple[Any, ...]:
    """The place that a bookmark means."""
    mark, _, text = said.partition(":")
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        raise InvalidPage(said) from None
    if mark != "bookmark" or not isinstance(found, list):
        raise InvalidPage(said)
    return tuple(found)

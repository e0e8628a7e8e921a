"""How readers turn pages: by number, by cursor, by offset.

query -> window (begin, size), the query of the next page; window -> what an answer says of itself and of the next one

What does not belong here: which system turns how (shapes.py), what goes wrong in it (readings.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edu_pipeline.sandbox.asking import whole
from edu_pipeline.sandbox.oneroster import links

Query = dict[str, str]
Headers = dict[str, str]
# The parameters that say where in a reading a page is.
_PLACE = ("page", "snapshot", "cursor", "offset")


@dataclass(frozen=True)
class Turning:
    """Pages by number: `size` is the parameter's name, `most` the largest page, `usual` the one where none is asked."""

    size: str
    most: int
    usual: int | None = None
    points = False  # does an answer say where the next page is?

    def length(self, query: Mapping[str, str]) -> int:
        """How many records a page has; ValueError where the query says it badly, or must say it and does not."""
        return min(whole(query.get(self.size, str(self.usual))), self.most)

    def window(self, query: Mapping[str, str]) -> tuple[int, int]:
        """Where the asked page begins among all records, and how many it may have."""
        size = self.length(query)
        return (whole(query.get("page", "1")) - 1) * size, size

    def first(self, query: Query) -> Query:
        """The query of a reading's first page, as large as pages get. What is missing in it stays missing."""
        largest = {self.size: str(self.most)} if self.size in query or self.usual else {}
        return dict(self.reading(query)) | largest | ({"page": "1"} if "page" in query else {})

    def reading(self, query: Query) -> tuple[tuple[str, str], ...]:
        """What the queries of all pages of a reading have in common, whatever the size of its pages."""
        return tuple(sorted((name, said) for name, said in query.items() if name not in (*_PLACE, self.size)))

    def following(self, query: Query, document: Any, count: int) -> Query | None:
        """The query of the page after one that had `count` records; None after the last."""
        if count < self.length(query):
            return None
        return query | {"page": str(whole(query.get("page", "1")) + 1), "snapshot": document.get("snapshot", "")}

    def tell(self, document: Any, headers: Headers, address: str, query: Query, is_more: bool) -> None:
        """Let an answer say of itself what it would if it were the asked page; `is_more`: that another one follows."""
        begin, size = self.window(query)
        document.update(page=begin // size + 1, size=size)
        if query.get("snapshot"):
            document["snapshot"] = query["snapshot"]

    def point(self, document: Any, headers: Headers, address: str) -> None:
        """Let an answer say that the next page is at an address."""
        raise NotImplementedError(address)


class Cursor(Turning):
    """Pages by cursor: a token, a point, and the position at which the page begins."""

    points = True

    def window(self, query: Mapping[str, str]) -> tuple[int, int]:
        _, _, position = query.get("cursor", ".0").rpartition(".")
        return whole(position, least=0), self.length(query)

    def following(self, query: Query, document: Any, count: int) -> Query | None:
        cursor = document["meta"]["next"]
        return None if cursor is None else query | {"cursor": cursor}

    def tell(self, document: Any, headers: Headers, address: str, query: Query, is_more: bool) -> None:
        begin, size = self.window(query)
        token = query.get("cursor", "wire.").rpartition(".")[0]
        document["meta"]["next"] = f"{token}.{begin + size}" if is_more else None

    def point(self, document: Any, headers: Headers, address: str) -> None:
        document["meta"]["next"] = address


class Offset(Turning):
    """Pages by offset, with the neighbors in the Link header."""

    points = True

    def window(self, query: Mapping[str, str]) -> tuple[int, int]:
        return whole(query.get("offset", "0"), least=0), self.length(query)

    def following(self, query: Query, document: Any, count: int) -> Query | None:
        begin, size = self.window(query)
        return None if count < size else query | {"offset": str(begin + size)}

    def tell(self, document: Any, headers: Headers, address: str, query: Query, is_more: bool) -> None:
        begin, size = self.window(query)
        headers["link"] = links(address, query, begin + size + is_more, size, begin)

    def point(self, document: Any, headers: Headers, address: str) -> None:
        headers["link"] = f'<{address}>; rel="next"'

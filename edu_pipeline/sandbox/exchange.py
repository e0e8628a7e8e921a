"""One request and its answer, as a fault sees them.

Asked -> faults, one inside the other -> the system -> Answer, a page of which can be changed -> Line

What does not belong here: the faults (wire.py names them all), which of them are on (wire.py).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from starlette.types import Scope

from edu_pipeline.sandbox.line import Line
from edu_pipeline.sandbox.shapes import EVERYWHERE, Record, Shape, at, drop, put
from edu_pipeline.sandbox.turning import Query
from edu_pipeline.sandbox.writing import write


@dataclass(frozen=True)
class Asked:
    """A request. A fault that asks for something else than the reader did changes its query."""

    scope: Scope
    query: Query
    body: bytes = b""

    @property
    def path(self) -> str:
        path: str = self.scope["path"]
        return path

    @property
    def resource(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def address(self) -> str:
        return f"http://{self.header('host')}{self.path}"

    def header(self, name: str) -> str:
        raw: Mapping[bytes, bytes] = dict(self.scope["headers"])
        return raw.get(name.encode(), b"").decode("latin-1")


@dataclass
class Answer:
    """An answer before it goes out. Once `document` is set the body is written from it."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    document: Any = None
    deliver: "Deliver" = field(default_factory=lambda: deliver)

    @classmethod
    def of(cls, status: int, document: Any, **headers: str) -> "Answer":
        """An answer in JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, {"content-type": "application/json"} | named, document=document)

    def written(self) -> bytes:
        """The body."""
        return self.body if self.document is None else write(self.document)


Deliver = Callable[[Answer, Line], Awaitable[None]]
Ask = Callable[[Asked], Awaitable[Answer]]


async def deliver(answer: Answer, line: Line) -> None:
    """An answer as it should go out: whole, and as long as it says."""
    body = answer.written()
    await line.start(answer.status, answer.headers | {"content-length": str(len(body))})
    await line.write(body, is_last=True)


class Page:
    """An answer that is a page of records. What is set here stands in the answer."""

    def __init__(self, shape: Shape, answer: Answer) -> None:
        self.shape, self.answer = shape, answer

    @property
    def document(self) -> Any:
        return self.answer.document

    @property
    def list_name(self) -> str:
        """Where the records stand."""
        return self.shape.records or next(name for name, said in self.document.items() if isinstance(said, list))

    @property
    def records(self) -> list[Record]:
        found: list[Record] = self.document[self.list_name]
        return found

    @records.setter
    def records(self, records: list[Record]) -> None:
        self.document[self.list_name] = records

    @property
    def total(self) -> int:
        header = self.shape.total_header
        return int(self.answer.headers[header] if header else at(self.document, self.shape.total))

    @total.setter
    def total(self, total: int | None) -> None:
        header = self.shape.total_header
        if header and total is None:
            self.answer.headers.pop(header, None)
        elif header:
            self.answer.headers[header] = str(total)
        elif total is None:
            drop(self.document, self.shape.total)
        else:
            put(self.document, self.shape.total, total)


@dataclass(frozen=True)
class Hit:
    """A request that a fault which is on befalls: the `number`-th since then. `memory` lasts as long as it is on."""

    asked: Asked
    shape: Shape
    options: Mapping[str, Any]
    number: int
    memory: dict[Any, Any]
    covered: tuple[str, ...]
    ask: Ask

    async def answer(self, query: Query | None = None) -> Answer:
        """What the system, or the next fault on the way to it, answers; to another query if one is given."""
        return await self.ask(self.asked if query is None else replace(self.asked, query=query))

    def page(self, answer: Answer) -> Page | None:
        """The answer as a page of records; None for a refusal and for what is no page."""
        if answer.status != 200 or self.shape.turning is None:
            return None
        if answer.document is None:
            answer.document = orjson.loads(answer.body)
        has_list = any(isinstance(said, list) for said in answer.document.values())
        return Page(self.shape, answer) if has_list else None

    def refuse(self, status: int, code: str, **headers: str) -> Answer:
        """A refusal in the system's own words."""
        return Answer.of(status, self.shape.refusal(status, code), **headers)

    def begins(self) -> bool:
        """True for the first page of a reading."""
        try:
            return self.shape.turning is not None and self.shape.turning.window(self.asked.query)[0] == 0
        except ValueError:
            return False


@dataclass(frozen=True)
class Fault:
    """A named way in which the wire goes wrong: where it makes sense, and its options with what holds without them."""

    act: Callable[[Hit], Awaitable[Answer]]
    systems: frozenset[str]
    options: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.act.__name__

    @property
    def says(self) -> str:
        """What happens."""
        return " ".join((self.act.__doc__ or "").split())


def fault(
    systems: frozenset[str] = EVERYWHERE, **options: Any
) -> Callable[[Callable[[Hit], Awaitable[Answer]]], Fault]:
    """Make a fault of a function: named as it is, described by its docstring."""
    return lambda act: Fault(act, systems, options)

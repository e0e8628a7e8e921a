"""What each fault of the wire does: to the request, to the answer, or to its bytes on their way.

Asked, Answer -> another Answer, or none

What does not belong here: which requests a fault befalls (wire.py). Real servers do every one of these.
"""

import asyncio
import datetime as dt
import json
import unicodedata
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from starlette.types import Message, Send

Options = dict[str, Any]
Record = dict[str, Any]


@dataclass
class Asked:
    """A request: the system, the resource, and its parameters, which a fault may change."""

    system: str
    resource: str
    query: dict[str, str]


@dataclass
class Answer:
    """An answer; `document` is its JSON, and what is changed in it is told."""

    status: int
    headers: dict[str, str]
    body: bytes

    def start(self, length: int | None = None) -> Message:
        """The message that begins it; `length`: what its header says instead of the truth."""
        said = {**self.headers, "content-length": str(len(self.body) if length is None else length)}
        return {"type": "http.response.start", "status": self.status,
                "headers": [(name.encode(), value.encode()) for name, value in said.items()]}  # fmt: skip

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    def tell(self, document: Any) -> None:
        """Tell another document; half a surrogate pair is written as JSON can, escaped."""
        self.body = json.dumps(document).encode()


@dataclass(frozen=True)
class Shape:
    """How a system's pages look: the list (empty: the one there is), a record's key, version, texts; total, cursor."""

    records: str
    key: str
    version: str
    data: str
    total: str
    next: str = ""


SHAPES = {
    "partner": Shape("records", "idbanghi", "phienban", "data", "total"),
    "registry": Shape("records", "idbanghi", "phienban", "data", "total"),
    "hoaphuong": Shape("items", "uuid", "rev", "", "meta.count", "meta.next"),
    "ims": Shape("", "sourcedId", "", "", ""),
}


@dataclass(frozen=True)
class Kind:
    """A fault: what it does to the question, to the answer, to the sending."""

    said: str
    ask: Callable[[Asked, Options], None] | None = None
    tell: Callable[[Answer, Asked, Options, dict[str, Any]], None] | None = None
    send: Callable[[Answer, Send, Options], Awaitable[None]] | None = None


FAULTS: dict[str, Kind] = {}


def _page(change: Callable[[list[Record], Record, Options, dict[str, Any], Shape], list[Record] | None]) -> Any:
    """A change of a page's records; of answers that are no page nothing is changed."""

    def tell(answer: Answer, asked: Asked, options: Options, memory: dict[str, Any]) -> None:
        if answer.status != 200 or asked.system not in SHAPES:
            return
        shape, document = SHAPES[asked.system], answer.document
        name = shape.records or next(n for n, value in document.items() if isinstance(value, list))
        changed = change(document[name], document, options, memory, shape)
        if changed is not None:
            document[name] = changed
        answer.tell(document)

    return tell


def _victim(change: Callable[[Record, Options], None]) -> Any:
    """A change of one record: that of the option `key`, else the third of the page."""

    def on_page(records: list[Record], document: Record, options: Options, memory: Any, shape: Shape) -> None:
        chosen = [r for r in records if str(r[shape.key]) == options["key"]] if "key" in options else records[2:3]
        for record in chosen:
            change(record[shape.data] if shape.data else record, options)

    return _page(on_page)


def _status(status: int, document: Record) -> Any:
    def tell(answer: Answer, asked: Asked, options: Options, memory: Any) -> None:
        answer.status, answer.headers = status, {"content-type": "application/json"}
        answer.tell(document)
        if retry := options.get("retry_after"):
            answer.headers["retry-after"] = str(retry)

    return tell


def _login(answer: Answer, asked: Asked, options: Options, memory: Any) -> None:
    answer.headers, answer.body = {"content-type": "text/html"}, b"<html><form action='/login'></form></html>"


def _redirect(answer: Answer, asked: Asked, options: Options, memory: Any) -> None:
    to = options.get("to", "http://169.254.169.254/latest/meta-data/")
    answer.status, answer.headers, answer.body = 302, {"location": to}, b""


def _type(answer: Answer, asked: Asked, options: Options, memory: Any) -> None:
    answer.headers["content-type"] = "text/html"


def _clock(answer: Answer, asked: Asked, options: Options, memory: Any) -> None:
    told = parsedate_to_datetime(answer.headers["date"]) + dt.timedelta(seconds=options.get("seconds", 3600))
    answer.headers["date"] = format_datetime(told, usegmt=True)


def _bomb(answer: Answer, asked: Asked, options: Options, memory: Any) -> None:
    squeeze, size = zlib.compressobj(9, wbits=31), options.get("bytes", 200_000_000)
    parts = [squeeze.compress(b'{"records": ["')]
    parts += [squeeze.compress(b"0" * 1_000_000) for _ in range(size // 1_000_000)]
    answer.body = b"".join([*parts, squeeze.compress(b'"]}'), squeeze.flush()])
    answer.headers |= {"content-encoding": "gzip"}


def _total(change: Callable[[int, Options], int | None]) -> Any:
    def tell(answer: Answer, asked: Asked, options: Options, memory: Any) -> None:
        if answer.status != 200:
            return
        shape = SHAPES[asked.system]
        if not shape.total:
            said = change(int(answer.headers.pop("x-total-count", "0")), options)
            answer.headers |= {} if said is None else {"x-total-count": str(said)}
            return
        document = answer.document
        *before, last = shape.total.split(".")
        place = document
        for step in before:
            place = place[step]
        place[last] = change(place[last], options)
        answer.tell(document)

    return tell


def _empty(answer: Answer, asked: Asked, options: Options, memory: Any) -> None:
    _page(lambda records, *rest: [])(answer, asked, options, memory)
    _total(lambda total, options: 0)(answer, asked, options, memory)


def _deep(data: Record, options: Options) -> None:
    value: Any = "end"
    for _ in range(options.get("levels", 500)):
        value = [value]
    data["them"] = value


def _texts(record: Record, change: Callable[[str], str]) -> None:
    for name, value in record.items():
        if isinstance(value, str):
            record[name] = change(value)
        elif isinstance(value, dict):
            _texts(value, change)


def _decomposed(records: list[Record], document: Record, options: Options, memory: Any, shape: Shape) -> None:
    for record in records:
        data = record[shape.data] if shape.data else record
        _texts(data, lambda text: unicodedata.normalize("NFD", text))


def _nulls(records: list[Record], document: Record, options: Options, memory: Any, shape: Shape) -> None:
    for record in records:
        data = record[shape.data] if shape.data else record
        for name in [name for name, value in data.items() if value is None]:
            del data[name]


def _newer(records: list[Record], document: Record, options: Options, memory: Any, shape: Shape) -> None:
    for record in records:
        record[shape.version] += options.get("by", 10)


def _reordered(records: list[Record], document: Record, options: Options, memory: dict[str, Any], shape: Shape) -> Any:
    """The order changes between pages: the first record of a page is one of the page before, and nobody tells it."""
    former, memory["last"] = memory.get("last"), records[-1] if records else None
    return [former, *records[1:]] if former and records else None


def _endless(records: list[Record], document: Record, options: Options, memory: dict[str, Any], shape: Shape) -> Any:
    if records:
        memory["page"] = records
        return None
    return memory.get("page")


def _elsewhere(records: list[Record], document: Record, options: Options, memory: Any, shape: Shape) -> None:
    if shape.next:
        document["meta"]["next"] = "http://elsewhere.example/next"


def _turn(by: Callable[[int], int]) -> Any:
    def ask(asked: Asked, options: Options) -> None:
        asked.query["page"] = str(by(int(asked.query.get("page", "1"))))

    return ask


def _clamp(asked: Asked, options: Options) -> None:
    for name in ("size", "limit"):
        if name in asked.query:
            asked.query[name] = str(min(int(asked.query[name]), options.get("size", 10)))


def _other(asked: Asked, options: Options) -> None:
    for name in ("unit", "maTruong"):
        if name in asked.query:
            asked.query[name] = options["instead"]


def _error(answer: Answer, asked: Asked, options: Options, memory: Any) -> None:
    document = {"error": {"code": "maintenance"}}
    answer.tell({**answer.document, **document, SHAPES[asked.system].records or "users": []}
                if options.get("keeps_list") else document)  # fmt: skip


def _wrapped(answer: Answer, asked: Asked, options: Options, memory: Any) -> None:
    answer.tell({"data": answer.document})


def _abort(send: Send) -> None:
    # The wrapper is the outermost: what sends is the server's own cycle, which has the connection.
    cycle = send.__self__  # type: ignore[attr-defined]
    cycle.disconnected = True
    cycle.transport.abort()


async def _unreachable(answer: Answer, send: Send, options: Options) -> None:
    _abort(send)


async def _reset(answer: Answer, send: Send, options: Options) -> None:
    await send(answer.start())
    await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
    await asyncio.sleep(0.02)
    _abort(send)


async def _drip(answer: Answer, send: Send, options: Options) -> None:
    await send(answer.start())
    piece = options.get("piece", 64)
    for begin in range(0, len(answer.body), piece):
        await send({"type": "http.response.body", "body": answer.body[begin : begin + piece], "more_body": True})
        await asyncio.sleep(options.get("seconds", 0.05))
    await send({"type": "http.response.body", "body": b""})


def _set(value: Callable[[Options], Any]) -> Any:
    """Put a value into the victim's text of the option `field`."""

    def change(data: Record, options: Options) -> None:
        data[options.get("field", "hovaten")] = value(options)

    return _victim(change)


FAULTS |= {
    "unreachable": Kind("the connection ends without an answer", send=_unreachable),
    "reset": Kind("the connection is reset in the middle of an answer", send=_reset),
    "slow_drip": Kind("the answer comes in small pieces", send=_drip),
    "unauthorized": Kind("401", tell=_status(401, {"error": {"code": "unauthorized"}})),
    "forbidden": Kind("403", tell=_status(403, {"error": {"code": "forbidden"}})),
    "throttled": Kind("429, with the option retry_after", tell=_status(429, {"error": {"code": "slow down"}})),
    "error": Kind("500", tell=_status(500, {"error": {"code": "internal"}})),
    "login_page": Kind("an HTML login page with 200", tell=_login),
    "wrong_type": Kind("JSON that calls itself HTML", tell=_type),
    "gzip_bomb": Kind("little on the wire, `bytes` when it is unpacked", tell=_bomb),
    "huge_field": Kind("ten million characters in a field", tell=_set(lambda options: "x" * 10_000_000)),
    "deep_nesting": Kind("a field nested `levels` deep", tell=_victim(_deep)),
    "nul": Kind("a NUL in a text", tell=_set(lambda options: "Nguy\u0000n")),
    "surrogate": Kind("half a surrogate pair in a text", tell=_set(lambda options: "Nguy\ud800n")),
    "newer": Kind("every record in a version that is `by` higher", tell=_page(_newer)),
    "nfd": Kind("every text decomposed", tell=_page(_decomposed)),
    "empty": Kind("an empty list and a total of 0", tell=_empty),
    "page_repeated": Kind("each page after the first is the one before it", ask=_turn(lambda page: max(1, page - 1))),
    "page_missing": Kind("the second page never comes", ask=_turn(lambda page: page + (page > 1))),
    "endless": Kind("past the end the last page comes again", tell=_page(_endless)),
    "total_off": Kind("a total that is `delta` too high", tell=_total(lambda n, options: n + options.get("delta", 1))),
    "no_total": Kind("no total", tell=_total(lambda n, options: None)),
    "reordered": Kind("the order changes between two pages", tell=_page(_reordered)),
    "clamped": Kind("never more than `size` records a page", ask=_clamp),
    "filter_ignored": Kind("another unit's records: those of `instead`", ask=_other),
    "redirect": Kind("302 to the option `to`; without it to a metadata service", tell=_redirect),
    "next_elsewhere": Kind("the next page stands on another host", tell=_page(_elsewhere)),
    "skewed_clock": Kind("a Date that is `seconds` off", tell=_clock),
    "error_object": Kind("200 around an error; with `keeps_list` beside an empty list", tell=_error),
    "absent_nulls": Kind("keys without a value are left out", tell=_page(_nulls)),
    "wrapped": Kind("the page in a wrapper that nobody agreed on", tell=_wrapped),
}

"""What goes wrong between a system and its reader, switched by name while it is served.

POST /_control/faults -> Wire -> around the whole application, each request and answer of a system's path

A fault is on for a system (partner, hoaphuong, registry, portal, ims, oauth), and there for every or for one resource
(the path's last segment) and unit. Each has two options: `times`, how many requests it befalls (for ever), and `after`,
how many it spares first. Several at once work one inside the other, in the order of FAULTS. FAULTS itself says what
happens by each name, and its options: `describe()`.

What does not belong here: the faults (sockets.py, refusals.py, pages.py, readings.py, distort.py); faults of a vendor's
own records, which the vendor would not know of (faults.py).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edu_pipeline.sandbox import distort, pages, readings, refusals, sockets
from edu_pipeline.sandbox.exchange import Answer, Ask, Asked, Fault, Hit
from edu_pipeline.sandbox.line import Line
from edu_pipeline.sandbox.shapes import SHAPES

# From the outermost to the innermost.
FAULTS: dict[str, Fault] = {
    fault.name: fault for fault in (*sockets.FAULTS, *refusals.FAULTS, *pages.FAULTS, *readings.FAULTS, *distort.FAULTS)
}
_EVERY = {"times": None, "after": 0}


def describe() -> str:
    """The faults: name, options, what happens."""
    return "\n".join(f"{fault.name} {dict(fault.options) or ''}: {fault.says}" for fault in FAULTS.values())


@dataclass
class Switched:
    """A fault that is on: where, with what, how many requests it has seen, what it remembers."""

    fault: Fault
    system: str
    resource: str
    unit: str
    options: Mapping[str, Any]
    seen: int = 0
    memory: dict[Any, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.fault.name, self.system, self.resource, self.unit

    def befalls(self, system: str, asked: Asked) -> bool:
        """True for a request that it is on for, which is counted."""
        if system != self.system or self.resource not in ("", asked.resource):
            return False
        if self.unit and asked.query.get(SHAPES[system].unit) != self.unit:
            return False
        self.seen += 1
        times, after = self.options["times"], self.options["after"]
        return self.seen > after and (times is None or self.seen <= after + times)


@dataclass
class Wire:
    """What is on. `covered` are the schools that each system answers for, `now` is the time that answers say."""

    covered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    on: dict[tuple[str, str, str, str], Switched] = field(default_factory=dict)

    def switch(
        self, name: str, system: str = "", resource: str = "", unit: str = "", is_on: bool = True, **options: Any
    ) -> None:
        """Switch a fault; ValueError where it makes no sense. Off without a system: everywhere."""
        if name not in FAULTS:
            raise ValueError(f"no fault {name!r}; there are {', '.join(FAULTS)}")
        if is_on:
            made = Switched(FAULTS[name], system, resource, unit, _options(FAULTS[name], options))
            _check(made)
            self.on[made.key] = made
        else:
            keys = [key for key in self.on if key == (name, system, resource, unit) or (key[0] == name and not system)]
            for key in keys:
                del self.on[key]

    def clear(self) -> None:
        """Switch everything off."""
        self.on.clear()

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application as it is reached over this wire."""

        async def reached(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
            elif hits := self._befalling(scope):
                await self._distorted(app, hits, scope, receive, send)
            else:
                await app(scope, receive, partial(_dated, send, self._date()))

        return reached

    def _date(self) -> str:
        return format_datetime(self.now().astimezone(dt.UTC), usegmt=True)

    def _befalling(self, scope: Scope) -> list[Switched]:
        if not self.on:
            return []
        system = next((name for name, shape in SHAPES.items() if scope["path"].startswith(f"{shape.prefix}/")), "")
        asked = _asked(scope)
        found = [switched for switched in tuple(self.on.values()) if switched.befalls(system, asked)]
        order = list(FAULTS)
        return sorted(found, key=lambda switched: order.index(switched.fault.name))

    async def _distorted(self, app: ASGIApp, hits: list[Switched], scope: Scope, receive: Receive, send: Send) -> None:
        ask: Ask = partial(_plain, app, self._date())
        for switched in reversed(hits):
            ask = partial(self._befallen, switched, switched.seen - switched.options["after"], ask)
        answer = await ask(_asked(scope, await _body(receive)))
        answer.headers.setdefault("date", self._date())
        await answer.deliver(answer, Line(scope, receive, send))

    async def _befallen(self, switched: Switched, number: int, ask: Ask, asked: Asked) -> Answer:
        shape, covered = SHAPES[switched.system], self.covered.get(switched.system, ())
        return await switched.fault.act(Hit(asked, shape, switched.options, number, switched.memory, covered, ask))


def _check(made: Switched) -> None:
    """ValueError for a fault that makes no sense where it is to be."""
    name, system = made.fault.name, made.system
    if system not in made.fault.systems:
        raise ValueError(f"fault {name!r} has one of the systems {', '.join(sorted(made.fault.systems))}")
    shape = SHAPES[system]
    if made.unit and not shape.unit:
        raise ValueError(f"{system} is not asked by unit")
    if name == "rekeyed" and made.resource and made.resource not in shape.people:
        raise ValueError(f"{made.resource} of {system} are no people; those are {', '.join(sorted(shape.people))}")


def _options(fault: Fault, given: Mapping[str, Any]) -> dict[str, Any]:
    """All options; ValueError for one that the fault does not have, or of another type than its default."""
    known = {**_EVERY, **fault.options}
    if not isinstance(given.get("times", 1), int):
        raise ValueError("option 'times' is no whole number")
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"fault {fault.name!r} has no option {name!r}; it has {', '.join(known)}")
        kind = type(known[name])
        # A default of None takes anything; a whole number is a fraction too.
        if known[name] is not None and type(value) is not kind and (kind, type(value)) != (float, int):
            raise ValueError(f"option {name!r} of {fault.name!r} is no {kind.__name__}")
    return known | dict(given)


def _asked(scope: Scope, body: bytes = b"") -> Asked:
    return Asked(scope, dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)), body)


async def _body(receive: Receive) -> bytes:
    found, is_more = b"", True
    while is_more:
        message = await receive()
        found, is_more = found + message.get("body", b""), message.get("more_body", False)
    return found


async def _plain(app: ASGIApp, date: str, asked: Asked) -> Answer:
    """What the application itself answers."""
    answer = Answer(500)

    async def receive() -> Message:
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode("latin-1").lower(): value.decode("latin-1")
                              for name, value in message["headers"]}  # fmt: skip
            answer.headers.pop("content-length", None)  # told when it goes out, of what it then is
        else:
            answer.body += message.get("body", b"")

    # Routing writes into a scope, so each request has its own.
    await app({**asked.scope, "query_string": urlencode(asked.query).encode()}, receive, send)
    answer.headers["date"] = date
    return answer


async def _dated(send: Send, date: str, message: Message) -> None:
    """The server leaves the date to the wire, where its clock may be wrong."""
    if message["type"] == "http.response.start":
        message = {**message, "headers": [(b"date", date.encode()), *message.get("headers", [])]}
    await send(message)

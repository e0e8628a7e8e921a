"""What goes wrong between a vendor and its reader, by name, while the systems run.

POST /_control/faults -> Wire -> the request as asked, or otherwise; the answer as told, or distorted

What does not belong here: what a fault does to an answer (distort.py), wrong records of a vendor's own (faults.py). The
wrapper stands outside the application, because half of these faults are no answer that an application could give.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edu_pipeline.sandbox.distort import FAULTS, Answer, Asked

# The first step of a system's path.
SYSTEMS = ("partner", "hoaphuong", "registry", "portal", "ims", "oauth")
_UNIT = ("unit", "maTruong")


@dataclass
class Fault:
    """A fault that is on: for a system, and where they are named a resource and a unit alone."""

    name: str
    system: str
    resource: str = ""
    unit: str = ""
    times: int | None = None
    after: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)

    def befalls(self, asked: Asked) -> bool:
        """Whether it befalls a request; counts those that it is for."""
        if asked.system != self.system or (self.resource and asked.resource != self.resource):
            return False
        if self.unit and self.unit not in [asked.query.get(name) for name in _UNIT]:
            return False
        self.after -= 1
        if self.after >= 0 or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Wire:
    """The faults that are on, in the order in which they were switched on."""

    def __init__(self) -> None:
        self.on: list[Fault] = []
        # The time that the systems' answers say; the practice city has a clock of its own.
        self.now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)

    def switch(
        self,
        name: str,
        is_on: bool = True,
        system: str = "partner",
        resource: str = "",
        unit: str = "",
        times: int | None = None,
        after: int = 0,
        **options: Any,
    ) -> None:
        """Switch a fault; `times`: for so many requests, `after` so many. ValueError for an unknown name or system."""
        if name not in FAULTS:
            raise ValueError(f"no fault {name!r} of the wire; there are {', '.join(FAULTS)}")
        if system not in SYSTEMS:
            raise ValueError(f"no system {system!r}; there are {', '.join(SYSTEMS)}")
        if is_on:
            self.on.append(Fault(name, system, resource, unit, times, after, options))
        else:
            self.on = [f for f in self.on if (f.name, f.system, f.resource, f.unit) != (name, system, resource, unit)]

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The application behind this wire."""

        async def wired(scope: Scope, receive: Receive, send: Send) -> None:
            # Not left to the server: what it adds it would add to a wrong one too.
            date = format_datetime(self.now().astimezone(dt.UTC), usegmt=True)
            dated = _dated(send, date)
            asked = _asked(scope) if scope["type"] == "http" else None
            met = [(FAULTS[f.name], f) for f in self.on if asked and f.befalls(asked)]
            if asked is None or not met:
                await app(scope, receive, dated)
                return
            for kind, fault in met:
                if kind.ask:
                    kind.ask(asked, fault.options)
            answer = await _answered(app, {**scope, "query_string": urlencode(asked.query).encode()}, receive)
            answer.headers["date"] = date
            for kind, fault in met:
                if kind.tell:
                    kind.tell(answer, asked, fault.options, fault.memory)
            answer.headers.setdefault("date", date)
            sender = next((kind.send for kind, _ in met if kind.send), _told)
            await sender(answer, send, {name: value for _, f in met for name, value in f.options.items()})

        return wired


def _dated(send: Send, date: str) -> Send:
    async def with_date(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"date", date.encode())]}
        await send(message)

    return with_date


def _asked(scope: Scope) -> Asked:
    steps = scope["path"].strip("/").split("/")
    return Asked(steps[0], steps[-1], dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)))


async def _answered(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """What the application would have told."""
    parts: list[Message] = []

    async def keep(message: Message) -> None:
        parts.append(message)

    await app(scope, receive, keep)
    headers = {name.decode().lower(): value.decode() for name, value in parts[0]["headers"]}
    return Answer(parts[0]["status"], headers, b"".join(part.get("body", b"") for part in parts[1:]))


async def _told(answer: Answer, send: Send, options: dict[str, Any]) -> None:
    await send(answer.start())
    await send({"type": "http.response.body", "body": answer.body})

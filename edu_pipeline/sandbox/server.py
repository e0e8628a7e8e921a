"""One process on one loopback port that is all connected systems of the practice city.

City, clock, faults -> HTTP on 127.0.0.1

What does not belong here: what a system answers (its own module).
"""

import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from edu_pipeline.sandbox import (
    canvas,
    clock,
    hoaphuong,
    moodle,
    oneroster,
    oneroster11,
    partner,
    portal,
    registry,
    site,
    truth,
    zones,
)
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.confirmations import Shown
from edu_pipeline.sandbox.faults import Faults
from edu_pipeline.sandbox.line import Protocol
from edu_pipeline.sandbox.rosters import Lotus
from edu_pipeline.sandbox.wire import FAULTS, Wire


@dataclass
class Sandbox:
    """A city with its clock file and its faults: those of its vendors, and those of the wire to them.

    `announce` is told each day that the clock is moved to.
    """

    city: City
    clock_path: Path
    faults: Faults = field(default_factory=Faults)
    announce: Callable[[dt.date], None] = lambda day: None
    # What the vendor by the partner contract has been told, by resource and record id.
    replies: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    # Plans that its heads have been shown, and said yes to.
    shown: Shown = field(default_factory=Shown)
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        schools = [unit for unit in self.city.units if unit.grades]
        self.wire = Wire({
            "partner": tuple(unit.code for unit in schools if "saomai" in (unit.system, unit.before)),
            "hoaphuong": tuple(unit.code for unit in schools if unit.system == "hoaphuong"),
            "portal": tuple(unit.code for unit in schools),
        }, lambda: clock.now(self.clock_path))  # fmt: skip

    def app(self) -> Starlette:
        """All systems under one roof, with the controls that only exist here."""

        def today():  # type: ignore[no-untyped-def]
            return clock.read(self.clock_path)

        lotus, learning = Lotus(self.city), self.city.learning
        rostering, token = oneroster.app(lotus, today)
        return Starlette(
            routes=[
                Mount("/partner/v0", partner.app(self.city, self.faults, today, self.replies, self.shown)),
                Mount("/hoaphuong/api/v2", hoaphuong.app(self.city, today)),
                Mount("/registry/v0", registry.app(self.city, today)),
                Mount("/portal/v1", portal.app(self.city, today)),
                Mount("/ims/oneroster/rostering/v1p2", rostering),
                Mount("/ims/oneroster/v1p1", oneroster11.app(lotus, today)),
                Mount("/oauth", token),
                *(
                    Mount("/moodle/webservice/rest", moodle.app(self.city, today, unit))
                    for unit in learning.get("moodle", ())
                ),
                *(
                    Mount("/canvas/api/v1", canvas.app(self.city, today, learning[product]))
                    for product in learning
                    if product == "canvas"
                ),
                Route("/_control/clock", self._clock, methods=["GET", "POST"]),
                Route("/_control/faults", self._faults, methods=["GET", "POST"]),
                Route("/_control/confirmations", self._confirmations, methods=["GET", "POST"]),
            ]
        )

    async def _clock(self, request: Request) -> Response:
        def move(said: dict[str, Any]) -> None:
            self.announce(clock.move(self.clock_path, said["to"]))

        refused = await _obeyed(request, move)
        return refused or JSONResponse({"date": clock.read(self.clock_path).isoformat()})

    async def _confirmations(self, request: Request) -> Response:
        def show(said: dict[str, Any]) -> None:
            unit = self.city.unit(said["unit"])
            self.shown.show(unit.code, int(said["school_year"]), str(said["hash"]), clock.read(self.clock_path))

        refused = await _obeyed(request, show)
        told = [{"unit": unit, "school_year": year, "hash": plan, "on": day.isoformat()}
                for (unit, year), plans in self.shown.plans.items() for plan, day in plans.items()]  # fmt: skip
        return refused or JSONResponse({"plans": told})

    async def _faults(self, request: Request) -> Response:
        def switch(said: dict[str, Any]) -> None:
            name, is_on = said.pop("name"), said.pop("on", True)
            if name in FAULTS:
                self.wire.switch(name, is_on=is_on, **said)
            else:
                self.faults.switch(name, said.pop("unit", ""), is_on, **said)

        refused = await _obeyed(request, switch)
        told: dict[str, Any] = {"on": [list(key) for key in self.faults.on]}
        if self.wire.on:
            told["wire"] = [list(key) for key in self.wire.on]
        return refused or JSONResponse(told)


async def _obeyed(request: Request, control: Callable[[dict[str, Any]], None]) -> Response | None:
    """Let a control do what a POST says. An order that makes no sense changes nothing and is answered with 400."""
    if request.method == "POST":
        try:
            control(await request.json())
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": {"code": "bad_request", "message": str(error)}}, 400)
    return None


def listening(port: int = 0) -> socket.socket:
    """A loopback socket that listens, on a free port for 0. It is held: one that was only found is soon another's."""
    return socket.create_server(("127.0.0.1", port), backlog=2048)


def server(sandbox: Sandbox) -> uvicorn.Server:
    """A server that has not started yet: give `run` the socket that it is to listen on."""
    app = sandbox.wire.around(sandbox.app())
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    # The wire needs the transport, and the Date header to itself.
    config.http, config.date_header = Protocol, False
    return uvicorn.Server(config)


def serve(bound: socket.socket, folder: Path, size: str = "small", students: int = 100_000) -> None:
    """Serve until stopped. The folder becomes the practice city's site (with its clock); truth.json lies beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    city = zones.city(size, students)
    if size in ("small", "town"):
        truth.write(city, folder.parent / "truth.json")
    if not (folder / "clock").exists():
        clock.move(folder / "clock", "year_end")

    def announce(day: dt.date) -> None:
        # The Department's part: a unit that has changed its vendor stands under the new one from that day.
        site.write(folder, city, address(bound), day)

    announce(clock.read(folder / "clock"))
    server(Sandbox(city, folder / "clock", announce=announce)).run([bound])


def address(bound: socket.socket) -> str:
    """The base URL of whoever listens there."""
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def running(sandbox: Sandbox) -> Iterator[str]:
    """Serve in a thread on a free port while the block runs; yields the base URL."""
    bound, made = listening(), server(sandbox)
    thread = threading.Thread(target=made.run, args=([bound],), daemon=True)
    thread.start()
    while not made.started and thread.is_alive():
        time.sleep(0.02)
    try:
        yield address(bound)
    finally:
        made.should_exit = True
        thread.join(timeout=5)

"""A practice learning-management system, served over HTTP while a test asks it.

Starlette application, a clock that a test may move -> Served: requests and their answers

What does not belong here: any assertion, and anything of the pipeline's connectors.
"""

import datetime as dt
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from edu_pipeline.sandbox.server import address, listening

# A day on which every slip stands; one on which what can be mended is mended; one in the year before.
TANGLED, MENDED, BEFORE = dt.date(2024, 9, 20), dt.date(2024, 10, 15), dt.date(2024, 5, 31)
UNITS = ("79770926", "79765403")


@dataclass
class Day:
    """A business clock."""

    on: dt.date = TANGLED

    def __call__(self) -> dt.date:
        return self.on


@dataclass(frozen=True)
class Served:
    """What listens, and how it is asked."""

    url: str
    session: requests.Session = field(repr=False)

    def get(self, path: str, params: Any = None, headers: dict[str, str] | None = None) -> requests.Response:
        where = path if path.startswith("http") else self.url + path
        return self.session.get(where, params=params, headers=headers, timeout=10)

    def post(self, path: str, form: Any, params: Any = None) -> requests.Response:
        return self.session.post(self.url + path, data=form, params=params, timeout=10)


@contextmanager
def serving(base: str, app: Starlette) -> Iterator[Served]:
    """Serve an application below a path while the block runs."""
    bound = listening()
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[Mount(base, app)]), log_level="warning"))
    thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    with requests.Session() as session:
        session.trust_env = False
        try:
            yield Served(address(bound) + base, session)
        finally:
            server.should_exit = True
            thread.join(timeout=5)

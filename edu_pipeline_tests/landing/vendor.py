"""A vendor in miniature: answers that a test scripts, on a real socket, and what it was asked.

script -> HTTP on 127.0.0.1 -> requests kept
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from edu_pipeline.sources.site import Connection
from edu_pipeline.sources.system import System, systems

OWNER = {"name": "A vendor", "contact": "vendor@example.edu.vn"}


@dataclass
class Vendor:
    """Answers in order, the last one for ever: (status, body) or (status, body, headers). None hangs up.

    A body that is a list of pieces trickles, a tenth of a second between two; one that ends in None breaks off.
    """

    script: list[tuple[Any, ...] | None] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    base_url: str = ""
    pieces: int = 0

    def connection(self, system: str | System = "partner") -> Connection:
        """A connection of a kind of system, by default of the partner contract, that asks this vendor."""
        kind = systems()[system] if isinstance(system, str) else system
        auth = {name: f"MINI_{name.upper()}" for name in kind.credentials}
        return Connection.model_validate(
            {"id": "mini", "system": kind.system, "base_url": self.base_url, "auth": auth, "owner": OWNER},
            context={"systems": {kind.system: kind}},
        )


@contextmanager
def serving() -> Iterator[Vendor]:
    """Serve while the block runs."""
    vendor = Vendor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def do_GET(self) -> None:
            vendor.asked.append((self.path, dict(self.headers)))
            answer = vendor.script.pop(0) if len(vendor.script) > 1 else vendor.script[0]
            if answer is None:
                self.close_connection = True
                return
            status, body, *more = answer
            said = body if isinstance(body, bytes | list) else json.dumps(body).encode() if status != 204 else b""
            pieces = said if isinstance(said, list) else [said]
            self.send_response(status)
            for name, value in (more[0] if more else {"Content-Type": "application/json"}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(sum(len(piece or b"more") for piece in pieces)))
            self.end_headers()
            for number, piece in enumerate(pieces):
                if piece is None:
                    self.close_connection = True
                    return
                if number:
                    time.sleep(0.1)
                self.wfile.write(piece)
                vendor.pieces += 1

        def log_message(self, *said: Any) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    vendor.base_url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

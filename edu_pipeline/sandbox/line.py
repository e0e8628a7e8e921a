"""The connection on which an answer goes out, down to its socket.

uvicorn's transport -> Line: headers, pieces of a body, an end, or none: hang up, reset

What does not belong here: which answer breaks off, and where (sockets.py).
"""

import asyncio
import socket
import struct
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

_TRANSPORT = "edu.transport"
_FLUSH_SECONDS = 0.02


class Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's protocol, which lets the application reach the transport: ASGI itself knows no way to hang up."""

    app: ASGIApp

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        app = self.app

        async def reaching(scope: Scope, receive: Receive, send: Send) -> None:
            extensions = {**scope.get("extensions", {}), _TRANSPORT: transport}
            await app({**scope, "extensions": extensions}, receive, send)

        self.app = reaching


class Line:
    """One answer's way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._scope = scope

    @property
    def _transport(self) -> Any:
        try:
            return self._scope["extensions"][_TRANSPORT]
        except KeyError:
            raise RuntimeError("this fault needs the server's own protocol: run it through server.server") from None

    async def start(self, status: int, headers: dict[str, str]) -> None:
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})

    async def write(self, piece: bytes, is_last: bool = False) -> None:
        await self._send({"type": "http.response.body", "body": piece, "more_body": not is_last})

    @property
    def is_open(self) -> bool:
        """False once the reader has gone."""
        return not self._transport.is_closing()

    async def raw(self, piece: bytes) -> None:
        """Put bytes on the wire past HTTP's rules."""
        self._transport.write(piece)
        await self.flush()

    async def flush(self) -> None:
        """Let what was written leave before something worse happens to the connection."""
        await asyncio.sleep(_FLUSH_SECONDS)

    async def hang_up(self) -> None:
        """Close: the reader sees the end of the stream."""
        self._transport.close()
        await self._gone()

    async def reset(self) -> None:
        """Close with RST: to linger for no time at all is how a socket says it."""
        self._transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self._transport.abort()
        await self._gone()

    async def _gone(self) -> None:
        # The server is told that nobody is there any more; else it would log an answer without an end as an error.
        while (await self._receive())["type"] != "http.disconnect":
            pass

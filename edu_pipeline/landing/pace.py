"""Turns at a server: so many requests at a time and so many a second, however many connections share it.

Limits -> Pace -> a turn for each request

What does not belong here: waiting after an error (the client's tries). Libraries that cap a rate know no parallel
turns, and ours have to be one decision: a request that waits for its second must not hold up another server's.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

from edu_pipeline.sources.site import Connection, Limits


class Pace:
    """Turns at one server, or of one connection. Thread-safe."""

    def __init__(self, limits: Limits, sleep: Callable[[float], None] = time.sleep) -> None:
        self._turns = threading.BoundedSemaphore(limits.parallel)
        self._gap = 1 / limits.requests_per_second
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it while the block runs."""
        with self._turns:
            with self._lock:
                now = time.monotonic()
                at = max(now, self._next)
                self._next = at + self._gap
            if at > now:
                self._sleep(at - now)
            yield


class Paces:
    """The turns of a run: its connections', and those of the servers that several of them share."""

    def __init__(self, connections: Iterable[Connection], hosts: dict[str, Limits]) -> None:
        chosen = list(connections)
        self._own = {connection.id: Pace(connection.limits) for connection in chosen}
        sharing: dict[str, list[Limits]] = {}
        for connection in chosen:
            for host in connection.hosts:
                sharing.setdefault(host, []).append(connection.limits)
        # Where the site says nothing of a shared server, all together ask what one alone may.
        self._hosts = {
            host: Pace(hosts.get(host) or Limits(
                requests_per_second=max(said.requests_per_second for said in limits),
                parallel=max(said.parallel for said in limits),
            ))
            for host, limits in sharing.items()
        }  # fmt: skip

    @contextmanager
    def turn(self, connection: Connection) -> Iterator[None]:
        """A turn of the connection at its servers."""
        with ExitStack() as turns:
            turns.enter_context(self._own[connection.id].turn())
            for host in connection.hosts:
                turns.enter_context(self._hosts[host].turn())
            yield

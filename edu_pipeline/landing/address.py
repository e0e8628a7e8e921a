"""Which servers a session may talk to, and at which addresses: those of its connection, resolved once, and no others.

Connection -> resolve -> adapters mounted on a session

What does not belong here: what is asked (client.py). An address is configuration, and configuration can be wrong or
meant badly: a name that leads to this machine or to a cloud's metadata service is refused whatever it is called.
"""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from edu_pipeline.landing.errors import Refused, Unreachable
from edu_pipeline.sources.address import LOOPBACK
from edu_pipeline.sources.site import Connection

PLACE = "its address"
# Metadata services that do not live on a link-local address.
_METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")))


class Elsewhere(requests.RequestException):
    """A request, redirect or link to a server that the connection does not name. Nothing was sent."""


class Closed(HTTPAdapter):
    """What every address that is not mounted leads to."""

    def send(self, request: requests.PreparedRequest, *rest: Any, **options: Any) -> requests.Response:
        raise Elsewhere("not a server of this connection")


class Pinned(HTTPAdapter):
    """Talks to one server at one address, by the server's name: its certificate has to be that name's."""

    def __init__(self, origin: str, address: str, retries: Retry) -> None:
        self._name = urlsplit(origin)
        host = f"[{address}]" if ":" in address else address
        self._netloc = f"{host}:{self._name.port}" if self._name.port else host
        super().__init__(max_retries=retries)

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        if self._name.scheme == "https":
            options |= {"server_hostname": self._name.hostname, "assert_hostname": self._name.hostname}
        super().init_poolmanager(*sizes, **options)

    def send(self, request: requests.PreparedRequest, *rest: Any, **options: Any) -> requests.Response:
        assert request.url is not None
        request.headers["Host"] = self._name.netloc
        request.url = urlunsplit(urlsplit(request.url)._replace(netloc=self._netloc))
        return super().send(request, *rest, **options)


def confine(session: requests.Session, connection: Connection, retries: Retry) -> None:
    """Mount the connection's servers on the session, and nothing else. Raises Unreachable, Refused."""
    # Nothing of the machine's environment: no proxy, no .netrc, no other certificates.
    session.trust_env = False
    session.max_redirects = 0
    session.mount("http://", Closed())
    session.mount("https://", Closed())
    for origin in connection.origins:
        session.mount(f"{origin}/", Pinned(origin, resolve(connection.id, origin), retries))


def resolve(connection_id: str, origin: str) -> str:
    """The address of a server: the first that may be talked to. Raises Unreachable, Refused."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    except OSError:
        remedy = "check the name in connections.yaml, and this machine's name service"
        raise Unreachable(connection_id, PLACE, f"no server is called {host}", remedy) from None
    for address in _allowed([str(info[4][0]) for info in found], is_loopback=host in LOOPBACK):
        return address
    remedy = "write the system's own server in connections.yaml"
    raise Refused(connection_id, PLACE, f"{host} leads to this machine or to a metadata service", remedy)


def _allowed(addresses: list[str], is_loopback: bool) -> Iterator[str]:
    """Public and private addresses (the data axis is a private network); loopback only where it is called so."""
    for said in addresses:
        address = ipaddress.ip_address(said.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if address.is_loopback:
            if is_loopback:
                yield said
        elif not (
            address.is_link_local or address.is_unspecified or address.is_multicast or address.is_reserved
            or address in _METADATA
        ):  # fmt: skip
            yield said

"""HTTP to one connection: credentials, timeouts, bounded tries, and one JSON document an answer.

Connection, secrets -> Client.get(path, params) -> Answer; Client.send(path, document)

What does not belong here: which servers (address.py), pages (paging.py) and records (pull.py). Source of the retry
rules: peers.md lesson 9.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth1Session, OAuth2Session
from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError
from urllib3.util.retry import Retry

from edu_pipeline.landing.address import Elsewhere, confine
from edu_pipeline.landing.document import parse
from edu_pipeline.landing.errors import Absent, Expired, Malformed, Refused, Unauthorized, Unreachable
from edu_pipeline.landing.pace import Paces
from edu_pipeline.landing.signature import signing
from edu_pipeline.sources.site import Connection

# Seconds: to connect, between two bytes, and for a whole answer, because a trickle passes every other limit.
CONNECT_SECONDS, READ_SECONDS, ANSWER_SECONDS = 5, 60, 300
MAX_BYTES = 64 * 1024 * 1024
_PIECE = 64 * 1024
_RETRY = Retry(
    total=4,
    backoff_factor=0.3,
    backoff_jitter=0.2,
    backoff_max=10,
    # What a server says of itself may pass; of the other 4xx none does, and 501 and 505 are what it cannot do at all.
    status_forcelist=(408, 429, *(status for status in range(500, 600) if status not in (501, 505))),
    # The only POSTs are the one for a token, and replies: said twice they say the same.
    allowed_methods=("GET", "POST"),
    respect_retry_after_header=True,
    # A vendor that asks for an hour is asked again the next night: others wait for the thread.
    retry_after_max=60,
    raise_on_status=False,
)

# What is done: whoever is told something may say so in several ways.
_GOOD = {"GET": (200,), "POST": (200, 201, 202, 204)}

# Whose 401 may pass: a token that ended before its time, or a nonce that the adapter's own second try used again.
_RENEWED = (OAuth1Session, OAuth2Session)


# Of a question: several values of one parameter are asked for together.
Params = Mapping[str, str | int | tuple[str, ...]]


@dataclass(frozen=True)
class Answer:
    """One page as received: its bytes, its JSON, its headers."""

    body: bytes
    document: Any
    headers: Mapping[str, str]


class Client:
    """A session with one connected system. Not thread-safe: one per pulling thread.

    `paces` are the run's turns at its servers; without them nobody else asks.
    """

    def __init__(self, connection: Connection, secret: Callable[[str], str], paces: Paces | None = None) -> None:
        self.connection = connection
        self._paces = paces or Paces([connection], {})
        # Credentials that go as parameters.
        self._own: dict[str, str] = {}
        self._session = self._open(connection, secret)
        confine(self._session, connection, _RETRY)

    def _open(self, connection: Connection, secret: Callable[[str], str]) -> requests.Session:
        kind, auth = connection.kind, connection.auth
        if kind.auth == "oauth2":
            return OAuth2Session(
                secret(auth["client_id"]),
                secret(auth["client_secret"]),
                token_endpoint=auth["token_url"],
                grant_type="client_credentials",
                scope=kind.token_scope,
            )
        if kind.auth == "oauth1":
            return signing(secret(auth["consumer_key"]), secret(auth["consumer_secret"]))
        session = requests.Session()
        if kind.auth == "basic":
            session.auth = (secret(auth["username"]), secret(auth["password"]))
        elif kind.auth == "bearer":
            session.headers["Authorization"] = f"Bearer {secret(auth['token'])}"
        for name, header in kind.auth_headers.items():
            session.headers[header] = secret(auth[name])
        self._own = {param: secret(auth[name]) for name, param in kind.auth_params.items()}
        return session

    def get(self, path: str, params: Params, place: str) -> Answer:
        """GET one document, of a path below the base address, or at an address that the system itself has named.

        `place` (resource and unit) goes into errors. Raises Unreachable, Refused, Malformed.
        """
        name = self.connection.id
        body, headers = self._tried("GET", path, params, None, place)
        try:
            document = parse(body)
        except ValueError:
            kind = headers.get("Content-Type", "no content type")
            raise Malformed(name, place, f"not JSON ({kind})", "is this the API's address, or a login page?") from None
        return Answer(body, document, headers)

    def send(self, path: str, document: Any, place: str) -> None:
        """POST one document to a path below the base address; what is answered to it is not looked at.

        It may arrive twice, where an answer breaks off. Raises Unreachable, Refused.
        """
        self._tried("POST", path, {}, document, place)

    def _tried(
        self, method: str, path: str, params: Params, document: Any, place: str
    ) -> tuple[bytes, Mapping[str, str]]:
        name, tries, is_renewed = self.connection.id, _RETRY, False
        while True:
            try:
                return self._ask(method, path, params, document, place)
            except _BrokenOff as error:
                # Up to its headers the adapter tries an answer again; one that breaks off later is ours to try. Each
                # question stands for itself: nothing of the broken answer is kept.
                try:
                    tries = tries.increment(method, path, error=ProtocolError())
                except MaxRetryError:
                    raise self._unreachable(place, f"an answer broke off ({error})") from None
                tries.sleep()
            except _TokenRefused as error:
                # Asked anew once, with a new token or signature. A key that is refused stays refused.
                if is_renewed:
                    raise error.told from None
                is_renewed = True
                self._renew()
            except Elsewhere:
                remedy = "a system answers from its own server: ask the vendor why it sends us elsewhere"
                raise Refused(name, place, "sent to another server", remedy) from None
            except requests.TooManyRedirects:
                raise Refused(name, place, "a redirect", "write the address that answers itself") from None
            except requests.RequestException as error:
                raise self._unreachable(place, f"no whole answer ({type(error).__name__})") from None

    def _unreachable(self, place: str, cause: str) -> Unreachable:
        return Unreachable(self.connection.id, place, cause, "is the system up? The next night tries again")

    def _ask(
        self, method: str, path: str, params: Params, document: Any, place: str
    ) -> tuple[bytes, Mapping[str, str]]:
        self._authorize(place)
        with (
            self._paces.turn(self.connection),
            self._session.request(
                method,
                path if "://" in path else f"{self.connection.base_url}/{path}",
                params={**params, **self._own},
                json=document,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                headers={"Accept": "application/json"},
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            self._check(response, _GOOD[method], place)
            return self._body(response, place), response.headers

    def _body(self, response: requests.Response, place: str) -> bytes:
        """The answer's bytes, never more of them in memory than a page may have, and never for longer than it may."""
        name, found, ends = self.connection.id, bytearray(), time.monotonic() + ANSWER_SECONDS
        for piece in _pieces(response):
            found += piece
            if len(found) > MAX_BYTES:
                raise Malformed(name, place, f"a page of over {MAX_BYTES} bytes", "ask the vendor for smaller pages")
            if time.monotonic() > ends:
                remedy = "ask the vendor why it is slow, or for smaller pages"
                raise Unreachable(name, place, f"an answer of over {ANSWER_SECONDS} seconds", remedy)
        return bytes(found)

    def _renew(self) -> None:
        if isinstance(self._session, OAuth2Session):
            self._session.token = None

    def _authorize(self, place: str) -> None:
        if not isinstance(self._session, OAuth2Session):
            return
        token = self._session.token
        if not token or token.is_expired(leeway=30):
            try:
                self._session.fetch_token(timeout=(CONNECT_SECONDS, READ_SECONDS))
            except requests.RequestException:
                raise
            except Exception as error:  # authlib raises its own tree, whose texts may quote the request
                kind = type(error).__name__
                said = Unauthorized(self.connection.id, place, f"no token ({kind})", "check client id and secret")
                raise said from None

    def _check(self, response: requests.Response, good: tuple[int, ...], place: str) -> None:
        status, name = response.status_code, self.connection.id
        if status in good:
            return
        if status in (401, 403):
            kind = Unauthorized if status == 401 else Refused
            said = kind(name, place, f"HTTP {status}", "renew the credentials, or ask for the scope of this unit")
            raise _TokenRefused(said) if status == 401 and isinstance(self._session, _RENEWED) else said
        if status == 410:
            remedy = "the next night reads it again from its first page; ask the vendor how long a cursor lives"
            raise Expired(name, place, "HTTP 410: no longer served", remedy)
        if status in (408, 429) or status >= 500:
            tried = " after all tries" if _RETRY.is_retry("GET", status) else ""
            raise Unreachable(name, place, f"HTTP {status}{tried}", "ask the vendor; the next night tries again")
        kind = Absent if status == 404 else Refused
        raise kind(name, place, f"HTTP {status}", "check address, resource and parameters against the contract")


class Clients:
    """Clients of one connection, each for one reading at a time; they are kept, with their tokens and addresses."""

    def __init__(self, connection: Connection, secret: Callable[[str], str], paces: Paces | None = None) -> None:
        self.connection = connection
        self._made = partial(Client, connection, secret, paces or Paces([connection], {}))
        self._idle: list[Client] = []

    @contextmanager
    def one(self) -> Iterator[Client]:
        """A client that nobody else has while the block runs. Raises what opening one raises."""
        try:
            client = self._idle.pop()
        except IndexError:
            client = self._made()
        yield client
        self._idle.append(client)


class _TokenRefused(Exception):
    """401 to a token or a signature; holds what to say if a new one is refused too."""

    def __init__(self, told: Refused) -> None:
        super().__init__(str(told))
        self.told = told


class _BrokenOff(Exception):
    """The connection was lost in the middle of an answer; says by which kind of error, whose own text quotes it."""


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """What has come, as it comes: requests' own iterator waits until a piece is full, and a trickle never fills one."""
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            yield piece
    except HTTPError as error:
        raise _BrokenOff(type(error).__name__) from None

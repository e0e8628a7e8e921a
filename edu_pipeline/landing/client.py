"""HTTP to one connection: credentials, timeouts, tries, and one JSON document an answer.

Connection, secrets -> Client.get(path, params) -> Answer

What does not belong here: pages (paging.py) and records (pull.py). Source of the retry rules: peers.md lesson 9.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import requests
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from edu_pipeline.landing.errors import Expired, Malformed, Refused, Unreachable
from edu_pipeline.sources.site import Connection

CONNECT_SECONDS, READ_SECONDS = 5, 60
MAX_BYTES = 64 * 1024 * 1024
_RETRY = Retry(
    total=4,
    backoff_factor=0.3,
    backoff_jitter=0.2,
    backoff_max=10,
    status_forcelist=(408, 429, 500, 502, 503, 504),
    allowed_methods=("GET",),
    respect_retry_after_header=True,
    raise_on_status=False,
)


@dataclass(frozen=True)
class Answer:
    """One page as received: its bytes, its JSON, its headers."""

    body: bytes
    document: Any
    headers: Mapping[str, str]


class Client:
    """A session with one connected system. Not thread-safe: one per pulling thread."""

    def __init__(self, connection: Connection, secret: Callable[[str], str]) -> None:
        self.connection = connection
        self._session = self._open(connection, secret)
        self._session.mount("http://", HTTPAdapter(max_retries=_RETRY))
        self._session.mount("https://", HTTPAdapter(max_retries=_RETRY))
        self._expires: dt.datetime | None = None

    @staticmethod
    def _open(connection: Connection, secret: Callable[[str], str]) -> requests.Session:
        if connection.kind.auth == "oauth2":
            auth = connection.auth
            return OAuth2Session(
                secret(auth["client_id"]),
                secret(auth["client_secret"]),
                token_endpoint=auth["token_url"],
                grant_type="client_credentials",
                scope="https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly",
            )
        session = requests.Session()
        if connection.kind.auth == "api_key":
            for name, header in connection.kind.auth_headers.items():
                session.headers[header] = secret(connection.auth[name])
        else:
            session.headers["Authorization"] = f"Bearer {secret(connection.auth['token'])}"
        return session

    def get(self, path: str, params: Mapping[str, str | int], place: str) -> Answer:
        """GET one document. `place` (resource and unit) goes into errors. Raises Unreachable, Refused, Malformed."""
        name = self.connection.id
        try:
            self._authorize(place)
            response = self._session.get(
                f"{self.connection.base_url}/{path}",
                params=dict(params),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                headers={"Accept": "application/json"},
                allow_redirects=False,
            )
        except requests.RequestException as error:
            kind = type(error).__name__
            raise Unreachable(
                name, place, f"no whole answer ({kind})", "is the system up? The next night tries again"
            ) from None
        self._check(response, place)
        if len(response.content) > MAX_BYTES:
            raise Malformed(name, place, f"a page of over {MAX_BYTES} bytes", "ask the vendor for smaller pages")
        try:
            document = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            kind = response.headers.get("Content-Type", "no content type")
            raise Malformed(name, place, f"not JSON ({kind})", "is this the API's address, or a login page?") from None
        return Answer(response.content, document, response.headers)

    def _authorize(self, place: str) -> None:
        if not isinstance(self._session, OAuth2Session):
            return
        token = self._session.token
        if not token or token.is_expired(leeway=30):
            try:
                self._session.fetch_token()
            except requests.RequestException:
                raise
            except Exception as error:  # authlib raises its own tree, whose texts may quote the request
                kind = type(error).__name__
                raise Refused(self.connection.id, place, f"no token ({kind})", "check client id and secret") from None

    def _check(self, response: requests.Response, place: str) -> None:
        status, name = response.status_code, self.connection.id
        if status == 200:
            return
        if status in (401, 403):
            raise Refused(name, place, f"HTTP {status}", "renew the credentials, or ask for the scope of this unit")
        if status == 410:
            remedy = "the next night reads it again from its first page; ask the vendor how long a cursor lives"
            raise Expired(name, place, "HTTP 410: no longer served", remedy)
        if status in (408, 429) or status >= 500:
            raise Unreachable(
                name, place, f"HTTP {status} after all tries", "ask the vendor; the next night tries again"
            )
        raise Refused(name, place, f"HTTP {status}", "check address, resource and parameters against the contract")

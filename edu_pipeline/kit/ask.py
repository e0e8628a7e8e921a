"""Asking a vendor: one question, one reading of all its pages.

address, token, parameters -> Answer; resource -> Reading

What does not belong here: what is right (rules.py). Nothing is sent but GET.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SECONDS, MAX_PAGES = 60, 10_000
# How a reading breaks of a resource that there is not.
ABSENT = "HTTP 404 on page 1"
Params = Mapping[str, str | int | None]


class NoAnswer(RuntimeError):
    """Nobody answers at the address."""


@dataclass(frozen=True)
class Answer:
    """A status, its headers, and its JSON (None: it is none)."""

    status: int
    headers: Mapping[str, str]
    document: Any


@dataclass
class Reading:
    """All pages of a resource: their records, the totals and snapshots that they said, and how it ended."""

    records: list[dict[str, Any]] = field(default_factory=list)
    pages: list[Answer] = field(default_factory=list)
    totals: list[Any] = field(default_factory=list)
    snapshots: list[Any] = field(default_factory=list)
    broke: str | None = None


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer: the token goes nowhere else."""

    def redirect_request(self, *said: Any) -> None:
        return None


@dataclass
class Vendor:
    """A vendor's interface, asked for one unit, school year and term."""

    url: str
    token: str
    scope: dict[str, str | int]

    def get(self, resource: str, params: Params | None = None, token: str | None = None) -> Answer:
        """GET one page; a parameter that is None is left out. NoAnswer if nobody answers."""
        said = {k: v for k, v in ({"page": 1, "size": 1000} | self.scope | dict(params or {})).items() if v is not None}
        request = urllib.request.Request(
            f"{self.url.rstrip('/')}/{resource}?{urllib.parse.urlencode(said)}",
            headers={"Authorization": f"Bearer {self.token if token is None else token}", "Accept": "application/json"},
        )
        try:
            with urllib.request.build_opener(_Stay).open(request, timeout=SECONDS) as got:
                return _answer(got.status, got.headers, got.read())
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error.headers, error.read())
        except (OSError, ValueError) as error:
            raise NoAnswer(f"{type(error).__name__}: is the address right, is the system up?") from None

    def read(self, resource: str, params: Params | None = None, size: int = 1000) -> Reading:
        """Read a resource to its end, as the sector database does."""
        found, snapshot = Reading(), None
        for page in range(1, MAX_PAGES + 1):
            answer = self.get(resource, {**(params or {}), "page": page, "size": size, "snapshot": snapshot})
            found.pages.append(answer)
            said = answer.document if isinstance(answer.document, dict) else {}
            records = said.get("records")
            if answer.status != 200 or not isinstance(records, list):
                found.broke = f"HTTP {answer.status} on page {page}" if answer.status != 200 else f"page {page} is none"
                return found
            found.totals.append(said.get("total"))
            found.snapshots.append(said.get("snapshot"))
            found.records += [record for record in records if isinstance(record, dict)]
            snapshot = said.get("snapshot")
            if not records or len(found.records) >= (said.get("total") or 0):
                return found
        found.broke = f"more than {MAX_PAGES} pages"
        return found


def _answer(status: int, headers: Any, body: bytes) -> Answer:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    return Answer(status, headers, document)

"""Plain readers of the served systems, who see what comes over the wire and believe none of it.

Practice -> Reader of one resource and unit of a system: an answer, a reading page by page, the bytes of a socket

What does not belong here: anything of the pipeline's own client, and any judgment of an answer.
"""

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from edu_pipeline.sandbox import hoaphuong, oneroster, partner, portal, registry
from edu_pipeline_tests.sandbox.practice import ROOT, SCOPE, Practice, Record, ask_token

MOST_PAGES = 9
# A unit of each system that is asked by unit, with records for several small pages, and another one.
UNITS = {"partner": ("79770302", "79760301"), "hoaphuong": ("79764402", "79764401"),
         "portal": ("79764501", "79765503")}  # fmt: skip
# Tokens of snapshots, cursors and logins: new ones each time, always as long.
_TOKENS = re.compile(rb's-[0-9a-f]{12}|[0-9a-f]{16}(?=[.])|(?<="access_token":")[^"]*')


@dataclass
class Reader:
    """A reader of one resource of a system, of one unit where the system is asked by unit."""

    practice: Practice = field(repr=False)
    system: str
    path: str
    query: dict[str, Any]
    headers: dict[str, str] = field(repr=False)
    size: tuple[str, int]
    lies: str  # where the records lie
    content: str = ""
    key: str = ""
    unit: tuple[str, str] = ("", "")

    @property
    def resource(self) -> str:
        return self.path.rpartition("/")[2]

    def of(self, **changes: Any) -> "Reader":
        return replace(self, **changes)

    def switch(self, name: str, on: bool = True, **options: Any) -> None:
        """Switch a wire fault for what this reader reads."""
        where = {"system": self.system, "resource": self.resource}
        self.practice.fault(name, self.unit[1], on, **where, **options)

    def _asked(self) -> dict[str, Any]:
        name, unit = self.unit
        return {**self.query, **({name: unit} if name else {}), self.size[0]: self.size[1]}

    def ask(self, **query: Any) -> requests.Response:
        """One request, which follows no redirect and unpacks nothing."""
        if self.system == "oauth":
            return ask_token(self.practice, oneroster.CLIENT_ID, oneroster.CLIENT_SECRET)
        answer = self.practice.session.get(
            self.practice.url + self.path, params={**self._asked(), **query}, headers=self.headers, timeout=10,
            allow_redirects=False,
        )  # fmt: skip
        return answer

    def pages(self, most: int = MOST_PAGES) -> list[requests.Response]:
        """The answers of a reading, to the first that is the last of its own account."""
        return list(self._pages(most))

    def _pages(self, most: int) -> Iterator[requests.Response]:
        query: dict[str, Any] = {}
        for number in range(1, most + 1):
            answer = self.ask(**query)
            answer.raise_for_status()
            yield answer
            said = answer.json()
            match self.system:
                case "hoaphuong":
                    query = {"cursor": said["meta"]["next"]}
                case "ims":
                    query = dict(parse_qsl(urlsplit(answer.links.get("next", {}).get("url", "")).query))
                case _:
                    query = {"page": number + 1} if said[self.lies] else {}
                    query |= {"snapshot": said["snapshot"]} if "snapshot" in said and query else {}
            if not any(query.values()):
                return

    def records(self, answer: requests.Response) -> list[Record]:
        found: list[Record] = answer.json()[self.lies]
        return found

    def reading(self, most: int = MOST_PAGES) -> list[list[Record]]:
        """The records of each page that has any."""
        return [records for answer in self.pages(most) if (records := self.records(answer))]

    def total(self, answer: requests.Response) -> int | None:
        match self.system:
            case "hoaphuong":
                said = answer.json()["meta"].get("count")
            case "ims":
                said = answer.headers.get("X-Total-Count")
            case _:
                said = answer.json().get("total")
        return None if said is None else int(said)

    def inside(self, record: Record) -> Record:
        found: Record = record[self.content] if self.content else record
        return found

    def keys(self, records: list[Record]) -> list[str]:
        return [record[self.key] for record in records]

    def seen(self, is_whole: bool = True) -> list[tuple[Any, ...]]:
        """All that a reading, or its first page, is told, byte for byte, but for tokens and the time."""
        answers = self.pages() if is_whole and self.system != "oauth" else [self.ask()]
        return [(answer.status_code, _TOKENS.sub(b"*", answer.content),
                 {name: value for name, value in answer.headers.items() if name.lower() != "date"})
                for answer in answers]  # fmt: skip

    def socket(self) -> socket.socket:
        """A connection on which the request has been sent, and nothing been read."""
        address = urlsplit(self.practice.url)
        method, body, headers = "GET", b"", dict(self.headers)
        if self.system == "oauth":
            form = {"grant_type": "client_credentials", "scope": SCOPE}
            user = (oneroster.CLIENT_ID, oneroster.CLIENT_SECRET)
            made = requests.Request("POST", self.practice.url + self.path, data=form, auth=user).prepare()
            method, body, headers = "POST", str(made.body).encode(), {**headers, **made.headers}
        target = requests.Request("GET", self.practice.url + self.path, params=self._asked()).prepare().path_url
        lines = [f"{method} {target} HTTP/1.1", f"Host: {address.netloc}", *(f"{n}: {v}" for n, v in headers.items())]
        made_socket = socket.create_connection((str(address.hostname), int(address.port or 80)), timeout=10)
        made_socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return made_socket


def received(connection: socket.socket, seconds: float = 10) -> tuple[list[tuple[float, bytes]], bool]:
    """What comes on a socket, with its time, until it is closed; True if it was reset."""
    found: list[tuple[float, bytes]] = []
    begin = time.monotonic()
    with connection:
        try:
            while (piece := connection.recv(65536)) and time.monotonic() < begin + seconds:
                found.append((time.monotonic() - begin, piece))
        except ConnectionResetError:
            return found, True
    return found, False


def readers(practice: Practice) -> dict[str, Reader]:
    """A reader of each system, whose reading has several pages, and who needs no second one for another unit."""
    token = ask_token(practice, oneroster.CLIENT_ID, oneroster.CLIENT_SECRET).json()["access_token"]
    return {
        "partner": Reader(
            practice, "partner", "/partner/v0/students", {"school_year": 2023, "term": 2, "page": 1},
            _bearer(partner.TOKEN), ("size", 50), "records", "data", "idbanghi", ("unit", UNITS["partner"][0])),
        "hoaphuong": Reader(
            practice, "hoaphuong", "/hoaphuong/api/v2/hoc-sinh", {"namHoc": "2023-2024", "hocKy": "2"},
            {"X-Client": hoaphuong.CLIENT, "X-Api-Key": hoaphuong.KEY}, ("limit", 25), "items", "", "uuid",
            ("maTruong", UNITS["hoaphuong"][0])),
        "registry": Reader(
            practice, "registry", "/registry/v0/units", {"page": 1}, _bearer(registry.TOKEN), ("size", 20), "records",
            "data", "idbanghi"),
        "portal": Reader(
            practice, "portal", "/portal/v1/transfers", {"school_year": 2024, "page": 1}, _bearer(portal.TOKEN),
            ("size", 12), "items", "", "transfer_id", ("unit", UNITS["portal"][0])),
        "ims": Reader(
            practice, "ims", f"{ROOT}/teachers", {}, _bearer(token), ("limit", 15), "users", "", "sourcedId"),
        "oauth": Reader(practice, "oauth", "/oauth/token", {}, {}, ("", 0), ""),
    }  # fmt: skip


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}

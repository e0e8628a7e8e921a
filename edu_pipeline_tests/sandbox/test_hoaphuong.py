"""Proves that the second vendor answers by its own habits: a key in headers, labels of years, cursors that are
snapshots and expire, and that it refuses what makes no sense.
"""

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.applications import Starlette
from starlette.routing import Mount

from edu_pipeline.sandbox import hoaphuong
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.server import Sandbox, running
from edu_pipeline_tests.sandbox.practice import Practice

HEADERS = {"X-Client": hoaphuong.CLIENT, "X-Api-Key": hoaphuong.KEY}
ASKED = {"namHoc": "2023-2024", "hocKy": "2", "limit": 500}


class Client:
    """A client of the vendor that asks of one unit."""

    def __init__(self, practice: Practice, unit: str) -> None:
        self.practice, self.unit = practice, unit

    def ask(self, resource: str, headers: dict[str, str] | None = None, **query: Any) -> requests.Response:
        given = {"maTruong": self.unit, **ASKED, **query}
        asked = {name: value for name, value in given.items() if value is not None}
        address = f"{self.practice.url}/hoaphuong/api/v2/{resource}"
        return self.practice.session.get(
            address, params=asked, headers=HEADERS if headers is None else headers, timeout=10
        )

    def pages(self, resource: str, **query: Any) -> Iterator[dict[str, Any]]:
        cursor = None
        while True:
            answer = self.ask(resource, cursor=cursor, **query)
            answer.raise_for_status()
            page = answer.json()
            yield page
            cursor = page["meta"]["next"]
            if cursor is None:
                return

    def read(self, resource: str, **query: Any) -> list[dict[str, Any]]:
        return [record for page in self.pages(resource, **query) for record in page["items"]]


@contextmanager
def _serving(app: Starlette) -> Iterator[Practice]:
    class Alone(Sandbox):
        def app(self) -> Starlette:
            return Starlette(routes=[Mount("/hoaphuong/api/v2", app)])

    with running(Alone(City((), [], []), Path("clock"))) as url, requests.Session() as session:
        session.trust_env = False
        yield Practice(url, City((), [], []), session)


@pytest.fixture
def client(practice: Practice) -> Client:
    """Asks of an upper secondary school of the vendor that nothing befalls."""
    units = [u for u in practice.city.units if u.system == "hoaphuong" and u.kind == "THPT" and not u.closed]
    return Client(practice, next(unit.code for unit in units if not unit.opened))


@pytest.mark.parametrize("resource", [*hoaphuong.RESOURCES, hoaphuong.HEADCOUNT])
def test_a_cursor_walks_every_record_once(client: Client, resource: str) -> None:
    whole = client.read(resource)
    small = list(client.pages(resource, limit=7))
    assert [record for page in small for record in page["items"]] == whole
    assert {page["meta"]["count"] for page in small} == {len(whole)}
    assert all(len(page["items"]) == 7 for page in small[:-1])
    assert whole or resource == "he-thong"  # a school that has not declared yet has no system to tell


def test_a_cursor_shows_the_state_of_its_first_page(client: Client) -> None:
    first = next(client.pages("ket-qua", limit=5))
    client.practice.clock("2024-02-01")
    assert client.read("ket-qua") == []
    page = client.ask("ket-qua", limit=5, cursor=first["meta"]["next"]).json()
    assert page["meta"]["count"] == first["meta"]["count"] > 5


def test_the_last_page_may_be_asked_for_again(client: Client) -> None:
    *_, last = (page["meta"]["next"] for page in client.pages("phu-huynh", limit=20) if page["meta"]["next"])
    first, again = (client.ask("phu-huynh", limit=20, cursor=last) for _ in range(2))
    assert first.json() == again.json()
    assert first.json()["meta"]["next"] is None


def test_few_snapshots_are_kept(client: Client) -> None:
    oldest = client.ask("phu-huynh", limit=5).json()["meta"]["next"]
    for _ in range(hoaphuong.MAX_SNAPSHOTS):
        client.ask("phu-huynh", limit=5)
    assert client.ask("phu-huynh", limit=5, cursor=oldest).status_code == 410


def test_a_limit_over_500_is_read_as_500(client: Client) -> None:
    page = client.ask("diem-mon", limit=501).json()
    assert page["meta"]["count"] > 500 == len(page["items"])


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Client": hoaphuong.CLIENT}, {"X-Api-Key": hoaphuong.KEY}, {**HEADERS, "X-Client": "another"},
     {**HEADERS, "X-Api-Key": "wrong"}, {"Authorization": f"Bearer {hoaphuong.KEY}"}],
    ids=["nothing", "no key", "no client", "another client", "a wrong key", "a token"],
)  # fmt: skip
def test_key_and_client_are_required(client: Client, headers: dict[str, str]) -> None:
    assert client.ask("hoc-sinh", headers).status_code == 401


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"maTruong": None}, 400),
        ({"namHoc": None}, 400),
        ({"hocKy": None}, 400),
        ({"limit": None}, 400),
        ({"namHoc": "2023"}, 404),
        ({"namHoc": "2023-2025"}, 404),
        ({"hocKy": "3"}, 400),
        ({"limit": "0"}, 400),
        ({"limit": "many"}, 400),
        ({"maTruong": "79999999"}, 404),
        ({"maTruong": "79000000"}, 403),
        ({"cursor": "nothing"}, 400),
        ({"cursor": "0123456789abcdef.5"}, 410),
    ],
)
def test_what_makes_no_sense_is_refused(client: Client, query: dict[str, Any], status: int) -> None:
    answer = client.ask("hoc-sinh", **query)
    assert (answer.status_code, answer.json()["loi"]["ma"]) == (status, status)


def test_an_unknown_resource_is_not_found(client: Client) -> None:
    assert client.ask("hoc-phi").status_code == 404


def test_a_cursor_of_another_reading_is_refused(client: Client) -> None:
    page = client.ask("hoc-sinh", limit=5).json()
    assert client.ask("phu-huynh", limit=5, cursor=page["meta"]["next"]).status_code == 400
    assert client.ask("hoc-sinh", limit=5, hocKy="1", cursor=page["meta"]["next"]).status_code == 400


def test_a_cursor_lives_for_a_while_only(whole: City) -> None:
    unit = next(u.code for u in whole.units if u.system == "hoaphuong" and u.kind == "THPT")
    with _serving(hoaphuong.app(whole, lambda: dt.date(2024, 5, 31), life=0.05)) as practice:
        client = Client(practice, unit)
        cursor = client.ask("hoc-sinh", limit=5).json()["meta"]["next"]
        assert client.ask("hoc-sinh", limit=5, cursor=cursor).status_code == 200
        time.sleep(0.1)
        assert client.ask("hoc-sinh", limit=5, cursor=cursor).status_code == 410


def test_the_headcount_is_the_storys(client: Client) -> None:
    (record,) = client.read("si-so")
    counted = client.practice.city.headcount(client.unit, 2023, dt.date(2024, 5, 31))
    assert (record["ngay"], record["siSo"]) == ("31/05/2024", str(counted))


def test_a_school_year_is_shown_from_its_opening(client: Client) -> None:
    assert client.read("xep-lop", namHoc="2024-2025", hocKy="1") == []
    client.practice.clock("settled")
    assert len(client.read("xep-lop", namHoc="2024-2025", hocKy="1")) > 5


def test_a_unit_that_changes_its_vendor_is_told_from_that_day_on(practice: Practice) -> None:
    unit = next(u for u in practice.city.units if u.system == "hoaphuong" and u.switched)
    client = Client(practice, unit.code)
    assert client.read("hoc-sinh") == []
    practice.clock(str(unit.switched))
    assert len(client.read("hoc-sinh")) > 5


def test_a_unit_that_has_closed_tells_its_old_years_alone(practice: Practice) -> None:
    unit = next(u for u in practice.city.units if u.system == "hoaphuong" and u.closed)
    practice.clock("settled")
    client = Client(practice, unit.code)
    assert len(client.read("xep-lop")) > 5
    assert client.read("xep-lop", namHoc="2024-2025", hocKy="1") == []

"""A reading ends when the declared total has come or a page is empty, and keeps to one snapshot."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from edu_pipeline.landing import paging
from edu_pipeline.landing.client import Answer, Client
from edu_pipeline.landing.errors import Expired, Malformed
from edu_pipeline.landing.paging import pages
from edu_pipeline.sources.site import Connection
from edu_pipeline.sources.system import systems
from edu_pipeline_tests.landing.vendor import OWNER, serving

UNIT = {"unit": "79760401", "school_year": 2023, "term": 2}
OAUTH = {"token_url": "https://mini.example/token", "client_id": "MINI", "client_secret": "MINI"}


class Wire:
    """A client whose answers a test scripts; it keeps what it was asked."""

    def __init__(self, system: str, *answers: tuple[Any, Mapping[str, str]]) -> None:
        auth = OAUTH if system == "oneroster" else dict.fromkeys(systems()[system].credentials, "MINI")
        self.connection = Connection.model_validate(
            {"id": "mini", "system": system, "base_url": "https://mini.example", "auth": auth, "owner": OWNER}
        )
        self.answers, self.asked = list(answers), []  # type: ignore[var-annotated]

    def get(self, path: str, params: Mapping[str, Any], place: str) -> Answer:
        self.asked.append(dict(params))
        document, headers = self.answers.pop(0)
        return Answer(orjson.dumps(document), document, headers)

    def read(self, resource: str) -> list[paging.Page]:
        return self.look(resource)[0]

    def look(self, resource: str) -> tuple[list[paging.Page], str | None]:
        """The pages of a reading, and the fault of its paging."""
        kind = systems()[self.connection.system].resources[resource]
        told, read = pages(self, kind, UNIT, f"{resource}, a unit"), []  # type: ignore[arg-type]
        while True:
            try:
                read.append(next(told))
            except StopIteration as end:
                return read, end.value


def _page(count: int, **more: Any) -> tuple[Any, Mapping[str, str]]:
    return {"records": [{"idbanghi": str(n)} for n in range(count)], **more}, {}


def _users(count: int, **headers: str) -> tuple[Any, Mapping[str, str]]:
    return {"users": [{"sourcedId": str(n)} for n in range(count)]}, {
        k.replace("_", "-"): v for k, v in headers.items()
    }


def test_pages_are_asked_for_by_number_within_the_first_pages_snapshot() -> None:
    wire = Wire("partner", _page(3, total=7, snapshot="s-1"), _page(3, total=7, snapshot="s-1"), _page(1, total=7))
    read = wire.read("students")
    assert [len(page.records) for page in read] == [3, 3, 1]
    assert {page.declared for page in read} == {7}
    assert [asked["page"] for asked in wire.asked] == [1, 2, 3]
    assert [asked.get("snapshot") for asked in wire.asked] == [None, "s-1", "s-1"]
    assert all(UNIT.items() <= asked.items() for asked in wire.asked)


def test_records_are_asked_for_by_what_has_come() -> None:
    total = {"X_Total_Count": "5"}
    wire = Wire("oneroster", _users(2, **total), _users(2, **total), _users(1, **total))
    assert [len(page.records) for page in wire.read("students")] == [2, 2, 1]
    assert [asked["offset"] for asked in wire.asked] == [0, 2, 4]
    assert {asked["sort"] for asked in wire.asked} == {"sourcedId"}


def test_a_source_that_serves_less_than_it_declares_ends_with_an_empty_page() -> None:
    wire = Wire("partner", _page(3, total=7), _page(0, total=7))
    read = wire.read("students")
    assert sum(len(page.records) for page in read) == 3
    assert read[0].declared == 7
    assert len(wire.asked) == 2


def test_without_a_total_only_an_empty_page_is_the_end() -> None:
    # Two records of the two thousand that were asked for: the last page, or a cap that is told nowhere.
    wire = Wire("oneroster", _users(2), ({"users": [{"sourcedId": "9"}]}, {}), _users(0))
    read, fault = wire.look("students")
    assert [len(page.records) for page in read] == [2, 1, 0]
    assert {page.declared for page in read} == {None}
    assert [asked["offset"] for asked in wire.asked] == [0, 2, 3]
    assert fault is None


def test_a_source_that_tells_the_same_pages_again_and_again_is_left() -> None:
    wire = Wire("oneroster", *[_users(2)] * 9)
    read, fault = wire.look("students")
    assert fault == "the same pages come again and again"
    assert len(read) == len(wire.asked) == 4


def test_a_page_that_comes_twice_does_not_end_a_reading() -> None:
    wire = Wire("partner", _page(2, total=5), _page(2, total=5), ({"records": [{"idbanghi": "9"}], "total": 5}, {}))
    read, fault = wire.look("students")
    assert [len(page.records) for page in read] == [2, 2, 1]
    assert fault is None


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"error": "maintenance"}, "an error inside HTTP 200"),
        ({"records": {"0": {}}}, "no list of records at records"),
        ({"records": ["a", "b"], "total": 2}, "no list of records at records"),
        ({"records": [], "total": "many"}, "the declared total is no number"),
    ],
)
def test_an_answer_that_is_no_page_is_malformed(document: Any, said: str) -> None:
    with pytest.raises(Malformed, match=said) as raised:
        Wire("partner", (document, {})).read("students")
    assert str(raised.value).startswith("mini, students, a unit: ")


def test_a_source_whose_pages_do_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 4)
    turns = [({"records": [{"idbanghi": str(n)}], "total": 100}, {}) for n in range(9)]
    assert Wire("partner", *turns).look("students")[1] == "more than 4 pages: paging of the source does not end"


def _turn(count: int, after: Any, total: int = 5) -> tuple[Any, Mapping[str, str]]:
    return {"meta": {"next": after, "count": total}, "items": [{"uuid": str(n)} for n in range(count)]}, {}


def test_a_cursor_is_followed_until_a_page_names_none() -> None:
    wire = Wire("hoaphuong", _turn(2, "a.2"), _turn(2, "a.4"), _turn(1, None))
    read = wire.read("students")
    assert [len(page.records) for page in read] == [2, 2, 1]
    assert {page.declared for page in read} == {5}
    assert [asked.get("cursor") for asked in wire.asked] == [None, "a.2", "a.4"]
    assert all(UNIT.items() <= asked.items() and asked["limit"] == 500 for asked in wire.asked)


def test_an_empty_page_or_the_declared_total_does_not_end_a_cursor() -> None:
    wire = Wire("hoaphuong", _turn(1, "a", total=1), _turn(0, "b", total=1), _turn(0, None, total=1))
    assert len(wire.read("students")) == 3


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"]])
def test_a_cursor_that_comes_again_is_a_circle(cursors: list[str]) -> None:
    wire = Wire("hoaphuong", *[_turn(1, cursor) for cursor in cursors], _turn(0, None))
    with pytest.raises(Malformed, match="a page names a cursor that was followed before"):
        wire.read("students")
    assert len(wire.asked) == len(cursors)


def test_cursors_that_never_end_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 4)
    turns = [({"meta": {"next": f"a.{n}", "count": 5}, "items": [{"uuid": str(n)}]}, {}) for n in range(9)]
    wire = Wire("hoaphuong", *turns)
    assert wire.look("students")[1] == "more than 4 pages: paging of the source does not end"
    assert len(wire.asked) == 4


def test_a_cursor_that_expires_ends_the_reading_with_one_error() -> None:
    with serving() as vendor:
        vendor.script = [(200, _turn(2, "a.2")[0]), (410, {"loi": "het han"})]
        client = Client(vendor.connection("hoaphuong"), lambda name: "secret")
        turning = pages(client, client.connection.kind.resources["students"], UNIT, "students, a unit")
        assert len(next(turning).records) == 2
        with pytest.raises(Expired, match="mini, students, a unit: HTTP 410: no longer served"):
            next(turning)
    assert len(vendor.asked) == 2

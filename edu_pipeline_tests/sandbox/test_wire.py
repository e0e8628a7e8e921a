"""Each fault of the wire happens on the socket, to whom it is switched on for, and is over when it is switched off.

Asked by plain requests: what the pipeline's own client makes of it is another matter (flow/test_faults.py).
"""

import datetime as dt
import time
import unicodedata
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
import urllib3

from edu_pipeline.sandbox import hoaphuong, partner
from edu_pipeline.sandbox.distort import FAULTS
from edu_pipeline_tests.sandbox.practice import Practice


class Ask:
    """Questions to the partner's students of a unit."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.unit, self.other = [u.code for u in practice.city.units if u.kind == "TH" and u.system == "saomai"][:2]

    def raw(
        self,
        page: int = 1,
        size: int = 1000,
        unit: str = "",
        snapshot: str = "",
        resource: str = "students",
        **how: Any,
    ) -> requests.Response:
        params = {"unit": unit or self.unit, "school_year": 2023, "term": 2, "page": page, "size": size}
        if snapshot:
            params["snapshot"] = snapshot
        headers = {"Authorization": f"Bearer {partner.TOKEN}"}
        return self.practice.session.get(f"{self.practice.url}/partner/v0/{resource}", params=params, headers=headers,
                                         timeout=10, allow_redirects=False, **how)  # fmt: skip

    def page(self, page: int = 1, size: int = 1000, **how: Any) -> dict[str, Any]:
        return self.raw(page, size, **how).json()

    def three(self, size: int = 10) -> list[dict[str, Any]]:
        first = self.page(1, size)
        return [first, *(self.page(n, size, snapshot=first["snapshot"]) for n in (2, 3))]


@pytest.fixture
def ask(practice: Practice) -> Ask:
    return Ask(practice)


def _keys(page: dict[str, Any]) -> list[str]:
    return [record["idbanghi"] for record in page["records"]]


def _switch(ask: Ask, name: str, is_on: bool = True, **options: Any) -> None:
    said = {"name": name, "on": is_on, "system": "partner", "unit": ask.unit, **options}
    answer = ask.practice.session.post(f"{ask.practice.url}/_control/faults", json=said, timeout=10)
    answer.raise_for_status()


def _ends(ask: Ask) -> bool:
    try:
        ask.raw()
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        return True
    return False


def _seconds(ask: Ask) -> float:
    began = time.monotonic()
    ask.raw()
    return time.monotonic() - began


def _skew(ask: Ask) -> float:
    told = parsedate_to_datetime(ask.raw().headers["Date"])
    return (told - dt.datetime.now(dt.UTC)).total_seconds()


def _third(ask: Ask) -> dict[str, Any]:
    return ask.page()["records"][2]["data"]


PROOFS: dict[str, tuple[dict[str, Any], Any]] = {
    "unreachable": ({}, _ends),
    "reset": ({}, _ends),
    "slow_drip": ({"piece": 10_000, "seconds": 0.1}, lambda ask: _seconds(ask) > 0.5),
    "unauthorized": ({}, lambda ask: ask.raw().status_code == 401),
    "forbidden": ({}, lambda ask: ask.raw().status_code == 403),
    "throttled": ({"retry_after": "7"}, lambda ask: (ask.raw().status_code, ask.raw().headers.get("Retry-After"))
                  == (429, "7")),
    "error": ({}, lambda ask: ask.raw().status_code == 500),
    "login_page": ({}, lambda ask: ask.raw().text.startswith("<html>") and ask.raw().status_code == 200),
    "wrong_type": ({}, lambda ask: ask.raw().headers["Content-Type"] == "text/html" and bool(_keys(ask.page()))),
    "gzip_bomb": ({"bytes": 20_000_000}, lambda ask: int(ask.raw(stream=True).headers["Content-Length"]) < 100_000
                  and len(ask.raw().content) > 20_000_000),
    "huge_field": ({}, lambda ask: len(_third(ask)["hovaten"]) == 10_000_000),
    "deep_nesting": ({"levels": 50}, lambda ask: "[" * 50 in ask.raw().text.replace(" ", "")),
    "nul": ({}, lambda ask: "\\u0000" in ask.raw().text),
    "surrogate": ({}, lambda ask: "\\ud800" in ask.raw().text),
    "newer": ({"by": 10}, lambda ask: all(record["phienban"] > 10 for record in ask.page()["records"])),
    "nfd": ({}, lambda ask: any(r["data"]["hovaten"] != unicodedata.normalize("NFC", r["data"]["hovaten"])
                                for r in ask.page()["records"])),
    "empty": ({}, lambda ask: (ask.page()["records"], ask.page()["total"]) == ([], 0)),
    "page_repeated": ({}, lambda ask: _keys(ask.three()[1]) == _keys(ask.three()[0])),
    "page_missing": ({}, lambda ask: not set(_keys(ask.three()[1])) & set(_keys(ask.page(1, 20)))),
    "endless": ({}, lambda ask: _keys(ask.page(1, 500)) == _keys(ask.page(2, 500, snapshot=ask.page()["snapshot"]))),
    "total_off": ({"delta": 2}, lambda ask: ask.page()["total"] == len(ask.page()["records"]) + 2),
    "no_total": ({}, lambda ask: ask.page()["total"] is None),
    "reordered": ({}, lambda ask: _keys((read := ask.three())[1])[0] == _keys(read[0])[-1]),
    "clamped": ({"size": 7}, lambda ask: len(ask.page(1, 1000)["records"]) == 7),
    "filter_ignored": ({}, lambda ask: {r["data"]["matruong"] for r in ask.page()["records"]} == {ask.other}),
    "redirect": ({"to": "https://elsewhere.example/"},
                 lambda ask: ask.raw().headers.get("Location") == "https://elsewhere.example/"),
    "skewed_clock": ({"seconds": -3600}, lambda ask: -3700 < _skew(ask) < -3500),
    "error_object": ({}, lambda ask: ask.raw().status_code == 200 and list(ask.page()) == ["error"]),
    "absent_nulls": ({}, lambda ask: not any(None in r["data"].values()
                                                for r in ask.page(resource="enrollments")["records"])),
    "wrapped": ({}, lambda ask: list(ask.page()) == ["data"]),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "next_elsewhere"])
def test_a_fault_befalls_whom_it_is_for_and_ends(ask: Ask, name: str) -> None:
    options, proof = PROOFS[name]
    before = (ask.page()["records"], ask.page(unit=ask.other)["records"])
    assert not proof(ask)
    _switch(ask, name, **options, **({"instead": ask.other} if name == "filter_ignored" else {}))
    assert proof(ask)
    assert ask.page(unit=ask.other)["records"] == before[1]
    _switch(ask, name, is_on=False)
    assert (ask.page()["records"], ask.page(unit=ask.other)["records"]) == before


def test_a_cursor_may_lead_to_another_host(practice: Practice) -> None:
    unit = next(u.code for u in practice.city.units if u.system == "hoaphuong" and u.grades)

    def asked() -> Any:
        headers = {"X-Client": hoaphuong.CLIENT, "X-Api-Key": hoaphuong.KEY}
        params: dict[str, Any] = {"maTruong": unit, "namHoc": "2023-2024", "hocKy": 2, "limit": 5}
        url = f"{practice.url}/hoaphuong/api/v2/hoc-sinh"
        return practice.session.get(url, params=params, headers=headers, timeout=10).json()["meta"]["next"]

    assert "://" not in asked()
    practice.wire.switch("next_elsewhere", system="hoaphuong")
    assert asked() == "http://elsewhere.example/next"


def test_a_fault_may_befall_so_many_requests_after_so_many(ask: Ask) -> None:
    _switch(ask, "error", times=2, after=1)
    assert [ask.raw().status_code for _ in range(5)] == [200, 500, 500, 200, 200]


def test_a_reset_comes_in_the_middle_of_the_answer(ask: Ask) -> None:
    whole = len(ask.raw().content)
    _switch(ask, "reset")
    answer = ask.raw(stream=True)
    assert int(answer.headers["Content-Length"]) >= whole - 100
    with pytest.raises((urllib3.exceptions.ProtocolError, requests.ConnectionError)):
        answer.raw.read(decode_content=True)


@pytest.mark.parametrize("said", [{"name": "no_such"}, {"name": "error", "system": "nobody"}])
def test_what_is_no_fault_is_refused(practice: Practice, said: dict[str, Any]) -> None:
    answer = practice.session.post(f"{practice.url}/_control/faults", json=said, timeout=10)
    assert answer.status_code == 400
    assert practice.get("/_control/faults").json() == {"on": []}

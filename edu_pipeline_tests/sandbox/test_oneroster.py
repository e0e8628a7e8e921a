"""Proves that the provider `lotus` keeps the published OneRoster 1.2 rostering binding, without our own connector:
client credentials, limit and offset, Link and X-Total-Count, filter, sort, fields, single objects, references.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from edu_pipeline.sandbox import oneroster
from edu_pipeline_tests.sandbox.conftest import Practice

ROOT = "/ims/oneroster/rostering/v1p2"
# collection -> name of the list in an answer, name of a single object
NAMES = {"orgs": ("orgs", "org"), "academicSessions": ("academicSessions", "academicSession"),
         "courses": ("courses", "course"), "classes": ("classes", "class"), "students": ("users", "user"),
         "teachers": ("users", "user"), "users": ("users", "user"), "enrollments": ("enrollments", "enrollment"),
         "demographics": ("demographics", "demographics")}  # fmt: skip
Thing = dict[str, Any]


@dataclass(frozen=True)
class Roster:
    """A consumer with a token, and nothing but HTTP."""

    practice: Practice
    token: str

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.practice.get(f"{ROOT}/{path}", params, Authorization=f"Bearer {self.token}")

    def all(self, collection: str, **params: Any) -> list[Thing]:
        answer = self.get(collection, limit=5000, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()[NAMES[collection][0]]


def ask_token(practice: Practice, user: str, secret: str, grant: str = "client_credentials") -> requests.Response:
    form = {"grant_type": grant, "scope": "https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly"}
    return practice.session.post(f"{practice.url}/oauth/token", data=form, auth=(user, secret), timeout=10)


@pytest.fixture
def roster(practice: Practice) -> Roster:
    answer = ask_token(practice, oneroster.CLIENT_ID, oneroster.CLIENT_SECRET)
    return Roster(practice, answer.json()["access_token"])


# --- security


def test_client_credentials_buy_a_bearer_token(practice: Practice) -> None:
    answer = ask_token(practice, oneroster.CLIENT_ID, oneroster.CLIENT_SECRET)
    said = answer.json()
    assert (answer.status_code, said["token_type"].lower()) == (200, "bearer")
    assert said["expires_in"] > 0
    assert Roster(practice, said["access_token"]).get("orgs").status_code == 200


@pytest.mark.parametrize("user, secret", [(oneroster.CLIENT_ID, "wrong"), ("wrong", oneroster.CLIENT_SECRET), ("", "")])
def test_wrong_credentials_buy_nothing(practice: Practice, user: str, secret: str) -> None:
    answer = ask_token(practice, user, secret)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_other_grants_are_refused(practice: Practice) -> None:
    answer = ask_token(practice, oneroster.CLIENT_ID, oneroster.CLIENT_SECRET, "password")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("path", ["students", "orgs/any", "nothing"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Bearer "}])
def test_without_a_known_token_nothing_is_read(practice: Practice, path: str, header: dict[str, str]) -> None:
    answer = practice.get(f"{ROOT}/{path}", **header)
    assert (answer.status_code, answer.json()["imsx_codeMajor"]) == (401, "failure")


def test_a_token_needs_its_scheme(roster: Roster) -> None:
    assert roster.practice.get(f"{ROOT}/orgs", Authorization=roster.token).status_code == 401


def test_an_expired_token_is_refused(roster: Roster, monkeypatch: pytest.MonkeyPatch) -> None:
    assert roster.get("orgs").status_code == 200
    later = oneroster.time.time() + oneroster.TOKEN_SECONDS + 1
    monkeypatch.setattr(oneroster, "time", SimpleNamespace(time=lambda: later))
    assert roster.get("orgs").status_code == 401


# --- paging


@pytest.mark.parametrize("collection", NAMES)
@pytest.mark.parametrize("limit", [7, 90, 100])
def test_following_next_reads_every_record_exactly_once(roster: Roster, collection: str, limit: int) -> None:
    answer, found = roster.get(collection, limit=limit), []
    while True:
        page = answer.json()[NAMES[collection][0]]
        assert len(page) <= limit
        found += [row["sourcedId"] for row in page]
        if "next" not in answer.links:
            break
        url = answer.links["next"]["url"]
        answer = roster.practice.session.get(url, headers={"Authorization": f"Bearer {roster.token}"}, timeout=10)
    whole = [row["sourcedId"] for row in roster.all(collection)]
    assert len(found) == len(set(found)) == int(answer.headers["X-Total-Count"])
    assert sorted(found) == sorted(whole) != []


@pytest.mark.parametrize("offset, prev, following", [(0, None, 180), (180, 0, 360), (360, 180, None), (50, 0, 230)])
def test_link_names_the_neighbours(roster: Roster, offset: int, prev: int | None, following: int | None) -> None:
    answer = roster.get("students", limit=180, offset=offset, filter="status='active'", sort="familyName")
    assert answer.headers["X-Total-Count"] == "540"  # three times 180: the last page is full
    expected = {"first": 0, "last": 360, "prev": prev, "next": following}
    assert set(answer.links) == {rel for rel, position in expected.items() if position is not None}
    for rel, link in answer.links.items():
        there = urlsplit(link["url"])
        assert f"{there.scheme}://{there.netloc}{there.path}" == f"{roster.practice.url}{ROOT}/students"
        assert parse_qs(there.query) == {"limit": ["180"], "offset": [str(expected[rel])],
                                         "filter": ["status='active'"], "sort": ["familyName"]}  # fmt: skip


def test_a_page_has_100_records_unless_asked_otherwise(roster: Roster) -> None:
    assert len(roster.get("students").json()["users"]) == 100


def test_beyond_the_end_there_is_nothing(roster: Roster) -> None:
    answer = roster.get("students", limit=10, offset=5000)
    assert (answer.json(), answer.headers["X-Total-Count"], "next" in answer.links) == ({"users": []}, "540", False)


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": -1}, {"limit": "ten"}, {"offset": -1}, {"offset": "x"}])
def test_an_impossible_page_is_a_bad_request(roster: Roster, query: Thing) -> None:
    assert roster.get("students", **query).status_code == 400


# --- filter, sort, fields: test_oneroster_query.py; objects and references: test_oneroster_objects.py

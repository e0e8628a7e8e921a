"""Proves that the provider `lotus` keeps the OneRoster 1.2 rostering binding on security and paging, without our own
connector: client credentials, expiry, limit and offset, the Link header, X-Total-Count.
"""

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from edu_pipeline.sandbox import oneroster
from edu_pipeline_tests.sandbox.practice import NAMES, ROOT, Practice, Roster, ask_token

GOOD = (oneroster.CLIENT_ID, oneroster.CLIENT_SECRET)


def test_client_credentials_buy_a_bearer_token(practice: Practice) -> None:
    answer = ask_token(practice, *GOOD)
    said = answer.json()
    assert (answer.status_code, said["token_type"].lower()) == (200, "bearer")
    assert said["expires_in"] > 0
    assert practice.get(f"{ROOT}/orgs", token=said["access_token"]).status_code == 200


@pytest.mark.parametrize(("user", "secret"), [(GOOD[0], "wrong"), ("wrong", GOOD[1]), ("", ""), GOOD[::-1]])
def test_wrong_credentials_buy_nothing(practice: Practice, user: str, secret: str) -> None:
    answer = ask_token(practice, user, secret)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_other_grants_are_refused(practice: Practice) -> None:
    answer = ask_token(practice, *GOOD, grant="password")
    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})


@pytest.mark.parametrize("path", ["students", "orgs/any", "nothing"])
@pytest.mark.parametrize("token", [None, "", "nonsense"])
def test_without_a_known_token_nothing_is_read(practice: Practice, path: str, token: str | None) -> None:
    answer = practice.get(f"{ROOT}/{path}", token=token)
    assert (answer.status_code, answer.json()["imsx_codeMajor"]) == (401, "failure")


def test_a_token_without_the_bearer_scheme_is_refused(roster: Roster) -> None:
    url, headers = f"{roster.practice.url}{ROOT}/orgs", {"Authorization": roster.token}
    assert roster.practice.session.get(url, headers=headers, timeout=10).status_code == 401


def test_a_token_expires_when_it_said(roster: Roster, monkeypatch: pytest.MonkeyPatch) -> None:
    now = oneroster.time.time()
    for passed, status in ((oneroster.TOKEN_SECONDS - 60, 200), (oneroster.TOKEN_SECONDS + 1, 401)):
        monkeypatch.setattr(oneroster, "time", SimpleNamespace(time=lambda moment=now + passed: moment))
        assert roster.get("orgs").status_code == status


@pytest.mark.parametrize("collection", NAMES)
@pytest.mark.parametrize("limit", [7, 90, 100])
def test_following_next_reads_every_record_exactly_once(roster: Roster, collection: str, limit: int) -> None:
    whole = [row["sourcedId"] for row in roster.all(collection)]
    answer, found = roster.get(collection, limit=limit), []
    while True:
        assert int(answer.headers["X-Total-Count"]) == len(whole)
        page = answer.json()[NAMES[collection][0]]
        assert 0 < len(page) <= limit
        found += [row["sourcedId"] for row in page]
        if "next" not in answer.links:
            break
        answer = roster.practice.get(answer.links["next"]["url"].removeprefix(roster.practice.url), token=roster.token)
    assert len(found) == len(set(found)) == len(whole)
    assert set(found) == set(whole)


def test_counting_the_offset_up_reads_the_same(roster: Roster) -> None:
    pages = [roster.get("enrollments", limit=250, offset=offset).json()["enrollments"] for offset in (0, 250, 500)]
    assert [row for page in pages for row in page] == roster.all("enrollments")


@pytest.mark.parametrize(
    ("offset", "prev", "following"), [(0, None, 180), (180, 0, 360), (360, 180, None), (50, 0, 230)]
)
def test_link_names_first_last_and_neighbours(
    roster: Roster, offset: int, prev: int | None, following: int | None
) -> None:
    answer = roster.get("students", limit=180, offset=offset, filter="status='active'", sort="familyName")
    assert answer.headers["X-Total-Count"] == "540"  # three times 180: the last page is a full one
    expected = {"first": 0, "last": 360, "prev": prev, "next": following}
    assert set(answer.links) == {rel for rel, position in expected.items() if position is not None}
    for rel, link in answer.links.items():
        there = urlsplit(link["url"])
        assert f"{there.scheme}://{there.netloc}{there.path}" == f"{roster.practice.url}{ROOT}/students"
        asked = {"limit": "180", "offset": str(expected[rel]), "filter": "status='active'", "sort": "familyName"}
        assert parse_qs(there.query) == {name: [value] for name, value in asked.items()}


def test_a_single_page_has_no_neighbours(roster: Roster) -> None:
    assert set(roster.get("orgs").links) == {"first", "last"}


def test_a_page_has_a_hundred_records_unless_asked_otherwise(roster: Roster) -> None:
    assert len(roster.get("students").json()["users"]) == 100


def test_beyond_the_end_there_is_nothing(roster: Roster) -> None:
    answer = roster.get("students", limit=10, offset=5000)
    assert (answer.status_code, answer.json()) == (200, {"users": []})
    assert (answer.headers["X-Total-Count"], "next" in answer.links) == ("540", False)


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": -1}, {"limit": "ten"}, {"offset": -1}, {"offset": "x"}])
def test_an_impossible_page_is_a_bad_request(roster: Roster, query: dict[str, Any]) -> None:
    assert roster.get("students", **query).status_code == 400

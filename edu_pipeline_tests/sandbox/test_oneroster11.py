"""Proves that `lotus` as OneRoster 1.1 refuses what is not signed (RFC 5849, SHA-256), and holds what it holds as 1.2.

The signer here is the sandbox's own, written from the standard; our connector is not asked (that one's signatures are
computed again in landing/test_specialised.py).
"""

import secrets
import time
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from edu_pipeline.sandbox import oneroster11, signed
from edu_pipeline_tests.sandbox.practice import NAMES, Practice, Roster

ROOT = "/ims/oneroster/v1p1"


def authorization(address: str, query: dict[str, Any], secret: str = oneroster11.SECRET, **said: str) -> str:
    """The header of a signed GET."""
    told = {"oauth_consumer_key": oneroster11.KEY, "oauth_nonce": secrets.token_hex(8), "oauth_version": "1.0",
            "oauth_signature_method": "HMAC-SHA256", "oauth_timestamp": str(int(time.time())),
            **{f"oauth_{name}": value for name, value in said.items()}}  # fmt: skip
    pairs = [*told.items(), *((k, str(v)) for k, v in query.items())]
    told.setdefault("oauth_signature", signed.signature("GET", address, pairs, secret))
    return "OAuth " + ", ".join(f'{name}="{signed.encoded(value)}"' for name, value in told.items())


def asked(practice: Practice, path: str, header: str | None = None, **query: Any) -> requests.Response:
    address = f"{practice.url}{ROOT}/{path}"
    header = authorization(address, query) if header is None else header
    return practice.session.get(
        address + (f"?{urlencode(query)}" if query else ""), headers={"Authorization": header}, timeout=10
    )


def test_a_base_string_is_that_of_the_standard() -> None:
    # RFC 5849, 3.4.1.3.2: names and values are encoded, then sorted by their encoded bytes.
    pairs = [
        ("b5", "=%3D"),
        ("a3", "a"),
        ("c@", ""),
        ("a2", "r b"),
        ("oauth_nonce", "7d8f3e4a"),
        ("c2", ""),
        ("a3", "2 q"),
    ]
    made = signed.signature("post", "http://example.com/request", pairs, "j49sk3j29djd")
    assert made == signed.signature("POST", "http://example.com/request", pairs[::-1], "j49sk3j29djd")
    assert made != signed.signature("POST", "http://example.com/request", pairs[1:], "j49sk3j29djd")


def test_a_signed_request_is_answered_with_a_page_and_its_total(practice: Practice) -> None:
    answer = asked(practice, "students", limit=3, offset=1, filter="status='active'")
    assert answer.status_code == 200
    assert len(answer.json()["users"]) == 3
    assert int(answer.headers["X-Total-Count"]) > 3
    assert ROOT in answer.links["next"]["url"]


REFUSED = {
    "nothing": {"header": ""},
    "a token": {"header": "Bearer abc"},
    "another secret": {"secret": "guessed"},
    "another key": {"consumer_key": "nobody"},
    "a hash that is broken": {"signature_method": "HMAC-SHA1"},
    "no hash at all": {"signature_method": "PLAINTEXT", "signature": f"{oneroster11.SECRET}&"},
    "an hour ago": {"timestamp": str(int(time.time()) - 3600)},
    "no time": {"timestamp": "now"},
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_signed_is_refused(practice: Practice, case: str) -> None:
    said: dict[str, Any] = dict(REFUSED[case])
    header = said.pop("header", None)
    if header is None:
        header = authorization(f"{practice.url}{ROOT}/orgs", {}, **said)
    answer = asked(practice, "orgs", header)
    assert (answer.status_code, answer.json()["imsx_codeMajor"]) == (401, "failure")


def test_a_signature_is_of_one_question_and_counts_once(practice: Practice) -> None:
    header = authorization(f"{practice.url}{ROOT}/orgs", {"limit": 1})
    assert asked(practice, "orgs", header, limit=2).status_code == 401
    assert asked(practice, "orgs", header, limit=1).status_code == 200
    assert asked(practice, "orgs", header, limit=1).status_code == 401


@pytest.mark.parametrize("collection", NAMES)
def test_every_collection_holds_the_same_objects_as_in_12(practice: Practice, roster: Roster, collection: str) -> None:
    told = asked(practice, collection, limit=5000).json()[NAMES[collection][0]]
    assert [row["sourcedId"] for row in told] == [row["sourcedId"] for row in roster.all(collection)]
    assert "v1p2" not in str(told)


def test_a_user_has_one_role_and_a_list_of_orgs(practice: Practice, roster: Roster) -> None:
    told = asked(practice, "users", limit=5000).json()["users"]
    for former, row in zip(roster.all("users"), told, strict=True):
        assert row["role"] == former["roles"][0]["role"]
        assert [org["sourcedId"] for org in row["orgs"]] == [former["roles"][0]["org"]["sourcedId"]]
        assert row["identifier"] == former["userMasterIdentifier"]
        assert not {"roles", "userMasterIdentifier"} & row.keys()

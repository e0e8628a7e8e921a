"""What a site declares by YAML alone: every word for paging and for logging in, against a server."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest

from edu_pipeline.landing.client import Client
from edu_pipeline.landing.errors import Malformed, Refused, Unauthorized
from edu_pipeline.landing.paging import pages
from edu_pipeline.sources.system import System, load
from edu_pipeline_tests.landing.vendor import Vendor, serving

PLACE = "staff, a unit"


def declared(auth: str = "auth: bearer", paging: str = "kind: single") -> System:
    """A personnel system with that way to log in and to page."""
    return load(
        f"""
system: personnel
label: A personnel system
{auth}
scope: whole
timezone: Asia/Ho_Chi_Minh
envelope: {{key: id}}
paging: {{{paging}}}
resources:
  staff:
    path: v2/staff
    entity: staff
    records: items
    fields:
      full_name: {{path: name, clean: person_name}}
""",
        "personnel.yaml",
    )


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving() as made:
        yield made


def client(vendor: Vendor, kind: System) -> Client:
    return Client(vendor.connection(kind), lambda name: f"the {name.removeprefix('MINI_').lower()}")


def read(vendor: Vendor, kind: System) -> list[str]:
    """Ids of all records of a reading."""
    asking = client(vendor, kind)
    told = pages(asking, asking.connection.kind.resources["staff"], {"unit": "79000701"}, PLACE)
    return [record["id"] for page in told for record in page.records]


def items(*ids: str, **more: Any) -> dict[str, Any]:
    return {"items": [{"id": one, "name": "An"} for one in ids], **more}


def paths(vendor: Vendor) -> list[str]:
    return [path for path, _ in vendor.asked]


def linked(vendor: Vendor, said: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "Link": said.format(base=vendor.base_url)}


def test_one_answer_is_all(vendor: Vendor) -> None:
    vendor.script = [(200, items("a", "b"))]
    assert read(vendor, declared()) == ["a", "b"]
    assert paths(vendor) == ["/v2/staff?unit=79000701"]


def test_the_link_header_is_followed_to_its_end(vendor: Vendor) -> None:
    more = '<{base}/v2/staff?cursor=xyz%3D&per_page=2>; rel="next", <{base}/v2/staff>; rel="first"'
    vendor.script = [
        (200, items("a", "b"), linked(vendor, more)),
        (200, items("c", "d"), linked(vendor, '</v2/staff?cursor=end>; rel="last next"')),
        (200, items("e"), linked(vendor, '<{base}/v2/staff>; rel="first"')),
    ]
    assert read(vendor, declared(paging="kind: link, size: 2, size_param: per_page")) == list("abcde")
    # The system's own addresses, as it wrote them: our parameters are said once, at the beginning.
    assert paths(vendor) == [
        "/v2/staff?unit=79000701&per_page=2", "/v2/staff?cursor=xyz%3D&per_page=2", "/v2/staff?cursor=end"
    ]  # fmt: skip


def test_an_address_in_the_body_is_followed_until_there_is_none(vendor: Vendor) -> None:
    vendor.script = [
        (200, items("a", paging={"next": "staff?page=2"})),
        (200, items("b", paging={"next": f"{vendor.base_url}/v2/staff?page=3"})),
        (200, items("c", paging={"next": None})),
    ]
    assert read(vendor, declared(paging="kind: next, next: paging.next")) == list("abc")
    assert paths(vendor)[1:] == ["/v2/staff?page=2", "/v2/staff?page=3"]


def test_an_address_that_comes_again_is_a_circle(vendor: Vendor) -> None:
    vendor.script = [(200, items("a", next="staff?page=2"))]
    with pytest.raises(Malformed, match="a page names an address that was followed before"):
        read(vendor, declared(paging="kind: next, next: next"))
    assert len(vendor.asked) == 2


@pytest.mark.parametrize("away", ["https://other.example/v2/staff?page=2", "http://127.0.0.1:9/v2/staff"])
def test_an_address_of_another_server_is_not_followed(vendor: Vendor, away: str) -> None:
    # Nothing is sent there: our credentials would go along.
    vendor.script = [(200, items("a", next=away))]
    with pytest.raises(Refused, match="sent to another server") as raised:
        read(vendor, declared(paging="kind: next, next: next"))
    assert away not in str(raised.value)
    assert len(vendor.asked) == 1


def test_a_name_and_a_password_go_as_basic_authorization(vendor: Vendor) -> None:
    vendor.script = [(200, items("a"))]
    read(vendor, declared("auth: basic"))
    said = vendor.asked[0][1]["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(said).decode() == "the username:the password"


def test_a_key_goes_as_a_parameter_of_every_page_and_into_no_error(vendor: Vendor) -> None:
    kind = declared("auth: query\nauth_params: {key: apikey}", "kind: next, next: next")
    vendor.script = [(200, items("a", next="staff?page=2")), (403, {})]
    with pytest.raises(Refused, match="HTTP 403") as raised:
        read(vendor, kind)
    assert [dict(parse_qsl(urlsplit(path).query)).get("apikey") for path in paths(vendor)] == ["the key", "the key"]
    assert "the key" not in str(raised.value)


def _verified(vendor: Vendor, path: str, header: str) -> dict[str, str]:
    """What an OAuth header says, its signature computed again from RFC 5849, 3.4.1 and 3.4.2, with SHA-256."""
    said = {}
    for part in header.removeprefix("OAuth ").split(", "):
        name, _, value = part.partition("=")
        said[name] = unquote(value.strip('"'))
    asked = urlsplit(vendor.base_url + path)
    signed = [(k, v) for k, v in said.items() if k not in ("oauth_signature", "realm")]
    pairs = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in (*parse_qsl(asked.query), *signed))
    base = "&".join(
        quote(part, safe="~")
        for part in ("GET", f"{asked.scheme}://{asked.netloc}{asked.path}", "&".join(f"{k}={v}" for k, v in pairs))
    )
    key = f"{quote('the consumer_secret', safe='~')}&"
    told = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()
    assert said["oauth_signature"] == told
    return said


def test_every_request_is_signed_with_a_nonce_of_its_own(vendor: Vendor) -> None:
    vendor.script = [(200, items("a", next="staff?page=2&q=h%E1%BB%8Dc")), (200, items("b"))]
    assert read(vendor, declared("auth: oauth1", "kind: next, next: next")) == ["a", "b"]
    said = [_verified(vendor, path, headers["Authorization"]) for path, headers in vendor.asked]
    assert {one["oauth_signature_method"] for one in said} == {"HMAC-SHA256"}
    assert {one["oauth_consumer_key"] for one in said} == {"the consumer_key"}
    assert len({one["oauth_nonce"] for one in said}) == 2


def test_a_refused_signature_is_made_anew_once(vendor: Vendor) -> None:
    # The adapter sends a request again as it was: a provider may refuse the nonce that it has seen.
    vendor.script = [(503, {}), (401, {}), (200, items("a"))]
    assert read(vendor, declared("auth: oauth1")) == ["a"]
    nonces = [_verified(vendor, path, headers["Authorization"])["oauth_nonce"] for path, headers in vendor.asked]
    assert nonces[0] == nonces[1] != nonces[2]


def test_a_key_that_is_not_known_is_asked_for_twice_and_no_more(vendor: Vendor) -> None:
    vendor.script = [(401, {})]
    with pytest.raises(Unauthorized, match="HTTP 401"):
        read(vendor, declared("auth: oauth1"))
    assert len(vendor.asked) == 2

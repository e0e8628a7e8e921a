"""What the wire does wrong becomes an error that names connection, place, cause and remedy, and quotes no record."""

import json
from collections.abc import Iterator

import pytest

from edu_pipeline.landing import client as client_module
from edu_pipeline.landing.client import Client
from edu_pipeline.landing.errors import Absent, Expired, Malformed, PullError, Refused, Unauthorized, Unreachable
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.landing.vendor import Vendor, serving

GOOD = {"records": [], "total": 0}
PLACE = "students, unit 79760401, 2023 term 2"
ROW = {"hovaten": "Nguyễn Văn Thử", "madinhdanh": "7900000001"}


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """A vendor; between tries nobody waits."""
    wire.try_at_once(monkeypatch)
    with serving() as made:
        yield made


def _ask(vendor: Vendor, secret: str = "the-token"):  # type: ignore[no-untyped-def]
    return Client(vendor.connection(), lambda name: secret).get("students", {"unit": "79760401", "page": 1}, PLACE)


def test_a_question_carries_the_token_and_its_parameters(vendor: Vendor) -> None:
    vendor.script = [(200, {**GOOD, "records": [ROW]})]
    answer = _ask(vendor)
    assert answer.document["records"] == [ROW]
    ((path, headers),) = vendor.asked
    assert path == "/students?unit=79760401&page=1"
    assert headers["Authorization"] == "Bearer the-token"
    assert headers["Accept"] == "application/json"


def test_an_api_key_goes_into_the_headers_that_the_system_names(vendor: Vendor) -> None:
    vendor.script = [(200, {"items": []})]
    secrets = {"MINI_CLIENT": "the-client", "MINI_KEY": "the-key"}
    Client(vendor.connection("hoaphuong"), secrets.__getitem__).get("hoc-sinh", {}, PLACE)
    ((_, headers),) = vendor.asked
    assert (headers["X-Client"], headers["X-Api-Key"]) == ("the-client", "the-key")
    assert "Authorization" not in headers


def test_a_key_that_is_refused_is_not_tried_again_and_not_told(vendor: Vendor) -> None:
    vendor.script = [(401, ROW)]
    with pytest.raises(Refused, match="HTTP 401") as raised:
        Client(vendor.connection("hoaphuong"), lambda name: "the-secret").get("hoc-sinh", {}, PLACE)
    assert len(vendor.asked) == 1
    assert "the-secret" not in str(raised.value)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 599])
def test_what_may_pass_is_tried_again(vendor: Vendor, status: int) -> None:
    vendor.script = [(status, {"error": "busy"}), (status, {"error": "busy"}), (200, GOOD)]
    assert _ask(vendor).document == GOOD
    assert len(vendor.asked) == 3


@pytest.mark.parametrize(
    ("answer", "kind", "tries", "said"),
    [
        ((500, ROW), Unreachable, 5, "HTTP 500 after all tries. Remedy: ask the vendor; the next night tries again"),
        (None, Unreachable, 5, "no whole answer (ConnectionError). Remedy: is the system up?"),
        ((401, ROW), Unauthorized, 1, "HTTP 401. Remedy: renew the credentials, or ask for the scope of this unit"),
        ((403, ROW), Refused, 1, "HTTP 403. Remedy: renew the credentials, or ask for the scope of this unit"),
        ((404, ROW), Absent, 1, "HTTP 404. Remedy: check address, resource and parameters"),
        ((410, ROW), Expired, 1, "HTTP 410: no longer served. Remedy: the next night reads it again"),
        ((302, b"", {"Location": "/login"}), Refused, 1, "a redirect. Remedy: write the address"),
        ((200, b"<html>Nguy\xe1\xbb\x85n</html>", {"Content-Type": "text/html"}), Malformed, 1, "not JSON (text/html)"),
        ((200, b'{"records": [{"hovaten": "Nguy', {}), Malformed, 1, "not JSON (no content type)"),
    ],
)
def test_what_does_not_pass_is_told_with_its_remedy(
    vendor: Vendor, answer: tuple | None, kind: type[PullError], tries: int, said: str
) -> None:
    vendor.script = [answer]
    with pytest.raises(PullError) as raised:
        _ask(vendor)
    told = str(raised.value)
    assert type(raised.value) is kind
    assert told.startswith(f"mini, {PLACE}: {said}")
    assert len(vendor.asked) == tries
    for secret in ("the-token", "Nguy", "7900000001"):
        assert secret not in told
    assert (raised.value.connection, raised.value.place) == ("mini", PLACE)


def test_an_answer_that_breaks_off_is_tried_again_as_a_whole(vendor: Vendor) -> None:
    vendor.script = [(200, [b'{"records": [', None]), (200, [b'{"records": [1', None]), (200, GOOD)]
    assert _ask(vendor).document == GOOD
    assert len(vendor.asked) == 3


def test_an_answer_that_always_breaks_off_is_told_without_its_beginning(vendor: Vendor) -> None:
    vendor.script = [(200, [json.dumps(ROW).encode(), None])]
    with pytest.raises(Unreachable) as raised:
        _ask(vendor)
    assert str(raised.value).startswith(f"mini, {PLACE}: an answer broke off (ProtocolError). Remedy: is the")
    assert len(vendor.asked) == 5


def test_a_trickle_is_ended_though_each_byte_of_it_is_in_time(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "ANSWER_SECONDS", 0.2)
    vendor.script = [(200, [b" "] * 30)]
    with pytest.raises(Unreachable, match=r"an answer of over 0\.2 seconds"):
        _ask(vendor)
    assert len(vendor.asked) == 1
    # Ended while it trickled, not when it had.
    assert vendor.pieces < 15


def test_what_the_server_can_not_do_at_all_is_not_asked_again(vendor: Vendor) -> None:
    vendor.script = [(501, {"error": "no such thing"})]
    with pytest.raises(Unreachable, match=r"HTTP 501\. Remedy"):
        _ask(vendor)
    assert len(vendor.asked) == 1


def test_a_wish_to_wait_is_honoured_and_bounded(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    vendor.script = [(429, {}, {"Retry-After": "7"}), (503, {}, {"Retry-After": "86400"}), (200, GOOD)]
    assert _ask(vendor).document == GOOD
    assert waited == [7, 60]


def test_a_page_that_is_too_big_is_refused(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "MAX_BYTES", 10)
    vendor.script = [(200, {**GOOD, "records": [ROW]})]
    with pytest.raises(Malformed, match="a page of over 10 bytes"):
        _ask(vendor)


def _send(vendor: Vendor) -> None:
    Client(vendor.connection(), lambda name: "the-token").send("replies", {"replies": []}, PLACE)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_what_is_sent_arrives_with_the_token_and_any_good_word_will_do(vendor: Vendor, status: int) -> None:
    vendor.script = [(status, {})]
    _send(vendor)
    ((path, headers),) = vendor.asked
    assert path == "/replies"
    assert headers["Authorization"] == "Bearer the-token"
    assert headers["Content-Type"] == "application/json"


def test_what_is_sent_is_sent_again_where_that_may_help(vendor: Vendor) -> None:
    vendor.script = [(503, {"error": "busy"}), (204, {})]
    _send(vendor)
    assert len(vendor.asked) == 2


@pytest.mark.parametrize(("status", "kind"), [(400, Refused), (401, Unauthorized), (403, Refused), (404, Refused)])
def test_what_is_refused_is_not_sent_again(vendor: Vendor, status: int, kind: type[PullError]) -> None:
    vendor.script = [(status, ROW)]
    with pytest.raises(kind, match=f"HTTP {status}") as raised:
        _send(vendor)
    assert len(vendor.asked) == 1
    assert ROW["hovaten"] not in str(raised.value)

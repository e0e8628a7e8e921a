"""Proves that each fault of the wire happens on the wire as its name says, to what it was switched for alone, and that
all is as before, byte for byte, once it is off. Read with sockets and plain requests.
"""

import json
import socket
import time
import unicodedata
import zlib
from collections.abc import Callable
from email.utils import formatdate, parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from edu_pipeline.sandbox import partner
from edu_pipeline.sandbox.server import Sandbox
from edu_pipeline.sandbox.shapes import BY_UNIT, LISTS
from edu_pipeline.sandbox.wire import FAULTS, describe
from edu_pipeline_tests.sandbox.practice import Practice, Record
from edu_pipeline_tests.sandbox.wired import MOST_PAGES, UNITS, Reader, readers, received

Proof = Callable[[Reader], None]
PROOFS: dict[str, Proof] = {}
# What is read where the system's usual resource has nothing that the fault could befall: persons, nulls.
WHERE = {("rekeyed", "registry"): "/registry/v0/identities", ("explicit_nulls", "partner"): "/partner/v0/enrollments"}
EVERY = [(name, system) for name, fault in FAULTS.items() for system in sorted(fault.systems)]


def _proves(name: str) -> Callable[[Proof], Proof]:
    def put(proof: Proof) -> Proof:
        PROOFS[name] = proof
        return proof

    return put


@pytest.fixture
def wired(practice: Practice) -> dict[str, Reader]:
    practice.clock("settled")
    return readers(practice)


def _beside(reader: Reader) -> list[Reader]:
    """Who reads something else of the same system, and of each other one."""
    found = [other for name, other in readers(reader.practice).items() if name != reader.system]
    another = {"partner": "/partner/v0/staff", "hoaphuong": "/hoaphuong/api/v2/nhan-su", "portal":
               "/portal/v1/admissions", "ims": f"{reader.path.rpartition('/')[0]}/orgs"}  # fmt: skip
    if path := another.get(reader.system):
        found.append(reader.of(path=path, lies="orgs" if reader.system == "ims" else reader.lies))
    if reader.system in BY_UNIT:
        found.append(_elsewhere(reader))
    return found


def _elsewhere(reader: Reader) -> Reader:
    return reader.of(unit=(reader.unit[0], UNITS[reader.system][1]))


def test_every_fault_is_proved_here() -> None:
    assert list(PROOFS) == list(FAULTS)
    assert all(fault.says for fault in FAULTS.values())
    assert [line.split()[0] for line in describe().splitlines()] == list(FAULTS)


@pytest.mark.parametrize(("name", "system"), EVERY)
def test_a_fault_does_what_it_says_where_it_is_on_and_leaves_no_trace(
    wired: dict[str, Reader], name: str, system: str
) -> None:
    reader = wired[system]
    reader = reader.of(path=WHERE.get((name, system), reader.path))
    before, others = reader.seen(), _beside(reader)
    beside = [other.seen(is_whole=False) for other in others]
    PROOFS[name](reader)
    assert [other.seen(is_whole=False) for other in others] == beside
    reader.switch(name, on=False)
    assert reader.seen() == before


def _whole(reader: Reader, name: str, **options: Any) -> tuple[list[list[Record]], list[list[Record]]]:
    """The pages of a reading before the fault, and with it."""
    before = reader.reading()
    assert len(before) > 2
    reader.switch(name, **options)
    return before, reader.reading()


def _flat(pages: list[list[Record]]) -> list[Record]:
    return [record for page in pages for record in page]


# Bytes


@_proves("unreachable")
def _(reader: Reader) -> None:
    reader.switch("unreachable")
    assert received(reader.socket()) == ([], False)
    with pytest.raises(requests.ConnectionError):
        reader.ask()


def _split(pieces: list[tuple[float, bytes]]) -> tuple[bytes, int, bytes]:
    head, _, body = b"".join(piece for _, piece in pieces).partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    return head, int(lines[b"content-length"]), body


@_proves("reset")
def _(reader: Reader) -> None:
    whole = reader.ask().content
    reader.switch("reset")
    pieces, is_reset = received(reader.socket())
    head, length, body = _split(pieces)
    assert is_reset
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert (length, len(body)) == (len(whole), len(whole) // 2)
    reader.switch("reset", where="headers")
    pieces, is_reset = received(reader.socket())
    assert is_reset
    assert pieces[0][1].startswith(b"HTTP/1.1 200")
    assert b"\r\n\r\n" not in pieces[0][1]


@_proves("truncated_body")
def _(reader: Reader) -> None:
    whole = reader.ask().content
    reader.switch("truncated_body", share=0.9)
    pieces, is_reset = received(reader.socket())
    _, length, body = _split(pieces)
    assert not is_reset
    assert (length, len(body)) == (len(whole), int(len(whole) * 0.9))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        reader.ask()


@_proves("slow_drip")
def _(reader: Reader) -> None:
    whole = reader.ask().content
    reader.switch("slow_drip", piece=len(whole) // 4, seconds=0.03)
    assert len(reader.ask().content) == len(whole)
    begin = time.monotonic()
    with reader.socket() as connection:
        found, times = b"", []
        while b"\r\n\r\n" not in found or len(_split([(0, found)])[2]) < len(whole):
            piece = connection.recv(65536)
            assert piece, "closed before the end"
            found += piece
            times.append(time.monotonic() - begin)
    assert len(times) >= 4
    assert times[-1] - times[0] > 0.08


@_proves("gzip_bomb")
def _(reader: Reader) -> None:
    whole = reader.ask()
    reader.switch("gzip_bomb", bytes=3_000_000)
    head, _, _ = b"".join(piece for _, piece in received(_closing(reader))[0]).partition(b"\r\n\r\n")
    assert b"content-encoding: gzip" in head
    assert b"content-length" not in head
    unpacked = reader.ask()
    assert len(unpacked.content) == 3_000_000
    if reader.system not in ("oauth", "partner", "hoaphuong"):  # their tokens are new ones
        assert unpacked.json() == whole.json()


def _closing(reader: Reader) -> socket.socket:
    """A connection that the server closes after its answer."""
    return reader.of(headers=reader.headers | {"Connection": "close"}).socket()


# Whole answers


def _refuses(name: str, status: int, **options: Any) -> None:
    @_proves(name)
    def _(reader: Reader) -> None:
        reader.switch(name, **options)
        assert reader.ask().status_code == status
        assert "error" in reader.ask().text or "loi" in reader.ask().text


_refuses("unauthorized", 401)
_refuses("forbidden", 403)


@_proves("throttled")
def _(reader: Reader) -> None:
    for said in (None, 7, formatdate(usegmt=True)):
        reader.switch("throttled", retry_after=said)
        answer = reader.ask()
        assert (answer.status_code, answer.headers.get("Retry-After")) == (429, None if said is None else str(said))


@_proves("error")
def _(reader: Reader) -> None:
    reader.switch("error", times=1)
    assert [reader.ask().status_code for _ in range(2)] == [500, 200]
    reader.switch("error", status=503, after=1)
    assert [reader.ask().status_code for _ in range(3)] == [200, 503, 503]


@_proves("token_expired")
def _(reader: Reader) -> None:
    reader.switch("token_expired", after=2)
    assert [reader.ask().status_code for _ in range(4)] == [200, 200, 401, 401]
    if reader.system == "ims":
        fresh = readers(reader.practice)["ims"]
        assert [fresh.ask().status_code for _ in range(4)] == [200] * 4
        assert reader.ask().status_code == 401


@_proves("redirect_host")
def _(reader: Reader) -> None:
    reader.switch("redirect_host", to="http://127.0.0.2:9")
    if reader.system == "oauth":
        pieces, _ = received(_closing(reader))
        assert b"location: http://127.0.0.2:9/oauth/token" in b"".join(piece for _, piece in pieces)
        return
    answer = reader.ask()
    there, here = urlsplit(answer.headers["Location"]), urlsplit(answer.url)
    assert answer.status_code == 302
    assert (there.scheme, there.netloc, there.path, there.query) == ("http", "127.0.0.2:9", here.path, here.query)


@_proves("redirect_metadata")
def _(reader: Reader) -> None:
    reader.switch("redirect_metadata")
    pieces, _ = received(_closing(reader))
    said = b"".join(piece for _, piece in pieces)
    assert said.startswith(b"HTTP/1.1 302")
    assert b"location: http://169.254.169.254/latest/meta-data/\r\n" in said


@_proves("login_page")
def _(reader: Reader) -> None:
    reader.switch("login_page")
    answer = reader.ask()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "password" in answer.text


@_proves("error_object")
def _(reader: Reader) -> None:
    reader.switch("error_object")
    assert (reader.ask().status_code, list(reader.ask().json())) == (200, ["error"])
    reader.switch("error_object", beside=True)
    said = reader.ask().json()
    assert (reader.ask().status_code, "error" in said) == (200, True)
    assert reader.system == "oauth" or said[reader.lies] == []


@_proves("wrong_type")
def _(reader: Reader) -> None:
    whole = reader.ask()
    for said in ("text/plain", "text/html"):
        reader.switch("wrong_type", type=said)
        answer = reader.ask()
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, said)
        assert answer.json().keys() == whole.json().keys()


@_proves("skewed_clock")
def _(reader: Reader) -> None:
    for seconds in (3600, -86400):
        reader.switch("skewed_clock", seconds=seconds)
        (date,) = reader.ask().raw.headers.getlist("date")
        assert abs(parsedate_to_datetime(date).timestamp() - time.time() - seconds) < 5


# Pages


@_proves("wrapped")
def _(reader: Reader) -> None:
    records = reader.records(reader.ask())
    reader.switch("wrapped", under="results")
    said = reader.ask().json()
    assert (said.get(reader.lies), said["results"]) == (None, records)


@_proves("next_elsewhere")
def _(reader: Reader) -> None:
    records = reader.records(reader.ask())
    reader.switch("next_elsewhere", to="http://127.0.0.2:9")
    answer = reader.ask()
    told = answer.json()["meta"]["next"] if reader.system == "hoaphuong" else answer.links["next"]["url"]
    assert told.startswith(f"http://127.0.0.2:9{reader.path}?")
    assert reader.records(answer) == records


@_proves("no_total")
def _(reader: Reader) -> None:
    before, during = _whole(reader, "no_total")
    assert before == during
    answer = reader.ask()
    assert reader.total(answer) is None
    assert "last" not in answer.links


@_proves("total_off")
def _(reader: Reader) -> None:
    total = reader.total(reader.ask()) or 0
    for delta in (1, -3):
        reader.switch("total_off", delta=delta)
        assert {reader.total(answer) for answer in reader.pages()} == {total + delta}


@_proves("empty")
def _(reader: Reader) -> None:
    reader.switch("empty")
    (answer,) = reader.pages()
    assert (answer.status_code, reader.records(answer), reader.total(answer)) == (200, [], 0)


@_proves("clamped")
def _(reader: Reader) -> None:
    before, during = _whole(reader, "clamped", size=9)
    assert {len(page) for page in during[:-1]} == {9}
    assert _flat(during) == _flat(before)[: len(_flat(during))]
    assert len(_flat(during)) in (len(_flat(before)), 9 * MOST_PAGES)
    assert reader.ask().json().get("size") in (reader.size[1], None)
    reader.switch("clamped")
    assert (len(reader.records(reader.ask())), reader.total(reader.ask())) == (10, len(_flat(before)))
    reader.switch("clamped", total=False)
    assert reader.total(reader.ask()) is None


@_proves("endless")
def _(reader: Reader) -> None:
    before, during = _whole(reader, "endless")
    assert during[: len(before)] == before
    assert during[len(before) :] == [before[-1]] * (MOST_PAGES - len(before)) != []


@_proves("page_repeated")
def _(reader: Reader) -> None:
    before, during = _whole(reader, "page_repeated")
    assert during == [before[0], *before[:-1]]
    assert {reader.total(answer) for answer in reader.pages()} == {len(_flat(before))}


@_proves("page_missing")
def _(reader: Reader) -> None:
    before, during = _whole(reader, "page_missing")
    assert during == [before[0], *before[2:]]
    assert {reader.total(answer) for answer in reader.pages()} == {len(_flat(before))}


@_proves("reordered")
def _(reader: Reader) -> None:
    before, during = _whole(reader, "reordered")
    keys = reader.keys(_flat(during))
    assert [len(page) for page in during] == [len(page) for page in before]
    assert set(keys) < set(reader.keys(_flat(before)))
    assert {reader.total(answer) for answer in reader.pages()} == {len(keys)}
    assert reader.reading() == during


@_proves("mid_pull")
def _(reader: Reader) -> None:
    before, during = _whole(reader, "mid_pull", changed=2, added=3, removed=4)
    was, now, size = _flat(before), _flat(during), reader.size[1]
    assert during[0] == before[0]
    seen, known = set(reader.keys(now)), set(reader.keys(was))
    assert known - seen == set(reader.keys(was[size : size + 4])), "they moved up to the page that was read already"
    assert len(seen - known) == 3
    old = {record[reader.key]: record for record in was}
    assert [record[reader.key] for record in now if old.get(record[reader.key], record) != record] == reader.keys(
        was[-2:]
    )
    after = _flat(reader.reading())
    assert reader.keys(after)[: len(was) - 4] == reader.keys(was[4:]), "the next reading is whole"
    assert {reader.total(answer) for answer in reader.pages()} == {len(was) - 1} == {len(after)}
    reader.switch("mid_pull", again=True)
    assert reader.reading()[0] == reader.reading()[0] == before[0]


@_proves("filter_ignored")
def _(reader: Reader) -> None:
    own = _flat(reader.reading())
    other = _elsewhere(reader)
    others = _flat(other.reading())
    reader.switch("filter_ignored")
    assert _flat(reader.reading()) != own
    reader.switch("filter_ignored", served=other.unit[1])
    assert _flat(reader.reading()) == others != own
    reader.switch("filter_ignored", served="all")
    answer = reader.of(size=(reader.size[0], 500)).ask()
    assert {*reader.keys(own), *reader.keys(others)} <= set(reader.keys(reader.records(answer)))
    assert (reader.total(answer) or 0) >= len(own) + len(others)


# Records


def _third(reader: Reader, name: str, **options: Any) -> tuple[Any, Any, requests.Response]:
    """The third record before the fault and with it; nothing else of the reading may have changed."""
    before = _flat(reader.reading())
    reader.switch(name, **options)
    answer = reader.ask()
    first = json.loads(answer.content)[reader.lies]
    during = _flat(reader.reading())
    assert during[:2] + during[3:] == before[:2] + before[3:]
    return before[2], first[2], answer


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        return {path: value}
    return {name: leaf for key, item in value.items() for name, leaf in _leaves(item, f"{path}.{key}").items()}


def _the_text(was: Any, now: Any) -> tuple[Any, Any]:
    (path,) = {path for path, leaf in _leaves(was).items() if _leaves(now)[path] != leaf}
    return _leaves(was)[path], _leaves(now)[path]


@_proves("huge_field")
def _(reader: Reader) -> None:
    was, now, _ = _third(reader, "huge_field", bytes=50_000)
    assert len(_the_text(was, now)[1]) == 50_000
    reader.switch("huge_field")
    assert 10_000_000 < len(reader.ask().content) < 10_100_000
    key = reader.records(reader.ask())[-1][reader.key]
    reader.switch("huge_field", key=key, bytes=5000)
    assert [len(str(record)) > 5000 for record in reader.records(reader.ask())[-2:]] == [False, True]


@_proves("deep_nesting")
def _(reader: Reader) -> None:
    was, now, answer = _third(reader, "deep_nesting", depth=500)
    assert isinstance(_the_text(was, now)[1], list)
    reader.switch("deep_nesting")
    assert b"[" * 2000 + b"]" * 2000 in reader.ask().content
    assert b"[" * 2001 not in reader.ask().content
    assert b"[" * 500 + b"]" * 500 in answer.content


@_proves("nul")
def _(reader: Reader) -> None:
    was, now, answer = _third(reader, "nul")
    text, wrong = _the_text(was, now)
    assert "\0" in wrong
    assert wrong.replace("\0", "") == text
    assert rb"\u0000" in answer.content


@_proves("surrogate")
def _(reader: Reader) -> None:
    was, now, answer = _third(reader, "surrogate")
    text, wrong = _the_text(was, now)
    assert wrong.replace("\ud800", "") == text
    assert answer.content.count(rb"\ud800") == 1
    answer.content.decode("utf-8")


@_proves("nfd")
def _(reader: Reader) -> None:
    before, during = _whole(reader, "nfd")
    assert before != during or reader.system == "portal", "which tells no names"
    told = json.dumps(during, ensure_ascii=False)
    assert unicodedata.is_normalized("NFD", told)
    assert unicodedata.normalize("NFC", told) == unicodedata.normalize("NFC", json.dumps(before, ensure_ascii=False))


@_proves("explicit_nulls")
def _(reader: Reader) -> None:
    everything = reader.of(size=(reader.size[0], 500))
    before = everything.records(everything.ask())

    def nulls() -> int:
        return sum(
            value is None for record in everything.records(everything.ask()) for value in _leaves(record).values()
        )

    is_silent = reader.system == "ims"
    everything.switch("explicit_nulls")
    odd, even = nulls(), nulls()
    assert odd == 0 < even
    assert (everything.records(everything.ask()) == before) == is_silent
    assert (everything.records(everything.ask()) != before) == is_silent
    everything.switch("explicit_nulls", how="null")
    assert [nulls(), nulls()] == [even, even]
    everything.switch("explicit_nulls", how="absent")
    assert [nulls(), nulls()] == [0, 0]


@_proves("newer")
def _(reader: Reader) -> None:
    name = "rev" if reader.system == "hoaphuong" else "phienban"
    before, during = _whole(reader, "newer", by=4)
    assert [record[name] for record in _flat(during)] == [record[name] + 4 for record in _flat(before)]
    assert reader.keys(_flat(during)) == reader.keys(_flat(before))


@_proves("rekeyed")
def _(reader: Reader) -> None:
    neighbor = reader.records(reader.ask())[3]
    was, now, _ = _third(reader, "rekeyed")
    changed = {path for path, leaf in _leaves(was).items() if _leaves(now)[path] != leaf}
    apart = {path for path in changed if path.lstrip(".") in ("phienban", "rev", "thoigiancapnhat", "updatedAt",
                                                              "dateLastModified")}  # fmt: skip
    assert now[reader.key] == was[reader.key] != neighbor[reader.key]
    assert changed - apart
    assert {_leaves(now)[path] == _leaves(neighbor)[path] for path in changed - apart} == {True}
    assert reader.system == "portal" or apart


@_proves("cancelled_resent")
def _(reader: Reader) -> None:
    was = reader.records(reader.ask())[2]
    reader.switch("cancelled_resent")
    told = [reader.records(reader.ask())[2] for _ in range(3)]
    field, events, version = {
        "partner": ("sukien", ["CANCEL", "UPDATE", "UPDATE"], "phienban"),
        "registry": ("sukien", ["CANCEL", "UPDATE", "UPDATE"], "phienban"),
        "hoaphuong": ("deletedAt", [told[0]["updatedAt"] if reader.system == "hoaphuong" else "", None, None], "rev"),
        "ims": ("status", ["tobedeleted", "active", "active"], "dateLastModified"),
    }[reader.system]
    assert [record[field] for record in told] == events
    assert was[version] < told[0][version] < told[1][version] == told[2][version]
    assert reader.inside(told[1]).keys() == reader.inside(was).keys()


# The controls


def test_a_bomb_of_the_usual_size_weighs_little_on_the_wire(wired: dict[str, Reader]) -> None:
    reader = wired["registry"]
    reader.switch("gzip_bomb")
    with requests.get(f"{reader.practice.url}{reader.path}", headers=reader.headers, stream=True, timeout=30) as answer:
        packed = answer.raw.read(decode_content=False)
    unpacker, size = zlib.decompressobj(31), 0
    piece = unpacker.decompress(packed, 1024 * 1024)
    while piece:
        size += len(piece)
        piece = unpacker.decompress(unpacker.unconsumed_tail, 1024 * 1024)
    assert (len(packed) < 1_000_000, size) == (True, 200_000_000)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"name": "typo", "system": "partner"}, "no fault 'typo'"),
        ({"name": "unreachable"}, "has one of the systems"),
        ({"name": "unreachable", "system": "gradebook"}, "has one of the systems"),
        ({"name": "nul", "system": "oauth"}, "has one of the systems"),
        ({"name": "next_elsewhere", "system": "partner"}, "has one of the systems ims|has one of the systems hoa"),
        ({"name": "cancelled_resent", "system": "portal"}, "has one of the systems"),
        ({"name": "filter_ignored", "system": "registry"}, "has one of the systems"),
        ({"name": "error", "system": "ims", "unit": "79760401"}, "not asked by unit"),
        ({"name": "rekeyed", "system": "partner", "resource": "classes"}, "no people"),
        ({"name": "error", "system": "partner", "delta": 1}, "no option 'delta'"),
        ({"name": "error", "system": "partner", "status": "500"}, "is no int"),
        ({"name": "error", "system": "partner", "times": "2"}, "no whole number"),
    ],
)
def test_what_makes_no_sense_is_refused(
    practice: Practice, sandbox: Sandbox, said: dict[str, Any], complaint: str
) -> None:
    answer = practice.session.post(f"{practice.url}/_control/faults", json=said, timeout=10)
    assert answer.status_code == 400
    if said["name"] != "typo":  # which the vendors' faults refuse
        with pytest.raises(ValueError, match=complaint):
            sandbox.wire.switch(**said)
    assert sandbox.wire.on == {}


def test_from_python_it_is_switched_as_over_http(sandbox: Sandbox, wired: dict[str, Reader]) -> None:
    reader = wired["partner"]
    sandbox.wire.switch("error", "partner", "students", reader.unit[1], times=1)
    assert [reader.ask().status_code for _ in range(2)] == [500, 200]
    sandbox.wire.switch("error", "partner")
    sandbox.wire.switch("forbidden", "ims")
    assert [wired[system].ask().status_code for system in ("partner", "ims", "registry")] == [500, 403, 200]
    sandbox.wire.switch("error", is_on=False)
    assert [wired[system].ask().status_code for system in ("partner", "ims")] == [200, 403]
    sandbox.wire.clear()
    assert wired["ims"].ask().status_code == 200


def test_the_control_lists_faults_of_both_kinds(practice: Practice) -> None:
    practice.fault("orphan", "79760401")
    practice.fault("nul", "79760401", system="partner", resource="students")
    assert practice.get("/_control/faults").json() == {
        "on": [["orphan", "79760401"]], "wire": [["nul", "partner", "students", "79760401"]]}  # fmt: skip


def test_several_faults_work_together(wired: dict[str, Reader]) -> None:
    reader = wired["partner"].of(size=("size", 1000))
    (whole,) = reader.reading()
    for name, options in (("clamped", {"size": 40}), ("page_missing", {}), ("nul", {}), ("wrong_type", {})):
        reader.switch(name, **options)
    pages = reader.reading()
    assert reader.keys(_flat(pages)) == reader.keys(whole[:40] + whole[80:])
    assert "\0" in pages[0][2]["data"]["hovaten"]
    assert reader.ask().headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("system", sorted(LISTS))
def test_a_refusal_of_the_system_itself_comes_through(wired: dict[str, Reader], system: str) -> None:
    reader = wired[system].of(headers={})
    for name in ("clamped", "endless", "total_off", "nul", "nfd"):
        reader.switch(name)
    assert reader.ask().status_code == 401
    assert wired[system].ask(**{reader.size[0]: "many"}).status_code == 400


def test_a_wrong_credential_is_still_refused_by_the_partner(wired: dict[str, Reader]) -> None:
    reader = wired["partner"]
    reader.switch("token_expired")
    assert partner.TOKEN in reader.headers["Authorization"]
    assert [reader.ask().status_code, reader.of(headers={"Authorization": "Bearer x"}).ask().status_code] == [401, 401]

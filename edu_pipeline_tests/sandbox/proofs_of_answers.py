"""Proofs of the wire's faults of bytes and of whole answers: on the socket it is as the fault's name says.

Reader -> fault on -> what comes

What does not belong here: pages and records that are nearly right (proofs_of_pages.py, proofs_of_records.py).
"""

import socket
import time
from email.utils import formatdate, parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from edu_pipeline_tests.sandbox.proofs import proves
from edu_pipeline_tests.sandbox.wired import Reader, readers, received


@proves("unreachable")
def _(reader: Reader) -> None:
    reader.switch("unreachable")
    assert received(reader.socket()) == ([], False)
    with pytest.raises(requests.ConnectionError):
        reader.ask()


def _split(pieces: list[tuple[float, bytes]]) -> tuple[bytes, int, bytes]:
    head, _, body = b"".join(piece for _, piece in pieces).partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    return head, int(lines[b"content-length"]), body


@proves("reset")
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


@proves("truncated_body")
def _(reader: Reader) -> None:
    whole = reader.ask().content
    reader.switch("truncated_body", share=0.9)
    pieces, is_reset = received(reader.socket())
    _, length, body = _split(pieces)
    assert not is_reset
    assert (length, len(body)) == (len(whole), int(len(whole) * 0.9))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        reader.ask()


@proves("slow_drip")
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


@proves("gzip_bomb")
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


def _refuses(name: str, status: int, **options: Any) -> None:
    @proves(name)
    def _(reader: Reader) -> None:
        reader.switch(name, **options)
        assert reader.ask().status_code == status
        assert "error" in reader.ask().text or "loi" in reader.ask().text


_refuses("unauthorized", 401)
_refuses("forbidden", 403)


@proves("throttled")
def _(reader: Reader) -> None:
    for said in (None, 7, formatdate(usegmt=True)):
        reader.switch("throttled", retry_after=said)
        answer = reader.ask()
        assert (answer.status_code, answer.headers.get("Retry-After")) == (429, None if said is None else str(said))


@proves("error")
def _(reader: Reader) -> None:
    reader.switch("error", times=1)
    assert [reader.ask().status_code for _ in range(2)] == [500, 200]
    reader.switch("error", status=503, after=1)
    assert [reader.ask().status_code for _ in range(3)] == [200, 503, 503]


@proves("token_expired")
def _(reader: Reader) -> None:
    reader.switch("token_expired", after=2)
    assert [reader.ask().status_code for _ in range(4)] == [200, 200, 401, 401]
    if reader.system == "ims":
        fresh = readers(reader.practice)["ims"]
        assert [fresh.ask().status_code for _ in range(4)] == [200] * 4
        assert reader.ask().status_code == 401


@proves("redirect_host")
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


@proves("redirect_metadata")
def _(reader: Reader) -> None:
    reader.switch("redirect_metadata")
    pieces, _ = received(_closing(reader))
    said = b"".join(piece for _, piece in pieces)
    assert said.startswith(b"HTTP/1.1 302")
    assert b"location: http://169.254.169.254/latest/meta-data/\r\n" in said


@proves("login_page")
def _(reader: Reader) -> None:
    reader.switch("login_page")
    answer = reader.ask()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "password" in answer.text


@proves("error_object")
def _(reader: Reader) -> None:
    reader.switch("error_object")
    assert (reader.ask().status_code, list(reader.ask().json())) == (200, ["error"])
    reader.switch("error_object", beside=True)
    said = reader.ask().json()
    assert (reader.ask().status_code, "error" in said) == (200, True)
    assert reader.system == "oauth" or said[reader.lies] == []


@proves("wrong_type")
def _(reader: Reader) -> None:
    whole = reader.ask()
    for said in ("text/plain", "text/html"):
        reader.switch("wrong_type", type=said)
        answer = reader.ask()
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, said)
        assert answer.json().keys() == whole.json().keys()


@proves("skewed_clock")
def _(reader: Reader) -> None:
    (true,) = reader.ask().raw.headers.getlist("date")
    for seconds in (3600, -86400):
        reader.switch("skewed_clock", seconds=seconds)
        (date,) = reader.ask().raw.headers.getlist("date")
        apart = parsedate_to_datetime(date) - parsedate_to_datetime(true)
        assert abs(apart.total_seconds() - seconds) < 5

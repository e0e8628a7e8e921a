"""Proofs of the wire's faults of records: one of them, or each, is told otherwise, and its neighbors are not.

Reader -> its records before, and with the fault on -> what differs, and nothing else

What does not belong here: which records come at all (proofs_of_pages.py).
"""

import json
import unicodedata
from typing import Any

import requests

from edu_pipeline_tests.sandbox.proofs import flat, proves, whole
from edu_pipeline_tests.sandbox.wired import Reader


def _third(reader: Reader, name: str, **options: Any) -> tuple[Any, Any, requests.Response]:
    """The third record before the fault and with it; nothing else of the reading may have changed."""
    before = flat(reader.reading())
    reader.switch(name, **options)
    answer = reader.ask()
    first = json.loads(answer.content)[reader.lies]
    during = flat(reader.reading())
    assert during[:2] + during[3:] == before[:2] + before[3:]
    return before[2], first[2], answer


def _leaves(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        return {path: value}
    return {name: leaf for key, item in value.items() for name, leaf in _leaves(item, f"{path}.{key}").items()}


def _the_text(was: Any, now: Any) -> tuple[Any, Any]:
    (path,) = {path for path, leaf in _leaves(was).items() if _leaves(now)[path] != leaf}
    return _leaves(was)[path], _leaves(now)[path]


@proves("huge_field")
def _(reader: Reader) -> None:
    was, now, _ = _third(reader, "huge_field", bytes=50_000)
    assert len(_the_text(was, now)[1]) == 50_000
    reader.switch("huge_field")
    assert 10_000_000 < len(reader.ask().content) < 10_100_000
    key = reader.records(reader.ask())[-1][reader.key]
    reader.switch("huge_field", key=key, bytes=5000)
    assert [len(str(record)) > 5000 for record in reader.records(reader.ask())[-2:]] == [False, True]


@proves("deep_nesting")
def _(reader: Reader) -> None:
    was, now, answer = _third(reader, "deep_nesting", depth=500)
    assert isinstance(_the_text(was, now)[1], list)
    reader.switch("deep_nesting")
    assert b"[" * 2000 + b"]" * 2000 in reader.ask().content
    assert b"[" * 2001 not in reader.ask().content
    assert b"[" * 500 + b"]" * 500 in answer.content


@proves("nul")
def _(reader: Reader) -> None:
    was, now, answer = _third(reader, "nul")
    text, wrong = _the_text(was, now)
    assert "\0" in wrong
    assert wrong.replace("\0", "") == text
    assert rb"\u0000" in answer.content


@proves("surrogate")
def _(reader: Reader) -> None:
    was, now, answer = _third(reader, "surrogate")
    text, wrong = _the_text(was, now)
    assert wrong.replace("\ud800", "") == text
    assert answer.content.count(rb"\ud800") == 1
    answer.content.decode("utf-8")


@proves("nfd")
def _(reader: Reader) -> None:
    before, during = whole(reader, "nfd")
    assert before != during or reader.system == "portal", "which tells no names"
    told = json.dumps(during, ensure_ascii=False)
    assert unicodedata.is_normalized("NFD", told)
    assert unicodedata.normalize("NFC", told) == unicodedata.normalize("NFC", json.dumps(before, ensure_ascii=False))


@proves("explicit_nulls")
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


@proves("newer")
def _(reader: Reader) -> None:
    name = "rev" if reader.system == "hoaphuong" else "phienban"
    before, during = whole(reader, "newer", by=4)
    assert [record[name] for record in flat(during)] == [record[name] + 4 for record in flat(before)]
    assert reader.keys(flat(during)) == reader.keys(flat(before))


@proves("rekeyed")
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


@proves("cancelled_resent")
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

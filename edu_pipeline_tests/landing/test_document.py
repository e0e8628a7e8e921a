"""A page's JSON is read so that a broken text costs that text, and what is no JSON is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edu_pipeline.landing.document import parse

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_json_is_what_it_says(value: object, is_ascii: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=is_ascii).encode()) == value


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (rb'{"a": "x\u0000y", "b": "kept"}', {"a": "x\ufffdy", "b": "kept"}),
        # A backslash that is itself escaped: the six characters \u0000, which are text.
        (rb'["\\u0000"]', ["\\u0000"]),
        (rb'["\\\u0000"]', ["\\\ufffd"]),
        (rb'{"a": "Nguy\ud800n", "b": "kept"}', {"a": "Nguy\ufffdn", "b": "kept"}),
        (rb'["\ud83d\ude00", "\udc00"]', ["\U0001f600", "\ufffd"]),
        (b'["Nguy\xe1\xbbn", 1]', ["Nguy\ufffdn", 1]),
    ],
)
def test_what_a_database_cannot_hold_costs_its_text_alone(body: bytes, read: object) -> None:
    assert parse(body) == read


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"a": ', b"[NaN]", b"[Infinity]", b'{"a": "\\ud800", "b": NaN}', b"[" * 5000 + b"]" * 5000],
    ids=["empty", "page", "broken off", "nan", "infinity", "nan beside a surrogate", "deep"],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(body)

"""What a received record means follows from its hash and version alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edu_pipeline.landing.mark import TAKEN_UP, Known, digest, disposition

OLD, NEW = b"old", b"new"


def _known(version: int | None = 3, is_present: bool = True, is_open: bool = False, is_untold: bool = False) -> Known:
    return Known(OLD, version, is_present, is_open, is_untold=is_untold)


@pytest.mark.parametrize(
    ("content", "version", "known", "means"),
    [
        (OLD, 1, None, "insert"),
        (OLD, 3, _known(), "unchanged"),
        (OLD, 9, _known(), "unchanged"),
        (OLD, 3, _known(is_open=True), "again"),
        (OLD, 3, _known(is_open=True, is_untold=True), "update"),
        (NEW, 4, _known(), "update"),
        (NEW, 3, _known(), "superseded"),
        (NEW, 2, _known(), "superseded"),
        (NEW, 2, _known(is_open=True), "superseded"),
        (NEW, None, _known(), "update"),
        (NEW, 1, _known(version=None), "update"),
        (OLD, 3, _known(is_present=False), "return"),
        (NEW, 1, _known(is_present=False), "return"),
        (OLD, 1, Known(OLD, 3, True, False, is_of_older_epoch=True), "unchanged"),
        (NEW, 1, Known(OLD, 3, True, False, is_of_older_epoch=True), "update"),
    ],
)
def test_a_record_means(content: bytes, version: int | None, known: Known | None, means: str) -> None:
    assert disposition(content, version, known) == means


def test_what_is_unchanged_or_older_is_not_understood_again() -> None:
    assert set(TAKEN_UP) == {"insert", "update", "return", "again"}


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcde"), inner, max_size=3),
    max_leaves=8,
)
_RECORDS = st.dictionaries(st.sampled_from(["id", "name", "data", "seen"]), _VALUES, max_size=4)


@given(_RECORDS)
def test_the_order_of_keys_says_nothing(record: dict) -> None:
    assert digest(dict(reversed(record.items())), ()) == digest(record, ())
    assert len(digest(record, ())) == 16


@given(_RECORDS, _VALUES)
def test_a_volatile_field_says_nothing_and_any_other_does(record: dict, value: object) -> None:
    assert digest({**record, "seen": value}, ("seen",)) == digest(record, ("seen",))
    if "name" not in record and value is not None:
        assert digest({**record, "name": value}, ("seen",)) != digest(record, ("seen",))


def _without(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if inner is not None}
    return [_without(inner) for inner in value] if isinstance(value, list) else value


@given(_RECORDS)
def test_a_null_and_an_absent_key_say_the_same(record: dict) -> None:
    assert digest({**record, "new": None}, ()) == digest(record, ())
    assert digest(_without(record), ()) == digest(record, ())


def test_a_null_in_a_list_and_the_word_null_are_content() -> None:
    assert digest({"a": [1, None]}, ()) != digest({"a": [1]}, ())
    assert digest({"a": ":null", "b": None}, ()) == digest({"a": ":null"}, ()) != digest({}, ())

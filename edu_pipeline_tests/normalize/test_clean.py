"""A cleaner says the value in the master schema, or says that it cannot: it never guesses and never breaks a chunk.

Laws are proved for any value that JSON can hold; the words of the sources that taught us each law are examples.
"""

import datetime as dt
import unicodedata

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import example, given

from edu_pipeline.normalize.clean import UNKNOWN_CODE, UNKNOWN_UNIT, UNREADABLE, Cleaned, Words, clean
from edu_pipeline.sources.resource import CLEANERS

WORDS = Words(codes={"1": "male", "0": "female"}, units={"79000701": "79000701", "org-1": "79000901"})
INT4 = st.integers(-(2**31), 2**31 - 1)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))


def one(value: object, cleaner: str) -> tuple[object, str | None]:
    """The cleaned value and, where it could not be expressed, the rule that it broke."""
    found = clean(pd.Series([value], dtype=object), cleaner, WORDS)
    assert len(found.values) == len(found.is_fault) == 1
    return found.values.iloc[0], found.rule if found.is_fault.iloc[0] else None


def as_text(value: object, cleaner: str = "text") -> str:
    found, fault = one(value, cleaner)
    assert fault is None
    return "" if found is None else str(found)


@pytest.mark.parametrize("cleaner", CLEANERS)
@given(value=JSON)
def test_what_is_a_fault_has_no_value_and_what_is_absent_is_no_fault(cleaner, value):
    found, fault = one(value, cleaner)
    assert fault is None or found is None
    assert fault in (None, UNREADABLE, UNKNOWN_CODE, UNKNOWN_UNIT)
    assert one(None, cleaner) == (None, None)


@pytest.mark.parametrize("cleaner", CLEANERS)
@pytest.mark.parametrize("value", ["", " ", "\t\r\n", "\u00a0", "\u3000", []])
def test_blank_is_absent(cleaner, value):
    assert one(value, cleaner) == (None, None)


def test_an_unlisted_cleaner_is_refused():
    with pytest.raises(KeyError, match="guess"):
        clean(pd.Series(["x"]), "guess", WORDS)


@pytest.mark.parametrize("cleaner", CLEANERS)
def test_rows_keep_their_places_and_kinds(cleaner):
    raw = pd.Series([None, {"a": 1}, None, "79000701", "1"], index=[10, 7, 30, 2, 5], dtype=object)
    found = clean(raw, cleaner, WORDS)
    assert isinstance(found, Cleaned)
    assert list(found.values.index) == list(found.is_fault.index) == [10, 7, 30, 2, 5]
    assert found.values.dtype == object
    assert found.is_fault.dtype == bool
    assert found.is_fault[7]
    assert not found.is_fault[10]


def test_an_empty_column_stays_empty():
    for cleaner in CLEANERS:
        found = clean(pd.Series([], dtype=object), cleaner, WORDS)
        assert len(found.values) == len(found.is_fault) == 0


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
@example("Nguye\u0302\u0303n Thi\u0323 A\u0301nh")
@example(" \u0301")
@example("a \u0301")
def test_text_is_nfc_without_outer_blanks_and_cleaning_it_again_changes_nothing(value):
    for cleaner in ("text", "name"):
        said = as_text(value, cleaner)
        assert unicodedata.is_normalized("NFC", said)
        assert said == said.strip()
        assert as_text(said, cleaner) == said
    assert unicodedata.normalize("NFC", value).strip() == as_text(value)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_a_name_has_single_blanks_and_loses_no_letter(value):
    said = as_text(value, "name")
    assert said.split() == (said.split(" ") if said else [])
    assert said.replace(" ", "") == "".join(unicodedata.normalize("NFC", value).split())


def test_decomposed_vietnamese_is_composed():
    decomposed = unicodedata.normalize("NFD", "Nguyễn Thị Ánh")
    assert len(decomposed) > len("Nguyễn Thị Ánh")
    assert one(f"  {decomposed[:6]}\n{decomposed[6:]} ", "name")[0] == unicodedata.normalize(
        "NFC", f"{decomposed[:6]} {decomposed[6:]}"
    )
    assert one(decomposed, "text") == ("Nguyễn Thị Ánh", None)


@pytest.mark.parametrize("value", ["a\x00b", "\x00", "\ud800", "a\udfffb", {"a": 1}, {}, True, False])
def test_what_postgresql_cannot_hold_or_is_no_text_is_unreadable(value):
    for cleaner in ("text", "name", "person_name"):
        assert one(value, cleaner) == (None, UNREADABLE)


def test_a_list_is_its_items_joined_by_commas():
    assert one(["1", "2", "3"], "text") == ("1,2,3", None)
    assert one([6, 7], "text") == ("6,7", None)


@pytest.mark.parametrize("value", [["a\x00"], ["\ud800"], [None, "1"], [{"a": 1}], [True], ["e\u0302"], [" "]])
def test_items_of_a_list_obey_the_laws_of_text(value):
    said, fault = one(value, "text")
    assert fault == UNREADABLE or said in (None, "1", "ê")


@pytest.mark.parametrize("value", [[None, "1"], ["1", None], ["1", {"a": 1}], ["1", True], ["1", ["2"]], ["1", " "]])
def test_a_list_with_an_item_that_is_no_text_is_not_the_shorter_list(value):
    assert one(value, "text") == (None, UNREADABLE)


@given(INT4)
def test_a_whole_number_survives_as_number_and_as_digits(number):
    assert one(number, "integer") == (number, None)
    assert one(str(number), "integer") == (number, None)
    assert one(f" {number} ", "integer") == (number, None)
    assert one(float(number), "integer") == (number, None)
    assert type(one(float(number), "integer")[0]) is int


@given(st.integers(-(2**31) + 1, 2**31 - 1))
def test_a_school_year_named_by_its_end_is_known_by_its_start(number):
    assert one(number, "end_year") == (number - 1, None)
    assert one(str(number), "end_year") == (number - 1, None)


@pytest.mark.parametrize(
    "value",
    ["2024".translate(FULL_WIDTH), "२०२४", "²", "1.0", "1,000", "1 000", "+1", "--1", "-", "1e3", "0x10", "1_000",
     "một", 1.5, float("inf"), float("nan"), True, False, {"a": 1}, "1\x00", ["1", "2"]],
)  # fmt: skip
def test_what_is_no_whole_number_is_unreadable(value):
    assert one(value, "integer") == (None, UNREADABLE)
    assert one(value, "end_year") == (None, UNREADABLE)


@given(st.integers(0, 10**9))
def test_full_width_digits_are_never_a_number(number):
    assert one(str(number).translate(FULL_WIDTH), "integer") == (None, UNREADABLE)


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, "99999999999", 1e300])
def test_a_number_that_no_column_can_hold_is_unreadable(value):
    assert one(value, "integer") == (None, UNREADABLE)


def test_a_number_that_python_refuses_does_not_break_the_chunk():
    assert one("1" * 5000, "integer") == (None, UNREADABLE)
    for cleaner in ("integer", "end_year", "text", "date"):
        assert one(10**5000, cleaner) == (None, UNREADABLE)


def test_an_end_year_without_a_year_before_it_is_unreadable():
    assert one(-(2**31), "end_year") == (None, UNREADABLE)


@given(st.dates())
def test_a_date_survives_as_iso_with_or_without_a_time(day):
    for value in (
        day.isoformat(),
        f" {day.isoformat()} ",
        f"{day.isoformat()}T00:00:00",
        f"{day.isoformat()}T23:59:59Z",
    ):
        assert one(value, "date") == (day, None)
    assert type(one(day.isoformat(), "date")[0]) is dt.date


@pytest.mark.parametrize(
    "value",
    ["2015-02-31", "2015-02-29", "2015-13-01", "2015-00-10", "2015-01-00", "0000-01-01", "28/02/2015", "02-28-2015",
     "2015-02-28".translate(FULL_WIDTH), "२०१५-०२-२८", "20150228", 20150228, "2015", "2015-02", "15-02-28",
     "2015-02-28 00:00", "2015-02-28x", "+2015-02-28", "ngày 28", True, {"a": 1}, 1.5],
)  # fmt: skip
def test_what_is_no_calendar_date_is_unreadable(value):
    assert one(value, "date") == (None, UNREADABLE)


@pytest.mark.parametrize("value", ["２０１５-02-28", "२०१५-02-28", "2015-02-2８", "2015-2-8"])
def test_a_date_is_written_in_full_with_ascii_digits(value):
    assert one(value, "date") == (None, UNREADABLE)


@pytest.mark.parametrize(
    "value", ["2015-02-28Tomorrow", "2015-02-28T25:00:00", "2015-02-28T", "2015-02-28TT10:00", "2015-02-28T\n10:00"]
)
def test_after_the_day_only_a_time_may_follow(value):
    assert one(value, "date") == (None, UNREADABLE)


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("FALSE", False),
        (" True ", True),
        ("1", True),
        (0, False),
        (1, True),
    ],
)
def test_true_and_false_have_their_words(value, meaning):
    assert one(value, "boolean") == (meaning, None)


@pytest.mark.parametrize("value", ["yes", "no", "có", "2", "-1", 2, "１", "on", {"a": 1}])
def test_other_words_are_neither_true_nor_false(value):
    assert one(value, "boolean") == (None, UNREADABLE)


@given(st.sampled_from(sorted(WORDS.codes)) | st.text(max_size=3))
def test_a_code_is_translated_or_unknown(value):
    said, fault = one(value, "code")
    known = WORDS.codes.get(as_text(value)) if "\x00" not in value else None
    if known is not None:
        assert (said, fault) == (known, None)
    else:
        assert (said, fault) == (None, UNKNOWN_CODE if value.strip() else None)


@pytest.mark.parametrize("value", [1, "1", " 1 "])
def test_a_code_may_come_as_a_number(value):
    assert one(value, "code") == ("male", None)


@pytest.mark.parametrize("value", ["１", "01", "male", 1.0, True, "2"])
def test_a_code_is_not_guessed(value):
    assert one(value, "code") == (None, UNKNOWN_CODE)


@pytest.mark.parametrize(("value", "unit"), [("79000701", "79000701"), (79000701, "79000701"), ("org-1", "79000901")])
def test_a_unit_is_one_that_the_connection_answers_for(value, unit):
    assert one(value, "unit") == (unit, None)


@pytest.mark.parametrize("value", ["79000999", "79000901", "７９０００７０１", "ORG-1"])
def test_another_unit_is_unknown(value):
    assert one(value, "unit") == (None, UNKNOWN_UNIT)

"""Dates, parts of dates, school years and decimals: what is said is kept, and nothing is made up.

A partial date is text that begins the whole date: YYYY, YYYY-MM, YYYY-MM-DD. The law of the cleaners is that what comes
out says exactly what went in; the law of the declared pattern is that it admits exactly the days that exist.
"""

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import example, given

from edu_pipeline.normalize.clean import UNREADABLE, Words, clean
from edu_pipeline.schema.kinds import PARTIAL_DATE

_PATTERN = re.compile(f"({PARTIAL_DATE})", re.ASCII)

# What a partial date may be: text of one, and what it was written from by day, month and year.
DAYS = st.dates(dt.date(1, 1, 1))


def one(value: object, cleaner: str) -> tuple[Any, str | None]:
    found = clean(pd.Series([value], dtype=object), cleaner, Words(zone="Asia/Ho_Chi_Minh"))
    return found.values.iloc[0], found.rule if found.is_fault.iloc[0] else None


@given(DAYS, st.sampled_from([4, 7, 10]))
def test_a_part_of_a_date_survives_as_what_it_is(day: dt.date, length: int) -> None:
    part = day.isoformat()[:length]
    assert one(part, "partial_date") == (part, None)
    assert one(f" {part} ", "partial_date") == (part, None)
    assert day.isoformat().startswith(part)


@given(DAYS, st.sampled_from([1, 2, 3]))
def test_day_month_and_year_are_read_from_the_right(day: dt.date, parts: int) -> None:
    written = "/".join(f"{day:%d/%m}/{day.year:04d}".split("/")[-parts:])
    wanted = day.isoformat()[: {1: 4, 2: 7, 3: 10}[parts]]
    assert one(written, "partial_dmy") == (wanted, None)
    assert one(wanted, "partial_date") == (wanted, None)
    assert one(written, "date_dmy") == ((day, None) if parts == 3 else (None, UNREADABLE))


@given(DAYS)
def test_a_day_may_be_written_without_its_zeros(day: dt.date) -> None:
    assert one(f"{day.day}/{day.month}/{day.year:04d}", "date_dmy") == (day, None)


@given(st.text(max_size=12) | st.from_regex(r"[0-9]{1,4}[/-][0-9]{1,2}([/-][0-9]{1,4})?", fullmatch=True))
@example("31/02/2015")
@example("13/2015")
@example("2015-13")
@example("2015-02-31")
@example("0000")
@example("2015-2")
@example("42051")
@example("２０１５")
def test_what_comes_out_is_a_date_that_exists_or_nothing(value: str) -> None:
    for cleaner in ("partial_date", "partial_dmy"):
        said, fault = one(value, cleaner)
        assert (said is None) == (fault is not None or not value.strip())
        if said is not None:
            assert _PATTERN.fullmatch(said)
            dt.date.fromisoformat(said + "0000-01-01"[len(said) :])
            # Never invents: every digit that comes out stood in what went in.
            digits = re.sub("[^0-9]", "", said).lstrip("0")
            assert Counter(digits) <= Counter(re.sub("[^0-9]", "", value) + "0000")


@given(st.integers(1, 9999), st.integers(0, 99), st.integers(0, 99))
def test_the_declared_pattern_admits_exactly_the_days_that_exist(year: int, month: int, day: int) -> None:
    try:
        exists = bool(dt.date(year, month, day))
    except ValueError:
        exists = False
    assert bool(_PATTERN.fullmatch(f"{year:04d}-{month:02d}-{day:02d}")) is exists
    assert bool(_PATTERN.fullmatch(f"{year:04d}-{month:02d}")) is (1 <= month <= 12)


def test_every_twenty_ninth_of_february_of_the_calendar_is_admitted_and_no_other() -> None:
    for year in range(1, 10_000):
        is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        assert bool(_PATTERN.fullmatch(f"{year:04d}-02-29")) is is_leap, year


@pytest.mark.parametrize("value", ["5/3", "2015/02/28", "28-02-2015", "28.02.2015", "42051", "tháng 2", True, 1.5, {}])
def test_other_ways_to_write_a_day_are_not_guessed(value: object) -> None:
    assert one(value, "partial_dmy") == one(value, "date_dmy") == (None, UNREADABLE)


@given(st.integers(1, 9998))
def test_a_school_year_is_two_years_that_follow(start: int) -> None:
    assert one(f"{start:04d}-{start + 1:04d}", "year_label") == (start, None)
    assert one(f"{start:04d} - {start + 1:04d}", "year_label") == (start, None)
    assert one(f"{start:04d}-{start:04d}", "year_label") == (None, UNREADABLE)
    assert one(f"{start:04d}", "year_label") == (None, UNREADABLE)


@given(st.decimals(-(10**9), 10**9, places=2))
def test_a_number_with_two_decimals_survives_with_either_mark(number: Decimal) -> None:
    assert one(f"{number:.2f}", "decimal") == (number, None)
    assert one(f"{number:.2f}".replace(".", ","), "decimal_comma") == (number, None)


@given(st.integers(-(10**6), 10**6), st.sampled_from([0, 0.5, 0.25, 0.1]))
def test_a_json_number_is_what_was_written(whole: int, part: float) -> None:
    for cleaner in ("decimal", "decimal_comma"):
        assert one(whole, cleaner) == (Decimal(whole), None)
        assert one(whole + part, cleaner)[0] == Decimal(str(whole + part))


@pytest.mark.parametrize(
    "value",
    [
        "8.555",
        "8,5",
        "8.5.1",
        "tám",
        ".5",
        "5.",
        "1e3",
        "８.5",
        "1 000",
        "+1",
        float("nan"),
        float("inf"),
        True,
        {},
        "9" * 11,
    ],
)
def test_what_is_no_number_with_two_decimals_is_unreadable(value: object) -> None:
    assert one(value, "decimal") == (None, UNREADABLE)


@pytest.mark.parametrize("value", ["8.5", "8,555", "tám phẩy năm", "1.000,5"])
def test_a_point_is_no_comma(value: str) -> None:
    assert one(value, "decimal_comma") == (None, UNREADABLE)


@pytest.mark.parametrize(("value", "meaning"), [("x", True), ("X", True), (" x ", True), ("xx", None)])
def test_a_lone_x_is_a_tick(value: str, meaning: bool | None) -> None:
    assert one(value, "boolean") == (meaning, None if meaning else UNREADABLE)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        (1725469199, dt.date(2024, 9, 4)),  # 2024-09-04T16:59:59Z, a second before midnight in the city
        (1725469200, dt.date(2024, 9, 5)),
        ("2024-09-04T17:00:00Z", dt.date(2024, 9, 5)),
        ("2024-09-04T16:59:59Z", dt.date(2024, 9, 4)),
        ("2024-09-04T23:59:59", dt.date(2024, 9, 4)),
        ("2024-09-04", dt.date(2024, 9, 4)),
        (0, None),
        (None, None),
    ],
)
def test_a_moment_has_the_day_that_it_has_in_the_system_s_zone(told: object, day: dt.date | None) -> None:
    assert one(told, "instant_date") == (day, None)


@pytest.mark.parametrize("told", ["1725469200", "5/9/2024", "2024-13-01", 10**30, 3.5, True])
def test_what_is_no_moment_has_no_day(told: object) -> None:
    assert one(told, "instant_date") == (None, UNREADABLE)


@pytest.mark.parametrize(("told", "month"), [("2024-09", "2024-09"), ("2024-13", None), ("2024-09-05", None)])
def test_a_month_is_a_month(told: str, month: str | None) -> None:
    assert one(told, "month") == (month, None if month else UNREADABLE)

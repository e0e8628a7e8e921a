"""The calendar runs forward or is refused by line; every day it covers has one season at every level."""

import datetime as dt
from pathlib import Path

import hypothesis.strategies as st
import pytest
import yaml
from hypothesis import given

from edu_pipeline.sources.calendar import Calendar, Season
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.sources.site import load
from edu_pipeline.sources.year import DEADLINES, LEVELS, levels_of

TEXT = (Path(__file__).parent / "site" / "calendar.yaml").read_text()
DAY = dt.timedelta(days=1)


def calendar(**levels: dict[str, object]) -> Calendar:
    """The test site's calendar with overrides of 2024-2025, by level."""
    said = yaml.safe_load(TEXT)
    said["years"][1]["levels"] = levels
    return Calendar.model_validate(said)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


YEAR_2024 = TEXT[TEXT.index("  - school_year: 2024") : TEXT.index("  - school_year: 2025")]


def upper(said: str) -> tuple[str, str]:
    """2024-2025 with an override of upper secondary schools, in line 24."""
    return YEAR_2024, f"{YEAR_2024}    levels: {{upper_secondary: {{{said}}}}}\n"


SWAPPED = "terms: [{term: 2, begin: 2024-09-05, end: 2025-01-12}, {term: 1, begin: 2025-01-13, end: 2025-05-20}]"
# What is changed, into what, the line that is told, and what is said there.
REFUSED = {
    "a word with a typo": ("retests_end: 2025", "retest_end: 2025", 22, "did you mean retests_end?"),
    "a key twice": ("retests_end: 2025-08-20", "opening: 2024-09-06", 22, "opening stands there twice, first in"),
    "no such day": ("opening: 2024-09-05", "opening: 2024-09-31", 15, "day is out of range for month; write a day"),
    "no day": ("opening: 2024-09-05", "opening: soon", 15, "write a day that exists, as 2024-09-13"),
    "opening after the rollover": (
        "rollover_deadline: 2024-09-13", "rollover_deadline: 2024-09-04", 16,
        "opening 2024-09-05 is not before rollover_deadline 2024-09-04; correct one of the two"),
    "fields early": ("start_of_year_fields: 2024-09-20", "start_of_year_fields: 2024-09-12", 17, "dates run backwards"),
    "report early": ("connection_report: 2024-09-27", "connection_report: 2024-09-19", 18, "dates run backwards"),
    "corrections early": ("corrections_end: 2024-10-31", "corrections_end: 2024-09-26", 20, "dates run backwards"),
    "corrections late": ("corrections_end: 2024-10-31", "corrections_end: 2025-01-31", 20, "2025-01-31 is not in 2024"),
    "statistics early": ("statistics_date: 2024-10-16", "statistics_date: 2024-09-01", 19, "dates run backwards"),
    "statistics late": (
        "statistics_date: 2024-10-16", "statistics_date: 2024-11-16", 20,
        "statistics_date 2024-11-16 is not before corrections_end 2024-10-31; correct one"),
    "results early": ("results_close: 2025-05-31", "results_close: 2025-05-30", 21, "dates run backwards"),
    "retests early": ("retests_end: 2025-08-20", "retests_end: 2025-05-30", 22, "dates run backwards"),
    "retests late": (
        "retests_end: 2025-08-20", "retests_end: 2025-09-05", 22,
        "retests_end 2025-09-05 is not before opening 2025-09-05 of 2025; correct one of the two"),
    "admissions early": ("admissions_end: 2025-07-31", "admissions_end: 2024-07-31", 23, "dates run backwards"),
    "admissions late": ("admissions_end: 2025-07-31", "admissions_end: 2025-09-06", 23, "is not before opening"),
    "opening of another year": ("opening: 2024-09-05", "opening: 2023-09-05", 15, "opening 2023-09-05 is not in 2024"),
    "first term of another year": ("begin: 2024-09-05", "begin: 2023-09-05", 14, "2023-09-05 is not in 2024; correct"),
    "last term of another year": ("end: 2025-05-31", "end: 2026-05-31", 14, "2026-05-31 is not in 2025; correct"),
    "a year twice": (YEAR_2024, YEAR_2024 * 2, 24, "school year 2024 stands there twice; take one out"),
    "a gap": (YEAR_2024, "", 13, "school year 2024 is missing before 2025; write the years oldest first"),
    "no year": (TEXT, "years: []\n", 1, "years: tuple should have at least 1 item"),
    "unknown level": (
        YEAR_2024, f"{YEAR_2024}    levels: {{high: {{}}}}\n", 24,
        "years.1.levels.high: input should be 'preschool', 'primary', 'lower_secondary', 'upper_secondary' or 'cont"),
    "unknown date of a level": (
        *upper("closing: 2025-05-20"), 24, "upper_secondary.closing: does not belong there; it holds terms, opening,"),
    "a level backwards": (
        *upper("retests_end: 2025-05-20"), 24, "calendar 2024, upper_secondary: dates run backwards: results_close"),
    "a level against the city": (
        *upper("results_close: 2025-08-21"), 22, "upper_secondary: dates run backwards: results_close 2025-08-21"),
    "a level against the next year": (
        *upper("retests_end: 2025-09-20"), 24, "2024, upper_secondary: retests_end 2025-09-20 is not before opening"),
    "terms of a level swapped": (*upper(SWAPPED), 24, "write term 1 first, then term 2"),
    "unknown season": (TEXT, f"{TEXT}seasons: {{winter: {{share: 0.1, rows: 1}}}}\n", 35, "'in_year', 'year_end' or"),
    "all may go": (TEXT, f"{TEXT}seasons: {{summer: {{share: 1, rows: 1}}}}\n", 35, "summer.share: input should be"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_mistake_is_refused_by_file_line_and_remedy(mistake, site_dir):
    old, new, line, said = REFUSED[mistake]
    assert TEXT.count(old) == 1
    (site_dir / "calendar.yaml").write_text(TEXT.replace(old, new))
    with pytest.raises(ConfigurationError) as raised:
        load(site_dir)
    told = str(raised.value).splitlines()
    assert [t for t in told if t.startswith(f"{site_dir}/calendar.yaml:{line}: ") and said in t], told


def test_the_letters_dates_are_the_calendars():
    year = calendar().year(2024)
    assert [year.rollover_deadline, year.start_of_year_fields, year.connection_report, year.corrections_end] == [
        day("2024-09-13"), day("2024-09-20"), day("2024-09-27"), day("2024-10-31")]  # fmt: skip


def test_a_level_differs_where_it_says_so_and_a_unit_of_several_takes_the_latest():
    year = calendar(
        upper_secondary={"results_close": "2025-06-10", "opening": "2024-09-04"},
        preschool={"terms": [{"term": 1, "begin": "2024-09-09", "end": "2025-01-10"},
                             {"term": 2, "begin": "2025-01-13", "end": "2025-05-23"}]},
    ).year(2024)  # fmt: skip
    assert [year.at(level).results_close for level in ("", "primary", "upper_secondary")] == [
        day("2025-05-31"), day("2025-05-31"), day("2025-06-10")]  # fmt: skip
    assert year.at() == year.at("primary") != year.at("upper_secondary")
    both = year.at("lower_secondary", "upper_secondary")
    assert (both.opening, both.results_close, both.end) == (day("2024-09-05"), day("2025-06-10"), day("2025-05-31"))
    kindergarten = year.at("preschool", "primary")
    assert [(t.term, t.begin, t.end) for t in kindergarten.terms] == [
        (1, day("2024-09-09"), day("2025-01-12")), (2, day("2025-01-13"), day("2025-05-31"))]  # fmt: skip
    assert year.at("preschool").end == day("2025-05-23")


@pytest.mark.parametrize(
    ("kind", "grades", "levels"),
    [
        ("primary", "1,2,3,4,5", ("primary",)),
        ("preschool", "13,16,18", ("preschool",)),
        ("multi_level", "6,7,8,9,10,11,12", ("lower_secondary", "upper_secondary")),
        ("foreign_invested", "1,6,10", ("primary", "lower_secondary", "upper_secondary")),
        ("continuing_education", "10,11,12", ("continuing",)),
        ("office", None, ()),
        (None, "", ()),
    ],
)
def test_a_units_levels_follow_from_its_grades(kind, grades, levels):
    assert levels_of(kind, grades) == levels
    assert set(levels) <= set(LEVELS)


def test_corrections_of_a_year_end_in_the_autumn_after_it():
    found = calendar(primary={"corrections_end": "2024-11-15"})
    assert found.corrected_until(2023) == day("2024-10-31")
    assert found.corrected_until(2023, "primary", "preschool") == day("2024-11-15")
    assert found.corrected_until(2025) == day("2026-10-31")
    # The city reads a year as long as any level may correct it.
    assert [y.school_year for y in found.readable(day("2024-11-15"))] == [2024, 2023]
    assert [y.school_year for y in found.readable(day("2024-11-16"))] == [2024]


@pytest.mark.parametrize(
    ("text", "season"),
    [
        ("2024-02-15", Season.IN_YEAR),
        ("2024-05-10", Season.IN_YEAR),
        ("2024-05-11", Season.YEAR_END),
        ("2024-05-31", Season.YEAR_END),
        ("2024-06-01", Season.SUMMER),
        ("2024-08-15", Season.SUMMER),
        ("2024-09-04", Season.SUMMER),
        ("2024-09-05", Season.START_OF_YEAR),
        ("2024-10-31", Season.START_OF_YEAR),
        ("2024-11-01", Season.IN_YEAR),
        ("2026-09-04", Season.SUMMER),
    ],
)
def test_a_day_has_its_season(text, season):
    assert calendar().season(day(text)) == season


@pytest.mark.parametrize("text", ["2023-09-04", "2026-09-05"])
def test_a_day_outside_the_calendar_has_none_and_lets_the_least_go(text):
    found = calendar()
    with pytest.raises(KeyError, match=rf"calendar\.yaml says nothing of {text}: it goes from 2023-09-05 until before"):
        found.season(day(text))
    assert found.removals(day(text)) == found.removals(day("2024-02-15"))


def test_august_is_not_february_and_a_site_may_say_otherwise():
    found = calendar()
    february, august = found.removals(day("2024-02-15")), found.removals(day("2024-08-15"))
    assert (february.share, february.rows) == (0.2, 5)
    assert august.share > february.share
    said = yaml.safe_load(TEXT) | {"seasons": {"summer": {"share": 0.1, "rows": 2}}, "year_end_weeks": 1}
    changed = Calendar.model_validate(said)
    assert (changed.removals(day("2024-08-15")).share, changed.removals(day("2024-08-15")).rows) == (0.1, 2)
    assert changed.removals(day("2024-02-15")) == february
    assert (changed.season(day("2024-05-24")), changed.season(day("2024-05-25"))) == (Season.IN_YEAR, Season.YEAR_END)
    # Outside the calendar the site's own least counts.
    assert (changed.removals(day("2030-01-01")).share, changed.removals(day("2030-01-01")).rows) == (0.1, 2)


# Overrides that leave every order as it is: days that move a little, each within the room between its neighbors.
MOVES = st.fixed_dictionaries(
    {},
    optional={
        "opening": st.dates(day("2024-08-26"), day("2024-09-13")),
        "corrections_end": st.dates(day("2024-10-16"), day("2024-12-31")),
        "results_close": st.dates(day("2025-05-31"), day("2025-07-31")),
        "retests_end": st.dates(day("2025-07-31"), day("2025-09-04")),
    },
)
OVERRIDES = st.dictionaries(st.sampled_from(LEVELS), MOVES, max_size=len(LEVELS))


@given(OVERRIDES, st.lists(st.sampled_from(LEVELS), unique=True, max_size=3), st.integers(1, 10), st.data())
def test_every_day_of_the_calendar_has_exactly_one_season_at_every_level(overrides, levels, weeks, data):
    found = calendar(**overrides).model_copy(update={"year_end_weeks": weeks})
    dates = [year.at(*levels) for year in found.years]
    begin, end = dates[0].opening, dates[-1].opening + 364 * DAY
    on = data.draw(st.dates(begin, end))
    openings = [d.opening for d in dates[1:]] + [end + DAY]
    held = [
        season
        for d, following in zip(dates, openings, strict=True)
        for season, is_in in {
            Season.START_OF_YEAR: d.opening <= on <= d.corrections_end,
            Season.IN_YEAR: d.corrections_end < on <= d.end - 7 * weeks * DAY,
            Season.YEAR_END: max(d.corrections_end, d.end - 7 * weeks * DAY) < on <= d.results_close,
            Season.SUMMER: d.results_close < on < following,
        }.items()
        if is_in
    ]
    assert held == [found.season(on, *levels)]
    # Seasons follow each other within a year, and no day is jumped over.
    if on < end and found.year_on(on, *levels) == found.year_on(on + DAY, *levels):
        order = list(Season)
        step = order.index(found.season(on + DAY, *levels)) - order.index(found.season(on, *levels))
        assert step in (0, 1)


@given(OVERRIDES, st.lists(st.sampled_from(LEVELS), unique=True, min_size=1, max_size=3))
def test_the_latest_dates_of_several_levels_still_run_forward(overrides, levels):
    found = calendar(**overrides)
    for year in found.years:
        together = year.at(*levels)
        for name in DEADLINES:
            assert getattr(together, name) == max(getattr(year.at(level), name) for level in levels)
        # The check that refuses a file takes them.
        type(year).model_validate({"school_year": year.school_year, **together.model_dump()})


def test_what_may_change_follows_the_season_and_a_site_may_say_otherwise():
    found = calendar()
    february, september = found.changes(day("2024-02-15")), found.changes(day("2023-09-15"))
    assert february.share < september.share
    assert found.changes(day("2030-01-01")) == february
    said = yaml.safe_load(TEXT) | {"seasons": {"in_year": {"share": 0.1, "rows": 2}}}
    assert Calendar.model_validate(said).changes(day("2024-02-15")) == february
    said["seasons"]["in_year"]["changes"] = {"share": 0.05, "rows": 3}
    changed = Calendar.model_validate(said)
    assert (changed.changes(day("2024-02-15")).share, changed.removals(day("2024-02-15")).share) == (0.05, 0.1)


def test_working_days_leave_out_weekends_and_holidays():
    found = Calendar.model_validate(yaml.safe_load(TEXT) | {"holidays": ["2024-06-04"]})
    friday = day("2024-05-31")
    days = {n: found.working_days(friday, friday + dt.timedelta(days=n)) for n in (0, 1, 2, 3, 4, 5)}
    assert days == {0: 0, 1: 0, 2: 0, 3: 1, 4: 1, 5: 2}
    # The second working day after that Friday is the Wednesday: the Tuesday is a holiday.
    assert [found.working_day(friday, n) for n in (0, 1, 2)] == [friday, day("2024-06-03"), day("2024-06-05")]

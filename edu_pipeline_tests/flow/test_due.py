"""By when a state has to be mended, by the calendar and the unit's levels; and when a night looks again."""

import datetime as dt
from pathlib import Path

import pytest

from edu_pipeline.defs.jobs import nightly
from edu_pipeline.flow.due import DATES_VI, answer, due
from edu_pipeline.flow.night import CRON, next_look, next_night
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.year import DEADLINES

ANY: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("state", "day", "by"),
    [
        ("quarantined", "2024-09-05", "2024-09-20"),
        ("quarantined", "2024-09-20", "2024-09-20"),
        ("quarantined", "2024-09-21", "2024-10-31"),
        ("waiting_identity", "2024-11-15", "2025-05-31"),
        # After the last date of a year, what is wrong is due in the next one.
        ("waiting_parent", "2024-08-25", "2024-09-20"),
        ("pending", "2024-06-10", "2024-08-20"),
        ("pending", "2024-09-05", "2024-09-13"),
        ("pending", "2024-09-14", "2024-10-31"),
        ("left", "2024-09-05", None),
        ("quarantined", "2031-01-01", None),
    ],
)
def test_a_state_is_owed_by_the_calendars_next_date(site_dir: Path, state: str, day: str, by: str | None) -> None:
    found = due(sites.load(site_dir).calendar, state, ANY, dt.date.fromisoformat(day))
    assert (found.date.isoformat() if found else None) == by
    if found:
        assert found.days_left == (found.date - dt.date.fromisoformat(day)).days


def test_who_waits_for_a_year_is_late_once_its_rollover_is(site_dir: Path) -> None:
    calendar = sites.load(site_dir).calendar
    found = due(calendar, "waiting_year", ANY, dt.date(2024, 9, 20), 2024)
    assert found is not None
    assert (found.date, found.days_left) == (dt.date(2024, 9, 13), -7)
    assert due(calendar, "waiting_year", ANY, dt.date(2024, 9, 20), 2031) is None


def test_a_hold_is_owed_an_answer_by_the_second_working_day(site_dir: Path) -> None:
    # Friday, 6 September 2024.
    found = answer(sites.load(site_dir).calendar, dt.date(2024, 9, 6), dt.date(2024, 9, 12))
    assert (found.date, found.days_left) == (dt.date(2024, 9, 10), -2)


def test_every_date_has_a_name_in_vietnamese() -> None:
    assert set(DATES_VI) == set(DEADLINES)


def test_the_next_night_is_that_of_the_schedule() -> None:
    assert nightly.cron_schedule == CRON
    before, after = dt.datetime(2024, 9, 5, 0, 59), dt.datetime(2024, 9, 5, 1, 0)
    assert next_night(before) == dt.datetime(2024, 9, 5, 1, 0)
    assert next_night(after) == dt.datetime(2024, 9, 6, 1, 0)


def test_a_connection_that_has_left_the_site_is_not_asked_and_the_night_still_accounts(site_dir: Path) -> None:
    site, now = sites.load(site_dir), dt.datetime(2024, 9, 5, 12, 0)
    assert next_look(site, "vendor", "79000701", now).note is None
    gone = next_look(site, "former", "79000701", now)
    assert gone.at == dt.datetime(2024, 9, 6, 1, 0)
    assert gone.note is not None
    assert "connected no more" in gone.note.en

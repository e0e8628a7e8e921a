"""Settings come from the environment, are read once, and refuse what cannot be; the day is given, not guessed."""

import datetime as dt

import pytest
from pydantic import ValidationError

from edu_pipeline.settings import CITY_ZONE, Settings, settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EDU_CHUNK_ROWS", "99"),
        ("EDU_CHUNK_ROWS", "many"),
        ("EDU_PULL_PARALLELISM", "0"),
        ("EDU_PULL_PARALLELISM", "33"),
        ("EDU_AS_OF", "05/09/2024"),
        ("EDU_AS_OF", "2015-02-31"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("EDU_").lower()):
        Settings()


def test_settings_are_read_once_from_the_prefixed_environment(monkeypatch):
    monkeypatch.setenv("EDU_CHUNK_ROWS", "1000")
    monkeypatch.setenv("CHUNK_ROWS", "2000")
    assert settings().chunk_rows == 1000
    monkeypatch.setenv("EDU_CHUNK_ROWS", "3000")
    assert settings().chunk_rows == 1000


def test_addresses_are_not_shown(monkeypatch):
    monkeypatch.setenv("EDU_DATABASE_URL", "postgresql+psycopg://edu_app:very-secret@db/edu")
    monkeypatch.setenv("EDU_OWNER_URL", "postgresql+psycopg://edu_owner:very-secret@db/edu")
    assert "very-secret" not in f"{Settings()!r} {Settings()} {Settings().model_dump_json()}"


def test_today_is_the_date_that_was_given(monkeypatch, tmp_path):
    monkeypatch.setenv("EDU_AS_OF_FILE", str(tmp_path / "clock"))
    (tmp_path / "clock").write_text("2024-09-06\n")
    assert Settings().today() == dt.date(2024, 9, 6)
    monkeypatch.setenv("EDU_AS_OF", "2024-09-05")
    assert Settings().today() == dt.date(2024, 9, 5)


def test_the_clock_file_is_read_anew_each_time(tmp_path):
    clock = tmp_path / "clock"
    config = Settings(as_of_file=clock)
    for day in ("2024-09-05", "2024-09-06"):
        clock.write_text(day)
        assert config.today().isoformat() == day


@pytest.mark.parametrize("content", ["", "today", "05/09/2024", "2015-02-31", "2024-09-05 2024-09-06"])
def test_a_clock_file_without_a_date_is_named_with_what_to_write(content, tmp_path):
    clock = tmp_path / "clock"
    clock.write_text(content)
    with pytest.raises(ValueError, match=r"clock holds no ISO date; write one, such as 2024-09-05"):
        Settings(as_of_file=clock).today()


def test_a_missing_clock_file_is_named(tmp_path):
    with pytest.raises(OSError, match="no-clock"):
        Settings(as_of_file=tmp_path / "no-clock").today()


def test_without_a_date_it_is_today_in_the_city(monkeypatch):
    # Five in the morning in Ho Chi Minh City is still yesterday in UTC.
    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return dt.datetime(2024, 9, 4, 22, 0, tzinfo=dt.UTC).astimezone(tz)

    monkeypatch.setattr("edu_pipeline.settings.dt.datetime", Clock)
    assert Settings().today() == dt.date(2024, 9, 5)
    assert CITY_ZONE.key == "Asia/Ho_Chi_Minh"


def test_a_secret_is_looked_up_by_name(monkeypatch):
    monkeypatch.setenv("EDU_SECRET_VENDOR_TOKEN", "very-secret")
    assert Settings().secret("VENDOR_TOKEN") == "very-secret"


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_secret_names_the_variable_and_no_value(value, monkeypatch):
    monkeypatch.setenv("EDU_SECRET_OTHER", "very-secret")
    if value is not None:
        monkeypatch.setenv("EDU_SECRET_VENDOR_TOKEN", value)
    with pytest.raises(KeyError, match="export EDU_SECRET_VENDOR_TOKEN") as raised:
        Settings().secret("VENDOR_TOKEN")
    assert "very-secret" not in str(raised.value)

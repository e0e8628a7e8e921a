"""Proves that the practice city's date is what the file says, and moves by a phase's name or by a date, for the served
systems too.
"""

import datetime as dt
from itertools import pairwise
from pathlib import Path

import pytest
import requests

from edu_pipeline.sandbox import clock
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.server import Sandbox, running
from edu_pipeline_tests.sandbox.practice import Practice


def test_without_a_file_it_is_the_end_of_the_year(tmp_path: Path) -> None:
    assert clock.read(tmp_path / "clock") == dt.date(2024, 5, 31)
    assert not (tmp_path / "clock").exists()


@pytest.mark.parametrize("phase", clock.PHASES)
def test_it_moves_to_a_phase(tmp_path: Path, phase: str) -> None:
    path = tmp_path / "not yet there" / "clock"
    assert clock.move(path, phase) == clock.read(path) == clock.PHASES[phase]


def test_it_moves_to_a_date_and_back(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    for day in ("2024-10-31", "2024-01-02"):
        assert clock.move(path, day) == clock.read(path) == dt.date.fromisoformat(day)
        assert path.read_text() == f"{day}\n"


@pytest.mark.parametrize("word", ["", "tomorrow", "2024-02-30", "31/05/2024"])
def test_nothing_else_moves_it(tmp_path: Path, word: str) -> None:
    path = tmp_path / "clock"
    clock.move(path, "summer")
    with pytest.raises(ValueError, match=r"isoformat|day is out of range"):
        clock.move(path, word)
    assert clock.read(path) == clock.PHASES["summer"]


def test_the_phases_walk_through_one_year_and_into_the_next() -> None:
    days = list(clock.PHASES.values())
    assert all(before < after for before, after in pairwise(days))
    assert clock.YEAR_BEGIN[2023] < days[0] < clock.YEAR_END[2023] < clock.YEAR_BEGIN[2024] <= clock.OPENING
    assert clock.RESULTS_FROM <= clock.PHASES["year_end"] < clock.SUMMER_RESULTS_FROM <= clock.PHASES["summer"]


def test_the_served_systems_follow_it(practice: Practice) -> None:
    assert practice.get("/_control/clock").json() == {"date": "2024-05-31"}
    assert practice.clock("opening") == dt.date(2024, 9, 5)
    assert practice.get("/_control/clock").json() == {"date": "2024-09-05"}


def test_whoever_listens_is_told_each_day_that_it_is_moved_to(whole: City, tmp_path: Path) -> None:
    days: list[dt.date] = []
    with running(Sandbox(whole, tmp_path / "clock", announce=days.append)) as url, requests.Session() as session:
        session.trust_env = False
        served = Practice(url, whole, session)
        served.clock("opening")
        assert served.session.post(f"{url}/_control/clock", json={"to": "no day"}, timeout=10).status_code == 400
        served.clock("2024-09-20")
    assert days == [dt.date(2024, 9, 5), dt.date(2024, 9, 20)]

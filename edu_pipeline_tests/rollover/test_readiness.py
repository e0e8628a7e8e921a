"""Every reason against a unit is told, each for its own cause and no other; ready units have none."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from edu_pipeline.contracts.words import EXCEPTIONS
from edu_pipeline.flow import board, rollover
from edu_pipeline.rollover import closing, opening, posts
from edu_pipeline.rollover.readiness import reasons
from edu_pipeline.sources.policy import Policy
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]
DAY = dt.date(2024, 9, 5)
READY = dict(state="closing", is_taker=False, tells_results=True, told_count=90, due_count=100, is_answered_for=True,
             read_on=dt.date(2024, 9, 2), open_count=10, active_count=100)  # fmt: skip


def against(**changed: Any) -> list[str]:
    return list(reasons(SimpleNamespace(**READY | changed), Policy(), DAY))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"state": "closed"}, []),
        ({"state": "open"}, ["its year is open, not closed"]),
        ({"state": None}, ["its year is future, not closed"]),
        ({"state": None, "is_taker": True}, []),
        ({"state": "open", "is_taker": True}, ["its year is open, not closed"]),
        ({"told_count": 89}, ["year-end results of 89 of 100 pupils are in"]),
        ({"told_count": 0, "tells_results": False}, []),
        ({"told_count": 0, "due_count": 0}, []),
        ({"read_on": dt.date(2024, 9, 1)}, ["it was last read as a whole on 2024-09-01, 4 days ago"]),
        ({"read_on": None}, ["it was never read as a whole"]),
        ({"read_on": None, "is_answered_for": False}, []),
        ({"open_count": 11}, ["11 of 100 pupils are open"]),
        ({"open_count": 5, "active_count": 6}, []),
        ({"open_count": 6, "active_count": 6}, ["6 of 6 pupils are open"]),
    ],
)
def test_each_reason_has_its_cause(changed: dict[str, Any], said: list[str]) -> None:
    assert [one.split(":")[0] for one in against(**changed)] == said


def test_all_that_holds_is_told_at_once() -> None:
    assert len(against(state="open", told_count=0, read_on=None, open_count=50)) == 4


def test_the_board_tells_what_is_missing_of_a_unit_and_of_no_other(stage: Stage) -> None:
    world = stage("opening")
    unit, other = wire.schools(world)[:2]
    units = {row["unit"]: row for row in board.board(2023)}
    assert {row["state"] for row in units.values()} == {"ready"}
    world.execute("DELETE FROM master.result WHERE unit_id = :u", u=unit)
    world.execute("UPDATE ops.unit_year SET state = 'open' WHERE unit_id = :u", u=other)
    found = {row["unit"]: row["why"] for row in board.board(2023) if row["state"] == "not ready"}
    assert set(found) == {unit, other}
    assert found[unit].startswith("year-end results of 0 of ")
    assert found[other].startswith("its year is open, not closed")
    world.at("2024-09-09")
    assert {row["state"] for row in board.board(2023)} == {"not ready"}


def test_every_exception_has_a_code_with_words_and_a_plan_has_no_other(stage: Stage) -> None:
    assert {*closing.FLAGS, *opening.FLAGS, *posts.FLAGS, "undecided"} == set(EXCEPTIONS)
    world = stage("opening")
    rollover.make_plan(2023, "plan")
    rows = board.board(2023)
    found = {code for row in rows for code in row["exceptions"]}
    assert {"waiting", "retest_awaited", "nothing_reported"} <= found
    assert "undecided" not in found
    pending = world.value("SELECT count(*) FROM rollover.plan_line WHERE decision = 'pending'")
    assert sum(sum(row["exceptions"].values()) for row in rows) == pending == sum(row["open"] for row in rows) > 0

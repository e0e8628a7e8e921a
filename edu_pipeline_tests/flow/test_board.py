"""The board shows every unit in the one state that it is in, counts the days, and sums up by district and city."""

import datetime as dt
from collections import Counter
from collections.abc import Callable

import pytest

from edu_pipeline.flow import board, rollover
from edu_pipeline.report.board import STATES, summed
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.flow.test_approve import LINE
from edu_pipeline_tests.stages import World, approve

Stage = Callable[[str], World]


def states(*units: str) -> list[str]:
    rows = {row["unit"]: row["state"] for row in board.board(2023)}
    return [rows[unit] for unit in units]


def test_a_unit_goes_from_ready_to_reconciled_and_back(stage: Stage) -> None:
    world = stage("opening")
    plain, unit, broken, late = "79783412", "79783409", "79783406", "79783518"
    assert states(plain, unit, broken, late) == ["ready"] * 4
    rollover.make_plan(2023, "plan", [plain, unit, broken])
    assert states(plain, unit, broken, late) == ["planned", "planned", "planned", "ready"]
    approve(plain, unit, broken)
    assert states(plain, unit, broken) == ["approved"] * 3
    world.execute(LINE, u=broken)
    rollover.apply_plan(2023, "apply")
    # Two pupils of the unit still wait for the result after summer: applied, not reconciled.
    assert states(plain, unit, broken, late) == ["reconciled", "applied", "refused", "ready"]
    world.at("2024-09-14")
    rows = {row["unit"]: row for row in board.board(2023)}
    assert rows[broken]["why"].startswith("lines_are_those_planned")
    assert [rows[u]["is_late"] for u in (plain, unit, broken, late)] == [False, False, True, True]
    assert {(row["deadline"], row["days_left"]) for row in rows.values()} == {(dt.date(2024, 9, 13), -1)}
    rollover.undo("apply", [plain])
    assert states(plain) == ["undone"]
    one = wire.schools(world)[0]
    world.execute("UPDATE rollover.balance SET is_balanced = false WHERE unit_id = :u", u=unit)
    world.execute("UPDATE rollover.plan SET reconciled = false, fault = 'some_rule' WHERE unit_id = :u", u=unit)
    assert {row["unit"]: row["why"] for row in board.board(2023)}[unit] == "some_rule"
    assert states(one) == ["not ready"]  # read nine days ago


def test_every_unit_is_summed_once_by_its_district_and_the_city_is_last(stage: Stage) -> None:
    stage("applied")
    rows = board.board(2023)
    assert len(rows) == 31
    *districts, city = summed(rows)
    assert [one["district"] for one in districts] == ["79000000", "79760000", "79770000", "79783000"]
    counts = Counter(row["state"] for row in rows)
    for name in (*STATES, "units", "open", "late"):
        assert city[name] == sum(one[name] for one in districts) == counts.get(name, city[name])
    assert city["units"] == 31 == city["applied"] + city["reconciled"]
    assert city["deadline"] == dt.date(2024, 9, 13)
    own = board.board(2023, "79783000")
    assert own == [row for row in rows if row["district"] == "79783000"]
    with pytest.raises(KeyError, match="no unit of 2023 is under 79999999"):
        board.board(2023, "79999999")
    with pytest.raises(KeyError, match="no school year 2026"):
        board.board(2025)

"""A plan whose inputs have changed is not applied: it is drafted anew, and the lines are compared."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection as Database

from edu_pipeline.flow import board, rollover, stale
from edu_pipeline.rollover import inputs, plan
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World, approve

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

Stage = Callable[[str], World]

_RELATION = re.compile(r"\b(?:master|validated|waiting|quarantine|history|rollover|ops)\.[a-z_]+\b")


def test_a_stale_plan_is_refused_by_name_and_the_others_are_applied(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = stage("opening")
    unit, other, untouched = wire.schools(world)[:3]
    child = wire.quiet(world, unit)
    rollover.make_plan(2023, "plan", [unit, other, untouched])
    approve()
    world.execute("UPDATE master.result SET outcome = 'retained' WHERE unit_id = :u AND student_id = :s",
                  u=unit, s=child.root)  # fmt: skip
    # Written again as it was: there is doubt, and the draft dispels it.
    world.execute("UPDATE master.enrollment SET class_code = class_code WHERE unit_id = :u", u=other)
    plans = "SELECT plan_id, unit_id, status, hash FROM rollover.plan ORDER BY plan_id"
    lines, stood = wire.mark(world, "rollover.plan_line"), world.rows(plans)
    assert {row["unit"] for row in board.board(2023) if row["may_be_stale"]} == {unit, other}
    drafted: list[str] = []
    true = stale.draft

    def draft(database: Database, from_year: int, units: list[str], *rest: Any) -> dict[int, str]:
        drafted.extend(units)
        return true(database, from_year, units, *rest)

    monkeypatch.setattr(stale, "draft", draft)
    done = rollover.apply_plan(2023, "apply")
    assert sorted(drafted) == sorted([unit, other])
    assert done.done == sorted([other, untouched])
    assert done.failed == {unit: "stale: 2 lines differ since it was planned: plan again"}
    assert wire.mark(world, "rollover.plan_line") == lines
    assert [row.hash for row in world.rows(plans)] == [row.hash for row in stood]
    assert rollover.make_plan(2023, "again", [unit]).done == [unit]
    # The former approval was of another plan.
    assert rollover.apply_plan(2023, "early", [unit]).done == []
    approve(unit)
    assert rollover.apply_plan(2023, "apply", [unit]).done == [unit]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM waiting.enrollment WHERE unit_id = :u AND source_key = 'XL-' || :u || '-2024-' || :k",
        "INSERT INTO rollover.override (unit_id, from_year, student_id, decision, reason)"
        " VALUES (:u, 2023, :s, 'withdrawn', 'left')",
        "UPDATE master.enrollment SET status = 'transferred_out', end_date = '2024-06-20'"
        " WHERE unit_id = :u AND student_id = :s AND school_year = 2023",
        "DELETE FROM master.student_year WHERE false",
    ],
    ids=["waiting", "override", "transfer", "nothing"],
)
def test_whatever_comes_goes_or_changes_raises_a_doubt(stage: Stage, change: str) -> None:
    world = stage("opening")
    unit = wire.schools(world)[0]
    child = wire.quiet(world, unit)
    rollover.make_plan(2023, "plan", [unit])
    plan_id = world.value("SELECT plan_id FROM rollover.plan")
    with world.app.connect() as database:
        assert stale.doubtful(database, 2023, [plan_id]) == set()
    binds = {"u": unit, "s": child.root, "k": child.codes[unit]}
    world.execute(change, **{name: value for name, value in binds.items() if f":{name}" in change})
    with world.app.connect() as database:
        assert stale.doubtful(database, 2023, [plan_id]) == (set() if "false" in change else {plan_id})


def test_a_fingerprint_sees_every_table_that_a_plan_reads() -> None:
    read = {name for statement in plan.statements(amending=True) for name in _RELATION.findall(str(statement))}
    assert len(read) > 15
    assert read - inputs.SEEN - inputs.FIXED == {"rollover.snapshot"} & read

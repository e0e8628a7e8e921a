"""Where the policy wants it, a plan is approved and applied only with its head's word on exactly that hash.

a city before its rollover, plans, words from software and on paper -> approvals, board

What does not belong here: whose word is taken (test_heads.py), the other conditions (test_approve.py).
"""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from edu_pipeline.cli import main
from edu_pipeline.flow import approve as approvals
from edu_pipeline.flow import ask, paper, rollover
from edu_pipeline.flow.approve import ApprovalRefused
from edu_pipeline.flow.board import board
from edu_pipeline.sandbox.confirmations import head_of
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.flow.test_approve import decide_anew, hash_of
from edu_pipeline_tests.stages import World, approve

DAY = dt.date(2024, 9, 5)


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    world = stage("opening")
    _policy(world).write_text("four_eyes: false\nhead_confirms: true\n")
    return world


def _policy(world: World) -> Path:
    return world.folder / "site" / "rollover.yaml"


def _row(unit: str) -> dict:
    return next(row for row in board(2023) if row["unit"] == unit)


def test_a_plan_waits_for_its_head_s_word_and_another_plan_for_another_word(world: World) -> None:
    unit, other, free = wire.schools(world)[:3]
    rollover.make_plan(2023, "plan", [unit, other, free])
    first = hash_of(world, unit)
    said = (
        f"unit {unit}: its head has not confirmed it: .*year confirm {unit} 2023 --what plan --hash {first[:12]} .* / "
    )
    with pytest.raises(ApprovalRefused, match=said):
        approvals.approve(2023, {unit: first})
    assert (_row(unit)["state"], _row(unit)["head"]) == ("planned", "")
    assert _row(unit)["why"].startswith("its head has not confirmed it")
    # In the school's software, as the vendor tells it.
    world.sandbox.shown.show(unit, 2023, first, DAY)
    world.sync("saomai")
    assert _row(unit)["head"] == f"{first[:12]} by {head_of(world.city, unit, DAY)} on 2024-09-05"
    assert _row(unit)["why"] == "not approved"
    status = next(row for row in ask.plan_status(2023) if row["unit_id"] == unit)
    assert status["head_confirmed"] == f"{first[:12]} by {head_of(world.city, unit, DAY)}"
    assert approve(unit) == {unit: first}
    assert _row(unit)["state"] == "approved"
    # On paper, and not where the unit's own rule is another.
    paper.confirm(other, 2023, "plan", "8/BC", plan_hash=hash_of(world, other)[:12].upper())
    its_own = f'units: {{"{free}": {{decision: 9/QĐ, reason: flood, head_confirms: false}}}}'
    _policy(world).write_text(f"four_eyes: false\nhead_confirms: true\n{its_own}\n")
    assert set(approve(other, free)) == {other, free}
    # Planned anew, it is another plan: the head's word was of the one before.
    decide_anew(world, unit)
    rollover.make_plan(2023, "again", [unit])
    now = hash_of(world, unit)
    with pytest.raises(ApprovalRefused, match=f"its head has confirmed {first[:12]}, the plan is {now[:12]}"):
        approvals.approve(2023, {unit: now})
    assert _row(unit)["head"].startswith(first[:12])
    done = rollover.apply_plan(2023, "apply")
    assert set(done.done) == {other, free}
    assert list(done.left) == [unit]
    assert "the plan is" in done.left[unit]


def test_what_was_approved_before_the_rule_is_not_applied_without_the_word(world: World) -> None:
    unit = wire.schools(world)[0]
    rollover.make_plan(2023, "plan", [unit])
    _policy(world).write_text("four_eyes: false\n")
    approve(unit)
    _policy(world).write_text("four_eyes: false\nhead_confirms: true\n")
    done = rollover.apply_plan(2023, "apply")
    assert (done.done, done.left[unit][:29]) == ([], "its head has not confirmed it")


def test_a_district_is_approved_without_the_units_whose_heads_are_silent(world: World) -> None:
    rollover.make_plan(2023, "plan")
    district = "79783000"
    done, left = approvals.approve_district(2023, district, "5/QĐ")
    silent = sorted(unit for unit, why in left.items() if not why.startswith("has exceptions"))
    assert done == []
    assert len(silent) > 1
    assert all(left[unit].startswith("its head has not confirmed it: the head confirms this hash") for unit in silent)
    for unit in silent[1:]:
        world.sandbox.shown.show(unit, 2023, hash_of(world, unit), DAY)
    world.sync("saomai")
    done, again = approvals.approve_district(2023, district, "5/QĐ")
    assert (done, set(left) - set(again)) == (silent[1:], set(silent[1:]))


def test_the_commands_enter_and_list_a_word(world: World) -> None:
    unit, runner = wire.schools(world)[0], CliRunner()
    rollover.make_plan(2023, "plan", [unit])
    plan = hash_of(world, unit)

    def listed() -> list[tuple[str, str]]:
        told = runner.invoke(main, ["year", "confirmations", "--unit", unit, "--json"])
        return [(row["state"], row["hash"]) for row in json.loads(told.output) if row["what"] == "plan"]

    assert listed() == [("missing", plan[:12])]
    words = ["year", "confirm", unit, "2023", "--what", "plan", "--document", "8/BC"]
    refused = runner.invoke(main, words)
    assert (refused.exit_code, "confirmed by its hash" in refused.output) == (1, True)
    told = runner.invoke(main, [*words, "--hash", plan[:12], "--as", "the clerk"])
    assert told.output.startswith(f"unit {unit}: 2023, plan, hash {plan}: confirmed by ")
    assert listed() == [("confirmed", plan[:12])]
    told = runner.invoke(main, ["year", "confirm", unit, "2023", "--what", "start-of-year", "--document", "9/BC"])
    assert told.output.count("appendix") == 3

"""Gates of a move that a unit event makes: who is sent away and does not arrive, or arrives from nowhere, is stopped.

events.yaml (one unit gets another code) -> plan spoiled -> both units refused; without the rule the suite closes
"""

import functools

import pytest
import yaml
from sqlalchemy import text

from edu_pipeline.flow import publish, rollover
from edu_pipeline.rollover import check, plan, reconcile
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.stages import World, approve

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

OLD, NEW = "79770405", "79770495"
EVENT = "- {event: recoded, unit: '79770405', to: '79770495', date: 2024-08-01, decision: 1/QĐ}\n"

# Each leaves every other count of both units as it was.
PLANNED = {
    "who_moves_out_arrives": f"""UPDATE rollover.plan_line SET decision = 'accepted' WHERE line_key = (
        SELECT min(line_key) FROM rollover.plan_line WHERE unit_id = '{NEW}' AND kind = 'opening'
        AND decision = 'moved_in') AND unit_id = '{NEW}'""",
    "who_moves_in_has_left": f"""UPDATE rollover.plan_line SET decision = 'completed' WHERE line_key = (
        SELECT min(line_key) FROM rollover.plan_line WHERE unit_id = '{OLD}' AND kind = 'closing'
        AND decision = 'moved_out') AND unit_id = '{OLD}'""",
}
# The line names another unit than the one in which the pupil stands.
ARRIVED = f"""UPDATE rollover.plan_line SET other_unit_id = '79783406' WHERE unit_id = '{OLD}' AND line_key = (
    SELECT min(line_key) FROM rollover.plan_line WHERE unit_id = '{OLD}' AND kind = 'closing'
    AND decision = 'moved_out')"""


@pytest.fixture
def recoded(world: World) -> World:
    site = world.folder / "site" / "events.yaml"
    site.write_text(f"events:\n{EVENT}")
    assert yaml.safe_load(site.read_text())["events"][0]["to"] == NEW
    assert {outcome.error for outcome in world.sync().values()} == {None}
    assert publish.publish("recoded").closed == {}
    return world


@pytest.mark.slow
@pytest.mark.parametrize("rule", PLANNED)
def test_without_one_isolating_rule_the_suite_closes_in_its_place(
    recoded: World, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    true = plan.statements
    monkeypatch.setattr(plan, "statements", lambda amending: [*true(amending), text(PLANNED[rule])])
    isolated = rollover.make_plan(2023, "plan-run", [OLD, NEW])
    at, other = (OLD, NEW) if rule == "who_moves_out_arrives" else (NEW, OLD)
    assert isolated.failed[at].startswith(f"{rule}: ")
    assert isolated.failed[other] == f"moves_with_refused: unit {at}"
    assert isolated.done == []
    recoded.execute("UPDATE rollover.plan SET status = 'replaced'")
    monkeypatch.setattr(check, "refuse", functools.partial(check.refuse, without=frozenset({rule})))
    refused = rollover.make_plan(2023, "plan-run", [OLD, NEW])
    assert refused.failed == {}
    assert refused.failure == f"plan.rollover: moved_out_equals_moved_in, {rule}"
    assert rollover.apply_plan(2023, "apply-run").done == []


@pytest.mark.slow
def test_who_did_not_arrive_is_missed_by_the_rule_and_without_it_by_the_suite(
    recoded: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rollover.make_plan(2023, "plan-run", [OLD, NEW]).failure is None
    approve()
    assert rollover.apply_plan(2023, "apply-run").failed == {}
    with engine("edu_owner").begin() as owner:
        assert owner.execute(text(ARRIVED)).rowcount == 1
    rule = "moved_out_equals_arrived"
    with monkeypatch.context() as broken:
        broken.setattr(reconcile, "balance", functools.partial(reconcile.balance, without=frozenset({rule})))
        assert rollover.reconcile_now("proof").failure == f"rollover.balance: {rule}"
    assert rollover.reconcile_now("proof").failed == {OLD: rule}

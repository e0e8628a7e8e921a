"""Who is not approved is not asked and loses nothing; a lapse is told every night and cuts nobody off; a decision does.

practice city over HTTP -> sync on a day, with other approvals -> Outcome, requests that were made, the standing list
"""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from edu_pipeline.flow import ask, sync
from edu_pipeline.landing import client
from edu_pipeline_tests.flow.wire import mark
from edu_pipeline_tests.stages import World

EXEMPTION = {"from": "2024-05-01", "until": "2024-06-30", "approver": "Trần Thị C", "reason": "audit"}


def decide(world: World, name: str, **changes: Any) -> None:
    """Change what is decided of a connection; None takes it out."""
    path = world.folder / "site" / "approvals.yaml"
    said = yaml.safe_load(path.read_text())
    one = {key: value for key, value in (said["approvals"].get(name, {}) | changes).items() if value is not None}
    said["approvals"][name] = one
    path.write_text(yaml.safe_dump(said, allow_unicode=True))


def lapse(world: World, last: str) -> None:
    """Let the partner's level-3 approval end on a day."""
    path = world.folder / "site" / "approvals.yaml"
    security = yaml.safe_load(path.read_text())["approvals"]["saomai"]["security"]
    decide(world, "saomai", security=security | {"valid_until": last})


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    """The city after its first night, on 31 May 2024."""
    return stage("year_end")


@pytest.fixture
def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Connections that something was asked of, one entry a client."""
    found: list[str] = []
    true = client.Client.__init__

    def init(self: client.Client, connection: Any, *rest: Any) -> None:
        found.append(connection.id)
        true(self, connection, *rest)

    monkeypatch.setattr(client.Client, "__init__", init)
    return found


def listed(name: str) -> list[tuple[str, str]]:
    return [(row["what"], row["rule"]) for row in ask.standing() if row["where"] == name]


def test_who_was_never_approved_is_not_asked_and_the_night_of_the_others_goes_on(world: World, asked) -> None:
    decide(world, "saomai", security=None)
    before = mark(world, "landing.record", "validated", "master")
    outcomes = world.sync()
    error = outcomes["saomai"].error or ""
    for part in ("saomai", "no approval of security level 3", "the letter", "Remedy", "approvals.yaml", "Cách xử lý"):
        assert part in error
    assert sorted(asked) == ["lotus", "portal", "registry"]
    assert [outcomes[name].failure for name in asked] == [None, None, None]
    assert mark(world, "landing.record", "validated", "master") == before
    assert listed("saomai") == [("not approved", error)]


def test_a_site_without_approvals_asks_nobody_and_each_says_so(world: World, asked) -> None:
    (world.folder / "site" / "approvals.yaml").unlink()
    outcomes = world.sync()
    assert asked == []
    assert all(f"{name}: not approved" in (outcome.error or "") for name, outcome in outcomes.items())


def test_a_decision_under_a_mistyped_name_is_pointed_to(world: World) -> None:
    path = world.folder / "site" / "approvals.yaml"
    path.write_text(path.read_text().replace("  saomai:", "  saomay:"))
    assert "an entry saomay, which is no connection" in (world.sync("saomai")["saomai"].error or "")


def test_a_lapsed_approval_is_asked_and_told_every_night(world: World, asked) -> None:
    lapse(world, "2024-05-30")
    for _ in range(2):
        outcome = world.sync("saomai")["saomai"]
        assert outcome.failure is None
        (said,) = outcome.warnings
        assert "saomai: its approval lapsed on 2024-05-31" in said
        assert "hết hiệu lực" in said
    assert asked == ["saomai", "saomai"]
    assert listed("saomai") == [("lapsed", said)]


@pytest.mark.parametrize(("last", "said"), [("2024-07-31", ""), ("2024-07-30", "60 days left (notice of 60"),
                                            ("2024-06-30", "30 days left (notice of 30"),
                                            ("2024-06-07", "7 days left (notice of 7")])  # fmt: skip
@pytest.mark.slow
def test_a_lapse_is_told_sixty_thirty_and_seven_days_before(world: World, last: str, said: str) -> None:
    lapse(world, last)
    outcome = world.sync("saomai")["saomai"]
    assert outcome.failure is None
    assert bool(outcome.warnings) == bool(listed("saomai")) == bool(said)
    assert said in "".join(outcome.warnings)


@pytest.mark.slow
def test_an_exemption_bridges_and_ends(world: World, asked) -> None:
    decide(world, "saomai", security=None, exemptions=[EXEMPTION])
    outcome = world.sync("saomai")["saomai"]
    assert outcome.failure is None
    assert "exemption ends on 2024-06-30, 30 days left" in outcome.warnings[0]
    world.at("2024-07-01")
    assert "the exemption ended on 2024-06-30" in (world.sync("saomai")["saomai"].error or "")
    assert asked == ["saomai"]


@pytest.mark.slow
def test_a_decision_cuts_off_without_failing_the_night_and_removes_nothing(world: World, asked) -> None:
    cut = {"date": "2024-05-31", "decision": "7/QĐ-SGDĐT", "approver": "Nguyễn Văn B"}
    decide(world, "saomai", cut_off=cut)
    before = mark(world, "landing.record", "validated", "master")
    outcomes = world.sync()
    assert outcomes["saomai"].failure is None
    assert "7/QĐ-SGDĐT" in outcomes["saomai"].warnings[0]
    assert sorted(asked) == ["lotus", "portal", "registry"]
    assert mark(world, "landing.record", "validated", "master") == before
    assert "cut off since 2024-05-31" in (world.sync("saomai")["saomai"].error or "")
    world.at("2024-06-20")
    assert listed("saomai") == []


@pytest.mark.slow
def test_what_lies_at_landing_may_be_read_again_without_an_approval(world: World, asked) -> None:
    (world.folder / "site" / "approvals.yaml").unlink()
    (outcome,) = sync.sync("again", sync.Order(("saomai",), from_landing=True))
    assert outcome.error is None
    assert asked == []


def test_a_row_a_connection_says_what_is_decided(world: World) -> None:
    lapse(world, "2024-06-30")
    row = next(row for row in ask.approvals() if row["connection"] == "saomai")
    assert (row["state"], row["days_left"], row["level"]) == ("lapses in 30 days", 30, 3)
    assert row["axis_decision"]
    assert row["security_decision"]
    assert {row["approval"] for row in ask.connections()} == {"in force", "lapses in 30 days"}

"""What landing keeps is enough: every present record is understood again without asking any system."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow import publish, sync
from edu_pipeline.landing.client import Client
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]


def _again(world: World, *connections: str) -> dict[str, sync.Outcome]:
    order = sync.Order(connections, from_landing=True)
    return {o.connection_id: o for o in sync.sync(uuid.uuid4().hex, order)}


def _no_address(site: dict[str, Any]) -> None:
    """Port 9 of loopback: nobody listens there, and a request would fail."""
    for connection in site["connections"]:
        for name, place in (("base_url", connection), ("token_url", connection["auth"])):
            if name in place:
                place[name] = "http://127.0.0.1:9/nobody"


@pytest.mark.slow
@pytest.mark.parametrize("at", ["year_end", "applied"])
def test_everything_is_taken_up_again_without_a_request_and_nothing_changes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    world = stage(at)
    wire.edit_site(world, _no_address)
    asked: list[str] = []
    monkeypatch.setattr(Client, "__init__", lambda self, connection, secret: asked.append(connection.id))
    rooms = [room for room in wire.ROOMS if room != "landing.record"]
    before, states = wire.mark(world, *rooms), wire.states(world)
    content = "SELECT connection_id, resource, source_key, hash, version, event, is_present FROM landing.record"
    landed = sorted(map(tuple, world.rows(content)))
    outcomes = _again(world)
    assert {name: outcome.failure for name, outcome in outcomes.items()} == dict.fromkeys(outcomes)
    assert set(outcomes) == {"registry", "saomai", "lotus", "portal"}
    present = world.rows("SELECT connection_id, count(*) AS n FROM landing.record WHERE is_present GROUP BY 1")
    for row in present:
        admission = outcomes[row.connection_id].admission
        assert admission is not None
        assert admission.closed == []
        assert sum(sum(terms.values()) for terms in admission.terms.values()) == row.n
        assert sum(terms["admitted"] for terms in admission.terms.values()) == 0
    done = publish.publish("again")
    assert {name: changes for name, changes in done.changes.items() if changes} == {}
    assert wire.mark(world, *rooms) == before
    assert sorted(map(tuple, world.rows(content))) == landed
    assert wire.states(world) == states
    assert asked == []


def test_without_an_address_an_ordinary_night_fails(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above rests on this: nobody answers there."""
    world = stage("year_end")
    wire.try_at_once(monkeypatch)
    wire.edit_site(world, _no_address)
    assert "no whole answer" in str(world.sync("registry")["registry"].error)


def test_a_lost_row_is_brought_back_from_landing(stage: Stage) -> None:
    """Something went wrong behind the pipeline's back: what was received mends it."""
    world = stage("year_end")
    unit = wire.schools(world)[0]
    kept = world.rows("SELECT * FROM validated.enrollment WHERE unit_id = :u ORDER BY source_key", u=unit)
    assert len(kept) > 100
    world.execute("DELETE FROM validated.enrollment WHERE unit_id = :u", u=unit)
    world.execute("UPDATE validated.student SET full_name = 'Somebody Else' WHERE claim_unit_id = :u", u=unit)
    wire.edit_site(world, _no_address)
    assert _again(world, "saomai")["saomai"].failure is None
    back = world.rows("SELECT * FROM validated.enrollment WHERE unit_id = :u ORDER BY source_key", u=unit)
    drop = {"batch_id"}
    assert [{k: v for k, v in row._mapping.items() if k not in drop} for row in back] == [
        {k: v for k, v in row._mapping.items() if k not in drop} for row in kept
    ]
    assert world.value("SELECT count(*) FROM validated.student WHERE full_name = 'Somebody Else'") == 0


@pytest.mark.slow
def test_who_has_left_the_source_is_not_brought_back(stage: Stage) -> None:
    world = stage("year_end")
    unit = wire.schools(world)[0]
    world.fault("dropped", unit)
    assert world.sync("saomai")["saomai"].failure is None
    gone = "SELECT resource, source_key FROM landing.record WHERE NOT is_present ORDER BY 1, 2"
    before = world.rows(gone)
    assert {row.resource for row in before} == {"students", "enrollments", "results"}
    assert _again(world, "saomai")["saomai"].failure is None
    assert world.rows(gone) == before
    present = "SELECT is_present FROM validated.student WHERE source_key = ANY(:k)"
    assert world.rows(present, k=[row.source_key for row in before]) == [(False,)]

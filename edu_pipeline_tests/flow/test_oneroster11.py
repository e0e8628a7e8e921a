"""A school that goes from OneRoster 1.2 to 1.1 is the same school: everything is read anew, and nothing changes."""

from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow import publish
from edu_pipeline.sandbox import oneroster11
from edu_pipeline.settings import settings
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World


@pytest.fixture
def world(stage: Callable[[str], World], monkeypatch: pytest.MonkeyPatch) -> World:
    """The city after its first night, whose foreign school has gone back to 1.1."""
    world = stage("year_end")

    def former(said: dict[str, Any]) -> None:
        (lotus,) = (c for c in said["connections"] if c["id"] == "lotus")
        lotus |= {"system": "oneroster11", "base_url": f"{world.base_url}/ims/oneroster/v1p1",
                  "auth": {"consumer_key": "LOTUS_KEY", "consumer_secret": "LOTUS_SIGNING"}}  # fmt: skip

    wire.edit_site(world, former)
    monkeypatch.setenv("EDU_SECRET_LOTUS_KEY", oneroster11.KEY)
    monkeypatch.setenv("EDU_SECRET_LOTUS_SIGNING", oneroster11.SECRET)
    settings.cache_clear()
    return world


def test_both_versions_say_the_same(world: World) -> None:
    before, states, standing = wire.contents(world), wire.states(world), wire.mark(world, "master", "history")
    outcome = world.sync("lotus")["lotus"]
    assert outcome.failure is None
    changed = world.value(
        "SELECT count(*) FROM landing.record WHERE connection_id = 'lotus' AND batch_id = :b", b=outcome.batch_id
    )
    assert changed > 100, "it is read anew"
    publish.publish("run")
    assert wire.contents(world) == before
    assert wire.states(world) == states
    assert wire.mark(world, "master", "history") == standing


def test_a_wrong_secret_is_told_with_its_remedy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDU_SECRET_LOTUS_SIGNING", "guessed")
    settings.cache_clear()
    before = wire.mark(world, "validated", "master")
    outcome = world.sync("lotus")["lotus"]
    assert outcome.failure is not None
    assert "HTTP 401. Remedy: renew the credentials" in outcome.failure
    assert "guessed" not in outcome.failure
    assert wire.mark(world, "validated", "master") == before

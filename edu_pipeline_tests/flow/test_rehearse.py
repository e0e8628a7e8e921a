"""A rehearsal tells what would come of a batch, child by child correctly, and leaves no trace."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from edu_pipeline.cli import main
from edu_pipeline.flow import rehearse, sync
from edu_pipeline.sources import system
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

ROOMS = ("landing.record", "validated", "quarantine", "waiting", "master", "history", "ops.hold", "ops.person_state",
         "ops.ledger", "ops.watermark")  # fmt: skip


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    return stage("year_end")


def _moved(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], int]:
    return {(r["entity"], r["before"], r["after"], r["rule"]): r["rows"] for r in rows if r["before"] != "gate"}


def _stands(place: str) -> bool:
    return place.startswith(("quarantined", "held", "waiting"))


def test_nothing_changes_where_nothing_was_changed(world: World) -> None:
    before = wire.mark(world, *ROOMS)
    assert list(rehearse.preview(["saomai"])) == []
    assert wire.mark(world, *ROOMS) == before


def test_a_changed_rule_shows_whom_it_stops_and_then_stops_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Girls are no longer understood: each of them would be found wanting, and is, when it is done."""
    girls = world.value("SELECT count(*) FROM validated.student WHERE connection_id = 'saomai' AND sex = 'female'"
                        " AND is_present AND event <> 'CANCEL'")  # fmt: skip
    assert girls > 500
    kind = system.systems()["partner"]
    codes = {**kind.codes, "gioi_tinh": {"1": "male"}}
    monkeypatch.setitem(system.systems(), "partner", kind.model_copy(update={"codes": codes}))
    before = wire.mark(world, *ROOMS)
    rows = list(rehearse.preview(["saomai"]))
    assert wire.mark(world, *ROOMS) == before
    told = _moved(rows)
    stopped = {key: count for key, count in told.items() if key[0] == "student"}
    assert sum(stopped.values()) >= girls
    assert [row["rule"] for row in rows if (row["entity"], row["after"]) == ("normalized.student", "closed")] == [
        "unreadable_share"
    ]
    held = "SELECT count(*) FROM {}.student WHERE connection_id = 'saomai'"
    was = {room: world.value(held.format(room)) for room in ("quarantine", "waiting")}
    (outcome,) = sync.sync(uuid.uuid4().hex, sync.Order(("saomai",), from_landing=True))
    now = {room: world.value(held.format(room)) for room in ("quarantine", "waiting")}
    assert outcome.admission is not None
    gone = sum(count for (_, _, after, _), count in stopped.items() if _stands(after))
    came = sum(count for (_, before_, _, _), count in stopped.items() if _stands(before_))
    assert sum(now.values()) - sum(was.values()) == gone - came


@pytest.mark.slow
def test_the_command_shows_and_asks(world: World) -> None:
    before = wire.mark(world, *ROOMS)
    shown = CliRunner().invoke(main, ["reprocess", "saomai", "--preview", "--json"])
    assert (shown.exit_code, shown.output.strip()) == (0, "[]")
    refused = CliRunner().invoke(main, ["reprocess", "saomai"], input="n\n")
    assert refused.exit_code == 1
    assert "reprocess? [y/N]" in refused.output
    assert wire.mark(world, *ROOMS) == before
    assert CliRunner().invoke(main, ["reprocess", "nobody", "--preview"]).exit_code == 1

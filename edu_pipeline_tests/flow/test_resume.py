"""A reading that broke off goes on where it stopped: nothing is asked twice, and nothing is lost or doubled by that."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from edu_pipeline.flow import epoch, lock, sync
from edu_pipeline.sandbox import partner
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

ROOMS = ("validated", "quarantine", "waiting")


@pytest.fixture
def world(stage: Callable[[str], World], monkeypatch: pytest.MonkeyPatch) -> World:
    """Two schools, whose records are all newer than the register knows."""
    world = stage("year_end")
    wire.try_at_once(monkeypatch)
    wire.narrow(world, wire.schools(world)[:2])
    wire.tell(monkeypatch, lambda resource, unit, year, records: [wire.newer(r, ghichu="x") for r in records])
    return world


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """(resource, unit) of every reading that the partner answered."""
    found: list[tuple[str, str]] = []
    true = partner.Saomai.records

    def records(self: partner.Saomai, resource: str, unit: str, *rest: object) -> list[wire.Record]:
        found.append((resource, unit))
        return true(self, resource, unit, *rest)

    monkeypatch.setattr(partner.Saomai, "records", records)
    return found


def _break(world: World, after: int) -> sync.Outcome:
    """The system fails for good after so many requests of enrollments."""
    world.sandbox.wire.switch("unauthorized", "partner", "enrollments", after=after)
    broken = world.sync("saomai")["saomai"]
    world.sandbox.wire.clear()
    assert "HTTP 401" in str(broken.error)
    return broken


def _content(world: World) -> dict[str, list[tuple[object, ...]]]:
    """What every room holds, without the batch that wrote it."""
    return {
        table: sorted(world.rows(f"SELECT CAST(to_jsonb(t) - 'batch_id' - 'page_id' - 'since' AS text) FROM {table} t"))
        for table in ("landing.record", *(f"{room}.{name}" for room in ROOMS for name in ("student", "enrollment")))
    }


def test_what_has_come_whole_is_not_asked_for_again(world: World, asked: list[tuple[str, str]]) -> None:
    broken = _break(world, after=1)
    second = wire.schools(world)[1]
    asked.clear()
    whole = world.sync("saomai")["saomai"]
    assert whole.failure is None
    assert whole.batch_id == broken.batch_id
    assert any("went on where a run broke off" in note for note in whole.notes)
    assert {resource for resource, _ in asked} == {"enrollments", "results", "headcount", "confirmations"}
    assert [unit for resource, unit in asked if resource == "enrollments"] == [second]
    assert whole.admission is not None
    assert whole.admission.terms["student"]["admitted"] > 100
    # The next night is a batch of its own, and finds nothing to do.
    after = world.sync("saomai")["saomai"]
    assert after.batch_id > whole.batch_id
    assert after.admission is not None
    assert [name for name, terms in after.admission.terms.items() if terms["admitted"]] == []


@pytest.mark.slow
def test_it_ends_as_an_undisturbed_one(stage: Callable[[str], World], world: World) -> None:
    _break(world, after=1)
    assert world.sync("saomai")["saomai"].failure is None
    resumed = _content(world)
    undisturbed = stage("year_end")
    wire.narrow(undisturbed, wire.schools(undisturbed)[:2])
    assert undisturbed.sync("saomai")["saomai"].failure is None
    assert resumed == _content(undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["all", "one"])
def test_lines_that_a_crash_of_the_server_took_are_read_again(
    world: World, asked: list[tuple[str, str]], lost: str
) -> None:
    _break(world, after=1)
    world.execute(
        "DELETE FROM landing.record_change" if lost == "all" else
        "DELETE FROM landing.record_change WHERE source_key = (SELECT min(source_key) FROM landing.record_change"
        " WHERE resource = 'students' AND connection_id = 'saomai')"
    )  # fmt: skip
    asked.clear()
    assert world.sync("saomai")["saomai"].failure is None
    assert "students" in {resource for resource, _ in asked}
    assert ("staff" in {resource for resource, _ in asked}) == (lost == "all")
    assert world.value("SELECT count(*) FROM landing.record WHERE NOT is_present") == 0
    assert world.rows("SELECT 1 FROM ops.hold WHERE closed_at IS NULL AND room = 'landing'") == []


@pytest.mark.slow
@pytest.mark.parametrize("change", ["day", "order", "hours", "landed", "units", "epoch"])
def test_another_day_or_order_begins_anew(world: World, change: str) -> None:
    broken = _break(world, after=1)
    order = sync.Order(("saomai",))
    if change == "day":
        world.at("2024-06-01")
    elif change == "order":
        order = sync.Order(("saomai",), units=tuple(wire.schools(world)[:1]))
    elif change == "hours":
        world.execute("UPDATE ops.batch SET started_at = started_at - interval '7 hours' WHERE batch_id = :b",
                      b=broken.batch_id)  # fmt: skip
    elif change == "units":
        # Another school under the key, another server: what was read before is not what this one would tell.
        wire.edit_site(world, lambda said: said["connections"][1]["units"][0].update(key=wire.schools(world)[0]))
    elif change == "epoch":
        epoch.begin("saomai", "a backup was restored")
    else:
        world.execute("UPDATE ops.batch SET landed_at = now() WHERE batch_id = :b", b=broken.batch_id)
    (outcome,) = sync.sync("anew", order)
    assert outcome.failure is None
    assert outcome.batch_id > broken.batch_id


def test_a_connection_that_another_run_reads_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_GONE_SECONDS", 0)
    count = "SELECT count(*) FROM ops.batch"
    with lock.reading(["saomai"]) as mine:
        assert mine == {"saomai"}
        before = world.value(count)
        assert world.sync("saomai")["saomai"].error == "saomai: another run reads it; wait until that is done"
        assert world.value(count) == before
    assert world.sync("saomai")["saomai"].failure is None


def test_what_was_asked_stands_with_the_batch(world: World) -> None:
    list(sync.sync("named", sync.Order(("saomai",), years=(2023,), units=tuple(wire.schools(world)[:1]))))
    with world.app.connect() as database:
        said = database.execute(text("SELECT asked FROM ops.batch ORDER BY batch_id DESC LIMIT 1")).scalar_one()
    assert said == {"years": [2023], "units": wire.schools(world)[:1], "entities": [], "named": True, "of": said["of"]}

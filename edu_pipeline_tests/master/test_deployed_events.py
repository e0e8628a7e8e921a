"""What a unit runs goes with the unit: under the new code from the event's day on, whoever says so first.

declared -> events.yaml, the registry's own new code -> nights before and after the day -> master.deployed_system
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow import ask, hold, publish
from edu_pipeline.sandbox import registry
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.rollover.test_events import CLOSED, CODE, HIGH, INTO, LOW, MERGED, RECODED, SPLIT, decide
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]
Key = tuple[str, str]

OFFICE, OFFICE_CODE, GIVEN_UP, TAKING = "79760000", "79760099", "79770000", "79783000"
EVENTS: list[dict[str, Any]] = [
    dict(event="recoded", unit=RECODED, to=CODE, decision="1/QĐ"),
    dict(event="merged", unit=MERGED, to=INTO, decision="2/QĐ"),
    dict(event="split", unit=SPLIT, to=[dict(unit=LOW, grades=[1, 2]), dict(unit=HIGH)], decision="3/QĐ"),
    dict(event="closed", unit=CLOSED, decision="4/QĐ"),
    dict(event="recoded", unit=OFFICE, to=OFFICE_CODE, decision="5/QĐ"),
    dict(event="merged", unit=GIVEN_UP, to=TAKING, decision="6/QĐ"),
]
ROOMS = ("validated.deployed_system", "waiting.deployed_system", "quarantine.deployed_system",
         "master.deployed_system", "history.deployed_system")  # fmt: skip


def night(world: World, phase: str = "") -> None:
    if phase:
        world.at(phase)
    assert {name: done.error for name, done in world.sync().items() if done.error} == {}
    publish.publish(uuid.uuid4().hex)


def standing(world: World) -> dict[Key, tuple[Any, ...]]:
    """What master says of every declared system, by unit and code."""
    rows = world.rows("SELECT unit_id, system_code, product, vendor, purpose, stage, security_level, promised_date,"
                      " connection_id, source_key FROM master.deployed_system")  # fmt: skip
    return {(row[0], row[1]): tuple(row)[2:] for row in rows}


def followed(known: dict[Key, tuple[Any, ...]]) -> dict[Key, tuple[Any, ...]]:
    """The same systems where the events send them: codes of theirs get a mark where the other has its own."""
    moves = {RECODED: CODE, OFFICE: OFFICE_CODE}
    marked = {MERGED: INTO, SPLIT: HIGH, GIVEN_UP: TAKING}
    return {
        (moves.get(unit) or marked.get(unit, unit), f"{code}@{unit}" if unit in marked else code): said
        for (unit, code), said in known.items()
    }


@pytest.mark.slow
def test_declared_systems_go_with_their_unit_from_the_day_on(stage: Stage) -> None:
    world = stage("declared")
    known = standing(world)
    assert {unit for unit, _ in known} >= {RECODED, MERGED, INTO, SPLIT, HIGH, CLOSED, OFFICE, GIVEN_UP, TAKING}
    decide(world, EVENTS, "2024-10-01")
    _take_up_again(world)
    night(world, "2024-09-30")
    assert standing(world) == known

    night(world, "2024-10-01")
    now = standing(world)
    assert now == followed(known)
    # Two units' own HT1, two records: both stand. What a closed unit ran is its past.
    assert {code for unit, code in now if unit == INTO} == {"HT1", f"HT1@{MERGED}"}
    assert {code for unit, code in now if unit == TAKING} == {"HT1", f"HT1@{GIVEN_UP}"}
    assert {key for key in now if key[0] == CLOSED} == {(CLOSED, "HT1"), (CLOSED, "HT2")}
    # The old place is a closed version.
    gone = world.rows("SELECT system_code, ended_by FROM history.deployed_system WHERE unit_id = :u", u=RECODED)
    assert {tuple(row) for row in gone} == {("HT1", "remove"), ("HT2", "remove")}
    for room in ("waiting", "quarantine"):
        assert world.value(f"SELECT count(*) FROM {room}.deployed_system") == 0

    still = wire.mark(world, *ROOMS)
    _take_up_again(world)
    night(world, "2024-10-02")
    assert wire.mark(world, *ROOMS) == still

    # Taken back: as if it had never been said.
    (world.folder / "site" / "events.yaml").unlink()
    night(world)
    assert standing(world) == known


def _take_up_again(world: World) -> None:
    """Let the next night understand every declaration anew, changed or not."""
    world.execute("UPDATE landing.record SET mapping = '-' WHERE resource IN ('systems', 'deployed_systems')")


@pytest.mark.slow
@pytest.mark.parametrize("keeps_keys", [True, False], ids=["same records", "new records"])
@pytest.mark.parametrize("is_early", [True, False], ids=["registry first", "event first"])
def test_the_registry_may_say_the_new_code_before_the_event_or_after(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, is_early: bool, keeps_keys: bool
) -> None:
    world = stage("declared")
    known = standing(world)
    told = [EVENTS[0], EVENTS[4]]
    decide(world, told, "2024-10-01")
    if not is_early:
        night(world, "2024-10-01")
    _recode(monkeypatch, {RECODED: CODE, OFFICE: OFFICE_CODE}, keeps_keys)
    night(world, "2024-09-30" if is_early else "2024-10-02")
    assert _reported(world).isdisjoint({CODE, OFFICE_CODE} if is_early else {RECODED, OFFICE})
    _let_go(world)
    for day in ("2024-10-03", "2024-10-04"):
        night(world, day)
        # A new record of what another one says already is a duplicate until that one has gone: the night after.
        if keeps_keys or is_early or day == "2024-10-04":
            assert (OFFICE_CODE, "HT1") in standing(world)
        assert _reported(world).isdisjoint({RECODED, OFFICE})
    wanted = {({RECODED: CODE, OFFICE: OFFICE_CODE}.get(unit, unit), code): said[:-1]
              for (unit, code), said in known.items()}  # fmt: skip
    assert {key: said[:-1] for key, said in standing(world).items()} == wanted
    for room in ("waiting", "quarantine"):
        assert world.value(f"SELECT count(*) FROM {room}.deployed_system") == 0
    still = wire.mark(world, *ROOMS)
    night(world, "2024-10-05")
    assert wire.mark(world, *ROOMS) == still


def _reported(world: World) -> set[str]:
    """Units that the report names."""
    said = ask.connection_report()
    return {
        row["unit_id"] for name in ("not_connected", "connected_not_declared", "not_declared") for row in said[name]
    }


def _recode(monkeypatch: pytest.MonkeyPatch, codes: dict[str, str], keeps_keys: bool) -> None:
    """Let the registry say other codes, of the same records or of new ones in place of the old."""

    def changed(true: Callable[..., list[dict[str, Any]]]) -> Callable[..., list[dict[str, Any]]]:
        def told(*said: Any) -> list[dict[str, Any]]:
            return [_said(row, codes, keeps_keys) for row in true(*said)]

        return told

    monkeypatch.setattr(registry, "units", changed(registry.units))
    monkeypatch.setattr(registry, "systems", changed(registry.systems))


def _said(row: dict[str, Any], codes: dict[str, str], keeps_keys: bool) -> dict[str, Any]:
    data = {name: codes.get(value, value) if isinstance(value, str) else value for name, value in row["data"].items()}
    if data == row["data"]:
        return row
    own = row["data"]["madonvi"]
    key = row["idbanghi"] if keeps_keys else row["idbanghi"].replace(own, codes.get(own, own))
    return {**row, "data": data, "idbanghi": key, "phienban": row["phienban"] + 1, "sukien": "UPDATE"}


def _let_go(world: World) -> None:
    """Where the old code's records are gone, somebody has to say that this is true."""
    for question in hold.listed(OFFICE):
        hold.approve(question["id"], "the office goes on under another code")

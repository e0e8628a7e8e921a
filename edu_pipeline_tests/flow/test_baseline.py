"""A first load: new units are held to ranges, not to what stood before, until each says that its number is right."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from edu_pipeline.cli import main
from edu_pipeline.flow import ask, baseline, hold, publish
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

HELD = "SELECT rule, unit_id, entity FROM ops.hold WHERE closed_at IS NULL AND rule IN ('shrunken', 'empty', 'range')"
PUPILS = """SELECT count(*) FROM master.enrollment WHERE unit_id = :u AND school_year = 2023 AND status = 'active'
    AND end_date IS NULL"""
TOLD = """SELECT claim_unit_id AS u, count(*) AS n FROM validated.enrollment WHERE connection_id = 'saomai'
    AND is_present AND coalesce(status, 'active') = 'active' AND end_date IS NULL AND event <> 'CANCEL'
    AND school_year = 2023 GROUP BY 1"""


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    """The city in the middle of its first load, which ends on 13 June."""
    world = stage("year_end")
    _declare(world, until="2024-06-13")
    world.sync("saomai")
    publish.publish("first")
    return world


def _declare(world: World, **first: Any) -> None:
    def change(said: dict[str, Any]) -> None:
        said["first_load"] = first

    wire.edit_site(world, change)


def _without(count: int, unit: str) -> wire.Told:
    def told(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        return records[count:] if of == unit and resource in ("students", "enrollments", "results") else records

    return told


def test_a_unit_confirms_its_own_number_and_no_other(world: World) -> None:
    unit = wire.schools(world)[0]
    (row,) = baseline.listed(unit)
    assert row["pupils"] == world.value(PUPILS, u=unit) > 100
    assert (row["classes"] > 5, row["staff"] > 5, row["confirmed"]) == (True, True, None)
    before = next(r for r in ask.standing() if (r["what"], r["where"]) == ("unconfirmed", "saomai"))
    refused = CliRunner().invoke(main, ["baseline", "confirm", "--unit", unit, "--pupils", str(row["pupils"] + 1)])
    assert refused.exit_code != 0
    with pytest.raises(baseline.BaselineRefused, match=f"says {row['pupils'] + 1} pupils, the register has"):
        baseline.confirm(unit, row["pupils"] + 1)
    baseline.confirm(unit, row["pupils"], "Hiệu trưởng")
    assert baseline.listed(unit) == []
    with pytest.raises(baseline.BaselineRefused, match="is confirmed already"):
        baseline.confirm(unit, row["pupils"])
    with pytest.raises(baseline.BaselineRefused, match="no complete read"):
        baseline.confirm("79000000", 1)
    after = next(r for r in ask.standing() if (r["what"], r["where"]) == ("unconfirmed", "saomai"))
    assert after["rows"] == before["rows"] - 1
    assert world.value("SELECT count(*) FROM ops.audit WHERE action = 'baseline.confirmed'") == 1


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_a_unit_is_compared_with_what_stood_only_after_it_has_confirmed(
    world: World, monkeypatch: pytest.MonkeyPatch, is_confirmed: bool
) -> None:
    unit = wire.schools(world)[0]
    (row,) = baseline.listed(unit)
    if is_confirmed:
        baseline.confirm(unit, row["pupils"])
    wire.tell(monkeypatch, _without(row["pupils"] // 2, unit))
    world.sync("saomai")
    held = {(r.rule, r.unit_id) for r in world.rows(HELD)}
    assert held == ({("shrunken", unit)} if is_confirmed else set())
    publish.publish("second")
    now = baseline.listed(unit, is_all=True)[0]["pupils"]
    assert (now == row["pupils"]) == is_confirmed


@pytest.mark.slow
def test_after_the_last_day_all_are_compared(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = wire.schools(world)[0]
    (row,) = baseline.listed(unit)
    world.at("2024-06-14")
    wire.tell(monkeypatch, _without(row["pupils"] // 2, unit))
    world.sync("saomai")
    assert {(r.rule, r.unit_id) for r in world.rows(HELD)} >= {("shrunken", unit)}


@pytest.mark.slow
def test_what_cannot_be_is_held_whoever_tells_it_and_may_be_let_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = wire.schools(world)[0]
    many = world.rows(TOLD)
    most = max(row.n for row in many)
    largest = {row.u for row in many if row.n == most}
    # A mapping that is new: every row is judged anew, and one unit is larger than any can be.
    _declare(world, until="2024-06-13", pupils=[1, most - 1])
    world.execute("DELETE FROM validated.enrollment WHERE connection_id = 'saomai'")
    world.execute("UPDATE landing.record SET mapping = 'other' WHERE connection_id = 'saomai'")
    world.sync("saomai")
    assert {(r.rule, r.unit_id, r.entity) for r in world.rows(HELD)} == {("range", u, "enrollment") for u in largest}
    assert world.value("SELECT count(*) FROM validated.enrollment WHERE claim_unit_id = ANY(:u) AND is_present",
                       u=list(largest)) == 0  # fmt: skip
    if unit not in largest:
        assert world.value("SELECT count(*) FROM validated.enrollment WHERE claim_unit_id = :u", u=unit) > 100
    for row in hold.listed():
        if row["rule"] == "range":
            assert "ask the unit whether it has so many or so few" in row["to do"]
            hold.approve(row["id"], "it is that large")
    world.sync("saomai")
    assert world.rows(HELD) == []
    assert world.value("SELECT count(*) FROM validated.enrollment WHERE claim_unit_id = ANY(:u) AND is_present",
                       u=list(largest)) >= most  # fmt: skip
    # Whoever has said that it is that large is not asked again the next night, nor for a child who comes.
    wire.tell(monkeypatch, lambda resource, of, year, records: [wire.newer(r, ghichu="x") for r in records])
    world.sync("saomai")
    assert world.rows(HELD) == []


def test_a_range_runs_forward(world: World) -> None:
    _declare(world, until="2024-06-13", class_size=[80, 1])
    with pytest.raises(ConfigurationError, match="class_size: from 80 to 1 is no range"):
        sites.load(world.folder / "site")


@pytest.mark.slow
def test_a_school_that_is_gone_as_a_whole_is_a_question_even_before_it_has_confirmed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = wire.schools(world)[0]
    (row,) = baseline.listed(unit)
    wire.tell(monkeypatch, _without(10_000, unit))
    world.sync("saomai")
    assert {(r.rule, r.unit_id) for r in world.rows(HELD)} == {("empty", unit)}
    publish.publish("after")
    assert world.value(PUPILS, u=unit) == row["pupils"]

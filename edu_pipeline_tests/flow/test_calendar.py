"""What a night may remove follows the season of the day at a unit's level; the calendar is shown as it counts."""

import datetime as dt
from collections.abc import Callable

import pytest
import yaml

from edu_pipeline.flow import calendar
from edu_pipeline.settings import settings
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]

HELD = (
    "SELECT unit_id, entity FROM ops.hold WHERE room = 'landing' AND rule = 'shrunken' AND closed_at IS NULL ORDER BY 1"
)
RESULTS = "SELECT count(*) FROM landing.record WHERE resource = 'results' AND unit_id = :u AND is_present"


@pytest.mark.slow
def test_a_loss_that_august_takes_waits_in_the_school_year(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stage("year_end")
    unit, other = wire.schools(world)[0], wire.schools(world, "THCS")[0]
    wire.narrow(world, [unit, other])
    known = {one: world.value(RESULTS, u=one) for one in (unit, other)}

    def told(resource: str, _: str, __: int, records: list[wire.Record]) -> list[wire.Record]:
        return records[: len(records) * 7 // 10] if resource == "results" else records

    wire.tell(monkeypatch, told)
    # Lower secondary schools close results a month later: on 15 June they are at the year's end, others in summer.
    path = world.folder / "site" / "calendar.yaml"
    said = yaml.safe_load(path.read_text())
    said["years"][0]["levels"] = {"lower_secondary": {"results_close": "2024-06-30"}}
    path.write_text(yaml.safe_dump(said))

    world.sync("saomai")
    assert world.rows(HELD) == [(one, "result") for one in sorted((unit, other))]
    assert {one: world.value(RESULTS, u=one) for one in (unit, other)} == known
    world.at("2024-06-15")
    world.sync("saomai")
    assert world.rows(HELD) == [(other, "result")]
    assert world.value(RESULTS, u=unit) == known[unit] * 7 // 10
    assert world.value(RESULTS, u=other) == known[other]
    world.at("2024-07-01")
    world.sync("saomai")
    assert world.rows(HELD) == []
    assert world.value(RESULTS, u=other) == known[other] * 7 // 10


def test_a_sites_own_season_counts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stage("year_end")
    unit = wire.schools(world)[0]
    wire.narrow(world, [unit])
    with (world.folder / "site" / "calendar.yaml").open("a") as file:
        file.write("seasons:\n  year_end: {share: 0.05, rows: 2}\n")
    wire.tell(monkeypatch, lambda resource, _, __, records: records[:-20] if resource == "results" else records)
    assert 5 < world.value(RESULTS, u=unit) * 0.2 > 20
    world.sync("saomai")
    assert world.rows(HELD) == [(unit, "result")]


def test_the_register_tells_the_levels_of_its_units(stage: Stage) -> None:
    world = stage("year_end")
    with world.app.connect() as database:
        levels = calendar.unit_levels(database)
    wanted = {
        "MN": ("preschool",), "TH": ("primary",), "THCS": ("lower_secondary",), "THPT": ("upper_secondary",),
        "GDTX": ("continuing",), "QT": ("primary", "lower_secondary", "upper_secondary"), "PGD": (), "SGD": (),
    }  # fmt: skip
    assert {u.code: wanted[u.kind] for u in world.city.units if u.kind in wanted}.items() <= levels.items()
    assert sorted(levels[u.code] for u in world.city.units if u.kind == "LC") == [
        ("lower_secondary", "upper_secondary"), ("primary", "lower_secondary")]  # fmt: skip


def test_the_calendar_is_shown_by_level_with_season_and_days_left(site_dir, monkeypatch: pytest.MonkeyPatch) -> None:
    path = site_dir / "calendar.yaml"
    said = yaml.safe_load(path.read_text())
    said["years"][1]["levels"] = {"upper_secondary": {"opening": "2024-09-03"}}
    path.write_text(yaml.safe_dump(said))
    monkeypatch.setenv("EDU_AS_OF", "2024-09-03")
    settings.cache_clear()
    rows = calendar.page(2024)
    openings = [row for row in rows if row["what"] == "opening"]
    others = "preschool, primary, lower_secondary, continuing"
    assert [(row["levels"], row["date"], row["days_left"], row["season"]) for row in openings] == [
        (others, dt.date(2024, 9, 5), 2, "summer"),
        ("upper_secondary", dt.date(2024, 9, 3), 0, "start_of_year"),
    ]
    assert [row["date"] for row in rows[:13]] == sorted(row["date"] for row in rows[:13])
    assert {row["what"]: row["days_left"] for row in rows if row["levels"] == others}["corrections_end"] == 58
    # Without a year it is the year that today is in; the summer belongs to the year before the opening.
    assert {row["school_year"] for row in calendar.page()} == {"2023-2024"}
    assert {row["levels"] for row in calendar.page()} == {"all"}
    with pytest.raises(KeyError, match="no school year 2031"):
        calendar.page(2031)
    monkeypatch.setenv("EDU_AS_OF", "2030-01-01")
    settings.cache_clear()
    assert {row["season"] for row in calendar.page(2024)} == {None}
    with pytest.raises(KeyError, match="says nothing of 2030-01-01"):
        calendar.page()

"""A start-of-year field counts only with the head's word where the school's software can tell it, and once it is due.

rolled-over city, words of September -> scored -> figures, findings, against another computation

What does not belong here: whose word is taken (flow/test_heads.py).
"""

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest
from sqlalchemy import text

from edu_pipeline.flow import figures, paper
from edu_pipeline.flow.quality import score_city
from edu_pipeline.quality import score
from edu_pipeline.quality.fields import MISSING, UNCONFIRMED
from edu_pipeline.sandbox.confirmations import forgetful
from edu_pipeline.schema import Due, Need, entity
from edu_pipeline_tests.quality.recount import recount
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]
# The day after which the absence of a start-of-year field costs points.
DAY = dt.date(2024, 9, 21)
SILENT = "SELECT DISTINCT unit_id FROM quality.tally WHERE rule LIKE '%.unconfirmed' ORDER BY 1"
ASKED = "SELECT asked_count, failed_count FROM quality.tally WHERE unit_id = :u AND rule = :r AND level = 'primary'"

pytestmark = pytest.mark.slow


def _scored(world: World, day: dt.date) -> None:
    world.at(day.isoformat())
    assert score_city(day.isoformat()).verdict.passed


def _units(world: World) -> list[str]:
    return [row.unit_id for row in world.rows(SILENT)]


@pytest.fixture
def world(stage: Stage) -> World:
    """After the heads' days: two have forgotten an appendix."""
    world = stage("applied")
    world.at("settled")
    assert world.sync("saomai")["saomai"].failure is None
    return world


def test_before_the_day_and_in_the_year_before_it_stays_as_it_is(stage: Stage) -> None:
    world = stage("year_end")
    # In 2023 all heads have confirmed; of who has not, the list of that year says so.
    _scored(world, dt.date(2024, 5, 31))
    assert _units(world) == []
    world.execute("DELETE FROM ops.confirmation WHERE appendix = 3")
    _scored(world, dt.date(2024, 5, 31))
    offered = [row[0] for row in world.rows("SELECT DISTINCT unit_id FROM ops.confirmation_offer WHERE is_offered")]
    assert set(_units(world)) <= set(offered)
    assert len(_units(world)) > 20
    # Whose system cannot tell it owes no word.
    world.execute("UPDATE ops.confirmation_offer SET is_offered = false")
    _scored(world, dt.date(2024, 5, 31))
    assert _units(world) == []


def test_two_who_forgot_an_appendix_are_found_by_its_fields_alone(world: World) -> None:
    forgot = forgetful(world.city)
    _scored(world, dt.date(2024, 9, 19))
    assert _units(world) == []
    _scored(world, DAY)
    assert _units(world) == sorted(forgot)
    for unit, appendix in forgot.items():
        query = "SELECT DISTINCT rule FROM quality.tally WHERE unit_id = :u AND rule LIKE '%.unconfirmed'"
        rows = world.rows(f"{query} AND failed_count > 0", u=unit)
        found = {row.rule.split(".")[0] for row in rows}
        assert {entity(name).appendix for name in found} == {appendix}
        for row in rows:
            name, field, _ = row.rule.split(".")
            said = entity(name).field(field)
            assert (said.need, said.due) == (Need.EXPECTED, Due.START_OF_YEAR), row.rule
            # One gap is paid for once: either rule is asked of a record, never both.
            asked = "SELECT coalesce(sum(asked_count - failed_count), 0) FROM quality.tally"
            asked = f"{asked} WHERE unit_id = :u AND rule = :m"
            assert world.value(asked, u=unit, m=row.rule.replace(UNCONFIRMED, MISSING)) == 0
        lines = [line for line in figures.listing(unit, is_vietnamese=True) if line["rule"].endswith(UNCONFIRMED)]
        # One word mends all of a field: one line, whatever the school's size.
        assert len(lines) == len(rows)
        assert {line["mend"][:40] for line in lines} == {"Đã có dữ liệu nhưng thủ trưởng chưa xác "}
        assert all(line["points"] > 0 for line in lines)
        whole = next(row["score"] for row in figures.scores(unit) if row["of"] == "whole" and row["level"] == "all")
        stopped = (
            "SELECT count(*) FROM quality.tally WHERE unit_id = :u AND rule LIKE '%.record.%' AND failed_count > 0"
        )
        if not world.value(stopped, u=unit):
            assert 100 - whole == pytest.approx(sum(line["points"] for line in figures.listing(unit)), abs=0.3)


def test_another_computation_comes_to_the_same(world: World) -> None:
    _scored(world, DAY)
    with world.app.connect() as connection:
        tally, rules = (pd.read_sql(text(f"SELECT * FROM quality.{name}"), connection) for name in ("tally", "rule"))
    assert tally.rule.str.endswith(UNCONFIRMED).any()
    mine = recount(tally, rules, DAY)
    offices = {row[0] for row in world.rows("SELECT unit_id FROM master.unit WHERE unit_kind = 'office'")}
    rows = world.rows("SELECT unit_id, level, kind, name, score FROM quality.score WHERE scored_on = :day", day=DAY)
    theirs = {tuple(row[:4]): row[4] for row in rows if row[0] not in offices | {score.CITY}}
    assert len(theirs) > 200
    assert {key: mine[key] for key in theirs} == pytest.approx(theirs, abs=1e-9)


def test_the_head_s_word_on_paper_gives_back_what_the_list_says(world: World) -> None:
    unit, appendix = next(iter(forgetful(world.city).items()))
    _scored(world, DAY)

    def whole() -> float:
        query = "SELECT score FROM quality.score WHERE unit_id = :u AND scored_on = :day AND kind = 'whole'"
        return float(world.value(f"{query} AND level = 'all'", u=unit, day=DAY))

    before, lines = whole(), figures.listing(unit)
    gains = sum(line["points"] for line in lines if line["rule"].endswith(UNCONFIRMED))
    assert gains > 0.5
    # A word from before the year opened says nothing of it.
    world.execute("""INSERT INTO ops.confirmation SELECT (jsonb_populate_record(c, jsonb_build_object('appendix',
        CAST(:n AS int), 'confirmed_at', '2024-09-04T12:00:00+07'))).* FROM ops.confirmation c
        WHERE unit_id = :u AND school_year = 2024 AND kind = 'start_of_year' LIMIT 1""",
        u=unit, n=appendix)  # fmt: skip
    _scored(world, DAY)
    assert whole() == pytest.approx(before)
    assert {row["state"] for row in paper.listed(unit)} >= {"before the year opened"}
    paper.confirm(unit, 2024, "start_of_year", "7/BC", appendix=appendix)
    _scored(world, DAY)
    assert _units(world) == sorted(set(forgetful(world.city)) - {unit})
    assert whole() - before == pytest.approx(gains, abs=0.1)

"""The practice city goes through two rollovers in a row as its stories tell, and the law holds after every night.

a little city of both vendors, with every event -> 2023-2024 -> compared -> a year of nights -> 2024-2025 -> 2025-2026
"""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from edu_pipeline.flow import decide, rollover, year
from edu_pipeline_tests.conftest import Database
from edu_pipeline_tests.stages import World, unread
from edu_pipeline_tests.truth.compare import compare
from edu_pipeline_tests.truth.years import CODE, FEW, Years, mixed

_LINE = """SELECT l.decision, l.flags FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
    WHERE p.from_year = 2024 AND p.status = 'checked' AND l.kind = 'closing' AND (l.unit_id, l.student_id) = (:u, :s)"""


@pytest.mark.longer
def test_two_rollovers_are_as_the_stories_tell_and_the_law_holds_every_night(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unread(mixed(), tmp_path, monkeypatch) as turn:
        _both(Years(turn))


def _both(years: Years) -> None:
    found = compare(years.first())
    assert found.differences == []
    assert min(found.counts.values()) > 50
    assert found.counts["closing"] > 800
    years.between(FEW)
    _a_unit_is_asked_by_its_own_year_before(years.at("next_opening"))
    _who_repeats_twice_is_flagged(years.at("next_opening"))
    world = years.second()
    _events_of_the_reform_moved_people(world)
    _the_first_year_is_not_taken_back_under_the_second(world)
    years.at("late_2025")
    done, left = year.finish_year(2024)
    assert (len(done) > 12, left) == (True, {})


def _a_unit_is_asked_by_its_own_year_before(world: World) -> None:
    path = world.folder / "site" / "rollover.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"ranges": {"history": 0.001}}))
    refused = rollover.make_plan(2024, "asked").failed
    assert any("the year before" in why for why in refused.values())


def _who_repeats_twice_is_flagged(world: World) -> None:
    unit, child = world.rows("""SELECT e.unit_id, e.student_id FROM rollover.enrollment e
        JOIN rollover.snapshot_student s USING (unit_id, school_year, student_id)
        WHERE e.school_year = 2024 AND e.decision = 'retained' ORDER BY 2 LIMIT 1""")[0]  # fmt: skip
    number = decide.override(unit, 2024, child, "retained", decide.Why("the council's minutes"))
    rollover.make_plan(2024, "again", [unit])
    (line,) = world.rows(_LINE, u=unit, s=child)
    assert (line.decision, "second_retention" in line.flags) == ("retained", True)
    decide.withdraw_override(number)


def _events_of_the_reform_moved_people(world: World) -> None:
    moved = Counter({row[0]: row[1] for row in world.rows("""SELECT unit_id, opened_moved_in FROM rollover.balance
        WHERE from_year = 2024 AND opened_moved_in > 0""")})  # fmt: skip
    assert moved[CODE] > 20
    assert len(moved) == 2
    assert world.value("SELECT sum(closed_moved_out) FROM rollover.balance WHERE from_year = 2024") == moved.total()


def _the_first_year_is_not_taken_back_under_the_second(world: World) -> None:
    """Nor where the second one stands in another unit, because the unit ended and its pupils went there."""
    refused = rollover.undo("apply-2023", why=rollover.Why("wrong", "1/QĐ"))
    # On a unit that was closed, and that no other continues, no later year stands.
    assert refused.done == [event.unit for event in world.city.events if event.event == "closed"]
    assert len(refused.failed) > 15
    assert set(refused.failed.values()) == {
        "2024 is rolled over too, on top of it: `edu-pipeline rollover undo apply-2024` first"
    }

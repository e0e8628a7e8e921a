"""Each rule on what stands has a hit in the practice city, and finds there what was planted, nothing else.

contradictions, stories -> a city that is rolled over, in September 2024 -> quality.finding, record by record

What does not belong here: a rule's edges (test_rules.py), figures (test_score.py). The sandbox knows where each
contradiction stands; nothing of the pipeline has told it.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from edu_pipeline.flow import publish, warehouse, year
from edu_pipeline.flow.quality import score_city
from edu_pipeline.quality.tally import RULES
from edu_pipeline.sandbox import clock
from edu_pipeline.sandbox.city import City, build
from edu_pipeline.sandbox.contradictions.kind import MENDED, TOLD
from edu_pipeline.sandbox.contradictions.plant import KINDS
from edu_pipeline.sandbox.contradictions.stories import NIGHTS, STORIES, UNTELLABLE
from edu_pipeline.settings import settings
from edu_pipeline_tests.conftest import Database
from edu_pipeline_tests.stages import World, unread
from edu_pipeline_tests.truth.years import accounted, carried

Finding = tuple[str, str, str]
# While contradictions are told, between two phases of the clock.
DAY = dt.date(2024, 9, 27)
ALL = {rule.id for rules in RULES.values() for rule in rules}


@pytest.fixture(scope="module")
def city() -> City:
    return build("small")


def planted(city: City) -> set[Finding]:
    """(rule, unit, record) of everything that was planted."""
    return {found for one in city.planted for found in one.finds}


def told(city: City) -> set[Finding]:
    """The same of what the stories tell by themselves."""
    return {found for story in STORIES for found in story.where(city, DAY)}


def of(found: Iterable[Finding]) -> set[str]:
    return {rule for rule, _, _ in found}


def test_every_rule_is_hit_by_a_plant_or_a_story_or_a_night_or_it_is_said_why_not(city: City) -> None:
    hit = of(planted(city)) | of(told(city)) | set(NIGHTS)
    assert hit & set(UNTELLABLE) == set()
    assert hit | set(UNTELLABLE) == ALL
    assert len(of(planted(city))) >= 131
    assert len(UNTELLABLE) <= 5


def test_every_kind_stands_once_and_is_found_by_the_rules_that_it_declares(city: City) -> None:
    assert [one.kind for one in city.planted] == list(KINDS)
    assert {one.kind: of(one.finds) for one in city.planted} == {name: set(k.rules) for name, k in KINDS.items()}
    people = [one.victim.who for one in city.planted if one.victim.child or one.victim.member]
    assert len(people) == len(set(people))
    # Nothing is planted where nothing may be disturbed: the first thirty-two units, and whoever has another defect.
    assert build("small").without("hoaphuong").planted == ()
    assert all(one.victim.unit.system == "hoaphuong" for one in city.planted)
    defects = {defect.who for defect in city.defects if defect.who}
    assert defects & set(people) == set()


def test_contradictions_are_told_when_the_new_year_stands_and_mended_before_corrections_end() -> None:
    assert clock.SETTLED < TOLD < DAY < MENDED < clock.PHASES["corrections"]


def findings(world: World) -> set[Finding]:
    """What the rules on what stands find today."""
    assert score_city(uuid.uuid4().hex).verdict.passed
    rows = world.rows("SELECT rule, unit_id, record FROM quality.finding WHERE rule = ANY(:rules)", rules=sorted(ALL))
    return {tuple(row) for row in rows}


def night(world: World) -> None:
    """A night in which nothing fails; the law of sums holds, whatever contradicts itself."""
    assert {name: outcome.error for name, outcome in world.sync().items() if outcome.error} == {}
    publish.publish(uuid.uuid4().hex)
    warehouse.materialize(uuid.uuid4().hex)
    accounted(world)


@pytest.mark.slow
def test_what_is_planted_is_found_by_its_rules_and_nothing_else_is_found(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, city: City
) -> None:
    # Who is in the Pioneers is asked of nobody, unless a site says so.
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "catalogue.yaml").write_text("collect:\n  affiliation: true\n")
    with unread(city, tmp_path, monkeypatch) as at:
        at("year_end")
        year.open_year(2023)
        night(at("year_end"))
        year.close_year(2023)
        night(at("opening"))
        carried(2023)
        night(at("settled"))
        assert findings(at("settled")) & planted(city) - told(city) == set()
        night(at(DAY.isoformat()))
        found = findings(at(DAY.isoformat()))
        assert planted(city) - found == set()
        assert found - planted(city) == told(city)
        night(at("corrections"))
        assert findings(at("corrections")) & planted(city) - told(city) == set()


@pytest.mark.slow
def test_a_unit_that_cannot_be_read_is_found_by_the_rules_on_nights(moving: Callable[[str], World]) -> None:
    unit, others = "79765403", {f"unit.unit_id.{check}" for check in ("never_read", "silent")}
    assert others == set(NIGHTS)

    def said(world: World) -> set[Finding]:
        publish.publish(uuid.uuid4().hex)
        return {found for found in findings(world) if found[0] in others}

    world = moving("year_end")
    year.open_year(2023)
    world.sandbox.wire.switch("forbidden", "hoaphuong", unit=unit)
    world.sync()
    assert said(world) == {("unit.unit_id.never_read", unit, unit)}
    world.sandbox.wire.clear()
    world.sync()
    assert said(world) == set()
    world.sandbox.wire.switch("forbidden", "hoaphuong", unit=unit)
    world.at("2024-06-08")
    world.sync()
    assert settings().today().isoformat() == "2024-06-08"
    assert said(world) == {("unit.unit_id.silent", unit, unit)}

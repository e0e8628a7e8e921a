"""Learning-management systems, by Moodle and by Canvas: what a night makes of them, and what they may not do.

practice LMS (real HTTP) -> sync, publish -> master.account, course, course_enrollment; whose account each is

What does not belong here: the protocols (sandbox), one question after another (landing/test_each.py), what breaks a
rule (quality/test_planted.py).
"""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edu_pipeline.contracts.account import LINKED
from edu_pipeline.flow import ask, year
from edu_pipeline.flow import hold as holds
from edu_pipeline.sandbox import canvas, canvas_state, learning, moodle
from edu_pipeline.sandbox.city import City, build
from edu_pipeline.sandbox.contradictions.kind import MENDED
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline_tests.conftest import Database
from edu_pipeline_tests.stages import World, unread
from edu_pipeline_tests.truth.years import accounted

At = Callable[[str], World]
DAY = dt.date(2024, 5, 31)
LOTUS = "79770926"
TABLES = ("account", "course", "course_enrollment")
LIMITED = {"moodle": moodle.LIMITED_TOKEN, "canvas": canvas.LIMITED_TOKEN}


def _schools(database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch, *without: str) -> Iterator[At]:
    city = build("small")
    for system in without:
        city = city.without(system)
    with unread(city, folder, monkeypatch) as at:
        yield at


@pytest.fixture
def moodled(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[At]:
    """The schools that are told by OneRoster, one of them with a Moodle; an empty register."""
    yield from _schools(database, tmp_path, monkeypatch, "hoaphuong", "saomai")


@pytest.fixture
def canvassed(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[At]:
    """The second vendor's schools, three of which share a Canvas; an empty register."""
    yield from _schools(database, tmp_path, monkeypatch, "saomai", "lotus")


@pytest.fixture(params=["moodle", "canvas"])
def product(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def at(product: str, request: pytest.FixtureRequest) -> At:
    made: At = request.getfixturevalue({"moodle": "moodled", "canvas": "canvassed"}[product])
    return made


def first(at: At) -> World:
    world = at("year_end")
    year.open_year(2023)
    world.night(is_good=True)
    return world


def accounts(city: City, unit: str, day: dt.date) -> dict[str, tuple[str | None, str | None]]:
    """Account, as the unit's system calls it -> whose it is, and the root id that the system has of it."""
    told = learning.accounts(city, unit, day)
    if unit in city.learning.get("moodle", ()):
        return {str(one.id): (one.truth, one.root) for one in told}
    state = canvas_state.State(city, city.learning["canvas"], day)
    users = {canvas_state.user_id(one): one.truth for one in told}
    place = next(place for place in state.places.values() if place.sis_id == unit)
    return {str(user): (truth, state.users[user].sis_id) for user, truth in users.items()
            if place.id in state.users[user].accounts}  # fmt: skip


def units(world: World, product: str, day: dt.date) -> list[str]:
    """Units that run it and have opened."""
    return [unit for unit in world.city.learning[product] if world.city.unit(unit).is_open(day)]


def counts(world: World) -> list[int]:
    return [world.value(f"SELECT count(*) FROM master.{name}") for name in TABLES]


@pytest.mark.slow
def test_the_same_people_match_without_one_false_merge(product: str, at: At) -> None:
    world = first(at)
    doubts = set()
    for unit in units(world, product, DAY):
        known = accounts(world.city, unit, DAY)
        rows = world.rows(f"SELECT account_code, person_id, doubt FROM ({LINKED}) l WHERE unit_id = :u", u=unit)
        assert {row.account_code for row in rows} == set(known)
        # Whoever has his own root id is found, however the name is written; nobody is found by another's.
        assert {row.account_code: row.person_id for row in rows if row.person_id} == {
            code: truth for code, (truth, root) in known.items() if root and root == truth
        }
        doubts |= {(row.doubt, known[row.account_code][1] is None) for row in rows if not row.person_id}
    assert doubts == {("untold", True), ("another", False), ("unknown", False)}


@pytest.mark.slow
def test_a_learning_system_writes_no_person_and_the_law_holds(product: str, at: At) -> None:
    world = first(at)
    accounted(world)
    assert min(counts(world)) > 0
    told = world.rows("SELECT DISTINCT entity FROM ops.scope WHERE connection_id = :c", c=product)
    assert {row.entity for row in told} == set(TABLES)
    nobodys = world.value("SELECT count(*) FROM validated.student WHERE connection_id = :c", c=product)
    assert nobodys == 0
    ledger = [row for row in ask.ledger() if row["connection"] == product]
    assert {row["entity"] for row in ledger} >= set(TABLES)


@pytest.mark.slow
def test_a_second_night_changes_nothing_and_a_third_what_was_mended(product: str, at: At) -> None:
    world = first(at)
    before = counts(world)
    world.night(is_good=True)
    moved = "SELECT count(*) FROM landing.record_change WHERE connection_id = :c AND disposition <> 'unchanged'"
    assert (counts(world), world.value(moved, c=product)) == (before, 0)
    at(MENDED.isoformat())
    world.night(is_good=True)
    for unit in units(world, product, MENDED):
        rows = {row["key"]: row["why"] for row in ask.accounts(unit, by_record=True)}
        assert "another" not in rows.values()
    # What the LMS no longer has is gone, with all that hung on it.
    held = world.rows("SELECT account_code FROM master.account WHERE connection_id = :c AND unit_id = ANY(:u)",
                      c=product, u=units(world, product, MENDED))  # fmt: skip
    known = {code for unit in units(world, product, MENDED) for code in accounts(world.city, unit, MENDED)}
    assert {row.account_code for row in held} == known


@pytest.mark.slow
def test_a_token_that_sees_less_removes_nobody(product: str, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    world = first(at)
    before = counts(world)
    monkeypatch.setenv(f"EDU_SECRET_{product.upper()}_TOKEN", LIMITED[product])
    settings.cache_clear()
    outcome = world.sync(product)[product]
    world.night()
    assert counts(world) == before
    said = [
        outcome.error or "",
        *outcome.scopes,
        *(row["rule"] for row in holds.listed() if row["connection"] == product),
    ]
    assert any(said), "nobody was told"
    monkeypatch.undo()


def test_the_report_counts_who_has_an_account_and_who_not(moodled: At) -> None:
    world = first(moodled)
    (row,) = ask.accounts()
    known = accounts(world.city, LOTUS, DAY)
    without = learning.without_account(world.city, LOTUS, DAY)
    assert (row["unit"], row["connection"], row["accounts"]) == (LOTUS, "moodle", len(known))
    assert row["linked"] == sum(1 for truth, root in known.values() if root and root == truth)
    listed = ask.accounts(LOTUS, by_record=True)
    assert row["nobody's"] == len([one for one in listed if one["what"] == "account"])
    lacking = {one["key"] for one in listed if one["what"] == "student"}
    assert without <= lacking
    assert row["pupils without"] == len(lacking)
    # Where a newer year stands open, last year's pupils are due nothing.
    world.execute(
        "INSERT INTO ops.unit_year SELECT (jsonb_populate_record(u, '{\"school_year\": 2024}')).*"
        " FROM ops.unit_year u WHERE school_year = 2023"
    )
    assert not ask.accounts(LOTUS)[0]["pupils"]
    assert row["suspended"] == world.value("SELECT count(*) FROM master.account WHERE status = 'suspended'") > 0


def test_a_moodle_is_one_school_s_own(moodled: At) -> None:
    world = moodled("year_end")
    path = world.folder / "site" / "connections.yaml"
    said = path.read_text()
    other = next(unit.code for unit in world.city.units if unit.code != LOTUS and unit.grades)
    head, tail = said.split("- id: moodle")
    path.write_text(
        head + "- id: moodle" + tail.replace(f"- unit: '{LOTUS}'", f"- unit: '{LOTUS}'\n  - unit: '{other}'")
    )
    with pytest.raises(
        ConfigurationError, match="moodle names no unit in account, course, course_enrollment; it is one"
    ):
        sites.load(world.folder / "site")

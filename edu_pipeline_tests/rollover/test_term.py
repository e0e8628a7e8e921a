"""From semester I to semester II nobody is written anew, and everybody is accounted for: child by child, as told."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from edu_pipeline.cli.year import year as commands
from edu_pipeline.flow import publish, sync, term, year
from edu_pipeline.flow.year import YearRefused
from edu_pipeline.rollover import term as law
from edu_pipeline.sandbox import hoaphuong, plan, tables, zone
from edu_pipeline.sandbox.city import as_city
from edu_pipeline.sandbox.papers import Record
from edu_pipeline.sandbox.story import Child, Place
from edu_pipeline.storage import embedded
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.flow.test_year import override
from edu_pipeline_tests.stages import World, copy, forget, point, unread

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

LAST, AFTER, WINTER = dt.date(2024, 1, 14), "2024-01-15", dt.date(2024, 2, 15)
LOWER = "79764501"
LATER = {"terms": [{"term": 1, "begin": "2023-09-05", "end": "2024-01-21"},
                   {"term": 2, "begin": "2024-01-22", "end": "2024-05-31"}]}  # fmt: skip
PLACES = ("master.enrollment", "rollover.enrollment")


@dataclass
class Base:
    """The register as it stood on the last day of semester I."""

    world: World
    server: embedded.Server
    name: str
    folder: Path


@pytest.fixture(scope="module")
def base(server: embedded.Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    folder, name = tmp_path_factory.mktemp("term"), f"edu_{uuid4().hex[:12]}"
    city = as_city(zone.tell(plan.of_small(), 1230))
    copy(server, template, name)
    with pytest.MonkeyPatch.context() as patch, unread(city, folder, patch) as at:
        world = at(LAST.isoformat())
        point(patch, server, name, folder)
        year.open_year(2023)
        _night(world)
        forget()
        yield Base(world, server, name, folder)
        forget()
    embedded.drop_database(server, name)


@pytest.fixture
def world(base: Base, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    name = f"edu_{uuid4().hex[:12]}"
    copy(base.server, base.name, name)
    point(monkeypatch, base.server, name, base.folder)
    calendar = base.folder / "site" / "calendar.yaml"
    said = calendar.read_text()
    base.world.at(AFTER)
    yield base.world
    calendar.write_text(said)
    forget()
    embedded.drop_database(base.server, name)


def _night(world: World, *units: str) -> publish.Publication:
    """Read (units that are named: as a whole) and publish."""
    done = sync.sync(uuid4().hex, sync.Order(units=units))
    assert {o.connection_id: o.error for o in done if o.error} == {}
    return publish.publish(uuid4().hex)


def _places(world: World, day: dt.date) -> dict[str, dict[str, Place]]:
    """Who is where on a day, as the stories have it: every child, whatever is wrong with its records."""
    found: dict[str, dict[str, Place]] = {unit.code: {} for unit in world.city.units}
    for child in world.city.children:
        for place in child.in_year(2023):
            if place.is_active(day) and place.kind == "primary":
                found[place.unit][child.root] = place
    return found


def _sums() -> dict[str, dict[str, Any]]:
    return {row["unit"]: row for row in term.balances(2023)}


def _moves() -> dict[tuple[str, str, str], tuple[str, str | None]]:
    return {(m["unit"], m["side"], m["person"]): (m["how"], m["other_unit"]) for m in term.moves(2023)}


def _told(monkeypatch: pytest.MonkeyPatch, child: Child, unit: str, change: Callable[[Record], Record | None]) -> None:
    """Let the vendor tell another place of the child in 2023, or none at all."""
    true = hoaphuong.Hoaphuong.records

    def records(self: hoaphuong.Hoaphuong, scope: hoaphuong.Scope, day: dt.date) -> list[Record]:
        found = true(self, scope, day)
        if (scope.resource, scope.unit, scope.year) != ("xep-lop", unit, 2023):
            return found
        mine = [change(r) if r["maHocSinh"] == child.codes[unit] else r for r in found]
        return [record for record in mine if record is not None]

    monkeypatch.setattr(hoaphuong.Hoaphuong, "records", records)


def _quiet(world: World, unit: str) -> Child:
    """A child of a unit to whom nothing happens, and who is in the register."""
    query = "SELECT student_id FROM master.enrollment WHERE unit_id = :u AND status = 'active'"
    there = {row.student_id for row in world.rows(query, u=unit)}
    return [
        child
        for child in world.city.children_of[unit]
        if child.root in there
        and not (child.defect or child.temp or child.namesake or child.sibling)
        and [place.end for place in child.in_year(2023)] == [None]
    ][3]


def test_every_child_is_accounted_for_as_its_story_goes_on_and_no_place_is_written(world: World) -> None:
    before, now = _places(world, LAST), _places(world, WINTER)
    taken = term.take_term(2023)
    # Offices, and units that open later, have nobody to count.
    assert {unit for unit, there in before.items() if there} < set(taken) == set(before)
    for unit, row in _sums().items():
        assert row["snapshot_students"] + row["snapshot_open"] == len(before[unit]) == (row["headcount"] or 0)
        assert row["taken_for"] == LAST
    assert sum(row["snapshot_open"] for row in _sums().values()) > 10
    world.at("mid_year")
    done = _night(world)
    assert done.rollover.failure is None
    for unit, row in _sums().items():
        assert row["active_count"] + row["open_count"] == len(now[unit])
        assert (row["is_balanced"], row["is_proven"], row["as_of"]) == (True, True, WINTER)
    left = {(u, "left", r): place for u in before for r, place in before[u].items() if r not in now[u]}
    came = {(u, "joined", r) for u in now for r in now[u] if r not in before[u]}
    seat = {root: unit for unit, _, root in came}
    sent = {root: unit for unit, _, root in left}
    expected = {at: ({"away": "transferred_out", "city": "transferred_out"}.get(place.how, place.how), seat.get(at[2]))
                for at, place in left.items()}  # fmt: skip
    expected |= {at: ("accepted", sent[at[2]]) for at in came}
    assert _moves() == expected
    assert Counter(how for how, _ in expected.values()) == {"transferred_out": 3, "accepted": 2}
    told = ("released_inside", "accepted_inside", "released_transit", "vanished_count", "class_change_count")
    assert [sum(row[name] for row in _sums().values()) for name in told] == [2, 2, 1, 0, 0]
    # No place was touched, neither by the snapshot nor by the proof; a proof of the same day changes nothing.
    everything = ("master", "rollover")
    before_proof = wire.mark(world, *everything)
    assert term.take_term(2023) == []
    assert term.prove_now("again").failure is None
    assert wire.mark(world, *everything) == before_proof
    answer = CliRunner().invoke(commands, ["term", "2023", "--json"])
    assert answer.exit_code == 0, answer.output
    assert [row["unit"] for row in json.loads(answer.output)] == taken
    moves = CliRunner().invoke(commands, ["term", "2023", "--moves", "--json", "--unit", LOWER])
    assert {row["how"] for row in json.loads(moves.output)} == {"transferred_out"}


def test_the_snapshot_is_taken_after_the_last_day_and_by_nobody_changed(world: World) -> None:
    world.at(LAST.isoformat())
    with pytest.raises(YearRefused, match="2023: semester I ends on 2024-01-14, today is 2024-01-14"):
        term.take_term(2023)
    world.at(AFTER)
    with pytest.raises(YearRefused, match=f"2024 is not open for {LOWER}"):
        term.take_term(2024, [LOWER])
    places = wire.mark(world, *PLACES)
    assert term.take_term(2023, [LOWER], "the head") == [LOWER]
    assert wire.mark(world, *PLACES) == places
    taken = world.rows("SELECT actor, claimed, detail FROM ops.audit WHERE action = 'year.term'")
    assert [tuple(row) for row in taken] == [("edu_app", "the head", {
        "unit": LOWER, "school_year": 2023, "term": 1, "day": "2024-01-14"})]  # fmt: skip
    for table in ("term_snapshot", "term_snapshot_student", "term_snapshot_open"):
        for change in (f"UPDATE rollover.{table} SET term = 2", f"DELETE FROM rollover.{table}"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                world.execute(change)


def test_a_level_whose_semester_ends_later_is_counted_on_its_own_day(world: World) -> None:
    override(world, 2023, lower_secondary=LATER)
    lower = {unit.code for unit in world.city.units if unit.kind == "THCS" and not unit.opened}
    assert not lower & set(term.take_term(2023))
    with pytest.raises(YearRefused, match="2023: semester I ends on 2024-01-21, today is 2024-01-15"):
        term.take_term(2023, [LOWER])
    world.at("2024-01-22")
    with pytest.raises(YearRefused, match=f"{LOWER}.*: not read as a whole and published since 2024-01-21"):
        term.take_term(2023)
    _night(world, *lower)
    assert set(term.take_term(2023)) == lower
    there = _places(world, dt.date(2024, 1, 21))
    assert {unit: _sums()[unit]["snapshot_students"] + _sums()[unit]["snapshot_open"] for unit in lower} == {
        unit: len(there[unit]) for unit in lower}  # fmt: skip
    world.at("mid_year")
    assert _night(world).rollover.failed == {}
    # Who changed school on the 20th left the one before it was counted, and joins the other.
    assert {how for (unit, side, _), how in _moves().items() if unit in lower and side == "joined"} == {
        ("arrived", LOWER)}  # fmt: skip


def test_a_child_that_is_told_no_more_is_vanished_and_its_unit_is_held(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = _quiet(world, LOWER)
    term.take_term(2023)
    with monkeypatch.context() as lossy:
        _told(lossy, child, LOWER, lambda _: None)
        done = _night(world, LOWER)
    rules = "active_equals_accounted, nobody_vanished"
    assert done.rollover.failed == {LOWER: rules}
    assert [verdict.passed for verdict in done.rollover.verdicts if verdict.room == "term"] == [True]
    assert term.moves(2023)[0] == {
        "unit": LOWER, "side": "left", "how": "vanished", "person": child.root, "other_unit": None}  # fmt: skip
    held = "SELECT unit_id, rule FROM ops.hold WHERE room = 'term' AND closed_at IS NULL"
    assert [tuple(row) for row in world.rows(held)] == [(LOWER, rules)]
    assert {unit for unit, row in _sums().items() if not row["is_proven"]} == {LOWER}
    # It is told again: nothing is left of it.
    assert _night(world, LOWER).rollover.failure is None
    assert world.rows(held) == []
    assert _moves() == {}


def test_a_child_that_is_told_late_is_found_and_the_declared_headcount_shows_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = _quiet(world, LOWER)
    with monkeypatch.context() as lossy:
        _told(lossy, child, LOWER, lambda _: None)
        _night(world, LOWER)
    term.take_term(2023)
    done = _night(world, LOWER)
    assert _moves() == {(LOWER, "joined", child.root): ("corrected", None)}
    assert done.rollover.failed == {LOWER: "active_equals_headcount"}


def test_another_class_is_counted_beside_and_nobody_left_or_joined(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = "79764401"
    child = _quiet(world, unit)
    (place,) = child.in_year(2023)
    other = next(k for k, grade in sorted(world.city.classes_of(unit, 2023).items()) if k != place.klass)
    grade = world.value("SELECT min(grade_level) FROM master.school_class WHERE unit_id = :u AND class_code = :k",
                        u=unit, k=other)  # fmt: skip
    term.take_term(2023)
    _told(monkeypatch, child, unit, lambda r: {**r, "rev": r["rev"] + 5, "maLop": other,
                                               "khoi": tables.GRADE[str(grade)]})  # fmt: skip
    assert _night(world, unit).rollover.failure is None
    assert {u: row["class_change_count"] for u, row in _sums().items() if row["class_change_count"]} == {unit: 1}
    assert _moves() == {}


SPOILED = {
    "nobody_vanished": """
        WITH untold AS (UPDATE validated.enrollment SET is_present = false
                        WHERE claim_unit_id = :unit AND student_id = :child)
        DELETE FROM master.enrollment WHERE unit_id = :unit AND student_id = :child""",
    "active_equals_headcount": "UPDATE rollover.term_snapshot SET headcount = headcount + 1 WHERE unit_id = :unit",
}


@pytest.mark.parametrize("rule", SPOILED)
def test_without_an_isolating_rule_the_suite_closes_in_its_place(
    world: World, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    term.take_term(2023)
    binds = {"unit": LOWER, "child": _quiet(world, LOWER).root}
    with engine("edu_owner").begin() as owner:
        spoiled = text(SPOILED[rule])
        assert owner.execute(spoiled, binds).rowcount == 1
    rules = {rule, "active_equals_accounted"} if rule == "nobody_vanished" else {rule}
    with monkeypatch.context() as broken:
        broken.setattr(law, "balance", partial(law.balance, without=frozenset(rules)))
        refused = term.prove_now("proof")
    assert (refused.failed, refused.failure) == ({}, f"term.balance: {', '.join(sorted(rules))}")
    assert not any(row["is_proven"] for row in _sums().values())
    isolated = term.prove_now("proof")
    assert isolated.failed == {LOWER: ", ".join(sorted(rules))}
    assert [verdict.passed for verdict in isolated.verdicts] == [True]

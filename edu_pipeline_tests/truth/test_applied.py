"""After the rollover the plan, the new year and the sums say of every child what the story says."""

from collections import Counter
from collections.abc import Callable

import pytest

from edu_pipeline.sandbox.story import Child
from edu_pipeline.sandbox.units import Unit
from edu_pipeline_tests.stages import World
from edu_pipeline_tests.truth import story

CLOSINGS = ("promoted", "retained", "completed", "transferred_out", "withdrawn", "on_leave", "pending")
OPENINGS = ("promoted", "retained", "accepted", "intake", "returned")

RETEST = "the result after summer is not reported"
SILENT = "neither outcome nor placement is reported"
NO_SHOW = "carried over, but the school reports no place"

# defect -> (state, reason): what keeps the child out of the register in the new year too
OPEN_STATE = {
    "unknown_identity": ("waiting_identity", "no root identity agrees"),
    "name_mismatch": ("waiting_identity", "no root identity agrees"),
    "missing_root_id": ("waiting_identity", "no root identity agrees"),
    "bad_birth_date": ("quarantined", "student.birth_date.unreadable"),
    "unknown_code": ("quarantined", "student.sex.unknown_code"),
    "duplicate_root": ("quarantined", "student.student_id.duplicate"),
}


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    return stage("applied")


def _is_carried_by_name(unit: Unit, child: Child) -> bool:
    """Seated by the rollover in a unit whose class names say a group instead of a grade."""
    opened = story.opening(child, unit)
    return unit.style == "preschool" and opened is not None and opened.is_proposed and opened.decision == "promoted"


def _closings(world: World) -> dict[tuple[str, str], str]:
    return {
        (unit.code, child.root): decided
        for unit, child in story.stays(world.city)
        if (decided := story.closing(child, unit))
    }


def _openings(world: World) -> dict[tuple[str, str], story.Opened]:
    return {
        (unit.code, child.root): opened
        for unit, child in story.stays(world.city)
        if (opened := story.opening(child, unit))
    }


def _orphans(world: World) -> dict[str, Child]:
    return {child.root: child for child in world.city.children if child.defect == "orphan_enrollment"}


def test_every_child_closes_as_the_story_ends(world: World) -> None:
    root_of = {
        f"{unit.code}/{child.codes[unit.code]}": child.root
        for unit, child in story.stays(world.city)
        if unit.system == "saomai"
    }
    rows = world.rows("""SELECT l.unit_id, l.student_id, l.student_key, l.decision FROM rollover.plan_line l
        JOIN rollover.plan p USING (plan_id) WHERE p.status = 'applied' AND l.kind = 'closing'""")
    expected = _closings(world)
    assert {(r.unit_id, r.student_id or root_of[r.student_key]): r.decision for r in rows} == expected
    assert len(rows) == len(expected)
    assert set(Counter(expected.values())) == {"promoted", "retained", "completed", "transferred_out", "pending"}


def test_who_left_before_the_last_day_has_no_closing(world: World) -> None:
    gone = [
        (unit.code, child.root)
        for unit, child in story.stays(world.city)
        if story.former(child, unit) and not story.place_on(child, unit, story.LAST_DAY)
    ]
    assert len(gone) > 50
    rows = world.rows("SELECT unit_id, student_id FROM rollover.plan_line WHERE kind = 'closing'")
    assert not set(gone) & {tuple(row) for row in rows}


def test_every_child_opens_as_the_story_goes_on(world: World) -> None:
    rows = world.rows("""SELECT unit_id, student_id, decision, to_class, to_grade, is_proposed
        FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id, unit_id)
        WHERE p.status = 'applied' AND l.kind = 'opening'""")
    said = {(r.unit_id, r.student_id): story.Opened(*tuple(r)[2:]) for r in rows}
    expected = _openings(world)
    assert set(said) == set(expected)
    for at, opened in expected.items():
        assert said[at] == opened


def test_the_story_and_its_closings_agree_on_how_a_child_enters(world: World) -> None:
    """What the tests above derive is what the city decided, so that they cannot agree on a mistake."""
    for unit, child in story.stays(world.city):
        opened = story.opening(child, unit)
        if opened and (unit.shows_new_year or child.is_no_show or story.next_place(child, unit)):
            assert opened.decision == child.entry
        there = story.next_place(child, unit)
        if opened and there:
            assert (opened.klass, opened.grade) == (there.klass, there.grade)


def test_a_preschool_class_goes_up_by_its_groups_word(world: World) -> None:
    checked = 0
    for unit, child in story.stays(world.city):
        if not _is_carried_by_name(unit, child):
            continue
        place, opened = story.place_on(child, unit, story.LAST_DAY), story.opening(child, unit)
        seat = world.value("SELECT class_code FROM rollover.enrollment WHERE (unit_id, student_id) = (:u, :s)",
                           u=unit.code, s=child.root)  # fmt: skip
        assert place
        assert opened
        assert seat == opened.klass != place.klass
        checked += 1
        if checked == 12:
            return
    raise AssertionError(f"only {checked} children")


def test_a_child_whose_class_was_unknown_does_not_enter_its_own_school_from_outside(world: World) -> None:
    orphans = _orphans(world)
    assert len(orphans) == 2
    rows = world.rows("SELECT student_id, decision FROM rollover.plan_line WHERE kind = 'opening'")
    assert not {row.student_id for row in rows if row.decision != "pending"} & set(orphans)


def test_the_sums_are_the_storys_in_every_unit(world: World) -> None:
    closed = Counter((unit, decided) for (unit, _), decided in _closings(world).items())
    opened = Counter((unit, said.decision) for (unit, _), said in _openings(world).items())
    rows = world.rows("SELECT * FROM rollover.balance")
    assert {row.unit_id for row in rows} == {unit.code for unit in world.city.units if unit.system != "registry"}
    for row in rows:
        told = row._mapping
        assert row.is_balanced
        assert row.active_count == world.city.headcount(row.unit_id, 2023, story.LAST_DAY)
        assert {n: told[f"closed_{n}"] for n in CLOSINGS} == {n: closed[row.unit_id, n] for n in CLOSINGS}
        assert {n: told[f"opened_{n}"] for n in OPENINGS} == {n: opened[row.unit_id, n] for n in OPENINGS}
        assert row.headcount == row.active_count


def _state(unit: Unit, child: Child) -> tuple[str, str | None] | None:
    """(state, reason) of the child's record in the unit on the first day of the new year; None: not reported yet."""
    if child.defect in OPEN_STATE:
        return OPEN_STATE[child.defect]
    decided, there = story.closing(child, unit), story.next_place(child, unit)
    if there and unit.shows_new_year:
        return "enrolled", None
    if decided in ("promoted", "retained"):
        return ("pending", NO_SHOW) if unit.shows_new_year else ("enrolled", None)
    if decided == "pending":
        return "pending", SILENT if unit.system == "lotus" else RETEST
    if decided:
        return "left", decided
    ended = story.former(child, unit)
    return ("left", story.ENDED[ended.how or ""]) if ended else None


def test_every_child_is_in_the_state_of_its_story_and_in_no_other(world: World) -> None:
    expected: dict[tuple[str, str], tuple] = {}
    for unit, child in story.stays(world.city):
        state = _state(unit, child)
        if state:
            expected[story.key(unit, child)] = (*state, unit.code)
        if child.defect == "rekeyed":
            expected["saomai", f"HS-TAM-{unit.code}-{child.codes[unit.code]}"] = ("superseded", "alias", unit.code)
    rows = world.rows("""SELECT connection_id, source_key, state, reason, unit_id FROM ops.person_state
        WHERE entity = 'student' AND recorded_to IS NULL""")
    assert {(r.connection_id, r.source_key): tuple(r)[2:] for r in rows} == expected
    assert len(rows) == len(expected)


def test_every_child_is_in_exactly_one_place_and_it_is_the_storys(world: World) -> None:
    expected = {}
    for unit, child in story.stays(world.city):
        opened, there = story.opening(child, unit), story.next_place(child, unit)
        if child.defect in OPEN_STATE:
            continue
        if there and unit.shows_new_year:
            expected[child.root] = (unit.code, there.grade, "reported")
        elif opened and not unit.shows_new_year:
            expected[child.root] = (unit.code, opened.grade, "rolled_over")
    rows = world.rows("""SELECT student_id, unit_id, grade_level, basis FROM warehouse.fct_enrollment
        WHERE school_year = 2024 AND status = 'active' AND end_date IS NULL""")
    assert len(rows) == len(expected)
    assert {r.student_id: tuple(r)[1:] for r in rows} == expected
    assert {row.basis for row in rows} == {"reported", "rolled_over"}
    enrolled = "SELECT person_id, unit_id FROM ops.person_state WHERE entity = 'student' AND state = 'enrolled'"
    now = world.rows(f"{enrolled} AND recorded_to IS NULL")
    assert sorted(map(tuple, now)) == sorted((root, place[0]) for root, place in expected.items())


def test_who_did_not_come_is_pending_and_what_differs_is_listed(world: World) -> None:
    absent = [child for child in world.city.children if child.is_no_show]
    missed = {c.root: c.places[-1].unit for c in absent if world.city.unit(c.places[-1].unit).shows_new_year}
    assert len(absent) > len(missed) > 5
    rows = world.rows("SELECT student_id, unit_id, difference, reported_class FROM warehouse.rollover_difference")
    # Who was open at the closing is carried by no plan; that the school shows a place now is a difference too.
    shown = {
        root: story.next_place(child, world.city.unit(child.places[0].unit)) for root, child in _orphans(world).items()
    }
    assert {row.student_id: tuple(row)[1:] for row in rows} == {
        **{root: (unit, "not_reported", None) for root, unit in missed.items()},
        **{root: (place.unit, "not_rolled_over", place.klass) for root, place in shown.items() if place},
    }
    assert len(rows) == len(missed) + len(shown) > len(missed)
    states = world.rows("""SELECT person_id, state, reason, owner FROM ops.person_state
        WHERE recorded_to IS NULL AND person_id = ANY(:s)""", s=list(missed))  # fmt: skip
    assert {tuple(row)[1:] for row in states} == {("pending", NO_SHOW, "unit")}
    assert len(states) == len(missed)

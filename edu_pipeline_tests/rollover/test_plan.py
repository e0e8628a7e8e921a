"""A plan is a function of what stands, nobody edits it unseen, and a year is switched only when it may be."""

from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow import rollover, year
from edu_pipeline.flow.year import YearRefused
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World, approve

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

Stage = Callable[[str], World]

_PLANS = "SELECT unit_id, plan_id, hash, planned_at, status, fault FROM rollover.plan ORDER BY plan_id"


def _hashes(world: World) -> dict[str, str]:
    return {r.unit_id: r.hash for r in world.rows("SELECT unit_id, hash FROM rollover.plan WHERE status = 'checked'")}


def test_the_same_inputs_give_the_same_plan_and_nothing_is_rewritten(stage: Stage) -> None:
    world = stage("opening")
    first = rollover.make_plan(2023, "first")
    assert first.failure is None
    assert len(first.done) == 31
    assert first.unchanged == []
    plans, lines = world.rows(_PLANS), wire.mark(world, "rollover.plan_line")
    assert lines["rollover.plan_line"][0] > 10_000
    assert all(plan.status == "checked" and len(plan.hash) == 64 for plan in plans)
    second = rollover.make_plan(2023, "second")
    assert second.failure is None
    assert sorted(second.unchanged) == first.done == second.done
    assert world.rows(_PLANS) == plans
    assert wire.mark(world, "rollover.plan_line") == lines
    # Planned anew from nothing, by another run and on a later day, it is the same too.
    hashes, other = _hashes(world), stage("opening")
    other.at("2024-09-12")
    assert rollover.make_plan(2023, "third").failure is None
    assert _hashes(other) == hashes


def test_what_a_school_decides_anew_replaces_its_own_plan_alone(stage: Stage) -> None:
    world = stage("opening")
    # What they decide is not spoken against by a place that they show.
    unit, other = wire.schools(world, shows_new_year=False)[:2]
    both = [unit, other]
    rollover.make_plan(2023, "first", both)
    before, child = _hashes(world), wire.quiet(world, unit)
    world.execute("UPDATE master.result SET outcome = 'retained' WHERE unit_id = :u AND student_id = :s",
                  u=unit, s=child.root)  # fmt: skip
    again = rollover.make_plan(2023, "second", both)
    assert again.failure is None
    assert again.unchanged == [other]
    after = _hashes(world)
    assert after[other] == before[other]
    assert after[unit] != before[unit]
    assert [(p.unit_id, p.status) for p in world.rows(_PLANS)] == [
        *sorted([(unit, "replaced"), (other, "checked")]),
        (unit, "checked"),
    ]
    decided = """SELECT l.kind, l.decision, l.to_grade FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
        WHERE p.status = 'checked' AND l.student_id = :s ORDER BY l.kind"""
    grade = child.places[0].grade
    assert world.rows(decided, s=child.root) == [("closing", "retained", grade), ("opening", "retained", grade)]


def _line(kind: str, decision: str = "promoted") -> str:
    """WHERE that finds one line of the unit's plan."""
    return f"""(plan_id, line_key) = (SELECT l.plan_id, l.line_key FROM rollover.plan_line l
        JOIN rollover.plan p USING (plan_id) WHERE p.unit_id = :u AND p.status = 'checked' AND l.kind = '{kind}'
        AND ('{kind}' = 'class' OR l.decision = '{decision}') ORDER BY l.line_key LIMIT 1)"""


_NAMES = """plan_id, unit_id, line_key, kind, student_id, staff_id, connection_id, student_key, from_class, from_grade,
    to_class, to_grade, to_name, role, decision, reason, source, is_proposed"""


def _again(kind: str, **other: str) -> str:
    """INSERT of a line once more, under another key and with other values."""
    values = {"line_key": "line_key || '/again'", **other}
    said = ", ".join(values.get(name.strip(), name.strip()) for name in _NAMES.split(","))
    return f"INSERT INTO rollover.plan_line ({_NAMES}) SELECT {said} FROM rollover.plan_line WHERE {_line(kind)}"


ALWAYS = "lines_are_those_planned"

TAMPERED = {
    "a closing deleted": (
        f"DELETE FROM rollover.plan_line WHERE {_line('closing')}",
        {"every_active_pupil_has_a_line", "carried_pupils_continue", ALWAYS},
    ),
    "an opening deleted": (
        f"DELETE FROM rollover.plan_line WHERE {_line('opening')}",
        {"carried_pupils_continue", ALWAYS},
    ),
    "a class deleted": (f"DELETE FROM rollover.plan_line WHERE {_line('class')}", {"every_pupil_has_a_class", ALWAYS}),
    "a post deleted": (f"DELETE FROM rollover.plan_line WHERE {_line('assignment', 'carried')}", {ALWAYS}),
    "a closing doubled": (
        _again("closing"),
        {"every_active_pupil_has_a_line", "carried_pupils_continue", ALWAYS},
    ),
    "an opening doubled": (_again("opening"), {"carried_pupils_continue", ALWAYS}),
    "a class doubled in another grade": (
        _again("class", to_grade="to_grade + 1"),
        {"one_grade_a_class", ALWAYS},
    ),
    "a decision edited": (
        f"UPDATE rollover.plan_line SET decision = 'retained' WHERE {_line('opening')}",
        {ALWAYS},
    ),
    "a class edited": (
        f"UPDATE rollover.plan_line SET to_class = 'NOWHERE' WHERE {_line('opening')}",
        {"every_pupil_has_a_class", ALWAYS},
    ),
    "a pupil exchanged": (
        f"""UPDATE rollover.plan_line SET student_id = (SELECT max(m.student_id) FROM master.student m WHERE NOT EXISTS
            (SELECT FROM rollover.plan_line o WHERE o.student_id = m.student_id)) WHERE {_line("opening")}""",
        {ALWAYS},
    ),
    "a post exchanged": (
        "UPDATE rollover.plan_line SET role = CASE role WHEN 'teacher' THEN 'head' ELSE 'teacher' END"
        f" WHERE {_line('assignment', 'carried')}",
        {ALWAYS},
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_plan_changed_behind_its_back_is_refused_by_rule_and_unit(stage: Stage, what: str) -> None:
    world = stage("opening")
    unit, other = wire.schools(world)[:2]
    assert rollover.make_plan(2023, "plan", [unit, other]).failure is None
    approve()
    statement, rules = TAMPERED[what]
    world.execute(statement, u=unit)
    done = rollover.apply_plan(2023, "apply")
    assert set(done.failed) == {unit}
    assert {said.split(":")[0] for said in done.failed[unit].split("; ")} == rules
    assert str(done.failure).startswith(f"unit {unit}: ")
    assert done.done == [other]
    held = "SELECT unit_id, rule FROM ops.hold WHERE room = 'plan' AND closed_at IS NULL"
    assert [(row.unit_id, row.rule) for row in world.rows(held)] == [(unit, done.failed[unit][:300])]
    assert world.value("SELECT count(*) FROM rollover.enrollment WHERE unit_id = :u", u=unit) == 0
    assert year_of(world, unit) is None


def test_a_refused_plan_is_made_again_from_what_stands(stage: Stage) -> None:
    world = stage("opening")
    unit = wire.schools(world)[0]
    rollover.make_plan(2023, "plan", [unit])
    approve()
    world.execute(f"DELETE FROM rollover.plan_line WHERE {_line('opening')}", u=unit)
    assert set(rollover.apply_plan(2023, "apply").failed) == {unit}
    assert rollover.make_plan(2023, "again", [unit]).failure is None
    assert world.value("SELECT count(*) FROM ops.hold WHERE room = 'plan' AND closed_at IS NULL") == 0
    assert rollover.apply_plan(2023, "apply").done == [unit]


def year_of(world: World, unit: str, school_year: int = 2024) -> str | None:
    rows = world.rows("SELECT state FROM ops.unit_year WHERE (unit_id, school_year) = (:u, :y)", u=unit, y=school_year)
    return rows[0].state if rows else None


def _refused(world: World, said: str, switch: Callable[..., Any], *args: Any) -> None:
    """The switch is refused with these words, and nothing is written."""
    tables = ("ops.unit_year", "rollover.snapshot", "rollover.snapshot_student", "ops.audit")
    before = wire.mark(world, *tables)
    with pytest.raises(YearRefused, match=said):
        switch(*args)
    assert wire.mark(world, *tables) == before


def test_a_year_closes_on_its_last_day_and_not_before(stage: Stage) -> None:
    world = stage("year_end")
    world.at("2024-05-30")
    _refused(world, "2023: semester II ends on 2024-05-31, today is 2024-05-30", year.close_year, 2023)
    world.at("year_end")
    closed = year.close_year(2023)
    assert len(closed) == 31
    snapshot = wire.mark(world, "rollover.snapshot", "rollover.snapshot_student")
    assert year.close_year(2023) == []
    assert wire.mark(world, "rollover.snapshot", "rollover.snapshot_student") == snapshot
    assert {row.state for row in world.rows("SELECT state FROM ops.unit_year")} == {"closing"}


@pytest.mark.slow
def test_a_unit_that_has_not_been_read_since_the_last_day_does_not_close(stage: Stage) -> None:
    world = stage("year_end")
    world.execute("UPDATE ops.batch SET as_of = '2024-05-30' WHERE connection_id = 'saomai'")
    partner, lotus = wire.schools(world)[0], [u.code for u in world.city.units if u.system == "lotus"]
    _refused(world, f"{partner}.*: not read as a whole and published since 2024-05-31", year.close_year, 2023)
    _refused(world, f"^{partner}: not read as a whole", year.close_year, 2023, [partner])
    assert year.close_year(2023, lotus) == sorted(lotus)
    assert year_of(world, partner, 2023) == "open"
    # Read but not published is not enough; published is.
    world.sync("saomai")
    _refused(world, f"^{partner}: not read as a whole", year.close_year, 2023, [partner])
    world.night()
    assert year.close_year(2023, [partner]) == [partner]


def test_a_year_that_follows_another_is_opened_by_no_command(stage: Stage) -> None:
    world = stage("opening")
    unit = wire.schools(world)[0]
    said = "2024 follows a year that the register holds; it is opened by `edu-pipeline rollover apply 2023`"
    _refused(world, f"^unit {unit}: {said}", year.open_year, 2024, [unit])
    _refused(world, said, year.open_year, 2024)
    _refused(world, "no connection answers for 79999999", year.open_year, 2024, ["79999999"])
    _refused(world, f"2024 is not open for {unit}", _close_2024, world, unit)
    assert year.open_year(2023, [unit]) == []


def _close_2024(world: World, unit: str) -> None:
    world.at("2025-06-01")
    try:
        year.close_year(2024, [unit])
    finally:
        world.at("opening")

"""Three witnesses decide where they agree; where they do not, the pupil stays behind and is listed, never guessed.

A school that shows the new year, a school that does not; what each witness says is changed behind the pipeline's back.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from edu_pipeline.flow import decide, rollover
from edu_pipeline.flow.decide import DecisionRefused, Why
from edu_pipeline.sandbox.story import Child
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]
WHY = Why("the council decided", "12/BB", "Bà An")


class Line(NamedTuple):
    """What a plan says of how a pupil's year closes."""

    decision: str
    flags: list[str]
    reported: str | None
    ruled: str | None
    placed: str | None
    to_class: str | None


def lines(world: World, children: dict[str, Child]) -> dict[str, Line]:
    """Closing lines of the newest plans, by the child's part in the test."""
    rows = world.rows("""SELECT l.student_id, l.decision, l.flags, l.reported, l.ruled, l.placed, l.to_class
        FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
        WHERE p.status IN ('checked', 'refused') AND l.kind = 'closing'""")
    found = {row.student_id: Line(*tuple(row)[1:]) for row in rows}
    return {part: found[child.root] for part, child in children.items()}


def of_grade(world: World, unit: str, *grades: int) -> Iterator[Child]:
    """Quiet children of the unit in these grades."""
    for position in range(200):
        child = wire.quiet(world, unit, position)
        if child.places[0].grade in grades:
            yield child


def report(world: World, child: Child, **said: Any) -> None:
    """Let the year's result of a child say something else."""
    changes = ", ".join(f"{name} = :{name}" for name in said)
    world.execute(f"UPDATE master.result SET {changes} WHERE student_id = :s AND stage = 'CN'", s=child.root, **said)


def show(world: World, child: Child, grade: int, klass: str) -> None:
    """Let the school show the child elsewhere in the new year."""
    world.execute(
        """UPDATE waiting.enrollment w SET grade_level = :g, class_code = :c FROM validated.student v
           WHERE v.connection_id = w.connection_id AND v.ref_key = w.student_key AND v.student_id = :s
             AND w.school_year = 2024""",
        s=child.root, g=grade, c=klass,
    )  # fmt: skip


def of_year(world: World, child: Child, field: str, value: str) -> None:
    """Let the old year say something of a child that this vendor does not tell."""
    world.execute(
        f"""INSERT INTO master.student_year (unit_id, school_year, student_id, recorded_from, {field})
            SELECT unit_id, school_year, student_id, recorded_from, {value}
            FROM master.enrollment WHERE student_id = :s AND school_year = 2023 LIMIT 1""",
        s=child.root,
    )


def test_they_decide_where_they_agree_and_are_listed_where_they_do_not(stage: Stage) -> None:
    world = stage("opening")
    early, late = wire.schools(world, "THCS")[0], wire.schools(world, "THCS", shows_new_year=False)[0]
    shown, hidden = of_grade(world, early, 6, 7), of_grade(world, late, 6, 7)
    children = {
        "all agree": next(shown),
        "shown in the old grade": next(shown),
        "two against the rule": next(shown),
        "only shown": next(shown),
        "shown two grades up": next(shown),
        "reported completed in grade 6": next(hidden),
        "reported against the rule": next(hidden),
        "only computed": next(hidden),
        "nobody says anything": next(hidden),
        "a second time": next(hidden),
        "the old place is gone": next(hidden),
        "may differ": next(hidden),
    }
    of = children.__getitem__
    show(world, of("shown in the old grade"), of("shown in the old grade").places[0].grade, "6A1")
    show(world, of("shown two grades up"), of("shown two grades up").places[0].grade + 2, "9A1")
    report(world, of("two against the rule"), absence_count=50)
    report(world, of("only shown"), outcome=None, academic_level=None)
    report(world, of("reported completed in grade 6"), outcome="completed")
    report(world, of("reported against the rule"), absence_count=50)
    report(world, of("only computed"), outcome=None)
    report(world, of("nobody says anything"), outcome=None, academic_level=None, conduct_level=None)
    report(world, of("a second time"), outcome="retained", absence_count=50)
    of_year(world, of("a second time"), "was_retained", "true")
    world.execute("DELETE FROM master.enrollment WHERE student_id = :s AND school_year = 2023",
                  s=of("the old place is gone").root)  # fmt: skip
    report(world, of("may differ"), outcome="retained", absence_count=50)
    of_year(world, of("may differ"), "disability", "(SELECT min(code) FROM reference.disability)")
    world.execute("DELETE FROM master.subject_mark WHERE student_id = ANY(:s)",
                  s=[of("only shown").root, of("nobody says anything").root])  # fmt: skip
    rollover.make_plan(2023, "plan", [early, late])
    said = {part: (line.decision, line.flags) for part, line in lines(world, children).items()}
    assert said == {
        "all agree": ("promoted", []),
        "shown in the old grade": ("pending", ["witnesses_disagree"]),
        "two against the rule": ("promoted", ["against_rule"]),
        "only shown": ("promoted", []),
        "shown two grades up": ("pending", ["witnesses_disagree"]),
        "reported completed in grade 6": ("pending", ["outcome_unfit"]),
        "reported against the rule": ("pending", ["witnesses_disagree"]),
        "only computed": ("promoted", []),
        "nobody says anything": ("pending", ["nothing_reported"]),
        "a second time": ("retained", ["second_retention"]),
        "the old place is gone": ("promoted", ["place_gone"]),
        "may differ": ("retained", ["rule_noted"]),
    }
    told = lines(world, children)
    assert told["all agree"][2:5] == ("promoted", "promoted", "promoted")
    assert told["only shown"][2:5] == (None, None, "promoted")
    assert told["only computed"][2:5] == (None, "promoted", None)
    assert told["reported against the rule"][2:5] == ("promoted", "retained", None)
    # Nobody who is pending sits anywhere in the plan.
    pending = [children[part].root for part, (decision, _) in said.items() if decision == "pending"]
    seated = "SELECT count(*) FROM rollover.plan_line WHERE kind = 'opening' AND student_id = ANY(:s)"
    assert world.value(seated, s=pending) == 0
    rules = world.rows(
        "SELECT DISTINCT rule FROM rollover.plan_line WHERE decision = 'promoted' AND ruled = 'promoted'"
    )
    assert {row.rule for row in rules} == {"TT 22/2021, art. 12", "TT 22/2021, art. 14"}


def test_a_person_decides_beside_them_with_a_reason_and_takes_it_back(stage: Stage) -> None:
    world = stage("opening")
    late = wire.schools(world, "THCS", shows_new_year=False)[0]
    hidden = of_grade(world, late, 6, 7)
    children = {"retained": next(hidden), "elsewhere": next(hidden), "gone": next(hidden)}
    grade = children["elsewhere"].places[0].grade
    first = decide.override(late, 2023, children["retained"].root, "retained", WHY)
    decide.override(late, 2023, children["elsewhere"].root, "promoted", WHY, to_class=f"{grade + 1}A9")
    decide.override(late, 2023, children["gone"].root, "withdrawn", WHY)
    rollover.make_plan(2023, "plan", [late])
    said = lines(world, children)
    assert {part: (line.decision, line.flags) for part, line in said.items()} == {
        "retained": ("retained", ["override"]),
        "elsewhere": ("promoted", ["override"]),
        "gone": ("withdrawn", ["override"]),
    }
    assert said["retained"].to_class == children["retained"].places[0].klass
    assert said["elsewhere"].to_class == f"{grade + 1}A9"
    kept = world.rows("SELECT actor, claimed, detail->>'document' AS document FROM ops.audit"
                      " WHERE action = 'rollover.override'")  # fmt: skip
    assert {tuple(row) for row in kept} == {("edu_app", "Bà An", "12/BB")}
    assert [row["decision"] for row in decide.overrides(2023, late)] == ["retained", "promoted", "withdrawn"]

    decide.withdraw_override(first)
    rollover.make_plan(2023, "plan", [late])
    assert lines(world, children)["retained"].decision == "promoted"
    assert len(decide.overrides(2023, late)) == 2
    assert len(decide.overrides(2023, late, is_all=True)) == 3


def test_what_cannot_be_decided_is_refused_with_what_to_do(stage: Stage) -> None:
    world = stage("opening")
    unit, other = wire.schools(world, "THCS")[:2]
    child = next(of_grade(world, unit, 6))
    last = next(c for c in world.city.children_of[unit] if c.places[0].grade == 9 and c.outcome == "completed")
    decide.override(unit, 2023, child.root, "retained", WHY)
    for args, said in (
        ((unit, 2023, child.root, "retained", WHY), "override 1 stands for that already: withdraw it first"),
        ((unit, 2023, child.root, "expelled", WHY), "decision 'expelled' is none of promoted, "),
        ((unit, 2023, child.root, "completed", WHY), "grade 6 does not end a level"),
        ((unit, 2023, last.root, "promoted", WHY), "grade 9 is the last of its level"),
        ((unit, 2023, child.root, "withdrawn", WHY, "7A1"), "sits in no class of the unit"),
        ((other, 2023, child.root, "retained", WHY), "the closing snapshot of 2023 has no pupil"),
        ((unit, 2024, child.root, "retained", WHY), f"unit {unit} has no school year 2024"),
        (("79999999", 2023, child.root, "retained", WHY), "unit 79999999 has no school year 2023"),
        ((unit, 2023, last.root, "retained", Why(" ")), "a decision needs a reason"),
    ):  # fmt: skip
        with pytest.raises(DecisionRefused, match=said):
            decide.override(*args)
    with pytest.raises(DecisionRefused, match="no pupil of 2023 sat in a class '6Z'"):
        decide.rename(unit, 2023, "6Z", 7, "7Z", WHY)
    with pytest.raises(DecisionRefused, match="leads to no grade 9"):
        decide.rename(unit, 2023, child.places[0].klass, 9, "9Z", WHY)
    with pytest.raises(DecisionRefused, match="override 7 does not stand"):
        decide.withdraw_override(7)
    assert len(decide.overrides(2023, is_all=True)) == 1


def test_a_class_without_a_name_in_the_next_grade_waits_for_one(stage: Stage) -> None:
    world = stage("opening")
    late = wire.schools(world, "TH", shows_new_year=False)[0]
    klass = next(of_grade(world, late, 2)).places[0].klass
    # A snapshot may only grow: the class had that name from the first.
    with engine("edu_owner").begin() as owner:
        owner.exec_driver_sql(
            "UPDATE rollover.snapshot_student SET class_code = 'Hoa Hong' WHERE unit_id = %s AND class_code = %s",
            (late, klass),
        )
    rollover.make_plan(2023, "plan", [late])
    counted = """SELECT decision, flags, count(*) FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
        WHERE p.status IN ('checked', 'refused') AND kind = 'closing' AND from_class = 'Hoa Hong'
          AND decision IN ('promoted', 'pending') GROUP BY 1, 2"""
    (waits,) = [row for row in world.rows(counted) if "class_unreadable" in row.flags]
    assert waits.decision == "pending"
    decide.rename(late, 2023, "Hoa Hong", 3, "Hoa Mai", WHY)
    rollover.make_plan(2023, "plan", [late])
    rows = [row for row in world.rows(counted) if row.decision == "promoted"]
    assert sum(row[2] for row in rows) == waits[2]
    classes = world.rows("""SELECT l.to_class, l.to_grade, l.is_proposed FROM rollover.plan_line l
        JOIN rollover.plan p USING (plan_id)
        WHERE p.status = 'checked' AND l.kind = 'class' AND to_class = 'Hoa Mai'""")
    assert [tuple(row) for row in classes] == [("Hoa Mai", 3, True)]


def test_who_is_open_is_flagged_by_why_the_place_is_not_known(stage: Stage) -> None:
    world = stage("opening")
    unit = wire.schools(world, "THCS")[0]
    said = {"quarantined: enrollment.status.unknown_code": ["quarantined"], "waiting: parent": ["waiting"],
            "held: not in the register": ["held"], "something else": [],
            "handed over to lotus, which does not tell the person": ["not_told"]}  # fmt: skip
    for reason in said:
        world.execute("INSERT INTO rollover.snapshot_open VALUES (:u, 2023, 'nobody', :r, :r)", u=unit, r=reason)
    rollover.make_plan(2023, "plan", [unit])
    rows = world.rows("SELECT student_key, decision, flags FROM rollover.plan_line WHERE connection_id = 'nobody'")
    assert {row.student_key: row.flags for row in rows} == said
    assert {row.decision for row in rows} == {"pending"}

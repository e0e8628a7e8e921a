"""What the circulars decide of the practice city's children is what their stories say; and what changes that."""

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow import publish, rollover, year
from edu_pipeline.rollover import witness
from edu_pipeline.rollover.regulation.force import REGULATIONS, regulation_for
from edu_pipeline.sandbox.marks import report
from edu_pipeline.sandbox.story import Child
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.rollover.regulation.test_story import KINDS, LEVEL, STUDY_58
from edu_pipeline_tests.sandbox.grown import last
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]

SUBJECTS = ("literature", "mathematics", "foreign_language_1", "civic_education", "natural_science", "technology")


def lines(world: World, both_below: str = "strict") -> dict[str, Any]:
    """The witness's line of every pupil of the units that have a plan; one a pupil."""
    plans = world.value("SELECT array_agg(plan_id) FROM rollover.plan WHERE from_year = 2023 AND status <> 'replaced'")
    rows = world.rows(witness.relation(f"'{both_below}'"), plans=plans, from_year=2023)
    assert rows[0]._fields == witness.COLUMNS
    pupils = """SELECT count(*) FROM rollover.snapshot_student WHERE school_year = 2023
        AND unit_id IN (SELECT unit_id FROM rollover.plan WHERE plan_id = ANY(:plans))"""
    found = {row.student_id: row for row in rows}
    assert len(found) == len(rows) == world.value(pupils, plans=plans)
    return found


def final(child: Child) -> str:
    """The story's last word on 2023-2024; a retest whose result nobody tells is pending."""
    return (child.after_summer if child.outcome == "retest" else child.outcome) or "pending"


def test_of_the_partners_pupils_the_circular_says_what_the_school_decided(stage: Stage) -> None:
    world = stage("opening")
    assert rollover.make_plan(2023, "plan").failure is None
    children, seen = {child.root: child for child in world.city.children}, Counter[str]()
    for root, line in lines(world).items():
        child, unit = children[root], world.city.unit(line.unit_id)
        place = next(place for place in child.in_year(2023) if place.unit == line.unit_id)
        assert line.regulation == regulation_for(place.grade, 2023, KINDS[unit.kind]).name
        assert line.agrees in (True, None), line
        if line.regulation in ("TT 27/2020", "TT 30/2014", "TT 58/2011", "QĐ 02/2007"):
            # The partner tells one level, on the scale of TT 22: of other circulars that is no fact.
            assert (line.decision, line.agrees) == (None, None)
            assert line.note.startswith("not told: study")
        elif unit.system == "lotus":
            assert (line.decision, line.note) == (None, "not told: outcome")
        elif (line.decision, final(child)) != ("pending", "retained"):
            assert line.decision == final(child), line
        else:
            assert (line.stage, child.outcome) == ("CN", "retained")
        seen[f"{line.regulation}/{line.decision}"] += 1
    assert seen["TT 22/2021/promoted"] > 1800
    assert seen["TT 22/2021/retained"] > 10
    assert seen["preschool/completed"] > 150


@pytest.mark.slow
def test_of_the_second_vendors_pupils_marks_give_the_level_and_the_decision_of_the_story(whole: Stage) -> None:
    ours = ("registry", "hoaphuong")
    world = whole("year_end")
    year.open_year(2023)
    world.sync(*ours)
    publish.publish(uuid.uuid4().hex)
    units = sorted(
        {u.code for u in world.city.units if u.system == "hoaphuong" and u.grades and not u.opened and not u.before}
    )
    year.close_year(2023, units)
    world = whole("opening")
    world.sync(*ours)
    publish.publish(uuid.uuid4().hex)
    rollover.make_plan(2023, "plan", units)
    children, seen, flagged = {child.root: child for child in world.city.children}, Counter[str](), Counter[str]()
    for root, line in lines(world).items():
        child, place = children[root], last(children[root])
        assert place is not None
        if child.defect == "negative_absences":
            assert (line.decision, line.note) == (None, "not told: absences")
            continue
        assert not line.is_level_different, line
        assert line.agrees, line
        # Of primary pupils summer tells marks but no competences, so the level that is computed stays that of the year.
        made = report(child, place, "CN" if line.regulation in ("TT 27/2020", "TT 30/2014") else line.stage)
        if made is None or line.regulation == "foreign programme":
            assert line.computed_level is None
            assert line.decision == final(child)
        elif child.defect in ("mark_11", "mark_words", "competence_h"):
            # A mark that nobody can read leaves the others too few to compute from.
            assert (line.computed_level, line.decision) == (None, final(child))
        else:
            words = STUDY_58 if made.circular == "TT58" else LEVEL
            assert line.computed_level == words.get(made.study, made.study), line
            is_open = line.decision == "pending" and line.stage == "CN"
            if not (line.may_differ or (is_open and final(child) == "retained")):
                assert line.decision == final(child), line
            assert ("raised" in (line.why or "")) is made.is_adjusted
        flagged.update((line.why or "").split("; "))
        seen[f"{line.stage} {line.decision} {line.regulation}"] += 1
    assert {one.name for one in REGULATIONS} <= {name.split(" ", 2)[2] for name in seen}
    assert flagged["level raised for one single subject (art. 9)"] > 5
    assert sum(n for name, n in seen.items() if name.startswith("HE")) > 15


@pytest.fixture
def school(stage: Stage) -> tuple[World, str, str]:
    """A lower secondary school of which nothing but levels is told, and a pupil of it in grade 6."""
    world = stage("opening")
    unit = wire.schools(world, "THCS")[0]
    child = next(c for n in range(60) if (c := wire.quiet(world, unit, n)).places[0].grade == 6)
    rollover.make_plan(2023, "plan", [unit])
    return world, unit, child.root


def _tell(world: World, child: str, stage: str = "CN", **said: Any) -> None:
    """Let a result of the pupil say so; a stage that is not told yet is told."""
    world.execute("""INSERT INTO master.result (unit_id, school_year, student_id, stage, connection_id, source_key,
            recorded_from)
        SELECT unit_id, school_year, student_id, :stage, connection_id, source_key || :stage, recorded_from
        FROM master.result WHERE student_id = :s AND school_year = 2023 AND stage = 'CN' ON CONFLICT DO NOTHING""",
        s=child, stage=stage)  # fmt: skip
    changes = ", ".join(f"{name} = :{name}" for name in said)
    world.execute(f"UPDATE master.result SET {changes} WHERE student_id = :s AND school_year = 2023 AND stage = :stage",
                  s=child, stage=stage, **said)  # fmt: skip


def _mark(world: World, child: str, stage: str = "CN", **marks: float | None) -> None:
    """Let marks of the pupil be so; `retest_<subject>` stands beside the year's mark."""
    for name, mark in marks.items():
        column, subject = ("retest_mark", name[7:]) if name.startswith("retest_") else ("mark", name)
        world.execute(f"""INSERT INTO master.subject_mark (unit_id, school_year, student_id, stage, subject_code,
                {column}, connection_id, source_key, recorded_from)
            SELECT unit_id, school_year, student_id, :stage, :subject, :mark, connection_id, source_key || :subject,
                   recorded_from FROM master.result WHERE student_id = :s AND school_year = 2023 AND stage = 'CN'
            ON CONFLICT (unit_id, school_year, student_id, stage, subject_code) DO UPDATE SET {column} = :mark""",
            s=child, stage=stage, subject=subject, mark=mark)  # fmt: skip


def _said(world: World, child: str, both_below: str = "strict") -> tuple[Any, ...]:
    line = lines(world, both_below)[child]
    return line.decision, line.stage, line.computed_level, line.article


def test_marks_go_before_the_reported_level_and_a_difference_is_flagged(school: tuple[World, str, str]) -> None:
    world, _, child = school
    assert _said(world, child) == ("promoted", "CN", None, "art. 12")
    _mark(world, child, **dict.fromkeys(SUBJECTS, 5.0))
    line = lines(world)[child]
    assert (line.computed_level, line.reported_level, line.is_level_different) == ("3", "2", True)
    assert (line.is_flagged, line.why, line.decision) == (True, "reported level is not that of the marks", "promoted")
    _mark(world, child, mathematics=4.9)
    line = lines(world)[child]
    assert (line.decision, line.computed_level, line.outcome, line.agrees) == ("pending", "4", "promoted", False)


@pytest.mark.parametrize("where", ["beside the mark", "stage of its own", "mark of that stage"])
def test_a_retest_replaces_the_years_mark(school: tuple[World, str, str], where: str) -> None:
    world, _, child = school
    _mark(world, child, **dict.fromkeys(SUBJECTS, 5.0) | {"mathematics": 3.0, "literature": 2.5})
    assert _said(world, child) == ("pending", "CN", "4", "art. 14")
    for marks, expected in (
        ({"mathematics": 6.0, "literature": 4.0}, ("retained", "HE", "4", "art. 14")),
        ({"mathematics": 6.0, "literature": 5.0}, ("promoted", "HE", "3", "art. 14")),
    ):
        if where == "beside the mark":
            _mark(world, child, **{f"retest_{name}": mark for name, mark in marks.items()})
        elif where == "stage of its own":
            _mark(world, child, "HE", **{f"retest_{name}": mark for name, mark in marks.items()})
        else:
            _mark(world, child, "HE", **marks)
        assert _said(world, child) == expected


def test_marks_that_are_not_whole_give_no_level(school: tuple[World, str, str]) -> None:
    world, unit, child = school
    mate = world.value("""SELECT s.student_id FROM rollover.snapshot_student s JOIN rollover.snapshot_student o
        USING (unit_id, school_year, class_code) JOIN master.result r ON r.student_id = s.student_id
            AND r.school_year = 2023
        WHERE o.student_id = :s AND s.student_id <> :s AND s.unit_id = :u AND r.outcome = 'promoted' LIMIT 1""",
        s=child, u=unit)  # fmt: skip
    _mark(world, mate, **dict.fromkeys(SUBJECTS, 9.0))
    _mark(world, child, **dict.fromkeys(SUBJECTS[1:], 4.0))
    found = lines(world)
    assert found[mate].computed_level == "1"
    assert (found[child].computed_level, found[child].decision) == (None, "promoted")
    _mark(world, child, **{SUBJECTS[0]: 4.0})
    assert (_said(world, child)[0], _said(world, child)[2]) == ("pending", "4")


def test_conduct_is_that_of_the_terms_where_they_are_told(school: tuple[World, str, str]) -> None:
    world, _, child = school
    _tell(world, child, "CK1", conduct_level="1")
    _tell(world, child, conduct_level="2")
    assert lines(world)[child].why is None
    _tell(world, child, "CK2", conduct_level="4")
    line = lines(world)[child]
    assert (line.decision, line.article, line.note) == ("pending", "art. 13", "trains conduct in summer")
    assert line.why == "reported conduct is not that of the terms"
    _tell(world, child, "HE", conduct_level="3")
    assert _said(world, child)[:2] == ("promoted", "HE")


def test_below_in_both_is_the_policys_to_decide_and_always_flagged(school: tuple[World, str, str]) -> None:
    world, _, child = school
    _tell(world, child, academic_level="4", conduct_level="4")
    strict, lenient = lines(world)[child], lines(world, "lenient")[child]
    assert (strict.decision, lenient.decision) == ("retained", "pending")
    assert strict.is_flagged
    assert lenient.is_flagged
    _tell(world, child, "HE", academic_level="3", conduct_level="2")
    assert (_said(world, child)[0], _said(world, child, "lenient")[0]) == ("retained", "promoted")


def test_absences_decide_alone_and_untold_ones_leave_it_open(school: tuple[World, str, str]) -> None:
    world, _, child = school
    for absences, decision in ((45, "promoted"), (46, "retained"), (None, None)):
        _tell(world, child, absence_count=absences)
        assert _said(world, child)[0] == decision
    _tell(world, child, absence_count=None, conduct_level=None)
    assert lines(world)[child].note == "not told: absences, conduct"
    _tell(world, child, absence_count=50)
    assert _said(world, child)[0] == "retained"


def _year(world: World, child: str, **said: Any) -> None:
    names, binds = ", ".join(said), ", ".join(f":{name}" for name in said)
    changes = ", ".join(f"{name} = :{name}" for name in said)
    world.execute(f"""INSERT INTO master.student_year (unit_id, school_year, student_id, recorded_from, {names})
        SELECT unit_id, school_year, student_id, now(), {binds} FROM rollover.snapshot_student
        WHERE student_id = :s AND school_year = 2023
        ON CONFLICT (unit_id, school_year, student_id) DO UPDATE SET {changes}""", s=child, **said)  # fmt: skip


def test_of_a_disabled_pupil_the_principal_may_decide_otherwise(school: tuple[World, str, str]) -> None:
    world, _, child = school
    _tell(world, child, absence_count=50)
    before = lines(world)[child]
    assert (before.decision, before.may_differ, before.agrees) == ("retained", False, False)
    _year(world, child, disability="autism")
    line = lines(world)[child]
    assert (line.decision, line.may_differ, line.agrees, line.is_flagged) == ("retained", True, True, True)
    assert line.why == "disabled (art. 11): the principal decides if an individual plan stands"


def test_of_a_foreign_programme_the_schools_decision_is_the_decision(school: tuple[World, str, str]) -> None:
    world, _, child = school
    _tell(world, child, academic_level="4", conduct_level="4", absence_count=99)
    assert _said(world, child)[0] == "retained"
    _year(world, child, has_ministry_programme=False)
    line = lines(world)[child]
    assert (line.regulation, line.decision, line.agrees) == ("foreign programme", "promoted", True)
    _year(world, child, has_ministry_programme=True)
    assert lines(world)[child].regulation == "TT 22/2021"


def test_graduation_is_later_and_delays_nothing(school: tuple[World, str, str]) -> None:
    world, unit, _ = school
    nine = world.value(
        """SELECT s.student_id FROM rollover.snapshot_student s JOIN master.result r USING (unit_id,
        school_year, student_id) WHERE s.unit_id = :u AND s.grade_level = 9 AND r.outcome = 'completed' LIMIT 1""",
        u=unit,
    )
    assert lines(world)[nine].note == "not told: study, conduct (a level is told on another circular's scale)"
    _tell(world, nine, academic_58="average", conduct_58="fair")
    for graduated in (None, False, True):
        _tell(world, nine, has_graduated=graduated, is_graduation_eligible=graduated)
        line = lines(world)[nine]
        assert (line.decision, line.has_completed_programme, line.has_completed_level) == ("completed", True, True)
    _tell(world, nine, academic_58="weak")
    line = lines(world)[nine]
    assert (line.decision, line.has_completed_programme, line.has_completed_level) == ("pending", None, None)


def test_promoted_and_completed_the_programme_are_two_facts(stage: Stage) -> None:
    world = stage("opening")
    unit = wire.schools(world, "TH")[0]
    by_grade = {(c := wire.quiet(world, unit, n)).places[0].grade: c.root for n in range(140)}
    rollover.make_plan(2023, "plan", [unit])
    _tell(world, by_grade[4], year_level="CHT")
    assert _said(world, by_grade[4])[0] == "pending"
    _tell(world, by_grade[4], "HE", year_level="CHT", outcome="promoted")
    line = lines(world)[by_grade[4]]
    assert (line.decision, line.may_differ, line.outcome, line.agrees) == ("retained", True, "promoted", True)
    assert (line.has_completed_programme, line.has_completed_level) == (False, None)
    five = world.value(
        """SELECT student_id FROM rollover.snapshot_student JOIN master.result USING (unit_id, school_year,
        student_id) WHERE unit_id = :u AND grade_level = 5 AND outcome = 'completed' LIMIT 1""",
        u=unit,
    )
    _tell(world, five, year_level="CHT")
    _tell(world, five, "HE", year_level="CHT", outcome="promoted")
    line = lines(world)[five]
    assert (line.decision, line.may_differ, line.agrees, line.has_completed_level) == ("retained", False, False, False)

"""On the last day of semester II the register says of every child what the story says, or why it cannot."""

from collections import Counter
from collections.abc import Callable

import pytest

from edu_pipeline.sandbox.story import DEFECTS
from edu_pipeline_tests.stages import World
from edu_pipeline_tests.truth import story

# defect -> (state, reason, who must act, does the register know the person)
STATE_OF = {
    "unknown_identity": ("waiting_identity", "no root identity agrees", "unit", False),
    "name_mismatch": ("waiting_identity", "no root identity agrees", "unit", False),
    "missing_root_id": ("waiting_identity", "no root identity agrees", "unit", False),
    "bad_birth_date": ("quarantined", "student.birth_date.unreadable", "unit", False),
    "unknown_code": ("quarantined", "student.sex.unknown_code", "unit", False),
    "duplicate_root": ("quarantined", "student.student_id.duplicate", "unit", False),
    "orphan_enrollment": ("waiting_parent", "its class or unit is not known", "unit", True),
    "rekeyed": ("enrolled", None, "nobody", True),
    None: ("enrolled", None, "nobody", True),
}
UNPLACED = {defect for defect, (state, *_) in STATE_OF.items() if state != "enrolled"}


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    return stage("year_end")


def test_the_table_of_defects_is_whole() -> None:
    assert set(STATE_OF) == {*DEFECTS, None}


def test_every_child_stands_in_its_class_and_grade(world: World) -> None:
    expected = {
        (unit.code, child.root): (place.klass, place.grade, place.begin, is_derived)
        for unit, child in story.stays(world.city)
        if (place := story.place_on(child, unit, story.LAST_DAY)) and child.defect not in UNPLACED
        for is_derived in [unit.system == "saomai" and not place.is_begin_told]
    }
    rows = world.rows("""SELECT unit_id, student_id, class_code, grade_level, begin_date, is_begin_derived
        FROM master.enrollment WHERE school_year = 2023 AND status = 'active' AND end_date IS NULL""")
    assert len(rows) == len(expected) > 5900
    assert {(r.unit_id, r.student_id): tuple(r)[2:] for r in rows} == expected


def test_every_stay_that_ended_stands_with_its_last_day_and_how_it_ended(world: World) -> None:
    expected = {
        (unit.code, child.root): (place.klass, place.grade, place.begin, place.end, story.ENDED[place.how or ""])
        for unit, child in story.stays(world.city)
        if (place := story.former(child, unit))
    }
    rows = world.rows("""SELECT unit_id, student_id, class_code, grade_level, begin_date, end_date, status
        FROM master.enrollment WHERE end_date IS NOT NULL OR status <> 'active'""")
    assert {(r.unit_id, r.student_id): tuple(r)[2:] for r in rows} == expected
    assert len(rows) == len(expected) > 50


def test_every_child_is_in_the_state_of_its_story_and_in_no_other(world: World) -> None:
    expected: dict[tuple[str, str], tuple] = {}
    for unit, child in story.stays(world.city):
        ended = story.former(child, unit)
        if story.place_on(child, unit, story.LAST_DAY):
            state, reason, owner, is_known = STATE_OF[child.defect]
            expected[story.key(unit, child)] = (state, reason, owner, unit.code, child.root if is_known else None)
        elif ended:
            how = story.ENDED[ended.how or ""]
            expected[story.key(unit, child)] = ("left", how, "nobody", unit.code, child.root)
        if child.defect == "rekeyed":
            alias = f"HS-TAM-{unit.code}-{child.codes[unit.code]}"
            expected["saomai", alias] = ("superseded", "alias", "nobody", unit.code, child.root)
    rows = world.rows("""SELECT connection_id, source_key, state, reason, owner, unit_id, person_id
        FROM ops.person_state WHERE entity = 'student' AND recorded_to IS NULL""")
    assert len(rows) == len(expected)
    assert {(r.connection_id, r.source_key): tuple(r)[2:] for r in rows} == expected


def test_of_two_records_with_one_root_id_the_registrys_child_keeps_its_place(world: World) -> None:
    twins = [child for child in world.city.children if child.twin_root]
    assert len(twins) == 2
    for child in twins:
        rows = world.rows("SELECT unit_id FROM master.enrollment WHERE student_id = :s", s=child.twin_root)
        assert [row.unit_id for row in rows] == [child.places[0].unit]
        assert world.value("SELECT count(*) FROM master.student WHERE student_id = :s", s=child.root) == 0


def test_headcounts_are_the_storys_in_every_unit(world: World) -> None:
    expected = {u.code: n for u in world.city.units if (n := world.city.headcount(u.code, 2023, story.LAST_DAY))}
    declared = world.rows("SELECT unit_id, student_count, counted_on FROM ops.headcount WHERE student_count > 0")
    partner = {unit.code for unit in world.city.units if unit.system == "saomai"}
    assert {r.unit_id: r.student_count for r in declared} == {u: n for u, n in expected.items() if u in partner}
    assert {row.counted_on for row in declared} == {story.LAST_DAY}
    placed = Counter({r.unit_id: r.n for r in world.rows("""SELECT unit_id, count(*) AS n FROM master.enrollment
        WHERE status = 'active' AND end_date IS NULL GROUP BY unit_id""")})  # fmt: skip
    missing = Counter(
        unit.code
        for unit, child in story.stays(world.city)
        if child.defect in UNPLACED and story.place_on(child, unit, story.LAST_DAY)
    )
    assert sum(missing.values()) == 14
    assert placed + missing == Counter(expected)


def test_every_member_of_staff_has_the_post_of_the_story(world: World) -> None:
    role = {"01": "head", "02": "deputy_head", "GV": "teacher", "NV": "employee"}
    posts, without = {}, set()
    for member in world.city.staff:
        # The OneRoster provider tells a teacher's post by the class that he leads, and by nothing else.
        if world.city.unit(member.unit).system == "lotus" and 2023 not in member.homeroom:
            without.add(member.root)
        else:
            posts[member.root] = (member.unit, role[member.role], "working")
    rows = world.rows("SELECT staff_id, unit_id, role, status FROM master.staff_assignment WHERE school_year = 2023")
    assert {r.staff_id: tuple(r)[1:] for r in rows} == posts
    assert len(rows) == len(posts)
    states = dict(
        tuple(row)
        for row in world.rows("""SELECT person_id, state || coalesce(': ' || reason, '') FROM ops.person_state
        WHERE entity = 'staff' AND recorded_to IS NULL""")
    )
    assert states == dict.fromkeys(posts, "enrolled") | dict.fromkeys(without, "waiting_parent: no place reported")

"""After the rollover every post is what its member's story says: in the plan, in the new year, in the sums."""

from collections import Counter
from collections.abc import Callable

import pytest

from edu_pipeline.flow import rollover, year
from edu_pipeline_tests.stages import World, approve
from edu_pipeline_tests.truth import posts

_LINES = """SELECT l.unit_id, l.staff_id, l.role, l.decision
    FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
    WHERE p.status = 'applied' AND l.kind = 'assignment' AND l.decision <> 'moved_in'"""


def _agree(world: World, *refused: str) -> Counter[str]:
    """Plan and rows are the story's in all units but those whose plan is refused; how many posts became what."""
    expected = {post: said for post, said in posts.closings(world.city).items() if post[0] not in refused}
    lines = world.rows(_LINES)
    assert {(r.unit_id, r.staff_id, r.role): r.decision for r in lines} == expected
    assert len(lines) == len(expected)
    rows = world.rows("SELECT unit_id, staff_id, role, is_primary FROM rollover.staff_assignment"
                      " WHERE school_year = 2024")  # fmt: skip
    main = {posts.key(member): member.is_main for member in world.city.staff}
    assert {tuple(row)[:3]: row.is_primary for row in rows} == {
        post: main[post] for post, said in expected.items() if said == "carried"
    }
    sums = world.rows("SELECT * FROM rollover.balance")
    held = Counter(unit for unit, _, _ in expected)
    stands = Counter(unit for (unit, _, _), said in expected.items() if said == "carried")
    for row in sums:
        assert (row.unit_id, row.fault) == (row.unit_id, None)
        assert (row.post_count, row.post_standing_count) == (held[row.unit_id], stands[row.unit_id])
        assert row.staff_count == held[row.unit_id]
        assert row.staff_carried_count == stands[row.unit_id]
    assert {unit for unit, _, _ in expected} <= {row.unit_id for row in sums}
    return Counter(expected.values())


def test_every_post_goes_on_or_not_as_the_story_tells(stage: Callable[[str], World]) -> None:
    world = stage("applied")
    became = _agree(world)
    assert set(became) == {"carried", "transferred_out", "retired", "ended"}
    assert became["carried"] > 300


def test_every_class_that_the_school_shows_has_the_storys_teacher_and_a_gap_is_listed(
    stage: Callable[[str], World],
) -> None:
    world = stage("applied")
    rows = world.rows("""SELECT c.unit_id, c.class_code, c.homeroom_staff_id, l.decision, l.flags
        FROM rollover.school_class c JOIN rollover.plan_line l USING (plan_id, line_key)""")  # fmt: skip
    led = {(m.unit, klass): m.root for m in world.city.staff for y, klass in m.homeroom.items() if y == 2024}
    seen: Counter[str] = Counter()
    for row in rows:
        assert ("no_homeroom_teacher" in row.flags) == (row.homeroom_staff_id is None)
        unit = world.city.unit(row.unit_id)
        if row.decision == "reported" and unit.system == "saomai":
            assert row.homeroom_staff_id == led.get((row.unit_id, row.class_code))
            seen["told"] += 1
        elif row.decision == "proposed":
            # The policy of the practice city: a teacher is named anew.
            assert row.homeroom_staff_id is None
            seen["open"] += 1
    assert min(seen["told"], seen["open"]) > 20


@pytest.mark.slow
def test_every_post_of_the_city_with_its_events_goes_on_or_not_as_the_story_tells(
    whole: Callable[[str], World],
) -> None:
    world = whole("year_end")
    year.open_year(2023)
    world.night()
    year.close_year(2023)
    world = whole("opening")
    world.night()
    # A unit may be refused for its pupils; its posts wait with them.
    refused = rollover.make_plan(2023, "plan").failed
    assert len(refused) < 3
    approve()
    assert rollover.apply_plan(2023, "apply").failure is None
    became = _agree(world, *refused)
    assert set(became) == {"carried", "transferred_out", "retired", "ended", "pending"}

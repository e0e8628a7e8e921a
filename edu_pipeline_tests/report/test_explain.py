"""Whoever is not enrolled can be explained: state, unit, who acts and how it is mended; never a name."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow.explain import explain
from edu_pipeline_tests.stages import World
from edu_pipeline_tests.truth import story

Stage = Callable[[str], World]

_SAMPLE = """
SELECT * FROM (
    SELECT connection_id, source_key, unit_id, person_id, state, reason, owner,
           row_number() OVER (PARTITION BY state, reason, owner, connection_id ORDER BY md5(source_key)) AS place
    FROM ops.person_state WHERE entity = 'student' AND recorded_to IS NULL AND state <> 'enrolled') s
WHERE place <= 3 ORDER BY state, reason, source_key"""


def _told(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, default=str, ensure_ascii=False)


def _private(world: World) -> set[str]:
    """What a story never says: names and birth dates, as ISO and as people write them."""
    found = set()
    for person in (*world.city.children, *world.city.staff):
        found |= {f"{person.family} {person.given}", f"{person.given} {person.family}", person.given,
                  person.birth.isoformat(), f"{person.birth:%d/%m/%Y}"}  # fmt: skip
    return found


def _story(key: str, as_of: dt.date | None = None, is_vi: bool = False) -> list[dict[str, Any]]:
    """The lines of a pupil's story; none if nobody was called so by then."""
    try:
        return explain("student", key, as_of, is_vi)["story"]
    except KeyError:
        return []


@pytest.mark.parametrize(
    ("at", "states"),
    [
        ("year_end", {"quarantined", "waiting_identity", "waiting_parent", "left", "superseded"}),
        ("opening", {"quarantined", "waiting_identity", "waiting_year", "left", "superseded"}),
        ("applied", {"quarantined", "waiting_identity", "pending", "left", "superseded"}),
    ],
)
def test_whoever_is_not_enrolled_is_explained_with_unit_and_who_acts(stage: Stage, at: str, states: set[str]) -> None:
    world = stage(at)
    sample, private = world.rows(_SAMPLE), _private(world)
    assert {row.state for row in sample} == states
    for row in sample:
        story_of = _story(row.source_key)
        here = [line for line in story_of if line["what"] == "state" and line["until"] is None
                and line["where"] == f"unit {row.unit_id}, {row.connection_id}:{row.source_key}"]  # fmt: skip
        assert len(here) == 1
        said = here[0]["says"]
        assert said.startswith(row.state + (f": {row.reason}" if row.reason else ""))
        acts = {"unit": f"the school ({row.unit_id}) acts", "department": "the department acts", "nobody": ""}
        assert acts[row.owner] in said
        assert ("acts" in said) == (row.owner != "nobody")
        assert (row.owner == "nobody") == (row.state in ("left", "superseded"))
        text = _told(story_of)
        assert not [secret for secret in private if secret in text]
        if row.person_id:
            assert here[0] in _story(row.person_id)


def test_a_quarantined_child_is_told_the_rule_and_the_remedy_in_both_languages(stage: Stage) -> None:
    world = stage("applied")
    remedies = {
        "student.birth_date.unreadable": ("The value cannot be read", "Không đọc được giá trị"),
        "student.sex.unknown_code": ("has no translation", "chưa được quy đổi"),
        "student.student_id.duplicate": ("Another record of the unit", "cùng mã định danh"),
    }
    rows = world.rows("""SELECT source_key, reason FROM ops.person_state
        WHERE state = 'quarantined' AND entity = 'student' AND recorded_to IS NULL""")
    assert {row.reason for row in rows} == set(remedies)
    for row in rows:
        lines = _story(row.source_key)
        says = next(line["says"] for line in lines if line["what"] == "state" and line["until"] is None)
        assert remedies[row.reason][0] in says
        lines_vi = _story(row.source_key, is_vi=True)
        says_vi = next(line["says"] for line in lines_vi if line["what"] == "trạng thái" and line["until"] is None)
        assert remedies[row.reason][1] in says_vi
        assert [line for line in lines if line["what"] == "quarantine" and row.reason in line["says"]]
        # The plan could only list the child as pending, and says on which rule it rests.
        closing = [line for line in lines if line["what"] == "rollover closing"]
        assert len(closing) == 1
        assert "pending" in closing[0]["says"]


def test_nobody_was_ever_called_so(stage: Stage) -> None:
    stage("year_end")
    assert _story("HS-00000000-HS00000") == []
    assert _story("7999999999") == []
    assert _story("' OR true --") == []


def test_a_child_of_two_schools_has_one_story(stage: Stage) -> None:
    world = stage("applied")
    child = next(c for c in world.city.children
                 if c.entry == "intake" and len(c.places) == 2 and c.places[0].unit != c.places[1].unit
                 and world.city.unit(c.places[1].unit).shows_new_year and c.defect is None)  # fmt: skip
    first, second = child.places
    lines = _story(child.root)
    now = {line["where"].split(",")[0]: line["says"] for line in lines if line["what"] == "state" and not line["until"]}
    assert now == {f"unit {first.unit}": "left: completed", f"unit {second.unit}": "enrolled"}
    places = [line["where"] for line in lines if line["what"] == "place"]
    assert f"unit {first.unit}, 2023, class {first.klass}" in places
    assert f"unit {second.unit}, 2024, class {second.klass}" in places
    decided = {line["what"]: line["says"] for line in lines if line["what"].startswith("rollover")}
    assert decided["rollover closing"].startswith("completed")
    assert decided["rollover opening"].startswith(f"intake to {second.klass}")
    assert lines == _story(f"HS-{first.unit}-{child.codes[first.unit]}")


_AGED = {
    "ops.person_state": ("recorded_from", "recorded_to"),
    "master.enrollment": ("recorded_from",),
    "master.result": ("recorded_from",),
    "history.enrollment": ("recorded_from", "recorded_to"),
    "quarantine.student": ("since",),
    "waiting.enrollment": ("since",),
}


def _age(world: World, days: int) -> dt.date:
    """Let all that was recorded before the rollover have happened so many days earlier; return the rollover's day."""
    applied = world.value("SELECT min(planned_at) FROM rollover.plan")
    for table, columns in _AGED.items():
        said = ", ".join(f"{c} = CASE WHEN {c} < :a THEN {c} - make_interval(days => :d) ELSE {c} END" for c in columns)
        world.execute(f"UPDATE {table} SET {said}", a=applied, d=days)
    return applied.date()


def test_as_of_before_the_rollover_the_answer_is_what_was_known_then(stage: Stage) -> None:
    world = stage("applied")
    day = _age(world, days=20) - dt.timedelta(days=3)
    checked = {"enrolled": 0, "waiting_year": 0}
    for unit, child in story.stays(world.city):
        if checked["enrolled"] >= 15 and checked["waiting_year"] >= 15:
            break
        there, was = story.next_place(child, unit), story.place_on(child, unit, story.LAST_DAY)
        if unit.system != "saomai" or child.defect or not there or not unit.shows_new_year or child.entry == "returned":
            continue
        expected = "enrolled" if was else "waiting_year"
        if checked[expected] >= 15:
            continue
        _, key = story.key(unit, child)
        lines = _story(key, day)
        here = [line for line in lines if line["what"] == "state" and line["where"].endswith(f":{key}")]
        assert len(here) == 1
        assert here[0]["says"].startswith(expected)
        assert ("the department acts" in here[0]["says"]) == (expected == "waiting_year")
        assert not [line for line in lines if line["what"].startswith("rollover")]
        assert not [line for line in lines if ", 2024, " in line["where"]]
        if was:
            assert [line for line in lines if line["what"] == "place" and ", 2023, " in line["where"]]
        # Asked for today, both are enrolled in 2024.
        now = [line for line in _story(key) if line["what"] == "state" and line["where"].endswith(f":{key}")]
        assert [line["says"] for line in now if line["until"] is None] == ["enrolled"]
        checked[expected] += 1
    assert checked == {"enrolled": 15, "waiting_year": 15}


def test_as_of_before_anything_was_known_there_is_no_answer(stage: Stage) -> None:
    world = stage("year_end")
    key = world.value("SELECT source_key FROM ops.person_state WHERE state = 'quarantined' LIMIT 1")
    assert _story(key)
    assert _story(key, dt.date(2000, 1, 1)) == []


def test_a_day_ends_at_the_citys_midnight(stage: Stage) -> None:
    """A night at two in the morning of the sixth is 19:00 UTC of the fifth: the fifth does not know of it."""
    world = stage("year_end")
    key = world.value("SELECT source_key FROM ops.person_state WHERE state = 'quarantined' LIMIT 1")
    world.execute("UPDATE ops.person_state SET recorded_from = '2024-09-05 19:00+00' WHERE source_key = :k", k=key)
    assert _story(key, dt.date(2024, 9, 6))
    assert _story(key, dt.date(2024, 9, 5)) == []

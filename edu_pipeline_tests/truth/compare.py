"""The register against the stories: closings, openings, classes, posts, places, each one by one.

a world that is rolled over -> expected and said, by key -> Compared: how many, and every difference

What does not belong here: what the stories say (story.py, lines.py, posts.py).
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edu_pipeline.sandbox.city import City
from edu_pipeline_tests.stages import World
from edu_pipeline_tests.truth import lines, posts, story

_LINES = """SELECT l.* FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
    WHERE p.status = 'applied' AND p.from_year = 2023 AND l.kind = :kind"""


@dataclass
class Compared:
    """How many lines of a kind were compared, and what differs: key, what the story says, what the register says."""

    counts: dict[str, int] = field(default_factory=dict)
    differences: list[tuple[str, Hashable, Any, Any]] = field(default_factory=list)

    def add(self, kind: str, expected: Mapping[Any, Any], said: Mapping[Any, Any], rows: int) -> None:
        """Compare by key; two rows of one key are a difference."""
        self.counts[kind] = len(expected)
        if rows != len(said):
            self.differences.append((kind, "rows of one key", len(said), rows))
        self.differences += [
            (kind, key, expected.get(key), said.get(key))
            for key in sorted(expected.keys() | said.keys())
            if expected.get(key) != said.get(key)
        ]


def compare(world: World) -> Compared:
    """Everything that the plan of 2023 and its rows say, against the stories."""
    found, city = Compared(), world.city
    opened = lines.openings(city)
    _closings(world, found)
    rows = world.rows(_LINES, kind="opening")
    told = {(r.unit_id, r.student_id): story.Opened(r.decision, r.to_class, r.to_grade, r.is_proposed) for r in rows}
    found.add("opening", opened, told, len(rows))
    rows = world.rows(_LINES, kind="class")
    found.add("class", lines.classes(city, opened),
              {(r.unit_id, r.to_class, r.to_grade): lines.Class(r.is_proposed, r.homeroom_staff_id) for r in rows},
              len(rows))  # fmt: skip
    rows = [row for row in world.rows(_LINES, kind="assignment") if row.decision != "moved_in"]
    found.add("post", posts.closings(city), {(r.unit_id, r.staff_id, r.role): r.decision for r in rows}, len(rows))
    rows = world.rows("""SELECT student_id, unit_id, grade_level, basis FROM warehouse.fct_enrollment
        WHERE school_year = 2024 AND kind = 'primary' AND status = 'active' AND end_date IS NULL""")
    places = lines.places(city, opened)
    said = {r.student_id: (_either(r.unit_id, places.get(r.student_id)), r.grade_level, r.basis) for r in rows}
    found.add("place", places, said, len(rows))
    return found


def _either(unit: str, expected: tuple[str, int, str] | None) -> str:
    """The units that the story allows, if the unit is one of them."""
    return expected[0] if expected and unit in expected[0].split("|") else unit


def _closings(world: World, found: Compared) -> None:
    rows = world.rows(_LINES, kind="closing")
    root_of = keys(world.city)
    said = {(r.unit_id, r.student_id or root_of[r.student_key]): lines.Closed(r.decision, _other(r)) for r in rows}
    found.add("closing", lines.closings(world.city), said, len(rows))


def _other(row: Any) -> str | None:
    # Who is open in a unit that ends is told where the unit goes on; the story says nothing of it.
    return row.other_unit_id if row.decision != "pending" else None


def keys(city: City) -> dict[str, str]:
    """Root id by what the schools' records call a child."""
    codes = {f"{unit.code}/{child.codes[unit.code]}": child.root for unit, child in story.stays(city)}
    temporary = {f"{unit.code}/{child.temp}": child.root for unit, child in story.stays(city) if child.temp}
    return codes | temporary

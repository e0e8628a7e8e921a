"""A night's second half: everybody is in one state and one active place at most; what ends is kept with its dates."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from edu_pipeline.sandbox.story import Child
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]

OLD_ENDS, NEW_BEGINS = "2024-03-01", "2024-03-04"
BEGIN = dt.date(2023, 9, 5)


def _person_keys(world: World) -> set[tuple[str, str, str]]:
    """Keys of persons that landing ever held, read from nowhere else."""
    rows = world.rows("""SELECT DISTINCT connection_id, CASE WHEN resource = 'students' THEN 'student' ELSE 'staff' END,
        source_key FROM landing.record WHERE resource IN ('students', 'staff', 'teachers')""")
    return {tuple(row) for row in rows}


def _active_places(world: World) -> dict[str, int]:
    return {r.student_id: r.n for r in world.rows("""SELECT student_id, count(*) AS n FROM master.enrollment
        WHERE status = 'active' AND end_date IS NULL AND kind = 'primary' GROUP BY student_id""")}  # fmt: skip


def test_states_are_one_a_person_and_their_intervals_meet_without_a_gap(stage: Stage) -> None:
    world = stage("applied")
    rows = world.rows("""SELECT connection_id, entity, source_key, recorded_from, recorded_to, state
        FROM ops.person_state ORDER BY 1, 2, 3, 4""")
    intervals: dict[tuple[str, str, str], list[tuple[dt.datetime, dt.datetime | None]]] = {}
    for row in rows:
        intervals.setdefault((row.connection_id, row.entity, row.source_key), []).append(tuple(row)[3:5])
    assert set(intervals) == _person_keys(world)
    assert max(map(len, intervals.values())) > 2
    for of_one in intervals.values():
        assert [until for _, until in of_one[:-1]] == [since for since, _ in of_one[1:]]
        assert of_one[-1][1] is None
        assert all(until is None or since < until for since, until in of_one)


@dataclass
class Movers:
    """Children about whom the vendor now says something else than the city's story: by what happens to them."""

    world: World
    units: dict[str, str] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    has_old_ended: bool = True

    def __post_init__(self) -> None:
        class_move, corrected, old, new = wire.schools(self.world)[:4]
        self.units = {"class": class_move, "date": corrected, "old": old, "new": new}
        for what in ("class", "date", "old"):
            self.children[what] = wire.quiet(self.world, self.units[what])

    def source_key(self, what: str) -> str:
        return f"XL-{self.units[what]}-2023-{self.children[what].codes[self.units[what]]}"

    def parallel_class(self) -> str:
        """The other class of the grade."""
        place = self.children["class"].places[0]
        classes = self.world.city.classes_of(place.unit, 2023).items()
        return next(name for name, grade in classes if grade == place.grade and name != place.klass)

    def new_class(self) -> tuple[str, int]:
        return min(self.world.city.classes_of(self.units["new"], 2023).items())

    def told(self, resource: str, unit: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        """What the vendor serves."""
        if year != 2023 or resource not in ("students", "enrollments"):
            return records
        served = [said for record in records for said in self._changed(resource, record)]
        return served + ([self._arrival(resource, records[0])] if unit == self.units["new"] else [])

    def _changed(self, resource: str, record: wire.Record) -> list[wire.Record]:
        name = record["idbanghi"]
        if name == self.source_key("class"):
            moved = {**record["data"], "malop": self.parallel_class(), "ngayvao": "2024-03-02"}
            return [wire.newer(record, ngayra=OLD_ENDS), {**record, "idbanghi": f"{name}-2", "data": moved}]
        if name == self.source_key("date"):
            return [wire.newer(record, ngayvao="2023-09-11")]
        if name == self.source_key("old") and self.has_old_ended:
            return [wire.newer(record, ngayra=OLD_ENDS, trangthai="3")]
        return [record]

    def _arrival(self, resource: str, like: wire.Record) -> wire.Record:
        child, unit, code = self.children["old"], self.units["new"], "HS90000"
        if resource == "students":
            data = {**like["data"], "mahocsinh": code, "madinhdanh": child.root,
                    "hovaten": f"{child.family} {child.given}", "ngaysinh": child.birth.isoformat()}  # fmt: skip
            return {**like, "idbanghi": f"HS-{unit}-{code}", "data": data}
        klass, grade = self.new_class()
        data = {**like["data"], "mahocsinh": code, "malop": klass, "makhoi": grade, "ngayvao": NEW_BEGINS}
        return {**like, "idbanghi": f"XL-{unit}-2023-{code}", "data": data}

    def places(self, what: str) -> list[tuple]:
        """The child's episodes that master holds, oldest first."""
        rows = self.world.rows("""SELECT unit_id, class_code, begin_date, end_date, status FROM master.enrollment
            WHERE student_id = :s ORDER BY begin_date""", s=self.children[what].root)  # fmt: skip
        return [tuple(row) for row in rows]

    def closed(self, what: str) -> list[tuple]:
        """The child's closed versions."""
        rows = self.world.rows(
            """SELECT unit_id, class_code, begin_date, end_date, status, ended_by,
            recorded_from < recorded_to FROM history.enrollment WHERE student_id = :s""",
            s=self.children[what].root,
        )
        return [tuple(row) for row in rows]


@pytest.fixture
def movers(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Movers:
    made = Movers(stage("year_end"))
    wire.tell(monkeypatch, made.told)
    return made


def test_who_moves_keeps_the_closed_version_and_one_active_place(movers: Movers) -> None:
    world, first = movers.world, {what: child.places[0] for what, child in movers.children.items()}
    before, states = _active_places(world), wire.states(world)
    assert world.night().closed == {}
    ended, second, third = dt.date(2024, 3, 1), dt.date(2024, 3, 2), dt.date(2024, 3, 4)
    unit = movers.units
    assert movers.places("class") == [
        (unit["class"], first["class"].klass, BEGIN, ended, "active"),
        (unit["class"], movers.parallel_class(), second, None, "active"),
    ]
    assert movers.closed("class") == [(unit["class"], first["class"].klass, BEGIN, None, "active", "update", True)]
    assert movers.places("date") == [(unit["date"], first["date"].klass, dt.date(2023, 9, 11), None, "active")]
    assert movers.closed("date") == [(unit["date"], first["date"].klass, BEGIN, None, "active", "remove", True)]
    assert movers.places("old") == [
        (unit["old"], first["old"].klass, BEGIN, ended, "transferred_out"),
        (unit["new"], movers.new_class()[0], third, None, "active"),
    ]
    assert movers.closed("old") == [(unit["old"], first["old"].klass, BEGIN, None, "active", "update", True)]
    assert _active_places(world) == before
    assert set(before.values()) == {1}
    # The one who changed school is left there and enrolled here; nobody else's state has moved.
    now, root = wire.states(world), movers.children["old"].root
    left = ("saomai", "student", f"HS-{unit['old']}-{movers.children['old'].codes[unit['old']]}")
    arrived = ("saomai", "student", f"HS-{unit['new']}-HS90000")
    assert now.pop(arrived) == (unit["new"], root, "enrolled", None, "nobody")
    assert now.pop(left) == (unit["old"], root, "left", "transferred_out", "nobody")
    assert now == {key: state for key, state in states.items() if key != left}


@pytest.mark.slow
def test_of_two_schools_that_claim_a_child_the_register_keeps_the_one_it_knows(movers: Movers) -> None:
    world, movers.has_old_ended = movers.world, False
    before, old_place = _active_places(world), movers.places("old")
    assert world.night().closed == {}
    assert movers.places("old") == old_place
    assert _active_places(world) == before
    held = world.rows("""SELECT term, row_count FROM ops.ledger WHERE room = 'master' AND entity = 'enrollment'
        AND batch_id = (SELECT max(batch_id) FROM ops.ledger WHERE room = 'master') AND term = 'held'""")
    assert held == [("held", 1)]
    # The claim that gives way is for somebody to act on; the child has not left the school that has just told of it.
    _, root, state, reason, owner = wire.states(world)["saomai", "student", f"HS-{movers.units['new']}-HS90000"]
    assert root == movers.children["old"].root
    assert (state, owner) == ("held", "unit")
    assert "another place" in reason
    movers.has_old_ended = True
    assert world.night().closed == {}
    assert [place[0] for place in movers.places("old")] == [movers.units["old"], movers.units["new"]]
    assert [place[3] for place in movers.places("old")] == [dt.date(2024, 3, 1), None]
    assert _active_places(world) == before


FAULTS = ("truncated", "shrunken", "unknown_code", "duplicate_id", "orphan", "other_year", "dropped")


@pytest.mark.slow
def test_whatever_breaks_together_everybody_is_in_one_state(stage: Stage) -> None:
    """Faults on two schools at once, at the end of the year or while schools open: nobody lost, nobody else moved."""

    @settings(max_examples=5, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate))
    @given(
        at=st.sampled_from(["year_end", "opening", "applied"]),
        faults=st.sets(st.tuples(st.sampled_from(FAULTS), st.integers(0, 1)), min_size=3, max_size=8),
    )
    def holds(at: str, faults: set[tuple[str, int]]) -> None:
        world = stage(at)
        units = (wire.schools(world)[0], wire.schools(world, shows_new_year=False)[0])
        before = wire.states(world)
        for name, position in faults:
            world.fault(name, units[position])
        try:
            done = world.night()
            after = wire.states(world)
            assert done.closed == {}
            assert set(after) == _person_keys(world)
            assert {k: s for k, s in after.items() if s[0] not in units} == {
                k: s for k, s in before.items() if s[0] not in units
            }
            assert set(_active_places(world).values()) <= {1, 2}
            assert set(_active_in_year(world).values()) == {1}
        finally:
            for name, position in faults:
                world.fault(name, units[position], is_on=False)
        world.night()
        assert wire.states(world) == before

    holds()


def _active_in_year(world: World) -> dict[tuple[str, int], int]:
    rows = world.rows("""SELECT student_id, school_year, count(*) AS n FROM master.enrollment
        WHERE status = 'active' AND end_date IS NULL AND kind = 'primary' GROUP BY 1, 2""")
    return {(row.student_id, row.school_year): row.n for row in rows}

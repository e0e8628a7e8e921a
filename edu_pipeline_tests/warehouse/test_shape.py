"""The warehouse says on what basis each row stands, replaces a school's rows as a whole, and keeps what was."""

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow import publish, warehouse
from edu_pipeline.sandbox.units import Unit
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World
from edu_pipeline_tests.truth import story

Stage = Callable[[str], World]

_FACTS = """SELECT unit_id, student_id, class_code, grade_level, basis, is_proposed FROM warehouse.fct_enrollment
    WHERE school_year = 2024 AND status = 'active' AND end_date IS NULL"""


def _facts(world: World) -> dict[str, tuple[Any, ...]]:
    rows = world.rows(_FACTS)
    found = {row.student_id: tuple(row) for row in rows}
    assert len(found) == len(rows)
    return found


def _basis(world: World) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for unit, _, _, _, basis, _ in _facts(world).values():
        found.setdefault(unit, Counter())[basis] += 1
    return found


def _late(world: World) -> list[Unit]:
    return [u for u in world.city.units if u.grades and not u.shows_new_year]


def _differences(world: World) -> dict[tuple[str, str], tuple[Any, ...]]:
    rows = world.rows("SELECT unit_id, student_id, difference, rolled_over_class, reported_class"
                      " FROM warehouse.rollover_difference")  # fmt: skip
    found = {(row.unit_id, row.student_id): tuple(row)[2:] for row in rows}
    assert len(found) == len(rows)
    return found


def test_until_a_school_shows_the_new_year_its_places_are_rolled_over(stage: Stage) -> None:
    world = stage("applied")
    late = {unit.code for unit in _late(world)}
    assert len(late) > 5
    for unit, counted in _basis(world).items():
        assert set(counted) == ({"rolled_over"} if unit in late else {"reported"})
    confirmed = {r.unit_id: r.is_confirmed for r in world.rows("SELECT unit_id, is_confirmed FROM rollover.plan")}
    offices = {unit.code for unit in world.city.units if not unit.grades}
    assert {unit for unit, said in confirmed.items() if not said} - offices == late
    # A reported place is nobody's proposal; of the rolled-over ones of a late school all are.
    assert {(fact[4], fact[5]) for fact in _facts(world).values()} == {("reported", False), ("rolled_over", True)}
    classes = world.rows("""SELECT unit_id, basis, count(*) FROM warehouse.dim_school_class
        WHERE school_year = 2024 AND is_current GROUP BY 1, 2""")
    assert {(row.unit_id in late, row.basis) for row in classes} == {(True, "rolled_over"), (False, "reported")}
    posts = world.rows("SELECT DISTINCT unit_id, basis FROM warehouse.fct_staff_assignment WHERE school_year = 2024")
    assert {(row.unit_id in late, row.basis) for row in posts if row.unit_id not in offices} == {
        (True, "rolled_over"),
        (False, "reported"),
    }


@pytest.mark.slow
def test_after_a_complete_read_reported_places_replace_the_rolled_over_ones_as_a_whole(stage: Stage) -> None:
    world = stage("applied")
    carried = _facts(world)
    world.at("settled")
    assert world.night().closed == {}
    assert {basis for counted in _basis(world).values() for basis in counted} == {"reported"}
    assert world.value("SELECT count(*) FROM rollover.plan WHERE NOT is_confirmed AND unit_id = ANY(:u)",
                       u=[unit.code for unit in _late(world)]) == 0  # fmt: skip
    # Class by class it is what the schools show: the story.
    unknown = {"unknown_identity", "name_mismatch", "bad_birth_date", "unknown_code", "missing_root_id",
               "duplicate_root"}  # fmt: skip
    expected = {
        child.root: (unit.code, child.root, place.klass, place.grade, "reported", False)
        for unit, child in story.stays(world.city)
        if (place := story.next_place(child, unit)) and child.defect not in unknown
    }
    assert _facts(world) == expected
    # Every difference is listed, and nothing else is.
    listed = {}
    for unit in _late(world):
        for child in world.city.children_of[unit.code]:
            before = carried.get(child.root)
            before = before if before and before[0] == unit.code else None
            now = expected.get(child.root)
            now = now if now and now[0] == unit.code else None
            if before and not now:
                listed[unit.code, child.root] = ("not_reported", before[2], None)
            elif now and not before:
                listed[unit.code, child.root] = ("not_rolled_over", None, now[2])
            elif before and now and before[2:4] != now[2:4]:
                what = "other_class" if before[3] == now[3] else "other_grade"
                listed[unit.code, child.root] = (what, before[2], now[2])
    differences = _differences(world)
    late = {unit.code for unit in _late(world)}
    assert {at: said for at, said in differences.items() if at[0] in late} == listed
    # Classes are renamed as these schools do it: nobody sits in another than he was carried into.
    assert {"not_reported", "not_rolled_over"} == {said[0] for said in listed.values()}
    absent = {child.root for child in world.city.children if child.is_no_show}
    assert {root for (_, root), said in differences.items() if said[0] == "not_reported"} == absent
    assert len(absent) > 5


@pytest.mark.slow
def test_an_incomplete_read_of_the_new_year_confirms_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stage("applied")
    absent = [c for c in world.city.children if c.is_no_show and not world.city.unit(c.places[0].unit).shows_new_year]
    child, unit = absent[0], absent[0].places[-1].unit
    other = next(u.code for u in _late(world) if u.code != unit)

    def nameless(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        is_meant = (resource, of, year) == ("enrollments", unit, 2024)
        return [*records, {**records[0], "idbanghi": ""}] if is_meant else records

    world.at("settled")
    with monkeypatch.context() as wired:
        wire.tell(wired, nameless)
        outcomes = world.sync()
        assert outcomes["saomai"].failure == (
            f"landing.enrollments, unit {unit}, year 2024: 1 records without a usable key;"
            " used for additions, not for removals"
        )
        _settle(world)
    # Whoever is reported stands as reported; who is not yet, may still come: his rolled-over place stays.
    confirmed = "SELECT is_confirmed FROM rollover.plan WHERE unit_id = :u"
    assert world.rows(confirmed, u=unit) == [(False,)]
    assert world.rows(confirmed, u=other) == [(True,)]
    now = _facts(world)
    assert now[child.root][4] == "rolled_over"
    assert _basis(world)[unit]["reported"] > 100
    assert (unit, child.root) not in _differences(world)
    world.night()
    assert world.rows(confirmed, u=unit) == [(True,)]
    assert child.root not in _facts(world)
    assert _differences(world)[unit, child.root][0] == "not_reported"


def _settle(world: World) -> None:
    assert publish.publish(uuid.uuid4().hex).closed == {}
    assert warehouse.materialize(uuid.uuid4().hex).closed == {}


def test_rolled_over_places_whose_sums_do_not_agree_are_not_believed(stage: Stage) -> None:
    world = stage("applied")
    unit = next(u.code for u in _late(world) if u.kind == "TH")
    before = _basis(world)
    world.execute("""DELETE FROM rollover.enrollment WHERE (unit_id, student_id) = (SELECT unit_id, min(student_id)
        FROM rollover.enrollment WHERE unit_id = :u GROUP BY unit_id)""", u=unit)  # fmt: skip
    assert publish.publish("after").closed == {}
    warehouse.materialize("after")
    assert _basis(world) == {of: counted for of, counted in before.items() if of != unit}
    assert world.value("""SELECT count(*) FROM warehouse.dim_school_class WHERE school_year = 2024 AND unit_id = :u""",
                       u=unit) == 0  # fmt: skip


DIMENSIONS = {
    "dim_unit": ("unit_id",),
    "dim_student": ("student_id",),
    "dim_staff": ("staff_id",),
    "dim_school_class": ("unit_id", "school_year", "class_code"),
}


def _broken(world: World, table: str, keys: tuple[str, ...]) -> dict[str, int]:
    """How many keys have not exactly one current version, and versions that do not begin where the former ended."""
    by = ", ".join(keys)
    row = world.rows(f"""WITH version AS (
            SELECT *, lead(valid_from) OVER (PARTITION BY {by} ORDER BY valid_from) AS following
            FROM warehouse.{table})
        SELECT (SELECT count(*) FROM (SELECT FROM version GROUP BY {by} HAVING count(*) FILTER (WHERE is_current) <> 1)
                k) AS current, count(*) FILTER (WHERE valid_to IS DISTINCT FROM following) AS gaps,
               count(*) FILTER (WHERE is_current <> (valid_to IS NULL)) AS ends,
               count(*) FILTER (WHERE valid_to <= valid_from) AS backwards FROM version""")[0]  # fmt: skip
    return dict(row._mapping)


@pytest.mark.parametrize("at", ["year_end", "applied"])
def test_every_dimension_has_one_current_version_a_key(stage: Stage, at: str) -> None:
    world = stage(at)
    for table, keys in DIMENSIONS.items():
        assert _broken(world, table, keys) == {"current": 0, "gaps": 0, "ends": 0, "backwards": 0}, table


@pytest.mark.slow
def test_dimensions_keep_what_was_with_contiguous_dates(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world, step = stage("year_end"), {"now": 0}
    unit = wire.schools(world)[0]
    child = wire.quiet(world, unit)
    student, klass = f"HS-{unit}-{child.codes[unit]}", f"LOP-{unit}-2023-{child.places[0].klass}"
    ethnicities, names = ["01", "05", "17"], ["", "Lớp Hoa", "Lớp Sen"]
    ethnicities[0] = f"{child.ethnic:02d}"
    names[0] = f"Lớp {child.places[0].klass}"

    def told(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        said = {student: {"dantoc": ethnicities[step["now"]]}, klass: {"tenlop": names[step["now"]]}}
        return [
            wire.newer(record, by=step["now"], **said[record["idbanghi"]]) if record["idbanghi"] in said else record
            for record in records
        ]

    wire.tell(monkeypatch, told)
    for step["now"] in (1, 2):
        world.sync("saomai")
        _settle(world)
    versions = "SELECT {0} AS said, is_current FROM warehouse.{1} WHERE {2} ORDER BY valid_from"
    assert world.rows(versions.format("ethnicity", "dim_student", "student_id = :s"), s=child.root) == [
        (ethnicities[0], False),
        (ethnicities[1], False),
        (ethnicities[2], True),
    ]
    of_class = versions.format("name", "dim_school_class", "(unit_id, class_code) = (:u, :c) AND school_year = 2023")
    assert world.rows(of_class, u=unit, c=child.places[0].klass) == [
        (names[0], False),
        (names[1], False),
        (names[2], True),
    ]
    for table, keys in DIMENSIONS.items():
        assert _broken(world, table, keys) == {"current": 0, "gaps": 0, "ends": 0, "backwards": 0}, table
    # The facts are about now: one row a place, whatever the class was called.
    assert world.value("SELECT count(*) FROM warehouse.fct_enrollment WHERE student_id = :s", s=child.root) == 1

"""Warehouse's gate: every fact has its class and pupil, nobody is counted twice or left out, no table shrinks."""

import uuid

import pytest

from edu_pipeline.flow import rollover, warehouse
from edu_pipeline.gate.verdict import GateClosed, Verdict
from edu_pipeline.warehouse import gate, shape
from edu_pipeline_tests.gates import walls
from edu_pipeline_tests.stages import World, approve

FACTS = "fct_enrollment"
HELD = "SELECT entity, rule FROM ops.hold WHERE room = 'warehouse' AND closed_at IS NULL"

PUPIL = "(SELECT min(student_id) FROM master.enrollment WHERE connection_id = 'saomai' AND status = 'active'" \
    " AND kind = 'primary' AND end_date IS NULL)"  # fmt: skip

# law -> what master would have to say for it to be broken; master's own constraints and gate are behind us here
BROKEN = {
    "one_active_place": f"""
        INSERT INTO master.enrollment (unit_id, school_year, student_id, begin_date, class_code, grade_level, kind,
                                       status, is_begin_derived, recorded_from)
        SELECT c.unit_id, e.school_year, e.student_id, e.begin_date, c.class_code, c.grade_level, e.kind, e.status,
               false, now()
        FROM master.enrollment e, LATERAL (SELECT * FROM master.school_class o WHERE o.unit_id <> e.unit_id
            AND o.school_year = e.school_year ORDER BY o.unit_id LIMIT 1) c
        WHERE e.student_id = {PUPIL} AND e.status = 'active' LIMIT 1""",
    "enrolled_have_a_place": f"""
        UPDATE master.enrollment SET status = 'withdrawn' WHERE student_id = {PUPIL}""",
}


def _materialize() -> warehouse.Materialization:
    return warehouse.materialize(uuid.uuid4().hex)


def _said(done: warehouse.Materialization) -> dict[str, tuple[str, ...]]:
    return {name: verdict.failed for name, verdict in done.closed.items()}


@pytest.mark.parametrize("law", BROKEN)
def test_a_law_of_the_facts_that_is_broken_stops_the_facts(world: World, law: str) -> None:
    before = walls.fingerprint(world, "warehouse", is_whole=False)
    world.execute(BROKEN[law])
    done = _materialize()
    assert _said(done) == {FACTS: (law,)}
    assert done.changes[FACTS]
    assert walls.fingerprint(world, "warehouse", is_whole=False) == before
    assert [tuple(row) for row in world.rows(HELD)] == [(FACTS, law)]


def test_every_law_is_tried() -> None:
    assert {*BROKEN, *REFERRED} == set(gate.LAWS)


_CLASS = f"""(unit_id, school_year, class_code) IN (SELECT unit_id, school_year, class_code FROM master.enrollment
    WHERE student_id = {PUPIL} AND status = 'active')"""
# law -> dimension that a fact refers to, and which of its rows is new
REFERRED = {
    "student_is_known": ("dim_student", f"student_id = {PUPIL}"),
    "class_is_known": ("dim_school_class", _CLASS),
}


@pytest.mark.parametrize("law", REFERRED)
def test_facts_whose_dimension_was_refused_wait_for_it(world: World, monkeypatch: pytest.MonkeyPatch, law: str) -> None:
    # Somebody or a class new to the warehouse, whose dimension row is refused: the facts must not come alone.
    dimension, new = REFERRED[law]
    rows = {table: world.value(f"SELECT count(*) FROM warehouse.{table} WHERE {new}") for table in (dimension, FACTS)}
    for table in rows:
        world.execute(f"DELETE FROM warehouse.{table} WHERE {new}")
    before = walls.fingerprint(world, "warehouse", is_whole=False)
    with monkeypatch.context() as forced:
        walls.force(world, forced, warehouse, ("warehouse", dimension), walls.failing, "warehouse")
        done = _materialize()
    assert _said(done) == {dimension: ("forced",), FACTS: (law,)}
    assert walls.fingerprint(world, "warehouse", is_whole=False) == before
    done = _materialize()
    assert done.closed == {}
    assert {table: done.changes[table] for table in rows} == {table: {"insert": n} for table, n in rows.items()}


def test_a_place_of_another_grade_than_its_class_is_one_childs_and_stops_nobody(world: World) -> None:
    before = world.value(f"SELECT count(*) FROM warehouse.{FACTS}")
    world.execute(f"UPDATE master.enrollment SET grade_level = grade_level % 5 + 1 WHERE student_id = {PUPIL}")
    done = _materialize()
    assert done.closed == {}
    assert world.value(f"SELECT count(*) FROM warehouse.{FACTS}") == before
    places = world.rows(f"""SELECT f.class_code, c.class_code FROM warehouse.{FACTS} f
        LEFT JOIN warehouse.dim_school_class c USING (unit_id, school_year, class_code)
        WHERE f.student_id = {PUPIL} AND c.is_current""")
    assert len(places) >= 1


@pytest.mark.parametrize(("share", "is_closed"), [(4, True), (1, False)])
def test_a_table_that_would_shrink_is_kept(world: World, share: int, is_closed: bool) -> None:
    before = walls.fingerprint(world, "warehouse", is_whole=False)
    world.execute("DELETE FROM master.staff_assignment WHERE abs(hashtext(staff_id)) % 10 < :share", share=share)
    done = _materialize()
    assert done.changes["fct_staff_assignment"]["remove"] > 10
    assert _said(done) == ({"fct_staff_assignment": ("volume",)} if is_closed else {})
    assert (walls.fingerprint(world, "warehouse", is_whole=False) == before) is is_closed


@pytest.fixture
def carried(world: World) -> tuple[World, str, str]:
    """A unit's year is rolled over; a pupil of it is then reported for the new year too. (world, unit, pupil)"""
    unit = walls.school(world)
    assert rollover.make_plan(2023, "plan-run", [unit]).failure is None
    approve()
    assert rollover.apply_plan(2023, "apply-run").done == [unit]
    assert _materialize().closed == {}
    pupil = world.value("SELECT min(student_id) FROM rollover.enrollment WHERE unit_id = :u", u=unit)
    return world, unit, pupil


def _report(world: World, unit: str, pupil: str) -> None:
    """The unit's own system reports the pupil for 2024, five days after the year's first day."""
    world.execute(
        """INSERT INTO master.school_class (unit_id, school_year, class_code, name, grade_level, recorded_from)
           VALUES (:u, 2024, '1Z', 'Lớp 1Z', 1, now())""",
        u=unit,
    )
    world.execute(
        """INSERT INTO master.enrollment (unit_id, school_year, student_id, begin_date, class_code, grade_level, kind,
                                          status, is_begin_derived, recorded_from)
           VALUES (:u, 2024, :p, '2024-09-10', '1Z', 1, 'primary', 'active', false, now())""",
        u=unit,
        p=pupil,
    )


_SAME_UNIT = """
  AND NOT EXISTS (SELECT FROM master.enrollment m WHERE (m.unit_id, m.school_year, m.student_id)
                  = (r.unit_id, r.school_year, r.student_id))"""


@pytest.mark.parametrize("condition", [f"NOT {shape._ELSEWHERE}", _SAME_UNIT.partition("AND ")[2]],
                         ids=["another unit", "the same unit"])  # fmt: skip
def test_without_the_rule_that_reported_rows_replace_rolled_over_ones_the_suite_closes_in_its_place(
    carried: tuple[World, str, str], monkeypatch: pytest.MonkeyPatch, condition: str
) -> None:
    world, unit, pupil = carried
    _report(world, walls.school(world, "THPT") if "<>" in condition else unit, pupil)
    before = walls.fingerprint(world, f"warehouse.{FACTS}")
    true = shape.SHAPES[FACTS]
    assert condition in true
    with monkeypatch.context() as broken:
        blind = true.replace(condition, "true")
        broken.setitem(shape.SHAPES, FACTS, blind)
        # The laws were written out with the true shape when the module was loaded.
        for name, law in gate.LAWS.items():
            broken.setitem(gate.LAWS, name, law.replace(true, blind))
        done = _materialize()
    assert _said(done) == {FACTS: ("one_active_place",)}
    assert walls.fingerprint(world, f"warehouse.{FACTS}") == before
    # With the rule the rolled-over row gives way, and the gate has nothing to refuse.
    assert _materialize().closed == {}
    shown = world.rows(f"SELECT basis FROM warehouse.{FACTS} WHERE student_id = :p AND school_year = 2024", p=pupil)
    assert [row.basis for row in shown] == ["reported"]


def _change(world: World, ethnicity: str) -> None:
    world.execute("UPDATE master.student SET ethnicity = :e WHERE student_id IN (SELECT student_id FROM"
                  " master.student ORDER BY 1 LIMIT 3)", e=ethnicity)  # fmt: skip


def test_a_table_is_published_for_its_own_verdict_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    at, earlier = ("warehouse", "dim_student"), []

    def fail_and_keep(verdict: Verdict) -> Verdict:
        earlier.append(verdict)
        return walls.failing(verdict)

    _change(world, "17")
    marks = walls.force(world, monkeypatch, warehouse, at, fail_and_keep, "warehouse", is_whole=False)
    assert _said(_materialize()) == {"dim_student": ("forced",)}
    assert marks == [walls.fingerprint(world, "warehouse", is_whole=False)]
    # The passed verdict of that batch does not open the gate for this one.
    _change(world, "04")
    for say in (walls.other_checksum, walls.other_count, lambda verdict: earlier[0]):
        marks = walls.force(world, monkeypatch, warehouse, at, say, "warehouse")
        with pytest.raises(GateClosed, match="judge again"):
            _materialize()
        assert marks == [walls.fingerprint(world, "warehouse")]
    with monkeypatch.context() as door:
        marks = walls.force(world, monkeypatch, warehouse, at, walls.unaltered, "warehouse")
        walls.fail_at_door(door, warehouse, *at)
        with pytest.raises(GateClosed, match="forced"):
            _materialize()
        assert marks == [walls.fingerprint(world, "warehouse")]
    marks = walls.force(world, monkeypatch, warehouse, at, walls.unaltered, "warehouse", is_whole=False)
    assert _materialize().closed == {}
    after = walls.fingerprint(world, "warehouse", is_whole=False)
    assert {name for name in after if after[name] != marks[0][name]} == {"warehouse.dim_student"}

"""How a pupil enters whom the unit did not have, and what nobody asks of a unit that ends.

a new year's place that waits, what the offices decided -> opening line
"""

from collections.abc import Callable

from edu_pipeline.flow import rollover
from edu_pipeline.sandbox.story import Child
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]

_OPENING = """SELECT l.decision, l.flags FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
    WHERE p.status = 'checked' AND l.kind = 'opening' AND (l.unit_id, l.student_id) = (:u, :s)"""


def _opened(world: World, unit: str, child: Child) -> tuple[str, list[str]]:
    assert rollover.make_plan(2023, "plan", [unit]).failure is None
    return tuple(world.rows(_OPENING, u=unit, s=child.root)[0])


def _enters(world: World, entry: str) -> tuple[str, Child]:
    """A child who enters a school that shows the new year."""
    return next((c.places[-1].unit, c) for c in world.city.children
                if c.entry == entry and world.city.unit(c.places[-1].unit).shows_new_year
                and world.city.unit(c.places[-1].unit).system == "saomai" and not c.defect
                and (entry != "intake" or (c.places[-1].grade == 1 and len(c.places) == 1)))  # fmt: skip


def test_who_comes_by_a_transfer_into_a_first_grade_is_accepted_and_a_listed_one_is_an_intake(stage: Stage) -> None:
    world = stage("opening")
    unit, child = _enters(world, "intake")
    assert _opened(world, unit, child) == ("intake", [])
    world.execute("DELETE FROM master.admission WHERE student_id = :s", s=child.root)
    assert _opened(world, unit, child) == ("intake", ["intake_unlisted"])
    world.execute("""INSERT INTO master.transfer (transfer_id, student_id, school_year, grade_level, status, to_unit_id,
        from_province_code, to_province_code, requested_date, released_date, accepted_date, connection_id, source_key,
        recorded_from) VALUES ('T1', :s, 2024, 1, 'accepted', :u, '75', '79', '2024-07-01', '2024-07-05', '2024-07-20',
        'portal', 'T1', now())""",
                  u=unit, s=child.root)  # fmt: skip
    assert _opened(world, unit, child) == ("accepted", [])
    world.execute("""INSERT INTO master.admission (admission_id, student_id, unit_id, school_year, grade_level,
        listed_date, connection_id, source_key, recorded_from)
        VALUES ('A1', :s, :u, 2024, 1, '2024-07-25', 'portal', 'A1', now())""", u=unit, s=child.root)  # fmt: skip
    assert _opened(world, unit, child) == ("intake", [])


def test_who_returns_to_what_the_unit_became_has_returned(stage: Stage) -> None:
    world = stage("opening")
    unit, child = _enters(world, "returned")
    assert _opened(world, unit, child)[0] == "returned"
    former = next(code for code in wire.schools(world) if code != unit)
    world.execute("""UPDATE master.enrollment SET unit_id = :f, class_code = (
            SELECT min(class_code) FROM master.school_class WHERE unit_id = :f AND school_year = 2023)
        WHERE school_year = 2023 AND student_id = :s""", f=former, s=child.root)  # fmt: skip
    assert _opened(world, unit, child)[0] == "accepted"
    # What has merged shows nothing of the new year.
    world.execute("DELETE FROM waiting.enrollment WHERE unit_id = :f AND school_year = 2024", f=former)
    world.execute("""INSERT INTO ops.unit_successor (from_unit, valid_from, to_unit, except_grades, except_class_codes,
        kind, decision, connection_id, class_suffix)
        VALUES (:f, '2024-08-01', :u, '{}', '{}', 'merged', '1/QĐ', 'saomai', '@' || :f)""",
                  f=former, u=unit)  # fmt: skip
    assert _opened(world, unit, child)[0] == "returned"


def test_that_everybody_leaves_a_unit_is_asked_unless_it_ends(stage: Stage) -> None:
    world = stage("opening")
    unit = wire.schools(world)[0]
    world.execute("""UPDATE master.enrollment SET status = 'transferred_out', end_date = '2024-07-01'
        WHERE unit_id = :u AND school_year = 2023 AND status = 'active'""", u=unit)  # fmt: skip
    world.execute("DELETE FROM waiting.enrollment WHERE unit_id = :u AND school_year = 2024", u=unit)
    refused = rollover.make_plan(2023, "plan", [unit]).failed
    assert "share_in_range: transferred_out" in refused[unit]
    world.execute("""INSERT INTO ops.unit_event (unit_id, kind, decision, on_date, is_end, detail, recorded_at)
        VALUES (:u, 'closed', '1/QĐ', :day, true, '{}', now())""", u=unit, day="2024-09-06")  # fmt: skip
    assert set(rollover.make_plan(2023, "plan", [unit]).failed) == {unit}
    world.execute("UPDATE ops.unit_event SET on_date = '2024-08-01'")
    assert rollover.make_plan(2023, "plan", [unit]).failed == {}


def test_who_was_open_under_another_code_closes_by_the_one_that_replaced_it(stage: Stage) -> None:
    """What the school called the pupil on the last day is gone; it is the same pupil, in the same place."""
    world = stage("opening")
    unit = wire.schools(world)[0]
    child = wire.quiet(world, unit)
    own = f"HS-{unit}-{child.codes[unit]}"
    names = [row[0] for row in world.rows("""SELECT column_name FROM information_schema.columns
        WHERE (table_schema, table_name) = ('validated', 'student')""")]  # fmt: skip
    said = {"source_key": "'TAM-1'", "ref_key": "'TAM-1'", "event": "'CANCEL'", "replaced_by": ":own",
            "student_id": "NULL", "is_present": "false"}  # fmt: skip
    world.execute(f"""INSERT INTO validated.student ({", ".join(names)})
        SELECT {", ".join(said.get(name, name) for name in names)} FROM validated.student WHERE source_key = :own""",
                  own=own)  # fmt: skip
    _opened_before(world, unit, child)
    plan = """SELECT l.student_id, l.decision FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
        WHERE p.status = 'checked' AND l.kind = 'closing' AND l.student_key = 'TAM-1'"""
    assert rollover.make_plan(2023, "plan", [unit]).failure is None
    assert [tuple(row) for row in world.rows(plan)] == [(child.root, "promoted")]
    assert world.rows(_OPENING, u=unit, s=child.root)[0].decision == "promoted"


def _opened_before(world: World, unit: str, child: Child) -> None:
    """Let the child have been open at the closing, under a code of the school's own: as the owner, for the app may not
    change a snapshot."""
    with engine("edu_owner").begin() as database:
        database.exec_driver_sql(f"DELETE FROM rollover.snapshot_student WHERE student_id = '{child.root}'")
        database.exec_driver_sql(f"""INSERT INTO rollover.snapshot_open (unit_id, school_year, connection_id,
            student_key, reason) VALUES ('{unit}', 2023, 'saomai', 'TAM-1', 'waiting: parent')""")
        database.exec_driver_sql(f"""UPDATE rollover.snapshot SET student_count = student_count - 1,
            open_count = open_count + 1 WHERE unit_id = '{unit}' AND school_year = 2023""")


def test_a_post_that_the_school_shows_in_the_new_year_is_not_sent_away_by_an_event(stage: Stage) -> None:
    """Of a class that a decision gives away the teacher goes along, unless the school still tells the post."""
    world = stage("opening")
    unit, taker = wire.schools(world)[:2]
    (led,) = world.rows("""SELECT class_code, homeroom_staff_id FROM rollover.snapshot_class
        WHERE unit_id = :u AND homeroom_staff_id IS NOT NULL ORDER BY 1 LIMIT 1""", u=unit)  # fmt: skip
    decided = """SELECT l.decision FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
        WHERE p.status = 'checked' AND l.kind = 'assignment' AND (l.unit_id, l.staff_id) = (:u, :s)"""
    world.execute("""INSERT INTO ops.unit_successor (from_unit, valid_from, to_unit, class_codes, except_grades,
        except_class_codes, kind, decision, connection_id, class_suffix)
        VALUES (:u, '2024-08-01', :t, ARRAY[:c], '{}', '{}', 'split', '1/QĐ', 'saomai', '@' || :u)""",
                  u=unit, t=taker, c=led.class_code)  # fmt: skip
    rollover.make_plan(2023, "told", [unit])
    assert [row.decision for row in world.rows(decided, u=unit, s=led.homeroom_staff_id)] == ["carried"]
    world.execute("DELETE FROM waiting.staff_assignment WHERE unit_id = :u AND school_year = 2024", u=unit)
    rollover.make_plan(2023, "silent", [unit])
    assert [row.decision for row in world.rows(decided, u=unit, s=led.homeroom_staff_id)] == ["moved_out"]

"""Late changes of the old year, after its units are rolled over: what a night of October would bring.

drawn (kind, position) -> the change, where there is somebody or something for it -> kinds that happened

What does not belong here: planning and applying the amendments (test_random.py).
"""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection as Database
from sqlalchemy import Engine, text

from edu_pipeline.schema.ladder import NEXT_GRADE
from edu_pipeline_tests.rollover.written import YEAR, Person, Written


def happen(app: Engine, written: Written, changes: Iterable[tuple[str, int]]) -> set[str]:
    """Let the changes come; positions count whoever they may concern, round and round."""
    done = set()
    for name, position in changes:
        fits, change = _CHANGES[name]
        persons = [person for person in written.persons if fits(person)]
        if persons:
            with app.begin() as database:
                change(database, written, persons[position % len(persons)])
            done.add(name)
    return done


def _run(database: Database, statement: str, person: Person, **binds: object) -> None:
    database.execute(text(statement), {"s": person.root, "u": person.unit, "y": YEAR, **binds})


def _outcome(database: Database, person: Person, stage: str, outcome: str) -> None:
    _run(database, """INSERT INTO master.result (unit_id, school_year, student_id, stage, outcome, connection_id,
         source_key, recorded_from) VALUES (:u, :y, :s, :t, :o, 'vendor', 'late/' || :s, now())
         ON CONFLICT (unit_id, school_year, student_id, stage) DO UPDATE SET outcome = excluded.outcome""",
         person, t=stage, o=outcome)  # fmt: skip


def _result(database: Database, written: Written, person: Person) -> None:
    _outcome(database, person, "CN", "retained")


def _summer(database: Database, written: Written, person: Person) -> None:
    _outcome(database, person, "HE", "promoted" if person.following() else "completed")


def _override(database: Database, written: Written, person: Person) -> None:
    _run(database, """INSERT INTO rollover.override (unit_id, from_year, student_id, decision, reason)
         VALUES (:u, :y, :s, 'withdrawn', 'late') ON CONFLICT DO NOTHING""", person)  # fmt: skip


def _place(database: Database, written: Written, person: Person) -> None:
    _run(database, "DELETE FROM master.enrollment WHERE (unit_id, school_year, student_id) = (:u, :y, :s)", person)


def _transfer(database: Database, written: Written, person: Person) -> None:
    _run(database, """UPDATE master.enrollment SET status = 'transferred_out', end_date = '2024-08-30'
         WHERE (unit_id, school_year, student_id) = (:u, :y, :s)""", person)  # fmt: skip


def _post(database: Database, written: Written, person: Person) -> None:
    _run(database, """UPDATE master.staff_assignment SET status = 'retired', end_date = '2024-08-30' WHERE staff_id =
         (SELECT min(staff_id) FROM rollover.staff_assignment WHERE unit_id = :u)""", person)  # fmt: skip


def _renaming(database: Database, written: Written, person: Person) -> None:
    _run(database, """INSERT INTO rollover.renaming (unit_id, from_year, from_class, to_grade, to_class, reason)
         VALUES (:u, :y, :c, :g, 'late ' || :c, 'late') ON CONFLICT DO NOTHING""",
         person, c=person.klass, g=person.following())  # fmt: skip


def _admitted(database: Database, written: Written, person: Person) -> None:
    _run(database, "DELETE FROM quarantine.enrollment WHERE claim_unit_id = :u AND student_key = 's' || :s", person)
    _run(database, """INSERT INTO master.enrollment (unit_id, school_year, student_id, begin_date, class_code,
         grade_level, kind, status, is_begin_derived, connection_id, source_key, recorded_from)
         VALUES (:u, :y, :s, '2023-09-05', :c, :g, 'primary', 'active', false, 'vendor', 'late/' || :s, now())
         ON CONFLICT DO NOTHING""", person, c=person.klass, g=person.room.grade)  # fmt: skip


def _was_active(person: Person) -> bool:
    return person.is_active


_Fits, _Change = Callable[[Person], bool], Callable[[Database, Written, Person], None]

# kind -> whom it may concern, what happens
_CHANGES: dict[str, tuple[_Fits, _Change]] = {
    "result": (_was_active, _result),
    "summer": (lambda person: person.pupil.outcome == "retest", _summer),
    "override": (_was_active, _override),
    "place": (_was_active, _place),
    "transfer": (_was_active, _transfer),
    "post": (_was_active, _post),
    "renaming": (lambda person: person.is_active and person.room.grade in NEXT_GRADE, _renaming),
    "admitted": (lambda person: person.pupil.case == "quarantined", _admitted),
}
KINDS: Sequence[str] = tuple(_CHANGES)

"""How long is a rollover of a whole city, against one INSERT ... SELECT of its enrollments in the same run?

pupils by SQL -> closing snapshot -> plan -> approval -> apply -> figures; the floors: the rows that the rollover wrote,
and the city's enrollments in the register, each into an empty table with the same keys and foreign keys

`make bench` prints the figures; it judges nothing. Marks by subject only with `--marks` (twelve a pupil).
What does not belong here: reading a system (edu_pipeline_tests/bench.py).
"""

import argparse
import datetime as dt
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from edu_pipeline.flow import calendar, rollover
from edu_pipeline.flow.configure import configure
from edu_pipeline.rollover import snapshot
from edu_pipeline.sandbox import site as practice
from edu_pipeline.sandbox.city import build
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.storage import embedded
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.conftest import migrated
from edu_pipeline_tests.stages import copy

A_UNIT, A_CLASS, TO = 740, 35, 2024

# unit -> kind, first grade, how many; a third shows the new year late.
_UNITS = """CREATE TEMPORARY TABLE u AS SELECT i, '79' || lpad(i::text, 6, '0') AS unit_id, k.*, i % 3 <> 2 AS shows
FROM generate_series(1, :units) i
CROSS JOIN LATERAL (SELECT (ARRAY['preschool', 'primary', 'lower_secondary', 'upper_secondary'])[g] AS kind,
    (ARRAY[16, 1, 6, 10])[g] AS first, (ARRAY[3, 5, 4, 3])[g] AS grades
    FROM (SELECT CASE WHEN i % 10 < 2 THEN 1 WHEN i % 10 < 6 THEN 2 WHEN i % 10 < 9 THEN 3 ELSE 4 END AS g) x) k"""
_PUPILS = f"""CREATE TEMPORARY TABLE p AS
SELECT lpad(n::text, 10, '0') AS student_id, u.*, u.first + k % u.grades AS grade,
       CASE WHEN u.kind = 'preschool' THEN (ARRAY['Mầm', 'Chồi', 'Lá'])[1 + k % 3] || ' '
            ELSE (u.first + k % u.grades)::text || 'A' END || (1 + k / u.grades / {A_CLASS}) AS class_code,
       k % u.grades = u.grades - 1 AS is_last, n % 33 = 0 AS is_retained, n % 97 = 0 AS is_silent,
       'x ' || n AS name,
       -- One in fifty is five years too old for the grade.
       make_date(CASE WHEN u.first > 12 THEN 2023 - (u.first + k % u.grades - 13) ELSE 2018 - u.first - k % u.grades END
                 - CASE WHEN n % 50 = 0 THEN 5 ELSE 0 END, 1 + n % 12, 1 + n % 28) AS birth_date
FROM generate_series(0, :pupils - 1) n
CROSS JOIN LATERAL (SELECT n / {A_UNIT} + 1 AS at, n % {A_UNIT} AS k) x JOIN u ON u.i = x.at"""
_OUTCOME = "CASE WHEN is_retained THEN 'retained' WHEN is_last THEN 'completed' ELSE 'promoted' END"
_NEXT = """FROM (SELECT p.*, grade + CASE WHEN is_retained THEN 0 ELSE 1 END AS then_grade,
    CASE WHEN is_retained THEN class_code WHEN kind = 'preschool'
         THEN (ARRAY['Chồi', 'Lá'])[grade - 15] || ' ' || split_part(class_code, ' ', 2)
         ELSE (grade + 1) || substr(class_code, length(grade::text) + 1) END AS then_class
    FROM p WHERE shows AND NOT is_silent AND (is_retained OR NOT is_last)) p"""
_WAITS = (
    "connection_id, source_key, batch_id, event, faults, reason, since, unit_id, school_year, class_code, grade_level"
)

FILL = (
    _UNITS,
    "INSERT INTO master.unit (unit_id, name, unit_kind, grade_levels, recorded_from) SELECT unit_id, unit_id, kind,"
    " (SELECT string_agg(g::text, ',') FROM generate_series(first, first + grades - 1) g), now() FROM u",
    "INSERT INTO ops.authority (unit_id, entity, valid_from, connection_id, unit_key)"
    " SELECT unit_id, '*', DATE '2023-08-01', 'lotus', unit_id FROM u",
    "INSERT INTO ops.unit_year (unit_id, school_year, state, changed_at, reason)"
    " SELECT unit_id, 2023, 'closing', now(), 'measured' FROM u",
    _PUPILS,
    "INSERT INTO master.identity (identity_id, person_kind, full_name, birth_date, sex, recorded_from)"
    " SELECT student_id, 'student', 'x', '2012-01-01', 'male', now() FROM p",
    "INSERT INTO master.student (student_id, full_name, birth_date, sex, recorded_from, connection_id, source_key)"
    " SELECT student_id, name, birth_date, 'male', now(), 'lotus', student_id FROM p",
    "INSERT INTO master.school_class (unit_id, school_year, class_code, name, grade_level, recorded_from,"
    " connection_id, source_key) SELECT DISTINCT ON (unit_id, class_code) unit_id, 2023, class_code, class_code, grade,"
    " now(), 'lotus', unit_id || class_code FROM p",
    "INSERT INTO master.enrollment (unit_id, school_year, student_id, begin_date, class_code, grade_level, kind,"
    " status, is_begin_derived, recorded_from, connection_id, source_key) SELECT unit_id, 2023, student_id,"
    " DATE '2023-09-05',"
    " class_code, grade, 'primary', 'active', false, now(), 'lotus', student_id FROM p",
    "INSERT INTO master.result (unit_id, school_year, student_id, stage, outcome, academic_level, conduct_level,"
    " absence_count, recorded_from, connection_id, source_key) SELECT unit_id, 2023, student_id, 'CN',"
    f" {_OUTCOME}, CASE WHEN grade BETWEEN 6 AND 12 THEN '2' END, CASE WHEN grade BETWEEN 6 AND 12 THEN '1' END,"
    " CASE WHEN is_retained THEN 60 ELSE 3 END, now(), 'lotus', student_id FROM p WHERE NOT is_silent",
    "INSERT INTO validated.student (connection_id, source_key, batch_id, event, faults, is_present, ref_key,"
    " student_id) SELECT 'lotus', student_id, 1, 'NEW', '{}', true, student_id, student_id FROM p",
    f"INSERT INTO waiting.enrollment ({_WAITS}, student_key, begin_date) SELECT 'lotus', 'n' || student_id, 1, 'NEW',"
    f" '{{}}', 'year', now(), unit_id, {TO}, then_class, then_grade, student_id, DATE '2024-09-05' {_NEXT}",
    f"INSERT INTO waiting.school_class ({_WAITS}, name) SELECT DISTINCT ON (unit_id, then_class) 'lotus', unit_id ||"
    f" then_class, 1, 'NEW', '{{}}'::text[], 'year', now(), unit_id, {TO}, then_class, then_grade, then_class {_NEXT}",
    "ANALYZE",
)  # fmt: skip

MARKS = """INSERT INTO master.subject_mark (unit_id, school_year, student_id, stage, subject_code, mark, recorded_from)
SELECT p.unit_id, 2023, p.student_id, 'CN', s.code, 7.5, now()
FROM p CROSS JOIN (SELECT code FROM reference.subject ORDER BY code LIMIT 12) s WHERE NOT is_silent"""

# An empty table with another one's keys, checks and foreign keys.
_LIKE = """DO $$ DECLARE said text; BEGIN
    CREATE TABLE rollover.{name} (LIKE {of} INCLUDING ALL);
    FOR said IN SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '{of}'::regclass AND contype = 'f'
    LOOP EXECUTE 'ALTER TABLE rollover.{name} ADD ' || said; END LOOP;
END $$"""
# What the rollover wrote, and what the city's enrollments are: rows of `rollover` have two foreign keys, those of
# `master` one for each code, too.
FLOORS = {
    "what was written": ("written", "rollover.enrollment"),
    "the city's enrollments": ("held", "master.enrollment"),
}


@contextmanager
def database(folder: Path) -> Iterator[None]:
    """An embedded server with an empty, migrated register, and a site."""
    made = embedded.start(folder / "postgres")
    try:
        copy(made, migrated(made), "measured")
        practice.write(folder / "site", build("bench", students=1000), "http://127.0.0.1:9", dt.date(2024, 9, 5))
        values = {"DATABASE_URL": made.url("edu_app", "measured"), "OWNER_URL": made.url("edu_owner", "measured"),
                  "DATA_DIR": str(folder), "SITE_DIR": str(folder / "site"), "AS_OF": "2024-09-05",
                  **{f"SECRET_{key}": value for key, value in practice.SECRETS.items()}}  # fmt: skip
        os.environ.update({f"EDU_{key}": value for key, value in values.items()})
        yield
    finally:
        embedded.stop(folder / "postgres")


def run(statements: tuple[str, ...], **binds: object) -> float:
    """Seconds that statements take, as the owner, in one transaction."""
    began = time.perf_counter()
    with engine("edu_owner").begin() as owner:
        for statement in statements:
            said = text(statement.replace("::", "\\:\\:"))
            owner.execute(said, binds)
    return time.perf_counter() - began


def timed(title: str, step: object) -> float:
    """Print and return how long a step takes; it must not fail."""
    began = time.perf_counter()
    done = step()  # type: ignore[operator]
    seconds = time.perf_counter() - began
    print(f"{title:<28} {seconds:8.1f} s", flush=True)
    if isinstance(done, rollover.Rollover):
        assert done.failure is None, str(done.failure)[:500]
    return seconds


def close() -> None:
    """Take the closing snapshot of every unit."""
    units = [row[0] for row in engine().connect().execute(text("SELECT unit_id FROM ops.unit_year"))]
    binds = {"units": units, "year": 2023, "day": dt.date(2024, 5, 31), "now": dt.datetime.now(dt.UTC)}
    with engine().begin() as app:
        for statement in snapshot.statements():
            app.execute(statement, binds)


def main() -> None:
    """Fill, roll over, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pupils", type=int, default=170_000)
    parser.add_argument("--marks", action="store_true")
    parser.add_argument("--folder", help="where the database lies; in memory is fastest")
    said = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="edu-measure-", dir=said.folder))
    folder.chmod(0o755)
    try:
        with database(folder):
            site = sites.load(settings().site_dir)
            configure(site, settings().today(), settings().site_dir)
            with engine().begin() as app:
                calendar.load_calendar(app, site)
            steps = (*FILL[:-1], MARKS, FILL[-1]) if said.marks else FILL
            print(f"{said.pupils} pupils, in {run(steps, pupils=said.pupils, units=said.pupils // A_UNIT + 1):.0f} s")
            timed("closing snapshot", close)
            plan = timed("plan", lambda: rollover.make_plan(2023, "plan"))
            run(("INSERT INTO rollover.approval (unit_id, from_year, plan_id, hash, kind) SELECT unit_id, from_year,"
                 " plan_id, hash, 'unit' FROM rollover.plan WHERE status = 'checked'",))  # fmt: skip
            apply = timed("apply, and the proof", lambda: rollover.apply_plan(2023, "apply"))
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            for title, (name, of) in FLOORS.items():
                run((_LIKE.format(name=name, of=of),))
                floor = run((f"INSERT INTO rollover.{name} SELECT * FROM {of}",))
                print(
                    f"{f'floor: {title}':<28} {floor:8.1f} s: plan {plan / floor:.1f}, apply {apply / floor:.1f},"
                    f" both {(plan + apply) / floor:.1f} times"
                )
            print(f"this process {memory:.0f} MB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

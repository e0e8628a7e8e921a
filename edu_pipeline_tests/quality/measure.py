"""How long does it take to score a whole city?

pupils by SQL (rollover/measure.py) -> scored twice -> seconds a step, rows, memory

`make bench` prints the figures; it judges nothing. What does not belong here: the rows themselves.
"""

import argparse
import resource
import shutil
import tempfile
import time
from pathlib import Path

from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from edu_pipeline.flow import calendar
from edu_pipeline.flow.configure import configure
from edu_pipeline.flow.quality import score_city
from edu_pipeline.settings import settings
from edu_pipeline.sources import site as sites
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.rollover.measure import A_UNIT, FILL, close, database, run

# One complete reading of the provider's, since the year began: what was told in a former year counts as missing.
READ = (
    "INSERT INTO ops.batch (connection_id, run_id, as_of, mapping, status, started_at)"
    " VALUES ('lotus', 'measured', DATE '2024-09-05', '', 'merged', now())",
    "INSERT INTO ops.scope (batch_id, connection_id, resource, entity, unit_id, school_year, received_count,"
    " distinct_count, page_count, is_complete) SELECT b.batch_id, 'lotus', e, e, '', 2023, 1, 1, 1, true"
    " FROM ops.batch b, unnest(ARRAY['student', 'school_class', 'enrollment', 'result']) e",
)


def main() -> None:
    """Fill, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pupils", type=int, default=170_000)
    parser.add_argument("--folder", help="where the database lies")
    parser.add_argument("--slowest", type=int, default=0, help="print so many statements that took longest")
    said = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="edu-measure-", dir=said.folder))
    folder.chmod(0o755)
    took: list[tuple[float, str]] = []
    event.listen(Engine, "before_cursor_execute", lambda c, *_: c.info.update(began=time.perf_counter()))
    event.listen(Engine, "after_cursor_execute", lambda c, _, s, *__: took.append(
        (time.perf_counter() - c.info["began"], " ".join(s.split()))))  # fmt: skip
    try:
        with database(folder):
            site = sites.load(settings().site_dir)
            configure(site, settings().today(), settings().site_dir)
            with engine().begin() as app:
                calendar.load_calendar(app, site)
            run((*READ, *FILL), pupils=said.pupils, units=said.pupils // A_UNIT + 1)
            close()
            for title in ("first scoring", "second scoring"):
                took.clear()
                began = time.perf_counter()
                done = score_city("measured")
                assert done.verdict.passed, done.verdict.failed
                print(f"{title:<20} {time.perf_counter() - began:8.1f} s, {done.units} units, {done.rules} rules,"
                      f" {done.findings} findings", flush=True)  # fmt: skip
                for seconds, statement in sorted(took, reverse=True)[: said.slowest]:
                    print(f"  {seconds:7.2f} {statement[:110]}")
            with engine().connect() as app:
                print(f"{app.execute(text('SELECT count(*) FROM quality.tally')).scalar()} counts")
                for row in app.execute(text("SELECT rule, count(*) FROM quality.finding GROUP BY 1 ORDER BY 2 DESC")):
                    print(f"  {row[1]:9,} {row[0]}")
            print(f"this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

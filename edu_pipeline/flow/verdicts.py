"""Write the verdicts of a night's suites as pages into a folder, when somebody asks for them.

ops.verdict -> report/verdicts.py -> folder

What does not belong here: what a page says (report), judging (gate).
"""

import datetime as dt
from pathlib import Path

from sqlalchemy import text

from edu_pipeline.report import verdicts as reports
from edu_pipeline.settings import CITY_ZONE
from edu_pipeline.storage.engine import engine


class NoVerdict(RuntimeError):
    """Nothing was judged on this day; the message says what to do."""


def write(folder: Path, day: dt.date | None = None) -> list[Path]:
    """Write the pages of a day (none named: the newest) and return them, the index first. NoVerdict: there is none."""
    with engine().connect() as database:
        found = database.execute(text(reports.VERDICTS), {"day": day}).all()
        first = database.execute(text(reports.FIRST)).scalar()
    if not found:
        since = f"the first verdict is of {first}" if first else "run `edu-pipeline pull` first"
        raise NoVerdict(f"nothing was judged {f'for {day}' if day else 'yet'}: {since}")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, page in sorted(reports.pages(found, CITY_ZONE).items(), key=lambda one: one[0] != reports.INDEX):
        path = folder / name
        path.write_text(page, encoding="utf-8")
        written.append(path)
    return written

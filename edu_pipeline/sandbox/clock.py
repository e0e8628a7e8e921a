"""The practice city's business clock: a date in a file.

command -> file -> served state; the pipeline reads the same file as its as_of

What does not belong here: what happens on a date (story.py, the apps).
"""

import datetime as dt
from pathlib import Path

PHASES: dict[str, dt.date] = {
    "mid_year": dt.date(2024, 2, 15),
    "year_end": dt.date(2024, 5, 31),
    "summer": dt.date(2024, 8, 15),
    "opening": dt.date(2024, 9, 5),
    "settled": dt.date(2024, 9, 20),
}

RESULTS_FROM = dt.date(2024, 5, 25)
SUMMER_RESULTS_FROM = dt.date(2024, 8, 10)
OPENING = PHASES["opening"]
SETTLED = PHASES["settled"]
YEAR_BEGIN = {2023: dt.date(2023, 9, 5), 2024: dt.date(2024, 9, 5)}
TERM_1_END = {2023: dt.date(2024, 1, 14), 2024: dt.date(2025, 1, 12)}
YEAR_END = {2023: dt.date(2024, 5, 31), 2024: dt.date(2025, 5, 31)}


def read(path: Path) -> dt.date:
    """The date in the file; the last day of 2023-2024 where there is none yet."""
    return dt.date.fromisoformat(path.read_text().strip()) if path.exists() else PHASES["year_end"]


def move(path: Path, to: str) -> dt.date:
    """Set the clock to a phase or an ISO date; ValueError for anything else."""
    day = PHASES[to] if to in PHASES else dt.date.fromisoformat(to)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(day.isoformat() + "\n")
    return day

"""The practice city's business clock: a date in a file.

command -> file -> served state; the pipeline reads the same file as its as_of

What does not belong here: what happens on a date (story.py, the apps).
"""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PHASES: dict[str, dt.date] = {
    "mid_year": dt.date(2024, 2, 15),
    "year_end": dt.date(2024, 5, 31),
    "summer": dt.date(2024, 8, 15),
    "opening": dt.date(2024, 9, 5),
    "settled": dt.date(2024, 9, 20),
    "corrections": dt.date(2024, 10, 31),
    "term_end": dt.date(2025, 1, 12),
    "spring": dt.date(2025, 3, 14),
    "next_year_end": dt.date(2025, 5, 31),
    "reform": dt.date(2025, 7, 1),
    "next_opening": dt.date(2025, 9, 5),
    "late_2025": dt.date(2025, 11, 15),
}

RESULTS_FROM = dt.date(2024, 5, 25)
SUMMER_RESULTS_FROM = dt.date(2024, 8, 10)
OPENING = PHASES["opening"]
SETTLED = PHASES["settled"]
# From here on places are told by the codes in force since the merger, without districts (domain.md section 9).
REFORM = PHASES["reform"]
YEAR_BEGIN = {2023: dt.date(2023, 9, 5), 2024: dt.date(2024, 9, 5), 2025: dt.date(2025, 9, 5)}
TERM_1_END = {2023: dt.date(2024, 1, 14), 2024: dt.date(2025, 1, 12), 2025: dt.date(2026, 1, 11)}
YEAR_END = {2023: dt.date(2024, 5, 31), 2024: dt.date(2025, 5, 31), 2025: dt.date(2026, 5, 31)}


def results_from(year: int) -> dt.date:
    """The day from which year-end results are told."""
    return RESULTS_FROM.replace(year=year + 1)


def summer_results_from(year: int) -> dt.date:
    """The day from which results after summer are told."""
    return SUMMER_RESULTS_FROM.replace(year=year + 1)


def shown_from(year: int, is_prompt: bool) -> dt.date:
    """The day from which a school year is told: on its first day, or a fortnight late. The first one always was."""
    if year == min(YEAR_BEGIN):
        return dt.date.min
    return YEAR_BEGIN[year] + (dt.timedelta(0) if is_prompt else SETTLED - OPENING)


def read(path: Path) -> dt.date:
    """The date in the file; the last day of 2023-2024 where there is none yet."""
    return dt.date.fromisoformat(path.read_text().strip()) if path.exists() else PHASES["year_end"]


def now(path: Path) -> dt.datetime:
    """The time of day on the clock's date, in the city's zone."""
    return dt.datetime.combine(read(path), dt.datetime.now(ZONE).time(), ZONE)


def move(path: Path, to: str) -> dt.date:
    """Set the clock to a phase or an ISO date; ValueError for anything else."""
    day = PHASES[to] if to in PHASES else dt.date.fromisoformat(to)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(day.isoformat() + "\n")
    return day

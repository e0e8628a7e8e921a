"""By when something has to be mended: the calendar's next date for a state, or a hold's.

calendar, state, levels, day -> Due

What does not belong here: the dates themselves (sources/calendar.py), who has to act (report/reasons.py).
"""

import datetime as dt
from dataclasses import dataclass

from edu_pipeline.contracts.words import Word
from edu_pipeline.flow.remind import ESCALATES_AFTER
from edu_pipeline.sources.calendar import Calendar
from edu_pipeline.sources.year import Dates

DATES_VI = {
    "opening": "Khai giảng",
    "rollover_deadline": "Hạn chuyển dữ liệu lên năm học mới",
    "start_of_year_fields": "Hạn điền đủ thông tin đầu năm học",
    "connection_report": "Hạn kết nối và báo cáo kết nối",
    "statistics_date": "Hạn thống kê đầu năm học",
    "corrections_end": "Hạn chỉnh sửa dữ liệu năm học trước và dữ liệu chuyển lên",
    "results_close": "Hạn báo cáo kết quả cuối năm",
    "retests_end": "Hạn báo cáo kết quả sau hè",
    "admissions_end": "Hạn tuyển sinh đầu cấp",
}

# What is wrong must be right by the next of these; what is not decided, by the next of those.
_RIGHT = ("start_of_year_fields", "corrections_end", "results_close", "retests_end")
_DECIDED = ("rollover_deadline", "corrections_end", "retests_end")
_OPENED = ("rollover_deadline",)
_BY = {"quarantined": _RIGHT, "waiting_identity": _RIGHT, "waiting_parent": _RIGHT, "held": _RIGHT,
       "pending": _DECIDED, "proposed": ("corrections_end",)}  # fmt: skip


@dataclass(frozen=True)
class Due:
    """A last day and what it is; `days_left` is negative where it is over."""

    date: dt.date
    what: Word
    days_left: int


def due(
    calendar: Calendar, state: str, levels: tuple[str, ...], day: dt.date, school_year: int | None = None
) -> Due | None:
    """The day by which a state has to be mended; None where nobody has to, or the calendar says nothing of the day.

    Who waits for a year waits for that year's rollover, also when its day is over.
    """
    if state == "waiting_year":
        return _first(calendar, _OPENED, levels, day, school_year)
    return _first(calendar, _BY[state], levels, day) if state in _BY else None


def answer(calendar: Calendar, asked_on: dt.date, day: dt.date) -> Due:
    """The day by which a hold has to be answered: after it, others are told."""
    last = calendar.working_day(asked_on, ESCALATES_AFTER)
    return Due(last, Word("Hạn trả lời trước khi báo cấp trên", "An answer is owed; then others are told"),
               (last - day).days)  # fmt: skip


def _first(
    calendar: Calendar, names: tuple[str, ...], levels: tuple[str, ...], day: dt.date, school_year: int | None = None
) -> Due | None:
    try:
        year = school_year if school_year is not None else calendar.year_on(day, *levels).school_year
    except KeyError:
        return None
    # In summer what is wrong is due in the year to come.
    years = [one for one in calendar.years if one.school_year in (year, year + (school_year is None))]
    found = sorted((getattr(one.at(*levels), name), name) for one in years for name in names)
    if not found:
        return None
    date, name = next((one for one in found if one[0] >= day), found[-1])
    return Due(date, said(name), (date - day).days)


def said(name: str) -> Word:
    """A date of the calendar in both languages."""
    return Word(DATES_VI[name], str(Dates.model_fields[name].description))

"""A story as half a page that a head of school can read: what is so now, what to do first, then how it came.

heading, items, lines -> text, in English or in Vietnamese

What does not belong here: finding out (flow), a line's own words (phrases.py).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from edu_pipeline.contracts.words import Word

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_SHOWN = 5

KINDS = {
    "student": Word("Học sinh", "student"),
    "staff": Word("Nhân sự", "staff"),
    "class": Word("Lớp", "class"),
    "unit": Word("Đơn vị", "unit"),
}
_ON = Word("ngày", "on")
_NOW = Word("Hiện nay", "Now")
_FIRST = Word("Việc đầu tiên", "First")
_THEN = Word("Việc tiếp theo", "Then")
_LOOK = Word("Hệ thống xem lại", "Next look")
_MORE = Word("… và {n} việc nữa (--json liệt kê đủ)", "... and {n} more (--json lists all)")
_STORY = Word("Diễn biến", "How it came")
_NOBODY = Word("không ai phải làm gì", "nobody has to act")
_BY = Word("hạn {date} ({what}; {left})", "by {date} ({what}; {left})")
_LEFT = Word("còn {n} ngày", "{n} days left")
_LATE = Word("quá hạn {n} ngày", "{n} days late")
_NO_DATE = Word("lịch năm học không nêu hạn", "the calendar says no day")

FACTS = {
    "unit": Word("đơn vị", "unit"), "year": Word("năm học", "school year"), "class": Word("lớp", "class"),
    "grade": Word("khối", "grade"), "teacher": Word("giáo viên chủ nhiệm", "homeroom teacher"),
    "size": Word("sĩ số", "pupils"), "waits_for": Word("bản ghi còn chờ", "records waited for"),
    "named_after": Word("đặt tên theo lớp", "named after"), "connection": Word("hệ thống", "connection"),
    "years": Word("các năm học", "years"), "last_read": Word("lần đọc đủ gần nhất", "last complete read"),
    "holds": Word("đang giữ", "holds"), "unplaced": Word("người chưa có chỗ", "persons to be mended"),
}  # fmt: skip


def chosen(word: Word, is_vi: bool) -> str:
    """A word in the language that is asked for."""
    return word.vi if is_vi else word.en


def page(said: Mapping[str, Any], is_vi: bool = False) -> str:
    """The page of an explanation."""
    head = f"{chosen(KINDS[said['kind']], is_vi)} {said['key']}, {chosen(_ON, is_vi)} {said['as_of']}"
    lines = [head]
    if facts := [f"{chosen(FACTS[name], is_vi)} {value}" for name, value in said["facts"].items() if value is not None]:
        lines.append("  " + ", ".join(facts))
    for item in said["now"][:_SHOWN]:
        lines += _item(item, is_vi)
    if more := len(said["now"]) - _SHOWN:
        lines += [f"  {chosen(_MORE, is_vi).format(n=more)}"] if more > 0 else []
    lines += _todo([item for item in said["now"] if item["acts"]], is_vi)
    looks = sorted({_look(item) for item in said["now"]})
    lines += [f"  {chosen(_LOOK, is_vi)}: {look}" for look in looks[:_SHOWN]]
    if said["story"]:
        lines += ["", f"  {chosen(_STORY, is_vi)}:"]
        lines += [_line(line) for line in said["story"]]
    return "\n".join(lines)


def _item(item: Mapping[str, Any], is_vi: bool) -> list[str]:
    reason = f": {item['reason']}" if item["reason"] else ""
    return [f"  {chosen(_NOW, is_vi)}: {item['state_said']}{reason} [{item['where']}]"]


def _todo(items: Sequence[Mapping[str, Any]], is_vi: bool) -> list[str]:
    if not items:
        return [f"  {chosen(_FIRST, is_vi)}: {chosen(_NOBODY, is_vi)}"]
    lines = []
    for position, item in enumerate(items[:_SHOWN]):
        word = chosen(_THEN if position else _FIRST, is_vi)
        mend = f": {item['remedy']}" if item["remedy"] else ""
        lines.append(f"  {word}: {item['who']}, {by(item, is_vi)}{mend}")
    return lines


def by(item: Mapping[str, Any], is_vi: bool) -> str:
    """By when, with the days left."""
    if item["by"] is None:
        return chosen(_NO_DATE, is_vi)
    days = item["days_left"]
    left = chosen(_LEFT if days >= 0 else _LATE, is_vi).format(n=abs(days))
    return chosen(_BY, is_vi).format(date=item["by"], what=item["by_what"], left=left)


def _look(item: Mapping[str, Any]) -> str:
    note = f" ({item['look_note']})" if item["look_note"] else ""
    return f"{item['next_look']:%Y-%m-%d %H:%M}{note}"


def _line(line: Mapping[str, Any]) -> str:
    until = f" (-> {_day(line['until'])})" if line["until"] else ""
    return f"  {_day(line['since']):<10}  {line['what']}, {line['where']}: {line['says']}{until}"


def _day(moment: dt.datetime | None) -> str:
    return moment.astimezone(_ZONE).date().isoformat() if moment else "?"

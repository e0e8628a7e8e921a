"""The morning's list in Vietnamese: what is composed in English is translated where it is shown.

rows of flow/today.py -> rows in Vietnamese

What does not belong here: what stands in the list (flow/today.py). A sentence that has no words yet, or that somebody
typed, is shown as it stands; commands and names of rules are the same in both languages.
"""

import re
from collections.abc import Mapping
from typing import Any

from edu_pipeline.report.holds import remedy
from edu_pipeline.report.reasons import remedy as mending

URGENCY = {"late": "quá hạn", "now": "cần làm ngay", "soon": "sắp đến hạn", "new": "mới", "done": "đã xong"}

WHAT = {
    "not asked": "không đọc", "did not run": "chưa chạy", "failed": "lỗi", "ran": "đã chạy",
    "not published": "chưa công bố", "published": "đã công bố", "hold": "giữ lại", "quarantine": "cách ly mới",
    "approval ends": "phê duyệt sắp hết hạn", "exemption ends": "cho phép tạm thời sắp hết hạn",
    "waiver ends": "miễn trừ sắp hết hạn", "contest ends": "khiếu nại sắp hết hạn", "year close": "chốt năm học",
    "rollover": "chuyển dữ liệu lên năm học mới", "confirmation": "xác nhận năm học mới",
    "head's word": "xác nhận của thủ trưởng",
}  # fmt: skip

OWNER = (
    (r"the department", "Sở GD&ĐT"),
    (r"the school", "nhà trường"),
    (r"the vendor \((.*)\)", r"nhà cung cấp (\1)"),
    (r"nobody", "không ai phải làm gì"),
)

COLUMNS = {"urgency": "mức độ", "what": "việc", "where": "ở đâu", "says": "nội dung", "rows": "bản ghi",
           "units": "đơn vị", "by": "hạn", "owner": "ai làm", "contact": "liên hệ", "which": "đơn vị nào"}  # fmt: skip

SAYS = (
    (r"no pull since (\S+): start the daemon, or (.*)", r"chưa đọc từ \1: khởi động tiến trình nền, hoặc \2"),
    (r"never pulled: start the daemon, or (.*)", r"chưa đọc lần nào: khởi động tiến trình nền, hoặc \1"),
    (r"it broke off while (\w+)", r"bị ngắt khi đang \1"),
    (r"(\w+), read for (\S+)", r"\1, đọc cho ngày \2"),
    (r"for (\S+)", r"cho ngày \1"),
    (r"the last publication is (.*)", r"lần công bố gần nhất: \1"),
    (r"batches are admitted and not merged: (.*)", r"có đợt đã nhận nhưng chưa hợp nhất: \1"),
    (r"not asked: it answers for no unit before (\S+)", r"không đọc: chưa phụ trách đơn vị nào trước \1"),
    (r"not asked: it answers for no unit any more", "không đọc: không còn phụ trách đơn vị nào"),
    (r"not asked: (\w+)", r"không đọc: \1"),
    (r"approval (\d+) of (\S+): what it lets through is held again", r"phê duyệt \1 của \2: hết hạn sẽ bị giữ lại"),
    (r"exemption (\d+) of (\S+): what it let be costs again", r"miễn trừ \1 của \2: hết hạn sẽ tính điểm lại"),
    (r"exemption (\d+) of (\S+): (`.*`)", r"khiếu nại \1 của \2: \3"),
    (r"the year (\d+) is open: (.*)", r"năm học \1 chưa chốt: \2"),
    (r"not rolled over: (.*)", r"chưa chuyển dữ liệu: \1"),
    (r"the new year is not told as a whole: (.*)", r"chưa gửi đủ dữ liệu năm học mới: \1"),
    (r"the head has not confirmed the year's first data: (.*)", r"thủ trưởng chưa xác nhận dữ liệu đầu năm: \1"),
    (r"the head has not confirmed the declared systems: (.*)", r"thủ trưởng chưa xác nhận hệ thống đã khai báo: \1"),
    (r"(.*): renew, exempt with a date and a name, or cut off \((.*)\)",
     r"\1: gia hạn, cho phép tạm thời có thời hạn và người duyệt, hoặc ngừng kết nối (\2)"),
)  # fmt: skip

_HOLD = re.compile(r"hold (\d+): (.*), (-?\d+) days old, (.*?); .*", re.DOTALL)
_ANSWERS = {"no answer": "chưa trả lời", "approved": "cho qua", "rejected": "không cho qua"}


def vietnamese(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the list with its words in Vietnamese; its keys, codes and dates are as they were."""
    return {**row, "urgency": URGENCY.get(row["urgency"], row["urgency"]), "what": WHAT.get(row["what"], row["what"]),
            "says": _said(row), "owner": _first(OWNER, row["owner"])}  # fmt: skip


def _said(row: Mapping[str, Any]) -> str:
    said = str(row["says"])
    if row["what"] == "hold" and (found := _HOLD.fullmatch(said)):
        number, rule, age, answer = found.groups()
        return f"số {number}: {rule}, {age} ngày, {_ANSWERS.get(answer, answer)}; {remedy(rule).vi}"
    if row["what"] == "quarantine":
        rule = said.split(":", maxsplit=1)[0]
        return f"{rule}: {mending('quarantined', rule).vi}"
    return _first(SAYS, said)


def _first(words: tuple[tuple[str, str], ...], said: str) -> str:
    """The first template that fits the whole sentence; the sentence itself where none does."""
    return next((re.sub(f"^{en}$", vi, said) for en, vi in words if re.fullmatch(en, said)), said)

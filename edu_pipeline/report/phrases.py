"""A story's lines in words, in English and in Vietnamese: one template a kind of line, codes by their labels.

rows of (what, params, since, until) -> where, says

What does not belong here: which lines there are (explain.py, claims.py, stops.py, unit.py), reasons and remedies
(reasons.py). A part in [brackets] is left out where what it names is not known.
"""

import re
from collections.abc import Mapping
from typing import Any

from edu_pipeline.contracts.words import CLOSED, EXCEPTIONS, OPENED, WAITS, Word
from edu_pipeline.report.reasons import HELD_ROOMS, STATES, YEARS, reason
from edu_pipeline.schema import CodeSet, codes, entity

_PLAN = Word("đơn vị {unit}, kế hoạch {plan} ({plan_status})", "unit {unit}, plan {plan} {plan_status}")
_UNIT = Word("đơn vị {unit}", "unit {unit}")
_YEAR = Word("đơn vị {unit}, {year}", "unit {unit}, {year}")
_TOLD = Word("[đơn vị {unit}, ]{connection}", "[unit {unit}, ]{connection}")
_LINE = Word(
    "{decision}[ lên lớp {class}][ ({proposed})]: {reason}, theo {source}[; {rule}][; cần xem: {flags}]",
    "{decision}[ to {class}][ ({proposed})]: {reason}, by {source}[; {rule}][; look at: {flags}]",
)

# Kinds of plan lines about a person: who closes, who opens, whom a list names, a post.
PLANNED = ("rollover closing", "rollover opening", "rollover expected", "rollover assignment")

# what -> (where, says)
LINES: dict[str, tuple[Word, Word]] = {
    "place": (Word("đơn vị {unit}, {year}, lớp {class}", "unit {unit}, {year}, class {class}"),
              Word("{status} từ {begin}[ đến {end}], theo {connection}:{key}",
                   "{status} from {begin}[ to {end}], by {connection}:{key}")),
    "carried": (Word("đơn vị {unit}, {year}, lớp {class}", "unit {unit}, {year}, class {class}"),
                Word("chuyển lên từ năm học trước ({decision})[, {proposed}], kế hoạch {plan}",
                     "carried over ({decision})[, {proposed}] by plan {plan}")),
    "post": (_YEAR, Word("{role}, {status} từ {begin}[ đến {end}], theo {connection}:{key}",
                         "{role}, {status} from {begin}[ to {end}], by {connection}:{key}")),
    "outcome": (_YEAR, Word("{stage}: {outcome}, theo {connection}:{key}",
                            "stage {stage}: {outcome}, by {connection}:{key}")),
    "claim": (_TOLD, Word("{entity}[ {year}]: bản ghi {keys} đã nhận[, nay không còn gửi{gone}]",
                          "{entity}[ {year}]: record {keys} is admitted[, and no longer told{gone}]")),
    "quarantine": (_TOLD, Word("{entity}[ {year}]: bản ghi {keys} vi phạm {detail}",
                               "{entity}[ {year}]: record {keys} fails {detail}")),
    "waiting": (_TOLD, Word("{entity}: bản ghi {keys} đang chờ: {wait}[, năm học {year}]",
                            "{entity}: record {keys} waits for {wait}[, year {year}]")),
    **dict.fromkeys(PLANNED, (_PLAN, _LINE)),
    "rollover class": (_PLAN, Word("lớp[ {class}]: {decision}[, lớp cũ {from}]; {reason}[; cần xem: {flags}]",
                                   "class[ {class}]: {decision}[, was {from}]; {reason}[; look at: {flags}]")),
    "renaming": (_UNIT, Word("đặt tên {id}: lớp {from} thành {class}[, văn bản {document}]",
                             "renaming {id}: class {from} becomes {class}[, document {document}]")),
    "override": (_YEAR, Word("quyết định riêng {id}: {decision}[ lớp {class}][, văn bản {document}]",
                             "override {id}: {decision}[ to {class}][, document {document}]")),
    "approval": (_YEAR, Word("kế hoạch {plan} ({hash}): phê duyệt ({kind})[, văn bản {document}]",
                             "plan {plan} ({hash}): approval ({kind})[, document {document}]")),
    "hold": (Word("[đơn vị {unit}, ]{connection}, {room}", "[unit {unit}, ]{connection}, {room}"),
             Word("số {id}: giữ {rows} bản ghi {entity}, quy tắc {rule}, hỏi[ {owner}] từ {asked_on}[, {answer}]",
                  "hold {id}: {rows} rows of {entity}, rule {rule}, asked[ {owner}] on {asked_on}[, {answer}]")),
    "allowance": (Word("[đơn vị {unit}, ]{connection}, {room}", "[unit {unit}, ]{connection}, {room}"),
                  Word("cho qua đến {rows} bản ghi {entity}, quy tắc {rule}, đến hết {expires}",
                       "up to {rows} rows of {entity} may pass rule {rule}, until {expires}")),
    "authority": (_UNIT, Word("{connection} chịu trách nhiệm ({entity})", "{connection} answers for it ({entity})")),
    "event": (_UNIT, Word("{event} theo quyết định {decision}, ngày {date}[, tiếp nối: {to}]",
                          "{event} by decision {decision} on {date}[, goes on as {to}]")),
    "year": (_YEAR, Word("năm học {year_state}[; chốt: {students} học sinh, {open} chưa có chỗ]",
                         "the year is {year_state}[; closed with {students} pupils and {open} open]")),
    "read": (Word("đơn vị {unit}, {connection}", "unit {unit}, {connection}"),
             Word("lần đọc đủ gần nhất: {date}, {age} ngày trước", "last complete read {date}, {age} days ago")),
    "states": (_UNIT, Word("{rows} {entity}: {state}[: {reason}]", "{rows} {entity}: {state}[: {reason}]")),
    "plan": (_YEAR, Word("kế hoạch {plan} {hash}: {plan_status}[, {approved}][, {reconciled}][, {confirmed}]"
                         "[, {overdue}], {pending} dòng chưa quyết định[; lỗi: {fault}]",
                         "plan {plan} {hash}: {plan_status}[, {approved}][, {reconciled}][, {confirmed}]"
                         "[, {overdue}], {pending} lines not decided[; fault: {fault}]")),
}  # fmt: skip

WHAT_VI = {
    "state": "trạng thái", "place": "xếp lớp", "carried": "chuyển lên lớp", "post": "vị trí", "outcome": "kết quả",
    "claim": "khai báo", "quarantine": "cách ly", "waiting": "chờ", "rollover closing": "chốt năm học",
    "rollover opening": "mở năm học", "rollover expected": "danh sách tuyển sinh",
    "rollover assignment": "phân công mới", "rollover class": "lớp năm mới",
    "renaming": "đặt tên lớp", "override": "quyết định riêng", "approval": "phê duyệt", "hold": "giữ lại",
    "allowance": "cho qua", "authority": "hệ thống phụ trách", "event": "biến động đơn vị", "year": "năm học",
    "read": "lần đọc", "states": "số người", "plan": "kế hoạch",
}  # fmt: skip


def _labels(*sets: CodeSet) -> dict[str, str]:
    return {code: label for one in sets for code, (_, label) in one.codes.items()}


_VI = {
    "status": _labels(codes.ENROLLMENT_STATUS, codes.ASSIGNMENT_STATUS),
    "role": _labels(codes.STAFF_ROLE),
    "stage": _labels(codes.RESULT_STAGE),
    "outcome": _labels(codes.OUTCOME),
    "event": _labels(codes.UNIT_EVENT),
    "decision": {**{code: word.vi for code, word in {**OPENED, **CLOSED}.items()},
                 "reported": "Trường đã báo cáo",
                 "proposed": "Đề xuất", "carried": "Tiếp tục", "retired": "Nghỉ hưu", "ended": "Thôi việc"},
    "state": {code: word.vi for code, word in STATES.items()},
    "room": {code: word.vi for code, word in HELD_ROOMS.items()},
    "year_state": {code: word.vi for code, word in YEARS.items()},
    "plan_status": {"checked": "đã kiểm tra", "refused": "bị từ chối", "applied": "đã áp dụng",
                    "amended": "đã điều chỉnh", "undone": "đã hủy"},
    "kind": {"unit": "của đơn vị", "district": "của phòng", "withdrawn": "đã rút"},
    "proposed": {"proposed": "đề xuất"}, "approved": {"approved": "đã phê duyệt"},
    "reconciled": {"reconciled": "đã đối chiếu"}, "confirmed": {"confirmed": "trường đã xác nhận"},
    "overdue": {"overdue": "quá hạn xác nhận"}, "answer": {"approved": "cho qua", "rejected": "không cho qua"},
}  # fmt: skip
_SHOWN_KEYS = 3


def line(what: str, params: Mapping[str, Any], since: Any, until: Any, is_vi: bool) -> dict[str, Any]:
    """A line of a story in one language."""
    where, says = LINES[what]
    spoken = _spoken(params, is_vi)
    return {"what": WHAT_VI[what] if is_vi else what, "where": render(where, spoken, is_vi),
            "says": render(says, spoken, is_vi), "since": since, "until": until}  # fmt: skip


def render(template: Word, params: Mapping[str, Any], is_vi: bool) -> str:
    """A template with its parameters; a part in brackets goes if one of its parameters is not known."""

    def part(found: re.Match[str]) -> str:
        names = re.findall(r"{(\w+)", found[1])
        return "" if any(params.get(name) is None for name in names) else found[1]

    chosen = re.sub(r"\[([^\]]*)\]", part, template.vi if is_vi else template.en)
    return re.sub(r"{(\w+)}", lambda found: "" if params.get(found[1]) is None else str(params[found[1]]), chosen)


def _wait(detail: str | None, is_vi: bool) -> str | None:
    word = WAITS.get(detail or "")
    return detail if word is None else word.vi if is_vi else word.en


def _spoken(params: Mapping[str, Any], is_vi: bool) -> dict[str, Any]:
    said = {**params, "wait": _wait(params.get("detail"), is_vi), "gone": "" if params.get("gone") else None}
    if keys := params.get("keys"):
        said["keys"] = ", ".join(keys[:_SHOWN_KEYS]) + (f" (+{len(keys) - _SHOWN_KEYS})" if keys[_SHOWN_KEYS:] else "")
    if not is_vi:
        return said
    for name, value in said.items():
        if value is not None and name in _VI:
            said[name] = _VI[name].get(value, value)
        elif value is not None and name == "reason":
            said[name] = reason(value)
        elif value is not None and name == "flags":
            said[name] = ", ".join(EXCEPTIONS[code].vi if code in EXCEPTIONS else code for code in value.split(", "))
        elif name == "entity" and value:
            said[name] = label(value)
    return said


def label(name: str) -> str:
    """The Vietnamese name of an entity; all of them are `*`."""
    try:
        return "mọi dữ liệu" if name == "*" else entity(name).label_vi
    except KeyError:
        return name

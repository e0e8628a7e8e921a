"""States, reasons and remedies in words: why somebody is where the register says, who mends it, and how.

state, reason, owner -> Word; who acts beside the owner

What does not belong here: computing a state (master/state.py), rules' texts (contracts/rules.yaml), holds' remedies
(holds.py).
"""

import re

from edu_pipeline.contracts.severity import texts
from edu_pipeline.contracts.words import CLOSED, EXCEPTIONS, WAITS, Word

STATES = {
    "enrolled": Word("có chỗ trong năm học này", "enrolled"),
    "quarantined": Word("bị cách ly", "quarantined"),
    "held": Word("bị giữ lại", "held"),
    "waiting_year": Word("chờ mở năm học", "waiting_year"),
    "waiting_parent": Word("chờ lớp hoặc đơn vị", "waiting_parent"),
    "waiting_identity": Word("chờ định danh", "waiting_identity"),
    "pending": Word("chưa quyết định", "pending"),
    "left": Word("đã rời", "left"),
    "superseded": Word("đã thay bằng hồ sơ khác", "superseded"),
}

YEARS = {
    "future": Word("chưa mở", "future"), "open": Word("đang mở", "open"), "closing": Word("đang chốt", "closing"),
    "closed": Word("đã chốt", "closed"),
}  # fmt: skip

HELD_ROOMS = {
    "landing": Word("tiếp nhận", "landing"), "validated": Word("kiểm tra", "validated"),
    "master": Word("sổ chính", "master"), "plan": Word("kế hoạch chuyển năm", "plan"),
    "rollover": Word("đối chiếu chuyển năm", "rollover"), "warehouse": Word("kho dữ liệu", "warehouse"),
}  # fmt: skip

_IDENTITY = Word("Đối chiếu hồ sơ với sổ định danh ngành, sửa bên nào sai",
                 "Compare the record with the sector's registry, and correct the one that is wrong")  # fmt: skip
_CLASS = Word("Gửi lớp mà hồ sơ nêu, hoặc sửa lớp của hồ sơ",
              "Report the class or unit that the record names, or correct what it names")  # fmt: skip
_PLACE = Word("Xếp lớp (phân công) cho người này, hoặc báo cáo đã rời",
              "Give the person a place (a post), or report that the person has left")  # fmt: skip
_UNIT = Word("Quyết định đơn vị nào tiếp nhận và ghi vào events.yaml, hoặc kết nối đơn vị đó",
             "Decide which unit takes the person in events.yaml, or link that unit to a connection")  # fmt: skip
_YEAR = Word("Chuyển dữ liệu lên năm học mới (`edu-pipeline rollover board`), hoặc mở năm học",
             "Roll the former year over (`edu-pipeline rollover board`), or `edu-pipeline year open`")  # fmt: skip
_RESULT = Word("Báo cáo kết quả hoặc xếp lớp năm mới; nếu không, quyết định riêng",
               "Report the result or the place in the new year; else `edu-pipeline rollover override add`")  # fmt: skip
_HOLD = Word("Trả lời: edu-pipeline hold list, rồi hold approve hoặc reject",
             "Answer the hold: `edu-pipeline hold list`, then approve or reject")  # fmt: skip
_OTHER = Word("Kết thúc chỗ học kia hoặc chỗ học này: mỗi người một chỗ",
              "End the other place or this one: a person has one")  # fmt: skip
_TELL = Word("Hệ thống mới phải gửi hồ sơ của người này", "The new system has to tell the person")
_RULE = Word("Sửa bản ghi mà quy tắc nêu", "Correct the record that the rule names")
NOTHING = Word("", "")

# Whoever acts beside the owner: the vendor, where its system sends what nobody can read; the department, where a list
# or the register lacks something.
BESIDE = {"unreadable": "vendor", "unknown_code": "department", "code": "vendor", "unknown_unit": "department",
          "unregistered": "department", "reused": "vendor"}  # fmt: skip

PARTIES = {
    "unit": Word("trường ({unit})", "the school ({unit})"),
    "department": Word("Sở GD&ĐT", "the department"),
    "vendor": Word("nhà cung cấp ({connection})", "the vendor ({connection})"),
    "other unit": Word("đơn vị kia", "the other unit"),
    "nobody": Word("không ai phải làm gì", "nobody has to act"),
}

_OPEN_VI = {"waiting": "đang chờ", "held": "bị giữ"}

_EXACT = {
    "the school year is not open for the unit": "năm học chưa mở cho đơn vị",
    "its class or unit is not known": "chưa biết lớp hoặc đơn vị",
    "no place reported": "chưa báo cáo chỗ học hoặc vị trí",
    "no root identity agrees": "không khớp định danh gốc nào",
    "another place of the person stands in the register": "người này đã có chỗ khác trong sổ",
    "hold": "lô dữ liệu đang bị giữ lại",
    "alias": "mã cũ của cùng một người",
    "cancelled": "nguồn đã hủy hồ sơ",
    "removed at source": "nguồn không còn gửi",
    "ended": "đã kết thúc",
    "retired": "đã nghỉ hưu",
    "not carried": "vị trí không chuyển sang năm mới",
    "carried over, but the school reports no place": "đã chuyển lên lớp nhưng trường chưa báo cáo chỗ học",
    "neither outcome nor placement is reported": "chưa báo cáo kết quả và lớp mới",
    "the result after summer is not reported": "chưa có kết quả sau hè",
    "the reported outcome does not fit the grade": "kết quả báo cáo không hợp khối lớp",
    "the placement does not follow the grade": "lớp mới không nối tiếp khối cũ",
    "reported outcome": "kết quả trường báo cáo",
    "computed from the results": "tính từ kết quả học tập",
    "placement that the school shows": "theo lớp mà trường đã xếp",
    "class that the school shows": "lớp mà trường đã báo cáo",
    "place": "chỗ học có lỗi",
    "works on the last day": "còn làm việc đến ngày cuối năm",
    "left after the last day": "đã nghỉ sau ngày cuối năm",
    "the post has no contract": "vị trí không có hợp đồng",
    "another unit claims the pupil too": "đơn vị khác cũng nhận học sinh này",
    "the name of the class does not say its grade, so the next one is not known": "tên lớp không cho biết khối",
    "the school shows its classes of the grade, and this one is not among them": "trường không có lớp mang tên đó",
    "accepted from another province": "tiếp nhận từ tỉnh khác",
    "accepted by another province": "tỉnh khác tiếp nhận",
    "no transfer is on record": "không có hồ sơ chuyển trường",
    "no unit takes the person": "chưa đơn vị nào tiếp nhận",
    "on the admission list": "có trong danh sách tuyển sinh",
    "shown by no unit": "chưa đơn vị nào xếp lớp",
    **{f"{what}: {why}": f"hồ sơ {word}: {said.vi}" for what, word in _OPEN_VI.items() for why, said in WAITS.items()},
    **{code: word.vi for code, word in CLOSED.items()},
    **{word.en: word.vi for word in EXCEPTIONS.values()},
}
# A decided reason ends in what follows; {n} are the groups.
_PATTERNS = (
    (r"handed over to (\S+), which does not tell the person", r"đã bàn giao cho \1, hệ thống này chưa gửi người đó"),
    (r"handed over to (\S+)", r"đã bàn giao cho \1"),
    (r"unit (\S+) was \w+ by decision (.+); no unit takes the person.*",
     r"đơn vị \1 thay đổi theo quyết định \2; chưa đơn vị nào tiếp nhận"),
    (r"unit (\S+) was \w+ by decision (.+); unit (\S+) goes on, for which (\S+) answers",
     r"đơn vị \1 thay đổi theo quyết định \2; đơn vị \3 tiếp nối, \4 phụ trách"),
    (r"reported outcome, stage (\w+)", r"kết quả trường báo cáo (\1)"),
    (r"named after (.+)", r"đặt tên theo lớp \1"),
    (r"decided by override (\d+)", r"theo quyết định riêng \1"),
    (r"left on (\S+)", r"rời ngày \1"),
    (r"accepted from unit (\S+)", r"tiếp nhận từ đơn vị \1"),
    (r"(?:accepted|released) by unit (\S+)", r"chuyển sang đơn vị \1"),
    (r"released by another province", r"chuyển sang tỉnh khác"),
    (r"goes on in unit (\S+)", r"tiếp tục ở đơn vị \1"),
    (r"the witnesses disagree: (.+)", r"các nguồn không thống nhất: \1"),
    (r"(?:quarantined|held): ?(.*)", r"hồ sơ chưa được nhận: \1"),
)  # fmt: skip


def reason(said: str) -> str:
    """A reason in Vietnamese; a rule's id, and what nobody has put into words yet, stay as they are."""
    if said in _EXACT:
        return _EXACT[said]
    for pattern, words in _PATTERNS:
        if found := re.fullmatch(pattern, said):
            return found.expand(words)
    # A reason of several parts is told part by part.
    parts = re.split(r"(, |; )", said)
    return said if len(parts) == 1 else "".join(part if at % 2 else reason(part) for at, part in enumerate(parts))


def remedy(state: str, said: str | None, rules: str | None = None) -> Word:
    """How a state is mended. `rules` are those that a place in quarantine fails, where the state names none."""
    for rule in filter(None, (said, *(rules or "").split(", "))):
        if found := texts().get(rule.rsplit(".", 1)[-1]):
            return Word(found["vi"].rstrip("."), found["en"].rstrip("."))
    said = said or ""
    found_by_reason = {"no place reported": _PLACE, "another place of the person stands in the register": _OTHER}
    if said in found_by_reason:
        return found_by_reason[said]
    if said.startswith("unit "):
        return _UNIT
    if said.startswith("handed over to ") and state == "pending":
        return _TELL
    return {"quarantined": _RULE, "held": _HOLD, "waiting_year": _YEAR, "waiting_parent": _CLASS,
            "waiting_identity": _IDENTITY, "pending": _RESULT}.get(state, NOTHING)  # fmt: skip


def parties(state: str, said: str | None, owner: str) -> tuple[str, ...]:
    """Who acts: the owner, and beside it the vendor, the department or the other unit."""
    if owner == "nobody":
        return ("nobody",)
    said = said or ""
    if said == "another place of the person stands in the register":
        return (owner, "other unit")
    if said.startswith("handed over to "):
        return (owner, "vendor")
    beside = BESIDE.get(said.rsplit(".", 1)[-1]) if state == "quarantined" else None
    return (owner, beside) if beside and beside != owner else (owner,)

"""Codes of a plan and of a head's word, in the words in which a school and a clerk read them.

decision, exception, what a source's record waits for, why a confirmation is not taken -> Word

What does not belong here: setting a flag (rollover/closing.py, opening.py, posts.py).
"""

from typing import NamedTuple


class Word(NamedTuple):
    """What a code means, in Vietnamese and in English."""

    vi: str
    en: str


CLOSED = {
    "promoted": Word("Lên lớp", "promoted"),
    "retained": Word("Ở lại lớp", "retained"),
    "completed": Word("Hoàn thành cấp học", "completed the level"),
    "transferred_out": Word("Chuyển đi", "transferred out"),
    "withdrawn": Word("Thôi học", "withdrawn"),
    "on_leave": Word("Bảo lưu", "on leave"),
    "moved_out": Word("Chuyển sang đơn vị khác do sắp xếp lại", "moved to another unit by a reorganisation"),
    "pending": Word("Chưa quyết định", "not decided"),
}

OPENED = {
    "promoted": Word("Lên lớp", "promoted"),
    "retained": Word("Học lại", "retained"),
    "accepted": Word("Tiếp nhận chuyển đến", "accepted from another unit"),
    "intake": Word("Tuyển mới đầu cấp", "taken in at the level's first grade"),
    "returned": Word("Học trở lại sau bảo lưu", "returned from leave"),
    "moved_in": Word("Nhận từ đơn vị khác do sắp xếp lại", "moved in from another unit by a reorganisation"),
    "pending": Word("Chưa xếp lớp", "without a place"),
}

EXCEPTIONS = {
    "quarantined": Word("Hồ sơ có lỗi, đang bị giữ để sửa", "the record failed a rule and waits to be mended"),
    "waiting": Word("Hồ sơ chờ dữ liệu khác (lớp, năm học, định danh)", "the record waits for class, year or identity"),
    "held": Word("Hồ sơ bị giữ, chưa vào sổ", "the record is held and not in the register"),
    "not_told": Word("Đã bàn giao, hệ thống mới chưa báo cáo", "handed over, and the new system does not tell of it"),
    "retest_awaited": Word("Chưa có kết quả đánh giá lại sau hè", "the result after summer is not reported"),
    "outcome_unfit": Word("Kết quả báo cáo không phù hợp với khối lớp", "the reported outcome does not fit the grade"),
    "placement_unfit": Word("Lớp mới không nối tiếp khối cũ", "the placement does not follow the grade"),
    "nothing_reported": Word(
        "Chưa báo cáo kết quả và lớp mới", "neither an outcome nor a place in the new year is reported"
    ),
    "double_claim": Word("Hai đơn vị cùng nhận một học sinh", "two units claim one pupil"),
    "nobody_takes": Word("Đơn vị kết thúc, không đơn vị nào nhận", "the unit ends and no unit takes the person"),
    "witnesses_disagree": Word(
        "Kết quả báo cáo, quy chế và lớp mới không thống nhất",
        "reported outcome, regulation and shown place disagree",
    ),
    "against_rule": Word(
        "Trường báo cáo khác với kết quả tính theo quy chế",
        "reported otherwise than the regulation makes of the results",
    ),
    "class_unreadable": Word("Tên lớp không cho biết khối", "the class's name does not say its grade"),
    "class_collision": Word("Hai lớp trùng một tên mới", "two classes would get one name"),
    "class_missing": Word("Không có lớp mang tên đó trong năm học mới", "the school shows no class of that name"),
    "place_gone": Word("Không còn hồ sơ xếp lớp của năm học cũ", "the old year's place is no longer told"),
    "second_retention": Word("Ở lại lớp lần thứ hai", "retained in the same grade a second time"),
    "override": Word("Quyết định riêng cho học sinh", "decided by hand"),
    "post_without_contract": Word("Vị trí làm việc không có hợp đồng", "a post without contract"),
    "level_differs": Word("Mức đánh giá báo cáo khác với điểm", "the reported level is not that of the marks"),
    "rule_noted": Word("Cần xem lại khi áp dụng quy chế", "the regulation's reading is to be looked at"),
    "release_unproven": Word("Chuyển đi nhưng không có hồ sơ chuyển trường", "left, and no transfer is on record"),
    "in_transit": Word("Đã cho chuyển đi, chưa nơi nào tiếp nhận", "released and not accepted yet"),
    "acceptance_unproven": Word("Tiếp nhận nhưng không có hồ sơ chuyển trường", "taken in, no transfer is on record"),
    "claimed_elsewhere": Word("Đơn vị khác cũng báo cáo học sinh này", "another unit shows the pupil too"),
    "intake_unlisted": Word("Tuyển mới nhưng không có trong danh sách", "taken in, and not on the admission list"),
    "listed_not_shown": Word("Có trong danh sách, chưa được xếp lớp", "on the admission list, shown by no unit"),
    "no_homeroom_teacher": Word("Lớp chưa có giáo viên chủ nhiệm", "a class without homeroom teacher"),
    "undecided": Word("Chưa quyết định vì lý do khác", "not decided for another reason"),
}  # fmt: skip

# Listed, and no reason to look at a plan by itself.
NOTES = frozenset({"no_homeroom_teacher", "in_transit", "listed_not_shown"})

# What a source's row waits for.
WAITS = {
    "year": Word("năm học chưa mở", "its school year to open"),
    "parent": Word("lớp hoặc hồ sơ liên quan chưa có", "its class or person"),
    "identity": Word("chưa có định danh", "a root identity"),
    "hold": Word("đang bị giữ lại", "a hold's answer"),
}

# What came of a source's record, as its vendor is told.
STATUSES = ("accepted", "rejected", "waiting", "superseded")

# Why a head's word is not taken, and what to do.
UNHEARD = {
    "confirmation.record.nameless": Word("Bản ghi xác nhận không có mã: nhà cung cấp bổ sung",
                                         "the record has no id: the vendor adds it"),
    "confirmation.unit.other": Word("Xác nhận ghi mã đơn vị khác: nhà cung cấp chỉ trả bản ghi của đơn vị được hỏi",
                                    "it names another unit: the vendor answers with the unit that is asked for"),
    "confirmation.year.other": Word("Xác nhận ghi năm học khác: nhà cung cấp chỉ trả bản ghi của năm học được hỏi",
                                    "it names another school year: the vendor answers with the one that is asked for"),
    "confirmation.kind.unknown": Word("Không rõ xác nhận nội dung gì: dùng mã KH, DN hoặc HT",
                                      "what is confirmed is not known: a code of the contract is wanted"),
    "confirmation.appendix.out_of_range": Word("Dữ liệu đầu năm được xác nhận theo phụ lục 1, 2 hoặc 3",
                                               "the year's first data are confirmed by appendix: 1, 2 or 3"),
    "confirmation.hash.no_plan": Word("Mã băm không phải của phương án nào của đơn vị trong năm học đó: xem lại mã",
                                      "no plan of the unit and year has this hash: look at `rollover board`"),
    "confirmation.moment.unreadable": Word("Không đọc được thời điểm xác nhận: viết như 2024-09-12T08:00:00",
                                           "its moment cannot be read: write it as 2024-09-12T08:00:00"),
    "confirmation.moment.future": Word("Thời điểm xác nhận ở tương lai: kiểm tra đồng hồ của phần mềm",
                                       "its moment is to come: the vendor looks at the clock"),
    "confirmation.head.unknown": Word("Người xác nhận không phải thủ trưởng hoặc cấp phó của đơn vị theo sổ: cập nhật "
                                      "phân công, hoặc để thủ trưởng xác nhận",
                                      "who gave it is neither head nor deputy head of the unit by the register: mend "
                                      "the posts, or let the head confirm"),
}  # fmt: skip

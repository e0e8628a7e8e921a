"""Codes of a plan, in the words in which a school and a clerk read them.

decision, exception -> Word

What does not belong here: what makes a line an exception (rollover/exceptions.py).
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
    "retest_awaited": Word("Chưa có kết quả đánh giá lại sau hè", "the result after summer is not reported"),
    "outcome_unfit": Word("Kết quả báo cáo không phù hợp với khối lớp", "the reported outcome does not fit the grade"),
    "placement_unfit": Word("Lớp mới không nối tiếp khối cũ", "the placement does not follow the grade"),
    "nothing_reported": Word(
        "Chưa báo cáo kết quả và lớp mới", "neither an outcome nor a place in the new year is reported"
    ),
    "double_claim": Word("Hai đơn vị cùng nhận một học sinh", "two units claim one pupil"),
    "nobody_takes": Word("Đơn vị kết thúc, không đơn vị nào nhận", "the unit ends and no unit takes the person"),
    "undecided": Word("Chưa quyết định vì lý do khác", "not decided for another reason"),
}

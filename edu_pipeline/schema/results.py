"""Unit entities of what pupils achieve: results at a stage of the year, and marks by subject.

school systems -> result, subject_mark

What does not belong here: deciding an outcome (rollover). Both grading scales stand side by side: TT 22/2021 and
TT 27/2020 where they are in force, TT 58/2011 for the grades that still follow it (domain.md 2.6, 3.7 and 4.1).
"""

from typing import Any

from edu_pipeline.schema import codes
from edu_pipeline.schema.belongings import OF_STUDENT, STUDENT_ID
from edu_pipeline.schema.declare import PERSONAL, SENSITIVE, amount, coded, expected, flag, number, text
from edu_pipeline.schema.field import Entity
from edu_pipeline.schema.kinds import Carry, Due, Need, Scope
from edu_pipeline.schema.places import SCHOOL_YEAR, UNIT_ID
from edu_pipeline.schema.study import IN_UNIT, IN_YEAR

_TOLD: dict[str, Any] = {"carry": Carry.CLEAR, "sensitivity": PERSONAL}
_STAGE = coded("stage", "Giai đoạn", "Stage of the year.", codes.RESULT_STAGE, need=Need.KEY)

RESULT = Entity(
    "result",
    Scope.UNIT,
    "Kết quả học tập, rèn luyện",
    "A pupil's result at one stage of the year, as the school reports it.",
    "-",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        STUDENT_ID,
        _STAGE,
        expected(coded("outcome", "Kết quả", "The school's decision.", codes.OUTCOME, **_TOLD), Due.YEAR_END),
        expected(coded("academic_level", "Học tập", "Study level by TT 22.", codes.LEVEL, **_TOLD), Due.YEAR_END),
        expected(coded("conduct_level", "Rèn luyện", "Conduct level by TT 22.", codes.LEVEL, carry=Carry.CLEAR,
                       sensitivity=SENSITIVE), Due.YEAR_END),
        expected(number("absence_count", "Số buổi nghỉ", "Sessions absent in the year.", 0, 400, **_TOLD),
                 Due.YEAR_END),
        coded("academic_58", "Học lực", "Study level by TT 58.", codes.ACADEMIC_58, **_TOLD),
        coded("conduct_58", "Hạnh kiểm", "Conduct by TT 58.", codes.CONDUCT_58, carry=Carry.CLEAR,
              sensitivity=SENSITIVE),
        coded("year_level", "Xếp loại cuối năm", "Year level of primary school.", codes.YEAR_LEVEL_27, **_TOLD),
        amount("average_mark", "Điểm tổng kết", "Average of the year.", 0, 10, **_TOLD),
        coded("award", "Danh hiệu", "Honour of the year.", codes.AWARD, **_TOLD),
        flag("has_completed_programme", "Hoàn thành chương trình lớp học",
             "Completed the programme of the grade; another fact than being promoted.", **_TOLD),
        flag("has_completed_level", "Hoàn thành chương trình cấp học", "Completed the level.", **_TOLD),
        flag("has_retest", "Thi lại", "Takes a retest in summer.", **_TOLD),
        flag("has_summer_training", "Rèn luyện lại", "Trains conduct in summer.", **_TOLD),
        flag("is_graduation_eligible", "Đủ điều kiện xét tốt nghiệp", "May be considered for graduation.", **_TOLD),
        flag("has_graduated", "Tốt nghiệp", "Graduated.", **_TOLD),
        coded("graduation_kind", "Loại tốt nghiệp", "Grade of the graduation.", codes.GRADUATION_KIND, **_TOLD),
        text("comment", "Nhận xét", "What the teacher says of the year.", 1000, carry=Carry.CLEAR,
             sensitivity=SENSITIVE),
    ),
    key=("unit_id", "school_year", "student_id", "stage"),
    references=(IN_UNIT, IN_YEAR, OF_STUDENT),
    appendix=3,
)  # fmt: skip

SUBJECT_MARK = Entity(
    "subject_mark",
    Scope.UNIT,
    "Điểm, mức đạt từng môn",
    "A pupil's mark or level in a subject, competence or quality at one stage of the year.",
    "-",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        STUDENT_ID,
        _STAGE,
        coded("subject_code", "Môn học, năng lực, phẩm chất", "Subject, competence or quality.", codes.SUBJECT,
              need=Need.KEY),
        amount("mark", "Điểm", "Mark out of 10.", 0, 10, **_TOLD),
        coded("mark_level", "Mức đạt", "Level where there is no mark, or beside it.", codes.SUBJECT_LEVEL, **_TOLD),
        amount("retest_mark", "Điểm thi lại", "Mark of the retest in summer; it replaces the mark.", 0, 10, **_TOLD),
    ),
    key=("unit_id", "school_year", "student_id", "stage", "subject_code"),
    references=(IN_UNIT, IN_YEAR, OF_STUDENT),
    appendix=3,
)  # fmt: skip

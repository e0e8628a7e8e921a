"""Unit entities of staff: posts, subjects taught, rewards inside a unit's school year.

school systems -> staff_assignment, staff_subject, staff_award

What does not belong here: what a member of staff carries for life (persons.py, belongings.py).
Source: domain.md 2.5 and 3.5.
"""

from typing import Any

from edu_pipeline.schema import codes
from edu_pipeline.schema.belongings import OF_STAFF, ORDINAL, STAFF_ID
from edu_pipeline.schema.declare import PERSONAL, SENSITIVE, amount, coded, day, expected, flag, number, text
from edu_pipeline.schema.field import Entity, Field, Reference
from edu_pipeline.schema.kinds import Carry, Due, Kind, Need, Purpose, Scope
from edu_pipeline.schema.places import SCHOOL_YEAR, UNIT_ID
from edu_pipeline.schema.study import IN_UNIT, IN_YEAR

_WORK: dict[str, Any] = {"purpose": Purpose.EMPLOYMENT}
_PAY: dict[str, Any] = {"purpose": Purpose.EMPLOYMENT, "sensitivity": SENSITIVE}
_RATED: dict[str, Any] = {"purpose": Purpose.EMPLOYMENT, "sensitivity": PERSONAL, "carry": Carry.CLEAR}

STAFF_ASSIGNMENT = Entity(
    "staff_assignment",
    Scope.UNIT,
    "Phân công",
    "A post that a member of staff holds in a unit and school year.",
    "Ed-Fi StaffEducationOrganizationAssignmentAssociation",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        STAFF_ID,
        coded("role", "Vị trí việc làm", "Post.", codes.STAFF_ROLE, need=Need.KEY, **_WORK),
        Field("begin_date", Kind.DATE, "Ngày bắt đầu", "First day; the year's first day where the source gives none.",
              Need.KEY, carry=Carry.DERIVE, purpose=Purpose.EMPLOYMENT),
        Field("end_date", Kind.DATE, "Ngày kết thúc", "Last day, if it has ended.", carry=Carry.CLEAR,
              purpose=Purpose.EMPLOYMENT),
        coded("status", "Trạng thái làm việc", "Working, or how it ended.", codes.ASSIGNMENT_STATUS, need=Need.KEY,
              default="working", **_WORK),
        expected(coded("contract", "Hình thức hợp đồng", "Contract.", codes.CONTRACT, carry=Carry.RECONFIRM, **_WORK)),
        flag("is_primary", "Vị trí chính", "The person's main post.", need=Need.KEY, default=False, **_WORK),
        expected(coded("position", "Loại cán bộ, chức vụ", "Position in the sector's list.", codes.STAFF_POSITION,
                       **_WORK)),
        expected(coded("staff_group", "Nhóm cán bộ", "Managers, teachers or employees.", codes.STAFF_GROUP, **_WORK)),
        coded("detailed_status", "Trạng thái chi tiết", "Status in the sector's own list.", codes.STAFF_STATUS,
              carry=Carry.DERIVE, **_WORK),
        day("status_date", "Ngày trạng thái", "Day since which the status holds.", carry=Carry.DERIVE, **_WORK),
        text("end_reason", "Lý do thôi việc", "Why the post ended.", carry=Carry.CLEAR, **_PAY),
        number("share_pct", "Tỷ lệ vị trí (%)", "Share of a full post in percent.", 1, 100, carry=Carry.RECONFIRM,
               **_WORK),
        amount("weekly_period_count", "Số tiết dạy/tuần", "Periods taught a week.", 0, 60, carry=Carry.RECONFIRM,
               **_WORK),
        text("concurrent_duty", "Kiêm nhiệm", "Duty held beside the post.", carry=Carry.RECONFIRM, **_WORK),
        coded("salary_grade", "Ngạch/hạng", "Salary grade.", codes.SALARY_GRADE, **_PAY),
        number("salary_step", "Bậc lương", "Step within the grade.", 1, 16, **_PAY),
        amount("salary_coefficient", "Hệ số lương", "Coefficient.", 0, 20, **_PAY),
        amount("leadership_allowance", "Phụ cấp lãnh đạo", "Allowance coefficient.", 0, 5, carry=Carry.RECONFIRM,
               **_PAY),
        expected(coded("standard_rating", "Chuẩn nghề nghiệp", "Rating by the professional standard.",
                       codes.STANDARD_RATING, **_RATED), Due.YEAR_END),
        expected(coded("official_rating", "Đánh giá viên chức", "Yearly rating of the official.",
                       codes.OFFICIAL_RATING, **_RATED), Due.YEAR_END),
        flag("is_excellent_teacher", "Giáo viên giỏi", "Recognised as an excellent teacher.", **_RATED),
        flag("has_regular_training", "Bồi dưỡng thường xuyên", "Finished the year's regular training.", **_RATED),
    ),
    key=("unit_id", "school_year", "staff_id", "role", "begin_date"),
    references=(
        IN_UNIT,
        IN_YEAR,
        OF_STAFF,
        Reference("school_class", (), key="class_key", fills=("unit_id", "school_year"), required=False),
    ),
    appendix=2,
)  # fmt: skip

STAFF_SUBJECT = Entity(
    "staff_subject",
    Scope.UNIT,
    "Môn dạy của giáo viên",
    "A subject that a teacher may teach in a unit and school year.",
    "-",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        STAFF_ID,
        coded("subject_code", "Môn dạy", "Subject.", codes.SUBJECT, need=Need.KEY, **_WORK),
        flag("is_main", "Môn chính", "The subject of the post, not one taught beside it.", need=Need.KEY, default=True,
             **_WORK),
    ),
    key=("unit_id", "school_year", "staff_id", "subject_code"),
    references=(IN_UNIT, IN_YEAR, OF_STAFF),
    appendix=2,
)  # fmt: skip

STAFF_AWARD = Entity(
    "staff_award",
    Scope.UNIT,
    "Khen thưởng, kỷ luật nhân sự",
    "A reward or a disciplinary measure of a member of staff in a school year.",
    "-",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        STAFF_ID,
        ORDINAL,
        coded("award_kind", "Loại", "Reward or discipline.", codes.AWARD_KIND, need=Need.KEY, sensitivity=SENSITIVE,
              **_WORK),
        text("content", "Nội dung", "What for.", 500, carry=Carry.CLEAR, **_PAY),
        day("decided_date", "Ngày quyết định", "Day of the decision.", carry=Carry.CLEAR, **_WORK),
        text("decision_number", "Số quyết định", "Number of the decision.", 50, carry=Carry.CLEAR, **_WORK),
    ),
    key=("unit_id", "school_year", "staff_id", "ordinal"),
    references=(IN_UNIT, IN_YEAR, OF_STAFF),
    appendix=2,
)  # fmt: skip

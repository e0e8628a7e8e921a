"""Unit entities of pupils: what happens to classes and children inside a unit's school year.

school systems -> school_class, class_subject, enrollment, student_year, student_award

What does not belong here: what a person carries for life (persons.py, belongings.py), posts (work.py), results
(results.py), rolled-over rows (rollover).
Source: domain.md 2.3, 2.4 and 3.4.
"""

from typing import Any

from edu_pipeline.schema import codes
from edu_pipeline.schema.belongings import OF_STUDENT, ORDINAL, STUDENT_ID
from edu_pipeline.schema.declare import PERSONAL, SENSITIVE, amount, coded, day, expected, flag, number, text
from edu_pipeline.schema.field import Entity, Field, Reference
from edu_pipeline.schema.kinds import Carry, Kind, Need, Purpose, Scope
from edu_pipeline.schema.persons import root_id
from edu_pipeline.schema.places import SCHOOL_YEAR, UNIT_ID

IN_UNIT = Reference("unit", ("unit_id",))
IN_YEAR = Reference("school_year", ("school_year",))

_CLASS_CODE = text("class_code", "Mã lớp", "Class code, unique in unit and year.", 50, need=Need.KEY,
                   carry=Carry.DERIVE, standard="OneRoster class.classCode")  # fmt: skip
_GRADE = Field("grade_level", Kind.INTEGER, "Khối lớp", "Grade 1-12, preschool age groups 13-18.", Need.KEY,
               codes=codes.GRADE_LEVEL, carry=Carry.DERIVE, standard="OneRoster grades")  # fmt: skip

SCHOOL_CLASS = Entity(
    "school_class",
    Scope.UNIT,
    "Lớp học",
    "A homeroom class of one unit and school year.",
    "OneRoster class (homeroom)",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        _CLASS_CODE,
        text("name", "Tên lớp", "Shown name.", 100, need=Need.KEY, carry=Carry.DERIVE,
             standard="OneRoster class.title"),
        _GRADE,
        expected(root_id("homeroom_staff_id", "Giáo viên chủ nhiệm", "Homeroom teacher.", need=Need.OPTIONAL,
                         carry=Carry.DERIVE)),
        text("campus_code", "Điểm trường", "Campus where it is taught.", 50),
        coded("first_language", "Ngoại ngữ 1", "First foreign language.", codes.LANGUAGE),
        coded("second_language", "Ngoại ngữ 2", "Second foreign language.", codes.LANGUAGE),
        number("weekly_session_count", "Số buổi học/tuần", "Sessions a week.", 1, 14, carry=Carry.RECONFIRM),
        coded("shift", "Buổi học", "Time of day.", codes.SHIFT, carry=Carry.RECONFIRM),
        coded("stream", "Phân ban", "Stream of upper secondary.", codes.STREAM),
        coded("specialisation", "Hệ chuyên", "What a specialised class is specialised in.", codes.SPECIALISATION),
        coded("class_type", "Kiểu lớp", "Type of class in continuing education.", codes.CLASS_TYPE),
        coded("study_mode", "Hình thức học tập", "Mode of study in continuing education.", codes.STUDY_MODE),
        text("combined_class_code", "Ghép vào lớp", "Class that it is taught together with.", 50, carry=Carry.CLEAR),
        flag("is_combined", "Lớp ghép", "Taught together with another grade.", carry=Carry.RECONFIRM),
        flag("has_two_sessions", "Học 2 buổi/ngày", "Two sessions a day.", carry=Carry.RECONFIRM),
        flag("has_boarding", "Bán trú", "Pupils stay over noon.", carry=Carry.RECONFIRM),
        flag("has_vocational", "Học nghề", "Vocational training is taught."),
        flag("has_disabled_pupils", "Có học sinh khuyết tật", "Has disabled pupils.", carry=Carry.RECONFIRM),
    ),
    key=("unit_id", "school_year", "class_code"),
    references=(IN_UNIT, IN_YEAR, Reference("staff", ("homeroom_staff_id",), key="homeroom_key", required=False)),
    appendix=1,
)  # fmt: skip

# The class that a row names, which also says the unit and year of a row whose system tells them on the class alone.
IN_CLASS = Reference(
    "school_class", ("unit_id", "school_year", "class_code"), "class_key", ("unit_id", "school_year", "class_code")
)

CLASS_SUBJECT = Entity(
    "class_subject",
    Scope.UNIT,
    "Phân công môn học",
    "A subject taught in a class in a term, and by whom.",
    "OneRoster class (scheduled)",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        _CLASS_CODE,
        coded("subject_code", "Môn học", "Subject.", codes.SUBJECT, need=Need.KEY, carry=Carry.KEEP,
              standard="OneRoster course.subjectCodes"),
        number("term_number", "Học kỳ", "Term, 1 or 2.", 1, 2, need=Need.KEY),
        expected(root_id("staff_id", "Giáo viên bộ môn", "Teacher of the subject.", need=Need.OPTIONAL)),
        amount("weekly_period_count", "Số tiết/tuần", "Periods a week.", 0, 40, carry=Carry.RECONFIRM),
    ),
    key=("unit_id", "school_year", "class_code", "subject_code", "term_number"),
    references=(IN_UNIT, IN_YEAR, IN_CLASS, Reference("staff", ("staff_id",), key="staff_key", required=False)),
    appendix=1,
)  # fmt: skip

_MOVE: dict[str, Any] = {"carry": Carry.CLEAR, "sensitivity": PERSONAL}

ENROLLMENT = Entity(
    "enrollment",
    Scope.UNIT,
    "Xếp lớp",
    "A dated episode of a pupil in a class of a unit and school year.",
    "OneRoster enrollment, Ed-Fi StudentSchoolAssociation",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        STUDENT_ID,
        Field("begin_date", Kind.DATE, "Ngày vào", "First day; the year's first day where the source gives none.",
              Need.KEY, carry=Carry.DERIVE, standard="OneRoster enrollment.beginDate"),
        Field("end_date", Kind.DATE, "Ngày ra", "Last day, if the episode has ended.", carry=Carry.CLEAR,
              standard="OneRoster enrollment.endDate"),
        _CLASS_CODE,
        _GRADE,
        coded("kind", "Hình thức", "Primary or secondary episode.", codes.ENROLLMENT_KIND, need=Need.KEY,
              default="primary", standard="OneRoster enrollment.primary"),
        coded("status", "Trạng thái", "Attending, or how it ended.", codes.ENROLLMENT_STATUS, need=Need.KEY,
              default="active", carry=Carry.DERIVE),
        flag("is_begin_derived", "Ngày vào suy ra", "True where the source gave no first day.", need=Need.KEY,
             default=False, carry=Carry.DERIVE),
        expected(coded("entry_kind", "Loại nhập học", "How the pupil came into the year.", codes.ENTRY_KIND,
                       carry=Carry.DERIVE, standard="Ed-Fi EntryType")),
        coded("detailed_status", "Trạng thái chi tiết", "Status in the sector's own list.", codes.STUDENT_STATUS,
              carry=Carry.DERIVE),
        coded("withdrawal_reason", "Lý do thôi học", "Why the pupil left.", codes.WITHDRAWAL_REASON,
              sensitivity=SENSITIVE, carry=Carry.CLEAR, standard="Ed-Fi ExitWithdrawType"),
        text("from_unit_name", "Trường chuyển đến từ", "School that the pupil came from.", **_MOVE),
        text("to_unit_name", "Trường chuyển đi", "School that the pupil went to.", **_MOVE),
        coded("from_province_code", "Tỉnh chuyển đến từ", "Province that the pupil left.", codes.PROVINCE, **_MOVE),
        coded("to_province_code", "Tỉnh chuyển đi", "Province that the pupil went to.", codes.PROVINCE, **_MOVE),
    ),
    key=("unit_id", "school_year", "student_id", "begin_date"),
    references=(
        IN_UNIT,
        IN_YEAR,
        Reference("school_class", IN_CLASS.fields, "class_key", (*IN_CLASS.fills, "grade_level")),
        OF_STUDENT,
    ),
    appendix=3,
)  # fmt: skip

_SUPPORT: dict[str, Any] = {"purpose": Purpose.SUPPORT, "sensitivity": SENSITIVE, "carry": Carry.RECONFIRM}
_HEALTH: dict[str, Any] = {"purpose": Purpose.HEALTH, "sensitivity": SENSITIVE, "carry": Carry.CLEAR}
_YEARLY: dict[str, Any] = {"sensitivity": PERSONAL, "carry": Carry.RECONFIRM}

STUDENT_YEAR = Entity(
    "student_year",
    Scope.UNIT,
    "Hồ sơ năm học của học sinh",
    "What holds for a pupil in one school year: policy, support, boarding, health.",
    "-",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        STUDENT_ID,
        expected(coded("poverty", "Hộ nghèo", "Poverty status of the household.", codes.POVERTY, **_SUPPORT)),
        coded("policy_group", "Diện chính sách", "Policy group.", codes.POLICY_GROUP, **_SUPPORT),
        coded("disability", "Loại khuyết tật", "Kind of disability.", codes.DISABILITY, **_SUPPORT),
        coded("region", "Khu vực", "Priority region of residence.", codes.REGION, **_SUPPORT),
        coded("fee_relief", "Miễn giảm học phí", "Relief from fees.", codes.FEE_RELIEF, **_SUPPORT),
        flag("is_in_difficult_area", "Vùng khó khăn", "Lives in a difficult area.", **_SUPPORT),
        flag("has_study_support", "Hỗ trợ chi phí học tập", "Gets support for study costs.", **_SUPPORT),
        flag("has_lunch_support", "Hỗ trợ ăn trưa", "Gets support for lunch.", **_SUPPORT),
        flag("has_cash_support", "Được cấp tiền", "Gets money.", **_SUPPORT),
        flag("has_rice_support", "Được cấp gạo", "Gets rice.", **_SUPPORT),
        flag("has_housing_support", "Hỗ trợ nhà ở", "Gets support for housing.", **_SUPPORT),
        expected(coded("boarding", "Bán trú, nội trú", "Boarding.", codes.BOARDING, **_YEARLY)),
        flag("has_two_sessions", "Học 2 buổi/ngày", "Two sessions a day.", **_YEARLY),
        flag("is_swimmer", "Biết bơi", "Can swim.", sensitivity=PERSONAL),
        flag("is_pioneer", "Đội viên", "Member of the Pioneers.", sensitivity=SENSITIVE, purpose=Purpose.AFFILIATION),
        flag("is_union_member", "Đoàn viên", "Member of the Youth Union.", sensitivity=SENSITIVE,
             purpose=Purpose.AFFILIATION),
        flag("has_minority_language", "Học tiếng dân tộc", "Learns a minority language.", **_YEARLY),
        flag("has_ministry_programme", "Học chương trình của Bộ", "Follows the Ministry's programme.", **_YEARLY),
        flag("was_retained", "Lưu ban năm trước", "Repeats the grade of last year.", sensitivity=PERSONAL,
             carry=Carry.DERIVE),
        amount("height_cm", "Chiều cao (cm)", "Height in centimetres.", 30, 230, **_HEALTH),
        amount("weight_kg", "Cân nặng (kg)", "Weight in kilograms.", 2, 200, **_HEALTH),
        text("eyesight", "Thị lực", "Eyesight as examined.", 50, **_HEALTH),
        text("spine", "Cột sống", "Spine as examined.", 50, **_HEALTH),
    ),
    key=("unit_id", "school_year", "student_id"),
    references=(IN_UNIT, IN_YEAR, OF_STUDENT),
    appendix=3,
)  # fmt: skip

STUDENT_AWARD = Entity(
    "student_award",
    Scope.UNIT,
    "Khen thưởng, kỷ luật học sinh",
    "A reward or a disciplinary measure of a pupil in a school year.",
    "-",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        STUDENT_ID,
        ORDINAL,
        coded("award_kind", "Loại", "Reward or discipline.", codes.AWARD_KIND, need=Need.KEY, sensitivity=SENSITIVE),
        text("content", "Nội dung", "What for.", 500, sensitivity=SENSITIVE, carry=Carry.CLEAR),
        coded("subject_code", "Môn", "Subject, if for one.", codes.SUBJECT, sensitivity=PERSONAL, carry=Carry.CLEAR),
        day("decided_date", "Ngày quyết định", "Day of the decision.", carry=Carry.CLEAR),
        text("decision_number", "Số quyết định", "Number of the decision.", 50, carry=Carry.CLEAR),
    ),
    key=("unit_id", "school_year", "student_id", "ordinal"),
    references=(IN_UNIT, IN_YEAR, OF_STUDENT),
    appendix=3,
)  # fmt: skip

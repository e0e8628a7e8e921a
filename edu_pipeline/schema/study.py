"""Unit entities: what happens inside a unit's school year.

school systems -> school_class, staff_assignment, enrollment, result

What does not belong here: what a person carries for life (persons.py), and rolled-over rows (rollover).
Source: domain.md 2.3, 2.5, 2.6 and 3.4.
"""

from edu_pipeline.schema import codes
from edu_pipeline.schema.field import Carry, Entity, Field, Kind, Need, Reference, Scope, Sensitivity
from edu_pipeline.schema.persons import ROOT_ID
from edu_pipeline.schema.places import SCHOOL_YEAR, UNIT_ID

_IN_UNIT = Reference("unit", ("unit_id",))
_IN_YEAR = Reference("school_year", ("school_year",))

_STUDENT_ID = Field("student_id", Kind.TEXT, "Mã định danh học sinh", "The pupil.", Need.KEY, pattern=ROOT_ID,
                    sensitivity=Sensitivity.PERSONAL, standard="OneRoster enrollment.user")  # fmt: skip
_STAFF_ID = Field("staff_id", Kind.TEXT, "Mã định danh nhân sự", "The member of staff.", Need.KEY, pattern=ROOT_ID,
                  sensitivity=Sensitivity.PERSONAL)  # fmt: skip
_CLASS_CODE = Field("class_code", Kind.TEXT, "Mã lớp", "Class code, unique in unit and year.", Need.KEY, max_length=50,
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
        Field("name", Kind.TEXT, "Tên lớp", "Shown name.", Need.KEY, max_length=100, carry=Carry.DERIVE,
              standard="OneRoster class.title"),
        _GRADE,
        Field("homeroom_staff_id", Kind.TEXT, "Giáo viên chủ nhiệm", "Homeroom teacher.", Need.EXPECTED,
              pattern=ROOT_ID, carry=Carry.RECONFIRM, sensitivity=Sensitivity.PERSONAL),
    ),
    key=("unit_id", "school_year", "class_code"),
    references=(_IN_UNIT, _IN_YEAR, Reference("staff", ("homeroom_staff_id",), key="homeroom_key", required=False)),
)  # fmt: skip

_IN_CLASS = Reference(
    "school_class", ("unit_id", "school_year", "class_code"), key="class_key", fills=("unit_id", "school_year")
)

STAFF_ASSIGNMENT = Entity(
    "staff_assignment",
    Scope.UNIT,
    "Phân công",
    "A post that a member of staff holds in a unit and school year.",
    "Ed-Fi StaffEducationOrganizationAssignmentAssociation",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        _STAFF_ID,
        Field("role", Kind.TEXT, "Vị trí việc làm", "Post.", Need.KEY, codes=codes.STAFF_ROLE),
        Field("begin_date", Kind.DATE, "Ngày bắt đầu", "First day; the year's first day where the source gives none.",
              Need.KEY, carry=Carry.DERIVE),
        Field("end_date", Kind.DATE, "Ngày kết thúc", "Last day, if it has ended.", carry=Carry.CLEAR),
        Field("status", Kind.TEXT, "Trạng thái làm việc", "Working, or how it ended.", Need.KEY,
              codes=codes.ASSIGNMENT_STATUS, default="working"),
        Field("contract", Kind.TEXT, "Hình thức hợp đồng", "Contract.", Need.EXPECTED, codes=codes.CONTRACT,
              carry=Carry.RECONFIRM),
        Field("is_primary", Kind.BOOLEAN, "Vị trí chính", "The person's main post.", Need.KEY, default=False),
    ),
    key=("unit_id", "school_year", "staff_id", "role", "begin_date"),
    references=(
        _IN_UNIT,
        _IN_YEAR,
        Reference("staff", ("staff_id",), key="staff_key"),
        Reference("school_class", (), key="class_key", fills=("unit_id", "school_year"), required=False),
    ),
)  # fmt: skip

ENROLLMENT = Entity(
    "enrollment",
    Scope.UNIT,
    "Xếp lớp",
    "A dated episode of a pupil in a class of a unit and school year.",
    "OneRoster enrollment, Ed-Fi StudentSchoolAssociation",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        _STUDENT_ID,
        Field("begin_date", Kind.DATE, "Ngày vào", "First day; the year's first day where the source gives none.",
              Need.KEY, carry=Carry.DERIVE, standard="OneRoster enrollment.beginDate"),
        Field("end_date", Kind.DATE, "Ngày ra", "Last day, if the episode has ended.", carry=Carry.CLEAR,
              standard="OneRoster enrollment.endDate"),
        _CLASS_CODE,
        _GRADE,
        Field("kind", Kind.TEXT, "Hình thức", "Primary or secondary episode.", Need.KEY, codes=codes.ENROLLMENT_KIND,
              default="primary", standard="OneRoster enrollment.primary"),
        Field("status", Kind.TEXT, "Trạng thái", "Attending, or how it ended.", Need.KEY, codes=codes.ENROLLMENT_STATUS,
              default="active", carry=Carry.DERIVE),
        Field("is_begin_derived", Kind.BOOLEAN, "Ngày vào suy ra", "True where the source gave no first day.", Need.KEY,
              default=False, carry=Carry.DERIVE),
    ),
    key=("unit_id", "school_year", "student_id", "begin_date"),
    references=(
        _IN_UNIT,
        _IN_YEAR,
        Reference("school_class", _IN_CLASS.fields, "class_key", ("unit_id", "school_year", "class_code",
                                                                  "grade_level")),
        Reference("student", ("student_id",), key="student_key"),
    ),
)  # fmt: skip

RESULT = Entity(
    "result",
    Scope.UNIT,
    "Kết quả học tập, rèn luyện",
    "A pupil's result at one stage of the year, as the school reports it.",
    "-",
    (
        UNIT_ID,
        SCHOOL_YEAR,
        _STUDENT_ID,
        Field("stage", Kind.TEXT, "Giai đoạn", "Year end or after summer.", Need.KEY, codes=codes.RESULT_STAGE),
        Field("outcome", Kind.TEXT, "Kết quả", "The school's decision.", Need.KEY, codes=codes.OUTCOME,
              carry=Carry.CLEAR, sensitivity=Sensitivity.PERSONAL),
        Field("academic_level", Kind.TEXT, "Học tập", "Study level.", Need.EXPECTED, codes=codes.LEVEL,
              carry=Carry.CLEAR, sensitivity=Sensitivity.PERSONAL),
        Field("conduct_level", Kind.TEXT, "Rèn luyện", "Conduct level.", Need.EXPECTED, codes=codes.LEVEL,
              carry=Carry.CLEAR, sensitivity=Sensitivity.SENSITIVE),
        Field("absence_count", Kind.INTEGER, "Số buổi nghỉ", "Sessions absent in the year.", Need.EXPECTED,
              minimum=0, maximum=400, carry=Carry.CLEAR, sensitivity=Sensitivity.PERSONAL),
    ),
    key=("unit_id", "school_year", "student_id", "stage"),
    references=(_IN_UNIT, _IN_YEAR, Reference("student", ("student_id",), key="student_key")),
)  # fmt: skip

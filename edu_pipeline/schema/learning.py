"""Unit entities of a learning-management system: accounts, courses, and who is in which.

LMS -> account, course, course_enrollment

What does not belong here: people. An LMS never writes one (docs/decisions.md): `person_id` is its word for somebody,
and whether the register agrees is asked each time (contracts/account.py).
Source: OneRoster 1.2 (user, class, enrollment); the letter of September 2024 names the systems.
"""

from typing import Any

from edu_pipeline.schema import codes
from edu_pipeline.schema.declare import PERSONAL, coded, day, shaped, text
from edu_pipeline.schema.field import Entity, Reference
from edu_pipeline.schema.kinds import Need, Purpose, Scope
from edu_pipeline.schema.persons import ROOT_ID
from edu_pipeline.schema.places import UNIT_ID

_STUDY: dict[str, Any] = {"purpose": Purpose.STUDY}
_OF_UNIT = Reference("unit", ("unit_id",))

ACCOUNT_CODE = text("account_code", "Mã tài khoản", "The LMS's own id of the account.", 100, need=Need.KEY, **_STUDY)
COURSE_CODE = text("course_code", "Mã khóa học", "The LMS's own id of the course.", 100, need=Need.KEY, **_STUDY)
CLASS = text("class_code", "Mã lớp", "The school's class that the LMS names there.", 50, **_STUDY)

# A month: whether an account is used is asked, not when a child sat down to learn; and a day would change every night.
_LAST_ACCESS = shaped("last_access_month", "Tháng truy cập gần nhất", "Month of the last access, YYYY-MM.",
                      "[0-9]{4}-(0[1-9]|1[0-2])", **_STUDY)  # fmt: skip

ACCOUNT = Entity(
    "account",
    Scope.UNIT,
    "Tài khoản học trực tuyến",
    "An account of a unit's learning-management system.",
    "OneRoster user",
    (
        UNIT_ID,
        ACCOUNT_CODE,
        shaped("person_id", "Mã định danh của chủ tài khoản", "Root id that the LMS has of its person.", ROOT_ID,
               sensitivity=PERSONAL, purpose=Purpose.IDENTITY, standard="OneRoster user.userMasterIdentifier"),
        text("full_name", "Họ và tên", "Name as the LMS shows it.", 200, sensitivity=PERSONAL,
             purpose=Purpose.IDENTITY),
        coded("status", "Trạng thái", "Active, or how it ended; empty where the LMS does not tell.",
              codes.ACCOUNT_STATUS, **_STUDY),
        CLASS,
        _LAST_ACCESS,
    ),
    key=("unit_id", "account_code"),
    references=(_OF_UNIT,),
)  # fmt: skip

COURSE = Entity(
    "course",
    Scope.UNIT,
    "Khóa học",
    "A course of a unit's learning-management system.",
    "OneRoster class",
    (
        UNIT_ID,
        COURSE_CODE,
        text("title", "Tên khóa học", "Title.", 300, **_STUDY),
        text("term_name", "Đợt học", "Term as the LMS calls it.", **_STUDY),
        day("begin_date", "Ngày bắt đầu", "First day.", **_STUDY),
        day("end_date", "Ngày kết thúc", "Last day.", **_STUDY),
    ),
    key=("unit_id", "course_code"),
    references=(_OF_UNIT,),
)  # fmt: skip

COURSE_ENROLLMENT = Entity(
    "course_enrollment",
    Scope.UNIT,
    "Ghi danh khóa học",
    "An account's part in a course.",
    "OneRoster enrollment",
    (
        UNIT_ID,
        COURSE_CODE,
        ACCOUNT_CODE,
        coded("role", "Vai trò", "Part in the course.", codes.COURSE_ROLE, need=Need.KEY, **_STUDY),
        text("section_code", "Mã nhóm", "Section of the course; - where there is none.", 100, need=Need.KEY,
             default="-", **_STUDY),
        coded("status", "Trạng thái", "Active, or how it ended.", codes.ACCOUNT_STATUS, need=Need.KEY,
              default="active", **_STUDY),
        CLASS,
        _LAST_ACCESS,
    ),
    key=("unit_id", "course_code", "account_code", "role", "section_code"),
    references=(
        _OF_UNIT,
        Reference("account", ("unit_id", "account_code"), key="account_key", fills=("unit_id", "account_code")),
        Reference("course", ("unit_id", "course_code"), key="course_key", fills=("unit_id", "course_code")),
    ),
)  # fmt: skip

LEARNING = (ACCOUNT, COURSE, COURSE_ENROLLMENT)

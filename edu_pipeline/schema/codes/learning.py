"""Codes of learning-management systems.

OneRoster 1.2, Moodle, Canvas -> CodeSet values

What does not belong here: the words of one product (sources/systems/*.yaml translate them).
"""

from edu_pipeline.schema.declare import closed

ACCOUNT_STATUS = closed(
    "account_status",
    "Trạng thái tài khoản",
    "OneRoster 1.2 user.enabledUser, Canvas enrollment_state",
    (
        ("active", "Active", "Đang hoạt động"),
        ("suspended", "Suspended", "Tạm khóa"),
        ("ended", "Ended", "Đã kết thúc"),
    ),
)

COURSE_ROLE = closed(
    "course_role",
    "Vai trò trong khóa học",
    "OneRoster 1.2 enrollment.role, Moodle role archetypes, Canvas enrollment type",
    (
        ("student", "Student", "Người học"),
        ("teacher", "Teacher", "Giáo viên"),
        ("observer", "Observer (parent, guest)", "Người theo dõi (phụ huynh, khách)"),
        ("other", "Other", "Khác"),
    ),
)

"""Closed code sets of units: kind, level, ownership, region, what happens to a unit, and the systems it runs.

domain.md 2.2, 3.1 -> CodeSet values

What does not belong here: places and types of school, which the law changes (law.py).
"""

from edu_pipeline.schema.declare import closed

UNIT_KIND = closed(
    "unit_kind",
    "Loại đơn vị",
    "the letter of September 2024, addressees; domain.md 3.1",
    (
        ("preschool", "Preschool", "Trường mầm non"),
        ("primary", "Primary school", "Trường tiểu học"),
        ("lower_secondary", "Lower secondary school", "Trường trung học cơ sở"),
        ("upper_secondary", "Upper secondary school", "Trường trung học phổ thông"),
        ("multi_level", "Multi-level school", "Trường phổ thông nhiều cấp học"),
        ("continuing_education", "Continuing education centre", "Trung tâm giáo dục thường xuyên"),
        ("foreign_invested", "Foreign-invested school", "Trường có vốn đầu tư nước ngoài"),
        ("office", "Education office", "Phòng, Sở giáo dục và đào tạo"),
    ),
)

EDUCATION_LEVEL = closed(
    "education_level",
    "Nhóm cấp học",
    "domain.md 2.2 and 3.1 (01-05 of the national dictionary)",
    (
        ("preschool", "Preschool", "Mầm non"),
        ("primary", "Primary", "Tiểu học"),
        ("lower_secondary", "Lower secondary", "Trung học cơ sở"),
        ("upper_secondary", "Upper secondary", "Trung học phổ thông"),
        ("continuing", "Continuing education", "Giáo dục thường xuyên"),
    ),
)

OWNERSHIP = closed(
    "ownership",
    "Loại hình",
    "Education Law 2019 art. 47(1); domain.md 2.2",
    (
        ("public", "Public", "Công lập"),
        ("people_founded", "People-founded", "Dân lập"),
        ("private", "Private", "Tư thục"),
    ),
)

REGION = closed(
    "region",
    "Khu vực",
    "domain.md 2.2",
    (
        ("0", "Unknown", "Chưa xác định"),
        ("1", "Region 1", "Khu vực 1"),
        ("2", "Region 2", "Khu vực 2"),
        ("3", "Region 2, rural", "Khu vực 2 nông thôn"),
        ("4", "Region 3", "Khu vực 3"),
    ),
)

UNIT_EVENT = closed(
    "unit_event",
    "Biến động đơn vị",
    "design section 3",
    (
        ("opened", "Opened", "Thành lập"),
        ("merged", "Merged into another unit", "Sáp nhập"),
        ("split", "Split", "Chia, tách"),
        ("closed", "Closed", "Giải thể"),
        ("recoded", "New code", "Đổi mã"),
        ("relevelled", "Other levels taught", "Thay đổi cấp học"),
        ("new_parent", "New managing unit", "Thay đổi đơn vị quản lý"),
        ("new_head", "New head", "Thay đổi người đứng đầu"),
    ),
)

SYSTEM_PURPOSE = closed(
    "system_purpose",
    "Mục đích hệ thống",
    "the letter of September 2024, section 1; the list is ours",
    (
        ("school_management", "School management", "Quản trị trường học"),
        ("learning_management", "Online learning management", "Quản trị học tập trực tuyến"),
        ("admissions", "Admissions", "Tuyển sinh"),
        ("exams", "Exams and question banks", "Thi, ngân hàng câu hỏi"),
        ("finance", "Fees and finance", "Thu phí, tài chính"),
        ("library", "Library", "Thư viện"),
        ("staff_management", "Staff management", "Quản lý nhân sự"),
        ("e_office", "E-office", "Văn phòng điện tử"),
        ("communication", "Contact with parents", "Liên lạc với cha mẹ học sinh"),
        ("other", "Other", "Khác"),
    ),
)

SYSTEM_STAGE = closed(
    "system_stage",
    "Tiến độ kết nối",
    "the letter of September 2024, section 1 (results and progress); domain.md section 6 (steps of a connection)",
    (
        ("planned", "Planned", "Đang lập kế hoạch"),
        ("applied", "Connection applied for", "Đã đăng ký kết nối"),
        ("checked", "Security checked", "Đã kiểm tra an toàn thông tin"),
        ("trial", "Connected on trial", "Kết nối thử nghiệm"),
        ("live", "Connected", "Đã kết nối chính thức"),
        ("retired", "No longer used", "Đã ngừng sử dụng"),
    ),
)

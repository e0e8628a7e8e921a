"""Closed code sets of staff: group, role, status, contract, qualification, ratings, skills.

domain.md 2.5, 3.5 -> CodeSet values

What does not belong here: positions and salary grades, which the law changes (law.py).
"""

from edu_pipeline.schema.declare import closed

STAFF_GROUP = closed(
    "staff_group",
    "Nhóm cán bộ",
    "domain.md 3.5",
    (
        ("manager", "Manager", "Cán bộ quản lý"),
        ("teacher", "Teacher", "Giáo viên"),
        ("employee", "Employee", "Nhân viên"),
    ),
)

STAFF_ROLE = closed(
    "staff_role",
    "Vị trí việc làm",
    "domain.md 3.5",
    (
        ("head", "Head of unit", "Hiệu trưởng, thủ trưởng"),
        ("deputy_head", "Deputy head", "Phó hiệu trưởng, phó thủ trưởng"),
        ("teacher", "Teacher", "Giáo viên"),
        ("employee", "Employee", "Nhân viên"),
    ),
)

STAFF_STATUS = closed(
    "staff_status",
    "Trạng thái cán bộ",
    "domain.md 3.5 (1-8 of the provincial product)",
    (
        ("working", "Working", "Đang làm việc"),
        ("transferred_in", "Transferred in", "Chuyển đến"),
        ("transferred_out", "Transferred out", "Chuyển đi"),
        ("reassigned", "Reassigned", "Đã điều động"),
        ("awaiting_retirement", "Awaiting retirement", "Chờ nghỉ hưu"),
        ("retired", "Retired", "Đã nghỉ hưu"),
        ("seconded", "Seconded", "Đã biệt phái"),
        ("resigned", "Left the service", "Thôi việc"),
    ),
)

ASSIGNMENT_STATUS = closed(
    "assignment_status",
    "Trạng thái làm việc",
    "domain.md 3.5",
    (
        ("working", "Working", "Đang làm việc"),
        ("transferred_out", "Transferred out", "Chuyển đi"),
        ("retired", "Retired", "Đã nghỉ hưu"),
        ("ended", "Ended", "Thôi việc"),
    ),
)

CONTRACT = closed(
    "contract",
    "Hình thức hợp đồng",
    "domain.md 3.5",
    (
        ("labor", "Labor contract", "Hợp đồng lao động"),
        ("official_indefinite", "Public employee, indefinite term", "Viên chức không xác định thời hạn"),
        ("official_definite", "Public employee, definite term", "Viên chức xác định thời hạn"),
        ("decree_68", "Contract under decree 68", "Hợp đồng theo NĐ 68"),
        ("over_one_year", "Contract of more than a year", "Hợp đồng trên 1 năm"),
        ("under_one_year", "Contract of less than a year", "Hợp đồng dưới 1 năm"),
        ("visiting", "Visiting lecturer", "Thỉnh giảng"),
        ("task", "Contract per task", "Thuê khoán"),
    ),
)

QUALIFICATION = closed(
    "qualification",
    "Trình độ chuyên môn",
    "domain.md 3.5 (01-18 of the provincial product)",
    (
        ("doctor", "Doctor", "Tiến sĩ"),
        ("master", "Master", "Thạc sĩ"),
        ("university", "University", "Đại học"),
        ("college", "College", "Cao đẳng"),
        ("intermediate", "Intermediate vocational", "Trung cấp"),
        ("other", "Other", "Khác"),
        ("specialist_doctor_1", "Medical specialist, first degree", "Bác sĩ chuyên khoa 1"),
        ("specialist_doctor_2", "Medical specialist, second degree", "Bác sĩ chuyên khoa 2"),
        ("pedagogy_12_2", "Intermediate pedagogy 12+2", "Trung học sư phạm 12+2"),
        ("pedagogy_9_3", "Intermediate pedagogy 9+3", "Trung học sư phạm 9+3"),
        ("below_pedagogy", "Below intermediate pedagogy", "Dưới trung học sư phạm"),
        (
            "university_certified",
            "University with pedagogical certificate",
            "Đại học và chứng chỉ bồi dưỡng nghiệp vụ sư phạm",
        ),
        (
            "college_certified",
            "College with pedagogical certificate",
            "Cao đẳng và chứng chỉ bồi dưỡng nghiệp vụ sư phạm",
        ),
        (
            "intermediate_certified",
            "Intermediate with pedagogical certificate",
            "Trung cấp và chứng chỉ bồi dưỡng nghiệp vụ sư phạm",
        ),
        ("university_pedagogy", "University of education", "Đại học sư phạm"),
        ("college_pedagogy", "College of education", "Cao đẳng sư phạm"),
        ("intermediate_pedagogy", "Intermediate pedagogy", "Trung cấp sư phạm"),
    ),
)

STANDARD_RATING = closed(
    "standard_rating",
    "Chuẩn nghề nghiệp",
    "domain.md 3.5",
    (
        ("good", "Good", "Tốt"),
        ("fair", "Fair", "Khá"),
        ("passed", "Passed", "Đạt"),
        ("not_rated", "Not rated yet", "Chưa đánh giá"),
    ),
)

OFFICIAL_RATING = closed(
    "official_rating",
    "Đánh giá viên chức",
    "ND 90/2020 art. 12-15",
    (
        ("excellent", "Fulfilled the task excellently", "Hoàn thành xuất sắc nhiệm vụ"),
        ("good", "Fulfilled the task well", "Hoàn thành tốt nhiệm vụ"),
        ("fulfilled", "Fulfilled the task", "Hoàn thành nhiệm vụ"),
        ("not_fulfilled", "Did not fulfil the task", "Không hoàn thành nhiệm vụ"),
    ),
)

POLITICAL_THEORY = closed(
    "political_theory",
    "Trình độ lý luận chính trị",
    "domain.md 2.5 (LLCT)",
    (
        ("elementary", "Elementary", "Sơ cấp"),
        ("intermediate", "Intermediate", "Trung cấp"),
        ("advanced", "Advanced", "Cao cấp"),
    ),
)

SKILL_LEVEL = closed(
    "skill_level",
    "Trình độ ngoại ngữ, tin học",
    "TT 01/2014 (six-level framework, CEFR), TT 03/2014 (IT skills); domain.md 2.5",
    (
        ("A1", "Level 1 (A1)", "Bậc 1 (A1)"),
        ("A2", "Level 2 (A2)", "Bậc 2 (A2)"),
        ("B1", "Level 3 (B1)", "Bậc 3 (B1)"),
        ("B2", "Level 4 (B2)", "Bậc 4 (B2)"),
        ("C1", "Level 5 (C1)", "Bậc 5 (C1)"),
        ("C2", "Level 6 (C2)", "Bậc 6 (C2)"),
        ("certificate_a", "Certificate A", "Chứng chỉ A"),
        ("certificate_b", "Certificate B", "Chứng chỉ B"),
        ("certificate_c", "Certificate C", "Chứng chỉ C"),
        ("it_basic", "Basic IT skills", "Ứng dụng công nghệ thông tin cơ bản"),
        ("it_advanced", "Advanced IT skills", "Ứng dụng công nghệ thông tin nâng cao"),
        ("degree", "College degree or higher", "Cao đẳng, đại học trở lên"),
    ),
)

"""Code sets of the master schema, each said once.

domain.md section 3 -> CodeSet values -> fields of the entities

What does not belong here: the codes of a vendor (sources/systems/*.yaml translate them) and labels of fields.
"""

from edu_pipeline.schema.field import CodeSet

PERSON_KIND = CodeSet(
    "person_kind", "Loại người", "design section 5", {"student": ("Student", "Học sinh"), "staff": ("Staff", "Nhân sự")}
)

SEX = CodeSet("sex", "Giới tính", "domain.md 3.1", {"male": ("Male", "Nam"), "female": ("Female", "Nữ")})

UNIT_KIND = CodeSet(
    "unit_kind",
    "Loại đơn vị",
    "the letter of September 2024, addressees; domain.md 3.1",
    {
        "preschool": ("Preschool", "Trường mầm non"),
        "primary": ("Primary school", "Trường tiểu học"),
        "lower_secondary": ("Lower secondary school", "Trường trung học cơ sở"),
        "upper_secondary": ("Upper secondary school", "Trường trung học phổ thông"),
        "multi_level": ("Multi-level school", "Trường phổ thông nhiều cấp học"),
        "continuing_education": ("Continuing education centre", "Trung tâm giáo dục thường xuyên"),
        "foreign_invested": ("Foreign-invested school", "Trường có vốn đầu tư nước ngoài"),
        "office": ("Education office", "Phòng, Sở giáo dục và đào tạo"),
    },
)

GRADE_LEVEL = CodeSet(
    "grade_level",
    "Khối lớp",
    "domain.md 3.3",
    {str(grade): (f"Grade {grade}", f"Khối {grade}") for grade in range(1, 13)}
    | {
        "13": ("Nursery, 3-12 months", "Nhà trẻ 3-12 tháng"),
        "14": ("Nursery, 13-24 months", "Nhà trẻ 13-24 tháng"),
        "15": ("Nursery, 25-36 months", "Nhà trẻ 25-36 tháng"),
        "16": ("Kindergarten, age 3-4", "Mẫu giáo 3-4 tuổi"),
        "17": ("Kindergarten, age 4-5", "Mẫu giáo 4-5 tuổi"),
        "18": ("Kindergarten, age 5-6", "Mẫu giáo 5-6 tuổi"),
    },
)

ENROLLMENT_KIND = CodeSet(
    "enrollment_kind",
    "Hình thức xếp lớp",
    "Ed-Fi primary school indicator",
    {"primary": ("Primary", "Chính"), "secondary": ("Secondary", "Phụ")},
)

ENROLLMENT_STATUS = CodeSet(
    "enrollment_status",
    "Trạng thái học sinh",
    "domain.md 3.4",
    {
        "active": ("Attending", "Đang học"),
        "transferred_out": ("Transferred out", "Chuyển đi"),
        "withdrawn": ("Withdrawn", "Thôi học"),
        "on_leave": ("On leave, results preserved", "Bảo lưu"),
    },
)

RESULT_STAGE = CodeSet(
    "result_stage",
    "Giai đoạn kết quả",
    "domain.md 2.6",
    {"CN": ("Year end", "Cả năm"), "HE": ("After summer", "Sau hè")},
)

OUTCOME = CodeSet(
    "outcome",
    "Kết quả cuối năm",
    "domain.md section 4; Ed-Fi/CEDS promotion terms",
    {
        "promoted": ("Promoted", "Lên lớp"),
        "retained": ("Retained", "Ở lại lớp"),
        "completed": ("Completed the level", "Hoàn thành cấp học"),
        "retest": ("Retest or training in summer", "Kiểm tra lại, rèn luyện hè"),
    },
)

LEVEL = CodeSet(
    "level",
    "Mức đánh giá",
    "TT 22/2021; domain.md 3.7",
    {"1": ("Good", "Tốt"), "2": ("Fair", "Khá"), "3": ("Pass", "Đạt"), "4": ("Not passed", "Chưa đạt")},
)

STAFF_ROLE = CodeSet(
    "staff_role",
    "Vị trí việc làm",
    "domain.md 3.5",
    {
        "head": ("Head of unit", "Hiệu trưởng, thủ trưởng"),
        "deputy_head": ("Deputy head", "Phó hiệu trưởng, phó thủ trưởng"),
        "teacher": ("Teacher", "Giáo viên"),
        "employee": ("Employee", "Nhân viên"),
    },
)

CONTRACT = CodeSet(
    "contract",
    "Hình thức hợp đồng",
    "domain.md 3.5",
    {
        "labor": ("Labor contract", "Hợp đồng lao động"),
        "official_indefinite": ("Public employee, indefinite term", "Viên chức không xác định thời hạn"),
        "official_definite": ("Public employee, definite term", "Viên chức xác định thời hạn"),
        "decree_68": ("Contract under decree 68", "Hợp đồng theo NĐ 68"),
        "over_one_year": ("Contract of more than a year", "Hợp đồng trên 1 năm"),
        "under_one_year": ("Contract of less than a year", "Hợp đồng dưới 1 năm"),
        "visiting": ("Visiting lecturer", "Thỉnh giảng"),
        "task": ("Contract per task", "Thuê khoán"),
    },
)

ASSIGNMENT_STATUS = CodeSet(
    "assignment_status",
    "Trạng thái làm việc",
    "domain.md 3.5",
    {
        "working": ("Working", "Đang làm việc"),
        "transferred_out": ("Transferred out", "Chuyển đi"),
        "retired": ("Retired", "Đã nghỉ hưu"),
        "ended": ("Ended", "Thôi việc"),
    },
)

_ETHNIC_GROUPS = [
    "Kinh",
    "Tày",
    "Thái",
    "Hoa",
    "Khơ-me",
    "Mường",
    "Nùng",
    "Hmông",
    "Dao",
    "Gia-rai",
    "Ngái",
    "Ê-đê",
    "Ba-na",
    "Xơ-đăng",
    "Sán Chay",
    "Cơ-ho",
    "Chăm",
    "Sán Dìu",
    "Hrê",
    "Mnông",
    "Ra-glai",
    "Xtiêng",
    "Bru-Vân Kiều",
    "Thổ",
    "Giáy",
    "Cơ-tu",
    "Gié-Triêng",
    "Mạ",
    "Khơ-mú",
    "Co",
    "Tà-ôi",
    "Chơ-ro",
    "Kháng",
    "Xinh-mun",
    "Hà Nhì",
    "Chu-ru",
    "Lào",
    "La Chí",
    "La Ha",
    "Phù Lá",
    "La Hủ",
    "Lự",
    "Lô Lô",
    "Chứt",
    "Mảng",
    "Pà Thẻn",
    "Cơ Lao",
    "Cống",
    "Bố Y",
    "Si La",
    "Pu Péo",
    "Brâu",
    "Ơ Đu",
    "Rơ-măm",
]

ETHNICITY = CodeSet(
    "ethnicity",
    "Dân tộc",
    "QD 121-TCTK/PPCD (1979) order, domain.md 3.2",
    {f"{number:02d}": (name, name) for number, name in enumerate(_ETHNIC_GROUPS, start=1)}
    | {"55": ("Foreign", "Người nước ngoài")},
)

CODE_SETS: tuple[CodeSet, ...] = (
    PERSON_KIND,
    SEX,
    UNIT_KIND,
    GRADE_LEVEL,
    ENROLLMENT_KIND,
    ENROLLMENT_STATUS,
    RESULT_STAGE,
    OUTCOME,
    LEVEL,
    STAFF_ROLE,
    CONTRACT,
    ASSIGNMENT_STATUS,
    ETHNICITY,
)

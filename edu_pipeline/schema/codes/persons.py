"""Closed code sets of persons: kind, sex, papers, family, and what the State grants.

domain.md 2.4, 3.1 -> CodeSet values

What does not belong here: ethnic groups, religions, countries and policy groups, which the law changes (law.py).
"""

from edu_pipeline.schema.declare import closed

PERSON_KIND = closed(
    "person_kind", "Loại người", "design section 5", (("student", "Student", "Học sinh"), ("staff", "Staff", "Nhân sự"))
)

SEX = closed("sex", "Giới tính", "domain.md 3.1", (("male", "Male", "Nam"), ("female", "Female", "Nữ")))

PAPER_KIND = closed(
    "paper_kind",
    "Loại giấy tờ",
    "domain.md 2.4 (1-8 of the national dictionary)",
    (
        ("birth_certificate", "Birth certificate", "Giấy khai sinh"),
        ("id_card_9", "Identity card of 9 digits", "Chứng minh nhân dân"),
        ("officer_card", "Army officer's card", "Chứng minh sĩ quan"),
        ("police_card", "Police card", "Chứng minh Công an nhân dân"),
        ("citizen_card", "Citizen identity card", "Căn cước công dân"),
        ("passport", "Passport", "Hộ chiếu"),
        ("household_book", "Household book", "Sổ hộ khẩu"),
        ("other", "Other paper", "Giấy tờ khác"),
    ),
)

RELATION = closed(
    "relation",
    "Quan hệ với học sinh",
    "domain.md 2.4",
    (
        ("father", "Father", "Cha"),
        ("mother", "Mother", "Mẹ"),
        ("guardian", "Guardian", "Người giám hộ, người đỡ đầu"),
    ),
)

POVERTY = closed(
    "poverty",
    "Diện hộ nghèo",
    "domain.md 2.4",
    (
        ("none", "Not poor", "Không thuộc diện nghèo"),
        ("near_poor", "Near-poor household", "Hộ cận nghèo"),
        ("poor", "Poor household", "Hộ nghèo"),
    ),
)

FEE_RELIEF = closed(
    "fee_relief",
    "Miễn, giảm học phí",
    "domain.md 2.4",
    (
        ("none", "No relief", "Không miễn, giảm"),
        ("reduced", "Reduced fee", "Giảm học phí"),
        ("exempt", "Exempt from the fee", "Miễn học phí"),
    ),
)

BLOOD_TYPE = closed(
    "blood_type",
    "Nhóm máu",
    "ABO blood groups; domain.md 2.4",
    [(group, f"Blood group {group}", f"Nhóm máu {group}") for group in ("A", "B", "AB", "O")],
)

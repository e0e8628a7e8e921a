"""Closed code sets of results: stages, outcomes, the scales of each circular, titles, graduation.

domain.md 3.7 and section 4 -> CodeSet values

What does not belong here: the logic that leads from marks to an outcome, and subjects (law.py).
"""

from edu_pipeline.schema.declare import closed

RESULT_STAGE = closed(
    "result_stage",
    "Giai đoạn kết quả",
    "domain.md 2.6",
    (
        ("GK1", "Middle of semester I", "Giữa học kỳ I"),
        ("CK1", "End of semester I", "Cuối học kỳ I"),
        ("GK2", "Middle of semester II", "Giữa học kỳ II"),
        ("CK2", "End of semester II", "Cuối học kỳ II"),
        ("CN", "Year end", "Cả năm"),
        ("HE", "After summer", "Sau hè"),
    ),
)

OUTCOME = closed(
    "outcome",
    "Kết quả cuối năm",
    "domain.md section 4; Ed-Fi/CEDS promotion terms",
    (
        ("promoted", "Promoted", "Lên lớp"),
        ("retained", "Retained", "Ở lại lớp"),
        ("completed", "Completed the level", "Hoàn thành cấp học"),
        ("retest", "Retest or training in summer", "Kiểm tra lại, rèn luyện hè"),
    ),
)

LEVEL = closed(
    "level",
    "Mức đánh giá",
    "TT 22/2021; domain.md 3.7",
    (("1", "Good", "Tốt"), ("2", "Fair", "Khá"), ("3", "Pass", "Đạt"), ("4", "Not passed", "Chưa đạt")),
)

ACADEMIC_58 = closed(
    "academic_58",
    "Học lực (TT 58)",
    "TT 58/2011; domain.md 3.7",
    (
        ("excellent", "Excellent", "Giỏi"),
        ("good", "Good", "Khá"),
        ("average", "Average", "Trung bình"),
        ("weak", "Weak", "Yếu"),
        ("poor", "Poor", "Kém"),
    ),
)

CONDUCT_58 = closed(
    "conduct_58",
    "Hạnh kiểm (TT 58)",
    "TT 58/2011; domain.md 3.7",
    (
        ("good", "Good", "Tốt"),
        ("fair", "Fair", "Khá"),
        ("average", "Average", "Trung bình"),
        ("weak", "Weak", "Yếu"),
    ),
)

YEAR_LEVEL_27 = closed(
    "year_level_27",
    "Đánh giá cả năm (TT 27)",
    "TT 27/2020 art. 9; domain.md 3.7",
    (
        ("HTXS", "Completed, excellent", "Hoàn thành xuất sắc"),
        ("HTT", "Completed well", "Hoàn thành tốt"),
        ("HT", "Completed", "Hoàn thành"),
        ("CHT", "Not completed", "Chưa hoàn thành"),
    ),
)

SUBJECT_LEVEL = closed(
    "subject_level",
    "Mức đạt được",
    "domain.md 3.7: T/H/C of a subject and T/D/C of a competence (TT 27), D/CD of a comment subject (TT 22, TT 58)",
    (
        ("excellent", "Subject completed well (T)", "Hoàn thành tốt"),
        ("completed", "Subject completed (H)", "Hoàn thành"),
        ("not_completed", "Subject not completed (C)", "Chưa hoàn thành"),
        ("good", "Competence or quality good (T)", "Tốt"),
        ("attained", "Competence or quality attained (D)", "Đạt (năng lực, phẩm chất)"),
        ("needs_effort", "Competence or quality needs effort (C)", "Cần cố gắng"),
        ("passed", "Comment subject passed (D)", "Đạt (môn đánh giá bằng nhận xét)"),
        ("not_passed", "Comment subject not passed (CD)", "Chưa đạt (môn đánh giá bằng nhận xét)"),
    ),
)

AWARD_KIND = closed(
    "award_kind",
    "Khen thưởng, kỷ luật",
    "domain.md 2.4 and 2.6",
    (("reward", "Reward", "Khen thưởng"), ("discipline", "Discipline", "Kỷ luật")),
)

AWARD = closed(
    "award",
    "Danh hiệu",
    "TT 22/2021 art. 15, TT 58/2011 art. 18, TT 27/2020 art. 13; domain.md 3.7",
    (
        ("excellent_student", "Excellent student (TT 22)", "Học sinh Xuất sắc"),
        ("very_good_student", "Very good student (TT 22)", "Học sinh Giỏi"),
        ("very_good_student_58", "Very good student (TT 58)", "Học sinh giỏi (TT 58)"),
        ("advanced_student_58", "Advanced student (TT 58)", "Học sinh tiên tiến (TT 58)"),
        ("primary_excellent", "Excellent primary pupil (TT 27)", "Học sinh Xuất sắc (tiểu học)"),
        ("primary_outstanding", "Outstanding in study and training (TT 27)", "Học sinh tiêu biểu hoàn thành tốt"),
        ("surprise", "Sudden achievement", "Khen thưởng đột xuất"),
    ),
)

GRADUATION_KIND = closed(
    "graduation_kind",
    "Loại tốt nghiệp",
    "domain.md 2.6 (maLoaiTotNghiep) and 4.3; grades of the lower secondary certificate by TT 31/2023 have none since",
    (
        ("excellent", "Excellent", "Giỏi"),
        ("good", "Good", "Khá"),
        ("average", "Average", "Trung bình"),
        ("ungraded", "Graduated, without grade", "Tốt nghiệp (không xếp loại)"),
    ),
)

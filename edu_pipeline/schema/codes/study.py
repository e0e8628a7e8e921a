"""Closed code sets of classes and places in them: grade, kind of class, entry, status, leaving.

domain.md 2.3, 3.3, 3.4 -> CodeSet values

What does not belong here: results (results.py), subjects and languages, which the law changes (law.py).
"""

from edu_pipeline.schema.declare import closed

GRADE_LEVEL = closed(
    "grade_level",
    "Khối lớp",
    "domain.md 3.3",
    (
        *((str(grade), f"Grade {grade}", f"Khối {grade}") for grade in range(1, 13)),
        ("13", "Nursery, 3-12 months", "Nhà trẻ 3-12 tháng"),
        ("14", "Nursery, 13-24 months", "Nhà trẻ 13-24 tháng"),
        ("15", "Nursery, 25-36 months", "Nhà trẻ 25-36 tháng"),
        ("16", "Kindergarten, age 3-4", "Mẫu giáo 3-4 tuổi"),
        ("17", "Kindergarten, age 4-5", "Mẫu giáo 4-5 tuổi"),
        ("18", "Kindergarten, age 5-6", "Mẫu giáo 5-6 tuổi"),
    ),
)

CLASS_TYPE = closed(
    "class_type",
    "Kiểu lớp",
    "domain.md 2.3 (flags of a class); codes of GET_DM_KIEU_LOP not found, replace when known",
    (
        ("ordinary", "Ordinary class", "Lớp thường"),
        ("combined", "Combined class of several grades", "Lớp ghép"),
        ("specialised", "Specialised class", "Lớp chuyên"),
        ("special_needs", "Special class for disabled pupils", "Lớp chuyên biệt"),
        ("vocational", "With vocational training", "Lớp học văn hóa kết hợp học nghề"),
    ),
)

STREAM = closed(
    "stream",
    "Phân ban",
    "upper secondary programmes of 2006 and 2018; codes of GET_DM_PHAN_BAN not found, replace when known",
    (
        ("none", "No stream", "Không phân ban"),
        ("natural_sciences", "Natural sciences", "Khoa học tự nhiên"),
        ("social_sciences", "Social sciences", "Khoa học xã hội và nhân văn"),
        ("basic", "Basic", "Cơ bản"),
    ),
)

SPECIALISATION = closed(
    "specialisation",
    "Hệ chuyên",
    "specialised subjects of upper secondary schools (TT 05/2023); codes of GET_DM_HE_CHUYEN not found",
    (
        ("mathematics", "Mathematics", "Chuyên Toán"),
        ("physics", "Physics", "Chuyên Vật lí"),
        ("chemistry", "Chemistry", "Chuyên Hóa học"),
        ("biology", "Biology", "Chuyên Sinh học"),
        ("informatics", "Informatics", "Chuyên Tin học"),
        ("literature", "Literature", "Chuyên Ngữ văn"),
        ("history", "History", "Chuyên Lịch sử"),
        ("geography", "Geography", "Chuyên Địa lí"),
        ("english", "English", "Chuyên Tiếng Anh"),
        ("french", "French", "Chuyên Tiếng Pháp"),
        ("chinese", "Chinese", "Chuyên Tiếng Trung Quốc"),
        ("japanese", "Japanese", "Chuyên Tiếng Nhật"),
        ("russian", "Russian", "Chuyên Tiếng Nga"),
        ("korean", "Korean", "Chuyên Tiếng Hàn"),
    ),
)

SHIFT = closed(
    "shift",
    "Buổi học",
    "domain.md 2.3",
    (
        ("morning", "Morning", "Buổi sáng"),
        ("afternoon", "Afternoon", "Buổi chiều"),
        ("both", "Both, two sessions a day", "Hai buổi/ngày"),
    ),
)

STUDY_MODE = closed(
    "study_mode",
    "Hình thức học tập",
    "continuing education, Education Law 2019 art. 43; domain.md 2.3",
    (
        ("in_class", "In class", "Học tập trung"),
        ("part_time", "In service, part time", "Vừa làm vừa học"),
        ("distance", "Distance learning", "Học từ xa"),
        ("guided_self_study", "Guided self-study", "Tự học có hướng dẫn"),
    ),
)

BOARDING = closed(
    "boarding",
    "Bán trú, nội trú",
    "domain.md 2.4",
    (
        ("none", "Not boarding", "Không bán trú"),
        ("day", "Stays over noon", "Bán trú"),
        ("full", "Lives at school", "Nội trú"),
    ),
)

ENROLLMENT_KIND = closed(
    "enrollment_kind",
    "Hình thức xếp lớp",
    "Ed-Fi primary school indicator",
    (("primary", "Primary", "Chính"), ("secondary", "Secondary", "Phụ")),
)

ENROLLMENT_STATUS = closed(
    "enrollment_status",
    "Trạng thái học sinh",
    "domain.md 3.4",
    (
        ("active", "Attending", "Đang học"),
        ("transferred_out", "Transferred out", "Chuyển đi"),
        ("withdrawn", "Withdrawn", "Thôi học"),
        ("on_leave", "On leave, results preserved", "Bảo lưu"),
    ),
)

STUDENT_STATUS = closed(
    "student_status",
    "Trạng thái học sinh chi tiết",
    "domain.md 3.4, families of the Ministry's 12 values (their numbers are not public)",
    (
        ("studying", "Studying", "Đang học"),
        ("transferred_in", "Transferred in", "Chuyển đến"),
        ("transferred_out", "Transferred out", "Chuyển đi"),
        ("withdrawn", "Withdrawn", "Thôi học"),
        ("on_leave", "On leave, results preserved", "Bảo lưu"),
        ("returned", "Returned after an absence", "Nghỉ học xin học lại"),
        ("completed_level", "Completed the level", "Hoàn thành cấp học"),
        ("graduated", "Graduated", "Tốt nghiệp"),
    ),
)

ENTRY_KIND = closed(
    "entry_kind",
    "Loại nhập học",
    "domain.md 2.4 and 3.4",
    (
        ("new_intake", "New intake", "Tuyển mới"),
        ("transferred_in", "Transferred in", "Chuyển đến"),
        ("promoted", "Promoted from the grade below", "Lên lớp"),
        ("promoted_after_retest", "Promoted after a retest", "Lên lớp sau thi lại"),
        ("promoted_after_training", "Promoted after summer training", "Lên lớp sau rèn luyện lại"),
        ("promoted_after_both", "Promoted after retest and training", "Lên lớp sau thi lại và rèn luyện lại"),
        ("retained", "Repeats the grade", "Ở lại lớp"),
        ("returned", "Returned after an absence", "Học lại sau khi nghỉ"),
        ("free_candidate", "Free candidate", "Thí sinh tự do"),
    ),
)

WITHDRAWAL_REASON = closed(
    "withdrawal_reason",
    "Lý do thôi học",
    "domain.md 3.4 (01-08 of the provincial product)",
    (
        ("hardship", "Economic hardship", "Hoàn cảnh kinh tế khó khăn"),
        ("weak_results", "Weak results", "Học lực yếu kém"),
        ("distance", "School too far", "Xa trường"),
        ("disaster", "Disaster or epidemic", "Thiên tai, dịch bệnh"),
        ("stigma", "Stigma", "Kỳ thị"),
        ("other", "Other", "Lý do khác"),
        ("results_preserved", "Leave with results preserved", "Bảo lưu kết quả"),
        ("vocational", "Went to vocational training", "Chuyển sang học nghề"),
    ),
)

TRANSFER_STATUS = closed(
    "transfer_status",
    "Trạng thái hồ sơ chuyển trường",
    "steps of a transfer: the request, the leave of the unit left, the consent of the unit that takes the pupil in",
    (
        ("requested", "Requested", "Đã nộp hồ sơ"),
        ("released", "Released by the unit left, in transit", "Đã cho chuyển đi, chưa tiếp nhận"),
        ("accepted", "Accepted by the unit entered", "Đã tiếp nhận"),
    ),
)

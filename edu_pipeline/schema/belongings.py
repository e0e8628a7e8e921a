"""What hangs on a person for life: papers, parents and guardians, training, languages.

school systems -> student_paper, guardian, staff_training, staff_language

What does not belong here: the person's own fields (persons.py); what holds for one school year only (study.py).
Source: domain.md 2.4, 2.5.
"""

from edu_pipeline.schema import codes
from edu_pipeline.schema.declare import PERSONAL, coded, contact, day, expected, flag, number, text
from edu_pipeline.schema.field import Entity, Reference
from edu_pipeline.schema.kinds import Need, Purpose, Scope
from edu_pipeline.schema.persons import ETHNICITY, PERSONAL_NUMBER, birth_date, full_name, root_id

STUDENT_ID = root_id("student_id", "Mã định danh học sinh", "The pupil.", "OneRoster enrollment.user")
STAFF_ID = root_id("staff_id", "Mã định danh nhân sự", "The member of staff.")

ORDINAL = number("ordinal", "Thứ tự", "Which one of several, from 1.", 1, 99, need=Need.KEY)

OF_STUDENT = Reference("student", ("student_id",), key="student_key")
OF_STAFF = Reference("staff", ("staff_id",), key="staff_key")

STUDENT_PAPER = Entity(
    "student_paper",
    Scope.PERSON,
    "Giấy tờ tùy thân",
    "A paper that says who a pupil is.",
    "-",
    (
        STUDENT_ID,
        coded("paper_kind", "Loại giấy tờ", "Kind of paper.", codes.PAPER_KIND, need=Need.KEY, sensitivity=PERSONAL,
              purpose=Purpose.IDENTITY),
        text("paper_number", "Số giấy tờ", "Number on the paper.", 50, need=Need.KEY, sensitivity=PERSONAL,
             purpose=Purpose.IDENTITY),
        day("issued_date", "Ngày cấp", "Day of issue.", sensitivity=PERSONAL, purpose=Purpose.IDENTITY),
        text("issued_place", "Nơi cấp", "Who issued it.", sensitivity=PERSONAL, purpose=Purpose.IDENTITY),
    ),
    key=("student_id", "paper_kind", "paper_number"),
    references=(OF_STUDENT,),
    appendix=3,
)  # fmt: skip

GUARDIAN = Entity(
    "guardian",
    Scope.PERSON,
    "Cha mẹ/người giám hộ",
    "A parent or guardian of a pupil.",
    "OneRoster user (guardian, parent)",
    (
        STUDENT_ID,
        coded("relation", "Quan hệ", "Relation to the pupil.", codes.RELATION, need=Need.KEY, sensitivity=PERSONAL,
              standard="OneRoster role"),
        ORDINAL,
        full_name(),
        birth_date(Need.EXPECTED),
        PERSONAL_NUMBER,
        ETHNICITY,
        text("occupation", "Nghề nghiệp", "Occupation.", 100, sensitivity=PERSONAL, purpose=Purpose.CONTACT),
        *contact(),
        flag("is_contact", "Người liên hệ", "The school calls this person first.", purpose=Purpose.CONTACT,
             standard="Ed-Fi primaryContactStatus"),
    ),
    key=("student_id", "relation", "ordinal"),
    references=(OF_STUDENT,),
    appendix=3,
)  # fmt: skip

STAFF_TRAINING = Entity(
    "staff_training",
    Scope.PERSON,
    "Quá trình đào tạo",
    "A course of training that a member of staff has finished.",
    "-",
    (
        STAFF_ID,
        ORDINAL,
        coded("qualification", "Trình độ", "Qualification that it gave.", codes.QUALIFICATION, need=Need.KEY,
              purpose=Purpose.EMPLOYMENT),
        text("major", "Chuyên ngành", "Field of study.", purpose=Purpose.EMPLOYMENT),
        text("institution", "Cơ sở đào tạo", "Institution.", purpose=Purpose.EMPLOYMENT),
        number("graduated_year", "Năm tốt nghiệp", "Year of graduation.", 1950, 2100, purpose=Purpose.EMPLOYMENT),
    ),
    key=("staff_id", "ordinal"),
    references=(OF_STAFF,),
    appendix=2,
)  # fmt: skip

STAFF_LANGUAGE = Entity(
    "staff_language",
    Scope.PERSON,
    "Ngoại ngữ của nhân sự",
    "A foreign language that a member of staff has proved.",
    "-",
    (
        STAFF_ID,
        coded("language", "Ngoại ngữ", "Language.", codes.LANGUAGE, need=Need.KEY, purpose=Purpose.EMPLOYMENT),
        expected(coded("skill_level", "Trình độ", "Proven level.", codes.SKILL_LEVEL, purpose=Purpose.EMPLOYMENT)),
    ),
    key=("staff_id", "language"),
    references=(OF_STAFF,),
    appendix=2,
)  # fmt: skip

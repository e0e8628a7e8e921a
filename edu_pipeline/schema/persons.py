"""Person entities: keyed by the root id of the sector database, across units and for life.

registry -> identity; school systems -> student, staff

What does not belong here: what hangs on a person (belongings.py), what holds for one unit or year only (study.py).
Source: domain.md 2.4, 2.5 and 2.7; root ids are never minted here (design principle 11).
"""

from edu_pipeline.schema import codes
from edu_pipeline.schema.declare import PERSONAL, SENSITIVE, coded, contact, day, expected, flag, places, shaped, text
from edu_pipeline.schema.field import Entity, Field, Reference
from edu_pipeline.schema.kinds import Carry, Due, Kind, Need, Purpose, Scope

ROOT_ID = "[0-9]{10}"


def root_id(
    name: str,
    label_vi: str,
    description: str,
    standard: str = "-",
    need: Need = Need.KEY,
    carry: Carry = Carry.KEEP,
) -> Field:
    """A field that holds a root id."""
    return Field(name, Kind.TEXT, label_vi, description, need, pattern=ROOT_ID, carry=carry, sensitivity=PERSONAL,
                 standard=standard, purpose=Purpose.IDENTITY)  # fmt: skip


def _own_id(name: str, label_vi: str) -> Field:
    return root_id(name, label_vi, "Root id issued by the sector database at first entry; never changes.",
                   "OneRoster user.userMasterIdentifier")  # fmt: skip


def full_name(description: str = "Full name, family name first, Unicode NFC.") -> Field:
    """A person's name."""
    return text("full_name", "Họ và tên", description, 150, need=Need.KEY, sensitivity=PERSONAL,
                purpose=Purpose.IDENTITY, standard="OneRoster familyName + givenName")  # fmt: skip


def birth_date(need: Need) -> Field:
    """A date of birth, or the part of it that is known: the year, or year and month (domain.md 2.1)."""
    return Field("birth_date", Kind.PARTIAL_DATE, "Ngày sinh", "Date of birth, or its known part: YYYY, YYYY-MM.", need,
                 sensitivity=PERSONAL, purpose=Purpose.IDENTITY, due=Due.ENTRY if need is Need.EXPECTED else None,
                 standard="OneRoster demographics.birthDate")  # fmt: skip


_PERSONAL = (
    full_name(),
    birth_date(Need.KEY),
    coded("sex", "Giới tính", "Sex as registered.", codes.SEX, need=Need.KEY, sensitivity=PERSONAL,
          purpose=Purpose.IDENTITY, standard="OneRoster demographics.sex"),
)  # fmt: skip

ETHNICITY = coded("ethnicity", "Dân tộc", "Ethnic group.", codes.ETHNICITY, sensitivity=SENSITIVE,
                  purpose=Purpose.STATISTICS, standard="QD 121-TCTK/PPCD")  # fmt: skip

# Twelve digits for a Vietnamese, nine on an old card, any form in a foreigner's passport: rules.py knows the rest.
PERSONAL_NUMBER = text("personal_number", "Số định danh cá nhân", "Personal identification number.", 100,
                       sensitivity=SENSITIVE, purpose=Purpose.IDENTITY, standard="ND 70/2024")  # fmt: skip

_ORIGIN = (
    coded("nationality", "Quốc tịch", "Nationality.", codes.COUNTRY, sensitivity=PERSONAL, purpose=Purpose.STATISTICS,
          standard="ISO 3166-1 alpha-2"),
    coded("religion", "Tôn giáo", "Religion.", codes.RELIGION, sensitivity=SENSITIVE, purpose=Purpose.RELIGION),
)  # fmt: skip

IDENTITY = Entity(
    "identity",
    Scope.PERSON,
    "Định danh gốc",
    "A person as the sector database issued it; the registry alone owns these fields.",
    "TT 42/2021/TT-BGDDT art. 10",
    (
        _own_id("identity_id", "Mã định danh Bộ GD&ĐT"),
        coded("person_kind", "Loại người", "Student or staff.", codes.PERSON_KIND, need=Need.KEY,
              purpose=Purpose.IDENTITY, standard="OneRoster role"),
        *_PERSONAL,
    ),
    key=("identity_id",),
)  # fmt: skip

STUDENT = Entity(
    "student",
    Scope.PERSON,
    "Học sinh",
    "A pupil; name, birth date and sex are the registry's once identified.",
    "OneRoster user (student)",
    (
        _own_id("student_id", "Mã định danh học sinh"),
        *_PERSONAL,
        expected(ETHNICITY),
        text("other_name", "Tên gọi khác", "Another name in use.", 150, sensitivity=PERSONAL, purpose=Purpose.IDENTITY),
        expected(_ORIGIN[0]),
        _ORIGIN[1],
        expected(PERSONAL_NUMBER),
        text("birth_place", "Nơi sinh", "Place of birth as the certificate says it.", sensitivity=PERSONAL,
             purpose=Purpose.IDENTITY),
        *places("birth", "nơi sinh", "of birth", "province", "ward"),
        *places("hometown", "quê quán", "of origin", "province", "ward"),
        *places("permanent", "thường trú", "of permanent residence", "province", "district", "ward"),
        text("permanent_address", "Địa chỉ thường trú", "Street and number of permanent residence.",
             sensitivity=PERSONAL, purpose=Purpose.CONTACT),
        *(expected(f) if f.name == "residence_ward_code" else f
          for f in places("residence", "nơi ở", "of residence", "province", "district", "ward")),
        text("residence_address", "Địa chỉ nơi ở", "Street and number where the pupil lives.", sensitivity=PERSONAL,
             purpose=Purpose.CONTACT),
        *contact(),
        coded("blood_type", "Nhóm máu", "Blood type.", codes.BLOOD_TYPE, sensitivity=SENSITIVE, purpose=Purpose.HEALTH),
    ),
    key=("student_id",),
    references=(Reference("identity", ("student_id",)),),
    identity="student_id",
    appendix=3,
)  # fmt: skip

STAFF = Entity(
    "staff",
    Scope.PERSON,
    "Nhân sự",
    "A manager, teacher or employee.",
    "OneRoster user (teacher, administrator)",
    (
        _own_id("staff_id", "Mã định danh nhân sự"),
        *_PERSONAL,
        expected(ETHNICITY),
        expected(_ORIGIN[0]),
        _ORIGIN[1],
        expected(PERSONAL_NUMBER),
        shaped("social_insurance_number", "Mã số BHXH", "Social insurance number.", "[0-9]{10}",
               sensitivity=SENSITIVE, purpose=Purpose.EMPLOYMENT),
        *places("hometown", "quê quán", "of origin", "province", "ward"),
        *places("residence", "nơi ở", "of residence", "province", "ward"),
        *contact(),
        flag("is_party_member", "Đảng viên", "Member of the Party.", sensitivity=SENSITIVE,
             purpose=Purpose.AFFILIATION),
        flag("is_union_member", "Đoàn viên", "Member of the Youth Union.", sensitivity=SENSITIVE,
             purpose=Purpose.AFFILIATION),
        day("recruited_date", "Ngày tuyển dụng", "Day of recruitment.", purpose=Purpose.EMPLOYMENT),
        text("recruiting_agency", "Cơ quan tuyển dụng", "Agency that recruited.", purpose=Purpose.EMPLOYMENT),
        expected(coded("qualification", "Trình độ chuyên môn", "Highest professional qualification.",
                       codes.QUALIFICATION, purpose=Purpose.EMPLOYMENT)),
        coded("political_theory", "Trình độ lý luận chính trị", "Level of political theory.", codes.POLITICAL_THEORY,
              purpose=Purpose.EMPLOYMENT),
        flag("has_management_training", "Bồi dưỡng quản lý giáo dục", "Trained in education management.",
             purpose=Purpose.EMPLOYMENT),
        coded("it_level", "Trình độ tin học", "Level of informatics.", codes.SKILL_LEVEL, purpose=Purpose.EMPLOYMENT),
    ),
    key=("staff_id",),
    references=(Reference("identity", ("staff_id",)),),
    identity="staff_id",
    appendix=2,
)  # fmt: skip

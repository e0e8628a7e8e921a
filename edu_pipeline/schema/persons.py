"""Person entities: keyed by the root id of the sector database, across units and for life.

registry -> identity; school systems -> student, staff

What does not belong here: anything that holds for one unit or one year only (study.py).
Source: domain.md 2.4, 2.5 and 2.7; root ids are never minted here (design principle 11).
"""

from edu_pipeline.schema import codes
from edu_pipeline.schema.field import Entity, Field, Kind, Need, Reference, Scope, Sensitivity

ROOT_ID = "[0-9]{10}"


def _root_id(name: str, label_vi: str) -> Field:
    return Field(name, Kind.TEXT, label_vi, "Root id issued by the sector database at first entry; never changes.",
                 Need.KEY, pattern=ROOT_ID, sensitivity=Sensitivity.PERSONAL,
                 standard="OneRoster user.userMasterIdentifier")  # fmt: skip


_PERSONAL = (
    Field("full_name", Kind.TEXT, "Họ và tên", "Full name, family name first, Unicode NFC.", Need.KEY, max_length=150,
          sensitivity=Sensitivity.PERSONAL, standard="OneRoster familyName + givenName"),
    Field("birth_date", Kind.DATE, "Ngày sinh", "Date of birth.", Need.KEY, sensitivity=Sensitivity.PERSONAL,
          standard="OneRoster demographics.birthDate"),
    Field("sex", Kind.TEXT, "Giới tính", "Sex as registered.", Need.KEY, codes=codes.SEX,
          sensitivity=Sensitivity.PERSONAL, standard="OneRoster demographics.sex"),
)  # fmt: skip

IDENTITY = Entity(
    "identity",
    Scope.PERSON,
    "Định danh gốc",
    "A person as the sector database issued it; the registry alone owns these fields.",
    "TT 42/2021/TT-BGDDT art. 10",
    (
        _root_id("identity_id", "Mã định danh Bộ GD&ĐT"),
        Field("person_kind", Kind.TEXT, "Loại người", "Student or staff.", Need.KEY, codes=codes.PERSON_KIND,
              standard="OneRoster role"),
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
        _root_id("student_id", "Mã định danh học sinh"),
        *_PERSONAL,
        Field("ethnicity", Kind.TEXT, "Dân tộc", "Ethnic group.", Need.EXPECTED, codes=codes.ETHNICITY,
              sensitivity=Sensitivity.SENSITIVE),
    ),
    key=("student_id",),
    references=(Reference("identity", ("student_id",)),),
    identity="student_id",
)  # fmt: skip

STAFF = Entity(
    "staff",
    Scope.PERSON,
    "Nhân sự",
    "A manager, teacher or employee.",
    "OneRoster user (teacher, administrator)",
    (_root_id("staff_id", "Mã định danh nhân sự"), *_PERSONAL),
    key=("staff_id",),
    references=(Reference("identity", ("staff_id",)),),
    identity="staff_id",
)

"""City entities of pupils who move: transfers from unit to unit, and the admission lists of entrance grades.

the Department's portal -> transfer, admission

What does not belong here: where a pupil is (study.py: a list and a decision are evidence of a place, never the place).
Both belong to the city and not to a unit's year: a transfer names two units, or one and another province, and what
leads into a school year must be known before any unit has opened it. Units are named as the decision names them: a code
that has ended since stays, and ops.unit_successor says who goes on.
"""

from typing import Any

from edu_pipeline.schema import codes
from edu_pipeline.schema.belongings import STUDENT_ID
from edu_pipeline.schema.declare import PERSONAL, coded, day, shaped, text
from edu_pipeline.schema.field import Entity, Field, Reference
from edu_pipeline.schema.kinds import Carry, Kind, Need, Scope
from edu_pipeline.schema.places import SCHOOL_YEAR, UNIT_CODE, UNIT_ID
from edu_pipeline.schema.study import IN_UNIT, IN_YEAR

# A root id that the registry does not know (yet) waits for it: nobody else says who the pupil is.
_OF_PUPIL = Reference("identity", ("student_id",))
_GRADE = Field("grade_level", Kind.INTEGER, "Khối lớp", "Grade that the pupil enters.", Need.KEY,
               codes=codes.GRADE_LEVEL, standard="OneRoster grades")  # fmt: skip
_MOVE: dict[str, Any] = {"carry": Carry.CLEAR, "sensitivity": PERSONAL}


def _step(name: str, label_vi: str, description: str, **said: Any) -> Field:
    return day(name, label_vi, description, carry=Carry.CLEAR, **said)


def _decision(name: str, label_vi: str, description: str) -> Field:
    return text(name, label_vi, description, 50, carry=Carry.CLEAR)


TRANSFER = Entity(
    "transfer",
    Scope.CITY,
    "Chuyển trường",
    "A pupil's transfer as the portal decides it, step by step; an empty unit lies in another province.",
    "Ed-Fi ExitWithdrawType, EntryType",
    (
        text("transfer_id", "Mã hồ sơ chuyển trường", "The portal's number of the transfer.", 50, need=Need.KEY),
        STUDENT_ID,
        SCHOOL_YEAR,
        _GRADE,
        coded("status", "Trạng thái hồ sơ", "How far it has come.", codes.TRANSFER_STATUS, need=Need.KEY,
              carry=Carry.CLEAR),
        shaped("from_unit_id", "Trường chuyển đi", "Unit that the pupil leaves.", UNIT_CODE, **_MOVE),
        shaped("to_unit_id", "Trường chuyển đến", "Unit that the pupil goes to.", UNIT_CODE, **_MOVE),
        coded("from_province_code", "Tỉnh chuyển đi", "Province that the pupil leaves.", codes.PROVINCE, **_MOVE),
        coded("to_province_code", "Tỉnh chuyển đến", "Province that the pupil goes to.", codes.PROVINCE, **_MOVE),
        _step("requested_date", "Ngày nộp hồ sơ", "Day of the request.", need=Need.KEY),
        _step("released_date", "Ngày cho chuyển đi", "Day on which the unit let the pupil go."),
        _decision("release_decision", "Số quyết định cho chuyển đi", "Number of that decision."),
        _step("accepted_date", "Ngày tiếp nhận", "Day on which the other unit took the pupil in."),
        _decision("accept_decision", "Số quyết định tiếp nhận", "Number of that decision."),
    ),
    key=("transfer_id",),
    references=(_OF_PUPIL, IN_YEAR, Reference("unit", ("from_unit_id",), required=False),
                Reference("unit", ("to_unit_id",), required=False)),
    appendix=3,
)  # fmt: skip

ADMISSION = Entity(
    "admission",
    Scope.CITY,
    "Trúng tuyển đầu cấp",
    "A line of a unit's admission list for grade 1, 6 or 10; whether the child came, no list says.",
    "-",
    (
        text("admission_id", "Mã trúng tuyển", "The portal's number of the line.", 50, need=Need.KEY),
        STUDENT_ID,
        UNIT_ID,
        SCHOOL_YEAR,
        _GRADE,
        _step("listed_date", "Ngày công bố", "Day on which the list was published.", need=Need.KEY),
        _decision("decision_number", "Số quyết định trúng tuyển", "Number of the decision on the list."),
    ),
    key=("admission_id",),
    references=(_OF_PUPIL, IN_UNIT, IN_YEAR),
    appendix=3,
)  # fmt: skip

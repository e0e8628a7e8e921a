"""TT 30/2014 as amended by TT 22/2016: primary school until TT 27/2020 reaches a grade (in 2023-2024: grade 5).

levels of subjects, competences and qualities, tests -> completed or not -> decision (art. 14)

What does not belong here: how a table is evaluated (table.py). Source: domain.md 4.1, 4.4.
"""

from edu_pipeline.rollover.regulation.scale import Level, Scale
from edu_pipeline.rollover.regulation.table import (
    GENERAL,
    PENDING,
    PROMOTED,
    RETAINED,
    UNTOLD,
    Fact,
    InForce,
    Regulation,
    Row,
)  # fmt: skip
from edu_pipeline.rollover.regulation.tt27 import NOT_ATTAINED

DONE, NOT_DONE, OPEN = ("HT",), ("CHT",), (UNTOLD,)

SCALE = Scale("art. 14", (Level("HT", floor="5.0", short=NOT_ATTAINED), Level("CHT")))

FACTS = (Fact("study", ("HT", "CHT")), Fact("study_after", ("HT", "CHT", UNTOLD)), Fact("ends_level", ("no", "yes")))

ROWS = (
    Row(PROMOTED, "art. 14", "programme of the grade completed", {"study": DONE}),
    Row(PENDING, "art. 14", "supplementary assessment", {"study": NOT_DONE, "study_after": OPEN}),
    Row(PROMOTED, "art. 14", "completed after supplementary assessment", {"study": NOT_DONE, "study_after": DONE}),
    Row(RETAINED, "art. 14", "not completed; the principal decides",
        {"study": NOT_DONE, "study_after": NOT_DONE, "ends_level": ("no",)}, may_differ=True,
        flag="the principal may promote a pupil who has not completed the programme"),
    Row(RETAINED, "art. 14", "primary school not completed",
        {"study": NOT_DONE, "study_after": NOT_DONE, "ends_level": ("yes",)}),
)  # fmt: skip

TT30 = Regulation(
    "TT 30/2014",
    "Thông tư 30/2014/TT-BGDĐT, sửa đổi bởi Thông tư 22/2016/TT-BGDĐT",
    FACTS,
    ROWS,
    tuple(InForce(GENERAL, (grade,), 2020, 2018 + grade) for grade in range(2, 6)),
    study="year_level",
    scale=SCALE,
    individual_plan="article not found",
)

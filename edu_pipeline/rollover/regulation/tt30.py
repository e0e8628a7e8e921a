"""TT 30/2014 as amended by TT 22/2016: primary school until TT 27/2020 reaches a grade (in 2023-2024: grade 5).

levels of subjects, competences and qualities, tests -> completed or not -> decision (art. 14)

What does not belong here: how a table is evaluated (table.py). Source: domain.md 4.1, 4.4.
"""

from edu_pipeline.rollover.regulation.scale import Level, Scale
from edu_pipeline.rollover.regulation.table import GENERAL, InForce, Regulation
from edu_pipeline.rollover.regulation.tt27 import NOT_ATTAINED, facts, rows

SCALE = Scale("art. 14", (Level("HT", floor="5.0", short=NOT_ATTAINED), Level("CHT")))

TT30 = Regulation(
    "TT 30/2014",
    "Thông tư 30/2014/TT-BGDĐT, sửa đổi bởi Thông tư 22/2016/TT-BGDĐT",
    facts(("HT", "CHT")),
    rows("art. 14", ("HT",)),
    tuple(InForce(GENERAL, (grade,), 2020, 2018 + grade) for grade in range(2, 6)),
    study="year_level",
    scale=SCALE,
    individual_plan="article not found",
)

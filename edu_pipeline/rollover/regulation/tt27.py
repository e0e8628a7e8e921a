"""TT 27/2020: primary school of the programme of 2018, by its roadmap (grade 5 from 2024-2025).

levels of subjects, competences and qualities, tests -> year level (art. 9) -> decision (art. 11)

What does not belong here: how a table is evaluated (table.py). Source: domain.md 4.1, 4.4.

Primary school knows no limit of absences. Who has not completed after a supplementary assessment is the principal's to
decide in grades 1 to 4: up or not, both are legal; the programme is not completed either way. In grade 5 the same words
have no meaning, because nobody is promoted out of it: completed, or repeats.
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

LEVELS = ("HTXS", "HTT", "HT", "CHT")
DONE, NOT_DONE, OPEN = ("HTXS", "HTT", "HT"), ("CHT",), (UNTOLD,)
NOT_GOOD = ("completed", "attained", "not_completed", "needs_effort")
NOT_ATTAINED = ("not_completed", "needs_effort")

SCALE = Scale(
    "art. 9",
    (
        Level("HTXS", floor="9.0", short=NOT_GOOD),
        Level("HTT", floor="7.0", short=NOT_GOOD),
        Level("HT", floor="5.0", short=NOT_ATTAINED),
        Level("CHT"),
    ),
)

FACTS = (Fact("study", LEVELS), Fact("study_after", (*LEVELS, UNTOLD)), Fact("ends_level", ("no", "yes")))

ROWS = (
    Row(PROMOTED, "art. 11", "programme of the grade completed", {"study": DONE}),
    Row(PENDING, "art. 11", "supplementary assessment", {"study": NOT_DONE, "study_after": OPEN}),
    Row(PROMOTED, "art. 11", "completed after supplementary assessment", {"study": NOT_DONE, "study_after": DONE}),
    Row(RETAINED, "art. 11", "not completed; the principal decides",
        {"study": NOT_DONE, "study_after": NOT_DONE, "ends_level": ("no",)}, may_differ=True,
        flag="the principal may promote a pupil who has not completed the programme"),
    Row(RETAINED, "art. 11", "primary school not completed",
        {"study": NOT_DONE, "study_after": NOT_DONE, "ends_level": ("yes",)}),
)  # fmt: skip

TT27 = Regulation(
    "TT 27/2020",
    "Thông tư 27/2020/TT-BGDĐT",
    FACTS,
    ROWS,
    tuple(InForce(GENERAL, (grade,), 2019 + grade) for grade in range(1, 6)),
    study="year_level",
    scale=SCALE,
    individual_plan="article not found",
)

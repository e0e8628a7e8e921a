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


def facts(levels: tuple[str, ...]) -> tuple[Fact, ...]:
    """What a circular of primary school asks, by its year levels."""
    return Fact("study", levels), Fact("study_after", (*levels, UNTOLD)), Fact("ends_level", ("no", "yes"))


def rows(article: str, done: tuple[str, ...]) -> tuple[Row, ...]:
    """The table of primary school: the same in both circulars but for the article, and which levels have completed."""
    again = {"study": NOT_DONE, "study_after": NOT_DONE}
    return (
        Row(PROMOTED, article, "programme of the grade completed", {"study": done}),
        Row(PENDING, article, "supplementary assessment", {"study": NOT_DONE, "study_after": OPEN}),
        Row(PROMOTED, article, "completed after supplementary assessment", {"study": NOT_DONE, "study_after": done}),
        Row(RETAINED, article, "not completed; the principal decides", {**again, "ends_level": ("no",)},
            may_differ=True, flag="the principal may promote a pupil who has not completed the programme"),
        Row(RETAINED, article, "primary school not completed", {**again, "ends_level": ("yes",)}),
    )  # fmt: skip


TT27 = Regulation(
    "TT 27/2020",
    "Thông tư 27/2020/TT-BGDĐT",
    facts(LEVELS),
    rows("art. 11", DONE),
    tuple(InForce(GENERAL, (grade,), 2019 + grade) for grade in range(1, 6)),
    study="year_level",
    scale=SCALE,
    individual_plan="article not found",
)

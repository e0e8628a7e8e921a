"""TT 58/2011 as amended by TT 26/2020: grades 6 to 12 until TT 22/2021 reaches them (in 2023-2024: 9 and 12).

marks -> level (art. 13); levels, conduct, absences, summer -> decision (arts. 15-17)

What does not belong here: how a table is evaluated (table.py). Source: domain.md 4.1, 4.3.

Undecided in the text, decided here and flagged on the decision: a comment subject counts as the one subject of the
adjustment; the one subject may itself be the key one. From excellent to poor the text names no step: it is good to
poor then. A weak pupil of grade 12 is admitted to the graduation exam (TT 15/2020), and so the school may say that the
level is completed; this table goes on with the retest. Graduation itself is later and decides nothing here.
"""

from dataclasses import replace

from edu_pipeline.rollover.regulation.scale import Level, Scale
from edu_pipeline.rollover.regulation.table import (
    GENERAL,
    PENDING,
    PROMOTED,
    RETAINED,
    UNTOLD,
    Condition,
    Fact,
    InForce,
    Regulation,
    Row,
)  # fmt: skip

STUDY, CONDUCT = ("excellent", "good", "average", "weak", "poor"), ("good", "fair", "average", "weak")
PASSED, WEAK, POOR = ("excellent", "good", "average"), ("weak",), ("poor",)
GOOD, BAD = ("good", "fair", "average"), ("weak",)
MAY_BE_ABSENT, ABSENT = range(46), range(46, 401)
OPEN, OTHERS, TWELVE = (UNTOLD,), ("no",), ("yes",)

SCALE = Scale(
    "art. 13",
    (
        Level("excellent", floor="6.5", average="8.0", key="8.0", not_passed=0),
        Level("good", floor="5.0", average="6.5", key="6.5", not_passed=0),
        Level("average", floor="3.5", average="5.0", key="5.0", not_passed=0),
        Level("weak", floor="2.0", average="3.5"),
        Level("poor"),
    ),
    adjust=(("excellent", "average", "good"), ("excellent", "weak", "average"), ("good", "weak", "average"),
            ("good", "poor", "weak")),
)  # fmt: skip

FACTS = (
    Fact("absences", range(401)), Fact("study", STUDY), Fact("conduct", CONDUCT),
    Fact("study_after", (*STUDY, UNTOLD)), Fact("conduct_after", (*CONDUCT, UNTOLD)), Fact("sits_exam", ("no", "yes")),
)  # fmt: skip


def _row(decision: str, article: str, note: str, **when: Condition) -> Row:
    return Row(decision, article, note, {"absences": MAY_BE_ABSENT, **when})


def _weak(decision: str, note: str, after: Condition) -> tuple[Row, Row]:
    """Not above average yet: in grade 12 the school may say otherwise."""
    when: dict[str, Condition] = {"study": WEAK, "conduct": GOOD, "study_after": after}
    other, twelve = (_row(decision, "art. 16", note, sits_exam=said, **when) for said in (OTHERS, TWELVE))
    said = "weak in grade 12: admitted to the graduation exam (TT 15/2020)"
    return other, replace(twelve, may_differ=True, flag=said)


ROWS = (
    Row(RETAINED, "art. 15", "absent from more than 45 sessions", {"absences": ABSENT}),
    _row(PROMOTED, "art. 15", "study and conduct passed", study=PASSED, conduct=GOOD),
    _row(RETAINED, "art. 15", "poor in study", study=POOR),
    _row(RETAINED, "art. 15", "weak in study and in conduct", study=WEAK, conduct=BAD),
    *_weak(PENDING, "retest in summer", OPEN),
    _row(PROMOTED, "art. 16", "passed after the retest", study=WEAK, conduct=GOOD, study_after=PASSED),
    *_weak(RETAINED, "not passed after the retest", WEAK + POOR),
    _row(PENDING, "art. 17", "trains conduct in summer", study=PASSED, conduct=BAD, conduct_after=OPEN),
    _row(PROMOTED, "art. 17", "conduct passed after summer", study=PASSED, conduct=BAD, conduct_after=GOOD),
    _row(RETAINED, "art. 17", "conduct not passed after summer", study=PASSED, conduct=BAD, conduct_after=BAD),
)

TT58 = Regulation(
    "TT 58/2011",
    "Thông tư 58/2011/TT-BGDĐT, sửa đổi bởi Thông tư 26/2020/TT-BGDĐT",
    FACTS,
    ROWS,
    (
        InForce(GENERAL, (6,), 2020, 2020),
        InForce(GENERAL, (7, 10), 2020, 2021),
        InForce(GENERAL, (8, 11), 2020, 2022),
        InForce(GENERAL, (9, 12), 2020, 2023),
    ),
    study="academic_58",
    conduct="conduct_58",
    scale=SCALE,
    individual_plan="art. 14",
)

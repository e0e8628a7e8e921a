"""TT 22/2021: grades 6 to 12 of the programme of 2018, by its roadmap.

marks -> level (art. 9); conduct of the terms -> of the year (art. 8); both, absences, summer -> decision (arts. 12-14)

What does not belong here: how a table is evaluated (table.py). Source: domain.md 4.1, 4.2.

Undecided in the text, decided here and flagged on the decision: a comment subject counts as the one subject of the
adjustment; the one subject is imagined as good as the level asks, so it may itself be the sixth; who is below in study
and in conduct stays down (art. 14 opens the retest to passed conduct only) unless the policy `both_below` is `lenient`
(art. 13 orders training whatever the study result).
"""

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

LEVELS = ("1", "2", "3", "4")
PASSED, FAILED, OPEN = ("1", "2", "3"), ("4",), (UNTOLD,)
MAY_BE_ABSENT, ABSENT = range(46), range(46, 401)
STRICT, LENIENT = "strict", "lenient"

SCALE = Scale(
    "art. 9",
    (
        Level("1", floor="6.5", six="8.0", not_passed=0),
        Level("2", floor="5.0", six="6.5", not_passed=0),
        Level("3", floor="3.5", six="5.0", not_passed=1),
        Level("4"),
    ),
    adjust=(("1", "3", "2"), ("1", "4", "3"), ("2", "4", "3")),
)

TERMS = tuple(
    Row(year, "art. 8", "conduct of the year from the terms", {"second": (second,), "first": tuple(first)})
    for year, first, second in (
        ("1", "12", "1"), ("2", "34", "1"),
        ("2", "123", "2"), ("3", "4", "2"),
        ("2", "1", "3"), ("3", "234", "3"),
        ("4", "1234", "4"),
    )
)  # fmt: skip

FACTS = (
    Fact("absences", range(401)), Fact("study", LEVELS), Fact("conduct", LEVELS),
    Fact("study_after", (*LEVELS, UNTOLD)), Fact("conduct_after", (*LEVELS, UNTOLD)),
    Fact("both_below", (STRICT, LENIENT)),
)  # fmt: skip

_BOTH = "below in study and in conduct: art. 14 read strictly, art. 13 would order summer training"
_KIND = "below in study and in conduct: art. 13 read leniently, art. 14 opens no retest"


def _row(decision: str, article: str, note: str, flag: str | None = None, **when: Condition) -> Row:
    return Row(decision, article, note, {"absences": MAY_BE_ABSENT, **when}, flag=flag)


def _both(decision: str, note: str, **when: Condition) -> Row:
    return _row(decision, "arts. 13-14", note, _KIND, study=FAILED, conduct=FAILED, both_below=(LENIENT,), **when)


ROWS = (
    Row(RETAINED, "art. 12", "absent from more than 45 sessions", {"absences": ABSENT}),
    _row(PROMOTED, "art. 12", "study and conduct passed", study=PASSED, conduct=PASSED),
    _row(PENDING, "art. 14", "retest in summer", study=FAILED, conduct=PASSED, study_after=OPEN),
    _row(PROMOTED, "art. 14", "passed after the retest", study=FAILED, conduct=PASSED, study_after=PASSED),
    _row(RETAINED, "art. 14", "not passed after the retest", study=FAILED, conduct=PASSED, study_after=FAILED),
    _row(PENDING, "art. 13", "trains conduct in summer", study=PASSED, conduct=FAILED, conduct_after=OPEN),
    _row(PROMOTED, "art. 13", "conduct passed after summer", study=PASSED, conduct=FAILED, conduct_after=PASSED),
    _row(RETAINED, "art. 13", "conduct not passed after summer", study=PASSED, conduct=FAILED, conduct_after=FAILED),
    _row(RETAINED, "art. 14", "below in study and in conduct", _BOTH, study=FAILED, conduct=FAILED,
         both_below=(STRICT,)),
    _both(PROMOTED, "both passed after summer", study_after=PASSED, conduct_after=PASSED),
    _both(RETAINED, "study not passed after summer", study_after=FAILED),
    _both(RETAINED, "conduct not passed after summer", study_after=(*PASSED, UNTOLD), conduct_after=FAILED),
    _both(PENDING, "retest in summer", study_after=OPEN, conduct_after=(*PASSED, UNTOLD)),
    _both(PENDING, "trains conduct in summer", study_after=PASSED, conduct_after=OPEN),
)  # fmt: skip

TT22 = Regulation(
    "TT 22/2021",
    "Thông tư 22/2021/TT-BGDĐT",
    FACTS,
    ROWS,
    (
        InForce(GENERAL, (6,), 2021),
        InForce(GENERAL, (7, 10), 2022),
        InForce(GENERAL, (8, 11), 2023),
        InForce(GENERAL, (9, 12), 2024),
    ),
    study="academic_level",
    conduct="conduct_level",
    scale=SCALE,
    terms=TERMS,
    individual_plan="art. 11",
)

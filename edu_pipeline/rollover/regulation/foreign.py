"""A foreign programme: no circular judges it, so the decision that the school reports is the decision.

reported outcome -> the same

What does not belong here: pupils of foreign-invested schools who follow the Ministry's programme (force.py).
"""

from edu_pipeline.rollover.regulation.table import (
    FOREIGN,
    PENDING,
    PROMOTED,
    RETAINED,
    UNTOLD,
    Fact,
    InForce,
    Regulation,
    Row,
)  # fmt: skip

_OUTCOMES = ("promoted", "completed", "retest", "retained")
_UP, _OPEN, _DOWN = ("promoted", "completed"), ("retest",), ("retained",)
_SAID = "the school's decision"

PROGRAMME = Regulation(
    "foreign programme",
    "Chương trình nước ngoài (theo quyết định của trường)",
    (Fact("outcome", _OUTCOMES), Fact("outcome_after", (*_OUTCOMES, UNTOLD))),
    (
        Row(PROMOTED, _SAID, "reported by the school", {"outcome": _UP}),
        Row(RETAINED, _SAID, "reported by the school", {"outcome": _DOWN}),
        Row(PENDING, _SAID, "the school awaits summer", {"outcome": _OPEN, "outcome_after": (UNTOLD, *_OPEN)}),
        Row(PROMOTED, _SAID, "reported after summer", {"outcome": _OPEN, "outcome_after": _UP}),
        Row(RETAINED, _SAID, "reported after summer", {"outcome": _OPEN, "outcome_after": _DOWN}),
    ),
    (InForce(FOREIGN, tuple(range(1, 19)), 2020),),
)

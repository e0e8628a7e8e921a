"""The promotion ladder: which grade follows which, where a level begins and ends.

grade -> next grade, entrance, end of level

What does not belong here: whether a child is promoted (rollover), and how grades are coded elsewhere (sources).
Source: domain.md 3.3 and 4.1. Crossing from one level to the next is an admission, not a promotion (5.3).
"""

from itertools import pairwise

LEVELS: dict[str, tuple[int, ...]] = {
    "preschool": (13, 14, 15, 16, 17, 18),
    "primary": (1, 2, 3, 4, 5),
    "lower_secondary": (6, 7, 8, 9),
    "upper_secondary": (10, 11, 12),
}

NEXT_GRADE: dict[int, int] = {grade: following for grades in LEVELS.values() for grade, following in pairwise(grades)}

FINAL_GRADES: frozenset[int] = frozenset(grades[-1] for grades in LEVELS.values())

# A child enters preschool at any age; the other levels at their first grade only.
ENTRANCE_GRADES: frozenset[int] = frozenset({1, 6, 10, *LEVELS["preschool"]})

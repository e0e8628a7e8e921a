"""What holds for a child in one school year: policy, support, boarding, membership, growth.

Child, grade, year -> Marks of the year

What does not belong here: results (marks.py), and codes (tables.py).
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from edu_pipeline.sandbox.lot import hits, lot, pick, weighted
from edu_pipeline.sandbox.story import Child
from edu_pipeline.sandbox.wards import DIFFICULT, RURAL

_POLICIES = ("martyr_child", "invalid_child", "sick_soldier_child", "merit_child", "orphan", "half_orphan",
             "soldier_child")  # fmt: skip
_DISABILITIES = ("mobility", "hearing_speech", "vision", "intellectual", "learning", "autism")
_POVERTY = {"none": 950, "near_poor": 35, "poor": 15}
# Mean height in cm and weight in kg at 3, 6, 10, 14 and 18 years; between them along the line.
_GROWTH = ((3, 95, 14), (6, 115, 20), (10, 137, 31), (14, 158, 47), (18, 166, 56))


@dataclass(frozen=True)
class Yearly:
    """Words of tables.py; booleans; centimetres and kilograms."""

    poverty: str
    policy: str | None
    disability: str | None
    region: str
    fee: str
    is_in_difficult_area: bool
    supports: frozenset[str]
    boarding: str
    has_two_sessions: bool
    is_swimmer: bool
    is_pioneer: bool
    is_union_member: bool
    has_minority_language: bool
    has_ministry_programme: bool
    height: Decimal
    weight: Decimal
    eyesight: str
    spine: str


def disability(child: Child) -> str | None:
    """A word of tables.DISABILITY for the few who have one."""
    return pick(child.root, "which disability", _DISABILITIES) if hits(child.root, "disabled", 12) else None


def yearly(child: Child, grade: int, year: int, district: str, has_two_sessions: bool, boards: bool) -> Yearly:
    """The child's marks of a school year in a grade (13-18 preschool) of a unit in a district.

    It is at school when its class is, and stays over noon only where that `boards`.
    """
    root = child.root
    poverty = weighted(root, "poverty", _POVERTY)
    policy = pick(root, "which policy", _POLICIES) if hits(root, "policy", 20) else None
    is_free = poverty == "poor" or policy is not None or grade in range(1, 6) or disability(child) is not None
    supports = {"study"} if poverty == "poor" else set()
    supports |= {"lunch"} if grade >= 13 and poverty != "none" else set()
    supports |= {"cash"} if policy in ("orphan", "half_orphan") else set()
    supports |= {"rice"} if poverty == "poor" and hits(root, "rice", 300) else set()
    supports |= {"housing"} if poverty == "poor" and hits(root, "housing", 200) else set()
    boarding = _boarding(root, grade) if boards else "none"
    supports -= {"housing"} if boarding == "none" else set()
    height, weight = _growth(child, year)
    return Yearly(
        poverty,
        policy,
        disability(child),
        "KV2-NT" if district in RURAL else "KV3",
        "exempt" if is_free else "reduced" if poverty == "near_poor" else "none",
        district in DIFFICULT,
        frozenset(supports),
        boarding,
        has_two_sessions,
        hits(root, "swims", 40 + 50 * min(grade, 12)),
        grade in range(3, 10) and hits(root, "pioneer", 950),
        grade in range(10, 13) and hits(root, "union", 700),
        child.ethnic not in (1, 55) and hits(root, "own language", 400),
        child.ethnic != 55,
        height,
        weight,
        pick(root, "eyes", ("10/10", "10/10", "9/10", "7/10", "5/10")),
        "Cong vẹo nhẹ" if hits(root, "spine", 30) else "Bình thường",
    )


def _boarding(root: str, grade: int) -> str:
    if grade >= 13:
        return "day"
    return "full" if hits(root, "full board", 5) else "day" if hits(root, "board", 500) else "none"


def _growth(child: Child, year: int) -> tuple[Decimal, Decimal]:
    age = min(max((dt.date(year, 10, 1) - child.birth).days / 365.25, 3), 18)
    (low, cm, kg), (high, taller, heavier) = next(pair for pair in pairwise(_GROWTH) if age <= pair[1][0])
    part = (age - low) / (high - low)
    stature = 0.93 + lot(child.root, "stature", 140) / 1000
    height, weight = (cm + part * (taller - cm)) * stature, (kg + part * (heavier - kg)) * stature**2
    return Decimal(f"{height:.1f}"), Decimal(f"{weight:.1f}")

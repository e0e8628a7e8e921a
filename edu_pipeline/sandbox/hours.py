"""When a class is at school: in one session a day or two, and over noon. Its pupils are there when it is.

unit, class, grade -> two sessions, boarding

What does not belong here: what the school says of itself (premises.py), what holds for one pupil (welfare.py).
"""

from edu_pipeline.sandbox import premises
from edu_pipeline.sandbox.lot import hits
from edu_pipeline.sandbox.units import Unit


def has_two_sessions(unit: Unit, klass: str, grade: int) -> bool:
    """True for all small classes; of the others for many, where the school teaches so, and for the first of a grade."""
    if premises.is_small(grade):
        return True
    is_first = klass.endswith("1")  # or the tenth after it: a school of two sessions has a class of them
    return premises.has_two_sessions(unit) and (is_first or hits(f"{unit.code} {klass}", "two sessions", 600))


def boards(grade: int) -> bool:
    """True for small classes: their pupils may stay over noon."""
    return premises.is_small(grade)

"""How many children a zone gains from outside, known from its plan alone.

Plan -> counts

What does not belong here: who they are (summer.py).
"""

from edu_pipeline.sandbox import clock
from edu_pipeline.sandbox.plan import Plan
from edu_pipeline.sandbox.units import Unit


def arrivals(unit: Unit) -> int:
    """How many come to a unit from other provinces in summer 2024."""
    is_there = unit.grades and unit.system != "lotus" and unit.is_open(clock.YEAR_BEGIN[2024])
    return 1 + unit.classes * unit.size * len(unit.grades) // 200 if is_there else 0


def entrants(unit: Unit, year: int) -> dict[int, int]:
    """Children who come to a unit from no school, a class: the youngest, and half of grade 1."""
    if not unit.is_open(clock.YEAR_BEGIN[year]):
        return {}
    return {grade: count for grade, count in ((16, unit.size), (1, unit.size // 2)) if grade in unit.grades}


def newcomers(plan: Plan) -> int:
    """How many children a zone gains in 2024 and 2025."""
    entered = sum(unit.classes * sum(entrants(unit, year).values()) for unit in plan.units for year in (2024, 2025))
    return entered + sum(map(arrivals, plan.units))

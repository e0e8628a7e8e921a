"""A season's limit as SQL: the city's, or that of the unit's own levels.

Limits by unit -> CASE expression -> landing, validate (what is too much for a night)

What does not belong here: the seasons (sources/calendar.py), and what is counted against a limit.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, case, literal

from edu_pipeline.sources.calendar import Limits

# A share means something only where there are enough rows for one.
ENOUGH_ROWS = 50


def limit(name: str, unit_id: ColumnElement, city: Limits, units: Mapping[str, Limits]) -> ColumnElement:
    """`rows` or `share` of a unit's limits: the city's where the unit has no others."""
    others: dict[Limits, list[str]] = {}
    for unit, limits in units.items():
        if limits != city:
            others.setdefault(limits, []).append(unit)
    whens = [(unit_id.in_(found), literal(getattr(limits, name))) for limits, found in others.items()]
    own = literal(getattr(city, name))
    return case(*whens, else_=own) if whens else own

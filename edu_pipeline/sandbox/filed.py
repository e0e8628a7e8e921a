"""What the offices filed of the first units' pupils: a transfer for each move, an admission for each entrant.

stories of first.py, as they are told -> Transfer, Admission

What does not belong here: a draw or a new story (first.py says why); what goes wrong with transfers (summer.py).
"""

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING

from edu_pipeline.sandbox.lot import pick
from edu_pipeline.sandbox.moves import CITY, Admission, Transfer
from edu_pipeline.sandbox.story import Child
from edu_pipeline.sandbox.summer import PROVINCES

if TYPE_CHECKING:
    from edu_pipeline.sandbox.city import City

_ASKED, _TAKEN = dt.timedelta(days=8), dt.timedelta(days=2)


def file(city: "City") -> None:
    """File what the stories imply; whoever moved was let go on his last day and taken in two days later."""
    for child in city.children:
        for number, (place, following) in enumerate(pairwise([*child.places, None])):
            if place is None or place.end is None or place.how not in ("city", "away"):
                continue
            there = following.unit if following and place.how == "city" else None
            grade = following.grade if following else place.grade
            to = CITY if place.how == "city" else pick(child.root, "province", PROVINCES)
            city.transfers.append(
                Transfer(f"CT-{child.root}-{number}", child.root, grade, place.unit, there, CITY, to,
                         place.end - _ASKED, place.end, place.end + _TAKEN)
            )  # fmt: skip
        _admit(city, child)


def _admit(city: "City", child: Child) -> None:
    for place in child.in_year(2024) if child.entry == "intake" else ():
        if place.grade in (1, 6, 10) and city.unit(place.unit).system != "lotus":
            city.admissions.append(
                Admission(f"TS2024-{child.root}", child.root, place.unit, 2024, place.grade, dt.date(2024, 7, 25), True)
            )

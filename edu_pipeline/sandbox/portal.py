"""The Department's portal: transfers of pupils, and admission lists for grades 1, 6 and 10.

GET {base}/transfers | {base}/admissions?school_year=2024&page=1&size=500[&unit=79764401], Authorization: Bearer <token>
stories, date -> {"page", "size", "total", "items"}

`transfers`: who asks to go from where to where, `status` requested, released or accepted, the day and decision of each
step; an empty unit lies in another province, whose code stands beside it (the 63 provinces of before 1 July 2025). A
transfer belongs to the school year that it leads into. With `unit`: those from it or to it.
`admissions`: a unit's list for grade 1, 6 or 10, shown from the day on which it was published; who did not come stands
there as well, and a child may stand on two lists.

What does not belong here: enrollments (the schools' systems tell them). In a large city each page tells the zones anew
that it covers, and the first one of a day every zone, for the totals; by `unit` its zone alone is asked.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edu_pipeline.sandbox.asking import whole
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import YEAR_BEGIN
from edu_pipeline.sandbox.contradictions.kind import CONTRADICTED
from edu_pipeline.sandbox.contradictions.tell import tell
from edu_pipeline.sandbox.moves import Admission, Transfer

TOKEN = "portal-practice-token"
MAX_SIZE = 1000
RESOURCES = ("transfers", "admissions")
Record = dict[str, Any]
Counts = dict[tuple[str, int], list[int]]


def _iso(day: dt.date | None, today: dt.date) -> str | None:
    return day.isoformat() if day is not None and day <= today else None


def _decision(number: str, step: str, on: str | None) -> str | None:
    return f"{number}/{step}" if on else None


def transfer(said: Transfer, today: dt.date) -> Record | None:
    """A transfer as it stands on a day; None before it was asked for."""
    status = said.state(today)
    if status is None:
        return None
    released, accepted = _iso(said.released, today), _iso(said.accepted, today)
    return {"transfer_id": said.number, "student_id": said.student, "school_year": leads_into(said),
            "grade_level": said.grade, "status": status,
            "from_unit_id": said.from_unit, "from_province_code": said.from_province,
            "to_unit_id": said.to_unit, "to_province_code": said.to_province,
            "requested_date": said.requested.isoformat(), "released_date": released,
            "release_decision": _decision(said.number, "QD-CHO", released), "accepted_date": accepted,
            "accept_decision": _decision(said.number, "QD-TN", accepted)}  # fmt: skip


def admission(said: Admission, today: dt.date) -> Record | None:
    """A line of an admission list; None before the list was published. Whether the child came, the list cannot know."""
    if said.listed > today:
        return None
    return {"admission_id": said.number, "student_id": said.student, "unit_id": said.unit, "school_year": said.year,
            "grade_level": said.grade, "listed_date": said.listed.isoformat(),
            "decision_number": f"{said.unit}/{said.year}/QD-TS"}  # fmt: skip


def leads_into(said: Transfer) -> int:
    """The school year that a transfer leads into: one asked for in summer, the year that begins in it."""
    return said.requested.year if said.requested.month >= 6 else said.requested.year - 1


def _records(zone: City, resource: str, year: int, unit: str | None, today: dt.date) -> Iterator[Record]:
    if resource == "transfers":
        moves = zone.transfers if unit is None else zone.transfers_of[unit]
        found = (transfer(said, today) for said in moves if leads_into(said) == year)
    else:
        listed = zone.admissions if unit is None else zone.admissions_of[unit]
        found = (admission(said, today) for said in listed if said.year == year)
    shown = [told for told in found if told is not None]
    if year == CONTRADICTED:
        shown = tell(zone, resource, today, shown)
    yield from (told for told in shown if unit is None or unit in (told.get("unit_id"), told.get("from_unit_id"),
                                                                   told.get("to_unit_id")))  # fmt: skip


class Portal:
    """What the portal shows on a day."""

    def __init__(self, city: City, today: Callable[[], dt.date]) -> None:
        self.city, self.today = city, today
        self._counted: tuple[dt.date, Counts] | None = None
        self._lock = Lock()

    def page(self, resource: str, year: int, unit: str | None, first: int, size: int) -> tuple[int, list[Record]]:
        """How many records of a resource there are, and a page of them, in stable order.

        KeyError for a unit that the city does not have.
        """
        today = self.today()
        if unit is not None:
            rows = list(_records(self.city.of(unit), resource, year, unit, today))
            return len(rows), rows[first : first + size]
        counts, found = self._counts(today)[resource, year], list[Record]()
        for place, count in enumerate(counts):
            if first < count and len(found) < size:
                rows = list(_records(self.city.zone(place), resource, year, None, today))
                found += rows[first : first + size - len(found)]
            first = max(first - count, 0)
        return sum(counts), found

    def _counts(self, today: dt.date) -> Counts:
        """How many records each zone has, by resource and year."""
        with self._lock:
            if self._counted is None or self._counted[0] != today:
                counts: Counts = {(name, year): [] for name in RESOURCES for year in YEAR_BEGIN}
                for zone in self.city.zones():
                    for (name, year), found in counts.items():
                        found.append(sum(1 for _ in _records(zone, name, year, None, today)))
                self._counted = today, counts
            return self._counted[1]

    def serve(self, request: Request) -> Response:
        """A page, or why there is none."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _fail(401, "unauthorized", "the token does not fit")
        resource, asked = request.path_params["resource"], request.query_params
        if resource not in RESOURCES:
            return _fail(404, "not_found", "no such resource")
        try:
            year, page, size = (whole(asked.get(name, "")) for name in ("school_year", "page", "size"))
        except ValueError as error:
            return _fail(400, "bad_request", f"school_year, page and size: {error}")
        if year not in YEAR_BEGIN:
            return _fail(404, "not_found", "no such school year")
        size = min(size, MAX_SIZE)
        try:
            total, shown = self.page(resource, year, asked.get("unit"), (page - 1) * size, size)
        except KeyError:
            return _fail(404, "not_found", "no such unit")
        return JSONResponse({"page": page, "size": size, "total": total, "items": shown})


def _fail(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


def app(city: City, today: Callable[[], dt.date]) -> Starlette:
    """The HTTP application. `today` reads the business clock."""
    return Starlette(routes=[Route("/{resource}", Portal(city, today).serve)])

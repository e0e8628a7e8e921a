"""The Department's portal: transfers of pupils, and admission lists for grades 1, 6 and 10.

GET {base}/transfers | {base}/admissions?school_year=2024&page=1&size=500[&unit=79764401], Authorization: Bearer <token>
stories, date -> {"page", "size", "total", "items"}

`transfers`: who asks to go from where to where, `status` requested, released or accepted, the day and decision of each
step; an empty unit lies in another province, whose code stands beside it (the 63 provinces of before 1 July 2025). A
transfer belongs to the school year that it leads into. With `unit`: those from it or to it.
`admissions`: a unit's list for grade 1, 6 or 10, shown from the day on which it was published; who did not come stands
there as well, and a child may stand on two lists.

What does not belong here: enrollments (the schools' systems tell them). In a large city ask by `unit`: without it every
zone is told anew for each page. The pipeline does not read this yet.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edu_pipeline.sandbox.asking import whole
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import YEAR_BEGIN
from edu_pipeline.sandbox.moves import Admission, Transfer

TOKEN = "portal-practice-token"
MAX_SIZE = 1000
Record = dict[str, Any]


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
    return {"transfer_id": said.number, "student_id": said.student, "grade_level": said.grade, "status": status,
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


class Portal:
    """What the portal shows on a day."""

    def __init__(self, city: City, today: Callable[[], dt.date]) -> None:
        self.city, self.today = city, today

    def records(self, resource: str, year: int, unit: str | None) -> Iterator[Record]:
        """The records of a resource, in stable order. KeyError for a unit that the city does not have."""
        today = self.today()
        zones = self.city.zones() if unit is None else iter((self.city.of(unit),))
        for zone in zones:
            if resource == "transfers":
                moves = zone.transfers if unit is None else zone.transfers_of[unit]
                found = (transfer(said, today) for said in moves if leads_into(said) == year)
            else:
                listed = zone.admissions if unit is None else zone.admissions_of[unit]
                found = (admission(said, today) for said in listed if said.year == year)
            yield from (told for told in found if told is not None)

    def serve(self, request: Request) -> Response:
        """A page, or why there is none."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _fail(401, "unauthorized", "the token does not fit")
        resource, asked = request.path_params["resource"], request.query_params
        if resource not in ("transfers", "admissions"):
            return _fail(404, "not_found", "no such resource")
        try:
            year, page, size = (whole(asked.get(name, "")) for name in ("school_year", "page", "size"))
        except ValueError as error:
            return _fail(400, "bad_request", f"school_year, page and size: {error}")
        if year not in YEAR_BEGIN:
            return _fail(404, "not_found", "no such school year")
        size = min(size, MAX_SIZE)
        try:
            rows = list(self.records(resource, year, asked.get("unit")))
        except KeyError:
            return _fail(404, "not_found", "no such unit")
        shown = rows[(page - 1) * size : page * size]
        return JSONResponse({"page": page, "size": size, "total": len(rows), "items": shown})


def _fail(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


def app(city: City, today: Callable[[], dt.date]) -> Starlette:
    """The HTTP application. `today` reads the business clock."""
    return Starlette(routes=[Route("/{resource}", Portal(city, today).serve)])

"""The vendor `hoaphuong`: a school-management system whose habits are its own.

GET {base}/{resource}?maTruong=79764401&namHoc=2023-2024&hocKy=2&limit=500[&cursor=...], X-Client, X-Api-Key
stories, date -> records (dossiers.py, registers.py, placements.py, ...) -> pages of one snapshot, by cursor

What does not belong here: the master schema; its code tables (tables.py). A cursor is a snapshot: it shows the state of
its first page, and is forgotten after a while (410). A year that a school does not show yet is an empty reading.
"""

import datetime as dt
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edu_pipeline.sandbox import ailments, clock, dossiers, placements, registers, teaching, transcripts
from edu_pipeline.sandbox.asking import whole
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.contradictions.tell import tell
from edu_pipeline.sandbox.papers import Record, label, record
from edu_pipeline.sandbox.units import Unit

CLIENT, KEY = "hoaphuong-practice-client", "hoaphuong-practice-key"
MAX_LIMIT, MAX_SNAPSHOTS, LIFE_SECONDS = 500, 8, 900.0
RESOURCES = {
    "diem-truong": registers.campuses,
    "he-thong": registers.systems,
    "nhan-su": dossiers.staff,
    "dao-tao": dossiers.staff_trainings,
    "ngoai-ngu": dossiers.staff_languages,
    "hoc-sinh": dossiers.students,
    "giay-to": dossiers.student_papers,
    "phu-huynh": dossiers.guardians,
    "lop-hoc": registers.classes,
    "mon-lop": teaching.class_subjects,
    "phan-cong": registers.assignments,
    "mon-day": teaching.staff_subjects,
    "khen-thuong-can-bo": registers.staff_awards,
    "xep-lop": placements.enrollments,
    "ho-so-nam": placements.student_years,
    "khen-thuong": transcripts.student_awards,
    "ket-qua": transcripts.results,
    "diem-mon": transcripts.subject_marks,
}
HEADCOUNT = "si-so"


@dataclass(frozen=True)
class Scope:
    """What one reading is of: all its pages ask for the same."""

    resource: str
    unit: str
    year: int
    term: int


class Hoaphuong:
    """What the vendor would answer on a day."""

    def __init__(self, city: City) -> None:
        self.city = city

    def covers(self, unit: str) -> bool:
        """True for a unit that the vendor answers for, now or one day."""
        return self.city.unit(unit).system == "hoaphuong"

    def records(self, scope: Scope, day: dt.date) -> list[Record]:
        """Every record of a reading, in stable order. A term that is over is told as it stood on its last day."""
        zone = self.city.of(scope.unit)
        unit = zone.unit_on(scope.unit, day)
        if not _shows(unit, scope.year, day):
            return []
        on = min(day, clock.TERM_1_END[scope.year]) if scope.term == 1 else day
        if scope.resource == HEADCOUNT:
            counted = [registers.headcount(zone, unit, scope.year, scope.term, on)]
            return tell(zone, HEADCOUNT, on, counted, unit.code)
        make = RESOURCES[scope.resource]

        def read(code: str) -> list[Record]:
            return list(make(zone, zone.unit_on(code, day), scope.year, on))

        told = tell(zone, scope.resource, on, read(unit.code), unit.code, read)
        if scope.resource == "hoc-sinh" and any(
            defect.kind == "header_record" and defect.unit == unit.code for defect in zone.defects
        ):
            told.insert(0, record(f"HS {unit.code} header", 1, clock.YEAR_BEGIN[2023], ailments.header(unit.code)))
        return told


def _shows(unit: Unit, year: int, day: dt.date) -> bool:
    """A unit answers from its opening and its change to this vendor on; one that has closed tells no later year."""
    is_there = (unit.opened is None or unit.opened <= day) and unit.system_on(day) == "hoaphuong"
    goes_on = unit.closed is None or clock.YEAR_BEGIN[year] <= unit.closed
    return is_there and goes_on and day >= clock.shown_from(year, unit.shows_new_year)


class Refused(Exception):
    """An answer with another status than 200: (status, message)."""


@dataclass
class Snapshot:
    """The state that one reading shows, and until when."""

    scope: Scope
    rows: list[Record]
    until: float


class Service:
    """The HTTP side: snapshots that it keeps, and what it refuses."""

    def __init__(self, city: City, today: Callable[[], dt.date], life: float = LIFE_SECONDS) -> None:
        self.vendor, self.today, self.life = Hoaphuong(city), today, life
        self.snapshots: OrderedDict[str, Snapshot] = OrderedDict()
        self._turn = Lock()

    def serve(self, request: Request) -> Response:
        """A page of a resource, or why there is none."""
        try:
            with self._turn:
                return JSONResponse(self._page(request))
        except Refused as error:
            status, message = error.args
            return JSONResponse({"loi": {"ma": status, "thongBao": message}}, status)

    def _page(self, request: Request) -> Record:
        if (request.headers.get("x-client"), request.headers.get("x-api-key")) != (CLIENT, KEY):
            raise Refused(401, "X-Client and X-Api-Key do not fit")
        scope, limit, cursor = self._understood(request)
        token, begin = self._position(scope, cursor)
        rows = self.snapshots[token].rows
        items, end = rows[begin : begin + limit], begin + limit
        is_last = end >= len(rows)
        if is_last and not begin:
            del self.snapshots[token]  # nobody holds a cursor of it; a last page may be asked for again
        # It counts what there is, not what it serves: a record that stands twice on a page is one.
        count = len({row["uuid"] for row in rows})
        return {"meta": {"next": None if is_last else f"{token}.{end}", "count": count}, "items": items}

    def _understood(self, request: Request) -> tuple[Scope, int, str | None]:
        asked, resource = request.query_params, request.path_params["resource"]
        if resource not in (*RESOURCES, HEADCOUNT):
            raise Refused(404, "no such resource")
        if missing := [name for name in ("maTruong", "namHoc", "hocKy", "limit") if name not in asked]:
            raise Refused(400, f"missing: {', '.join(missing)}")
        try:
            covers = self.vendor.covers(asked["maTruong"])
        except KeyError:
            raise Refused(404, "no such unit") from None
        if not covers:
            raise Refused(403, "the key does not cover this unit")
        years = {label(year): year for year in clock.YEAR_BEGIN}
        if asked["namHoc"] not in years:
            raise Refused(404, "no such school year; write it as 2023-2024")
        if asked["hocKy"] not in ("1", "2"):
            raise Refused(400, "hocKy is 1 or 2")
        try:
            limit = min(whole(asked["limit"]), MAX_LIMIT)
        except ValueError as error:
            raise Refused(400, f"limit: {error}") from None
        scope = Scope(resource, asked["maTruong"], years[asked["namHoc"]], int(asked["hocKy"]))
        return scope, limit, asked.get("cursor")

    def _position(self, scope: Scope, cursor: str | None) -> tuple[str, int]:
        """Snapshot and position that a cursor means; without one, a new snapshot's beginning."""
        now = time.monotonic()
        for token in [token for token, kept in self.snapshots.items() if kept.until <= now]:
            del self.snapshots[token]
        if cursor is None:
            token = secrets.token_hex(8)
            self.snapshots[token] = Snapshot(scope, self.vendor.records(scope, self.today()), now + self.life)
            while len(self.snapshots) > MAX_SNAPSHOTS:
                self.snapshots.popitem(last=False)
            return token, 0
        token, _, position = cursor.partition(".")
        try:
            begin = whole(position)
        except ValueError:
            raise Refused(400, "no cursor of ours") from None
        if token not in self.snapshots:
            raise Refused(410, "the cursor has expired; begin again without one")
        if self.snapshots[token].scope != scope:
            raise Refused(400, "the cursor belongs to another reading")
        return token, begin


def app(city: City, today: Callable[[], dt.date], life: float = LIFE_SECONDS) -> Starlette:
    """The HTTP application. `today` reads the business clock; a cursor lives `life` seconds."""
    return Starlette(routes=[Route("/{resource}", Service(city, today, life).serve)])

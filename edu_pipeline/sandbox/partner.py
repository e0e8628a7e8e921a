"""The vendor `saomai`: a school-management system by the partner contract v0.

stories, date, faults -> records -> pages of one snapshot

What does not belong here: the master schema. This vendor's code tables are typed out here, once more, on purpose.
"""

import datetime as dt
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edu_pipeline.sandbox import clock, confirmations, deployed
from edu_pipeline.sandbox.asking import whole
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.confirmations import Shown
from edu_pipeline.sandbox.faults import Faults
from edu_pipeline.sandbox.story import Child, Member, Place

TOKEN = "saomai-practice-token"
SEX = {"m": "1", "f": "0"}
STATUS = {None: "1", "away": "3", "city": "3", "withdrawn": "4", "on_leave": "7"}
PURPOSE = {"school_management": "QTTH", "learning_management": "QTHT", "finance": "TC", "library": "TV", "exams": "THI"}
STAGE = {"planned": "1", "applied": "2", "checked": "3", "live": "5"}
OUTCOME = {"promoted": "LL", "retained": "OL", "completed": "HT", "retest": "KTL"}
RESOURCES = ("staff", "students", "classes", "assignments", "enrollments", "results", "systems", "headcount",
             "confirmations")  # fmt: skip
CONFIRMED = {"first data": "DN", "systems": "HT", "plan": "KH"}
MAX_SIZE = 1000
# Snapshots that are kept, and how many records in all: a reader comes back for the next page at once or never.
MAX_SNAPSHOTS, MAX_RECORDS = 500, 100_000
# Where among a unit's quiet children the victim of a fault stands; no two faults share one.
VICTIMS = {"dropped": 11, "unknown_code": 21, "duplicate_id": 22, "orphan": 24, "other_year": 25}
TWIN = 23

Record = dict[str, Any]
Replies = dict[tuple[str, str], list[dict[str, Any]]]
Stay = tuple[Child, Place]


class Saomai:
    """What the vendor would answer on a day."""

    def __init__(self, city: City, faults: Faults, shown: Shown | None = None) -> None:
        self.city, self.faults, self.shown = city, faults, shown or Shown()
        self.forgets = confirmations.forgetful(city)

    def records(self, resource: str, unit: str, year: int, term: int, day: dt.date) -> list[Record]:
        """Every record of a reading, in stable order. A term that is over is told as it stood on its last day."""
        if not self._shows(unit, year, day):
            return []
        on = min(day, clock.TERM_1_END[year]) if term == 1 else day
        if resource == "headcount":
            return self._headcount(unit, year, term, on)
        if resource == "confirmations":
            return self._confirmations(unit, year, day)
        rows: list[Record] = getattr(self, f"_{resource}")(unit, year, on)
        if resource in ("students", "enrollments", "results", "classes") and self.faults.has("shrunken", unit):
            rows = rows[: len(rows) * 2 // 5]
        return rows

    def _shows(self, unit: str, year: int, day: dt.date) -> bool:
        told = self.city.unit(unit)
        # A unit that has gone to another vendor stays as it was left: its old years, nothing since.
        if told.switched and clock.YEAR_BEGIN[year] >= told.switched:
            return False
        if not told.is_open(clock.YEAR_BEGIN[year]) or day < clock.shown_from(year, told.shows_new_year):
            return False
        # The first thirty-two units' children have no story after 2024-2025: their schools are silent then.
        return year < 2025 or not told.grades or any(place.year == year for _, place in self._stays(unit))

    def _stays(self, unit: str) -> list[Stay]:
        """All stays that the unit ever has, of all years, whatever the faults."""
        return [(child, place) for child in self.city.of(unit).children_of[unit]
                for place in child.places if place.unit == unit]  # fmt: skip

    def _children(self, unit: str, year: int, day: dt.date = dt.date.max) -> list[Stay]:
        """The stays of a year that have begun by the day; without a day all of them. Who is dropped has none."""
        gone = self._victim_of("dropped", unit) if self.faults.has("dropped", unit) else None
        # Whoever is there from the first day is told before it too; who moves in later, from that day on.
        known = max(day, clock.YEAR_BEGIN[year])
        return [(child, place) for child, place in self._stays(unit)
                if child is not gone and place.year == year and place.begin <= known]  # fmt: skip

    def _victim_of(self, fault: str, unit: str) -> Child | None:
        return _victim(self._stays(unit), VICTIMS[fault])

    def _marred(self, unit: str, wrong: dict[str, Record]) -> dict[str, tuple[int, Record]]:
        """What faults do to their victims, by root: by how much versions have grown, and the wrong values while on."""
        return {victim.root: (self.faults.bump(fault, unit), values if self.faults.has(fault, unit) else {})
                for fault, values in wrong.items() if (victim := self._victim_of(fault, unit))}  # fmt: skip

    def _students(self, unit: str, year: int, day: dt.date) -> list[Record]:
        found = []
        twin = _victim(self._stays(unit), TWIN)
        marred = self._marred(
            unit, {"unknown_code": {"gioitinh": "9"}, "duplicate_id": {"madinhdanh": twin.root} if twin else {}}
        )
        for child, _ in self._children(unit, year, day):
            entered = min((place for place in child.places if place.unit == unit), key=lambda place: place.begin)
            grown, wrong = marred.get(child.root, (0, {}))
            data = _student(child, unit, entered.year) | wrong
            key, changed = f"{unit}-{child.codes[unit]}", _entry_told(entered)
            found.append(_record(f"HS-{key}", 1 + grown, data, changed))
            if child.defect == "rekeyed":
                alias = {**data, "mahocsinh": f"TAM-{child.codes[unit]}"}
                found.append({**_record(f"HS-TAM-{key}", 2, alias, changed + dt.timedelta(days=2), "CANCEL"),
                              "thaythe": f"HS-{key}"})  # fmt: skip
        return found

    def _enrollments(self, unit: str, year: int, day: dt.date) -> list[Record]:
        found = []
        marred = self._marred(unit, {"orphan": {"malop": "KHONG-CO"}, "other_year": {"namhoc": 2025}})
        for child, place in self._children(unit, year, day):
            ended = place.end if place.end is not None and place.end <= day else None
            grown, wrong = marred.get(child.root, (0, {}))
            data = {"mahocsinh": child.codes[unit], "malop": place.klass, "makhoi": place.grade,
                    "ngayvao": place.begin.isoformat() if place.is_begin_told else None,
                    "ngayra": ended.isoformat() if ended else None,
                    "trangthai": STATUS[place.how if ended else None], "hinhthuc": "1",
                    "matruong": unit, "namhoc": year, "hocky": 2 if year == 2023 else 1}  # fmt: skip
            if child.defect == "orphan_enrollment" and year == 2023:
                data["malop"] = "KHONG-CO"
            version = (2 if ended else 1) + grown
            event = "UPDATE" if version > 1 else "NEW"
            key = f"XL-{unit}-{year}-{child.codes[unit]}"
            found.append(_record(key, version, data | wrong, ended or place.begin, event))
        return found

    def _results(self, unit: str, year: int, day: dt.date) -> list[Record]:
        told, retold = clock.results_from(year), clock.summer_results_from(year)
        if day < told:
            return []
        found = []
        for child, place in self._children(unit, year, day):
            decided, after_summer = child.decided(year)
            if decided is None or (place.end is not None and place.end < told):
                continue
            stages = [("CN", decided, told)]
            if after_summer and day >= retold:
                stages.append(("HE", after_summer, retold))
            for stage, outcome, on in stages:
                weak = "4" if outcome in ("retained", "retest") else "2"
                data = {"mahocsinh": child.codes[unit], "giaidoan": stage, "ketqua": OUTCOME[outcome], "hoctap": weak,
                        "renluyen": "1", "songaynghi": int(child.root) % 9, "matruong": unit, "namhoc": year,
                        "hocky": 2}  # fmt: skip
                found.append(_record(f"KQ-{unit}-{year}-{stage}-{child.codes[unit]}", 1, data, on))
        return found

    def _classes(self, unit: str, year: int, day: dt.date) -> list[Record]:
        zone = self.city.of(unit)
        teachers = {m.homeroom.get(year): m.code for m in zone.staff_of[unit]}
        return [
            _record(f"LOP-{unit}-{year}-{klass}", 1,
                    {"malop": klass, "tenlop": f"Lớp {klass}", "makhoi": grade, "magvcn": teachers.get(klass),
                     "matruong": unit, "namhoc": year, "hocky": 1}, clock.YEAR_BEGIN[year])
            for klass, grade in sorted(zone.classes_of(unit, year).items())
        ]  # fmt: skip

    def _members(self, unit: str, year: int) -> list[Member]:
        return [m for m in self.city.of(unit).staff_of[unit]
                if (year == 2023 or m.leaves is None) and m.begin <= clock.YEAR_END[year]]  # fmt: skip

    def _staff(self, unit: str, year: int, day: dt.date) -> list[Record]:
        return [
            _record(f"CB-{unit}-{m.code}", 1,
                    {"macanbo": m.code, "madinhdanh": m.root, "hovaten": f"{m.family} {m.given}",
                     "ngaysinh": m.birth.isoformat(), "gioitinh": SEX[m.sex], "matruong": unit, "namhoc": 2023,
                     "hocky": 1}, m.begin)
            for m in self._members(unit, year)
        ]  # fmt: skip

    def _assignments(self, unit: str, year: int, day: dt.date) -> list[Record]:
        found = []
        for m in self._members(unit, year):
            left = m.leaves is not None and m.leaves <= day
            data = {"macanbo": m.code, "vitri": m.role, "hinhthuchopdong": m.contract,
                    "trangthai": m.how if left else "1", "ngaybatdau": m.begin.isoformat(),
                    "ngayketthuc": m.leaves.isoformat() if left and m.leaves else None, "lachinh": m.is_main,
                    "matruong": unit, "namhoc": year, "hocky": 1}  # fmt: skip
            found.append(_record(f"PC-{unit}-{year}-{m.code}", 2 if left else 1, data, m.leaves if left else m.begin))
        return found

    def _systems(self, unit: str, year: int, day: dt.date) -> list[Record]:
        told = self.city.unit(unit)
        # An office has no school system to declare by: it does so in the registry.
        return [
            _record(f"HT-{unit}-{s.code}", 1,
                    {"mahethong": s.code, "tensanpham": s.product, "nhacungcap": s.vendor,
                     "mucdich": PURPOSE[s.purpose], "tiendo": STAGE[s.stage], "capdo": s.level,
                     "ngaycamket": s.promised.isoformat() if s.promised else None, "matruong": unit, "namhoc": 2023,
                     "hocky": 2}, s.declared)
            for s in (deployed.declared(told, day, "saomai") if told.grades else ())
        ]  # fmt: skip

    def _headcount(self, unit: str, year: int, term: int, day: dt.date) -> list[Record]:
        on = min(clock.YEAR_END[year], day)
        count = self.city.of(unit).headcount(unit, year, on)
        data = {"ngay": on.isoformat(), "sohocsinh": count, "matruong": unit, "namhoc": year, "hocky": term}
        return [_record(f"SS-{unit}-{year}-{term}", 1, data, on)]

    def _confirmations(self, unit: str, year: int, day: dt.date) -> list[Record]:
        return [
            _record(f"XN-{unit}-{year}-{CONFIRMED[said.what]}-{said.appendix or said.hash or 0}", 1,
                    {"loai": CONFIRMED[said.what], "phuluc": said.appendix, "mabam": said.hash,
                     "ngayxacnhan": said.at.isoformat(), "nguoixacnhan": said.head, "matruong": unit, "namhoc": year,
                     "hocky": 2 if said.hash else 1}, said.at.date())
            for said in confirmations.words(self.city, unit, year, day, self.shown, self.forgets)
        ]  # fmt: skip


def _victim(stays: list[Stay], position: int) -> Child | None:
    """The child that a fault befalls: one without a defect who is there all of 2023, at a fixed place in the list.

    Chosen from all of a unit's stays, so that every year's reading tells the same of the same child, and no fault
    moves another's victim.
    """
    quiet = [child for child, place in stays
             if place.year == 2023 and place.begin == clock.YEAR_BEGIN[2023] and place.end is None
             and child.defect is None and child.outcome in ("promoted", "completed")]  # fmt: skip
    return quiet[position] if len(quiet) > position else None


def _student(child: Child, unit: str, entered: int) -> Record:
    told = {"mahocsinh": child.codes[unit], "madinhdanh": child.root, "hovaten": f"{child.family} {child.given}",
            "ngaysinh": child.birth.isoformat(), "gioitinh": SEX[child.sex], "dantoc": f"{child.ethnic:02d}",
            "matruong": unit, "namhoc": entered, "hocky": 1}  # fmt: skip
    return told | _defect(child)


def _entry_told(entered: Place) -> dt.date:
    """Who is there on the first day was entered days before; who moves in, on the day."""
    return dt.date(entered.year, 9, 1) if entered.begin == clock.YEAR_BEGIN[entered.year] else entered.begin


def _defect(child: Child) -> Record:
    match child.defect:
        case "bad_birth_date":
            return {"ngaysinh": "2015-02-31"}
        case "unknown_code":
            return {"gioitinh": "9"}
        case "missing_root_id":
            return {"madinhdanh": None}
        case "duplicate_root":
            return {"madinhdanh": child.twin_root}
    return {}


def _record(key: str, version: int, data: Record, changed: dt.date | None, event: str = "NEW") -> Record:
    return {"idbanghi": key, "sukien": event, "phienban": version, "thoigiancapnhat": f"{changed}T08:00:00",
            "data": data}  # fmt: skip


class Refused(Exception):
    """An answer with another status than 200: (status, code)."""


@dataclass(frozen=True)
class Scope:
    """What one reading is of: all its pages ask for the same."""

    resource: str
    unit: str
    year: int
    term: int
    since: str = ""


class Service:
    """The HTTP side: snapshots that it keeps, and what it refuses."""

    def __init__(self, city: City, faults: Faults, today: Any, replies: Replies, shown: Shown) -> None:
        self.vendor, self.faults, self.today, self.replies = Saomai(city, faults, shown), faults, today, replies
        self.known = {unit.code for unit in city.units}
        self.covered = {unit.code for unit in city.units if "saomai" in (unit.system, unit.before)}
        self.snapshots: OrderedDict[str, tuple[Scope, list[Record]]] = OrderedDict()
        self.kept = 0

    def serve(self, request: Request) -> Response:
        """A page of a resource, or the contract's error."""
        try:
            self._check(request)
            return JSONResponse(self._page(request))
        except Refused as error:
            status, code = error.args
            return JSONResponse({"error": {"code": code, "message": code}}, status)

    async def take(self, request: Request) -> Response:
        """Keep replies, for the schools to see; all of a body or nothing of it."""
        try:
            self._know(request)
            found = _replies(await request.body())
            if any(one["unit"] not in self.covered for one in found):
                raise Refused(403, "unit not covered")
        except Refused as error:
            status, code = error.args
            return JSONResponse({"error": {"code": code, "message": code}}, status)
        for one in found:
            self.replies.setdefault((one["resource"], one["id"]), []).append(one)
        return Response(status_code=204)

    def _know(self, request: Request) -> None:
        if self.faults.has("unavailable") or self.faults.spend("error500"):
            raise Refused(500, "internal")
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refused(401, "unauthorized")

    def _check(self, request: Request) -> None:
        asked = request.query_params
        self._know(request)
        if request.path_params["resource"] not in RESOURCES:
            raise Refused(404, "no such resource")
        if any(name not in asked for name in ("unit", "school_year", "term", "page", "size")):
            raise Refused(400, "unit, school_year, term, page and size are required")
        if asked["unit"] not in self.known:
            raise Refused(404, "no such unit")
        if asked["unit"] not in self.covered:
            raise Refused(403, "unit not covered")

    def _page(self, request: Request) -> dict[str, Any]:
        scope, page, size = _understood(request)
        token, rows = self._rows(scope, page, request.query_params.get("snapshot"))
        served = rows
        if self.faults.has("truncated", scope.unit) and scope.resource == "students":
            # The total is told in full, the pages end early: the classic silent cap.
            served = rows[: len(rows) * 4 // 5]
        shown = served[(page - 1) * size : page * size]
        return {"snapshot": token, "page": page, "size": size, "total": len(rows), "records": shown}

    def _rows(self, scope: Scope, page: int, token: str | None) -> tuple[str, list[Record]]:
        if not token:
            if page > 1:
                raise Refused(400, "snapshot is required from page 2 on")
            return self._snapshot(scope)
        kept = self.snapshots.get(token)
        if kept is None or kept[0] != scope:
            raise Refused(409, "unknown snapshot")
        return token, kept[1]

    def _snapshot(self, scope: Scope) -> tuple[str, list[Record]]:
        token = f"s-{secrets.token_hex(6)}"
        rows = self.vendor.records(scope.resource, scope.unit, scope.year, scope.term, self.today())
        rows = [row for row in rows if row["thoigiancapnhat"] >= scope.since]
        self.snapshots[token] = (scope, rows)
        self.kept += len(rows)
        while len(self.snapshots) > MAX_SNAPSHOTS or (self.kept > MAX_RECORDS and len(self.snapshots) > 1):
            self.kept -= len(self.snapshots.popitem(last=False)[1][1])
        return token, rows


def _replies(body: bytes) -> list[dict[str, Any]]:
    """The replies of a body; Refused where it says none."""
    try:
        found = orjson.loads(body)["replies"]
        if not all(isinstance(one[name], str) for one in found for name in ("resource", "unit", "id", "status")):
            raise ValueError
        if any({"version", "reasons"} - one.keys() for one in found):
            raise ValueError
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Refused(400, "replies: resource, unit, id, version, status and reasons of each") from None
    return list(found)


def _understood(request: Request) -> tuple[Scope, int, int]:
    """What is asked for, and page and size; Refused where a value makes no sense."""
    asked = request.query_params
    try:
        year, term, page, size = (whole(asked[name]) for name in ("school_year", "term", "page", "size"))
    except ValueError:
        raise Refused(400, "school_year, term, page and size are whole numbers from 1 on") from None
    if term not in (1, 2):
        raise Refused(400, "term is 1 or 2")
    if year not in clock.YEAR_BEGIN:
        raise Refused(404, "no such school year")
    try:
        since = dt.datetime.fromisoformat(asked["updated_since"]).isoformat() if "updated_since" in asked else ""
    except ValueError:
        raise Refused(400, "updated_since is a local time such as 2024-05-28T17:03:11") from None
    return Scope(request.path_params["resource"], asked["unit"], year, term, since), page, min(size, MAX_SIZE)


def app(city: City, faults: Faults, today: Any, replies: Replies, shown: Shown) -> Starlette:
    """The HTTP application. `today` is a function that reads the business clock; `replies` are kept as they come;
    `shown`: plans that heads have been shown."""
    service = Service(city, faults, today, replies, shown)
    return Starlette(routes=[
        Route("/replies", service.take, methods=["POST"]),
        Route("/{resource}", service.serve),
    ])  # fmt: skip

"""The vendor `saomai`: a school-management system by the partner contract v0.

stories, date, faults -> records -> pages of one snapshot

What does not belong here: the master schema. This vendor's code tables are typed out here, once more, on purpose.
"""

import datetime as dt
import secrets
from collections import OrderedDict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edu_pipeline.sandbox import clock
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.faults import Faults
from edu_pipeline.sandbox.story import Child, Member, Place

TOKEN = "saomai-practice-token"
SEX = {"m": "1", "f": "0"}
STATUS = {None: "1", "away": "3", "city": "3", "withdrawn": "4", "on_leave": "7"}
OUTCOME = {"promoted": "LL", "retained": "OL", "completed": "HT", "retest": "KTL"}
RESOURCES = ("staff", "students", "classes", "assignments", "enrollments", "results", "headcount")

Record = dict[str, Any]


class Saomai:
    """What the vendor would answer on a day."""

    def __init__(self, city: City, faults: Faults) -> None:
        self.city, self.faults = city, faults

    def records(self, resource: str, unit: str, year: int, day: dt.date) -> list[Record]:
        """Every record of a reading, in stable order."""
        if year not in clock.YEAR_BEGIN or not self._shows(unit, year, day):
            return []
        rows: list[Record] = getattr(self, f"_{resource}")(unit, year, day)
        if resource in ("students", "enrollments", "results", "classes") and self.faults.has("shrunken", unit):
            rows = rows[: len(rows) * 2 // 5]
        return rows

    def _shows(self, unit: str, year: int, day: dt.date) -> bool:
        if year == 2023:
            return True
        return day >= (clock.OPENING if self.city.unit(unit).shows_new_year else clock.SETTLED)

    def _children(self, unit: str, year: int) -> list[tuple[Child, Place]]:
        pairs = [(c, p) for c in self.city.children_of[unit] for p in c.places if p.unit == unit and p.year == year]
        if self.faults.has("dropped", unit):
            pairs = [pair for pair in pairs if pair[0] is not _victim(pairs, 11)]
        return pairs

    def _students(self, unit: str, year: int, day: dt.date) -> list[Record]:
        found = []
        pairs = self._children(unit, year)
        for child, _ in pairs:
            first = min(place.year for place in child.places if place.unit == unit)
            data = {"mahocsinh": child.codes[unit], "madinhdanh": child.root,
                    "hovaten": f"{child.family} {child.given}",
                    "ngaysinh": child.birth.isoformat(), "gioitinh": SEX[child.sex],
                    "dantoc": f"{child.ethnic:02d}", "matruong": unit, "namhoc": first, "hocky": 1}  # fmt: skip
            version = 1
            data |= _defect(child)
            if child is _victim(pairs, 21):
                version += self.faults.bump("unknown_code", unit)
                data |= {"gioitinh": "9"} if self.faults.has("unknown_code", unit) else {}
            if child is _victim(pairs, 22):
                version += self.faults.bump("duplicate_id", unit)
                other = _victim(pairs, 23)
                data |= {"madinhdanh": other.root} if self.faults.has("duplicate_id", unit) and other else {}
            key = f"{unit}-{child.codes[unit]}"
            found.append(_record(f"HS-{key}", version, data, dt.date(first, 9, 1)))
            if child.defect == "rekeyed":
                alias = {**data, "mahocsinh": f"TAM-{child.codes[unit]}"}
                found.append({**_record(f"HS-TAM-{key}", 2, alias, dt.date(first, 9, 3), "CANCEL"),
                              "thaythe": f"HS-{key}"})  # fmt: skip
        return found

    def _enrollments(self, unit: str, year: int, day: dt.date) -> list[Record]:
        found = []
        pairs = self._children(unit, year)
        for child, place in pairs:
            ended = place.end is not None and place.end <= day
            data = {"mahocsinh": child.codes[unit], "malop": place.klass, "makhoi": place.grade,
                    "ngayvao": place.begin.isoformat() if place.is_begin_told else None,
                    "ngayra": place.end.isoformat() if ended and place.end else None,
                    "trangthai": STATUS[place.how if ended else None], "hinhthuc": "1",
                    "matruong": unit, "namhoc": year, "hocky": 2 if year == 2023 else 1}  # fmt: skip
            version = 2 if ended else 1
            if child.defect == "orphan_enrollment" and year == 2023:
                data["malop"] = "KHONG-CO"
            if child is _victim(pairs, 24):
                version += self.faults.bump("orphan", unit)
                data |= {"malop": "KHONG-CO"} if self.faults.has("orphan", unit) else {}
            if child is _victim(pairs, 25):
                version += self.faults.bump("other_year", unit)
                data |= {"namhoc": 2025} if self.faults.has("other_year", unit) else {}
            key = f"XL-{unit}-{year}-{child.codes[unit]}"
            changed = place.end if ended and place.end else place.begin
            found.append(_record(key, version, data, changed, "UPDATE" if version > 1 else "NEW"))
        return found

    def _results(self, unit: str, year: int, day: dt.date) -> list[Record]:
        if year != 2023 or day < clock.RESULTS_FROM:
            return []
        found = []
        for child, place in self._children(unit, year):
            if child.outcome is None or (place.end is not None and place.end < clock.RESULTS_FROM):
                continue
            stages = [("CN", child.outcome, clock.RESULTS_FROM)]
            if child.after_summer and day >= clock.SUMMER_RESULTS_FROM:
                stages.append(("HE", child.after_summer, clock.SUMMER_RESULTS_FROM))
            for stage, outcome, on in stages:
                weak = "4" if outcome in ("retained", "retest") else "2"
                data = {"mahocsinh": child.codes[unit], "giaidoan": stage, "ketqua": OUTCOME[outcome], "hoctap": weak,
                        "renluyen": "1", "songaynghi": int(child.root) % 9, "matruong": unit, "namhoc": year,
                        "hocky": 2}  # fmt: skip
                found.append(_record(f"KQ-{unit}-{year}-{stage}-{child.codes[unit]}", 1, data, on))
        return found

    def _classes(self, unit: str, year: int, day: dt.date) -> list[Record]:
        teachers = {m.homeroom.get(year): m.code for m in self.city.staff_of[unit]}
        return [
            _record(f"LOP-{unit}-{year}-{klass}", 1,
                    {"malop": klass, "tenlop": f"Lớp {klass}", "makhoi": grade, "magvcn": teachers.get(klass),
                     "matruong": unit, "namhoc": year, "hocky": 1}, clock.YEAR_BEGIN[year])
            for klass, grade in sorted(self.city.classes_of(unit, year).items())
        ]  # fmt: skip

    def _members(self, unit: str, year: int) -> list[Member]:
        return [m for m in self.city.staff_of[unit] if year == 2023 or m.leaves is None]

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
                    "ngayketthuc": m.leaves.isoformat() if left and m.leaves else None, "lachinh": True,
                    "matruong": unit, "namhoc": year, "hocky": 1}  # fmt: skip
            found.append(_record(f"PC-{unit}-{year}-{m.code}", 2 if left else 1, data, m.leaves if left else m.begin))
        return found

    def _headcount(self, unit: str, year: int, day: dt.date) -> list[Record]:
        on = min(clock.YEAR_END[year], day)
        data = {"ngay": on.isoformat(), "sohocsinh": self.city.headcount(unit, year, on), "matruong": unit,
                "namhoc": year, "hocky": 2 if year == 2023 else 1}  # fmt: skip
        return [_record(f"SS-{unit}-{year}", 1, data, on)]


def _victim(pairs: list[tuple[Child, Place]], position: int) -> Child | None:
    """The child that a fault befalls: one without a defect and without an end, at a fixed place in the list."""
    quiet = [c for c, p in pairs if c.defect is None and p.end is None and c.outcome in ("promoted", "completed")]
    return quiet[position] if len(quiet) > position else None


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


class Service:
    """The HTTP side: snapshots that it keeps, and what it refuses."""

    def __init__(self, city: City, faults: Faults, today: Any) -> None:
        self.vendor, self.faults, self.today = Saomai(city, faults), faults, today
        self.known = {unit.code for unit in city.units}
        self.covered = {unit.code for unit in city.units if unit.system == "saomai"}
        self.snapshots: OrderedDict[str, tuple[tuple[str, str, int], list[Record]]] = OrderedDict()

    def serve(self, request: Request) -> Response:
        """A page of a resource, or the contract's error."""
        try:
            self._check(request)
            return JSONResponse(self._page(request))
        except Refused as error:
            status, code = error.args
            return JSONResponse({"error": {"code": code, "message": code}}, status)

    def _check(self, request: Request) -> None:
        asked = request.query_params
        if self.faults.has("unavailable") or self.faults.spend("error500"):
            raise Refused(500, "internal")
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refused(401, "unauthorized")
        if request.path_params["resource"] not in RESOURCES:
            raise Refused(404, "no such resource")
        if any(name not in asked for name in ("unit", "school_year", "term", "page", "size")):
            raise Refused(400, "unit, school_year, term, page and size are required")
        if asked["unit"] not in self.known:
            raise Refused(404, "no such unit")
        if asked["unit"] not in self.covered:
            raise Refused(403, "unit not covered")

    def _page(self, request: Request) -> dict[str, Any]:
        asked = request.query_params
        scope = (request.path_params["resource"], asked["unit"], int(asked["school_year"]))
        page, size = int(asked["page"]), min(int(asked["size"]), 1000)
        token, rows = self._rows(scope, asked.get("snapshot"))
        shown = rows[(page - 1) * size : page * size]
        if self.faults.has("truncated", scope[1]) and scope[0] == "students":
            # The total is told in full, the pages end early: the classic silent cap.
            shown = rows[: len(rows) * 4 // 5] if page == 1 else []
        return {"snapshot": token, "page": page, "size": size, "total": len(rows), "records": shown}

    def _rows(self, scope: tuple[str, str, int], token: str | None) -> tuple[str, list[Record]]:
        if token is None:
            token = f"s-{secrets.token_hex(6)}"
            self.snapshots[token] = (scope, self.vendor.records(*scope, self.today()))
            while len(self.snapshots) > 500:
                self.snapshots.popitem(last=False)
        kept = self.snapshots.get(token)
        if kept is None or kept[0] != scope:
            raise Refused(409, "unknown snapshot")
        return token, kept[1]


def app(city: City, faults: Faults, today: Any) -> Starlette:
    """The HTTP application. `today` is a function that reads the business clock."""
    return Starlette(routes=[Route("/{resource}", Service(city, faults, today).serve)])

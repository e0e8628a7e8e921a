"""The sector database's registry: units, root identities, and the systems that offices declare.

stories -> records -> pages

What does not belong here: anything a school says. Its code tables are its own: 01 male, 02 female.
"""

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edu_pipeline.sandbox import clock, deployed, premises
from edu_pipeline.sandbox.asking import whole
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.contradictions.tell import tell
from edu_pipeline.sandbox.story import Child, Member
from edu_pipeline.sandbox.units import Unit

TOKEN = "registry-practice-token"
SEX = {"m": "01", "f": "02"}
PURPOSE, STAGE = {"e_office": "08"}, {"planned": "01"}
MAX_SIZE = 5000


def units(city: City, day: dt.date) -> list[dict[str, Any]]:
    """The register of units on a day: what is not founded yet is missing, what has closed says so."""
    found = [_unit(city, unit, day) for unit in city.units if unit.opened is None or unit.opened <= day]
    return tell(city, "units", day, found) if len(city.populations) == 1 else found


def _unit(city: City, unit: Unit, day: dt.date) -> dict[str, Any]:
    now = city.unit_on(unit.code, day)
    opened = (unit.opened or dt.date(1990, 9, 5)).isoformat()
    data = {"madonvi": unit.code, "tendonvi": unit.name, "loai": unit.kind, "madonvicha": now.parent,
            "khoi": list(now.grades), "ngaythanhlap": opened,
            **premises.told(now, _head(city, unit, day), _has_disabled(city, unit), day)}  # fmt: skip
    changes = [event.on for event in city.events if event.unit == unit.code and event.on <= day
               and event.event in ("new_parent", "relevelled", "new_head")]  # fmt: skip
    changes += [clock.REFORM] if day >= clock.REFORM else []
    if unit.closed is not None and unit.closed < day:
        data["ngaygiaithe"] = unit.closed.isoformat()
        changes.append(unit.closed + dt.timedelta(days=1))
    if not changes:
        return _record(f"DV-{unit.code}", data)
    told = {"sukien": "UPDATE", "phienban": 1 + len(changes), "thoigiancapnhat": f"{max(changes)}T08:00:00"}
    return _record(f"DV-{unit.code}", data) | told


def _head(city: City, unit: Unit, day: dt.date) -> Member | None:
    """Who leads the unit on a day. Of a city too big to hold nobody tells a whole zone to name one head."""
    if len(city.populations) > 1:
        return None
    heads = [m for m in city.staff_of[unit.code] if m.role == "01" and m.begin <= day]
    return next((m for m in heads if m.leaves is None or m.leaves >= day), None)


def _has_disabled(city: City, unit: Unit) -> bool:
    """Whether the unit has pupils with a disability; of a city too big to hold each one is ready for them."""
    return len(city.populations) > 1 or bool(city.disabled[unit.code])


def systems(city: City, day: dt.date) -> list[dict[str, Any]]:
    """What the Department and the district offices have declared by a day; schools declare by their own system."""
    return [
        _record(f"HT-{unit.code}-{s.code}",
                {"madonvi": unit.code, "mahethong": s.code, "tensanpham": s.product, "nhacungcap": s.vendor,
                 "mucdich": PURPOSE[s.purpose], "tiendo": STAGE[s.stage], "capdo": s.level,
                 "ngaycamket": s.promised.isoformat() if s.promised else None})
        | {"thoigiancapnhat": f"{s.declared}T08:00:00"}
        for unit in city.units if not unit.grades for s in deployed.declared(unit, day)
    ]  # fmt: skip


def identities(city: City, day: dt.date) -> list[dict[str, Any]]:
    """Root identities of all children and staff of a zone on a day, but for those whose story says otherwise."""
    found = [_told(person) for person in city.people if person.defect != "unknown_identity"]
    return tell(city, "identities", day, found)


def _told(person: Child | Member) -> dict[str, Any]:
    full, birth = f"{person.family} {person.given}", person.birth.isoformat()
    if person.defect == "name_mismatch":
        full, birth = f"{person.family} Khác Hẳn", (person.birth - dt.timedelta(days=400)).isoformat()
    if person.defect == "birth_year_only":
        birth = birth[:4]  # no more is known of the child anywhere
    return _identity(person.root, "HS" if isinstance(person, Child) else "CB", full, birth, person.sex)


def _identity(root: str, kind: str, full: str, birth: str, sex: str) -> dict[str, Any]:
    return _record(f"DD-{root}", {"madinhdanh": root, "loai": kind, "hovaten": full, "ngaysinh": birth,
                                  "gioitinh": SEX[sex]})  # fmt: skip


def _record(key: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"idbanghi": key, "sukien": "NEW", "phienban": 1, "thoigiancapnhat": "2023-08-01T08:00:00", "data": data}


def _fail(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


class Registry:
    """The HTTP side. Identities are written down zone by zone; the latest zones' are kept."""

    def __init__(self, city: City, today: Callable[[], dt.date]) -> None:
        self.city, self.today = city, today
        self._identities = lru_cache(maxsize=1)(lambda place, day: identities(city.zone(place), day))
        # Where the identities of each zone begin among all, and where the last end.
        counts = [len(identities(city, today()))] if len(city.populations) == 1 else city.populations
        self._starts = [0, *accumulate(counts)]

    def _slice(self, resource: str, begin: int, end: int) -> tuple[int, list[dict[str, Any]]]:
        """How many records there are in all, and those at the positions from begin to end."""
        if resource == "units":
            rows = units(self.city, self.today())
            return len(rows), rows[begin:end]
        if resource == "deployed-systems":
            rows = systems(self.city, self.today())
            return len(rows), rows[begin:end]
        found: list[dict[str, Any]] = []
        for place, (start, stop) in enumerate(pairwise(self._starts)):
            if start < end and begin < stop:
                found += self._identities(place, self.today())[max(begin - start, 0) : end - start]
        return self._starts[-1], found

    def serve(self, request: Request) -> Response:
        """A page of a resource."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _fail(401, "unauthorized", "unauthorized")
        resource, asked = request.path_params["resource"], request.query_params
        if resource not in ("units", "identities", "deployed-systems"):
            return _fail(404, "not_found", "no such resource")
        try:
            page, size = whole(asked.get("page", "1")), min(whole(asked.get("size", "1000")), MAX_SIZE)
        except ValueError as error:
            return _fail(400, "bad_request", f"page or size: {error}")
        total, shown = self._slice(resource, (page - 1) * size, page * size)
        return JSONResponse({"snapshot": "registry", "page": page, "size": size, "total": total, "records": shown})


def app(city: City, today: Callable[[], dt.date]) -> Starlette:
    """The HTTP application. `today` reads the business clock."""
    return Starlette(routes=[Route("/{resource}", Registry(city, today).serve)])

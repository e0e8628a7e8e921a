"""The sector database's registry: units and root identities.

stories -> records -> pages

What does not belong here: anything a school says. Its code tables are its own: 01 male, 02 female.
"""

import datetime as dt
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edu_pipeline.sandbox.asking import whole
from edu_pipeline.sandbox.city import City

TOKEN = "registry-practice-token"
SEX = {"m": "01", "f": "02"}
MAX_SIZE = 5000


def units(city: City) -> list[dict[str, Any]]:
    """The register of units."""
    return [
        _record(f"DV-{u.code}", {"madonvi": u.code, "tendonvi": u.name, "loai": u.kind, "madonvicha": u.parent,
                                 "khoi": list(u.grades), "ngaythanhlap": "1990-09-05"})
        for u in city.units
    ]  # fmt: skip


def identities(city: City) -> list[dict[str, Any]]:
    """Root identities of all children and staff, but for those whose story says otherwise."""
    found = []
    for child in city.children:
        if child.defect == "unknown_identity":
            continue
        full, birth = f"{child.family} {child.given}", child.birth
        if child.defect == "name_mismatch":
            full, birth = f"{child.family} Khác Hẳn", child.birth - dt.timedelta(days=400)
        found.append(_identity(child.root, "HS", full, birth, child.sex))
    for member in city.staff:
        found.append(_identity(member.root, "CB", f"{member.family} {member.given}", member.birth, member.sex))
    return found


def _identity(root: str, kind: str, full: str, birth: dt.date, sex: str) -> dict[str, Any]:
    return _record(f"DD-{root}", {"madinhdanh": root, "loai": kind, "hovaten": full, "ngaysinh": birth.isoformat(),
                                  "gioitinh": SEX[sex]})  # fmt: skip


def _record(key: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"idbanghi": key, "sukien": "NEW", "phienban": 1, "thoigiancapnhat": "2023-08-01T08:00:00", "data": data}


def _fail(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


def app(city: City) -> Starlette:
    """The HTTP application."""
    rows = {"units": units(city), "identities": identities(city)}

    def serve(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _fail(401, "unauthorized", "unauthorized")
        found = rows.get(request.path_params["resource"])
        if found is None:
            return _fail(404, "not_found", "no such resource")
        asked = request.query_params
        try:
            page, size = whole(asked.get("page", "1")), min(whole(asked.get("size", "1000")), MAX_SIZE)
        except ValueError as error:
            return _fail(400, "bad_request", f"page or size: {error}")
        shown = found[(page - 1) * size : page * size]
        return JSONResponse({"snapshot": "registry", "page": page, "size": size, "total": len(found), "records": shown})

    return Starlette(routes=[Route("/{resource}", serve)])

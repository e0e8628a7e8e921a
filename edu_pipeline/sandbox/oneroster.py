"""The OneRoster 1.2 rostering provider's HTTP side.

collections -> filter, sort, fields, limit/offset -> JSON, Link, X-Total-Count

What does not belong here: what it holds (rosters.py). Source: 1EdTech OneRoster 1.2 REST binding, chapters on paging,
filtering, sorting, field selection and security.
"""

import base64
import re
import secrets
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edu_pipeline.sandbox.rosters import Lotus, Thing

CLIENT_ID, CLIENT_SECRET = "lotus-practice-client", "lotus-practice-secret"
ONE_OF = {"orgs": "org", "academicSessions": "academicSession", "courses": "course", "classes": "class",
          "students": "user", "teachers": "user", "users": "user", "enrollments": "enrollment",
          "demographics": "demographics"}  # fmt: skip
_MANY = {"students": "users", "teachers": "users"}
_TERM = re.compile(r"^\s*([\w.]+)\s*(!=|>=|<=|=|>|<|~)\s*'([^']*)'\s*$")
MAX_LIMIT, TOKEN_SECONDS = 5000, 3600


class BadRequest(ValueError):
    """The query does not follow the binding."""


def select(rows: list[Thing], query: dict[str, str]) -> list[Thing]:
    """Filter and sort as the binding says."""
    if "filter" in query:
        rows = _filtered(rows, query["filter"])
    if "sort" in query:
        field = query["sort"]
        rows = sorted(rows, key=lambda row: str(_at(row, field) or ""), reverse=query.get("orderBy") == "desc")
    return rows


def _filtered(rows: list[Thing], text: str) -> list[Thing]:
    parts = re.split(r"\s+(AND|OR)\s+", text)
    kept = _matching(rows, parts[0])
    for joiner, part in zip(parts[1::2], parts[2::2], strict=True):
        also = _matching(rows, part)
        kept = kept & also if joiner == "AND" else kept | also
    return [row for position, row in enumerate(rows) if position in kept]


def _matching(rows: list[Thing], term: str) -> set[int]:
    found = _TERM.match(term)
    if not found:
        raise BadRequest(f"filter term {term!r}")
    field, operator, value = found.groups()
    tests: dict[str, Any] = {"=": lambda a: a == value, "!=": lambda a: a != value, ">": lambda a: a > value,
                             "<": lambda a: a < value, ">=": lambda a: a >= value, "<=": lambda a: a <= value,
                             "~": lambda a: value in a}  # fmt: skip
    return {position for position, row in enumerate(rows) if tests[operator](str(_at(row, field) or ""))}


def _at(row: Any, path: str) -> Any:
    for step in path.split("."):
        row = row.get(step) if isinstance(row, dict) else None
    return row


def links(base: str, query: dict[str, str], total: int, limit: int, offset: int) -> str:
    """The Link header: next, prev, first, last."""

    def to(position: int, rel: str) -> str:
        return f'<{base}?{urlencode({**query, "limit": limit, "offset": position})}>; rel="{rel}"'

    last = max((total - 1) // limit * limit, 0)
    found = [to(0, "first"), to(last, "last")]
    if offset + limit < total:
        found.append(to(offset + limit, "next"))
    if offset > 0:
        found.append(to(max(offset - limit, 0), "prev"))
    return ", ".join(found)


def _fail(status: int, minor: str) -> Response:
    body = {"imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": minor,
            "imsx_CodeMinor": {"imsx_codeMinorField": [
                {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}]}}  # fmt: skip
    return JSONResponse(body, status)


def _window(query: dict[str, str]) -> tuple[int, int]:
    limit, offset = min(int(query.get("limit", 100)), MAX_LIMIT), int(query.get("offset", 0))
    if limit < 1 or offset < 0:
        raise BadRequest("limit or offset")
    return limit, offset


class Provider:
    """The HTTP side: tokens that it has issued, and what it answers."""

    def __init__(self, lotus: Lotus, today: Any) -> None:
        self.lotus, self.today = lotus, today
        self.tokens: dict[str, float] = {}

    def _is_known(self, request: Request) -> bool:
        said = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.tokens.get(said, 0) > time.time()

    def collection(self, request: Request) -> Response:
        """A page of a collection."""
        name = request.path_params["collection"]
        if not self._is_known(request):
            return _fail(401, "unauthorisedrequest")
        if name not in ONE_OF:
            return _fail(404, "unknownobject")
        query = dict(request.query_params)
        try:
            rows = select(self.lotus.held(self.today())[name], query)
            limit, offset = _window(query)
        except ValueError:
            return _fail(400, "invalid_selection_field")
        shown = rows[offset : offset + limit]
        if "fields" in query:
            wanted = query["fields"].split(",")
            shown = [{field: row[field] for field in wanted if field in row} for row in shown]
        headers = {"X-Total-Count": str(len(rows)), "Content-Type": "application/json",
                   "Link": links(str(request.url.replace(query="")), query, len(rows), limit, offset)}  # fmt: skip
        return Response(orjson.dumps({_MANY.get(name, name): shown}), headers=headers)

    def single(self, request: Request) -> Response:
        """One object, under its singular name."""
        name = request.path_params["collection"]
        if not self._is_known(request):
            return _fail(401, "unauthorisedrequest")
        for row in self.lotus.held(self.today()).get(name, []):
            if row["sourcedId"] == request.path_params["sourced_id"]:
                return JSONResponse({ONE_OF[name]: row})
        return _fail(404, "unknownobject")

    async def token(self, request: Request) -> Response:
        """OAuth 2 client credentials, by Basic or in the form."""
        form = dict(parse_qsl((await request.body()).decode()))
        said = (form.get("client_id"), form.get("client_secret"))
        basic = request.headers.get("authorization", "")
        if basic.startswith("Basic "):
            user, _, password = base64.b64decode(basic[6:]).decode().partition(":")
            said = (user, password)
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        if said != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        made = secrets.token_urlsafe(18)
        self.tokens[made] = time.time() + TOKEN_SECONDS
        return JSONResponse({"access_token": made, "token_type": "Bearer", "expires_in": TOKEN_SECONDS,
                             "scope": form.get("scope", "")})  # fmt: skip


def app(lotus: Lotus, today: Any) -> tuple[Starlette, Starlette]:
    """The rostering application and the token application."""
    provider = Provider(lotus, today)
    routes = [Route("/{collection}", provider.collection), Route("/{collection}/{sourced_id}", provider.single)]
    return Starlette(routes=routes), Starlette(routes=[Route("/token", provider.token, methods=["POST"])])

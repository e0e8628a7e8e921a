"""The OneRoster 1.2 rostering provider's HTTP side.

collections -> selection, limit/offset -> JSON, Link, X-Total-Count

What does not belong here: what it holds (rosters.py), what may be asked of it (selection.py). Source: 1EdTech OneRoster
1.2 REST binding, chapters on paging, error reporting and security.
"""

import base64
import secrets
import time
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edu_pipeline.sandbox.asking import whole
from edu_pipeline.sandbox.rosters import Lotus, Thing
from edu_pipeline.sandbox.selection import BadRequest, chosen, select

CLIENT_ID, CLIENT_SECRET = "lotus-practice-client", "lotus-practice-secret"
ONE_OF = {"orgs": "org", "academicSessions": "academicSession", "courses": "course", "classes": "class",
          "students": "user", "teachers": "user", "users": "user", "enrollments": "enrollment",
          "demographics": "demographics"}  # fmt: skip
_MANY = {"students": "users", "teachers": "users"}
MAX_LIMIT, TOKEN_SECONDS = 5000, 3600


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


def _fail(status: int, minor: str, said: str = "") -> Response:
    body = {"imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": said or minor,
            "imsx_CodeMinor": {"imsx_codeMinorField": [
                {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}]}}  # fmt: skip
    return JSONResponse(body, status)


def _window(query: dict[str, str]) -> tuple[int, int]:
    try:
        return min(whole(query.get("limit", "100")), MAX_LIMIT), whole(query.get("offset", "0"), least=0)
    except ValueError as error:
        raise BadRequest("invaliddata", f"limit or offset: {error}") from None


def _credentials(header: str, form: dict[str, str]) -> tuple[str, str]:
    """What a client says of itself: in Basic authorization, else in the form. An unreadable Basic names nobody."""
    scheme, _, said = header.partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        user, _, password = base64.b64decode(said.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return user, password


class Holding(Protocol):
    """What a provider has: collections of objects, day by day."""

    def held(self, day: Any) -> dict[str, list[Thing]]:
        """Collections of a day."""
        ...


class Provider:
    """The HTTP side: tokens that it has issued, and what it answers."""

    def __init__(self, lotus: Holding, today: Any) -> None:
        self.lotus, self.today = lotus, today
        self.tokens: dict[str, float] = {}

    def _is_known(self, request: Request) -> bool:
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.tokens.get(said.strip(), 0) > time.time()

    def collection(self, request: Request) -> Response:
        """A page of a collection."""
        name = request.path_params["collection"]
        if not self._is_known(request):
            return _fail(401, "unauthorisedrequest")
        if name not in ONE_OF:
            return _fail(404, "unknownobject")
        query = dict(request.query_params)
        try:
            rows = select(name, self.lotus.held(self.today())[name], query)
            limit, offset = _window(query)
            shown = chosen(name, rows[offset : offset + limit], query)
        except BadRequest as error:
            return _fail(400, error.minor, str(error))
        headers = {"X-Total-Count": str(len(rows)), "Content-Type": "application/json",
                   "Link": links(str(request.url.replace(query="")), query, len(rows), limit, offset)}  # fmt: skip
        return Response(orjson.dumps({_MANY.get(name, name): shown}), headers=headers)

    def single(self, request: Request) -> Response:
        """One object, under its singular name."""
        name = request.path_params["collection"]
        if not self._is_known(request):
            return _fail(401, "unauthorisedrequest")
        held = self.lotus.held(self.today()).get(name, [])
        found = [row for row in held if row["sourcedId"] == request.path_params["sourced_id"]]
        if not found:
            return _fail(404, "unknownobject")
        try:
            return JSONResponse({ONE_OF[name]: chosen(name, found, dict(request.query_params))[0]})
        except BadRequest as error:
            return _fail(400, error.minor, str(error))

    async def token(self, request: Request) -> Response:
        """OAuth 2 client credentials, by Basic or in the form."""
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        said = _credentials(request.headers.get("authorization", ""), form)
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

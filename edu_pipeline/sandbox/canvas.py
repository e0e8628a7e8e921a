"""One Canvas of several schools, spoken to as its REST API is; mounted below /api/v1.

GET {base}/accounts/{id}[/sub_accounts|terms|users|logins|courses], users/{id}/logins,
courses/{id}/sections|enrollments|users, Authorization: Bearer <token> -> JSON, with a Link header where it is a list

401 without a token or with an unknown one (with WWW-Authenticate), 403 without the right, 404 for what is not there,
400 for what makes no sense. Throttling, a switch: 429, or the 403 of older documentation and of Canvas as it is set at
first, with "Rate Limit Exceeded" as text.

What does not belong here: what is asked for (canvas_lists.py), what it holds (canvas_state.py), how it writes it
(canvas_told.py), pages (canvas_pages.py). Sources: developerdocs.instructure.com/services/canvas (OAuth2, throttling),
lib/authentication_methods.rb, app/middleware/request_throttle.rb.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from edu_pipeline.sandbox.canvas_lists import Question, Refused, missing
from edu_pipeline.sandbox.canvas_pages import InvalidPage, Listing, page_of
from edu_pipeline.sandbox.canvas_state import State
from edu_pipeline.sandbox.canvas_told import Teller
from edu_pipeline.sandbox.city import City

TOKEN, LIMITED_TOKEN = "canvas-practice-token", "canvas-practice-token-without-sis"
_PHRASES = {403: "Forbidden", 429: "Too Many Requests"}
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}


@dataclass
class Throttle:
    """The next `left` requests are refused for their number, with this status."""

    left: int = 0
    status: int = 429


class Server:
    """The door. A day's state is made once."""

    def __init__(self, city: City, today: Callable[[], dt.date], units: Iterable[str], throttle: Throttle) -> None:
        self.city, self.today, self.units, self.throttle = city, today, tuple(units), throttle
        self._kept: tuple[dt.date, State] | None = None
        self._lock = Lock()

    def serve(self, request: Request) -> Response:
        """A page, an object, or why there is none."""
        if self.throttle.left > 0:
            self.throttle.left -= 1
            status = self.throttle.status
            return PlainTextResponse(f"{status} {_PHRASES[status]} (Rate Limit Exceeded)\n", status,
                                     {"X-Rate-Limit-Remaining": "0.0"})  # fmt: skip
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        token = said.strip() if scheme.lower() == "bearer" else request.query_params.get("access_token", "")
        if not token:
            said_of_it = {"status": "unauthenticated", "errors": [{"message": "user authorization required"}]}
            return JSONResponse(said_of_it, 401, _CHALLENGE)
        if token not in (TOKEN, LIMITED_TOKEN):
            return JSONResponse({"errors": [{"message": "Invalid access token."}]}, 401, _CHALLENGE)
        quota = {"X-Request-Cost": "0.05", "X-Rate-Limit-Remaining": "699.95"}
        try:
            return self._answer(request, token == TOKEN, quota)
        except Refused as error:
            status, body = error.args
            return JSONResponse(body, status, quota)

    def _answer(self, request: Request, is_full: bool, quota: dict[str, str]) -> Response:
        path, query = request.path_params["path"], request.query_params.multi_items()
        base = str(request.url.replace(query=""))
        found = Question(self._state(), path, query, Teller(is_full, base.removesuffix(f"/{path}"))).answer()
        if not isinstance(found, Listing):
            return JSONResponse(found, headers=quota)
        try:
            page, links = page_of(found, base, query)
        except InvalidPage:
            raise missing() from None
        return JSONResponse(page, headers={"Link": links, **quota})

    def _state(self) -> State:
        day = self.today()
        with self._lock:
            if self._kept is None or self._kept[0] != day:
                self._kept = day, State(self.city, self.units, day)
            return self._kept[1]


def app(
    city: City, today: Callable[[], dt.date], unit_codes: Iterable[str], throttle: Throttle | None = None
) -> Starlette:
    """The HTTP application. `today` reads the business clock; `throttle` is the switch."""
    server = Server(city, today, unit_codes, throttle or Throttle())
    return Starlette(routes=[Route("/{path:path}", server.serve)])

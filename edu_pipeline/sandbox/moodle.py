"""A Moodle site of one school, spoken to as Moodle's web services are: REST, with a token that stands for a user.

GET|POST {base}/server.php (in Moodle: webservice/rest/server.php), wstoken, wsfunction, moodlewsrestformat=json and the
function's parameters, as in criteria[0][key]=email -> the result as JSON, or an error

Every answer has the status 200; an error is {"exception", "errorcode", "message"}: invalidtoken (also for none),
invalidparameter, accessexception (no service of the token has the function), invalidrecord, nopermissions,
errorcoursecontextnotvalid. Without moodlewsrestformat=json the answer is XML.

What does not belong here: what a function answers (moodle_site.py), what its caller sees (moodle_view.py). Source:
Moodle's webservice/rest/locallib.php and webservice/lib.php, 4.5.
"""

import datetime as dt
from collections.abc import Callable
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.learning import Held, held
from edu_pipeline.sandbox.moodle_call import (
    MoodleError,
    invalid_parameter,
    missing_record,
    nested,
    validated,
    xml,
    xml_error,
)
from edu_pipeline.sandbox.moodle_site import ELSEWHERE, FUNCTIONS
from edu_pipeline.sandbox.moodle_view import Caller, View

# Thirty-two hexadecimal digits, as Moodle makes them.
TOKEN, LIMITED_TOKEN = "5a0c1e7f00000000000000000000f011", "5a0c1e7f0000000000000000000011d7"
CALLERS = {TOKEN: Caller(3, "ketnoi", is_full=True), LIMITED_TOKEN: Caller(4, "ketnoi-khoi", is_full=False)}


class Server:
    """The site's door. A day's state is made once."""

    def __init__(self, city: City, today: Callable[[], dt.date], unit_code: str) -> None:
        self.city, self.today, self.unit_code = city, today, unit_code
        self._kept: tuple[dt.date, Held] | None = None
        self._lock = Lock()

    async def serve(self, request: Request) -> Response:
        """The answer to a call; what the form says goes before what the address says."""
        form = (await request.body()).decode(errors="replace") if request.method == "POST" else ""
        said = nested(request.query_params.multi_items()) | nested(parse_qsl(form, keep_blank_values=True))
        is_json = said.pop("moodlewsrestformat", None) == "json"
        try:
            told = self._call(said, str(request.url.replace(query="")).removesuffix("/server.php"))
        except MoodleError as error:
            return JSONResponse(error.told) if is_json else _xml(xml_error(error.told))
        return JSONResponse(told) if is_json else _xml(f"<RESPONSE>\n{xml(told)}</RESPONSE>\n")

    def _call(self, said: dict[str, Any], url: str) -> Any:
        token, function = said.pop("wstoken", None), said.pop("wsfunction", None)
        caller = CALLERS.get(token) if isinstance(token, str) else None
        if caller is None:
            raise MoodleError("invalidtoken", "Invalid token - token not found")
        if not isinstance(function, str) or not function:
            raise invalid_parameter()
        if function in ELSEWHERE:
            raise MoodleError("accessexception", "Access control exception", "webservice_access_exception")
        if function not in FUNCTIONS:
            raise missing_record("external_functions")
        description, answer = FUNCTIONS[function]
        # Settings of the call, not parameters of the function: moodlewssettinglang and its like.
        given = {name: value for name, value in said.items() if not name.startswith("moodlewssetting")}
        day = self.today()
        unit, root = self.city.of(self.unit_code).unit_on(self.unit_code, day), url.removesuffix("/webservice/rest")
        view = View(unit, self._held(day), caller, root)
        return answer(view, validated(description, given))

    def _held(self, day: dt.date) -> Held:
        with self._lock:
            if self._kept is None or self._kept[0] != day:
                self._kept = day, held(self.city, self.unit_code, day)
            return self._kept[1]


def _xml(body: str) -> Response:
    return Response('<?xml version="1.0" encoding="UTF-8" ?>\n' + body, media_type="application/xml")


def app(city: City, today: Callable[[], dt.date], unit_code: str) -> Starlette:
    """The HTTP application. `today` reads the business clock."""
    return Starlette(routes=[Route("/server.php", Server(city, today, unit_code).serve, methods=["GET", "POST"])])

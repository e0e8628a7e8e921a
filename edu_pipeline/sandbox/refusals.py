"""Faults of the whole answer: refused, redirected, or something other than it says.

request -> another status, other headers, another document

What does not belong here: a page of records that is nearly right (pages.py, readings.py, distort.py).
"""

import datetime as dt
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from edu_pipeline.sandbox.exchange import Answer, Hit, fault
from edu_pipeline.sandbox.shapes import LISTS

ELSEWHERE = "http://elsewhere.example"
_METADATA = "http://169.254.169.254/latest/meta-data/"
_LOGIN = """<!DOCTYPE html>
<html><head><title>Đăng nhập</title></head><body>
<form action="/login" method="post"><input name="user"><input name="password" type="password"></form>
</body></html>
"""


@fault()
async def unauthorized(hit: Hit) -> Answer:
    """401 to good credentials."""
    return hit.refuse(401, "unauthorized")


@fault()
async def forbidden(hit: Hit) -> Answer:
    """403 to good credentials."""
    return hit.refuse(403, "forbidden")


@fault(retry_after=None)
async def throttled(hit: Hit) -> Answer:
    """429; `retry_after`, seconds or an HTTP date, stands in the header as it is given, and no header without it."""
    said = hit.options["retry_after"]
    return hit.refuse(429, "too many requests", **({} if said is None else {"retry_after": str(said)}))


@fault(status=500)
async def error(hit: Hit) -> Answer:
    """500, or another `status`."""
    return hit.refuse(hit.options["status"], "internal")


@fault(LISTS)
async def token_expired(hit: Hit) -> Answer:
    """The credentials of the first request befallen (see `after`) are refused with 401 from then on; a fresh token is
    good. For who has one token for ever that is 401 to everything.
    """
    said = tuple(hit.asked.header(name) for name in hit.shape.credentials)
    if hit.memory.setdefault("expired", said) == said:
        return hit.refuse(401, "token expired")
    return await hit.answer()


@fault(to=ELSEWHERE)
async def redirect_host(hit: Hit) -> Answer:
    """302 to the same path of another host, `to` (scheme, host, port)."""
    return Answer(302, {"location": f"{hit.options['to']}{hit.asked.path}?{urlencode(hit.asked.query)}"})


@fault()
async def redirect_metadata(hit: Hit) -> Answer:
    """302 to where a cloud keeps a machine's own credentials."""
    return Answer(302, {"location": _METADATA})


@fault()
async def login_page(hit: Hit) -> Answer:
    """A page in HTML that asks for a password, with 200."""
    return Answer(200, {"content-type": "text/html; charset=utf-8"}, _LOGIN.encode())


@fault(beside=False)
async def error_object(hit: Hit) -> Answer:
    """200 around an error; with `beside` an empty list of records stands next to it."""
    page = hit.page(await hit.answer()) if hit.options["beside"] else None
    empty: dict[str, Any] = {page.list_name: []} if page else {}
    return Answer.of(200, {"error": {"code": "internal", "message": "Hệ thống đang bận"}} | empty)


@fault(type="text/plain; charset=utf-8")
async def wrong_type(hit: Hit) -> Answer:
    """The right JSON under the content type `type`."""
    answer = await hit.answer()
    answer.headers["content-type"] = hit.options["type"]
    return answer


@fault(seconds=3600)
async def skewed_clock(hit: Hit) -> Answer:
    """The Date header is `seconds` off."""
    answer = await hit.answer()
    told = parsedate_to_datetime(answer.headers["date"]) + dt.timedelta(seconds=hit.options["seconds"])
    answer.headers["date"] = format_datetime(told, usegmt=True)
    return answer


FAULTS = (unauthorized, forbidden, throttled, error, token_expired, redirect_host, redirect_metadata, login_page,
          error_object, wrong_type, skewed_clock)  # fmt: skip

"""The same provider as OneRoster 1.1: signed requests, one role a user, orgs as a list.

collections of 1.2 -> objects of 1.1 -> the paging and selection of oneroster.py

What does not belong here: what it holds (rosters.py), what a signature is (signed.py). Source: OneRoster 1.1 of IMS
Global, sections 3 (security) and 4 (data model).
"""

import datetime as dt
from functools import lru_cache
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from edu_pipeline.sandbox.oneroster import Provider
from edu_pipeline.sandbox.rosters import Lotus, Thing
from edu_pipeline.sandbox.signed import Signatures, Unsigned

KEY, SECRET = "lotus-practice-key", "lotus-practice-signing"
_USERS = ("users", "students", "teachers")


class Former:
    """What the provider holds, said as 1.1 says it."""

    def __init__(self, lotus: Lotus) -> None:
        self._lotus = lotus
        self.held = lru_cache(maxsize=4)(self._held)

    def _held(self, day: dt.date) -> dict[str, list[Thing]]:
        return {name: [_former(row, is_user=name in _USERS) for row in rows]
                for name, rows in self._lotus.held(day).items()}  # fmt: skip


def _former(row: Any, is_user: bool = False) -> Any:
    if isinstance(row, list):
        return [_former(one) for one in row]
    if not isinstance(row, dict):
        return row
    said = {name: _former(value) for name, value in row.items()}
    if "href" in said:
        said["href"] = said["href"].replace("/rostering/v1p2/", "/v1p1/")
    if is_user:
        roles = said.pop("roles")
        said |= {"role": roles[0]["role"], "orgs": [one["org"] for one in roles],
                 "identifier": said.pop("userMasterIdentifier")}  # fmt: skip
    return said


class SignedProvider(Provider):
    """Answers whoever signs; it issues no tokens."""

    def __init__(self, lotus: Lotus, today: Any) -> None:
        super().__init__(Former(lotus), today)
        self.signatures = Signatures({KEY: SECRET})

    def _is_known(self, request: Request) -> bool:
        try:
            self.signatures.check(request)
        except Unsigned:
            return False
        return True


def app(lotus: Lotus, today: Any) -> Starlette:
    """The rostering application."""
    provider = SignedProvider(lotus, today)
    routes = [Route("/{collection}", provider.collection), Route("/{collection}/{sourced_id}", provider.single)]
    return Starlette(routes=routes)

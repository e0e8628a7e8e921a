"""The served practice city as its clients see it: a consumer of OneRoster, a reader of the partner contract.

Practice -> Roster, Vendor: a token, a request, an answer

What does not belong here: anything of the pipeline's own connectors, and any assertion but that an answer came.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import requests

from edu_pipeline.sandbox import oneroster, partner
from edu_pipeline.sandbox.city import City

Record = dict[str, Any]


@dataclass(frozen=True)
class Practice:
    """The served city, and its controls."""

    url: str
    city: City = field(repr=False)
    session: requests.Session = field(repr=False)

    def a_unit(self, kind: str) -> str:
        """Code of the first unit of a kind."""
        return next(unit.code for unit in self.city.units if unit.kind == kind)

    def get(self, path: str, params: Record | None = None, token: str | None = None) -> requests.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.session.get(self.url + path, params=params, headers=headers, timeout=10)

    def clock(self, to: str) -> dt.date:
        answer = self.session.post(f"{self.url}/_control/clock", json={"to": to}, timeout=10)
        return dt.date.fromisoformat(answer.json()["date"])

    def fault(self, name: str, unit: str = "", on: bool = True, **options: Any) -> None:
        said = {"name": name, "unit": unit, "on": on, **options}
        self.session.post(f"{self.url}/_control/faults", json=said, timeout=10).raise_for_status()


ROOT = "/ims/oneroster/rostering/v1p2"
SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly"
# collection -> name of the list in an answer, name of a single object
NAMES = {
    "orgs": ("orgs", "org"),
    "academicSessions": ("academicSessions", "academicSession"),
    "courses": ("courses", "course"),
    "classes": ("classes", "class"),
    "students": ("users", "user"),
    "teachers": ("users", "user"),
    "users": ("users", "user"),
    "enrollments": ("enrollments", "enrollment"),
    "demographics": ("demographics", "demographics"),
}


def ask_token(practice: Practice, user: str, secret: str, grant: str = "client_credentials") -> requests.Response:
    """Ask for a OneRoster token with the credentials in Basic authorization."""
    form = {"grant_type": grant, "scope": SCOPE}
    return practice.session.post(f"{practice.url}/oauth/token", data=form, auth=(user, secret), timeout=10)


class Roster:
    """A consumer of the OneRoster provider that has a token."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        answer = ask_token(practice, oneroster.CLIENT_ID, oneroster.CLIENT_SECRET)
        self.token: str = answer.json()["access_token"]

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.practice.get(f"{ROOT}/{path}", params, self.token)

    def all(self, collection: str, **params: Any) -> list[Record]:
        answer = self.get(collection, limit=5000, **params)
        answer.raise_for_status()
        found: list[Record] = answer.json()[NAMES[collection][0]]
        return found


class Vendor:
    """A reader of the partner contract: one reading is all pages of one snapshot."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.units = [unit.code for unit in practice.city.units if unit.system == "saomai"]

    def ask(self, resource: str, unit: str, token: str | None = partner.TOKEN, **query: Any) -> requests.Response:
        """One request; a parameter that is None is left out."""
        whole = {"unit": unit, "school_year": 2023, "term": 2, "page": 1, "size": 1000} | query
        given = {name: value for name, value in whole.items() if value is not None}
        return self.practice.get(f"/partner/v0/{resource}", given, token)

    def page(self, resource: str, unit: str, **query: Any) -> Record:
        answer = self.ask(resource, unit, **query)
        answer.raise_for_status()
        found: Record = answer.json()
        return found

    def read(self, resource: str, unit: str, **query: Any) -> tuple[int, list[Record]]:
        """Declared total, and the records of all pages up to the first empty one."""
        page = self.page(resource, unit, **query)
        total, found, number = page["total"], list(page["records"]), 1
        while page["records"]:
            number += 1
            page = self.page(resource, unit, **{**query, "page": number, "snapshot": page["snapshot"]})
            found += page["records"]
        return total, found

    def state(self, unit: str, year: int = 2023) -> dict[tuple[str, str], Record]:
        """Everything that a unit serves of a year, by resource and record id."""
        return {
            (resource, record["idbanghi"]): record
            for resource in partner.RESOURCES
            for record in self.read(resource, unit, school_year=year)[1]
        }

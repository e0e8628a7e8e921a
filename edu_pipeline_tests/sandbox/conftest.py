"""The practice city, built once and served once for all tests here; clock and faults are as new for each test.

build -> one server of the session -> `practice`, on the last day of 2023-2024, with no fault

What does not belong here: what the tests know of a system (their own modules).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from edu_pipeline.sandbox.city import City, build
from edu_pipeline.sandbox.faults import Faults
from edu_pipeline.sandbox.server import Sandbox, running


@dataclass(frozen=True)
class Practice:
    """The served city, and its controls."""

    url: str
    city: City
    session: requests.Session

    def get(self, path: str, params: dict[str, Any] | None = None, **headers: str) -> requests.Response:
        return self.session.get(self.url + path, params=params, headers=headers, timeout=10)

    def clock(self, to: str) -> dt.date:
        answer = self.session.post(f"{self.url}/_control/clock", json={"to": to}, timeout=10)
        return dt.date.fromisoformat(answer.json()["date"])

    def fault(self, name: str, unit: str = "", on: bool = True, **options: Any) -> None:
        said = {"name": name, "unit": unit, "on": on, **options}
        self.session.post(f"{self.url}/_control/faults", json=said, timeout=10).raise_for_status()

    def a_unit(self, kind: str) -> str:
        """Code of the first unit of a kind."""
        return next(unit.code for unit in self.city.units if unit.kind == kind)


@pytest.fixture(scope="session")
def city() -> City:
    """The small city. No test may change it."""
    return build()


@pytest.fixture(scope="session")
def _faults() -> Faults:
    return Faults()


@pytest.fixture(scope="session")
def _served(city: City, _faults: Faults, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    sandbox = Sandbox(city, tmp_path_factory.mktemp("practice") / "clock", _faults)
    with running(sandbox) as url, requests.Session() as session:
        session.trust_env = False
        yield Practice(url, city, session)


@pytest.fixture
def practice(_served: Practice, _faults: Faults) -> Practice:
    """The served city on 31 May 2024, whatever the test before did to clock and faults."""
    _faults.on.clear()
    _faults.bumps.clear()
    _faults.left = 0
    _served.clock("year_end")
    return _served

"""The practice city, built once and served once for all tests here; clock and faults are as new for each test.

build -> one server of the session -> `practice`, on the last day of 2023-2024, with no fault -> `roster`, `vendor`

What does not belong here: how a system is asked (practice.py), what it must answer (the tests).
"""

from collections.abc import Iterator

import pytest
import requests

from edu_pipeline.sandbox.city import City, build
from edu_pipeline.sandbox.faults import Faults
from edu_pipeline.sandbox.server import Sandbox, running
from edu_pipeline_tests.sandbox.practice import Practice, Roster, Vendor

# Their assertions explain themselves as a test's do.
pytest.register_assert_rewrite(
    *(f"edu_pipeline_tests.sandbox.proofs_of_{what}" for what in ("answers", "pages", "records"))
)


@pytest.fixture(scope="session")
def whole() -> City:
    """The small city. No test may change it."""
    return build()


@pytest.fixture(scope="session")
def city(whole: City) -> City:
    """The small city, or what of it a module of tests is about."""
    return whole


@pytest.fixture(scope="session")
def _faults() -> Faults:
    return Faults()


@pytest.fixture(scope="session")
def sandbox(whole: City, _faults: Faults, tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """What is served."""
    return Sandbox(whole, tmp_path_factory.mktemp("practice") / "clock", _faults)


@pytest.fixture(scope="session")
def _served(sandbox: Sandbox) -> Iterator[Practice]:
    with running(sandbox) as url, requests.Session() as session:
        session.trust_env = False
        yield Practice(url, sandbox.city, session)


@pytest.fixture
def practice(_served: Practice, sandbox: Sandbox, _faults: Faults) -> Practice:
    """The served city on 31 May 2024, whatever the test before did to clock and faults."""
    sandbox.wire.clear()
    _faults.on.clear()
    _faults.bumps.clear()
    _faults.left = 0
    _served.clock("year_end")
    return _served


@pytest.fixture
def roster(practice: Practice) -> Roster:
    return Roster(practice)


@pytest.fixture
def vendor(practice: Practice) -> Vendor:
    return Vendor(practice)

"""Whatever is asked within the partner contract, and against it, the practice vendor answers as the contract says.

openapi.document() -> schemathesis: questions that keep it and questions that break it -> the practice vendor

What does not belong here: what a record says (test_openapi.py), what a vendor is told (flow/test_reply.py).
"""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from edu_pipeline.contracts.openapi import document
from edu_pipeline.sandbox import clock, partner
from edu_pipeline.sandbox.server import Sandbox, running
from edu_pipeline_tests.stages import practice_city

SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = {f"{one.ok().method} {one.ok().path}": one.ok() for one in SCHEMA.get_all_operations()}
UNITS = [unit.code for unit in practice_city().units if "saomai" in (unit.system, unit.before)][:8]


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The practice vendor's address."""
    folder = tmp_path_factory.mktemp("fuzzed")
    clock.move(folder / "clock", "opening")
    with running(Sandbox(practice_city(), folder / "clock")) as url:
        yield f"{url}/partner/v0"


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["kept", "broken"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_one_that_the_contract_knows(vendor: str, name: str, mode: GenerationMode) -> None:
    """No error of the server, no status, header or body that is not declared; what breaks the contract is refused."""
    statuses: set[int] = set()

    @trying(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=OPERATIONS[name].as_strategy(generation_mode=mode), unit=st.sampled_from([None, *UNITS]))
    def ask(case: Case, unit: str | None) -> None:
        if unit and mode is GenerationMode.POSITIVE and case.method == "GET":
            # Else nobody would ask for a school that there is.
            case.query = {"unit": unit, "school_year": 2023, "term": 2, "page": 1, "size": 50}
        answer = case.call(base_url=vendor, headers={"Authorization": f"Bearer {partner.TOKEN}"})
        statuses.add(answer.status_code)
        case.validate_response(answer)

    ask()
    assert statuses & ({200, 204} if mode is GenerationMode.POSITIVE else {400, 401, 403, 404, 409})

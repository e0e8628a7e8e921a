"""The contract's OpenAPI document is what the declarations say, and what the practice vendor keeps to."""

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator, FormatChecker

from edu_pipeline.contracts.openapi import document, render
from edu_pipeline.sandbox import partner
from edu_pipeline.sandbox.server import Sandbox, running
from edu_pipeline_tests.stages import practice_city

FILE = Path(__file__).parents[2] / "edu_pipeline" / "kit" / "contract.json"
DOCUMENT = document()
RESOURCES = [path.removeprefix("/") for path, said in DOCUMENT["paths"].items() if "get" in said]


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from edu_pipeline.sandbox import clock

    folder = tmp_path_factory.mktemp("vendor")
    clock.move(folder / "clock", "opening")
    with running(Sandbox(practice_city(), folder / "clock")) as url:
        yield f"{url}/partner/v0"


def asked(vendor: str, resource: str, unit: str, **more: Any) -> requests.Response:
    params = {"unit": unit, "school_year": 2023, "term": 2, "page": 1, "size": 1000} | more
    params = {name: value for name, value in params.items() if value is not None}
    return requests.get(f"{vendor}/{resource}", params=params, timeout=30,
                        headers={"Authorization": f"Bearer {more.pop('token', partner.TOKEN)}"})  # fmt: skip


def checker(resource: str, status: str = "200") -> Draft202012Validator:
    """A validator of an answer, the components beside it."""
    said = DOCUMENT["paths"][f"/{resource}"]["get"]["responses"][status]
    if "$ref" in said:
        said = DOCUMENT["components"]["responses"][status]
    schema = said["content"]["application/json"]["schema"] | {"components": DOCUMENT["components"]}
    return Draft202012Validator(schema, format_checker=FormatChecker())


def test_the_committed_file_equals_the_declarations() -> None:
    is_same = FILE.read_text(encoding="utf-8") == render()
    assert is_same, (
        "kit/contract.json is not what the declarations say; render it again: python -c 'from edu_pipeline.contracts"
        '.openapi import render; print(render(), end="")\' > edu_pipeline/kit/contract.json'
    )


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for said in DOCUMENT["paths"].values():
        for parameter in said["get"]["parameters"] if "get" in said else ():
            assert parameter["$ref"].rsplit("/", 1)[1] in DOCUMENT["components"]["parameters"]


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_practice_vendor_answers_as_the_contract_says(vendor: str, resource: str) -> None:
    units = {u.kind: u.code for u in practice_city().units if u.system == "saomai"}
    count = 0
    for unit in units.values():
        page = asked(vendor, resource, unit).json()
        wrong = [f"{list(error.absolute_path)}: {error.message[:80]}" for error in checker(resource).iter_errors(page)]
        assert wrong == []
        count += len(page["records"])
    assert count > 0


@pytest.mark.parametrize(
    ("status", "said"),
    [("400", {"term": None}), ("400", {"page": 0}), ("401", {"token": "wrong"}), ("404", {"unit": "79999999"}),
     ("409", {"page": 2, "snapshot": "nobody's"})],
)  # fmt: skip
def test_an_error_is_said_as_the_contract_says(vendor: str, status: str, said: dict[str, Any]) -> None:
    unit = said.pop("unit", next(u.code for u in practice_city().units if u.system == "saomai"))
    answer = asked(vendor, "students", unit, **said)
    assert str(answer.status_code) == status
    assert list(checker("students", status).iter_errors(answer.json())) == []


def _page(vendor: str) -> dict[str, Any]:
    unit = next(u.code for u in practice_city().units if u.system == "saomai" and u.grades)
    page: dict[str, Any] = asked(vendor, "students", unit).json()
    return page


BROKEN: dict[str, Any] = {
    "no total": lambda page: page.pop("total"),
    "a record without an id": lambda page: page["records"][0].pop("idbanghi"),
    "an id that is a number": lambda page: page["records"][0].update(idbanghi=17),
    "no name": lambda page: page["records"][0]["data"].pop("hovaten"),
    "no birth date": lambda page: page["records"][0]["data"].update(ngaysinh=None),
    "no school": lambda page: page["records"][0]["data"].update(matruong=None),
    "a root id that is none": lambda page: page["records"][0]["data"].update(madinhdanh="79 001"),
    "a date in words": lambda page: page["records"][0]["data"].update(ngaysinh="31/05/2012"),
    "a code of another list": lambda page: page["records"][0]["data"].update(gioitinh="nam"),
    "an unknown event": lambda page: page["records"][0].update(sukien="DELETE"),
    "an unit that is a number": lambda page: page["records"][0]["data"].update(matruong=79760401),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_breaks_the_contract_is_seen(vendor: str, case: str) -> None:
    page = copy.deepcopy(_page(vendor))
    assert checker("students").is_valid(page)
    BROKEN[case](page)
    assert not checker("students").is_valid(page)


def test_a_root_id_that_is_not_issued_yet_is_no_fault(vendor: str) -> None:
    page = _page(vendor)
    page["records"][0]["data"]["madinhdanh"] = None
    assert checker("students").is_valid(page)


def test_a_field_that_the_contract_does_not_know_is_no_fault(vendor: str) -> None:
    page = _page(vendor)
    page["records"][0]["data"]["cuaRieng"] = dt.date(2024, 9, 5).isoformat()
    assert checker("students").is_valid(page)

"""Whether what came can be the whole of a reading is found in the records, not in what the source says of itself."""

from typing import Any

import pytest

from edu_pipeline.landing.look import Look, strays_of
from edu_pipeline.landing.paging import Page
from edu_pipeline.landing.read import Reading
from edu_pipeline.sources.site import Connection
from edu_pipeline.sources.system import systems
from edu_pipeline_tests.landing.vendor import OWNER

UNITS = ("79760401", "79760402", "79760403")
CONNECTION = Connection.model_validate(
    {"id": "mini", "system": "partner", "base_url": "https://mini.example", "auth": {"token": "T"}, "owner": OWNER,
     "units": [{"unit": unit} for unit in UNITS]}
)  # fmt: skip
KIND = systems()["partner"]


def _record(key: object, unit: str = UNITS[0]) -> dict[str, Any]:
    return {"idbanghi": key, "data": {"matruong": unit}}


def _look(*pages: tuple[list[dict[str, Any]], int | None]) -> tuple[Look, list[str]]:
    """A look at pages of the first unit, and the keys that were taken."""
    reading = Reading("students", UNITS[0], 2023, 2)
    look, taken = Look(strays_of(CONNECTION, KIND.resources["students"], reading)), []
    for records, declared in pages:
        taken += [record.source_key for record in look.take(Page(b"", records, declared), KIND, ("idbanghi",))]
    return look, taken


@pytest.mark.parametrize(
    ("pages", "fault", "is_shifted"),
    [
        ([(["a", "b"], 3), (["c"], 3)], None, False),
        ([([], 0)], None, False),
        ([(["a", "b"], 3), ([], 3)], "declared 3, received 2 distinct", True),
        ([(["a", "b"], 1)], "declared 1, received 2 distinct", True),
        ([(["a", "b"], 3), (["b"], 3)], "declared 3, received 2 distinct", True),
        # A row of the first page left, and one slipped from the second page to the first: as many as declared came.
        ([(["a", "b"], 4), (["d"], 3)], "declared 4, then 3: rows left while reading", True),
        # The total grows while it is read: the last word counts.
        ([(["a", "b"], 2), (["c"], 3)], None, False),
        # Some tell a total on the first page only.
        ([(["a", "b"], 3), (["c"], None)], None, False),
        ([(["a", "b"], None), (["b", "c"], None)], "1 records came twice: rows shifted while reading", True),
        ([(["a", None, ""], 3)], "2 records without a usable key", False),
        ([([7, "7"], 2)], "declared 2, received 1 distinct", True),
    ],
)
def test_totals_and_keys_have_to_agree(
    pages: list[tuple[list[object], int | None]], fault: str | None, is_shifted: bool
) -> None:
    look, _ = _look(*(([_record(key) for key in keys], declared) for keys, declared in pages))
    assert look.fault == fault
    assert look.is_shifted is (is_shifted and look.nameless == 0)


def test_a_record_nested_deeper_than_anybody_means_costs_itself_alone() -> None:
    deep: Any = "end"
    for _ in range(400):
        deep = [deep]
    look, taken = _look(([_record("a"), {**_record("b"), "more": deep}, _record("c")], 3))
    assert taken == ["a", "c"]
    assert look.fault == "1 records without a usable key"


def test_a_unit_that_is_ignored_brings_others_records_and_they_are_left_to_their_own_reading() -> None:
    own, others = [_record(f"a{n}") for n in range(3)], [_record(f"b{n}", UNITS[1]) for n in range(4)]
    look, taken = _look((own, 7), (others, 7))
    assert taken == ["a0", "a1", "a2"]
    assert look.fault == "the unit asked for is ignored: 4 records of other units"


def test_a_few_records_of_another_unit_are_what_they_say() -> None:
    look, taken = _look(([*(_record(f"a{n}") for n in range(3)), _record("b", UNITS[1])], 4))
    assert taken == ["a0", "a1", "a2", "b"]
    assert look.fault is None


def test_a_unit_that_the_connection_does_not_answer_for_is_not_decided_here() -> None:
    look, taken = _look(([_record("x", "79999999")], 1))
    assert (taken, look.fault) == (["x"], None)

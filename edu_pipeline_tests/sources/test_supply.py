"""Every declared field of what is pulled is supplied by a system of the practice city, and reaches master.

practice city with its second vendor, when 2024-2025 has settled -> sync, publish -> a field: who supplies it, how many

A field without a source is printed (and stands so in the catalogue); there may be no more than one in ten.
"""

import uuid
from collections.abc import Callable

import pytest

from edu_pipeline.contracts.supply import suppliers, unsupplied
from edu_pipeline.flow import publish, year
from edu_pipeline.schema import ENTITIES, PULLED
from edu_pipeline_tests.stages import World

COLLECT = "collect: {health: true, religion: true, affiliation: true}\n"


def test_hardly_a_field_is_without_a_source() -> None:
    without = [f"{entity.name}.{field.name}" for entity, field in unsupplied()]
    print("without a source:", *without or ["none"])
    assert len(without) <= sum(len(entity.fields) for entity in ENTITIES) // 10


@pytest.mark.slow
def test_every_field_with_a_source_reaches_master(whole: Callable[[str], World]) -> None:
    world = whole("settled")
    (world.folder / "site" / "catalogue.yaml").write_text(COLLECT)
    year.open_year(2023)
    # The new year as well, which a rollover opens: the way there is another test's business.
    world.execute(
        "INSERT INTO ops.unit_year SELECT (jsonb_populate_record(u, '{\"school_year\": 2024}')).*"
        " FROM ops.unit_year u WHERE school_year = 2023"
    )
    names = ("registry", "hoaphuong", "portal", "moodle", "canvas")
    outcomes = {name: outcome for one in names for name, outcome in world.sync(one).items()}
    assert {name: outcome.error for name, outcome in outcomes.items()} == dict.fromkeys(outcomes)
    publish.publish(uuid.uuid4().hex)
    empty = []
    for entity in PULLED:
        counts = ", ".join(f"count({name})" for name in entity.field_names)
        (row,) = world.rows(f"SELECT {counts} FROM master.{entity.name}")
        for field, count in zip(entity.fields, row, strict=True):
            by = suppliers(entity, field)
            print(f"{entity.name}.{field.name}: {count} by {', '.join(by) or 'nobody'}")
            if by and not count:
                empty.append(f"{entity.name}.{field.name}")
    assert empty == []

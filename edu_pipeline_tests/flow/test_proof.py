"""A whole city changes its vendor: each unit meets its own readings, not every other unit's."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from edu_pipeline.flow import proof
from edu_pipeline_tests.conftest import Database

UNITS, RESOURCES = 300, 3


@pytest.mark.parametrize("unit", ["each", "all"])
def test_units_meet_readings_by_equality(database: Database, unit: str) -> None:
    units = [f"79{number:06}" for number in range(UNITS)]
    binds = {"units": units, "connections": ["second"] * UNITS, "former": ["first"] * UNITS,
             "since": ["2024-06-01"] * UNITS, "entity": "enrollment"}  # fmt: skip
    query = proof._SEEN.format(entity="enrollment")
    with database.app.begin() as connection:
        batch = connection.execute(
            text("""INSERT INTO ops.batch (connection_id, run_id, as_of, mapping, status,
            started_at) VALUES ('second', 'run', '2024-06-03', '', 'admitted', now()) RETURNING batch_id""")
        ).scalar()
        connection.execute(
            text("""INSERT INTO ops.scope (batch_id, connection_id, resource, entity, unit_id, school_year,
                received_count, distinct_count, page_count, is_complete)
            SELECT :batch, 'second', r, 'enrollment', u, 2023, 1, 1, 1, true
            FROM unnest(CAST(:units AS text[])) u, unnest(CAST(:resources AS text[])) r"""),
            {"batch": batch, "units": units if unit == "each" else [""],
             "resources": [f"resource-{number}" for number in range(RESOURCES)]},
        )  # fmt: skip
        assert {tuple(row)[:3] for row in connection.execute(text(query), binds)} == {(u, True, True) for u in units}
        # Tables just filled have no statistics; publications forbid nested loops, which would hide the condition.
        connection.execute(text("SET LOCAL enable_nestloop = off"))
        said = connection.execute(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}"), binds).scalar_one()
    nodes = list(_nodes((json.loads(said) if isinstance(said, str) else said)[0]["Plan"]))
    assert sum(node.get("Rows Removed by Join Filter", 0) for node in nodes) == 0
    assert [node["Join Filter"] for node in nodes if "s.unit_id" in node.get("Join Filter", "")] == []
    joined = [node.get("Hash Cond") or node.get("Merge Cond") or "" for node in nodes]
    assert any("s.unit_id" in condition and "batch_id" in condition for condition in joined)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)

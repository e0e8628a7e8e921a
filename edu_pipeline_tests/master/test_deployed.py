"""What a unit runs is told by the system that answers for it; of an office, by whoever registers units."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow import hold, publish
from edu_pipeline.sandbox import registry
from edu_pipeline_tests.stages import World


def test_the_registry_tells_of_offices_alone_and_an_unknown_unit_waits(
    stage: Callable[[str], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = stage("year_end")
    school = next(unit.code for unit in world.city.units if unit.system == "saomai" and unit.grades)
    true = registry.systems

    def told(*said: Any) -> list[dict[str, Any]]:
        first, *rest = true(*said)
        return [first, *rest, *(
            {**first, "idbanghi": f"HT-{code}-X", "data": {**first["data"], "madonvi": code, "mahethong": "X"}}
            for code in (school, "79999999"))]  # fmt: skip

    monkeypatch.setattr(registry, "systems", told)
    world.sync()
    publish.publish(uuid.uuid4().hex)
    by = dict(tuple(row) for row in world.rows(
        "SELECT unit_id, min(connection_id) FROM master.deployed_system GROUP BY unit_id"))  # fmt: skip
    offices = {row[0] for row in world.rows("SELECT unit_id FROM master.unit WHERE unit_kind = 'office'")}
    assert {unit for unit, connection in by.items() if connection == "registry"} == offices & set(by)
    assert offices & set(by)
    assert world.value("SELECT count(*) FROM master.deployed_system WHERE system_code = 'X'") == 0
    assert [tuple(row) for row in world.rows("SELECT unit_id, reason FROM waiting.deployed_system")] == [
        ("79999999", "parent")
    ]


@pytest.mark.slow
def test_a_declaration_that_goes_leaves_master_and_stays_in_history(
    stage: Callable[[str], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = stage("year_end")
    unit, code = world.rows("SELECT unit_id, system_code FROM master.deployed_system WHERE connection_id = 'registry'")[
        0
    ]
    true = registry.systems
    monkeypatch.setattr(registry, "systems", lambda *said: [
        row for row in true(*said) if row["data"]["madonvi"] != unit])  # fmt: skip
    world.sync()
    # Nothing is left of what the office had declared: somebody has to say that this is true.
    (question,) = hold.listed(unit)
    assert (question["rule"], question["rows"]) == ("empty", 1)
    hold.approve(question["id"], "the office runs no system any more")
    world.sync()
    publish.publish(uuid.uuid4().hex)
    assert world.value("SELECT count(*) FROM master.deployed_system WHERE unit_id = :unit", unit=unit) == 0
    found = world.rows("SELECT system_code, ended_by FROM history.deployed_system WHERE unit_id = :unit", unit=unit)
    assert [tuple(row) for row in found] == [(code, "remove")]

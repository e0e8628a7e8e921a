"""Whoever was carried over is shown by the school, has left, or is listed; after the last day nobody counts them."""

import uuid
from collections.abc import Callable

import pytest

from edu_pipeline.flow import confirm, publish, rollover, warehouse
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World, approve

# Whole plans of a city: minutes of them.
pytestmark = pytest.mark.slow

Stage = Callable[[str], World]

_FACTS = "SELECT count(*), count(*) FILTER (WHERE is_countable) FROM warehouse.fct_enrollment WHERE unit_id = :u" \
         " AND school_year = 2024 AND basis = 'rolled_over'"  # fmt: skip


def test_a_school_that_shows_all_but_one_child(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stage("opening")
    unit, later = wire.schools(world)[0], wire.schools(world, shows_new_year=False)[0]
    child = wire.quiet(world, unit)
    rollover.make_plan(2023, "plan", [unit, later])
    approve()
    assert rollover.apply_plan(2023, "apply").failure is None
    key = f"XL-{unit}-2024-{child.codes[unit]}"

    def told(resource: str, of_unit: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        return [r for r in records if r["idbanghi"] != key]

    wire.tell(monkeypatch, told)
    world.night()
    mine = confirm.unconfirmed(2023, unit)
    assert [(row["student"], row["is_late"], str(row["until"])) for row in mine] == [(child.root, False, "2024-10-31")]
    assert mine[0]["to_do"].startswith("the unit's complete list lacks the pupil")
    # Who has told nothing yet is carried by the rollover alone, and counted until the last day.
    rows, counted = world.rows(_FACTS, u=later)[0]
    assert rows == counted == len(confirm.unconfirmed(2023, later)) > 50
    assert tuple(world.rows(_FACTS, u=unit)[0]) == (0, 0)
    world.at("2024-11-01")
    publish.publish(uuid.uuid4().hex)
    warehouse.materialize(uuid.uuid4().hex)
    assert tuple(world.rows(_FACTS, u=later)[0]) == (rows, 0)
    listed = confirm.unconfirmed(2023)
    assert len(listed) == rows + 1
    assert all(row["is_late"] for row in listed)
    # Whatever is reported of the pupil closes the case: here, a leaving.
    world.execute("UPDATE master.enrollment SET student_id = :s, status = 'withdrawn', end_date = '2024-09-20'"
                  " WHERE (unit_id, school_year, student_id) = (:u, 2024, :o)",
                  s=child.root, u=unit, o=wire.quiet(world, unit, 1).root)  # fmt: skip
    assert child.root not in {row["student"] for row in confirm.unconfirmed(2023)}

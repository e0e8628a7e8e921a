"""What the circulars decide of the practice city's children is what their stories say."""

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from edu_pipeline.flow import publish, rollover, year
from edu_pipeline.rollover import witness
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]


def seen(world: World, both_below: str = "strict") -> dict[str, Any]:
    """The witness's line of every pupil of the units that have a plan."""
    plans = world.value("SELECT array_agg(plan_id) FROM rollover.plan WHERE from_year = 2023")
    rows = world.rows(witness.relation(both_below), plans=plans, from_year=2023)
    assert rows[0]._fields == witness.COLUMNS
    assert len(rows) == world.value("SELECT count(*) FROM rollover.snapshot_student WHERE school_year = 2023")
    found = {row.student_id: row for row in rows}
    assert len(found) == len(rows)
    return found


def test_look(stage: Stage) -> None:
    world = stage("opening")
    assert rollover.make_plan(2023, "p").failure is None
    found = seen(world)
    print(Counter((r.regulation, r.stage, r.decision, r.outcome, r.agrees, r.note) for r in found.values()))


def test_look2(whole: Stage) -> None:
    world = whole("year_end")
    year.open_year(2023)
    world.sync()
    publish.publish(uuid.uuid4().hex)
    year.close_year(2023)
    world = whole("opening")
    world.sync()
    publish.publish(uuid.uuid4().hex)
    print(rollover.make_plan(2023, "p").failure)
    found = seen(world)
    for k, n in Counter(
        (
            r.unit_id[2:5] in ("764", "765"),
            r.regulation,
            r.stage,
            r.decision,
            r.outcome,
            r.agrees,
            r.is_level_different,
            r.computed_level is not None,
            r.note,
        )
        for r in found.values()
    ).items():
        print(n, k)
    print(Counter(r.why for r in found.values()))

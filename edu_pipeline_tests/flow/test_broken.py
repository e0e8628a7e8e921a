"""A batch breaks between landing and validated: what it has landed is news still, and is asked about as such."""

from collections.abc import Callable

import pytest

from edu_pipeline.flow import admit, sync
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]

UNIT = "79770405"
OPEN = "SELECT entity, rule, row_count FROM ops.hold WHERE closed_at IS NULL AND unit_id = :u"
SEX = "SELECT source_key, sex FROM validated.student WHERE claim_unit_id = :u AND is_present ORDER BY 1"


def _other_sex(resource: str, unit: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
    if (resource, unit) != ("students", UNIT):
        return records
    return [wire.newer(record, gioitinh="0" if record["data"]["gioitinh"] == "1" else "1") for record in records]


def _break(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*said: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(admit, "_entity", fail)
        assert world.sync("saomai")["saomai"].error is not None


@pytest.mark.parametrize("from_landing", [False, True])
def test_a_mass_change_is_asked_about_after_batches_that_broke(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, from_landing: bool
) -> None:
    world = stage("year_end")
    before = world.rows(SEX, u=UNIT)
    wire.tell(monkeypatch, _other_sex)
    for _ in range(2):  # the second one lands what the first has landed
        _break(world, monkeypatch)
    (outcome,) = sync.sync("next", sync.Order(("saomai",), from_landing=from_landing))
    assert outcome.error is None
    ((entity, rule, count),) = world.rows(OPEN, u=UNIT)
    assert (entity, rule) == ("student", "mass_change")
    assert count > 0.9 * len(before)
    assert world.rows(SEX, u=UNIT) == before

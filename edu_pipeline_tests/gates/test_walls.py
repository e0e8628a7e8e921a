"""The proofs of this folder can fail: a row changed, written again, added or gone is seen, and so is a told name."""

import pytest

from edu_pipeline.schema import PULLED
from edu_pipeline_tests.gates.walls import fingerprint, told
from edu_pipeline_tests.stages import World

ONE = "(unit_id, school_year, class_code) = (SELECT unit_id, school_year, class_code FROM master.school_class LIMIT 1)"
SPOILED = (
    ("master.school_class", f"UPDATE master.school_class SET name = name || ' ' WHERE {ONE}"),
    ("master.school_class", f"UPDATE master.school_class SET name = name WHERE {ONE}"),
    ("master.result", "DELETE FROM master.result WHERE ctid = (SELECT ctid FROM master.result LIMIT 1)"),
    ("history.unit", "INSERT INTO history.unit (unit_id, recorded_from, recorded_to, ended_by)"
                     " SELECT unit_id, recorded_from, now(), 'update' FROM master.unit LIMIT 1"),
)  # fmt: skip


def test_every_change_of_a_schema_is_seen_in_its_table_alone(world: World) -> None:
    before = fingerprint(world, "master", "history")
    assert before == fingerprint(world, "master", "history")
    assert before["master.enrollment"][0] > 4000
    for table, statement in SPOILED:
        world.execute(statement)
        after = fingerprint(world, "master", "history")
        assert {name for name in before if before[name] != after[name]} == {table}
        before = after


def test_places_are_schemas_or_tables_with_or_without_change_sets(world: World) -> None:
    whole, standing = fingerprint(world, "validated"), fingerprint(world, "validated", is_whole=False)
    assert len(whole) == 2 * len(standing) == 2 * len(PULLED)
    assert list(fingerprint(world, "landing.record")) == ["landing.record"]
    with pytest.raises(AssertionError):
        fingerprint(world, "landed")


@pytest.mark.parametrize("kind", ["root", "name"])
def test_a_told_child_is_found(bare_world: World, kind: str) -> None:
    assert told(bare_world) == []
    child = bare_world.city.children[7]
    secret = child.root if kind == "root" else f"{child.family} {child.given}"
    bare_world.execute(
        "INSERT INTO ops.hold (room, connection_id, unit_id, entity, rule, row_count, batch_id, opened_at)"
        " VALUES ('landing', 'saomai', '', 'student', :rule, 1, 1, now())",
        rule=f"volume, see {secret}",
    )
    assert secret in told(bare_world)

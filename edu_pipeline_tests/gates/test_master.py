"""Master's gate: the register does not shrink by accident, and nobody has two active places in the city."""

import dataclasses
import uuid

import pytest

from edu_pipeline.flow import publish
from edu_pipeline.gate.verdict import GateClosed, Verdict
from edu_pipeline.master import merge
from edu_pipeline_tests.gates import walls
from edu_pipeline_tests.stages import World

REGISTER = ("master", "history")
OPEN = "SELECT entity, rule FROM ops.hold WHERE room = 'master' AND closed_at IS NULL ORDER BY 1"


def _publish() -> publish.Publication:
    return publish.publish(uuid.uuid4().hex)


def _change(world: World, ethnicity: str) -> None:
    """Three admitted rows say something new."""
    world.execute("UPDATE validated.student SET ethnicity = :e WHERE student_id IN (SELECT student_id FROM"
                  " master.student ORDER BY 1 LIMIT 3)", e=ethnicity)  # fmt: skip


def test_a_connection_that_leaves_the_site_takes_nobody_along(world: World) -> None:
    before = walls.fingerprint(world, *REGISTER, is_whole=False)
    walls.narrow(world, "saomai", [])
    assert world.sync("lotus")["lotus"].failure is None
    assert world.value("SELECT count(*) FROM ops.authority WHERE valid_to IS NULL") == 3
    done = _publish()
    assert set(done.closed) == {"deployed_system", "school_class", "staff_assignment", "enrollment", "result"}
    assert {verdict.failed for verdict in done.closed.values()} == {("volume",)}
    assert walls.fingerprint(world, *REGISTER, is_whole=False) == before
    assert [tuple(row) for row in world.rows(OPEN)] == [(name, "volume") for name in sorted(done.closed)]


@pytest.mark.parametrize(("share", "closed"), [(4, True), (1, False)])
def test_validated_rows_that_vanish_close_the_gate_if_they_are_many(world: World, share: int, closed: bool) -> None:
    before = walls.fingerprint(world, "master.enrollment", "history.enrollment")
    world.execute("UPDATE validated.enrollment SET is_present = false"
                  " WHERE abs(hashtext(source_key)) % 10 < :share", share=share)  # fmt: skip
    done = _publish()
    assert ("enrollment" in done.closed) is closed
    assert (walls.fingerprint(world, "master.enrollment", "history.enrollment") == before) is closed


def _claim_twice(world: World) -> str:
    """A pupil's whole place is claimed by a second school; return the pupil."""
    pupil, home = world.rows("""
        SELECT student_id, unit_id FROM master.enrollment WHERE status = 'active' AND end_date IS NULL
          AND connection_id = 'saomai' ORDER BY student_id LIMIT 1""")[0]
    names = [row[0] for row in world.rows("SELECT column_name FROM information_schema.columns WHERE table_schema ="
             " 'validated' AND table_name = 'enrollment' ORDER BY ordinal_position")]  # fmt: skip
    taken = {"source_key": "'XL-CLAIM'", "unit_id": "c.unit_id", "claim_unit_id": "c.unit_id",
             "class_code": "c.class_code", "grade_level": "c.grade_level"}  # fmt: skip
    world.execute(
        f"""INSERT INTO validated.enrollment SELECT {", ".join(taken.get(name, f"v.{name}") for name in names)}
            FROM validated.enrollment v, LATERAL (SELECT * FROM master.school_class o WHERE o.unit_id <> :home
                AND o.school_year = v.school_year AND o.connection_id = 'saomai' ORDER BY o.unit_id LIMIT 1) c
            WHERE v.student_id = :pupil AND v.unit_id = :home AND v.status = 'active' AND v.is_present LIMIT 1""",
        home=home,
        pupil=pupil,
    )
    return str(pupil)


def test_without_the_rule_for_two_claims_the_suite_closes_in_its_place(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pupil = _claim_twice(world)
    assert world.value("SELECT count(*) FROM validated.enrollment WHERE student_id = :p AND status = 'active'",
                       p=pupil) == 2  # fmt: skip
    before = walls.fingerprint(world, *REGISTER, is_whole=False)
    with monkeypatch.context() as broken:
        broken.setattr(merge, "_claimed_once", lambda declared, query: query)
        done = _publish()
    assert {name: verdict.failed for name, verdict in done.closed.items()} == {"enrollment": ("one_active_place",)}
    assert done.changes["enrollment"] == {"insert": 1}
    assert walls.fingerprint(world, *REGISTER, is_whole=False) == before
    # With the rule the second claim gives way, and the gate has nothing to refuse.
    done = _publish()
    assert done.closed == {}
    assert done.changes["enrollment"] == {}
    assert world.rows(OPEN) == []


def test_master_is_published_for_its_own_verdict_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    at, earlier = ("master", "student"), []
    _change(world, "17")

    def fail_and_keep(verdict: Verdict) -> Verdict:
        earlier.append(verdict)
        return walls.failing(verdict)

    # Failed as an outcome: the entity is closed, nothing of it is written; the other entities' change sets are.
    marks = walls.force(world, monkeypatch, publish, at, fail_and_keep, *REGISTER, is_whole=False)
    assert set(_publish().closed) == {"student"}
    assert marks == [walls.fingerprint(world, *REGISTER, is_whole=False)]
    assert [tuple(row) for row in world.rows(OPEN)] == [("student", "forced")]
    # The passed verdict of that batch does not open the gate for this one.
    _change(world, "04")
    for say in (walls.other_checksum, walls.other_count, lambda verdict: earlier[0]):
        marks = walls.force(world, monkeypatch, publish, at, say, *REGISTER)
        with pytest.raises(GateClosed, match="judge again"):
            _publish()
        assert marks == [walls.fingerprint(world, *REGISTER)]
    with monkeypatch.context() as door:
        marks = walls.force(world, monkeypatch, publish, at, walls.unaltered, *REGISTER)
        walls.fail_at_door(door, publish, *at)
        with pytest.raises(GateClosed, match="forced"):
            _publish()
        assert marks == [walls.fingerprint(world, *REGISTER)]
    marks = walls.force(world, monkeypatch, publish, at, walls.unaltered, *REGISTER, is_whole=False)
    assert _publish().closed == {}
    after = walls.fingerprint(world, *REGISTER, is_whole=False)
    assert {name for name in after if after[name] != marks[0][name]} == {"master.student", "history.student"}
    assert after["history.student"][0] == marks[0]["history.student"][0] + 3


def test_the_verdict_of_another_batch_with_the_same_rows_opens_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _change(world, "17")

    def of_the_batch_before(verdict: Verdict) -> Verdict:
        return dataclasses.replace(verdict, batch_id=verdict.batch_id - 1)

    marks = walls.force(world, monkeypatch, publish, ("master", "student"), of_the_batch_before, *REGISTER)
    with pytest.raises(GateClosed, match="another batch"):
        _publish()
    assert marks == [walls.fingerprint(world, *REGISTER)]

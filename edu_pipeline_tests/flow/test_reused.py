"""A key that comes for another person, and a record that is cancelled and comes again: every child stays who it is.

practice city behind a distorted wire -> nights with publication -> who stands under the key, where every person is
"""

import uuid
from collections.abc import Callable

import pytest

from edu_pipeline.flow import publish
from edu_pipeline.sandbox.partner import SEX
from edu_pipeline.sandbox.story import Child
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

pytestmark = pytest.mark.slow
Stage = Callable[[str], World]
Told = dict[str, str]

NOBODY = {"madinhdanh": "7999999999", "hovaten": "Trần Văn Lạ", "ngaysinh": "2015-01-02", "gioitinh": "1"}


def _told(child: Child) -> Told:
    return {"madinhdanh": child.root, "hovaten": f"{child.family} {child.given}", "ngaysinh": child.birth.isoformat(),
            "gioitinh": SEX[child.sex]}  # fmt: skip


# Who comes under a child's key: another identity, and what becomes of the record.
COMES: dict[str, tuple[Callable[[World, str, str], Told], str]] = {
    "whom nobody knows": (lambda world, unit, other: NOBODY, "identity"),
    "a class-mate": (
        lambda world, unit, other: _told(wire.quiet(world, unit, 1)),
        "{student.student_id.duplicate,student.student_id.reused}",
    ),
    "another school's": (lambda world, unit, other: _told(wire.quiet(world, other)), "{student.student_id.reused}"),
    # The registry has corrected the child itself: that is the same person.
    "the same, renumbered": (lambda world, unit, other: {"madinhdanh": "7999999999"}, ""),
}
OPEN = """SELECT reason FROM waiting.student WHERE source_key = :k
    UNION ALL SELECT CAST(failed_rules AS text) FROM quarantine.student WHERE source_key = :k"""
STANDS = "SELECT student_id, full_name FROM validated.student WHERE source_key = :k AND is_present"
PLACES = """SELECT e.student_id, i.full_name, e.class_code, e.status, (SELECT count(*) FROM master.result r
    WHERE r.student_id = e.student_id) AS results FROM master.enrollment e JOIN master.student i USING (student_id)
    WHERE e.unit_id = :u ORDER BY 1, 3"""


def _night(world: World) -> None:
    assert {name: outcome.failure for name, outcome in world.sync().items() if outcome.failure} == {}
    assert publish.publish(uuid.uuid4().hex).closed == {}


@pytest.mark.parametrize("who", COMES)
def test_a_key_that_comes_for_another_person_does_not_make_one_child_of_two(stage: Stage, who: str) -> None:
    world = stage("year_end")
    unit, other = wire.schools(world)[:2]
    child, (identity, said) = wire.quiet(world, unit), COMES[who]
    key = f"HS-{unit}-{child.codes[unit]}"
    contents, states, places = wire.contents(world), wire.states(world), world.rows(PLACES, u=unit)
    stands = world.rows(STANDS, k=key)
    assert stands == [(child.root, f"{child.family} {child.given}")]
    where = ("partner", "students", unit)
    if not said:
        world.execute("UPDATE validated.identity SET identity_id = '7999999999' WHERE identity_id = :r", r=child.root)
    world.sandbox.wire.switch("rekeyed", *where, key=key, identity=identity(world, unit, other))
    # Its place comes anew beside it: it must not go over to whoever now has the key.
    world.sandbox.wire.switch("newer", "partner", "enrollments", unit)
    world.sandbox.wire.switch("newer", "partner", "results", unit)
    _night(world)
    assert [row[0] for row in world.rows(OPEN, k=key)] == ([said] if said else [])
    if not said:
        assert world.rows(STANDS, k=key) == [("7999999999", stands[0].full_name)]
        return
    assert world.rows(STANDS, k=key) == stands
    # What is told under the key may be about the other one: it waits until the school has said who that is.
    waits = world.value("SELECT count(*) FROM waiting.enrollment WHERE source_key = :k",
                        k=f"XL-{unit}-2023-{child.codes[unit]}")  # fmt: skip
    assert waits == ("reused" in said)
    assert wire.states(world) == states
    assert world.rows(PLACES, u=unit) == places
    assert world.value("SELECT count(*) FROM landing.record WHERE NOT is_present") == 0
    world.sandbox.wire.clear()
    world.sandbox.wire.switch("newer", *where)
    _night(world)
    assert world.rows(OPEN, k=key) == []
    assert (wire.contents(world), wire.states(world)) == (contents, states)
    assert world.rows(PLACES, u=unit) == places


def test_a_key_whose_record_was_cancelled_is_free_for_another_person(stage: Stage) -> None:
    world = stage("year_end")
    unit, other = wire.schools(world)[:2]
    child, newcomer = wire.quiet(world, unit), wire.quiet(world, other)
    key, where = f"HS-{unit}-{child.codes[unit]}", ("partner", "students", unit)
    world.sandbox.wire.switch("cancelled_resent", *where, key=key, times=1)
    _night(world)
    assert world.rows(STANDS, k=key) == []
    world.sandbox.wire.clear()
    world.sandbox.wire.switch("rekeyed", *where, key=key, versions=5, identity=_told(newcomer))
    _night(world)
    assert world.rows(STANDS, k=key) == [(newcomer.root, f"{newcomer.family} {newcomer.given}")]


def test_who_is_cancelled_and_comes_again_is_neither_lost_nor_doubled(stage: Stage) -> None:
    world = stage("year_end")
    unit = wire.schools(world)[0]
    child = wire.quiet(world, unit)
    key = f"HS-{unit}-{child.codes[unit]}"
    contents, states, places = wire.contents(world), wire.states(world), world.rows(PLACES, u=unit)
    persons = world.value("SELECT count(*) FROM master.student")
    world.sandbox.wire.switch("cancelled_resent", "partner", "students", unit, key=key)
    _night(world)
    place = ("saomai", "student", key)
    gone = wire.states(world)
    # Not lost: said to have left, by whose word, and still a person of the register.
    assert gone.keys() == states.keys()
    assert gone[place][2:4] == ("left", "cancelled")
    assert {name: said for name, said in gone.items() if name != place} == {
        name: said for name, said in states.items() if name != place
    }
    assert world.value("SELECT count(*) FROM master.student WHERE student_id = :r", r=child.root) == 1
    for _ in range(2):
        _night(world)
        assert (wire.contents(world), wire.states(world)) == (contents, states)
        assert world.rows(PLACES, u=unit) == places
        assert world.value("SELECT count(*) FROM master.student") == persons
    # The vendor forgets its versions: what is older than what is known changes nothing.
    world.sandbox.wire.clear()
    _night(world)
    assert (wire.contents(world), wire.states(world)) == (contents, states)


@pytest.mark.parametrize("is_told", [True, False])
def test_a_record_under_a_new_id_takes_the_place_of_the_old_one_the_same_night(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, is_told: bool
) -> None:
    """The vendor cancels the old one, or it is only gone."""
    world = stage("year_end")
    unit = wire.schools(world)[0]
    wire.narrow(world, [unit])
    child = wire.quiet(world, unit)
    old = f"XL-{unit}-2023-{child.codes[unit]}"

    def told(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        if (resource, of) != ("enrollments", unit):
            return records
        found = [{**r, "idbanghi": f"NEW-{old}"} if r["idbanghi"] == old else r for r in records]
        return found + [{**wire.newer(r), "sukien": "CANCEL"} for r in records if r["idbanghi"] == old and is_told]

    wire.tell(monkeypatch, told)
    assert world.sync("saomai")["saomai"].failure is None
    assert world.rows("SELECT source_key, failed_rules FROM quarantine.enrollment WHERE source_key LIKE :k",
                      k=f"%{old}") == []  # fmt: skip
    stands = world.rows("SELECT source_key, is_present FROM validated.enrollment WHERE source_key LIKE :k ORDER BY 1",
                        k=f"%{old}")  # fmt: skip
    assert [tuple(row) for row in stands] == [(f"NEW-{old}", True), (old, False)]

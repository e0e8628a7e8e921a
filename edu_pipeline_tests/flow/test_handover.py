"""A unit goes to another system and back: nobody is lost or doubled, keys stay, and silence removes nothing.

practice city over HTTP, one unit told by two connections -> handovers.yaml -> nights -> master, states, authority
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from edu_pipeline.flow import ask, handover, publish, year
from edu_pipeline.landing import client
from edu_pipeline.sandbox.rosters import Lotus
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

BEFORE, DAY, NEXT, LATER = "2024-06-01", "2024-06-03", "2024-06-04", "2024-06-10"
ROWS = ("student", "staff", "school_class", "enrollment", "staff_assignment", "result", "guardian", "deployed_system")
WHY = {"reason": "a new vendor", "by": "Lê Thị B"}

pytestmark = pytest.mark.slow


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    """The city after its first night, with a second connection of the partner's kind that answers for no unit yet."""
    world = stage("year_end")

    def add(said: dict[str, Any]) -> None:
        (one,) = [c for c in said["connections"] if c["id"] == "saomai"]
        said["connections"].append({**one, "id": "second", "units": []})

    wire.edit_site(world, add)
    path = world.folder / "site" / "approvals.yaml"
    said = yaml.safe_load(path.read_text())
    said["approvals"]["second"] = said["approvals"]["saomai"]
    path.write_text(yaml.safe_dump(said, allow_unicode=True))
    return world


@pytest.fixture
def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """(connection, place) of every reading that was asked for."""
    found: list[tuple[str, str]] = []
    true = client.Client.get

    def get(self: client.Client, path: str, params: Any, place: str, *rest: Any, **more: Any) -> Any:
        found.append((self.connection.id, place))
        return true(self, path, params, place, *rest, **more)

    monkeypatch.setattr(client.Client, "get", get)
    return found


def hand(unit: str, day: str = DAY, **more: Any) -> None:
    handover.hand_over({"unit": unit, "from": "saomai", "to": "second", "date": dt.date.fromisoformat(day),
                        **more, **WHY})  # fmt: skip


def rows_of(world: World, unit: str) -> dict[str, dict[tuple[Any, ...], str]]:
    """The connection of each of the unit's rows in master, by entity and key."""
    found = {}
    for name in ROWS:
        keys = [row[0] for row in world.rows("""SELECT a.attname FROM pg_index i JOIN pg_attribute a
            ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE i.indisprimary
            AND i.indrelid = CAST(:t AS regclass) ORDER BY a.attnum""", t=f"master.{name}")]  # fmt: skip
        where = "v.claim_unit_id = :u" if name in ("student", "staff", "guardian") else "m.unit_id = :u"
        query = f"""SELECT {", ".join(f"m.{key}" for key in keys)}, m.connection_id FROM master.{name} m
            JOIN validated.{name} v USING (connection_id, source_key) WHERE {where}"""
        found[name] = {tuple(row)[:-1]: row[-1] for row in world.rows(query, u=unit)}
    return found


def authority(world: World, unit: str) -> list[tuple[str, str, str, str | None]]:
    rows = world.rows("""SELECT entity, connection_id, valid_from, valid_to FROM ops.authority WHERE unit_id = :u
        ORDER BY valid_from, entity""", u=unit)  # fmt: skip
    return [(r.entity, r.connection_id, str(r.valid_from), r.valid_to and str(r.valid_to)) for r in rows]


def persons(world: World) -> dict[str, str]:
    """The best state of every person, city-wide."""
    best = ["enrolled", "pending", "held", "quarantined", "waiting_parent", "waiting_identity", "waiting_year", "left",
            "superseded"]  # fmt: skip
    found: dict[str, str] = {}
    for _, person, state, *_ in wire.states(world).values():
        if person:
            found[person] = min(found.get(person, state), state, key=best.index)
    return found


def said(world: World) -> list[str]:
    return [row["rule"] for row in ask.standing() if row["what"] == "handover"]


def ended(world: World) -> set[tuple[str, str]]:
    """How rows came to history."""
    return {(name, row[0]) for name in ROWS for row in world.rows(f"SELECT ended_by FROM history.{name}")}


def test_a_unit_goes_to_another_system_and_back_and_nobody_is_lost_or_doubled(world: World, asked: list) -> None:
    unit = wire.schools(world)[0]
    before, people, marks = rows_of(world, unit), persons(world), wire.mark(world, "master", "history")
    hand(unit)

    world.at(BEFORE)
    outcomes = world.sync()
    publish.publish("before")
    assert outcomes["second"].skipped == f"not asked: it answers for no unit before {DAY}"
    assert not [place for name, place in asked if name == "second"]
    assert "second" not in {row["where"] for row in ask.standing()}, "nobody misses it"
    assert wire.mark(world, "master", "history") == marks

    # The new system cannot be read as a whole on its first day: what the old one told stands.
    world.at(DAY)
    asked.clear()
    world.fault("truncated", unit)
    world.night()
    assert {place for name, place in asked if name == "saomai" and f"unit {unit}" in place} == set()
    assert [place for name, place in asked if name == "second"]
    assert (rows_of(world, unit), persons(world)) == (before, people)
    assert said(world) == ["second has not told the whole of it; the last rows of saomai stand"]
    assert [row[1] for row in authority(world, unit)] == ["saomai"]

    world.at(NEXT)
    world.fault("truncated", unit, is_on=False)
    done = world.night()
    assert done.closed == {}
    assert said(world) == []
    assert authority(world, unit) == [("*", "saomai", "2024-05-31", NEXT), ("*", "second", NEXT, None)]
    after = rows_of(world, unit)
    assert {name: set(keys) for name, keys in after.items()} == {name: set(keys) for name, keys in before.items()}
    assert {one for keys in after.values() for one in keys.values()} == {"second"}
    assert len(after["student"]) > 100
    assert len(after["result"]) > 100
    assert {how for _, how in ended(world)} == {"update"}
    assert persons(world) == people
    of_unit = {key: state for key, state in wire.states(world).items() if state[0] == unit}
    old = [state for key, state in of_unit.items() if key[0] == "saomai"]
    assert {(state[2], state[3]) for state in old if state[2] != "left"} == {("superseded", "handed over to second")}
    assert {state[2] for key, state in of_unit.items() if key[0] == "second"} >= {"enrolled"}
    assert world.value("SELECT count(*) FROM ops.hold WHERE unit_id = :u AND closed_at IS NULL", u=unit) == 0
    still = world.value("""SELECT bool_and(is_present) FROM landing.record WHERE connection_id = 'saomai'
        AND unit_id = :u AND event <> 'CANCEL'""", u=unit)  # fmt: skip
    assert still, "silence is no deletion"

    # Nothing more happens in the next night.
    marks = wire.mark(world, "master", "history", "ops.person_state", "ops.authority")
    world.night()
    assert wire.mark(world, "master", "history", "ops.person_state", "ops.authority") == marks

    # Taken back after its day: the old system answers again from today on.
    world.at(LATER)
    handover.take_back(unit, "saomai", "second", None, WHY)
    world.night()
    assert authority(world, unit)[1:] == [("*", "second", NEXT, LATER), ("*", "saomai", LATER, None)]
    assert (rows_of(world, unit), persons(world)) == (before, people)
    actions = [row[0] for row in world.rows("SELECT action FROM ops.audit WHERE action LIKE 'handover%' ORDER BY 1")]
    assert actions == ["handover.pass", "handover.pass", "handover.write", "handover.write"]


def test_classes_that_the_new_system_calls_otherwise_keep_their_key(world: World, monkeypatch) -> None:
    unit = wire.schools(world)[0]
    before, people = rows_of(world, unit), persons(world)
    codes = {code: f"LỚP-{code}" for code in world.city.classes_of(unit, 2023)}

    def told(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        if of != unit or resource not in ("classes", "enrollments"):
            return records
        return [{**r, "data": {**r["data"], "malop": codes.get(r["data"]["malop"], r["data"]["malop"])}}
                for r in records]  # fmt: skip

    wire.tell(monkeypatch, told)
    hand(unit, classes={new: code for code, new in codes.items()})
    world.at(DAY)
    done = world.night()
    assert [row[1] for row in authority(world, unit)] == ["saomai", "second"]
    after = rows_of(world, unit)
    assert {name: set(keys) for name, keys in after.items()} == {name: set(keys) for name, keys in before.items()}
    assert {key[2] for key in after["school_class"]} == set(codes)
    assert set(done.changes["school_class"]) == set(done.changes["enrollment"]) == {"update"}
    assert {how for _, how in ended(world)} == {"update"}
    assert persons(world) == people
    changed = world.rows("""SELECT DISTINCT m.connection_id, h.connection_id FROM master.school_class m
        JOIN history.school_class h USING (unit_id, school_year, class_code) WHERE m.unit_id = :u
        AND m.name = h.name AND m.grade_level = h.grade_level""", u=unit)  # fmt: skip
    assert [tuple(row) for row in changed] == [("second", "saomai")]


def test_a_system_that_misses_most_pupils_does_not_take_over_and_whom_it_misses_is_named(
    world: World, monkeypatch
) -> None:
    unit = wire.schools(world)[0]
    before, people = rows_of(world, unit), persons(world)
    never = {key[2] for key, state in wire.states(world).items() if key[:2] == ("saomai", "student")
             and state[0] == unit and state[2] in ("quarantined", "waiting_identity")
             and not world.value("SELECT count(*) FROM validated.student WHERE source_key = :k", k=key[2])}  # fmt: skip
    assert never
    world.fault("shrunken", unit)
    hand(unit)
    world.at(DAY)
    world.night()
    assert (rows_of(world, unit), persons(world)) == (before, people)
    (rule,) = said(world)
    assert rule.startswith("second misses ")
    assert "see `missing`" in rule

    # Somebody decides that so many may be missing.
    handover.take_back(unit, "saomai", "second", None, WHY)
    hand(unit, missing=1000)
    world.at(NEXT)
    world.night()
    assert said(world) == []
    assert authority(world, unit)[-1][1] == "second"
    lost = {state[1]: state for key, state in wire.states(world).items()
            if key[:2] == ("saomai", "student") and state[2] == "pending"}  # fmt: skip
    assert len(lost) > 50
    assert {(s[0], s[3], s[4]) for s in lost.values()} == {
        (unit, "handed over to second, which does not tell the person", "unit")}  # fmt: skip
    now = persons(world)
    gone = {person for person, state in people.items() if state == "enrolled" != now[person]}
    assert gone >= set(lost)
    assert {now[person] for person in gone - set(lost)} <= {"waiting_parent"}, "told, but not the class"
    _each_untold_pupil_is_one_open_case(world, unit, never, monkeypatch)
    _and_stays_so_when_the_unit_ends(world, unit)


def _former(world: World) -> dict[str, tuple[Any, ...]]:
    return {key[2]: state for key, state in wire.states(world).items() if key[:2] == ("saomai", "student")}


WHOM_IT_LOSES = "handed over to second, which does not tell the person"


def _each_untold_pupil_is_one_open_case(world: World, unit: str, never: set[str], monkeypatch) -> None:
    """Both systems have the same record keys here: whom the second one does not tell, the keys say."""
    (key,) = never
    assert _former(world)[key][2:4] == ("superseded", "handed over to second"), "told, with the same defect"
    code = key.removeprefix(f"HS-{unit}-")
    wire.tell(monkeypatch, lambda resource, of, year, records: [
        r for r in records if (of, r.get("data", {}).get("mahocsinh")) != (unit, code)])  # fmt: skip
    world.night()
    states = _former(world)
    assert states[key][2:4] == ("pending", WHOM_IT_LOSES)

    year.close_year(2023, [unit])
    found = world.rows("""SELECT o.connection_id, o.student_key, o.reason FROM rollover.snapshot_open o
        WHERE unit_id = :u AND school_year = 2023""", u=unit)  # fmt: skip
    former = {f"HS-{unit}-{row.student_key[-7:]}": row.reason for row in found if row.connection_id == "saomai"}
    assert set(former.values()) == {WHOM_IT_LOSES}
    untold = {key for key, state in states.items() if state[0] == unit and state[2] == "pending"}
    assert untold - set(former) == set()
    assert set(former) - untold == set()
    assert len({row.student_key for row in found}) == len(found), "each once, whichever system tells it"
    ((students, opened, headcount),) = world.rows("""SELECT student_count, open_count, headcount FROM rollover.snapshot
        WHERE unit_id = :u""", u=unit)  # fmt: skip
    assert opened == len(found)
    assert (students + opened, opened > 50) == (headcount, True)


def _and_stays_so_when_the_unit_ends(world: World, unit: str) -> None:
    former = "SELECT state, reason, count(*) FROM ops.person_state WHERE recorded_to IS NULL AND unit_id = :u AND"
    former += " connection_id = 'saomai' GROUP BY 1, 2 ORDER BY 1, 2"
    before = world.rows(former, u=unit)
    event = {"event": "closed", "unit": unit, "date": dt.date.fromisoformat(LATER), "decision": "4/QĐ"}
    (world.folder / "site" / "events.yaml").write_text(yaml.safe_dump({"events": [event]}, allow_unicode=True))
    world.at(LATER)
    world.night()
    assert world.value("SELECT count(*) FROM ops.authority WHERE unit_id = :u AND valid_to IS NULL", u=unit) == 0
    assert world.rows(former, u=unit) == before


def test_one_entity_goes_to_another_system_and_the_others_stay(world: World, asked: list) -> None:
    unit = wire.schools(world)[0]
    before, people = rows_of(world, unit), persons(world)
    hand(unit, entities=["result"])
    world.at(DAY)
    asked.clear()
    world.night()
    assert {place.split(",")[0] for name, place in asked if name == "second"} == {"students", "results"}
    assert not [place for name, place in asked if name == "saomai" and place.startswith(f"results, unit {unit}")]
    assert authority(world, unit) == [("*", "saomai", "2024-05-31", None), ("result", "second", DAY, None)]
    after = rows_of(world, unit)
    assert {name: set(keys) for name, keys in after.items()} == {name: set(keys) for name, keys in before.items()}
    assert {name: set(keys.values()) for name, keys in after.items() if keys} == {
        name: {"second" if name == "result" else "saomai"} for name, keys in after.items() if keys}  # fmt: skip
    assert persons(world) == people

    # What the new one has never told of a year, the old one's last word says.
    gone = "UPDATE validated.result SET is_present = :here WHERE connection_id = 'second'"
    world.execute(gone, here=False)
    publish.publish("silent")
    assert rows_of(world, unit) == before
    world.execute(gone, here=True)

    handover.take_back(unit, "saomai", "second", None, WHY)
    world.at(NEXT)
    world.night()
    assert rows_of(world, unit) == before
    assert authority(world, unit) == [("*", "saomai", "2024-05-31", None), ("result", "second", DAY, NEXT)]


def test_what_the_new_system_never_told_of_a_past_year_stays(world: World, monkeypatch) -> None:
    unit = wire.schools(world)[0]
    before = rows_of(world, unit)
    wire.tell(monkeypatch, lambda resource, of, year, records: [] if (of, resource) == (unit, "results") else records)
    hand(unit)
    world.at(DAY)
    world.night()
    after = rows_of(world, unit)
    assert authority(world, unit)[-1][1] == "second"
    assert after["result"] == before["result"]
    assert set(after["enrollment"].values()) == {"second"}


def test_a_wave_of_a_first_load_is_not_asked_before_its_day(world: World, asked: list) -> None:
    unit, other = wire.schools(world)[:2]

    def begin(said: dict[str, Any]) -> None:
        (one,) = [c for c in said["connections"] if c["id"] == "second"]
        (old,) = [c for c in said["connections"] if c["id"] == "saomai"]
        old["units"] = [link for link in old["units"] if link["unit"] not in (unit, other)]
        one["units"] = [{"unit": unit, "from": DAY}, {"unit": other, "from": LATER}]

    wire.edit_site(world, begin)
    world.execute("DELETE FROM ops.authority WHERE unit_id = ANY(:u)", u=[unit, other])
    world.at(DAY)
    world.sync("second")
    assert {u for u in (unit, other) for _, place in asked if f"unit {u}," in place} == {unit}
    assert (authority(world, unit)[0][1], authority(world, other)) == ("second", [])


@pytest.mark.parametrize("is_dated", [True, False])
def test_what_a_system_that_is_read_as_a_whole_drops_after_its_last_day_is_kept_and_no_question(
    world: World, monkeypatch, is_dated: bool
) -> None:
    unit, other = [one.code for one in world.city.units if one.system == "lotus"][:2]
    true = Lotus._enrollments

    def left(self: Lotus, code: str, *rest: Any) -> list[dict[str, Any]]:
        return [] if code in (unit, other) else true(self, code, *rest)

    def end(said: dict[str, Any]) -> None:
        (one,) = [c for c in said["connections"] if c["id"] == "lotus"]
        one["units"] = [link | ({"to": BEFORE} if link["unit"] == unit else {})
                        for link in one["units"] if is_dated or link["unit"] != unit]  # fmt: skip

    monkeypatch.setattr(Lotus, "_enrollments", left)
    wire.edit_site(world, end)
    present = """SELECT count(*) FROM landing.record WHERE connection_id = 'lotus' AND resource = 'student_enrollments'
        AND unit_id = :u AND is_present"""
    before = world.value(present, u=unit)
    world.at(DAY)
    assert world.sync("lotus")["lotus"].error is None
    assert (world.value(present, u=unit), before > 20) == (before, True)
    holds = world.rows(
        """SELECT DISTINCT unit_id, rule FROM ops.hold WHERE connection_id = 'lotus' AND closed_at IS NULL
        AND rule IN ('empty', 'shrunken')"""
    )
    assert [tuple(row) for row in holds] == [(other, "empty")], "the one that it still answers for is a question"


def test_a_unit_that_moves_to_a_vendor_of_another_kind_without_a_date_loses_nobody(
    whole: Callable[[str], World],
) -> None:
    world = whole("year_end")
    (unit,) = [one for one in world.city.units if one.switched]
    year.open_year(2023)
    world.night()
    places = """SELECT student_id, class_code, connection_id FROM master.enrollment
        WHERE unit_id = :u AND school_year = 2023"""
    before = world.rows(places, u=unit.code)
    assert {row.connection_id for row in before} == {unit.before}

    moved = whole(str(unit.switched))  # the site lists it under its new vendor now
    done = moved.night()
    assert done.closed == {}
    assert said(moved) == []
    assert [row[1] for row in authority(moved, unit.code)] == [unit.before, unit.system]
    after = moved.rows(places, u=unit.code)
    assert {row.connection_id for row in after} == {unit.system}
    assert {tuple(row)[:2] for row in before} == {tuple(row)[:2] for row in after}, "who left in July is told so"
    now = persons(moved)
    # In summer a pupil who has gone to another school of the city waits for its new year there.
    assert {now[row.student_id] for row in before} <= {"enrolled", "left", "waiting_year"}
    old = [state for key, state in wire.states(moved).items() if key[0] == unit.before and state[0] == unit.code]
    assert {state[3] for state in old if state[2] == "superseded"} == {f"handed over to {unit.system}"}
    assert {state[2] for state in old} <= {"superseded", "left"}

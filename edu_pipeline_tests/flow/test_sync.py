"""A night's first half against a system that stumbles: what is admitted, what is stopped, and what is left alone."""

from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline.flow import ask, publish, sync
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]

TERMS = ("unchanged", "admitted", "quarantined", "held", "waiting_year", "waiting_parent", "waiting_identity",
         "superseded")  # fmt: skip


@pytest.mark.parametrize(
    "at", ["year_end", *(pytest.param(later, marks=pytest.mark.slow) for later in ("opening", "applied"))]
)
def test_an_unchanged_night_writes_nothing(stage: Stage, at: str) -> None:
    world = stage(at)
    before = wire.mark(world, *wire.ROOMS)
    assert before["landing.record"][0] > 10_000
    content = "SELECT connection_id, resource, source_key, hash, version, event, is_present FROM landing.record"
    landed = sorted(map(tuple, world.rows(content)))
    done = world.night()
    assert sorted(map(tuple, world.rows(content))) == landed
    assert {name: counts for name, counts in done.changes.items() if counts} == {}
    assert {row["room"]: int(row["changed"]) for row in ask.changed()} == dict.fromkeys(
        ("landing", "validated", "master", "warehouse"), 0
    )
    assert wire.mark(world, *wire.ROOMS) == before


def test_the_ledger_of_every_batch_and_entity_adds_up(stage: Stage) -> None:
    world = stage("applied")
    ledger: dict[tuple[int, str, str], dict[str, int]] = {}
    for row in world.rows("SELECT batch_id, room, entity, term, row_count FROM ops.ledger"):
        ledger.setdefault((row.batch_id, row.room, row.entity), {})[row.term] = row.row_count
    assert {room for _, room, _ in ledger} == {"landing", "validated", "master"}
    for (batch, room, entity), terms in ledger.items():
        received = terms.pop("received", 0)
        if room == "landing":
            # Removals are balanced apart, against known keys.
            for term in ("remove", "keep"):
                terms.pop(term, None)
        elif room == "validated":
            assert set(terms) <= set(TERMS)
        else:
            assert set(terms) <= {"merged", "superseded", "held"}
        assert received == sum(terms.values()), (batch, room, entity)
    # Each received key is a landing key, and no landing key is missing from the sums.
    last = {row.connection_id: row.b for row in world.rows("""SELECT connection_id, max(batch_id) AS b FROM ops.batch
        WHERE connection_id <> 'city' GROUP BY 1""")}  # fmt: skip
    for connection, batch in last.items():
        known = world.value("SELECT count(*) FROM landing.record WHERE connection_id = :c AND is_present", c=connection)
        said = world.value("SELECT coalesce(sum(row_count), 0) FROM ops.ledger WHERE batch_id = :b"
                           " AND room = 'validated' AND term = 'received'", b=batch)  # fmt: skip
        assert said == known


def test_two_errors_of_the_server_lose_nothing(stage: Stage) -> None:
    world = stage("year_end")
    wire.narrow(world, wire.schools(world)[:1])
    before = wire.mark(world, *wire.ROOMS)
    world.fault("error500", times=2)
    outcome = world.sync("saomai")["saomai"]
    assert world.sandbox.faults.left == 0
    assert outcome.failure is None
    assert outcome.admission is not None
    assert {name: terms["unchanged"] > 0 for name, terms in outcome.admission.terms.items()} == dict.fromkeys(
        ("deployed_system", "staff", "student", "school_class", "staff_assignment", "enrollment", "result"), True
    )
    assert wire.mark(world, *wire.ROOMS) == before


def test_a_system_that_is_down_fails_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stage("year_end")
    wire.try_at_once(monkeypatch)
    before = wire.mark(world, *wire.ROOMS)
    world.fault("unavailable")
    outcomes = world.sync()
    failed = outcomes["saomai"]
    assert failed.admission is None
    assert failed.error is not None
    assert failed.error.startswith("saomai, ")
    assert "Remedy: ask the vendor" in failed.error
    others = ("registry", "lotus", "portal")
    assert {name: o.failure for name, o in outcomes.items() if name != "saomai"} == dict.fromkeys(others)
    assert all(outcomes[name].admission for name in others)
    said = {row.connection_id: (row.status, row.error) for row in world.rows(
        "SELECT DISTINCT ON (connection_id) connection_id, status, error FROM ops.batch WHERE connection_id <> 'city'"
        " ORDER BY connection_id, batch_id DESC")}  # fmt: skip
    assert said == {**dict.fromkeys(others, ("admitted", None)), "saomai": ("failed", failed.error)}
    assert [(row["what"], row["where"], row["rule"]) for row in ask.standing()] == [("failed", "saomai", failed.error)]
    # The others are published, and nobody of the system that is down is lost.
    assert publish.publish("after").closed == {}
    assert wire.mark(world, *wire.ROOMS) == before


@pytest.mark.parametrize(
    ("secret", "connection", "remedy"),
    [
        ("SAOMAI_TOKEN", "saomai", "HTTP 401. Remedy: renew the credentials"),
        ("REGISTRY_TOKEN", "registry", "HTTP 401. Remedy: renew the credentials"),
        ("LOTUS_CLIENT_SECRET", "lotus", "Remedy: check client id and secret"),
    ],
)
def test_a_wrong_secret_is_refused_once_and_never_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, secret: str, connection: str, remedy: str
) -> None:
    world = stage("year_end")
    before = wire.mark(world, *wire.ROOMS)
    monkeypatch.setenv(f"EDU_SECRET_{secret}", "not-the-secret")
    outcome = world.sync(connection)[connection]
    assert outcome.error is not None
    assert outcome.error.startswith(f"{connection}, ")
    assert remedy in outcome.error
    assert "not-the-secret" not in outcome.error
    assert outcome.admission is None
    assert wire.mark(world, *wire.ROOMS) == before


def test_a_reading_that_ends_early_is_used_for_changes_and_not_for_removals(stage: Stage) -> None:
    world = stage("year_end")
    unit, other = wire.schools(world)[:2]
    wire.narrow(world, [unit, other])
    known = world.value("SELECT count(*) FROM landing.record WHERE unit_id = :u AND resource = 'students'", u=unit)
    world.fault("truncated", unit)
    world.fault("unknown_code", unit)
    outcome = world.sync("saomai")["saomai"]
    assert outcome.error is None
    assert outcome.scopes == [
        f"landing.students, unit {unit}, year 2023: declared {known}, received {known * 4 // 5} distinct;"
        " used for additions, not for removals"
    ]
    assert outcome.failure == outcome.scopes[0]
    assert world.value("SELECT count(*) FROM landing.record WHERE NOT is_present") == 0
    assert world.value("SELECT count(*) FROM validated.student WHERE NOT is_present AND event <> 'CANCEL'") == 0
    assert ("student.sex.unknown_code",) in world.rows(
        "SELECT failed_rules[1] FROM quarantine.student WHERE claim_unit_id = :u", u=unit
    )
    assert world.value("SELECT count(*) FROM ops.hold WHERE room = 'landing'") == 0
    world.fault("truncated", unit, is_on=False)
    assert world.sync("saomai")["saomai"].failure is None


def test_removals_of_a_shrunken_school_wait_while_additions_pass(stage: Stage) -> None:
    world = stage("opening")
    unit, other = wire.schools(world, shows_new_year=False)[:2]
    wire.narrow(world, [unit, other])
    world.at("settled")
    world.fault("shrunken", unit)
    of_unit = "FROM landing.record WHERE unit_id = :u AND resource = 'students'"
    before = {row[0] for row in world.rows(f"SELECT source_key {of_unit} AND is_present", u=unit)}
    rows_before = world.value("SELECT count(*) FROM validated.enrollment WHERE unit_id = :u AND is_present", u=unit)
    assert world.sync("saomai")["saomai"].error is None
    holds = "SELECT entity, unit_id, rule, closed_at FROM ops.hold WHERE room = 'landing' ORDER BY entity"
    held = ["enrollment", "result", "school_class", "student"]
    assert world.rows(holds) == [(entity, unit, "shrunken", None) for entity in held]
    stopped = [row for row in ask.stopped() if row["room"] == "landing"]
    assert [(row["outcome"], row["unit"], row["rule"]) for row in stopped] == [("removals held", unit, "shrunken")]
    after = {row[0] for row in world.rows(f"SELECT source_key {of_unit} AND is_present", u=unit)}
    assert before < after
    assert world.value("SELECT count(*) FROM landing.record WHERE NOT is_present") == 0
    # Both schools' new year has come in part or whole, and waits; of the old year nothing has gone.
    waits = {r.claim_unit_id: r.n for r in world.rows("""SELECT claim_unit_id, count(*) AS n FROM waiting.enrollment
        WHERE reason = 'year' AND claim_unit_id IN (:u, :o) GROUP BY 1""", u=unit, o=other)}  # fmt: skip
    whole = len([c for c in world.city.children_of[unit] if any(p.unit == unit for p in c.in_year(2024))])
    assert 0 < waits[unit] < whole
    assert waits[other] > waits[unit]
    kept = "SELECT count(*) FROM validated.enrollment WHERE unit_id = :u AND is_present"
    assert world.value(kept, u=unit) == rows_before
    world.fault("shrunken", unit, is_on=False)
    assert world.sync("saomai")["saomai"].failure is None
    assert [(row.entity, row.closed_at is not None) for row in world.rows(holds)] == [(e, True) for e in held]
    assert world.value("SELECT count(*) FROM waiting.enrollment WHERE reason = 'year' AND claim_unit_id = :u",
                       u=unit) == whole  # fmt: skip


QUARANTINED = "SELECT claim_unit_id, failed_rules[1], source_key FROM quarantine.student"
WAITING = "SELECT claim_unit_id, reason, source_key FROM waiting.enrollment"
PERSONS = ("master", "history", "ops.person_state", "warehouse")


@pytest.mark.slow
def test_a_childs_fault_stops_its_record_and_no_other_child(stage: Stage) -> None:
    world = stage("year_end")
    units = dict(zip(("unknown_code", "duplicate_id", "orphan", "other_year"), wire.schools(world), strict=False))
    states, master = wire.states(world), wire.mark(world, *PERSONS)
    quarantined, waiting = set(world.rows(QUARANTINED)), set(world.rows(WAITING))
    for name, unit in units.items():
        world.fault(name, unit)
    assert world.night().closed == {}
    bad, kept = set(world.rows(QUARANTINED)) - quarantined, set(world.rows(WAITING)) - waiting
    assert sorted(tuple(row)[:2] for row in bad) == sorted(
        [(units["unknown_code"], "student.sex.unknown_code"), (units["duplicate_id"], "student.student_id.duplicate")]
    )
    assert sorted(tuple(row)[:2] for row in kept) == sorted(
        [(units["orphan"], "parent"), (units["other_year"], "year")]
    )
    # Each was known in a good version, which stays: neither the child nor anybody else has moved.
    assert wire.states(world) == states
    assert wire.mark(world, *PERSONS) == master
    for name, unit in units.items():
        world.fault(name, unit, is_on=False)
    mended = world.sync("saomai")["saomai"]
    assert mended.failure is None
    assert mended.admission is not None
    assert set(world.rows(QUARANTINED)) == quarantined
    assert set(world.rows(WAITING)) == waiting
    assert publish.publish("after").closed == {}
    assert wire.states(world) == states


def test_a_first_place_that_names_no_class_or_year_waits_until_it_is_mended(stage: Stage) -> None:
    world = stage("applied")
    world.at("settled")
    orphan, stranger = wire.schools(world, shows_new_year=False)[:2]
    wire.narrow(world, [orphan, stranger])
    world.fault("orphan", orphan)
    world.fault("other_year", stranger)
    before = set(world.rows(WAITING))
    assert world.sync("saomai")["saomai"].failure is None
    waits = set(world.rows(WAITING)) - before
    first = [row.source_key for row in waits if row.source_key.split("-")[2] == "2024" and row.reason != "identity"]
    assert {(row.claim_unit_id, row.reason) for row in waits if row.source_key in first} >= {
        (orphan, "parent"),
        (stranger, "year"),
    }
    admitted = "SELECT source_key FROM validated.enrollment WHERE is_present AND source_key = ANY(:k)"
    assert world.rows(admitted, k=first) == []
    world.fault("orphan", orphan, is_on=False)
    world.fault("other_year", stranger, is_on=False)
    assert world.sync("saomai")["saomai"].failure is None
    open_ones = {row.source_key for row in set(world.rows(WAITING)) - before}
    mended = set(first) - open_ones
    assert {(r.claim_unit_id, r.reason) for r in waits if r.source_key in mended} == {
        (orphan, "parent"),
        (stranger, "year"),
    }
    assert len(mended) == 2
    assert {row.source_key for row in world.rows(admitted, k=list(mended))} == mended


@pytest.mark.slow
def test_a_child_that_vanishes_is_removed_softly_and_comes_back(stage: Stage) -> None:
    world = stage("year_end")
    unit = wire.schools(world)[0]
    states = wire.states(world)
    world.fault("dropped", unit)
    world.night()
    now = wire.states(world)
    assert set(now) == set(states)
    (key,) = [key for key in states if now[key] != states[key]]
    assert states[key][0] == unit
    assert states[key][2] == "enrolled"
    assert now[key][2:] == ("left", "removed at source", "nobody")
    student = {"s": states[key][1]}
    assert world.value("SELECT count(*) FROM master.enrollment WHERE student_id = :s", **student) == 0
    assert world.value("SELECT count(*) FROM master.student WHERE student_id = :s", **student) == 1
    assert world.rows("SELECT ended_by FROM history.enrollment WHERE student_id = :s", **student) == [("remove",)]
    world.fault("dropped", unit, is_on=False)
    world.night()
    assert wire.states(world) == states
    assert world.value("SELECT count(*) FROM master.enrollment WHERE student_id = :s", **student) == 1


@pytest.mark.parametrize(
    ("wrong", "waits"),
    [
        ({"hovaten": "Somebody Else"}, True),
        ({"ngaysinh": "2012-12-12"}, True),
        ({"madinhdanh": "7999999999"}, True),
        ({"dantoc": "05"}, False),
    ],
)
def test_a_pupil_agrees_with_the_registry_in_name_and_birth_date(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], waits: bool
) -> None:
    world = stage("year_end")
    unit = wire.schools(world)[0]
    wire.narrow(world, [unit])
    child = wire.quiet(world, unit)
    key = f"HS-{unit}-{child.codes[unit]}"
    wire.tell(
        monkeypatch,
        lambda resource, of, year, records: [
            wire.newer(record, **wrong) if record["idbanghi"] == key else record for record in records
        ],
    )
    assert world.sync("saomai")["saomai"].failure is None
    found = world.rows("SELECT reason FROM waiting.student WHERE source_key = :k", k=key)
    assert found == ([("identity",)] if waits else [])
    # The last version that agreed stays, whatever the school's system calls the child now.
    stays = world.rows("SELECT student_id, full_name, birth_date FROM validated.student WHERE source_key = :k", k=key)
    assert stays == [(child.root, f"{child.family} {child.given}", child.birth.isoformat())]


def _abandon(world: World, monkeypatch: pytest.MonkeyPatch, status: str) -> int:
    """A run killed after its pull: its rows lie in transit, changed records among them."""
    with monkeypatch.context() as killed:
        killed.setattr(sync, "_admit", lambda *said: None)
        batch = world.sync("saomai")["saomai"].batch_id
    world.execute("UPDATE ops.batch SET status = :s, finished_at = NULL WHERE batch_id = :b", s=status, b=batch)
    return batch


@pytest.mark.parametrize("status", ["pulling", "landed"])
def test_a_killed_run_does_not_disturb_the_next(stage: Stage, monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    world = stage("year_end")
    unit = wire.schools(world)[0]
    wire.narrow(world, [unit])
    before = wire.mark(world, *wire.ROOMS)
    world.fault("unknown_code", unit)
    killed = _abandon(world, monkeypatch, status)
    left = "SELECT count(*) FROM normalized.student WHERE batch_id = :b"
    assert world.value(left, b=killed) > 0
    world.fault("unknown_code", unit, is_on=False)
    world.sandbox.faults.bumps.clear()
    assert world.sync("saomai")["saomai"].failure is None
    assert world.rows("SELECT status, error FROM ops.batch WHERE batch_id = :b", b=killed) == [
        ("failed", "interrupted")
    ]
    assert world.value(left, b=killed) == 0
    assert world.value("SELECT count(*) FROM landing.record_change WHERE batch_id = :b", b=killed) == 0
    assert wire.mark(world, *wire.ROOMS) == before


def _without_day(resource: str, unit: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
    return [wire.newer(record, ngay=None) for record in records] if resource == "headcount" else records


def _with_null_character(resource: str, unit: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
    return [{**records[0], "idbanghi": "CB-\x00"}, *records[1:]] if resource == "staff" and records else records


@pytest.mark.parametrize(
    ("told", "said", "gone"),
    [
        (_without_day, ["headcount, unit 79770405, 2023 term 2: a headcount without day or number. Remedy: ask the"
                        " vendor"], 0),
        # It is another key then: what is called so waits, and the record that was known is missed.
        (_with_null_character, [], 1),
    ],
)  # fmt: skip
def test_nonsense_is_the_fault_of_its_record_or_reading_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, told: Callable[..., Any], said: list[str], gone: int
) -> None:
    world = stage("year_end")
    wire.narrow(world, wire.schools(world)[:1])
    wire.tell(monkeypatch, told)
    before = wire.mark(world, "master", "history", "warehouse")
    outcomes = world.sync()
    assert outcomes["saomai"].error is None
    assert outcomes["saomai"].scopes == said
    assert wire.mark(world, "master", "history", "warehouse") == before
    assert world.value("SELECT count(*) FROM landing.record WHERE NOT is_present") == gone
    assert outcomes["registry"].failure is None
    assert outcomes["lotus"].failure is None


def test_a_record_that_comes_twice_makes_its_reading_unprovable_and_no_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = stage("year_end")
    unit, other = wire.schools(world)[:2]
    wire.narrow(world, [unit, other])

    def twice(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        # New versions, so that they are understood again and not only recognised.
        newer = [wire.newer(record) for record in records] if resource == "enrollments" else records
        return [*newer, newer[3]] if (resource, of) == ("enrollments", unit) else newer

    wire.tell(monkeypatch, twice)
    outcome = world.sync("saomai")["saomai"]
    assert outcome.error is None
    assert [scope.split(":")[0] for scope in outcome.scopes] == [f"landing.enrollments, unit {unit}, year 2023"]
    assert world.value("SELECT count(*) FROM landing.record WHERE NOT is_present") == 0

"""A steward's word admits, a split takes back, a changed record asks again; nothing else ever merges anybody.

practice city -> nights with publication -> identity.* by command -> who stands where, and that nobody is told by name
"""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from edu_pipeline.cli import main
from edu_pipeline.flow import identity, publish
from edu_pipeline.flow.identity import IdentityRefused
from edu_pipeline.flow.step import Why
from edu_pipeline.sandbox import registry
from edu_pipeline.sandbox.story import Child
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.identity.planted import folded
from edu_pipeline_tests.stages import World

pytestmark = pytest.mark.slow
Stage = Callable[[str], World]
WHY = Why("the school showed the card", "12/BB", "a steward")


def _spoiled(world: World, defect: str) -> list[tuple[Child, str]]:
    return [(child, f"HS-{child.places[0].unit}-{child.codes[child.places[0].unit]}")
            for child in world.city.children if child.defect == defect]  # fmt: skip


def _of(key: str, status: str | None = "open") -> list[dict[str, Any]]:
    return [row for row in identity.listed(None, status) if row["record"] == key]


def _stands(world: World, key: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in world.rows(
        "SELECT student_id, is_present FROM validated.student WHERE source_key = :k", k=key)]  # fmt: skip


def _state(world: World, key: str) -> tuple[str, str | None]:
    (row,) = world.rows(
        """SELECT state, person_id FROM ops.person_state
        WHERE source_key = :k AND entity = 'student' AND recorded_to IS NULL""",
        k=key,
    )
    return row[0], row[1]


def _night(world: World, *connections: str) -> None:
    # The schools' system alone: of the others nothing is new.
    assert {
        name: outcome.error for name, outcome in world.sync(*connections or ("saomai",)).items() if outcome.error
    } == {}
    assert publish.publish(uuid.uuid4().hex).closed == {}


def test_the_planted_are_found_nobody_is_merged_and_a_word_can_be_taken_back(stage: Stage) -> None:
    world = stage("year_end")
    truth = {key: child.root for defect in ("missing_root_id", "unknown_identity", "name_mismatch")
             for child, key in _spoiled(world, defect)}  # fmt: skip
    waiting = {row[0] for row in world.rows("SELECT source_key FROM waiting.student WHERE reason = 'identity'")}
    assert waiting == set(truth)
    same = {row["record"]: row["candidate"] for row in identity.listed() if row["kind"] == "same_person"}
    wanted = {key for _, key in _spoiled(world, "missing_root_id")}
    right = sum(truth[key] == candidate for key, candidate in same.items())
    print(f"same person: recall {right / len(wanted):.2f} of {len(wanted)}, {len(same) - right} wrongly")
    assert same == {key: truth[key] for key in wanted}
    # Nobody is merged who is only suspected.
    assert world.rows("SELECT 1 FROM master.student WHERE student_id = ANY(:r)", r=list(same.values())) == []
    asked = {row["record"] for row in identity.requests()}
    assert asked == set(truth) - wanted

    (child, key), (_, other) = _spoiled(world, "missing_root_id")
    unit, (row,) = child.places[0].unit, _of(key)
    with pytest.raises(IdentityRefused, match="no reason"):
        identity.accept(row["id"], Why(""))
    with pytest.raises(IdentityRefused, match="does not exist"):
        identity.accept(999_999, WHY)
    identity.accept(row["id"], WHY)
    with pytest.raises(IdentityRefused, match="is accepted"):
        identity.accept(row["id"], WHY)
    # Who is rejected is suggested no more, and is asked for instead.
    (rejected,) = _of(other)
    identity.reject(rejected["id"], Why("another child"))
    places = "SELECT class_code FROM master.enrollment WHERE student_id = :r AND unit_id = :u"
    _night(world)
    assert _stands(world, key) == [(child.root, True)]
    assert _state(world, key) == ("enrolled", child.root)
    assert len(world.rows(places, r=child.root, u=unit)) == 1
    assert (_of(other), len(_of(other, "rejected"))) == ([], 1)
    assert {row["record"] for row in identity.requests()} == (set(truth) - wanted) | {other}
    with pytest.raises(IdentityRefused, match="is rejected"):
        identity.split(rejected["id"], WHY)
    before = world.value("SELECT count(*) FROM master.student")
    identity.split(row["id"], Why("it was another child's card"))
    for _ in range(2):
        _night(world)
        assert _state(world, key)[0] == "waiting_identity"
        assert world.rows("SELECT student_id FROM waiting.student WHERE source_key = :k", k=key) == [(None,)]
        assert world.rows(places, r=child.root, u=unit) == []
        assert world.rows("SELECT 1 FROM master.student WHERE student_id = :r", r=child.root) == []
        assert world.rows("SELECT 1 FROM master.guardian WHERE student_id = :r", r=child.root) == []
        assert world.value("SELECT count(*) FROM master.student") == before - 1
    for table in ("student", "enrollment"):
        assert world.rows(f"SELECT 1 FROM history.{table} WHERE student_id = :r AND ended_by = 'remove'", r=child.root)
    # What was split is not suggested again: now the registry is asked.
    assert _of(key) == []
    assert key in {row["record"] for row in identity.requests()}
    decided = world.rows("SELECT decision, actor, claimed FROM identity.decision ORDER BY decision_id")
    assert [tuple(row) for row in decided] == [("accepted", "edu_app", "a steward"), ("rejected", "edu_app", None),
                                               ("split", "edu_app", None)]  # fmt: skip
    _nobody_is_told(world, truth)


def _nobody_is_told(world: World, truth: dict[str, str]) -> None:
    """No list, line of the audit or suspicion holds a name or birth date of those who wait."""
    said = ["".join(str(row[0]) for row in world.rows("SELECT detail FROM ops.audit WHERE action LIKE 'identity.%'"))]
    assert "decision" in said[0]
    for words in (["list", "--status", "all"], ["requests", "--status", "all"]):
        for form in ([], ["--json"]):
            told = CliRunner().invoke(main, ["identity", *words, *form])
            assert told.exit_code == 0, told.output
            said.append(told.output)
    assert json.loads(said[-1])
    said += [str(tuple(row)) for table in ("suspicion", "alias", "request", "decision")
             for row in world.rows(f"SELECT * FROM identity.{table}")]  # fmt: skip
    for child in (child for child in world.city.children if child.root in truth.values()):
        for value in (f"{child.family} {child.given}", child.birth.isoformat(), folded(child.given)):
            assert not any(value in line for line in said)


def test_a_record_that_changes_asks_again_and_what_stood_stays(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stage("year_end")
    (child, key), _ = _spoiled(world, "missing_root_id")
    unit, (row,) = child.places[0].unit, _of(key)
    identity.accept(row["id"], WHY)
    _night(world)
    says: dict[str, str] = {"hovaten": f"{child.family} Hoàn Toàn Khác"}

    def told(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        if (resource, of) != ("students", unit):
            return records
        return [wire.newer(r, 20 if "ngaysinh" in says else 10, **says) if r["idbanghi"] == key else r for r in records]

    wire.tell(monkeypatch, told)
    _night(world)
    # The last good version stands; what the record says now waits, and nobody is taken for the identity by it.
    assert _stands(world, key) == [(child.root, True)]
    waits = "SELECT count(*) FROM waiting.student WHERE source_key = :k AND reason = 'identity'"
    assert world.value(waits, k=key) == 1
    assert world.value("SELECT ended_by FROM identity.alias WHERE source_key = :k", k=key) == "changed"
    # It tells its first name again, by a mark less: a new question, beside which stands that it was answered before.
    says |= {"hovaten": folded(f"{child.family} {child.given}"), "ngaysinh": child.birth.isoformat()}
    _night(world)
    (again,) = _of(key)
    assert (again["candidate"], again["kind"]) == (child.root, "same_person")
    assert "stood_for_it" in again["evidence"]
    identity.accept(again["id"], WHY)
    _night(world)
    assert world.value(waits, k=key) == 0
    assert _stands(world, key) == [(child.root, True)]


def test_whom_the_registry_creates_later_is_told_so_and_who_is_refused_is_not_asked_for_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = stage("year_end")
    (child, key), (_, other) = _spoiled(world, "unknown_identity")
    ids = {row["record"]: row["id"] for row in identity.requests()}
    identity.refuse(ids[other], Why("the school has cancelled the entry"))
    with pytest.raises(IdentityRefused, match="is refused already"):
        identity.refuse(ids[other], WHY)
    true = registry.identities
    monkeypatch.setattr(registry, "identities", lambda city, day: [*true(city, day), registry._told(child)])
    _night(world, "registry", "saomai")
    answered = {row["record"]: (row["status"], row["issued"]) for row in identity.requests(None, None)}
    assert answered[key] == ("created", child.root)
    assert answered[other] == ("refused", None)
    assert _state(world, key) == ("enrolled", child.root)


def test_a_lookalike_is_accepted_with_a_document_alone_and_never_beside_the_one_who_is_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = stage("year_end")
    unit = wire.schools(world)[0]
    child = wire.quiet(world, unit)
    key = f"HS-{unit}-{child.codes[unit]}"

    def told(resource: str, of: str, year: int, records: list[wire.Record]) -> list[wire.Record]:
        if (resource, of) != ("students", unit):
            return records
        twice = [{**r, "idbanghi": f"NEW-{key}", "data": {**r["data"], "mahocsinh": "TAM-1", "madinhdanh": None}}
                 for r in records if r["idbanghi"] == key]  # fmt: skip
        return [*records, *twice]

    wire.tell(monkeypatch, told)
    _night(world)
    (row,) = _of(f"NEW-{key}")
    assert (row["candidate"], row["kind"]) == (child.root, "namesake")
    with pytest.raises(IdentityRefused, match="name the document"):
        identity.accept(row["id"], Why("it must be the same"))
    with pytest.raises(IdentityRefused, match=r"is identity \d+ already"):
        identity.accept(row["id"], WHY)
    assert world.value("SELECT count(*) FROM identity.decision") == 0

"""A vendor is told what came of each of its records, once a change, and nothing of anybody beyond its own words.

practice city -> night -> replies as the practice vendor took them, against what stands in the register and the stories

What does not belong here: the wire's faults one by one (landing/test_client.py).
"""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from edu_pipeline.contracts.openapi import document
from edu_pipeline.flow import reply as replying
from edu_pipeline.sandbox.faults import Faults
from edu_pipeline.settings import settings
from edu_pipeline.sources.system import systems
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]


@pytest.fixture
def world(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> World:
    """After the first night; between tries nobody waits."""
    wire.try_at_once(monkeypatch)
    return stage("year_end")


def tell(*names: str) -> dict[str, replying.Replied]:
    return {done.connection_id: done for done in replying.reply(names)}


def told(world: World) -> list[dict[str, Any]]:
    """Everything that the vendor was told since the last time, and forget it."""
    found = [one for said in world.sandbox.replies.values() for one in said]
    world.sandbox.replies.clear()
    return found


ROOMS = {"accepted": "validated", "waiting": "waiting", "rejected": "quarantine"}


def test_every_record_is_told_once_and_as_it_stands(world: World) -> None:
    done = tell()
    found = told(world)
    assert list(done) == ["saomai"]
    assert done["saomai"].failure is None
    assert done["saomai"].sent == Counter(one["status"] for one in found)
    rows = world.rows("SELECT resource, source_key FROM landing.record WHERE connection_id = 'saomai' AND is_present")
    assert sorted((one["resource"], one["id"]) for one in found) == sorted(map(tuple, rows))
    for resource, declared in systems()["partner"].records().items():
        stands: dict[str, str] = {}
        # Of somebody stopped or waiting an older version may stand: it is the newer one that is told.
        for status, room in ROOMS.items():
            query = f"SELECT source_key FROM {room}.{declared.entity} WHERE connection_id = 'saomai'"
            stands |= {key: status for (key,) in world.rows(query)}
        said = {one["id"]: one["status"] for one in found if one["resource"] == resource}
        assert said == {key: stands[key] for key in said}, resource
    assert {"accepted", "rejected", "waiting"} <= set(done["saomai"].sent)
    assert tell()["saomai"].said == "nothing new to tell"
    assert told(world) == []


def test_a_reply_says_rule_field_and_remedy_and_for_what_a_record_waits(world: World) -> None:
    tell()
    found = told(world)
    born = next(child for child in world.city.children if child.defect == "bad_birth_date"
                and world.city.unit(child.places[0].unit).system == "saomai")  # fmt: skip
    key = f"HS-{born.places[0].unit}-{born.codes[born.places[0].unit]}"
    (said,) = [one for one in found if one["id"] == key]
    assert (said["status"], said["unit"], said["version"]) == ("rejected", born.places[0].unit, 1)
    (reason,) = [one for one in said["reasons"] if one["rule"].startswith("student.birth_date.")]
    assert reason["field"] == "data.ngaysinh"
    assert reason["vi"] != reason["en"]
    assert "root_id" not in said
    (place,) = [one for one in found if one["id"].startswith("XL-") and one["id"].endswith(key.removeprefix("HS-")[8:])
                and f"-{born.places[0].unit}-2023-" in one["id"]]  # fmt: skip
    assert (place["status"], place["waits_for"]["what"]) == ("waiting", "parent")
    assert place["waits_for"]["vi"] == "lớp hoặc hồ sơ liên quan chưa có"


def test_who_is_accepted_is_told_the_root_id_and_nothing_else_of_a_person(world: World) -> None:
    tell()
    found = told(world)
    roots = {(f"HS-{unit}-{code}"): child.root for child in world.city.children for unit, code in child.codes.items()}
    pupils = [one for one in found if one["resource"] == "students" and one["status"] == "accepted"]
    named = [one for one in pupils if "root_id" in one and one["id"] in roots]
    assert len(named) > 1000
    assert {one["id"] for one in named if one["root_id"] != roots[one["id"]]} == set()
    said = json.dumps(found, ensure_ascii=False)
    names = {f"{child.family} {child.given}" for child in world.city.children}
    assert {name for name in names if name in said} == set()
    assert {child.birth.isoformat() for child in world.city.children if child.birth.isoformat() in said} == set()


def test_replies_are_as_the_contract_says(world: World) -> None:
    tell()
    schema = document()["components"]["schemas"]["reply"]
    Draft202012Validator.check_schema(schema)
    wrong = [
        list(error.absolute_path) for one in told(world) for error in Draft202012Validator(schema).iter_errors(one)
    ]
    assert wrong == []


def test_what_changes_is_told_anew_and_nothing_else(world: World) -> None:
    unit = next(u.code for u in world.city.units if u.system == "saomai" and u.grades
                and len(world.city.children_of[u.code]) > 60)  # fmt: skip
    tell()
    told(world)
    world.fault("unknown_code", unit)
    world.night()
    (before,) = [one for one in _told_anew(world) if one["resource"] == "students"]
    assert [reason["field"] for reason in before["reasons"]] == ["data.gioitinh"]
    world.fault("unknown_code", unit, is_on=False)
    world.night()
    (after,) = [one for one in _told_anew(world) if one["resource"] == "students"]
    assert (after["id"], after["reasons"]) == (before["id"], [])
    assert after["version"] > before["version"]


def _told_anew(world: World) -> list[dict[str, Any]]:
    assert tell()["saomai"].failure is None
    return told(world)


def test_an_older_version_is_told_as_superseded_once(world: World) -> None:
    tell()
    told(world)
    key = world.value("SELECT source_key FROM landing.record WHERE connection_id = 'saomai' AND resource = 'students'"
                      " ORDER BY source_key LIMIT 1")  # fmt: skip
    world.execute("UPDATE landing.record SET version = version + 5, hash = '\\x00' WHERE source_key = :key", key=key)
    world.sync("saomai")
    found = [one for one in _told_anew(world) if one["id"] == key]
    assert sorted((one["status"], one["version"]) for one in found) == [("accepted", 6), ("superseded", 1)]
    assert [one for one in _told_anew(world) if one["id"] == key] == []


def test_what_did_not_arrive_is_told_by_the_next_run_and_what_did_is_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replying, "SIZE", 500)
    taken, has = [0], Faults.has

    def breaks(faults: Faults, name: str, unit: str = "") -> bool:
        # The third body and all that follow it are refused.
        if name == "unavailable":
            taken[0] += 1
            return taken[0] > 2
        return has(faults, name, unit)

    monkeypatch.setattr(Faults, "has", breaks)
    done = tell()["saomai"]
    assert "HTTP 500 after all tries" in str(done.failure)
    first = told(world)
    assert 0 < sum(done.sent.values()) == len(first) <= 1000
    monkeypatch.setattr(Faults, "has", has)
    rest = _told_anew(world)
    present = world.value("SELECT count(*) FROM landing.record WHERE connection_id = 'saomai' AND is_present")
    keys = [(one["resource"], one["id"]) for one in (*first, *rest)]
    assert len(keys) == len(set(keys)) == present


def test_nobody_is_told_whose_system_takes_none_or_who_may_not_be_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyError, match="lotus: oneroster takes no replies"):
        tell("lotus")
    with pytest.raises(KeyError, match="nobody"):
        tell("nobody")
    path = settings().site_dir / "approvals.yaml"
    said = yaml.safe_load(path.read_text())
    said["approvals"]["saomai"] = {"cut_off": {
        "date": "2024-05-01", "decision": "9/QĐ", "approver": "Sở GD&ĐT"}}  # fmt: skip
    path.write_text(yaml.safe_dump(said, allow_unicode=True))
    assert "cut off since 2024-05-01" in str(tell()["saomai"].skipped)
    monkeypatch.delenv("EDU_SECRET_SAOMAI_TOKEN")
    (settings().site_dir / "secrets" / "SAOMAI_TOKEN").unlink(missing_ok=True)
    with pytest.raises(KeyError, match="secret SAOMAI_TOKEN is not set"):
        tell()
    assert told(world) == []


def test_how_far_vendors_have_been_told_is_counted(world: World) -> None:
    assert replying.taken() == []
    sent = tell()["saomai"].sent
    assert {row["status"]: row["records"] for row in replying.taken()} == dict(sent)

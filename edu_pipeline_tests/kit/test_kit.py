"""The kit finds a vendor that keeps the contract in order, and each way of breaking it by the rule that is meant."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edu_pipeline.cli import main as door
from edu_pipeline.kit import rules
from edu_pipeline.kit.__main__ import contract, main
from edu_pipeline.kit.ask import Answer, Vendor
from edu_pipeline.kit.rules import RULES, Finding, check
from edu_pipeline.kit.shape import KNOWN
from edu_pipeline.sandbox import clock, partner
from edu_pipeline.sandbox.faults import NAMES
from edu_pipeline.sandbox.server import Sandbox, running
from edu_pipeline_tests.stages import practice_city

Bend = Callable[[str, dict[str, Any], Answer], Answer]
CONTRACT = contract()
# A school for which the practice city has no defect planted.
UNIT = "79770517"
# The practice city lives in 2024, and 2022 is no year of its: no fault of the vendor's.
ELSEWHEN = {"clock", "former_year"}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[tuple[Sandbox, str]]:
    clock.move(tmp_path / "clock", "year_end")
    made = Sandbox(practice_city(), tmp_path / "clock")
    with running(made) as url:
        yield made, f"{url}/partner/v0"


def asked(url: str) -> list[Finding]:
    return list(check(Vendor(url, partner.TOKEN, {"unit": UNIT, "school_year": 2023, "term": 2}), CONTRACT))


def broken(url: str) -> set[tuple[str, str]]:
    return {(f.rule, f.resource) for f in asked(url) if f.is_kept is False and f.rule not in ELSEWHEN}


def test_a_vendor_that_keeps_the_contract_breaks_nothing(sandbox: tuple[Sandbox, str]) -> None:
    assert broken(sandbox[1]) == set()
    # Everything is asked.
    assert {f.rule for f in asked(sandbox[1])} == set(RULES)


# fault of the practice vendor -> the rule that finds it, and no other
FOUND: dict[str, set[tuple[str, str]]] = {
    "dropped": {("headcount", "headcount")},
    "duplicate_id": {("one_person", "students")},
    "unknown_code": {("shape", "students")},
    "orphan": {("parents", "enrollments")},
    "other_year": {("own_year", "enrollments")},
}


@pytest.mark.parametrize("fault", FOUND)
def test_what_breaks_it_is_found_by_its_rule(sandbox: tuple[Sandbox, str], fault: str) -> None:
    sandbox[0].faults.switch(fault, UNIT, True)
    assert broken(sandbox[1]) == FOUND[fault]


def _pages(change: Callable[[list[Any], dict[str, Any]], None]) -> Bend:
    """A vendor whose pages of pupils are otherwise."""

    def bent(resource: str, params: dict[str, Any], answer: Answer) -> Answer:
        if resource == "students" and answer.status == 200 and answer.document["records"]:
            change(answer.document["records"], answer.document)
        return answer

    return bent


def _resized(resource: str, params: dict[str, Any], answer: Answer) -> Answer:
    if resource == "students" and params.get("size", 1000) < 1000 and answer.status == 200:
        answer.document["records"] = answer.document["records"][:-1]
    return answer


# rule -> a vendor that breaks it
BENT: dict[str, Bend] = {
    "once": _pages(lambda records, page: records.append(records[0])),
    "total": _pages(lambda records, page: page.update(total=page["total"] + 1)),
    "own_unit": _pages(lambda records, page: records[0]["data"].update(matruong="79000001")),
    "shape": _pages(lambda records, page: records[0].pop("phienban")),
    "snapshot": _pages(lambda records, page: page.pop("snapshot")),
    "stable": _resized,
    "readable": lambda resource, params, answer: Answer(500, {}, None) if resource == "students" else answer,
    "parameters": lambda resource, params, answer: replace(answer, status=200) if answer.status == 400 else answer,
    "unknown_unit": lambda resource, params, answer: replace(answer, status=200) if answer.status == 404 else answer,
    "errors": lambda resource, params, answer: answer if answer.status == 200 else replace(answer, document="<html>"),
    "cap": lambda resource, params, answer: replace(answer, status=400) if params.get("size") == 100_000 else answer,
}


@pytest.mark.parametrize("rule", BENT)
def test_each_rule_finds_a_vendor_that_breaks_it(
    sandbox: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    told = Vendor.get

    def get(self: Vendor, resource: str, params: Any = None, token: str | None = None) -> Answer:
        return BENT[rule](resource, dict(params or {}), told(self, resource, params, token))

    monkeypatch.setattr(Vendor, "get", get)
    assert rule in {found for found, _ in broken(sandbox[1])}


def test_a_vendor_without_confirmations_breaks_a_should_and_nothing_else(
    sandbox: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner, "RESOURCES", [name for name in partner.RESOURCES if name != "confirmations"])
    assert broken(sandbox[1]) == {("confirmations", "confirmations")}
    assert RULES["confirmations"]["level"] == "should"
    monkeypatch.setenv("VENDOR_TOKEN", partner.TOKEN)
    assert main([sandbox[1], "--unit", UNIT, "--school-year", "2023", "--term", "2"]) == 0


def test_a_word_that_is_to_come_or_of_a_kind_that_there_is_not_is_found(
    sandbox: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: dict[str, str] = {}
    told = partner.Saomai.records

    def records(self: partner.Saomai, resource: str, *scope: Any) -> list[dict[str, Any]]:
        found = told(self, resource, *scope)
        if resource == "confirmations":
            found[0]["data"].update(said)
        return found

    monkeypatch.setattr(partner.Saomai, "records", records)
    assert broken(sandbox[1]) == set()
    said["ngayxacnhan"] = "2100-09-12T08:00:00"
    assert broken(sandbox[1]) == {("confirmations", "confirmations")}
    said.update(ngayxacnhan="2023-09-12T08:00:00", loai="XX")
    assert broken(sandbox[1]) == {("shape", "confirmations")}


def test_a_vendor_that_ignores_what_it_is_asked_is_found(
    sandbox: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Vendor.get

    def deaf(self: Vendor, resource: str, params: Any = None, token: str | None = None) -> Any:
        kept = {k: v for k, v in (params or {}).items() if k not in ("updated_since", "snapshot")}
        return told(self, resource, kept, None)

    monkeypatch.setattr(Vendor, "get", deaf)
    found = broken(sandbox[1])
    assert {("token", ""), ("changes", "students"), ("snapshot", "students")} <= found


def test_no_value_and_no_key_of_a_record_is_shown(
    sandbox: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for fault in FOUND:
        sandbox[0].faults.switch(fault, UNIT, True)
    monkeypatch.setenv("VENDOR_TOKEN", partner.TOKEN)
    words = [sandbox[1], "--unit", UNIT, "--school-year", "2023", "--term", "2"]
    assert main(words) == 1
    assert main([*words, "--json"]) == 1
    shown = capsys.readouterr().out
    children = practice_city().children_of[UNIT]
    for child in children[:60]:
        assert child.root not in shown
        assert f"{child.family} {child.given}" not in shown
        assert child.codes[UNIT] not in shown
    assert partner.TOKEN not in shown
    told = json.loads(shown[shown.index("\n{") :])
    assert told["broken"]["must"] >= len(FOUND)
    assert (told["kit"], told["contract"]) == ("1", CONTRACT["info"]["version"])
    hashes = [key for row in told["findings"] for key in row["records"]]
    assert hashes
    assert all(len(key) == 12 for key in hashes)


def test_nobody_at_the_address_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VENDOR_TOKEN", "t")
    assert main(["http://127.0.0.1:9", "--unit", UNIT, "--school-year", "2023"]) == 2
    assert "no answer" in capsys.readouterr().err


def test_without_a_token_it_says_where_to_put_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("VENDOR_TOKEN", raising=False)
    with pytest.raises(SystemExit):
        main(["http://127.0.0.1:9", "--unit", UNIT, "--school-year", "2023"])
    assert "VENDOR_TOKEN" in capsys.readouterr().err


def test_it_runs_as_one_file_with_python_alone(sandbox: tuple[Sandbox, str], tmp_path: Path) -> None:
    packed = tmp_path / "vendor-check.pyz"
    assert CliRunner().invoke(door, ["kit", str(packed)]).exit_code == 0
    words = [
        sys.executable,
        "-I",
        "-S",
        str(packed),
        sandbox[1],
        "--unit",
        UNIT,
        "--school-year",
        "2023",
        "--term",
        "2",
    ]
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=tmp_path, timeout=120,
                          env={"PATH": os.environ["PATH"], "VENDOR_TOKEN": partner.TOKEN})  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "broken: 0 must" in done.stdout


def test_the_contract_says_nothing_that_the_kit_does_not_read() -> None:
    def words(schema: Any) -> set[str]:
        found = set(schema)
        for said in schema.get("properties", {}).values():
            found |= words(said)
        return found | (words(schema["items"]) if "items" in schema else set())

    for schema in CONTRACT["components"]["schemas"].values():
        assert words(schema) <= KNOWN


def test_every_rule_says_what_is_asked_for_in_both_languages() -> None:
    for said in RULES.values():
        assert said["level"] in ("must", "should", "may")
        assert said["en"] != said["vi"]
    assert set(FOUND) <= set(NAMES)
    assert rules.hashed(["a", "a", "b"]) == rules.hashed(["a", "b"])

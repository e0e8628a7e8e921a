"""`audit list`, `audit verify` and `audit anchor` answer people and programs; verify exits 1 and says what to do."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from edu_pipeline.cli import main
from edu_pipeline.flow.audit import audited, record
from edu_pipeline.settings import settings
from edu_pipeline_tests.conftest import Database

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database) -> Run:
    with audited() as connection:
        record(connection, "hold.approved", "Lê Thị B", unit="79000701", rows=3)
        record(connection, "hold.rejected", unit="79000702", rows=4)
        record(connection, "rollover.apply", unit="79000701", plan=1)
    return lambda *words: CliRunner().invoke(main, ["audit", *words])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([], ["rollover.apply", "hold.rejected", "hold.approved"]),
        (["--action", "hold"], ["hold.rejected", "hold.approved"]),
        (["--action", "hold.approved"], ["hold.approved"]),
        (["--unit", "79000701"], ["rollover.apply", "hold.approved"]),
        (["--since", "2024-01-01", "--limit", "1"], ["rollover.apply"]),
        (["--since", "2999-01-01"], []),
    ],
)
def test_the_list_is_asked_for_by_action_unit_and_day(asked: list[str], told: list[str], run: Run) -> None:
    found = json.loads(run("list", *asked, "--json").output)
    assert [row["action"] for row in found] == told
    assert run("list", *asked).exit_code == 0


def test_an_entry_shows_its_number_actor_and_detail(run: Run) -> None:
    first = json.loads(run("list", "--json").output)[-1]
    assert (first["seq"], first["actor"], first["claimed"], first["unit"], first["detail"]) == (
        1, "edu_app", "Lê Thị B", "79000701", {"rows": 3})  # fmt: skip


def test_a_whole_audit_is_anchored_and_verified(run: Run) -> None:
    assert "last anchor: none" in run("verify").output
    anchored = run("anchor").output
    assert anchored.startswith("anchored: seq 3, hash ")
    said = run("verify")
    assert said.exit_code == 0, said.output
    assert said.output.startswith("3 entries since 20")
    assert "last anchor: seq 3" in said.output
    assert "wrong: nothing" in said.output
    told = json.loads(run("verify", "--json").output)
    assert (told["entries"], told["seq"], told["anchor"]["seq"], told["findings"]) == (3, 3, 3, [])
    assert told["hash"] in anchored


def test_a_changed_entry_ends_with_1_its_place_and_what_to_do(run: Run, database: Database) -> None:
    with database.owner.begin() as connection:
        connection.execute(text("UPDATE ops.audit SET claimed = 'Phạm Văn D' WHERE audit_id = 2"))
    said, told = run("verify"), run("verify", "--json")
    assert (said.exit_code, told.exit_code) == (1, 1)
    assert "compare with a backup" in said.output
    (one,) = json.loads(told.output)["findings"]
    assert (one["rule"], one["seq"], one["audit_id"]) == ("changed", 2, 2)
    assert "Phạm" not in said.output


def test_a_folder_that_is_not_mounted_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDU_AUDIT_ANCHOR", "/no/such/mount")
    settings.cache_clear()
    said = run("anchor")
    assert said.exit_code == 1
    assert said.output.strip() == (
        "Error: EDU_AUDIT_ANCHOR: /no/such/mount is not there; mount or make it, then `edu-pipeline audit anchor`"
    )

"""`connections handover` writes an entry that the whole site stands with, tells what changes, and takes it back."""

import datetime as dt
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import event, text

from edu_pipeline.cli import main
from edu_pipeline.flow import handover
from edu_pipeline.flow.handover import HandoverRefused
from edu_pipeline.settings import settings
from edu_pipeline.sources.site import load
from edu_pipeline.storage.engine import engine
from edu_pipeline_tests.conftest import Database

UNIT = "79000701"
HEAD = "# Decided by the Department.\nhandovers:\n"
KEPT = """  # the first one
  - {unit: "79000702", from: vendor, to: school, date: 2024-08-01, key: org-2, reason: a new vendor, by: Lê Thị B}
"""

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, site_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command on a site of the tests, as of 1 September 2024."""
    monkeypatch.setenv("EDU_AS_OF", "2024-09-01")
    settings.cache_clear()

    def said(*words: str, **environment: str) -> Result:
        for name, value in environment.items():
            monkeypatch.setenv(f"EDU_{name}", value)
        settings.cache_clear()
        base = ["connections", "handover", "--unit", UNIT, "--from", "vendor", "--to", "school", "--reason", "moved"]
        return CliRunner().invoke(main, [*base, "--as", "Lê Thị B", *words])

    return said


def audited(database: Database) -> list[tuple[str, str, str]]:
    with database.app.connect() as connection:
        rows = connection.execute(text("SELECT action, claimed, detail ->> 'unit' FROM ops.audit ORDER BY audit_id"))
        return [tuple(row) for row in rows]


def entry(unit: str) -> dict[str, Any]:
    return {"unit": unit, "from": "vendor", "to": "school", "date": dt.date(2024, 9, 5), "reason": "a new vendor",
            "by": "Lê Thị B"}  # fmt: skip


def test_it_is_written_audited_and_shown_and_what_stands_in_the_file_stays(run, database, site_dir: Path) -> None:
    path = site_dir / "handovers.yaml"
    path.write_text(HEAD + KEPT)
    done = run("--on", "2024-09-05", "--key", "org-7", "--class", "6A=6A1", "--class", "6B=6A2")
    assert done.exit_code == 0, done.output
    assert path.read_text().startswith(HEAD + KEPT)
    first, second = load(site_dir).handovers
    assert first.unit == "79000702"
    assert (second.unit, second.source, second.to, str(second.date), second.key, second.classes, second.by) == (
        UNIT, "vendor", "school", "2024-09-05", "org-7", {"6A": "6A1", "6B": "6A2"}, "Lê Thị B")  # fmt: skip
    assert re.search(rf"{UNIT}.*vendor.*school.*all.*2024-09-05", done.output.replace("\n", " "))
    assert "the last word of vendor stands for what school does not tell" in " ".join(done.output.split())
    assert audited(database) == [("handover.write", "Lê Thị B", UNIT)]
    assert list(site_dir.glob(".handovers*")) == []


def test_it_is_refused_as_part_of_the_whole_site_and_nothing_is_written(run, database, site_dir: Path) -> None:
    done = run("--on", "2024-09-05", "--entity", "result")
    assert done.exit_code == 1
    assert "handovers.yaml:" in done.output
    assert "school tells no result" in done.output
    assert not (site_dir / "handovers.yaml").exists()
    assert audited(database) == []
    assert run().exit_code == 2, "no day"
    assert run("--on", "2024-09-05", "--class", "6A").exit_code == 2


def test_before_its_day_the_entry_goes_and_later_it_is_reversed(run, database, site_dir: Path) -> None:
    path = site_dir / "handovers.yaml"
    path.write_text(HEAD + KEPT)
    assert run("--on", "2024-09-05").exit_code == 0
    done = run("--undo")
    assert done.exit_code == 0, done.output
    assert path.read_text() == HEAD + KEPT

    assert run("--on", "2024-09-05").exit_code == 0
    done = run("--undo", AS_OF="2024-10-01")
    assert done.exit_code == 0, done.output
    assert [(one.source, one.to, str(one.date)) for one in load(site_dir).handovers if one.unit == UNIT] == [
        ("vendor", "school", "2024-09-05"), ("school", "vendor", "2024-10-01")]  # fmt: skip
    assert [row[0] for row in audited(database)] == [
        "handover.write", "handover.withdraw", "handover.write", "handover.write"]  # fmt: skip


def test_the_only_entry_leaves_a_file_that_can_be_read(run, site_dir: Path) -> None:
    assert run("--on", "2024-09-05").exit_code == 0
    assert run("--undo").exit_code == 0
    assert load(site_dir).handovers == ()
    assert run("--on", "2024-09-05").exit_code == 0
    assert len(load(site_dir).handovers) == 1
    assert run("--undo").exit_code == 0
    done = run("--undo")
    assert done.exit_code == 1
    assert f"no handover of unit {UNIT} from vendor to school" in done.output


def test_where_the_file_cannot_be_written_the_lines_are_told(run, database, site_dir: Path, monkeypatch) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("edu_pipeline.flow.handover.os.replace", refuse)
    done = run("--on", "2024-09-05")
    assert done.exit_code == 1
    assert "Permission denied" in done.output
    assert f"- unit: '{UNIT}'" in done.output
    assert not (site_dir / "handovers.yaml").exists()
    assert list(site_dir.glob(".handovers*")) == []
    assert [row[0] for row in audited(database)] == ["handover.write", "handover.fail"], "the audit says that it failed"

    monkeypatch.setattr("edu_pipeline.flow.handover.tempfile.mkstemp", refuse)
    assert "Permission denied" in run("--on", "2024-09-05").output
    assert len(audited(database)) == 2, "nothing is audited before the text is on disk"


def test_the_file_changes_only_when_the_audit_is_final(run, database, site_dir: Path, monkeypatch) -> None:
    path, true, known = site_dir / "handovers.yaml", os.replace, []

    def replace(*names: Any) -> None:
        known.append(audited(database))
        true(*names)

    monkeypatch.setattr("edu_pipeline.flow.handover.os.replace", replace)
    handover.hand_over(entry(UNIT))
    assert known == [[("handover.write", "Lê Thị B", UNIT)]]

    # The database goes away while it commits; whoever was killed there left his text beside the file.
    before = path.read_text()
    (site_dir / ".handovers.yaml.fresh.0").write_text("half of it")

    def vanish(database: Any) -> None:
        raise ConnectionError("the server is gone")

    event.listen(engine(), "commit", vanish)
    with pytest.raises(HandoverRefused, match="nothing has changed"):
        handover.take_back(UNIT, "vendor", "school", None, {})
    event.remove(engine(), "commit", vanish)
    assert path.read_text() == before
    assert list(site_dir.glob(".handovers*")) == []
    assert len(audited(database)) == 1


def test_two_commands_at_once_both_stand(database, site_dir: Path) -> None:
    units = [UNIT, "79000702"]
    start = threading.Barrier(len(units))

    def hand(unit: str) -> None:
        start.wait()
        handover.hand_over(entry(unit))

    with ThreadPoolExecutor(len(units)) as pool:
        list(pool.map(hand, units))
    assert sorted(one.unit for one in load(site_dir).handovers) == units
    assert sorted(row[2] for row in audited(database)) == units


def test_entries_whose_place_in_the_file_cannot_be_told_are_left_to_a_person(run, site_dir: Path) -> None:
    path = site_dir / "handovers.yaml"
    content = "handovers: [" + KEPT.split("- ", 1)[1].strip() + "]\n"
    path.write_text(content)
    done = run("--on", "2024-09-05")
    assert done.exit_code == 1
    assert "add by hand" in done.output
    assert path.read_text() == content

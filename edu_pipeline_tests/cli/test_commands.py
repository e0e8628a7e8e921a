"""Every command answers people and programs; errors are one line that says what to do; Dagster is not imported."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from edu_pipeline.cli import main
from edu_pipeline.flow import rollover
from edu_pipeline.flow.night import next_night
from edu_pipeline.settings import settings
from edu_pipeline_tests.stages import World

Stage = Callable[[str], World]
ROOT = Path(__file__).parents[2]
LISTS = (
    ["connections", "list"],
    ["connections", "approvals"],
    ["year", "status"],
    ["year", "status", "2023"],
    ["year", "status", "--history"],
    ["year", "confirmations"],
    ["calendar"],
    ["calendar", "2023"],
    ["rollover", "status"],
    ["rollover", "show", "2023", "79770405"],
    ["rollover", "reconfirm", "2023"],
    ["rollover", "posts", "2023"],
    ["ledger"],
    ["findings"],
    ["findings", "--records"],
    ["systems"],
    ["systems", "oneroster"],
    ["catalogue"],
    ["catalogue", "student"],
    ["catalogue", "student.ethnicity"],
    ["catalogue", "ethnicity", "01"],
    ["catalogue", "--find", "class"],
    ["events", "list"],
    ["standing"],
    ["today"],
    ["audit", "list"],
    ["audit", "list", "--action", "year", "--unit", "79770405", "--since", "2024-01-01"],
    ["hold", "list"],
    ["hold", "list", "--all"],
    ["identity", "list"],
    ["identity", "list", "--status", "all", "--unit", "79770405"],
    ["identity", "requests"],
    ["warehouse", "--no-materialize"],
)


def _commands(group: click.Group, prefix: str = "") -> list[str]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += _commands(command, f"{prefix}{name} ")
        else:
            found.append(f"{prefix}{name}")
    return found


@pytest.fixture
def run(stage: Stage) -> Callable[..., click.testing.Result]:
    stage("applied")
    return lambda *words: CliRunner().invoke(main, list(words))


def test_every_list_answers_in_a_table_and_in_json(run: Callable[..., click.testing.Result]) -> None:
    for words in LISTS:
        shown, told = run(*words), run(*words, "--json")
        assert shown.exit_code == 0, shown.output
        assert isinstance(json.loads(told.output), list), words


def test_explain_tells_a_story_and_says_when_there_is_none(stage: Stage) -> None:
    world = stage("applied")
    key = world.value("SELECT source_key FROM ops.person_state WHERE state = 'pending' ORDER BY 1 LIMIT 1")
    told = CliRunner().invoke(main, ["explain", "student", key, "--json"])
    answer = json.loads(told.output)
    story = answer["story"]
    assert answer["now"][0]["state"] == "pending"
    assert any(line["what"] == "state" and "pending" in line["says"] and "acts" in line["says"] for line in story)
    assert any(line["what"] == "rollover closing" for line in story)
    before = CliRunner().invoke(main, ["explain", "student", key, "--as-of", "2000-01-01"])
    assert before.exit_code == 1
    assert before.output.startswith("Error: nothing was known on 2000-01-01: the first load was on ")
    nobody = CliRunner().invoke(main, ["explain", "student", "0000000000"])
    assert nobody.exit_code == 1
    assert nobody.output.startswith("Error: nobody was ever reported as 0000000000: give the root id of ten digits")


def test_an_explanation_is_a_page_with_what_to_do_first_in_two_languages(stage: Stage) -> None:
    world = stage("applied")
    row = world.rows("""SELECT source_key, unit_id FROM ops.person_state WHERE state = 'quarantined'
        AND recorded_to IS NULL AND entity = 'student' ORDER BY 1 LIMIT 1""")[0]
    # An hour after midnight the city looks on the same day.
    looks = f"Next look: {next_night(settings().now()):%Y-%m-%d} 01:00"
    page = CliRunner().invoke(main, ["explain", "student", row.source_key]).output.splitlines()
    assert page[0] == f"student {row.source_key}, on 2024-09-05"
    assert page[1].startswith("  Now: quarantined: student.")
    assert page[2].startswith(f"  First: the school ({row.unit_id})")
    assert "by 2024-09-20 (Every field due at the start of the year is filled; 15 days left)" in page[2]
    assert page[3] == f"  {looks}"
    assert page[5] == "  How it came:"
    assert max(map(len, page)) < 400
    vi = CliRunner().invoke(main, ["explain", "student", row.source_key, "--vi"]).output.splitlines()
    assert vi[1].startswith("  Hiện nay: bị cách ly: student.")
    assert vi[2].startswith(f"  Việc đầu tiên: trường ({row.unit_id})")
    assert len(vi) == len(page)
    for kind, key in (("unit", row.unit_id), ("staff", "CB-79760000-CB001"), ("class", "79760513:9/2")):
        said = CliRunner().invoke(main, ["explain", kind, key])
        assert said.exit_code == 0, said.output
        assert looks in said.output


def test_an_error_that_a_person_can_mend_is_one_line(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stage("year_end")
    refused = CliRunner().invoke(main, ["year", "open", "2024"])
    assert refused.exit_code == 1
    assert "rollover apply 2023" in refused.output
    assert "Traceback" not in refused.output
    (world.folder / "site" / "calendar.yaml").unlink()
    missing = CliRunner().invoke(main, ["connections", "list"])
    assert "calendar.yaml is missing" in missing.output


def test_the_command_line_imports_no_dagster() -> None:
    code = "import edu_pipeline.cli, sys; sys.exit(any(m.split('.')[0] == 'dagster' for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_readme_names_every_command_and_every_make_target() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in _commands(main):
        assert f"edu-pipeline {command}" in readme, command
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(targets) > 6
    for target in targets:
        assert f"make {target}" in readme, target
    for setting in re.findall(
        r"^    (\w+): .*= Field\(", (ROOT / "edu_pipeline/settings.py").read_text(), re.MULTILINE
    ):
        assert f"EDU_{setting.upper()}" in readme, setting


@pytest.mark.slow
def test_a_plan_is_approved_shown_on_the_board_and_printed_as_a_protocol(stage: Stage, tmp_path: Path) -> None:
    world = stage("opening")
    unit, runner = "79783412", CliRunner()
    rollover.make_plan(2023, "plan", [unit])

    def said(*words: str, code: int = 0) -> str:
        told = runner.invoke(main, ["rollover", *words])
        assert told.exit_code == code, told.output
        return told.output

    board = json.loads(said("board", "2023", "--json"))
    (row,) = (row for row in board["units"] if row["unit"] == unit)
    assert (row["state"], row["why"]) == ("planned", "not approved")
    assert board["districts"][-1]["district"] == "city"
    assert "give --unit with --hash, or --district with --document" in said("approve", "2023", "--unit", unit, code=2)
    assert "too short" in said("approve", "2023", "--unit", unit, "--hash", "abc", code=1)
    told = said("approve", "2023", "--district", "79783000", "--document", "5/QĐ", "--as", "the clerk")
    assert told.strip() == "district 79783000: 1 plans are approved by document 5/QĐ"
    assert f"unit {unit}: no approval stands" in said("withdraw", "2023", "--unit", unit, "--reason", "wrong number")
    assert "is approved" in said("approve", "2023", "--unit", unit, "--hash", row["hash"])
    assert "approved" in said("board", "2023", "--district", "79783000")
    page = tmp_path / "protocol.html"
    assert said("protocol", "2023", "--unit", unit, "--out", str(page)).strip() == str(page)
    assert page.read_text(encoding="utf-8").strip() == said("protocol", "2023", "--unit", unit).strip()
    assert world.value("SELECT claimed FROM rollover.approval ORDER BY approval_id LIMIT 1") == "the clerk"

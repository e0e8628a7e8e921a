"""A specialised system that is added by YAML alone: a personnel system tells the training that the school's does not.

The files are those of the recipe in docs/vendors.md.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from edu_pipeline.cli import main
from edu_pipeline.flow import publish
from edu_pipeline.settings import settings
from edu_pipeline.sources.link import OWNED
from edu_pipeline_tests.conftest import Database
from edu_pipeline_tests.flow import wire
from edu_pipeline_tests.landing.vendor import Vendor, serving
from edu_pipeline_tests.stages import World, practice_city, unread

ROOT = Path(__file__).parents[2]
PERSONNEL = re.findall(r"```yaml\n# (\S+)\n(.+?)```", (ROOT / "docs" / "vendors.md").read_text(), re.DOTALL)
TRAINING = "SELECT staff_id, ordinal, qualification, major, graduated_year, connection_id FROM master.staff_training"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving() as made:
        yield made


@pytest.fixture
def world(database: Database, vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """One school of the practice city, and the personnel system beside it, as the recipe says; nothing is read yet."""
    said = dict(PERSONNEL)
    with unread(practice_city(), tmp_path, monkeypatch) as at:
        world = at("year_end")
        unit = wire.schools(world)[0]
        folder = world.folder / "site"
        (folder / "systems").mkdir()
        (folder / "systems" / "personnel.yaml").write_text(said["systems/personnel.yaml"])
        (connection,) = yaml.safe_load(said["connections.yaml"])
        connection |= {"base_url": vendor.base_url, "units": [{"unit": unit, "entities": ["staff_training"]}]}

        def change(site: dict[str, Any]) -> None:
            (school,) = (c for c in site["connections"] if c["id"] == "saomai")
            school["units"] = [{"unit": unit, "entities": [name for name in OWNED if name != "staff_training"]}]
            site["connections"] = [c for c in site["connections"] if c["system"] in ("registry", "partner")] + [
                connection
            ]

        wire.edit_site(world, change)
        path = folder / "approvals.yaml"
        approvals = yaml.safe_load(path.read_text())
        approvals["approvals"] = {"personnel": approvals["approvals"]["saomai"], **approvals["approvals"]}
        path.write_text(yaml.safe_dump(approvals, allow_unicode=True))
        for name in connection["auth"].values():
            monkeypatch.setenv(f"EDU_SECRET_{name}", f"the {name.lower()}")
        settings.cache_clear()
        yield world


def _told(world: World) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Three members of the school's staff as the personnel system tells them, each with a course."""
    unit = wire.schools(world)[0]
    members = [member for member in world.city.staff if member.unit == unit and member.root][:3]
    persons = [
        {"id": f"P{n}", "school": unit, "rootId": member.root, "fullName": f"{member.family} {member.given}",
         "born": member.birth.isoformat(), "sex": member.sex.upper()} for n, member in enumerate(members)
    ]  # fmt: skip
    courses = [
        {"id": f"C{n}", "school": unit, "person": f"P{n}", "number": 1, "degree": "DH", "subject": "Toán",
         "finished": 2001 + n} for n in range(3)
    ]  # fmt: skip
    return persons, courses


def test_a_system_of_the_sites_own_is_read_through_to_the_register(world: World, vendor: Vendor) -> None:
    persons, courses = _told(world)
    more = {"Content-Type": "application/json", "Link": '</people?after=2>; rel="next"'}
    pages = (persons[:2], more), (persons[2:],), (courses,)
    vendor.script = [(200, {"data": records, "total": 3}, *headers) for records, *headers in pages]
    outcomes = world.sync()
    assert {name: outcome.failure for name, outcome in outcomes.items()} == dict.fromkeys(outcomes)
    publish.publish("run")
    assert sorted(map(tuple, world.rows(TRAINING))) == [
        (person["rootId"], 1, "university", "Toán", 2001 + n, "personnel") for n, person in enumerate(persons)
    ]
    # Whoever says who works at the school is still the school's own system.
    tellers = world.rows("SELECT DISTINCT connection_id FROM master.staff")
    assert [row[0] for row in tellers] == ["saomai"]


def test_it_is_listed_beside_the_others_with_what_it_cannot_tell(world: World, capsys: pytest.CaptureFixture) -> None:
    def asked(*words: str) -> list[dict[str, Any]]:
        main(["systems", *words, "--json"], standalone_mode=False)
        found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
        return found

    (own,) = (row for row in asked() if row["declared by"] == "site")
    assert (own["system"], own["auth"], own["paging"], own["tells"]) == ("personnel", "basic", "link",
                                                                        "staff, staff_training")  # fmt: skip
    (training,) = (row for row in asked("personnel") if row["entity"] == "staff_training")
    assert "institution" in training["cannot tell"]
    assert "major" in training["tells"]
    assert {"entity": "enrollment", "tells": "", "cannot tell": "everything"} in asked("personnel")

"""What the practice city's units declare, and what is approved there: every case that the letter asks for."""

import datetime as dt

import pytest
import yaml

from edu_pipeline.sandbox import clock, deployed, partner, site
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.faults import Faults
from edu_pipeline.sources.approval import State
from edu_pipeline.sources.site import load

DAY = dt.date(2024, 9, 27)


def test_the_city_has_every_case(whole: City) -> None:
    told = {unit.code: deployed.declared(unit, DAY) for unit in whole.units}
    assert {unit.kind for unit in whole.units if not told[unit.code]} >= {"QT", "THPT", "PGD"}
    assert told["79000000"]
    systems = [system for found in told.values() for system in found]
    assert any(s.promised and s.promised < DAY for s in systems)
    assert {s.stage for s in systems} == {"planned", "applied", "checked", "live"}
    early = sum(bool(deployed.declared(unit, clock.PHASES["year_end"])) for unit in whole.units)
    assert 0 < early < sum(map(bool, told.values())) < len(whole.units)


def test_a_record_never_changes_without_a_new_version(whole: City) -> None:
    vendor = partner.Saomai(whole, Faults())
    for unit in whole.units:
        if "saomai" in (unit.system, unit.before):
            on = [
                vendor.records("systems", unit.code, 2023, 2, clock.PHASES[phase]) for phase in ("settled", "late_2025")
            ]
            later = {row["idbanghi"]: row for row in on[1]}
            assert all(later[row["idbanghi"]] == row for row in on[0])


@pytest.mark.parametrize("phase", clock.PHASES)
def test_every_connection_is_approved_on_every_day_of_the_story(phase: str, whole: City, tmp_path) -> None:
    day = clock.PHASES[phase]
    site.write(tmp_path, whole, "http://127.0.0.1:1", day)
    found = load(tmp_path)
    assert set(found.approvals) == {connection.id for connection in found.connections}
    assert {found.approval(one).standing(day).state for one in found.connections} == {State.IN_FORCE}
    assert "saomai" in yaml.safe_load((tmp_path / "approvals.yaml").read_text())["approvals"]

"""The report of 27 September counts declared against connected, tells progress, and names who has not declared.

The practice city knows the truth (sandbox/deployed.py): the report must say the same of every day.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Iterable

import pytest
import yaml
from click.testing import CliRunner

from edu_pipeline.cli.connections import connections
from edu_pipeline.flow import ask, publish
from edu_pipeline.sandbox import deployed
from edu_pipeline_tests.master.test_deployed_events import EVENTS, night
from edu_pipeline_tests.rollover.test_events import decide
from edu_pipeline_tests.stages import World

# Two nights more than the other stages have.
pytestmark = pytest.mark.slow

WEEK, DAY = dt.date(2024, 9, 20), dt.date(2024, 9, 27)


def truth(world: World, day: dt.date) -> set[str]:
    return {unit.code for unit in world.city.units if deployed.declared(unit, day)}


@pytest.fixture
def world(stage: Callable[[str], World]) -> World:
    """The city after the nights of 20 and 27 September 2024."""
    return stage("declared")


def test_the_report_says_what_was_declared_and_connected_and_names_who_has_not(world: World) -> None:
    said = ask.connection_report()
    declared, before = truth(world, DAY), truth(world, WEEK)
    units = {unit.code for unit in world.city.units}
    assert 0 < len(before) < len(declared) < len(units)
    total = said["kinds"][-1]
    assert (total["units"], total["declared"]) == (len(units), len(declared))
    assert total["declared_since"] == len(declared) - len(before)
    linked = {u.code for u in world.city.units if u.system in ("saomai", "lotus")}
    assert (total["connected"], total["connected_since"]) == (len(linked), 0)
    assert {row["unit_id"] for row in said["not_declared"]} == units - declared
    schools = {u.code for u in world.city.units if u.grades}
    assert {row["unit_id"] for row in said["connected_not_declared"]} == schools & linked - declared
    assert all(total[name] == sum(k[name] for k in said["kinds"][:-1]) for name in total if name != "kind")
    assert said["due"] == DAY


def test_declared_systems_without_a_connection_stand_with_their_day_the_overdue_first(world: World) -> None:
    found = ask.connection_report()["not_connected"]
    wanted = {(u.code, s.code, s.promised) for u in world.city.units for s in deployed.declared(u, DAY)
              if s.purpose != "school_management"}  # fmt: skip
    assert {(row["unit_id"], row["system_code"], row["promised_date"]) for row in found} == wanted
    overdue = [row["overdue"] for row in found]
    assert True in overdue
    assert overdue == sorted(overdue, reverse=True)
    assert all(row["overdue"] == (row["promised_date"] < DAY) for row in found)


def test_a_week_ago_it_said_what_was_known_then(world: World) -> None:
    said = ask.connection_report(WEEK)
    assert said["kinds"][-1]["declared"] == len(truth(world, WEEK))
    assert said["kinds"][-1]["declared_since"] == len(truth(world, WEEK)) - len(truth(world, dt.date(2024, 9, 5)))


def test_who_declared_and_whose_head_has_not_confirmed_it_is_named(world: World) -> None:
    assert ask.connection_report()["not_confirmed"] == []
    unit, other = sorted(u.code for u in world.city.units if u.system == "saomai" and deployed.declared(u, WEEK))[:2]
    world.execute("DELETE FROM ops.confirmation WHERE kind = 'systems' AND unit_id IN (:u, :o)", u=unit, o=other)
    # A word that came later is none a week ago, and one on the year before none of this year.
    world.execute("""INSERT INTO ops.confirmation SELECT (jsonb_populate_record(c, jsonb_build_object('kind', 'systems',
        'appendix', 0, 'confirmed_at', '2024-09-25T08:00:00+07'))).* FROM ops.confirmation c
        WHERE unit_id = :o AND school_year = 2024 LIMIT 1""", o=other)  # fmt: skip
    assert [row["unit_id"] for row in ask.connection_report()["not_confirmed"]] == [unit]
    assert [row["unit_id"] for row in ask.connection_report(WEEK)["not_confirmed"]] == sorted((unit, other))
    # Whose software cannot tell it is not asked for it.
    world.execute("UPDATE ops.confirmation_offer SET is_offered = false WHERE unit_id = :u", u=unit)
    assert ask.connection_report()["not_confirmed"] == []


def test_what_is_cut_off_is_connected_no_more(world: World) -> None:
    path = world.folder / "site" / "approvals.yaml"
    said = yaml.safe_load(path.read_text())
    said["approvals"]["lotus"]["cut_off"] = {"date": DAY, "decision": "1/QĐ", "approver": "A"}
    path.write_text(yaml.safe_dump(said))
    lotus = sum(unit.system == "lotus" for unit in world.city.units)
    assert ask.connection_report()["kinds"][-1]["connected_since"] == -lotus


def test_a_recoded_or_merged_units_declarations_count_under_the_unit_that_goes_on(world: World) -> None:
    earlier = ask.connection_report()["kinds"]
    decide(world, [one for one in EVENTS if one["event"] in ("recoded", "merged")], "2024-10-01")
    goes_on = {one["unit"]: one["to"] for one in EVENTS if one["event"] in ("recoded", "merged")}

    def now(units: Iterable[str]) -> set[str]:
        return {goes_on.get(unit, unit) for unit in units}

    # Also while the vendor is silent, and what it said still stands under the old codes.
    world.fault("unavailable")
    world.at("2024-10-01")
    world.sync()
    publish.publish(uuid.uuid4().hex)
    silent = ask.connection_report()
    world.fault("unavailable", is_on=False)
    night(world)
    said = ask.connection_report()
    assert (silent["kinds"], silent["not_declared"]) == (said["kinds"], said["not_declared"])

    units, declared = now(unit.code for unit in world.city.units), now(truth(world, DAY))
    total = said["kinds"][-1]
    assert (total["units"], total["declared"]) == (len(units), len(declared))
    # A week earlier the night of the 20th was known: a new code is no progress, and an old one no step back.
    assert total["declared_since"] == len(declared) - len(now(truth(world, WEEK)))
    linked = now(u.code for u in world.city.units if u.system in ("saomai", "lotus"))
    assert (total["connected"], total["connected_since"]) == (len(linked), 0)
    assert {row["unit_id"] for row in said["not_declared"]} == units - declared
    wanted = Counter((goes_on.get(u.code, u.code), s.promised) for u in world.city.units
                     for s in deployed.declared(u, DAY) if s.purpose != "school_management")  # fmt: skip
    for found in (silent, said):
        assert Counter((row["unit_id"], row["promised_date"]) for row in found["not_connected"]) == wanted
    # The week before says what it said then.
    kept = ("kind", "units", "declared", "declared_since", "connected", "connected_since", "not_declared")
    then = ask.connection_report(DAY)["kinds"]
    assert [[row[name] for name in kept] for row in then] == [[row[name] for name in kept] for row in earlier]


def test_the_page_begins_with_what_a_head_reads_and_json_is_the_same(world: World) -> None:
    page = CliRunner().invoke(connections, ["report"], catch_exceptions=False).output
    assert "Connections on 2024-09-27 (due 2024-09-27), progress since 2024-09-20" in page
    assert "đơn vị chưa khai báo" in page
    for row in ask.connection_report()["not_declared"]:
        assert row["unit_id"] in page
    said = yaml.safe_load(CliRunner().invoke(connections, ["report", "--json"], catch_exceptions=False).output)
    assert said["kinds"][-1]["declared"] == len(truth(world, DAY))

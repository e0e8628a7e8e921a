"""A link has days and entities: nobody answers twice, and who is asked and who answers follows from the day."""

import datetime as dt
from typing import Any

import pytest
import yaml

from edu_pipeline.landing.read import readings
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.sources.link import UnitLink, answering, owners
from edu_pipeline.sources.site import Site, load

UNIT, DAY = "79000701", dt.date(2024, 9, 5)


def link(**said: Any) -> UnitLink:
    return UnitLink.model_validate({"unit": UNIT, **said})


def linked(site_dir, **links: list[dict[str, Any]]) -> Site:
    """The site with other links of some connections."""
    path = site_dir / "connections.yaml"
    said = yaml.safe_load(path.read_text())
    for one in said["connections"]:
        if one["id"] in links:
            one["units"] = [{"unit": UNIT, **more} for more in links[one["id"]]]
    path.write_text(yaml.safe_dump(said))
    return load(site_dir)


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        ({}, {}, True),
        ({"to": "2024-09-04"}, {"from": "2024-09-05"}, False),
        ({"to": "2024-09-05"}, {"from": "2024-09-05"}, True),
        ({"from": "2024-09-05"}, {"from": "2025-01-01", "to": "2025-02-01"}, True),
        ({"entities": ["result"]}, {"entities": ["enrollment", "student"]}, False),
        ({"entities": ["result"]}, {}, True),
        ({"entities": ["result"]}, {"entities": ["subject_mark", "result"]}, True),
    ],
)
def test_two_links_meet_on_a_common_day_for_a_common_entity(one, other, meets):
    assert link(**one).meets(link(**other)) is meets
    assert link(**other).meets(link(**one)) is meets
    assert not link(**one).meets(UnitLink.model_validate({**other, "unit": "79000702"}))


def test_two_connections_that_answer_on_one_day_are_refused_by_file_and_line(site_dir):
    linked(site_dir, vendor=[{"to": "2024-09-04"}], school=[{"from": "2024-09-05"}])
    with pytest.raises(ConfigurationError, match=rf"connections\.yaml:\d+: (?s:.*)unit {UNIT}: both vendor and school"):
        linked(site_dir, vendor=[{"to": "2024-09-05"}], school=[{"from": "2024-09-05"}])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"from": "2024-09-05", "to": "2024-09-04"}, "runs backwards"),
        ({"entities": ["identity"]}, "no unit's connection answers for 'identity'"),
        ({"entities": ["enrolment"]}, "no unit's connection answers for 'enrolment'"),
        ({"classes": {"A": "6A1", "B": "6A1"}}, "A and B would both be class 6A1"),
        ({"missing": -1}, "missing"),
        ({"until": "2024-09-04"}, "does not belong there"),
    ],
)
def test_a_mistake_in_a_link_is_refused(said, told, site_dir):
    with pytest.raises(ConfigurationError, match=rf"connections\.yaml:\d+: (?s:.*){told}"):
        linked(site_dir, vendor=[said])


def asked(site: Site, name: str, day: dt.date) -> set[tuple[str, str]]:
    """(resource, unit) of what a connection is asked for on a day."""
    connection = site.connection(name)
    return {(resource, reading.unit_id) for resource in connection.kind.resources
            for reading in readings(connection, resource, site.readable_years(day), day)}  # fmt: skip


def test_a_unit_is_asked_from_its_first_day_to_its_last(site_dir):
    site = linked(site_dir, vendor=[{"from": "2024-09-05", "to": "2024-09-30"}])
    days = [dt.date(2024, 9, 4), DAY, dt.date(2024, 9, 30), dt.date(2024, 10, 1)]
    assert [bool(asked(site, "vendor", day)) for day in days] == [False, True, True, False]
    assert [site.connection("vendor").is_due(day) for day in days] == [False, True, True, False]
    assert [site.connection("vendor").is_over(day) for day in days] == [False, False, False, True]
    assert asked(site, "sector", days[0]), "the registry answers for no unit and is always asked"
    assert site.connection("vendor").rests(days[0]).endswith("before 2024-09-05")


def test_only_resources_of_its_entities_and_of_what_they_point_to_are_asked(site_dir):
    site = linked(site_dir, vendor=[{"entities": ["result"]}])
    assert {resource for resource, _ in asked(site, "vendor", DAY)} == {"students", "results"}
    site = linked(site_dir, vendor=[{"entities": ["enrollment"]}])
    assert {resource for resource, _ in asked(site, "vendor", DAY)} == {
        "students", "staff", "classes", "enrollments", "headcount", "confirmations"}  # fmt: skip


def test_a_system_that_is_read_as_a_whole_is_asked_once_while_it_answers_for_any_unit(site_dir):
    site = linked(site_dir, school=[{"from": "2024-09-05"}], vendor=[{"to": "2024-09-04"}])
    assert asked(site, "school", dt.date(2024, 9, 4)) == set()
    assert {unit for _, unit in asked(site, "school", DAY)} == {""}


def test_who_answers_is_whoever_does_on_the_day_else_who_will_first_else_who_did_last():
    links = [("old", link(to="2024-09-04")), ("new", link(**{"from": "2024-10-01"}))]
    said = [answering(links, dt.date.fromisoformat(day))[UNIT] for day in ("2024-09-04", "2024-09-05", "2024-10-01")]
    assert said == ["old", "new", "new"]
    assert answering(links[:1], DAY) == {UNIT: "old"}
    assert answering(links) == {UNIT: "new"}


def test_who_tells_the_places_owns_what_nobody_is_named_for():
    kept = ["enrollment", "student"]
    found = owners([("old", link(entities=kept)), ("marks", link(entities=["result"]))], DAY)
    assert {place: name for place, (name, _) in found.items()} == {(UNIT, "*"): "old", (UNIT, "result"): "marks"}


def test_the_classes_of_a_link_change_the_mapping_of_its_connection_alone(site_dir):
    before = load(site_dir)
    after = linked(site_dir, vendor=[{"classes": {"6A": "6A1"}}])
    was, now = ({c.id: site.mapping(c, DAY) for c in site.connections} for site in (before, after))
    assert {name for name in was if was[name] != now[name]} == {"vendor"}


def test_one_key_means_one_unit(site_dir):
    path = site_dir / "connections.yaml"
    said = yaml.safe_load(path.read_text())
    one = next(c for c in said["connections"] if c.get("units"))
    one["units"] = [{"unit": UNIT, "key": "org-1"}, {"unit": "79000702", "key": "org-1"}]
    path.write_text(yaml.safe_dump(said))
    with pytest.raises(ConfigurationError, match="79000702 and 79000701 are both called org-1; each unit has a key"):
        load(site_dir)
    # The same unit under one key, at two times, is no other unit.
    one["units"] = [
        {"unit": UNIT, "key": "org-1", "to": "2024-01-01"},
        {"unit": UNIT, "key": "org-1", "from": "2024-02-01"},
    ]
    path.write_text(yaml.safe_dump(said))
    load(site_dir)

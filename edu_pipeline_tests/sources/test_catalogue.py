"""A site's word on the catalogue is believed where it makes sense and refused with its line where it does not."""

import datetime as dt
from pathlib import Path

import pytest

from edu_pipeline.schema import OFF_BY_DEFAULT, Purpose, entity
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.catalogue import Catalogue
from edu_pipeline.sources.lines import ConfigurationError

DAY = dt.date(2024, 9, 5)


def said(site_dir: Path, text: str) -> Catalogue:
    (site_dir / "catalogue.yaml").write_text(text, encoding="utf-8")
    return sites.load(site_dir).catalogue


def test_a_site_may_say_nothing(site_dir):
    assert sites.load(site_dir).catalogue == Catalogue()


def test_health_religion_and_affiliation_are_off_unless_the_site_turns_them_on(site_dir):
    assert {Purpose.HEALTH, Purpose.RELIGION, Purpose.AFFILIATION} == OFF_BY_DEFAULT
    assert Catalogue().uncollected("student") == {"religion", "blood_type"}
    assert Catalogue().uncollected("result") == frozenset()
    found = said(site_dir, "collect: {health: true}\n")
    assert found.uncollected("student") == {"religion"}
    assert found.is_collected(entity("student_year").field("height_cm"))


def test_what_no_row_needs_can_be_turned_off(site_dir):
    found = said(site_dir, "collect:\n  contact: false\n")
    assert {"phone", "email"} <= found.uncollected("student")


def test_another_set_of_purposes_is_another_mapping(site_dir):
    site = sites.load(site_dir)
    before = {c.id: site.mapping(c, DAY) for c in site.connections}
    said(site_dir, "collect: {health: true}\n")
    site = sites.load(site_dir)
    assert all(site.mapping(c, DAY) != before[c.id] for c in site.connections)


def test_an_event_is_another_mapping_of_what_offices_run_and_of_no_identity(site_dir):
    site = sites.load(site_dir)
    (registry,) = (c for c in site.connections if c.kind.is_registry)
    (site_dir / "events.yaml").write_text(
        f'events: [{{event: closed, unit: "79000009", date: {DAY}, decision: 1/QĐ}}]', encoding="utf-8"
    )
    later = sites.load(site_dir)
    changed = {name for name, resource in registry.kind.records().items()
               if site.mapping(registry, DAY, resource) != later.mapping(registry, DAY, resource)}  # fmt: skip
    assert changed == {"deployed_systems"}


def test_appendix_and_start_of_year_are_the_site_s_to_say(site_dir):
    student, unit = entity("student"), entity("unit")
    found = said(site_dir, "appendices: {student: 2, student.phone: 1}\nstart_of_year: {student.phone: true}\n")
    assert found.appendix(student, student.field("full_name")) == 2
    assert found.appendix(student, student.field("phone")) == 1
    assert found.appendix(unit, unit.field("name")) == unit.appendix == 1
    assert found.is_start_of_year(student, student.field("phone"))
    assert not Catalogue().is_start_of_year(student, student.field("phone"))
    assert Catalogue().is_start_of_year(student, student.field("ethnicity"))


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("collect: {healt: true}\n", 1, "collect.healt"),
        ("appendices:\n  student: 3\n  pupil: 3\n", 3, "no 'pupil' in the catalogue"),
        ("start_of_year:\n  student.full_nam: true\n", 2, "no 'student.full_nam' in the catalogue"),
        ("start_of_year:\n  student: true\n", 2, "no 'student' in the catalogue"),
        ("collect:\n  health: true\n  identity: false\n", 3, "collected for it, and no row can be without"),
        ("colect: {health: true}\n", 1, "did you mean collect?"),
        ("collect:\n  health: true\n  health: false\n", 3, "stands there twice"),
        ("appendices: {student: three}\n", 1, "write a whole number"),
    ],
)
def test_a_mistake_is_told_by_file_and_line(text, line, told, site_dir):
    with pytest.raises(ConfigurationError) as refused:
        said(site_dir, text)
    assert f"catalogue.yaml:{line}:" in str(refused.value)
    assert told in str(refused.value)

"""A city's word on its rollover: defaults without a file, one unit decided otherwise, mistakes with lines."""

import datetime as dt
from pathlib import Path

import pytest

from edu_pipeline.contracts.year import CLOSINGS, OPENINGS
from edu_pipeline.sources import site as sites
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.sources.policy import DECISIONS, Policy, Rules, Share
from edu_pipeline.sources.year import LEVELS

DAY = dt.date(2024, 9, 5)
UNIT = "79000701"


def said(site_dir: Path, text: str) -> Policy:
    (site_dir / "rollover.yaml").write_text(text, encoding="utf-8")
    return sites.load(site_dir).policy


def test_a_city_that_says_nothing_wants_four_eyes_and_the_strict_reading(site_dir):
    assert sites.load(site_dir).policy == Policy() == said(site_dir, "")
    rules = Policy().of(UNIT, DAY)
    assert (rules.four_eyes, rules.both_below, rules.homeroom, rules.fresh_days) == (True, "strict", "clear", 3)
    assert (rules.open_share, rules.open_rows) == (0.1, 5)


def test_every_level_and_decision_has_a_range_and_one_cell_can_be_replaced(site_dir):
    found = said(site_dir, "ranges: {rows: 50, primary: {retained: {max: 0.2}}}\n")
    assert {found.range(level, name).max > 0 for level in LEVELS for name in DECISIONS} == {True}
    assert found.range("primary", "retained") == Share(max=0.2)
    assert found.range("primary", "withdrawn") == Policy().range("primary", "withdrawn") != Share()
    assert found.range("primary", "promoted") == Share()
    assert (found.ranges.rows, found.ranges.history) == (50, Policy().ranges.history)


def test_its_decisions_are_those_that_a_plan_knows():
    assert set(DECISIONS) == {*CLOSINGS, *OPENINGS} - {"moved_in"}


def test_a_unit_is_decided_otherwise_until_the_day_and_only_in_what_it_says(site_dir):
    found = said(site_dir, f"""
fresh_days: 7
ranges: {{primary: {{retained: {{max: 0.2}}, pending: {{max: 0.3}}}}}}
units:
  "{UNIT}":
    {{decision: 12/QĐ, reason: x, until: 2024-09-13, four_eyes: false, ranges: {{primary: {{pending: {{max: 1}}}}}}}}
""")  # fmt: skip
    rules = found.of(UNIT, dt.date(2024, 9, 13))
    assert (rules.four_eyes, rules.fresh_days) == (False, 7)
    assert rules.range("primary", "pending") == Share(max=1)
    assert rules.range("primary", "retained") == Share(max=0.2)
    for city in (found.of(UNIT, dt.date(2024, 9, 14)), found.of("79000702", DAY)):
        assert city.four_eyes
        assert city.range("primary", "pending") == Share(max=0.3)
    assert isinstance(rules, Rules)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("four_eye: true\n", 1, "did you mean four_eyes?"),
        ("fresh_days: 3\nhomeroom: kept\n", 2, "homeroom: input should be 'carry' or 'clear'"),
        ("ranges:\n  primary:\n    retaind: {max: 0.1}\n", 3, "did you mean retained?"),
        ("ranges:\n  primry: {}\n", 2, "did you mean primary?"),
        ("ranges:\n  primary:\n    retained: {max: 5}\n", 3, "ranges.primary.retained.max"),
        ("ranges:\n  primary:\n    retained: {min: 0.2, max: 0.1}\n", 3, "from 0.2 to 0.1 is no range"),
        (f'units:\n  "{UNIT}": {{four_eyes: false}}\n', 2, "decision: is missing; add it"),
        (f'units:\n  "{UNIT}": {{decision: 1/QĐ, reason: x}}\n', 2, "nothing is decided otherwise"),
        ('units:\n  "79000700": {decision: 1/QĐ, reason: x, fresh_days: 9}\n', 2, "did you mean 7900070"),
        ("fresh_days: -1\n", 1, "fresh_days"),
    ],
)
def test_a_mistake_is_told_by_file_and_line(text, line, told, site_dir):
    with pytest.raises(ConfigurationError) as refused:
        said(site_dir, text)
    assert f"rollover.yaml:{line}:" in str(refused.value)
    assert told in str(refused.value)

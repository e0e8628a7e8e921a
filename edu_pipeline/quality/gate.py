"""What must hold of a day's figures before anybody is rated by them.

quality.score_now, tally_now -> parts of suite `quality`

What does not belong here: the arithmetic (score.py), running the suite (flow).
"""

from sqlalchemy import Column, column, text
from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.contracts import suites
from edu_pipeline.gate.judge import Part
from edu_pipeline.quality.score import ALL
from edu_pipeline.sources.weights import CRITERIA

_KEY = ("unit_id", "level", "kind", "name")


def _named(query: str, *names: str) -> TextualSelect:
    found: list[Column] = [column(name) for name in names]  # type: ignore[misc]
    return text(query).columns(*found)


def figures() -> TextualSelect:
    """The relation that the verdict is on: every figure of the scoring that runs."""
    names = (*_KEY, "score", "asked_count", "failed_count")
    query = f"SELECT {', '.join(names)} FROM quality.score_now"
    return _named(query, *names)


def parts() -> list[Part]:
    """Suite `quality`: percents are percents, nothing fails more often than asked, no unit with pupils is without."""
    outside = "SELECT unit_id FROM quality.score_now WHERE (score NOT BETWEEN 0 AND 100.000001)"
    without = f"""SELECT DISTINCT t.unit_id FROM quality.tally_now t WHERE t.rule LIKE 'student.%' AND NOT EXISTS (
        SELECT FROM quality.score_now s WHERE s.unit_id = t.unit_id AND s.kind = 'whole'
        AND s.level = '{ALL}') AND t.unit_id NOT IN (SELECT unit_id FROM master.unit WHERE unit_kind = 'office')"""
    more = "SELECT unit_id FROM quality.tally_now WHERE failed_count > asked_count OR failed_count < 0"
    criteria = "SELECT name FROM quality.score_now WHERE kind = 'criterion'"
    return [
        (figures(), [suites.unique(*_KEY), suites.present("score")]),
        (_named(outside, "unit_id"), [suites.nothing("score_is_a_percent")]),
        (_named(without, "unit_id"), [suites.nothing("every_unit_has_a_figure")]),
        (_named(more, "unit_id"), [suites.nothing("failed_of_asked")]),
        (_named(criteria, "name"), [suites.among("name", list(CRITERIA))]),
    ]

"""All combinations of a table's facts, for tests that leave none out.

Regulation -> every combination of its facts' values

What does not belong here: any assertion. Of a count every value next to a bound that a row asks for, and both ends.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from edu_pipeline.rollover.regulation.table import Fact, Regulation, Row

Facts = dict[str, Any]


def combinations(facts: tuple[Fact, ...], rows: tuple[Row, ...]) -> Iterator[Facts]:
    """Every combination of what the facts may be."""
    domains = [values(fact, rows) for fact in facts]
    for said in product(*domains):
        yield dict(zip([fact.name for fact in facts], said, strict=True))


def of(regulation: Regulation) -> list[Facts]:
    """Every combination of a regulation's facts."""
    return list(combinations(regulation.facts, regulation.rows))


def values(fact: Fact, rows: tuple[Row, ...]) -> list[Any]:
    """What a fact may be, as far as rows can tell it apart."""
    if not isinstance(fact.values, range):
        return list(fact.values)
    asked = [row.when[fact.name] for row in rows if fact.name in row.when]
    ends = {edge + by for said in (fact.values, *asked) for edge in (said[0], said[-1]) for by in (-1, 0, 1)}
    return sorted(ends & set(fact.values))

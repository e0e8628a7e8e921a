"""How an example is written: a row told once, and what is otherwise where it holds, breaks, or is not asked.

of(base, holds, broken, unasked) -> Example -> (row, 0 | 1 | None); each("a", "b") is a row for each of them

What does not belong here: any example (examples_pupils.py, ...). A row names just the columns that the rule reads.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Each:
    values: tuple[Any, ...]


def each(*values: Any) -> Each:
    """A row for each of the values."""
    return Each(values)


@dataclass(frozen=True)
class Example:
    """What a rule says of some rows. `base`: each column that the rule reads."""

    base: Row
    holds: Sequence[Row]
    broken: Sequence[Row]
    unasked: Sequence[Row]

    def rows(self) -> Iterator[tuple[Row, int | None]]:
        """Every row with what is expected of it."""
        for said, outcome in ((self.holds, 0), (self.broken, 1), (self.unasked, None)):
            for change in said:
                yield from ((row, outcome) for row in _rows({**self.base, **change}))


def _rows(said: Row) -> Iterator[Row]:
    choices = [value.values if isinstance(value, Each) else (value,) for value in said.values()]
    yield from (dict(zip(said, chosen, strict=True)) for chosen in product(*choices))


def of(base: Row, *, holds: Sequence[Row], broken: Sequence[Row], unasked: Sequence[Row]) -> Example:
    """An example; each list says what is other than in `base`."""
    return Example(base, holds, broken, unasked)


def where(column: str, *, holds: Each, broken: Each, unasked: Each, **base: Any) -> Example:
    """An example of a rule that turns on one column."""
    rows = ([{column: said}] for said in (holds, broken, unasked))
    return Example({column: None, **base}, *rows)


def marked(column: str, *, is_broken: bool = False) -> Example:
    """An example of a rule that reads one mark; `is_broken`: what the mark says where the rule is broken."""
    return where(column, holds=each(not is_broken), broken=each(is_broken), unasked=each(None))

"""The words a regulation is written in: facts, rows, where it is in force.

Regulation -> decide() in Python, the reference; case() in SQL, the same over a set

What does not belong here: any regulation (a module each), how marks become a level (scale.py).

A table has one row for every combination of its facts, and never two: the order of rows says nothing. A fact that is
not told fits no condition, in both renderings, so nothing is decided unless the told facts decide it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from edu_pipeline.rollover.regulation.scale import Scale
from edu_pipeline.schema.sound import refuse, twice

PROMOTED, RETAINED, PENDING = "promoted", "retained", "pending"
GENERAL, CONTINUING, FOREIGN = "general", "continuing", "foreign"
# The value of a fact of summer, as long as summer has said nothing.
UNTOLD = "untold"

# The values a row asks for: words, or the counts of a range.
Condition = tuple[str, ...] | range


@dataclass(frozen=True)
class Fact:
    """What a table asks: all values that it may have, words best first, or counts."""

    name: str
    values: Condition


@dataclass(frozen=True)
class Row:
    """A line of a table. `may_differ`: by the regulation itself somebody may decide otherwise; `flag`: why to look.

    A pupil who is `promoted` has completed the programme of the grade, and in the last grade of a level the level.
    """

    decision: str
    article: str
    note: str
    when: Mapping[str, Condition]
    may_differ: bool = False
    flag: str | None = None

    @property
    def stage(self) -> str:
        """HE if the row rests on what summer has said, CN otherwise."""
        return "HE" if any(n.endswith("_after") and UNTOLD not in c for n, c in self.when.items()) else "CN"

    def fits(self, facts: Mapping[str, object]) -> bool:
        return all(facts.get(name) in condition for name, condition in self.when.items())

    def sql(self, alias: str) -> str:
        return " AND ".join(_sql(f"{alias}.{name}", said) for name, said in self.when.items()) or "true"


@dataclass(frozen=True)
class InForce:
    """Grades of a programme, and the school years (both included) in which a regulation judges them."""

    programme: str
    grades: tuple[int, ...]
    from_year: int
    to_year: int | None = None
    confidence: str = "high"


@dataclass(frozen=True)
class Regulation:
    """One regulation. `study`, `conduct`: columns of `result` that tell its levels; `terms`: conduct of the year from
    the terms'; `individual_plan`: by which article a disabled pupil on such a plan is the principal's to decide.
    """

    name: str
    title_vi: str
    facts: tuple[Fact, ...]
    rows: tuple[Row, ...]
    in_force: tuple[InForce, ...]
    study: str | None = None
    conduct: str | None = None
    scale: Scale | None = None
    terms: tuple[Row, ...] = ()
    individual_plan: str | None = None

    def __post_init__(self) -> None:
        known = {fact.name: fact.values for fact in self.facts}
        refuse(
            self.name,
            (
                *((True, f"fact {name} is declared twice; keep one") for name in twice(f.name for f in self.facts)),
                *(
                    (name not in known or not set(said) <= set(known[name]), f"row {n} asks of {name} what it is not")
                    for n, row in enumerate(self.rows, 1)
                    for name, said in row.when.items()
                ),
            ),
        )

    def decide(self, facts: Mapping[str, object]) -> Row | None:
        """The row that the facts fit; None if those that are told do not decide."""
        return next((row for row in self.rows if row.fits(facts)), None)

    def case(self, alias: str) -> str:
        """SQL: number of the row, from 1 on, that the columns of `alias` fit; they are named like the facts."""
        return case([(row.sql(alias), str(number)) for number, row in enumerate(self.rows, 1)])


def case(branches: list[tuple[str, str]], otherwise: str = "NULL") -> str:
    """SQL: the first value whose condition holds."""
    return f"CASE {' '.join(f'WHEN {said} THEN {value}' for said, value in branches)} ELSE {otherwise} END"


def _sql(column: str, said: Condition) -> str:
    if isinstance(said, range):
        return f"{column} BETWEEN {said[0]} AND {said[-1]}"
    return f"{column} IN ({', '.join(map(repr, said))})"

"""How a pupil's marks become a level: levels with what each asks, best first, and the single-subject adjustment.

marks -> tallies (how many subjects are of a sort) -> first branch whose needs are met -> level, flag

What does not belong here: any circular's bounds (a module each), which marks replace which (witness.py).

A level is *within reach* of a pupil if exactly one subject falls short of it and everything else would be met had that
subject been as good as the level asks. The average is taken as it stands.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

KEY = ("mathematics", "literature", "foreign_language_1")
SPECIAL = "special"


@dataclass(frozen=True)
class Mark:
    """A subject's result of the year: a mark with at most two decimals, a level, or both."""

    subject: str
    mark: Decimal | None = None
    level: str | None = None


@dataclass(frozen=True)
class Tally:
    """How many of a pupil's results are of one sort. `of`: `key` subjects, or the `special` one of the class."""

    least: str | None = None
    below: str | None = None
    levels: tuple[str, ...] = ()
    of: str | None = None

    @property
    def name(self) -> str:
        said = (self.of, self.least and f"from_{self.least}", self.below and f"below_{self.below}", *self.levels)
        return "_".join(word.replace(".", "_") for word in said if word)

    def of_marks(self, marks: Iterable[Mark], special: str | None = None) -> Decimal:
        return Decimal(sum(self._counts(mark, special) for mark in marks))

    def _counts(self, one: Mark, special: str | None) -> bool:
        is_meant = {None: True, "key": one.subject in KEY, SPECIAL: one.subject == special}[self.of]
        if self.levels:
            return is_meant and one.level in self.levels
        low, high = Decimal(self.least or 0), Decimal(self.below or 100)
        return is_meant and one.mark is not None and low <= one.mark < high

    def sql(self, mark: str, level: str, subject: str, special: str) -> str:
        """SQL aggregate over rows of one pupil."""
        said = [f"{mark} >= {self.least}"] if self.least else []
        said += [f"{mark} < {self.below}"] if self.below else []
        said += [f"{level} IN ({', '.join(map(repr, self.levels))})"] if self.levels else []
        said += {None: [], "key": [f"{subject} IN {KEY}"], SPECIAL: [f"{subject} = {special}"]}[self.of]
        return f"count(*) FILTER (WHERE {' AND '.join(said)})"


@dataclass(frozen=True)
class Average:
    """The mean of a pupil's marks with one decimal, half up."""

    name: str = "average"

    def of_marks(self, marks: Iterable[Mark], special: str | None = None) -> Decimal:
        found = [one.mark for one in marks if one.mark is not None]
        return (sum(found, Decimal()) / max(len(found), 1)).quantize(Decimal("0.1"), ROUND_HALF_UP)

    def sql(self, mark: str, level: str, subject: str, special: str) -> str:
        return f"round(avg({mark}), 1)"


NOT_PASSED = Tally(levels=("not_passed",))


@dataclass(frozen=True)
class Need:
    """The sum of tallies lies between bounds; the upper one is open if None."""

    tallies: tuple[Tally | Average, ...]
    least: str | int = 0
    most: str | int | None = None

    def is_met(self, marks: tuple[Mark, ...], special: str | None) -> bool:
        total = sum((tally.of_marks(marks, special) for tally in self.tallies), Decimal())
        return Decimal(self.least) <= total and (self.most is None or total <= Decimal(self.most))

    def sql(self, alias: str) -> str:
        total = " + ".join(f"{alias}.{tally.name}" for tally in self.tallies)
        said = f"{total} >= {self.least}"
        return said if self.most is None else f"{total} BETWEEN {self.least} AND {self.most}"


@dataclass(frozen=True)
class Level:
    """What a level asks; None is not asked.

    `floor`: no mark below; `six`: six marks of at least; `average`; `key`: one of mathematics, literature, foreign
    language of at least, and so the special subject of a specialised class; `not_passed`: comment subjects that may be
    not passed; `short`: levels that no subject, competence or quality may have.
    """

    name: str
    floor: str | None = None
    six: str | None = None
    average: str | None = None
    key: str | None = None
    not_passed: int | None = None
    short: tuple[str, ...] = ()

    def needs(self) -> tuple[Need, ...]:
        """Everything that the level asks."""
        said = [Need((Tally(below=self.floor),), most=0)] if self.floor else []
        said += [Need((Tally(least=self.six),), least=6)] if self.six else []
        said += [Need((Tally(least=self.key, of="key"),), least=1)] if self.key else []
        said += [Need((Tally(below=self.key, of=SPECIAL),), most=0)] if self.key else []
        said += [Need((NOT_PASSED,), most=self.not_passed)] if self.not_passed is not None else []
        said += [Need((Tally(levels=self.short),), most=0)] if self.short else []
        return (*said, *self._average())

    def reach(self) -> tuple[Need, ...]:
        """Everything but one subject, which falls short of the floor or is not passed."""
        fallen = Tally(below=self.floor)
        said = [Need((fallen, NOT_PASSED), least=1, most=1)]
        said += [Need((Tally(least=self.six), fallen), least=6)] if self.six else []
        if self.key:
            said += [Need((Tally(least=self.key, of="key"), Tally(below=self.floor, of="key")), least=1),
                     Need((Tally(least=self.floor, below=self.key, of=SPECIAL),), most=0)]  # fmt: skip
        return (*said, *self._average())

    def _average(self) -> list[Need]:
        return [Need((Average(),), least=self.average)] if self.average else []


@dataclass(frozen=True)
class Branch:
    """A way to a level; the first one whose needs are met counts."""

    level: str
    needs: tuple[Need, ...]
    flag: str | None = None

    def sql(self, alias: str) -> str:
        return " AND ".join(need.sql(alias) for need in self.needs) or "true"


@dataclass(frozen=True)
class Scale:
    """Levels, best first, the last one asking nothing. `adjust`: (within reach, fallen to) -> raised to."""

    article: str
    levels: tuple[Level, ...]
    adjust: tuple[tuple[str, str, str], ...] = ()

    def branches(self) -> Iterator[Branch]:
        """All ways to a level, in the order in which they are tried."""
        by_name = {level.name: level for level in self.levels}
        for level in self.levels:
            for reach, fallen, raised in self.adjust:
                if fallen == level.name:
                    needs = (*by_name[reach].reach(), *level.needs())
                    said = f"level raised for one single subject ({self.article})"
                    for need, reading in _undecided(by_name[reach]):
                        yield Branch(raised, (*needs, need), f"{said}; undecided in the text: {reading}")
                    yield Branch(raised, needs, said)
            yield Branch(level.name, level.needs())

    def level(self, marks: Iterable[Mark], special: str | None = None) -> Branch:
        """The level that marks give; the reference of the SQL below."""
        known = tuple(marks)
        return next(b for b in self.branches() if all(need.is_met(known, special) for need in b.needs))

    def tallies(self) -> list[Tally | Average]:
        """What must be counted, each once."""
        return list(dict.fromkeys(t for b in self.branches() for need in b.needs for t in need.tallies))


def _undecided(level: Level) -> Iterator[tuple[Need, str]]:
    """When a level is within reach only by a reading of ours, and which."""
    yield Need((NOT_PASSED,), least=1), "a comment subject counts as the one subject"
    if level.six:
        yield Need((Tally(least=level.six),), most=5), "the one subject would itself be the sixth"
    if level.key:
        yield Need((Tally(least=level.key, of="key"),), most=0), "the one subject would itself be the key subject"

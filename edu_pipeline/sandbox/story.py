"""Stories: what happens to each child and each member of staff, decided before any code or payload exists.

units, random -> Child, Member

What does not belong here: how a system writes it down (partner.py, oneroster.py, registry.py).
"""

import datetime as dt
import random
from dataclasses import dataclass, field

from edu_pipeline.sandbox.clock import YEAR_BEGIN, YEAR_END
from edu_pipeline.sandbox.names import name
from edu_pipeline.sandbox.units import Unit, class_name

FINAL = frozenset({5, 9, 12, 18})
DEFECTS = ("unknown_identity", "name_mismatch", "bad_birth_date", "unknown_code", "missing_root_id", "rekeyed",
           "orphan_enrollment", "duplicate_root")  # fmt: skip


@dataclass(slots=True)
class Place:
    """A stay of a child in a class. `how` says how it ended: away, city, withdrawn, on_leave.

    `kind`: primary, or secondary for the evening class that a pupil of another school takes in a centre.
    """

    unit: str
    year: int
    grade: int
    klass: str
    begin: dt.date
    end: dt.date | None = None
    how: str | None = None
    is_begin_told: bool = True
    kind: str = "primary"

    def is_active(self, day: dt.date) -> bool:
        return self.begin <= day and (self.end is None or self.end >= day)


@dataclass(slots=True)
class Child:
    """A child's whole story. `outcome` and `after_summer` are of 2023-2024; `decided` knows every year.

    `ethnic`: by the list of 1979, 55 for foreigners. `sibling`: root of the twin. `namesake`: root of another child
    with the same name and birth date. `temp`: the code that the school used until `keyed_on`, when the root id came.
    `origin`, `destination`: two-digit code of the province that the child came from, or went to, in summer 2024.
    """

    root: str
    family: str
    given: str
    birth: dt.date
    sex: str
    ethnic: int
    codes: dict[str, str] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    outcome: str | None = None
    after_summer: str | None = None
    entry: str | None = None
    is_no_show: bool = False
    defect: str | None = None
    twin_root: str | None = None
    nation: str = "VN"
    sibling: str | None = None
    namesake: str | None = None
    temp: str | None = None
    keyed_on: dt.date | None = None
    origin: str | None = None
    destination: str | None = None

    def in_year(self, year: int) -> list[Place]:
        return [place for place in self.places if place.year == year]

    def decided(self, year: int) -> tuple[str | None, str | None]:
        """(outcome, after summer) of a year. After 2023-2024 whoever stays to the end goes on: a story untold."""
        if year == 2023:
            return self.outcome, self.after_summer
        last = next((p for p in reversed(self.places) if p.year == year and p.kind == "primary"), None)
        if last is None or (last.end is not None and last.end < YEAR_END[year]):
            return None, None
        return ("completed" if last.grade in FINAL else "promoted"), None


@dataclass(slots=True)
class Member:
    """A member of staff: one post in one unit; `leaves` says when and how.

    Who works in two schools stands here twice, with one root id; `is_main` says which post is the main one.
    """

    root: str
    family: str
    given: str
    birth: dt.date
    sex: str
    unit: str
    code: str
    role: str
    contract: str
    begin: dt.date
    leaves: dt.date | None = None
    how: str | None = None
    homeroom: dict[int, str] = field(default_factory=dict)
    is_main: bool = True
    defect: str | None = None


class Teller:
    """Tells stories from one seed."""

    def __init__(self, seed: int = 1230) -> None:
        self.rng = random.Random(seed)
        self._root = 7_900_000_000

    def root(self) -> str:
        self._root += self.rng.randint(1, 7)
        return str(self._root)

    def child(self, grade: int) -> Child:
        """A child of the age that the grade has."""
        sex = self.rng.choice("mf")
        age = {16: 3, 17: 4, 18: 5}.get(grade, grade + 5)
        family, given = name(self.rng, sex)
        birth = dt.date(2023 - age, 1, 1) + dt.timedelta(days=self.rng.randint(0, 364))
        ethnic = self.rng.choices([1, 4, 5, 17], weights=[94, 4, 1, 1])[0]
        return Child(self.root(), family, given, birth, sex, ethnic)

    def member(self, unit: Unit, number: int, role: str) -> Member:
        """A member of staff; a few leave in summer."""
        sex = self.rng.choice("mf")
        family, given = name(self.rng, sex)
        birth = dt.date(1965, 1, 1) + dt.timedelta(days=self.rng.randint(0, 30 * 365))
        made = Member(self.root(), family, given, birth, sex, unit.code, f"CB{number:03d}", role,
                      self.rng.choice(["1", "7", "3"]), dt.date(2020, 8, 1))  # fmt: skip
        if role in ("GV", "NV") and self.rng.random() < 0.04:
            made.how = self.rng.choice(["3", "6", "8"])
            made.leaves = dt.date(2024, 7, 1) + dt.timedelta(days=self.rng.randint(0, 40))
        return made

    def year_2023(self, child: Child, unit: Unit, grade: int, number: int) -> Place:
        """The child's place in 2023 and what becomes of the year."""
        begin = YEAR_BEGIN[2023]
        place = Place(unit.code, 2023, grade, class_name(unit.style, grade, number), begin,
                      is_begin_told=self.rng.random() > 0.02)  # fmt: skip
        child.places.append(place)
        draw = self.rng.random()
        if draw < 0.010 and unit.system == "saomai":
            place.how = self.rng.choice(["away", "withdrawn", "on_leave"])
            place.end = dt.date(2023, 12, 1) + dt.timedelta(days=self.rng.randint(0, 90))
            place.is_begin_told = True
            return place
        if grade in FINAL:
            child.outcome = "completed" if grade == 18 or self.rng.random() < 0.985 else "retained"
        elif grade >= 16:
            child.outcome = "promoted"
        else:
            self._decide(child)
        return place

    def _decide(self, child: Child) -> None:
        draw = self.rng.random()
        child.outcome = "promoted" if draw < 0.95 else "retained" if draw < 0.97 else "retest"
        if child.outcome == "retest":
            child.after_summer = self.rng.choices(["promoted", "retained", None], weights=[6, 3, 1])[0]

    def summer(self, child: Child, place: Place) -> str | None:
        """A few leave in summer: away from the city, or to another of its schools."""
        draw = self.rng.random()
        if draw < 0.008:
            place.how, place.end = "away", dt.date(2024, 6, 15) + dt.timedelta(days=self.rng.randint(0, 60))
            return "away"
        if draw < 0.018:
            place.how, place.end = "city", dt.date(2024, 6, 15) + dt.timedelta(days=self.rng.randint(0, 60))
            return "city"
        return None

    def final(self, child: Child) -> str | None:
        """The year's last word: the outcome, or what summer made of a retest."""
        return child.after_summer if child.outcome == "retest" else child.outcome

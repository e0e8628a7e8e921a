"""People of a zone: root ids, names, ages, in one stream of chance.

zone's seed -> Child, Member without a story yet

What does not belong here: what happens to them (zone.py, summer.py).
"""

import datetime as dt
import random
from itertools import accumulate

from edu_pipeline.sandbox import names
from edu_pipeline.sandbox.story import Child, Member
from edu_pipeline.sandbox.units import Unit

# Kinh, Hoa, Khơ-me, Chăm, Tày, Thái, Mường, Nùng, Ê-đê: per thousand pupils of the city, by the list of 1979.
_ETHNIC = {1: 938, 4: 46, 5: 5, 17: 3, 2: 2, 3: 1, 6: 2, 7: 2, 12: 1}
_GROUPS, _BOUNDS = list(_ETHNIC), list(accumulate(_ETHNIC.values()))
TWINS = 0.008


class People:
    """Makes people from one seed; root ids rise from `first_root`."""

    def __init__(self, seed: str, first_root: int) -> None:
        self.rng = random.Random(seed)
        self._root = first_root
        self._elder: Child | None = None

    def root(self) -> str:
        self._root += self.rng.randint(1, 7)
        return str(self._root)

    def child(self, grade: int, year: int) -> Child:
        """A child of the age that the grade has in the year; now and then the twin of the child before."""
        rng, elder = self.rng, self._elder
        sex = "m" if rng.random() < 0.52 else "f"
        if elder is not None and rng.random() < TWINS:
            self._elder = None
            given = names.of(rng, sex, elder.birth.year, elder.ethnic)[1]
            while given == elder.given:
                given = names.of(rng, sex, elder.birth.year, elder.ethnic)[1]
            twin = Child(self.root(), elder.family, given, elder.birth, sex, elder.ethnic, sibling=elder.root)
            elder.sibling = twin.root
            return twin
        age = {15: 2, 16: 3, 17: 4, 18: 5}.get(grade, grade + 5)
        birth = dt.date(year - age, 1, 1) + dt.timedelta(days=rng.randrange(365))
        ethnic = rng.choices(_GROUPS, cum_weights=_BOUNDS)[0]
        family, given = names.of(rng, sex, birth.year, ethnic)
        made = Child(self.root(), family, given, birth, sex, ethnic)
        # Twins of the Ê-đê would share what is no family name.
        self._elder = None if ethnic == 12 else made
        return made

    def class_begins(self) -> None:
        """Whoever comes next is nobody's twin of the class before."""
        self._elder = None

    def arrival(self, grade: int, year: int, province: str) -> Child:
        """A child from another province, whose root id begins with the code of the first registration."""
        made = self.child(grade, year)
        self._elder = None
        made.root, made.origin = province + made.root[2:], province
        return made

    def member(self, unit: Unit, number: int, role: str) -> Member:
        """A member of staff; a few leave in summer."""
        rng = self.rng
        sex = "f" if rng.random() < 0.7 else "m"
        birth = dt.date(1966, 1, 1) + dt.timedelta(days=rng.randrange(35 * 365))
        family, given = names.of(rng, sex, birth.year)
        begin = dt.date(max(birth.year + 23, 1995), 8, 1) if birth.year < 1998 else dt.date(2022, 8, 1)
        made = Member(self.root(), family, given, birth, sex, unit.code, f"CB{number:03d}", role,
                      rng.choice("1173"), begin)  # fmt: skip
        if role in ("GV", "NV") and rng.random() < 0.04:
            made.how = rng.choice("368")
            made.leaves = dt.date(2024, 7, 1) + dt.timedelta(days=rng.randrange(41))
        return made

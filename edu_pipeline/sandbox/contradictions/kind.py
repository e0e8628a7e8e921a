"""What a contradiction is: whom it befalls, which records it changes and how, which rules on what stands find it.

Kind of pupils.py, places.py, ... ; Victim of plant.py -> Act on a record

What does not belong here: any kind, choosing victims (plant.py), telling records (tell.py). An act names its record by
the vendor's resource and the victim's code; no code of the pipeline stands here but the ids of rules.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edu_pipeline.sandbox.story import Child, Member, Place
from edu_pipeline.sandbox.units import Unit

if TYPE_CHECKING:
    from edu_pipeline.sandbox.city import City

# From the day on which schools have typed in their new year's corrections, until they have been told of it.
CONTRADICTED = 2024
TOLD, MENDED = dt.date(2024, 9, 23), dt.date(2024, 10, 15)

ROLES = {"01": "head", "02": "deputy_head", "GV": "teacher", "NV": "employee"}
EDIT, DROP, ADD = "edit", "drop", "add"


@dataclass(frozen=True)
class Victim:
    """Who is befallen: a pupil with its place of 2024-2025, a member of staff, a class, or a unit.

    `other`: the second one, where it takes two to contradict each other.
    """

    city: "City" = field(repr=False)
    unit: Unit
    child: Child | None = None
    place: Place | None = None
    member: Member | None = None
    klass: str = ""
    other: "Victim | None" = None

    @property
    def who(self) -> str:
        """Root id of the person, name of the class, or code of the unit."""
        person = self.child or self.member
        return person.root if person else self.klass or self.unit.code

    @property
    def code(self) -> str:
        """What the vendor's records call it."""
        if self.child:
            return self.child.codes[self.unit.code]
        return self.member.code if self.member else self.klass or self.unit.code

    @property
    def key(self) -> str:
        """The field of the vendor's records by which it is called so."""
        return "maHocSinh" if self.child else "maCanBo" if self.member else "maLop" if self.klass else "maTruong"

    @property
    def pupil(self) -> Child:
        assert self.child is not None
        return self.child

    @property
    def there(self) -> Place:
        assert self.place is not None
        return self.place

    @property
    def staff(self) -> Member:
        assert self.member is not None
        return self.member

    @property
    def beside(self) -> "Victim":
        assert self.other is not None
        return self.other

    @property
    def grade(self) -> int:
        """The grade of the place, or of the class."""
        return self.place.grade if self.place else self.city.classes_of(self.unit.code, 2024)[self.klass]


Said = str | int | bool | None
Value = Said | Callable[[Victim], Said]
Found = Iterable[tuple[str, str, str]]
# Unit, the field by which the vendor's records call whom an act is on, and what they call them.
Target = tuple[str, str, frozenset[str]]
Whom = Callable[[Victim], Target]


def itself(v: Victim) -> Target:
    """The victim."""
    return v.unit.code, v.key, frozenset({v.code})


def its_class(v: Victim) -> Target:
    """The pupil's class."""
    return v.unit.code, "maLop", frozenset({v.there.klass})


def its_pupils(v: Victim) -> Target:
    """All pupils of the class."""
    codes = (c.codes[v.unit.code] for c in v.city.children_of[v.unit.code] for p in c.in_year(2024)
             if (p.unit, p.klass) == (v.unit.code, v.klass))  # fmt: skip
    return v.unit.code, "maHocSinh", frozenset(codes)


@dataclass(frozen=True)
class Act:
    """On every record of `resource` that calls `whom` by their codes and that `where` holds of: values by path are
    changed, the record is dropped, or another one like it is added: `into` another unit, where that is said. With
    `year` only records of that school year."""

    resource: str
    values: Mapping[str, Value] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    verb: str = EDIT
    year: int | None = None
    whom: Whom = itself
    into: Callable[[Victim], str] | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of contradiction. `befalls`: pupil, member, class or unit; `rules` find it at the victim's record, or
    `found` says (rule, unit, record) where there are more records than one."""

    befalls: str
    told: str
    rules: tuple[str, ...]
    acts: tuple[Act, ...]
    fits: Callable[[Victim], bool] = lambda _: True
    pairs: Callable[[Victim, Victim], bool] | None = None
    found: Callable[[Victim], Found] | None = None

    def finds(self, victim: Victim) -> frozenset[tuple[str, str, str]]:
        """(rule, unit, record) that must be found of a victim, and nothing else."""
        if self.found:
            return frozenset(self.found(victim))
        return frozenset((rule, victim.unit.code, _record(rule, victim)) for rule in self.rules)


def _record(rule: str, victim: Victim) -> str:
    """How a finding calls the record: a post is the person in a role."""
    is_post = victim.member is not None and rule.startswith("staff_assignment.") and ".is_primary." not in rule
    return f"{victim.who}/{ROLES[victim.staff.role]}" if is_post and ".share_pct." not in rule else victim.who


def told(resource: str, where: Mapping[str, str] | None = None, *, year: int | None = None,
         whom: Whom = itself, **values: Value) -> Act:  # fmt: skip
    """Change values: `hoSo__ngaySinh` is the path hoSo.ngaySinh."""
    return Act(resource, paths(values), where or {}, EDIT, year, whom)


def dropped(resource: str, where: Mapping[str, str] | None = None, *, year: int | None = None) -> Act:
    """Take records out."""
    return Act(resource, {}, where or {}, DROP, year)


def added(resource: str, where: Mapping[str, str] | None = None, *, year: int | None = None,
          whom: Whom = itself, **values: Value) -> Act:  # fmt: skip
    """Tell a record once more, with other values."""
    return Act(resource, paths(values), where or {}, ADD, year, whom)


def paths(values: Mapping[str, Value]) -> dict[str, Value]:
    """`hoSo__ngaySinh` is the path hoSo.ngaySinh."""
    return {path.replace("__", "."): value for path, value in values.items()}

"""Rare fates of a zone's people, and its defects, each at a known place.

told zone -> foreigners, namesakes, temporary codes, second enrollments -> Child.defect, Member.defect, Defect

What does not belong here: what each defect tells and must become (defects.py).
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from edu_pipeline.sandbox import clock, names
from edu_pipeline.sandbox.defects import OF_CHILDREN, OF_STAFF, OF_UNITS, Defect
from edu_pipeline.sandbox.story import Child, Place
from edu_pipeline.sandbox.units import Unit

if TYPE_CHECKING:
    from edu_pipeline.sandbox.zone import Zone

KEYED = (dt.date(2024, 3, 11), dt.date(2024, 6, 17))
_FITS: dict[str, Callable[[Child], bool]] = {
    # A day above 12 cannot be a month; levels of competences are told of grades 1 to 4; marks of no preschool child.
    "swapped_birth_date": lambda child: child.birth.day > 12,
    "competence_h": lambda child: child.places[0].grade in range(1, 5),
    "mark_11": lambda child: child.places[0].grade in range(3, 13),
    "mark_words": lambda child: child.places[0].grade in range(3, 13),
    "negative_absences": lambda child: child.places[0].grade in range(1, 13),
    "root_id_letter": lambda child: "0" in child.root[2:],
}


def befall(zone: "Zone") -> None:
    """Foreigners, namesakes, temporary codes; and pupils who also learn in the evening."""
    quiet = _Quiet(zone)
    if not quiet.units:
        return
    for number in range(max(3, len(zone.children) // 900)):
        child = quiet.take()
        child.nation, child.ethnic = names.NATIONS[number % len(names.NATIONS)], 55
        child.family, child.given = names.foreign(zone.rng, child.nation)
    for is_near in (True, False):
        first = quiet.take()
        here = first.places[0]
        other = quiet.take(lambda c, p=here, near=is_near: c.places[0].grade == p.grade  # type: ignore[misc]
                           and (c.places[0].unit == p.unit) == near)  # fmt: skip
        other.family, other.given, other.birth, other.sex, other.ethnic = (
            first.family, first.given, first.birth, first.sex, first.ethnic)  # fmt: skip
        first.namesake, other.namesake = other.root, first.root
    for day in KEYED:
        child = quiet.take()
        child.temp, child.keyed_on = f"TAM-{child.root[-6:]}", day
    _evening(zone, quiet)


def _evening(zone: "Zone", quiet: "_Quiet") -> None:
    """Two pupils of an upper secondary school have a second, legitimate place in a continuing-education centre."""
    centre = next((unit for unit in zone.plan.units if unit.kind == "GDTX" and unit.system == "hoaphuong"), None)
    for _ in range(2) if centre else ():
        assert centre is not None
        child = quiet.take(lambda c: zone.units[c.places[0].unit].kind == "THPT")
        for year in (2023, 2024):
            own = child.in_year(year)
            if own:
                zone.enter(child, centre, year, own[0].grade, 1).kind = "secondary"


def spoil(zone: "Zone") -> None:
    """Place every kind of defect once."""
    quiet = _Quiet(zone)
    if not quiet.units:
        return
    for kind, what in OF_CHILDREN.items():
        child = quiet.take(_FITS.get(kind, lambda _: True))
        child.defect = kind
        zone.defects.append(Defect(kind, child.places[0].unit, child.root, what.expected))
    staff = [m for m in zone.staff if m.unit in quiet.units and m.role == "GV" and m.is_main and m.leaves is None
             and m.begin < clock.YEAR_BEGIN[2023]]  # fmt: skip
    for position, (kind, what) in enumerate(OF_STAFF.items()):
        member = staff[-1 - 3 * position]
        member.defect = kind
        zone.defects.append(Defect(kind, member.unit, member.root, what.expected))
    units = list(quiet.units.values())
    for position, (kind, what) in enumerate(OF_UNITS.items()):
        zone.defects.append(Defect(kind, units[position % len(units)].code, "", what.expected))


class _Quiet:
    """Children to whom nothing else happens, from each unit in turn, so that no unit gets more than its share."""

    def __init__(self, zone: "Zone") -> None:
        events = {code for event in zone.events if event.event not in ("new_parent", "new_head")
                  for code in (event.unit, *event.to)}  # fmt: skip
        calm = [unit for unit in zone.plan.units if unit.system == "hoaphuong" and unit.grades
                and not unit.opened and not unit.closed and not unit.switched]  # fmt: skip
        # A unit to which the whole zone moves is calm enough; one that is split or loses its name is not.
        self.units: dict[str, Unit] = {u.code: u for u in calm if u.code not in events or u.kind == "TH"}
        found: dict[str, list[Child]] = {code: [] for code in self.units}
        for child in zone.children:
            if child.places and child.places[0].unit in found and _is_quiet(child):
                found[child.places[0].unit].append(child)
        self._left: list[Child] = [child for row in _in_turn(list(map(_spread, found.values()))) for child in row]

    def take(self, fits: Callable[[Child], bool] = lambda _: True) -> Child:
        """The next child that fits; it is nobody else's then."""
        for position, child in enumerate(self._left):
            if fits(child):
                return self._left.pop(position)
        raise LookupError("no quiet child is left for this fate")


def _spread(children: list[Child]) -> list[Child]:
    """The same children, neighbors apart: a class must not get all of a unit's defects."""
    return [child for start in range(7) for child in children[start::7]]


def _in_turn(rows: list[list[Child]]) -> Iterator[list[Child]]:
    for position in range(max(map(len, rows), default=0)):
        yield [row[position] for row in rows if position < len(row)]


def _is_quiet(child: Child) -> bool:
    own: list[Place] = child.in_year(2023)
    after = child.in_year(2024)
    is_left_alone = not (child.sibling or child.namesake or child.temp or child.defect) and child.nation == "VN"
    return (
        is_left_alone and len(own) == 1 and own[0].end is None and own[0].begin == clock.YEAR_BEGIN[2023]
        and child.outcome in ("promoted", "completed") and not child.is_no_show
        and (child.outcome == "completed" or (len(after) == 1 and after[0].unit == own[0].unit))
    )  # fmt: skip

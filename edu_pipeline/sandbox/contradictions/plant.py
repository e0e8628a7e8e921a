"""Who is befallen by which contradiction: each kind once in a city, each person and class by one kind at most.

city -> pools of pupils, members, classes, units -> Planted

What does not belong here: the kinds. A story is never changed and no chance is drawn: who is taken lives on as told.
Pupils and classes of a unit are taken apart, units in turn, so that no unit gets more than its share.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edu_pipeline.sandbox.clock import YEAR_BEGIN, YEAR_END
from edu_pipeline.sandbox.contradictions import classes, people, places, pupils, results, units
from edu_pipeline.sandbox.contradictions.kind import TOLD, Act, Kind, Victim
from edu_pipeline.sandbox.dossiers import members
from edu_pipeline.sandbox.story import Child, Member
from edu_pipeline.sandbox.units import Unit

if TYPE_CHECKING:
    from edu_pipeline.sandbox.city import City

# Those that few can be befallen by first.
KINDS: dict[str, Kind] = {**units.KINDS, **results.KINDS, **places.KINDS, **classes.KINDS, **people.KINDS,
                          **pupils.KINDS}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """A contradiction at its place."""

    kind: str
    victim: Victim

    @property
    def acts(self) -> tuple[Act, ...]:
        return KINDS[self.kind].acts

    @property
    def finds(self) -> frozenset[tuple[str, str, str]]:
        """(rule, unit, record) that must be found because of it."""
        return KINDS[self.kind].finds(self.victim)


def plant(city: "City") -> tuple[Planted, ...]:
    """Every kind at its victim; nothing in a city, or a zone of it, that no unit event befalls.

    In a large city there may be nobody whom a kind fits; in the small one there is.
    """
    if not any(_is_ours(unit) for unit in city.units) or not city.events:
        return ()
    pools = _Pools(city)
    victims = ((name, pools.take(kind)) for name, kind in KINDS.items())
    return tuple(Planted(name, victim) for name, victim in victims if victim is not None)


def _is_ours(unit: Unit) -> bool:
    return unit.system == "hoaphuong" and bool(unit.grades) and unit.is_open(TOLD)


class _Pools:
    """Who is left to be befallen."""

    def __init__(self, city: "City") -> None:
        self.city = city
        parts = {code for event in city.events if event.event == "split" for code in event.to}
        ours = [city.unit_on(unit.code, TOLD) for unit in city.units if _is_ours(unit)]
        # Of very few pupils not two can be told otherwise without the school's count being denied as well.
        full = [unit for unit in ours if unit.code not in parts and len(city.classes_of(unit.code, 2024)) > 2]
        whole = [unit for unit in ours if unit.code not in parts]
        schools = [unit for unit in whole if unit.kind != "MN"]
        posts = Counter(member.root for member in city.staff)
        self.used: set[tuple[str, str, str]] = set()
        self.left: dict[str, list[Victim]] = {
            "part": [Victim(city, unit) for unit in ours if unit.code in parts],
            "nursery": [Victim(city, unit) for unit in whole if unit.kind == "MN"],
            "unit": [Victim(city, unit) for unit in schools],
            "pupil": _in_turn([_spread(list(self._pupils(unit, is_new=False))) for unit in full]),
            "comer": _in_turn([_spread(list(self._pupils(unit, is_new=True))) for unit in full]),
            "alumnus": _in_turn([list(self._alumni(unit)) for unit in whole]),
            "class": _in_turn([[Victim(city, unit, klass=klass) for klass in sorted(
                city.classes_of(unit.code, 2024), reverse=True)] for unit in whole]),
            "member": _in_turn([[Victim(city, unit, member=m) for m in members(city, unit.code, 2024)
                                 if _is_free(m) and posts[m.root] == 1 and m.role in ("GV", "NV")]
                                for unit in schools]),
            # The last ones: of the first units it is the deputy who is told as a second head.
            "deputy": [Victim(city, unit, member=m) for unit in reversed(schools)
                       for m in members(city, unit.code, 2024) if _is_free(m) and m.role == "02"],
            "second": [Victim(city, city.unit_on(m.unit, TOLD), member=m) for m in city.staff if not m.is_main],
        }  # fmt: skip

    def take(self, kind: Kind) -> Victim | None:
        """The next one that fits, with a second one where it takes two; both are nobody else's then."""
        pool = self.left[kind.befalls]
        for victim in pool:
            if _name(victim) in self.used or not kind.fits(victim):
                continue
            others = (o for o in pool if o is not victim and _name(o) not in self.used)
            other = next((o for o in others if kind.pairs(victim, o)), None) if kind.pairs else None
            if kind.pairs and other is None:
                continue
            if kind.befalls in ("unit", "part", "nursery"):
                # A unit may be befallen twice; it is the last one's turn then.
                pool.remove(victim)
                pool.append(victim)
            else:
                self.used |= {_name(victim), *([_name(other)] if other else [])}
            return replace(victim, other=other)
        return None

    def _pupils(self, unit: Unit, is_new: bool) -> Iterator[Victim]:
        """Pupils to whom nothing else happens: always of this unit, or new in it."""
        for child in self.city.children_of[unit.code]:
            before = [place for place in child.places if place.year < 2024]
            now = child.in_year(2024)
            is_here = len(now) == 1 and now[0].unit == unit.code and now[0].begin == YEAR_BEGIN[2024]
            if not (is_here and now[0].end is None and _is_quiet(child)):
                continue
            is_home = all(place.unit == unit.code for place in before) and child.entry != "accepted"
            if is_home != is_new:
                yield Victim(self.city, unit, child, now[0])

    def _alumni(self, unit: Unit) -> Iterator[Victim]:
        """Those who were here on the last day of 2023-2024."""
        for child in self.city.children_of[unit.code]:
            own = child.in_year(2023)
            is_here = len(own) == 1 and own[0].unit == unit.code and (own[0].end or TOLD) > YEAR_END[2023]
            if is_here and _is_quiet(child):
                yield Victim(self.city, unit, child, own[0])


def _is_quiet(child: Child) -> bool:
    is_itself = not (child.sibling or child.namesake or child.temp or child.defect) and child.nation == "VN"
    return is_itself and all(place.kind == "primary" for place in child.places)


def _name(victim: Victim) -> tuple[str, str, str]:
    """A person is one wherever it is; a class is one of a unit."""
    return victim.key, victim.who, victim.unit.code if victim.klass else ""


def _is_free(member: Member) -> bool:
    return member.leaves is None and not member.defect


def _spread(victims: list[Victim]) -> list[Victim]:
    """The same, neighbors apart."""
    return [one for start in range(7) for one in victims[start::7]]


def _in_turn(rows: list[list[Victim]]) -> list[Victim]:
    return [row[at] for at in range(max(map(len, rows), default=0)) for row in rows if at < len(row)]

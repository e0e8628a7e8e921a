"""Every line that the plan of a city must have, worked out from the stories alone: unit events, transfers, lists too.

City, child -> closing in each unit that it was in on the last day, opening in the unit where it goes on; classes

A pupil of a unit that is merged, split or recoded opens where the event sends it; of a closed one, where the portal or
nobody takes it. What schools show wins; else the class is the former one's name a grade on, with the unit's code behind
it where the taker has classes of its own. No statement of the pipeline is read here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.story import Child, Place
from edu_pipeline.sandbox.units import Unit, class_name
from edu_pipeline_tests.truth import story
from edu_pipeline_tests.truth.story import LAST_DAY, OPENING_DAY, Opened

Key = tuple[str, str]


@dataclass(frozen=True)
class Closed:
    """A closing line: what it decides, and the unit that the child goes to where that is another one."""

    decision: str
    other: str | None = None


@dataclass(frozen=True)
class Class:
    """A class line: is it named by the rollover, and who leads it."""

    is_proposed: bool
    teacher: str | None


def _number(unit: Unit, place: Place) -> int:
    return next(n for n in range(1, unit.classes + 1) if class_name(unit.style, place.grade, n) == place.klass)


def goes_to(city: City, unit: Unit, place: Place) -> str | None:
    """The unit in which those of the place's class go on; None if nobody takes them."""
    for event in city.events:
        if event.unit == unit.code and event.on <= OPENING_DAY:
            if event.event in ("merged", "recoded"):
                return event.to[0]
            if event.event == "closed":
                return None
            if event.event == "split" and _number(unit, place) == unit.classes:
                # The last class of each grade becomes the new unit.
                return event.to[0]
    return unit.code


def closing(city: City, child: Child, unit: Unit) -> Closed | None:
    """How the child's year closes in the unit; None for who was not there on its last day."""
    decided, place = story.closing(child, unit), story.place_on(child, unit, LAST_DAY)
    if decided is None or place is None:
        return None
    if decided == "transferred_out":
        return Closed(decided, _released_to(city, child, unit))
    if decided not in ("promoted", "retained"):
        return Closed(decided)
    there = goes_to(city, unit, place)
    if there is None:
        return Closed("pending")
    return Closed(decided) if there == unit.code else Closed("moved_out", there)


def _released_to(city: City, child: Child, unit: Unit) -> str | None:
    """The unit of the newest acceptance by the opening, else of the release."""
    found = [t for t in city.transfers_of[unit.code] if t.student == child.root and t.from_unit == unit.code]
    accepted = [t for t in found if t.accepted and t.accepted <= OPENING_DAY]
    newest = max(accepted or found, key=lambda t: t.accepted or t.requested, default=None)
    return newest.to_unit if newest else None


def closings(city: City) -> dict[Key, Closed]:
    """Every child in every unit that it was in on the last day."""
    return {
        (unit.code, child.root): said
        for unit, child in story.stays(city)
        if (said := closing(city, child, unit)) is not None
    }


def openings(city: City) -> dict[Key, Opened]:
    """Every child in every unit that it opens in, or of which it is claimed."""
    return {(unit, child.root): said for child in city.children for unit, said in _opened(city, child)}


def _opened(city: City, child: Child) -> Iterator[tuple[str, Opened]]:
    own: set[str] = set()
    is_kept = False
    for code in dict.fromkeys(place.unit for place in child.in_year(2023)):
        unit = city.unit(code)
        said, place = closing(city, child, unit), story.place_on(child, unit, LAST_DAY)
        if said is None or place is None:
            continue
        if said.decision == "pending":
            # Who is open in a unit does not enter it, or what continues it, from outside.
            own |= {code, goes_to(city, unit, place) or code}
            is_kept = True
        elif said.decision in ("promoted", "retained", "moved_out"):
            there = city.unit(said.other or code)
            own.add(there.code)
            yield there.code, _going_on(child, unit, place, there, said)
    claims = [p for p in child.in_year(2024) if p.unit not in own and _is_shown(city, p) and not is_open(child)]
    for place in claims:
        # Nor another one, before it is known there how the year closes.
        decision = "pending" if len(claims) > 1 or is_kept else str(child.entry)
        yield place.unit, Opened(decision, place.klass, place.grade, False)


def is_open(child: Child) -> bool:
    """True of a child that the register does not know, whatever is shown of it."""
    return child.defect in story.UNKNOWN_DEFECTS


def _is_shown(city: City, place: Place) -> bool:
    """True of a place that the unit's system tells at the opening."""
    return place.kind == "primary" and place.begin <= OPENING_DAY and city.unit(place.unit).shows_new_year


def _going_on(child: Child, unit: Unit, place: Place, there: Unit, said: Closed) -> Opened:
    following = story.next_place(child, there)
    decided = story.closing(child, unit)
    grade = story.following_grade(place, str(decided))
    decision = "moved_in" if said.other else said.decision
    if following is not None and there.shows_new_year:
        return Opened(decision, following.klass, following.grade, False)
    klass = story.renamed(unit, place, grade)
    is_joining = said.other is not None and not _is_recoded(unit, there)
    return Opened(decision, klass + (f"@{unit.code}" if is_joining else ""), grade, True)


def _is_recoded(unit: Unit, there: Unit) -> bool:
    return (unit.name, unit.classes, unit.size) == (there.name, there.classes, there.size)


def classes(city: City, opened: dict[Key, Opened]) -> dict[tuple[str, str, int], Class]:
    """Every class in which anybody sits: reported if the school shows it of anybody, with the teacher that it shows."""
    found: dict[tuple[str, str, int], bool] = {}
    for (unit, _), said in opened.items():
        if said.decision != "pending":
            key = unit, said.klass, said.grade
            found[key] = found.get(key, True) and said.is_proposed
    # OneRoster tells of a teacher that he teaches in a class, not that he leads it: there the gap is listed.
    leaders = {(m.unit, m.homeroom[2024]): m.root for m in city.staff
               if 2024 in m.homeroom and city.unit(m.unit).system != "lotus"}  # fmt: skip
    return {
        (unit, klass, grade): Class(is_proposed, None if is_proposed else leaders.get((unit, klass)))
        for (unit, klass, grade), is_proposed in found.items()
    }


def places(city: City, opened: dict[Key, Opened]) -> dict[str, tuple[str, int, str]]:
    """Where every child is counted after the first night of the new year: unit (`A|B`: in one of them), grade, reported
    or rolled over."""
    found: dict[str, tuple[str, int, str]] = {}
    for (unit, root), said in opened.items():
        if said.is_proposed and not city.unit(unit).shows_new_year:
            found[root] = unit, said.grade, "rolled_over"
    for child in city.children:
        told = [place for place in child.in_year(2024) if not is_open(child) and _is_shown(city, place)]
        if told:
            # Of two schools that report one child either counts, and the other gives way: no story says which.
            units = "|".join(sorted(place.unit for place in told))
            found[child.root] = units, told[0].grade, "reported"
    return found

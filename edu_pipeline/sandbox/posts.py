"""Who works where in a zone, and how unit events move them.

units, events -> Member, Member, ... and who leads which class

What does not belong here: pupils (zone.py, summer.py), what a post is called by a vendor (its module).
"""

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from edu_pipeline.sandbox import clock
from edu_pipeline.sandbox.moves import Event
from edu_pipeline.sandbox.plan import OPENED, Plan
from edu_pipeline.sandbox.story import Member
from edu_pipeline.sandbox.units import Unit

if TYPE_CHECKING:
    from edu_pipeline.sandbox.zone import Zone

RETIRED, TRANSFERRED = "6", "3"
_DAY = dt.timedelta(days=1)


def roles(unit: Unit) -> list[str]:
    """The posts of a unit."""
    if unit.system == "registry":
        return []
    teachers = ["GV"] * (unit.classes * len(unit.grades) + 1) if unit.grades else []
    return teachers if unit.system == "lotus" else ["01", "02", *teachers, "NV", "NV"]


def _is_founded(unit: Unit, plan: Plan) -> bool:
    """True for a unit that has people of its own from the first: not one that an event made of another."""
    made = {code for event in plan.events for code in event.to}
    return unit.code not in made or not unit.opened


def people(plan: Plan) -> int:
    """How many people work in a zone: those of its posts, and the new heads."""
    heads = sum(event.event == "new_head" for event in plan.events)
    return heads + sum(len(roles(unit)) for unit in plan.units if _is_founded(unit, plan))


def fill(zone: "Zone") -> None:
    """Fill the posts of 2023, then move people as the events say."""
    for unit in zone.plan.units:
        for number, role in enumerate(roles(unit) if _is_founded(unit, zone.plan) else (), start=1):
            member = zone.people.member(unit, number, role)
            if unit.opened:
                member.begin, member.leaves, member.how = OPENED, None, None
            zone.staff.append(member)
    zone.events = [_follow(zone, event) for event in zone.events]
    _share(zone)


def _follow(zone: "Zone", event: Event) -> Event:
    """Move whom the event moves; the event, which knows the new head then."""
    there = [m for m in zone.staff if m.unit == event.unit]
    here = [m for m in there if m.leaves is None]
    if event.event in ("merged", "recoded", "closed"):
        for member in there:
            # Who was to leave a little later leaves with the unit.
            member.leaves = min(member.leaves, event.on - _DAY) if member.leaves else None
    match event.event:
        case "merged" | "recoded":
            _move(zone, here, event.to, event.on, heads_go=event.event == "recoded")
        case "split":
            _move(zone, [m for m in here if m.role == "GV"][1::2], event.to, event.on, heads_go=False)
        case "closed":
            kind = zone.units[event.unit].kind
            others = [u.code for u in zone.plan.units if u.kind == kind and u.code != event.unit and not u.opened]
            _move(zone, here, tuple(others), event.on, heads_go=False)
        case "new_head":
            head = _succeed(zone, next(m for m in here if m.role == "01"), event.on)
            return replace(event, head=head.root)
    return event


def _move(zone: "Zone", members: list[Member], to: tuple[str, ...], on: dt.date, heads_go: bool) -> None:
    """From a unit to others in turn; a unit that has a head already takes no second one: who had the post retires."""
    for position, member in enumerate(members):
        goes = heads_go or member.role not in ("01", "02")
        member.leaves, member.how = on - _DAY, TRANSFERRED if goes else RETIRED
        if goes:
            there = to[position % len(to)]
            zone.staff.append(_again(zone, member, there, on))


def _again(zone: "Zone", member: Member, there: str, begin: dt.date) -> Member:
    """The same person's post in another unit."""
    count = sum(other.unit == there for other in zone.staff)
    return replace(member, unit=there, code=f"CB{count + 1:03d}", begin=begin, leaves=None, how=None, homeroom={})


def _succeed(zone: "Zone", head: Member, on: dt.date) -> Member:
    head.leaves, head.how = on - _DAY, RETIRED
    unit = zone.units[head.unit]
    made = zone.people.member(unit, sum(m.unit == unit.code for m in zone.staff) + 1, "01")
    made.begin = on
    zone.staff.append(made)
    return made


def _share(zone: "Zone") -> None:
    """Two teachers of an upper secondary school also teach in a continuing-education centre."""
    centre = next((unit for unit in zone.plan.units if unit.kind == "GDTX" and unit.system == "hoaphuong"), None)
    stay = [m for m in zone.staff if m.role == "GV" and m.leaves is None and zone.units[m.unit].kind == "THPT"
            and not zone.units[m.unit].opened and zone.units[m.unit].system == "hoaphuong"]  # fmt: skip
    for member in stay[1:3] if centre else ():
        assert centre is not None
        other = _again(zone, member, centre.code, dt.date(2023, 8, 1))
        other.is_main = False
        zone.staff.append(other)


def homerooms(zone: "Zone") -> None:
    """Each class of a year is led by a teacher who is there on its first day."""
    classes: dict[tuple[str, int], dict[str, None]] = {}
    for child in zone.children:
        for place in child.places:
            if place.kind == "primary":
                classes.setdefault((place.unit, place.year), {})[place.klass] = None
    teachers: dict[str, list[Member]] = {}
    for member in zone.staff:
        if member.role == "GV" and member.is_main:
            teachers.setdefault(member.unit, []).append(member)
    for (unit, year), names in classes.items():
        begin = clock.YEAR_BEGIN[year]
        there = [m for m in teachers.get(unit, ()) if m.begin <= begin and not (m.leaves and m.leaves < begin)]
        for klass, teacher in zip(sorted(names), there, strict=False):
            teacher.homeroom[year] = klass

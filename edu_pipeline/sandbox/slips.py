"""What goes wrong in a school's learning-management system, and whom it befalls.

pupils of a unit, in the order of their root ids' hashes -> Slips: kind -> root ids, the same on every day

What does not belong here: what the system holds, and on which days a slip stands (learning.py).
"""

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import YEAR_BEGIN
from edu_pipeline.sandbox.story import Child

WITHOUT_ACCOUNT, WITHOUT_ROOT, WRONG_ROOT = "without_account", "without_root", "wrong_root"
NAME_BARE, NAME_CAPITALS, NAME_NFD, NAME_ONE_FIELD = "name_bare", "name_capitals", "name_nfd", "name_one_field"
NOBODY, SECOND = "nobody", "second"
LEFT_ACTIVE, LEFT_SUSPENDED = "left_active", "left_suspended"
WRONG_GROUP, SUSPENDED_MEMBER, NEVER, NAMESAKES = "wrong_group", "suspended_member", "never", "namesakes"
UNKNOWN_ROOT, PUPIL_TEACHES, STAFF_WITHOUT = "unknown_root", "pupil_teaches", "staff_without"

NAMES = (NAME_BARE, NAME_CAPITALS, NAME_NFD, NAME_ONE_FIELD)
# What stands for good: nobody need mend it.
LASTING = (*NAMES, LEFT_SUSPENDED, NEVER, NAMESAKES)
MENDED_KINDS = (WITHOUT_ACCOUNT, WITHOUT_ROOT, WRONG_ROOT, NOBODY, SECOND, LEFT_ACTIVE, WRONG_GROUP, SUSPENDED_MEMBER,
                UNKNOWN_ROOT, PUPIL_TEACHES, STAFF_WITHOUT)  # fmt: skip
KINDS = (*MENDED_KINDS, *LASTING)
# One after the other takes its pupils from the same row, so no two slips befall one pupil. WRONG_ROOT takes two: one
# has the id of a pupil who has an account, one that of the pupil who has none, whom nothing but the name tells apart.
_BEFALL = (WITHOUT_ACCOUNT, WITHOUT_ROOT, WRONG_ROOT, WRONG_ROOT, SECOND, WRONG_GROUP, SUSPENDED_MEMBER, NEVER, *NAMES,
           UNKNOWN_ROOT, PUPIL_TEACHES)  # fmt: skip


@dataclass(frozen=True)
class Slips:
    """Whom each kind befalls, by root id; `instead`: the id that stands in place of a pupil's own."""

    befallen: dict[str, frozenset[str]]
    instead: dict[str, str] = field(default_factory=dict)

    def has(self, kind: str, root: str) -> bool:
        return root in self.befallen.get(kind, ())


def rank(*parts: object) -> int:
    """A number that is the same for the same thing on every day, and looks like chance."""
    return int.from_bytes(hashlib.sha1("/".join(map(str, parts)).encode()).digest()[:8])


def befall(zone: City, code: str) -> Slips:
    """Whom what befalls in a unit; a small one runs out of pupils before it runs out of slips."""
    pupils = sorted(zone.children_of[code], key=lambda child: rank("slip", code, child.root))
    row = [child for child in pupils if _is_settled(child, code)]
    found: dict[str, set[str]] = {}
    instead: dict[str, str] = {}
    for kind in _BEFALL:
        if (victim := _next(row, kind)) is None:
            continue
        row.remove(victim)
        found.setdefault(kind, set()).add(victim.root)
        if kind == WRONG_ROOT:
            bare = found[WITHOUT_ACCOUNT]
            instead[victim.root] = next(iter(bare)) if instead else row.pop(0).root if row else next(iter(bare))
    leavers = [
        child.root for child in pupils if _leaves(child, code) and child.outcome == "completed" and not child.defect
    ]
    found[LEFT_ACTIVE] = set(leavers[:1])
    found[STAFF_WITHOUT] = set(_teacher(zone, code))
    # As if the first digits had been mistyped: nobody's.
    instead |= {root: f"99{root[2:]}" for root in found.get(UNKNOWN_ROOT, ())}
    return Slips({kind: frozenset(roots) for kind, roots in found.items()}, instead)


def _teacher(zone: City, code: str) -> list[str]:
    """A teacher who stays and works in one unit, leads no class, and of whom nothing else is odd."""
    staff = sorted(zone.staff_of[code], key=lambda member: rank("slip", code, member.root))
    able = [m.root for m in staff if m.role == "GV" and m.leaves is None and not m.defect and not m.homeroom
            and m.root not in zone.shared]  # fmt: skip
    return able[:1]


def _next(row: list[Child], kind: str) -> Child | None:
    """The first in the row whom the slip changes at all: capitals do, taking away diacritics need not."""
    return next((c for c in row if kind not in NAMES or spelled(kind, c.family, c.given) != (c.family, c.given)), None)


def _is_settled(child: Child, code: str) -> bool:
    """True for a pupil of whom nothing else is odd: in the unit through both years, nowhere else, and no defect."""
    odd = child.defect or child.temp or child.twin_root or child.is_no_show or child.sibling or child.namesake
    stays = {2023, 2024} <= {place.year for place in child.places if place.end is None}
    return not odd and stays and {place.unit for place in child.places} == {code}


def _leaves(child: Child, code: str) -> bool:
    """True for whoever is not in the unit any more when 2024-2025 has begun."""
    return not any(place.unit == code and place.year > min(YEAR_BEGIN) for place in child.places)


def spelled(kind: str, family: str, given: str) -> tuple[str, str]:
    """Family and given name as the slip has them written."""
    if kind == NAME_ONE_FIELD:
        # The given name first, as a form that asks for a first name invites one to do.
        *middle, last = given.split()
        return "", " ".join([last, family, *middle])
    changed = {NAME_BARE: _bare, NAME_CAPITALS: str.upper, NAME_NFD: _apart}[kind]
    return changed(family), changed(given)


def _apart(text: str) -> str:
    """Letters and their diacritics one by one, as some systems keep them."""
    return unicodedata.normalize("NFD", text)


def _bare(text: str) -> str:
    letters = _apart(text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def namesakes(children: list[Child]) -> Iterator[Child]:
    """Pupils who share the full name with another, and twins."""
    for child in children:
        for other in children:
            if other.root != child.root and (
                other.root == child.sibling or (other.family, other.given) == (child.family, child.given)
            ):
                yield child
                break

"""What one unit's learning-management system holds on one day.

stories, slips of the unit -> Day -> accounts, courses, memberships

What does not belong here: who may ask for it, and which of it is wrong (learning.py). Ids and last accesses come of
hashes of root ids, so each day tells the same whenever it is asked.
"""

import datetime as dt

from edu_pipeline.sandbox import clock, slips
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.contradictions.kind import MENDED
from edu_pipeline.sandbox.lms import (
    ACTIVE,
    COURSE,
    ENDED,
    GROUP,
    STUDENT,
    SUSPENDED,
    TEACHER,
    Account,
    Course,
    Held,
    Membership,
    account_id,
    number,
)
from edu_pipeline.sandbox.slips import rank
from edu_pipeline.sandbox.story import Child, Member, Place

STAFF_ROOM = "Góc chuyên môn"
_NOBODY = (("Admin", "Quản trị", True), ("Phụ huynh", "lớp chủ nhiệm", False), ("Phụ huynh", "em An", False))


class Day:
    """One unit on one day."""

    def __init__(self, zone: City, code: str, day: dt.date) -> None:
        self.zone, self.code, self.day = zone, code, day
        self.unit, self.pupils = zone.unit(code), zone.children_of[code]
        self.is_open = self.unit.is_open(day)
        prompt = self.unit.shows_new_year
        self.shown = [year for year in clock.YEAR_BEGIN if day >= clock.shown_from(year, is_prompt=prompt)]
        self.year = max((year for year in self.shown if zone.classes_of(code, year)), default=None)
        self.slips = slips.befall(zone, code)
        self.posts = list({m.root: m for m in zone.staff_of[code] if m.begin <= day}.values())

    def strikes(self, kind: str, root: str | None) -> bool:
        """True while the slip stands."""
        stands = kind in slips.LASTING or self.day < MENDED
        return stands and root is not None and self.slips.has(kind, root)

    def there(self, child: Child) -> Place | None:
        """Where in the unit the pupil is on the day."""
        places = (p for p in child.places if p.unit == self.code and p.year == self.year and p.is_active(self.day))
        return next(places, None) if self.is_open else None

    def held(self) -> Held:
        """All of it; nothing before the unit has opened."""
        if self.unit.opened and self.day < self.unit.opened:
            return Held([], [], [])
        people: list[Child | Member] = [*self.pupils, *self.posts]
        accounts = [a for person in people for a in self._accounts(person)]
        if self.day < MENDED:
            accounts += [
                Account(self.code, number("nobody", self.code, n), None, family, given, None, ACTIVE,
                        None if n else self.day, is_staff)
                for n, (family, given, is_staff) in enumerate(_NOBODY)
            ]  # fmt: skip
        courses = self._courses() if self.year is not None else []
        by_id = {account.id: account for account in accounts}
        parts = [part for course in courses for part in self._parts(course, by_id)]
        return Held(sorted(accounts, key=lambda a: a.id), sorted(courses, key=lambda c: c.id),
                    sorted(parts, key=lambda p: (p.course, p.account)))  # fmt: skip

    def _accounts(self, person: Child | Member) -> list[Account]:
        root, ident, known = person.root, account_id(self.code, person.root), self._known(person)
        if isinstance(person, Member):
            if self.strikes(slips.STAFF_WITHOUT, root):
                return []
            is_there = person.leaves is None or person.leaves >= self.day
            since, until = person.begin, person.leaves
        else:
            places = [p for p in person.places if p.unit == self.code and p.year in self.shown and p.begin <= self.day]
            if not places or self.strikes(slips.WITHOUT_ACCOUNT, root):
                return []
            is_there = self.there(person) is not None or self.strikes(slips.LEFT_ACTIVE, root)
            since, until = places[0].begin, None if is_there else places[-1].end or clock.YEAR_END[places[-1].year]
        name = person.family, person.given
        for kind in slips.NAMES:
            if self.strikes(kind, root):
                name = slips.spelled(kind, *name)
        status = ACTIVE if is_there and not self.strikes(slips.SUSPENDED_MEMBER, root) else SUSPENDED
        seen = self._seen(root, since, until)
        found = [Account(self.code, ident, known, *name, root, status, seen, isinstance(person, Member))]
        if self.strikes(slips.SECOND, root):
            found.append(Account(self.code, number("second", self.code, root), root, *name, root, ACTIVE, None, False))
        return found

    def _known(self, person: Child | Member) -> str | None:
        """The root id that the system has of somebody: nobody can type one in before it has come."""
        if self.strikes(slips.WRONG_ROOT, person.root) or self.strikes(slips.UNKNOWN_ROOT, person.root):
            return self.slips.instead[person.root]
        is_late = isinstance(person, Child) and person.keyed_on is not None and self.day < person.keyed_on
        return None if is_late or self.strikes(slips.WITHOUT_ROOT, person.root) else person.root

    def _seen(self, root: str, since: dt.date, until: dt.date | None) -> dt.date | None:
        """The last access: every few days until the day, or until they left; a few never come."""
        luck, day = rank("seen", self.code, root), min(self.day, until or self.day)
        if luck % 31 == 0 or self.strikes(slips.NEVER, root):
            return None
        seen = day - dt.timedelta(days=(day.toordinal() + luck) % (1 + luck % 9))
        return seen if seen >= since else None

    def _courses(self) -> list[Course]:
        year = self.year
        assert year is not None
        dates = clock.YEAR_BEGIN[year], clock.YEAR_END[year]
        said: list[tuple[str, str, str, str, int | None]] = [(STAFF_ROOM, "", COURSE, f"{year}-GV", None)]
        for klass, grade in self.zone.classes_of(self.code, year).items():
            language = "Tiếng Việt" if grade <= 5 else "Ngữ văn"
            said += [(f"Toán {klass}", klass, COURSE, f"{year}-{klass}-TOAN", grade),
                     (f"{language} {klass}", klass, COURSE, f"{year}-{klass}-VAN", grade),
                     (f"Lớp {klass}", klass, GROUP, f"{year}-{klass}", grade)]  # fmt: skip
        return [Course(self.code, number("course", self.code, code), title, klass, kind, *dates, year, code, grade)
                for title, klass, kind, code, grade in said]  # fmt: skip

    def _parts(self, course: Course, by_id: dict[int, Account]) -> list[Membership]:
        found: dict[int, Membership] = {}

        def join(ident: int, role: str, status: str) -> None:
            if ident in by_id:
                seen = by_id[ident].last_access
                if seen is not None:
                    seen -= dt.timedelta(days=rank(course.id, ident) % 4)
                is_new = seen is None or seen < course.begin
                found[ident] = Membership(course.id, ident, role, status, None if is_new else seen)

        for root, status in self._teachers(course):
            join(account_id(self.code, root), TEACHER, status)
        for child in () if course.klass else self.pupils:
            # An account that was forgotten still takes part somewhere.
            if self.strikes(slips.LEFT_ACTIVE, child.root):
                join(account_id(self.code, child.root), STUDENT, ACTIVE)
        for child in self.pupils if course.klass else ():
            if (part := self._part(child, course)) is not None:
                is_wrong = course.kind == COURSE and self.strikes(slips.PUPIL_TEACHES, child.root)
                join(account_id(self.code, child.root), TEACHER if is_wrong else STUDENT, part)
                if course.code.endswith("-TOAN"):
                    join(number("second", self.code, child.root), STUDENT, part)
        return list(found.values())

    def _part(self, child: Child, course: Course) -> str | None:
        """How a pupil takes part in a class's course; the group of another class is another's."""
        there = self.there(child)
        if course.kind == GROUP and there is not None and self.strikes(slips.WRONG_GROUP, child.root):
            return ACTIVE if course.klass == self._other(there.klass) else None
        if there is not None and there.klass == course.klass:
            return ACTIVE
        places = (p for p in child.places if p.unit == self.code and p.year == course.year and p.begin <= self.day)
        return ENDED if any(place.klass == course.klass for place in places) else None

    def _other(self, klass: str) -> str:
        """The class after it, in the order of their names."""
        assert self.year is not None
        names = sorted(self.zone.classes_of(self.code, self.year))
        return names[(names.index(klass) + 1) % len(names)]

    def _teachers(self, course: Course) -> list[tuple[str, str]]:
        """Root ids with their status: who teaches it, and in some courses whoever did before."""
        if course.kind == GROUP:
            return []
        at_work = {m.root: m.leaves is None or m.leaves >= self.day for m in self.posts}
        if not course.klass:
            return [(root, ACTIVE if is_there else SUSPENDED) for root, is_there in at_work.items()]
        able = [m.root for m in self.posts if m.role == "GV" and at_work[m.root]]
        able.sort(key=lambda root: rank(course.id, root))
        before = {0: ENDED, 1: SUSPENDED}.get(rank(course.id) % 3)
        return [(able[place], status) for place, status in enumerate((ACTIVE, before)) if status and place < len(able)]

"""What one Canvas holds of several schools on a day: users and their logins, accounts, courses, enrollments.

Held of each unit (learning.py) -> State

One root account, an account below it for each school, and the one for courses made by hand, which every Canvas has.
Whoever has accounts in two schools is one user with one login. A SIS id stands for one login in a root account (a
second one is refused there): of two accounts that a school has given the same id, the wrong one keeps it, or the
first, and the other's is empty. In an account are listed whoever was ever enrolled there, and staff, who have a role in
it; parents without a child to observe are in the root account alone.

What does not belong here: JSON (canvas_told.py), HTTP (canvas.py).
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.learning import Account, Course, Membership, account_id, held
from edu_pipeline.sandbox.lms import ACTIVE, ENDED, STUDENT, SUSPENDED, TEACHER, number
from edu_pipeline.sandbox.units import DEPARTMENT

ROOT, CALLER, LIMITED_CALLER = 1, 2, 3
STATES = {ACTIVE: "active", SUSPENDED: "inactive", ENDED: "completed"}
TYPES = {STUDENT: ("StudentEnrollment", 3), TEACHER: ("TeacherEnrollment", 4)}


@dataclass
class User:
    """A user with its one login. `accounts`: ids of those below the root in which it is listed."""

    id: int
    name: str
    sortable: str
    sis_id: str | None
    login: str
    state: str
    last_login: dt.date | None
    accounts: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Place:
    """An account: the root, or one below it."""

    id: int
    name: str
    sis_id: str | None


@dataclass(frozen=True)
class Section:
    """A course has one section, named like the class."""

    id: int
    course: Course
    account: Place

    @property
    def sis_id(self) -> str:
        return f"{self.course.unit}-{self.course.code}-{self.course.klass}".rstrip("-")

    @property
    def sis_course_id(self) -> str:
        return f"{self.course.unit}-{self.course.code}"


@dataclass(frozen=True)
class Enrollment:
    """A user's part in a section."""

    id: int
    user: User
    section: Section
    part: Membership

    @property
    def type(self) -> str:
        return TYPES[self.part.role][0]

    @property
    def state(self) -> str:
        return STATES[self.part.status]


class State:
    """All of it, by id."""

    def __init__(self, city: City, unit_codes: Iterable[str], day: dt.date) -> None:
        self.users: dict[int, User] = {}
        self.places = {ROOT: Place(ROOT, DEPARTMENT.name, None)}
        self.sections: dict[int, Section] = {}
        self.enrollments: dict[int, list[Enrollment]] = {}
        self.years: set[int] = set()
        by_hand = Place(number("canvas", "manually created"), "Manually-Created Courses", None)
        self.places[by_hand.id] = by_hand
        found = {code: held(city, code, day) for code in unit_codes}
        keys = _keys([account for each in found.values() for account in each.accounts])
        for code, each in found.items():
            place = Place(number("canvas", code), city.of(code).unit_on(code, day).name, code)
            self.places[place.id] = place
            owners = {account.id: self._user(account, place, keys) for account in each.accounts}
            for course in each.courses:
                self.years.add(course.year)
                self.sections[course.id] = Section(number("section", course.id), course, place)
                self.enrollments[course.id] = []
            for part in each.memberships:
                ident = number("enrollment", part.course, part.account)
                one = Enrollment(ident, owners[part.account], self.sections[part.course], part)
                self.enrollments[part.course].append(one)

    def _user(self, account: Account, place: Place, keys: dict[str, int]) -> User:
        """The account's user, made on its first account."""
        ident = user_id(account)
        name = f"{account.family} {account.given}".strip()
        sortable = f"{account.family}, {account.given}" if account.family else name
        key = account.root if account.root and keys[account.root] == ident else None
        state = "suspended" if account.status == SUSPENDED else "active"
        made = User(ident, name, sortable, key, f"u{ident}", state, account.last_access)
        user = self.users.setdefault(ident, made)
        if user is not made:
            # One login for all schools: it is shut only where every one of them has shut it.
            user.state = min(user.state, state)
            user.sis_id = user.sis_id or key
            user.last_login = max((d for d in (user.last_login, account.last_access) if d), default=None)
        if account.truth or account.is_staff:
            user.accounts.add(place.id)
        return user


def user_id(account: Account) -> int:
    """One for all accounts of a person, but for the second one in a school."""
    if account.truth and account.id == account_id(account.unit, account.truth):
        return number("user", account.truth)
    return number("user", account.unit, account.id)


def _keys(accounts: list[Account]) -> dict[str, int]:
    """SIS id -> the user whose login has it."""
    found: dict[str, int] = {}
    for account in sorted(accounts, key=lambda a: (a.root == a.truth, user_id(a) != number("user", a.truth), a.id)):
        if account.root:
            found.setdefault(account.root, user_id(account))
    return found

"""Values of a learning-management system (LMS): an account, a course, an account's part in a course.

person, class -> ids and values that learning.py fills and moodle.py and canvas.py tell

What does not belong here: who has which account, and what is wrong with it (learning.py).
"""

import datetime as dt
from dataclasses import dataclass

from edu_pipeline.sandbox.slips import rank

ACTIVE, SUSPENDED, ENDED = "active", "suspended", "ended"
STUDENT, TEACHER = "student", "teacher"
COURSE, GROUP = "course", "group"


@dataclass(frozen=True, slots=True)
class Account:
    """An account: `root` is the id that the LMS has, `truth` the id of whom it really belongs to, None for nobody."""

    unit: str
    id: int
    root: str | None
    family: str
    given: str
    truth: str | None
    status: str
    last_access: dt.date | None
    is_staff: bool


@dataclass(frozen=True, slots=True)
class Course:
    """A course, or the group of a class. `code` is unique in the unit; `klass` is empty for a course of no class."""

    unit: str
    id: int
    title: str
    klass: str
    kind: str
    begin: dt.date
    end: dt.date
    year: int
    code: str
    grade: int | None


@dataclass(frozen=True, slots=True)
class Membership:
    """An account's part in a course, both by id."""

    course: int
    account: int
    role: str
    status: str
    last_access: dt.date | None


@dataclass(frozen=True)
class Held:
    """All of it, each list by id."""

    accounts: list[Account]
    courses: list[Course]
    memberships: list[Membership]


def number(kind: str, *parts: object) -> int:
    """An id, the same for the same thing: large enough that no two meet."""
    return 1_000 + rank("lms", kind, *parts) % 10**12


def account_id(unit_code: str, root: str) -> int:
    """Id of somebody's own account in a unit."""
    return number("account", unit_code, root)

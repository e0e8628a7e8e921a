"""What one caller sees of a Moodle site of one school, on one day.

Held (learning.py), caller -> View: users with the fields that the caller may see

The full role may see everything of the site, but is no administrator. The limited one has moodle/course:view,
moodle/course:viewparticipants and moodle/user:viewdetails in the category of the lowest grade, and nothing else. So
idnumber, email, username and department are left out, which need a capability, and firstaccess and lastaccess, which
the site hides ($CFG->hiddenuserfields); and of users it sees whoever has an active enrolment in one of its courses.

What does not belong here: a function's parameters and answer (moodle_site.py). Sources: Moodle's user/lib.php
(user_get_user_details, user_get_user_details_courses) and the *_returns() of {user,enrol}/externallib.php. The site has
no course contacts, and tells neither its guest nor the connectors' own users.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from edu_pipeline.sandbox.clock import ZONE
from edu_pipeline.sandbox.lms import ACTIVE, COURSE, GROUP, STUDENT, SUSPENDED, TEACHER, Account, Course, Held, number
from edu_pipeline.sandbox.units import Unit

Record = dict[str, Any]
ROLES = {TEACHER: (3, "editingteacher"), STUDENT: (5, "student")}
# In the order of core_user_external::user_description() and of core_enrol_external::get_enrolled_users_returns(): what
# is not described there is not answered, so of those enrolled neither `suspended` nor `auth`.
USER = ("id", "username", "firstname", "lastname", "fullname", "email", "department", "idnumber", "firstaccess",
        "lastaccess", "auth", "suspended", "confirmed", "lang", "theme", "timezone", "mailformat", "description",
        "descriptionformat", "profileimageurlsmall", "profileimageurl")  # fmt: skip
ENROLLED = ("id", "username", "firstname", "lastname", "fullname", "email", "department", "idnumber", "firstaccess",
            "lastaccess", "lastcourseaccess", "description", "descriptionformat", "profileimageurlsmall",
            "profileimageurl", "groups", "roles", "enrolledcourses")  # fmt: skip
_NEEDS_MORE = {"username", "email", "department", "idnumber", "firstaccess", "lastaccess", "lastcourseaccess", "auth",
               "confirmed", "lang", "theme", "timezone", "mailformat"}  # fmt: skip


@dataclass(frozen=True)
class Caller:
    """The user that a token stands for."""

    userid: int
    username: str
    is_full: bool


def moment(day: dt.date | None) -> int:
    """Epoch seconds of half past seven on a day, 0 for never."""
    return 0 if day is None else int(dt.datetime.combine(day, dt.time(7, 30), ZONE).timestamp())


class View:
    """The site as one caller sees it."""

    def __init__(self, unit: Unit, held: Held, caller: Caller, url: str) -> None:
        self.unit, self.caller, self.url = unit, caller, url
        self.people = {account.id: account for account in held.accounts}
        self.taught = {course.id: course for course in held.courses if course.kind == COURSE}
        self.groups = {course.id: course for course in held.courses if course.kind == GROUP}
        self.parts = {(part.course, part.account): part for part in held.memberships}
        lowest = min((course.grade for course in self.taught.values() if course.grade), default=0)
        self.own = {course.id for course in self.taught.values() if caller.is_full or course.grade == lowest}
        self._acting: dict[int, list[Course]] = {}
        for part in held.memberships:
            if part.status == ACTIVE and part.course in self.taught:
                self._acting.setdefault(part.account, []).append(self.taught[part.course])

    def user(self, account: Account) -> Record | None:
        """A user of the site; None for one whom the caller may not see."""
        acting = self._acting.get(account.id, [])
        is_seen = self.caller.is_full or any(course.id in self.own for course in acting)
        return self._shown(self._details(account), USER) if is_seen else None

    def participant(self, account: Account, course: Course | None) -> Record:
        """A user as enrolled in a course; of the front page, for None, everybody is."""
        told = self._details(account)
        part = self.parts.get((course.id, account.id)) if course else None
        told["lastcourseaccess"] = moment(part.last_access if part else None)
        told["roles"] = []
        if course and part:
            number_of, short = ROLES[part.role]
            told["roles"] = [{"roleid": number_of, "name": "", "shortname": short, "sortorder": 0}]
            if course.klass and part.role == STUDENT:
                told["groups"] = [{"id": self.group(course), "name": course.klass, "description": "",
                                   "descriptionformat": 1}]  # fmt: skip
        if acting := self._acting.get(account.id):
            told["enrolledcourses"] = [{"id": c.id, "fullname": c.title, "shortname": c.code} for c in acting]
        return self._shown(told, ENROLLED)

    def group(self, course: Course) -> int:
        """Id of the group of pupils in a course."""
        return number("moodle-group", course.id)

    def picture(self, userid: int, size: int) -> str:
        return f"{self.url}/theme/image.php/boost/core/1/u/f{size}?u={userid}"

    def _details(self, account: Account) -> Record:
        seen = account.last_access
        return {"id": account.id, "username": f"u{account.id}", "firstname": account.given,
                "lastname": account.family, "fullname": f"{account.family} {account.given}".strip(),
                "email": f"u{account.id}@{account.unit}.example", "department": "",
                # Left out where there is none, as Moodle does with idnumber and institution.
                **({"idnumber": account.root} if account.root else {}),
                "firstaccess": moment(seen.replace(day=1) if seen else None), "lastaccess": moment(seen),
                "auth": "manual", "suspended": account.status == SUSPENDED, "confirmed": True, "lang": "vi",
                "theme": "", "timezone": "99", "mailformat": 1, "description": "", "descriptionformat": 1,
                "profileimageurlsmall": self.picture(account.id, 2),
                "profileimageurl": self.picture(account.id, 1)}  # fmt: skip

    def _shown(self, told: Record, described: tuple[str, ...]) -> Record:
        hidden = set() if self.caller.is_full else _NEEDS_MORE
        return {name: told[name] for name in described if name in told and name not in hidden}

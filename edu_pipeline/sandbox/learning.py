"""What the learning-management system (LMS) of a unit holds on a day: accounts, courses, and who is in which.

stories, slips (slips.py), date -> Account, Course, Membership

Everybody who has or had a place in the school years that are shown, and all staff, have an account with their root id.
Of the newest year that is shown: two courses a class, with its pupils and a teacher, and one group a class, which bears
the class's code; beside them a course of the staff. A former teacher's membership is ended or suspended, that of a
pupil who left during the year is ended. Whoever has left is suspended. Slips stand until MENDED, the lasting ones for
good; `oddities` and `without_account` say who they are.

What does not belong here: a protocol (moodle.py, canvas.py). An LMS knows neither birth dates nor why somebody left.
"""

import datetime as dt

from edu_pipeline.sandbox import slips
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.contradictions.kind import MENDED
from edu_pipeline.sandbox.lms import ACTIVE, GROUP, SUSPENDED, Account, Course, Held, Membership, account_id
from edu_pipeline.sandbox.lms_day import Day

__all__ = ["MENDED", "Account", "Course", "Held", "Membership", "account_id", "accounts", "courses", "held",
           "memberships", "oddities", "truth", "without_account"]  # fmt: skip


def held(city: City, unit_code: str, day: dt.date) -> Held:
    """What the LMS of a unit holds on a day. KeyError for a unit that the city does not have."""
    return Day(city.of(unit_code), unit_code, day).held()


def accounts(city: City, unit_code: str, day: dt.date) -> list[Account]:
    """Accounts alone."""
    return held(city, unit_code, day).accounts


def courses(city: City, unit_code: str, day: dt.date) -> list[Course]:
    """Courses and groups alone."""
    return held(city, unit_code, day).courses


def memberships(city: City, unit_code: str, day: dt.date) -> list[Membership]:
    """Memberships alone."""
    return held(city, unit_code, day).memberships


def truth(city: City, unit_code: str, day: dt.date) -> dict[int, str | None]:
    """Account -> root id of whom it really belongs to, None for nobody."""
    return {account.id: account.truth for account in accounts(city, unit_code, day)}


def without_account(city: City, unit_code: str, day: dt.date) -> frozenset[str]:
    """Root ids of the pupils who are in the unit and have no account of their own; its teachers: slips alone."""
    school = Day(city.of(unit_code), unit_code, day)
    owners = {account.truth for account in school.held().accounts}
    return frozenset(child.root for child in school.pupils if school.there(child) and child.root not in owners)


def oddities(city: City, unit_code: str, day: dt.date) -> dict[str, frozenset[int]]:
    """Accounts of each kind of slip, by id (slips.KINDS but for those who have none: `without_account`)."""
    school = Day(city.of(unit_code), unit_code, day)
    all_of_it, struck = school.held(), school.slips
    here = {child.root for child in school.pupils if school.there(child)}
    right = {account.truth for account in all_of_it.accounts if account.truth == account.root}
    twice = {child.root for child in slips.namesakes([child for child in school.pupils if child.root in right])}
    acting = {part.account for part in all_of_it.memberships if part.status == ACTIVE}
    astray = _astray(school, all_of_it)
    found: dict[str, set[int]] = {kind: set() for kind in slips.KINDS
                                  if kind not in (slips.WITHOUT_ACCOUNT, slips.STAFF_WITHOUT)}  # fmt: skip
    for account in all_of_it.accounts:
        whose, is_gone = account.truth, not account.is_staff and account.truth not in here
        for kind, holds in (
            (slips.NOBODY, whose is None),
            (slips.WITHOUT_ROOT, whose is not None and account.root is None),
            (slips.WRONG_ROOT, whose is not None and school.strikes(slips.WRONG_ROOT, whose)),
            (slips.UNKNOWN_ROOT, whose is not None and school.strikes(slips.UNKNOWN_ROOT, whose)),
            (slips.PUPIL_TEACHES, whose is not None and school.strikes(slips.PUPIL_TEACHES, whose)),
            (slips.SECOND, whose is not None and account.id != account_id(unit_code, whose)),
            (slips.LEFT_ACTIVE, whose is not None and is_gone and account.status == ACTIVE),
            (slips.LEFT_SUSPENDED, whose is not None and is_gone and account.status == SUSPENDED),
            (slips.WRONG_GROUP, account.id in astray),
            (slips.SUSPENDED_MEMBER, account.status == SUSPENDED and account.id in acting),
            (slips.NEVER, account.last_access is None),
            (slips.NAMESAKES, whose in twice and account.root == whose),
            *((kind, whose is not None and struck.has(kind, whose)) for kind in slips.NAMES),
        ):
            if holds:
                found[kind].add(account.id)
    return {kind: frozenset(ids) for kind, ids in found.items()}


def _astray(school: Day, held: Held) -> set[int]:
    """Accounts that are in the group of a class in which their pupil is not."""
    at = {account_id(school.code, child.root): place for child in school.pupils if (place := school.there(child))}
    groups = {course.id: course.klass for course in held.courses if course.kind == GROUP}
    return {
        part.account for part in held.memberships
        if part.status == ACTIVE and part.course in groups and at[part.account].klass != groups[part.course]
    }  # fmt: skip

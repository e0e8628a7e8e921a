"""What contradicts itself in a learning-management system, and between it and the school's own.

Held (sandbox/learning.py), as Moodle or Canvas shows it -> (rule, unit, record)

What does not belong here: who is befallen (slips.py), what a protocol tells (moodle.py, canvas.py).
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from edu_pipeline.sandbox.canvas_state import State, user_id
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import YEAR_BEGIN
from edu_pipeline.sandbox.contradictions.kind import Found
from edu_pipeline.sandbox.dossiers import members
from edu_pipeline.sandbox.learning import held
from edu_pipeline.sandbox.lms import ACTIVE, GROUP, STUDENT, TEACHER, Held
from edu_pipeline.sandbox.lms_day import Day

_YEAR = 2024
# So long after the year began somebody has come.
_IDLE = dt.timedelta(days=14)


@dataclass(frozen=True)
class Shown:
    """An account as its system shows it: `root` is what it says, `truth` whose it is."""

    code: str
    root: str | None
    truth: str | None
    is_active: bool
    is_used: bool

    @property
    def owner(self) -> str | None:
        """Whose it can be told to be."""
        return self.truth if self.root == self.truth else None


def learned(city: City, day: dt.date) -> Found:
    """Everything of every unit that runs one."""
    for product, units in city.learning.items():
        for unit in units:
            yield from _of_unit(city, product, units, unit, day)


def _of_unit(city: City, product: str, units: tuple[str, ...], unit: str, day: dt.date) -> Found:
    told, school = held(city, unit, day), Day(city.of(unit), unit, day)
    shown = _canvas(city, units, unit, told, day) if product == "canvas" else _moodle(told)
    at = {child.root: place for child in school.pupils if (place := school.there(child))}
    # A roster provider knows of nobody who leads no class.
    is_roster = city.unit(unit).system == "lotus"
    posts = {m.root: m.role for m in members(city, unit, _YEAR)
             if m.leaves is None and (not is_roster or m.homeroom.get(_YEAR))}  # fmt: skip
    known = {person.root for person in city.people}
    stopped = {child.root for child in school.pupils if child.defect}
    # ... and cannot tell why somebody is there no more, so that nobody is known to have left.
    here = {*at, *posts} if not is_roster else known
    yield from _accounts(list(shown.values()), unit, known, here, stopped, day)
    owners = {one.owner for one in shown.values()}
    for root, place in at.items():
        if place.grade <= 12 and root not in owners:
            yield "account.account_code.pupil_has_none", unit, root
    for root, role in posts.items():
        if role == "GV" and root not in owners:
            yield "account.account_code.teacher_has_none", unit, root
    yield from _parts(told, shown, unit, {root: place.klass for root, place in at.items()}, product)


def _moodle(told: Held) -> dict[int, Shown]:
    return {one.id: Shown(str(one.id), one.root, one.truth, one.status == ACTIVE, one.last_access is not None)
            for one in told.accounts}  # fmt: skip


def _canvas(city: City, units: tuple[str, ...], unit: str, told: Held, day: dt.date) -> dict[int, Shown]:
    """Canvas lists nobody in a school whom it has never enrolled there, and of no account that it is shut: open is
    whose owner takes part in a course."""
    state, acting = State(city, units, day), {part.account for part in told.memberships if part.status == ACTIVE}
    (place,) = (one.id for one in state.places.values() if one.sis_id == unit)
    found = {}
    for one in told.accounts:
        user = state.users[user_id(one)]
        if place in user.accounts:
            is_used = user.last_login is not None
            found[one.id] = Shown(str(user.id), user.sis_id, one.truth, one.id in acting, is_used)
    return found


def _accounts(shown: list[Shown], unit: str, known: set[str], here: set[str], stopped: set[str], day: dt.date) -> Found:
    open_ones = Counter(one.owner for one in shown if one.is_active and one.owner)
    for one in shown:
        if one.root is None and one.is_active:
            yield "account.person_id.names_nobody", unit, one.code
        elif one.root and one.root not in known:
            yield "account.person_id.unknown", unit, one.code
        elif one.root != one.truth and one.root:
            yield "account.full_name.another_person", unit, one.code
        if one.is_active and one.owner:
            if open_ones[one.owner] > 1:
                yield "account.person_id.twice", unit, one.code
            if one.owner not in here:
                yield "account.status.has_left", unit, one.code
            # Who is stopped by a defect is not there yet.
            elif one.owner not in stopped and not one.is_used and day >= YEAR_BEGIN[_YEAR] + _IDLE:
                yield "account.last_access_month.never", unit, one.code


def _parts(
    told: Held, shown: dict[int, Shown], unit: str, at: dict[str, str], product: str
) -> Iterator[tuple[str, str, str]]:
    """Who is in which course; what Moodle has as a cohort of accounts, Canvas has as a course with a section."""
    is_canvas = product == "canvas"
    learners, teachers = Counter[int](), Counter[int]()
    courses = {course.id: course for course in told.courses}
    for part in told.memberships:
        course, one = courses[part.course], shown.get(part.account)
        if part.status != ACTIVE or one is None:
            continue
        record = f"{course.id}/{one.code}"
        if course.kind == GROUP and not is_canvas:
            if one.is_active and one.owner in at and at[one.owner] != course.klass:
                yield "account.class_code.another_class", unit, one.code
            continue
        learners[course.id] += part.role == STUDENT
        teachers[course.id] += part.role == TEACHER
        if not one.is_active:
            yield "course_enrollment.status.account_closed", unit, record
        if part.role == TEACHER and one.owner in at:
            yield "course_enrollment.role.pupil_teaches", unit, record
        if is_canvas and part.role == STUDENT and one.owner in at and course.klass and at[one.owner] != course.klass:
            yield "course_enrollment.class_code.another_class", unit, record
    for course in told.courses:
        if learners[course.id] and not teachers[course.id]:
            yield "course.course_code.nobody_teaches", unit, str(course.id)

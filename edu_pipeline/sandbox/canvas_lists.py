"""What is asked of a Canvas, and the list or object that answers it.

path, query, State (canvas_state.py) -> Listing (canvas_pages.py) | object | Refused

An id may be `self` (the root account, the token's user) or sis_account_id:..., sis_course_id:..., sis_user_id:...
Logins are those of one user and are asked of the root account: accounts/1/logins?user[id]=7, without a user the
token's own; no list of Canvas's tells all logins, or of a user whether its login is suspended. A course's enrollments
are, where no state is asked for, the active and invited ones, and for an administrator the inactive ones too.

What does not belong here: tokens and headers (canvas.py). Sources: developerdocs.instructure.com/services/canvas, and
Canvas's controllers of accounts, terms_api, users, pseudonyms, sections, enrollments_api, courses. No search_term.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from edu_pipeline.sandbox.canvas_pages import Listing
from edu_pipeline.sandbox.canvas_state import ROOT, Enrollment, Place, Section, State, User
from edu_pipeline.sandbox.canvas_told import Teller, term_id

T = TypeVar("T", Place, User, Section)
_SIS: dict[str, Callable[[Enrollment], str | None]] = {
    "sis_account_id": lambda one: one.section.account.sis_id,
    "sis_course_id": lambda one: one.section.sis_course_id,
    "sis_section_id": lambda one: one.section.sis_id,
    "sis_user_id": lambda one: one.user.sis_id,
}


class Refused(Exception):
    """An answer with another status than 200: (status, body)."""


def missing() -> Refused:
    """What is not there, or no address of the API."""
    return Refused(404, {"errors": [{"message": "The specified resource does not exist."}]})


def forbidden() -> Refused:
    """What the token's user has no right to."""
    message = "user not authorized to perform that action"
    return Refused(403, {"status": "unauthorized", "errors": [{"message": message}]})


class Question:
    """What one request asks of a day's state."""

    def __init__(self, state: State, path: str, query: list[tuple[str, str]], tell: Teller) -> None:
        self.state, self.query, self.tell, self.is_full = state, query, tell, tell.is_full
        self.parts = path.strip("/").split("/")

    def many(self, name: str) -> set[str]:
        """Values of name[]=...; one value may stand without the brackets."""
        return {value for key, value in self.query if key in (name, f"{name}[]")}

    def one(self, *names: str) -> str | None:
        return next((value for key, value in self.query if key in names), None)

    def answer(self) -> Any:
        """A Listing, or an object."""
        match self.parts:
            case ["accounts", ident, *rest]:
                return self._of_account(self._account(ident), rest)
            case ["users", ident, "logins"]:
                return self._logins(ident)
            case ["courses", ident, "sections"]:
                return Listing([self._course(ident)], self.tell.section)
            case ["courses", ident, "enrollments"]:
                return self._enrollments(self._course(ident))
            case ["courses", ident, "users"]:
                return self._members(self._course(ident))
            case _:
                raise missing()

    def _of_account(self, place: Place, rest: list[str]) -> Any:
        match rest:
            case []:
                return self.tell.account(place)
            case ["sub_accounts"]:
                below = [p for p in self.state.places.values() if place.id == ROOT and p.id != ROOT]
                below.sort(key=lambda p: p.id)
                return Listing(below, self.tell.account, is_counted=self.one("recursive") not in ("true", "1"))
            case ["terms"]:
                if place.id != ROOT:
                    raise Refused(400, {"message": "Terms only belong to root_accounts."})
                years: list[int | None] = [None, *sorted(self.state.years, reverse=True)]
                return Listing(years, self.tell.term, wrap=lambda told: {"enrollment_terms": told})
            case ["users"]:
                return self._users(place)
            case ["logins"]:
                if place.id != ROOT:
                    raise Refused(400, {"message": "Action must be called on a root account."})
                return self._logins(self.one("user_id", "user[id]") or "self")
            case ["courses"]:
                return self._courses(place)
            case _:
                raise missing()

    def _courses(self, place: Place) -> Listing:
        found = [s for s in self.state.sections.values() if place.id in (ROOT, s.account.id)]
        states, terms, includes = self.many("state"), self.many("enrollment_term_id"), self.many("include")
        if states and not states & {"available", "all"}:
            found = []
        if terms:
            found = [section for section in found if str(term_id(section.course.year)) in terms]
        found.sort(key=lambda section: section.course.id)
        return Listing(found, lambda section: self.tell.course(section, includes), is_counted=False)

    def _users(self, place: Place) -> Listing:
        roles, includes = self.many("enrollment_type"), self.many("include")
        users = [u for u in self.state.users.values() if place.id == ROOT or place.id in u.accounts]
        if roles:
            parts = [e for each in self.state.enrollments.values() for e in each]
            named = {e.user.id for e in parts if e.part.role in roles and place.id in (ROOT, e.section.account.id)}
            users = [user for user in users if user.id in named]
        sign = -1 if self.one("order") == "desc" else 1

        def by_id(user: User) -> tuple[int]:
            return (sign * user.id,)

        if self.one("sort") == "id":
            return Listing(sorted(users, key=by_id), lambda user: self.tell.user(user, includes), key=by_id)
        users.sort(key=lambda user: (user.sortable, user.id), reverse=sign < 0)
        return Listing(users, lambda user: self.tell.user(user, includes), is_counted=False)

    def _logins(self, ident: str) -> Listing:
        if ident == "self":
            return Listing([None], lambda _: self.tell.own_login())
        user = self._user(ident)
        if not self.is_full:
            raise forbidden()
        return Listing([user], self.tell.login)

    def _enrollments(self, section: Section) -> Listing:
        found = self.state.enrollments[section.course.id]
        default = {"active", "invited", "creation_pending", "inactive"} if self.is_full else {"active", "invited"}
        states, kinds = self.many("state") or default, self.many("role") or self.many("type")
        found = [e for e in found if e.state in states and (not kinds or e.type in kinds)]
        if who := self.one("user_id"):
            found = [e for e in found if e.user.id == self._user(who).id]
        for name, read in _SIS.items():
            if wanted := self.many(name):
                if not self.is_full:
                    raise Refused(400, {"message": "Insufficient permissions to filter by SIS fields"})
                found = [e for e in found if read(e) in wanted]

        def key(one: Enrollment) -> tuple[str, str, int]:
            return one.type, one.user.sortable, one.id

        return Listing(sorted(found, key=key), self.tell.enrollment, key=key)

    def _members(self, section: Section) -> Listing:
        found = self.state.enrollments[section.course.id]
        states, roles = self.many("enrollment_state") or {"active", "invited"}, self.many("enrollment_type")
        found = [e for e in found if e.state in states and (not roles or e.part.role in roles)]
        found = sorted(found, key=lambda e: (e.user.sortable, e.user.id))
        includes = self.many("include") - {"last_login"}

        def tell(one: Enrollment) -> dict[str, Any]:
            told = self.tell.user(one.user, includes)
            more = {"enrollments": [self.tell.enrollment(one, has_user=False)]} if "enrollments" in includes else {}
            return told | more

        return Listing(found, tell)

    def _account(self, ident: str) -> Place:
        places = {str(place.id): place for place in self.state.places.values()} | {"self": self.state.places[ROOT]}
        return _picked(places, ident, "sis_account_id", lambda place: place.sis_id)

    def _course(self, ident: str) -> Section:
        sections = {str(section.course.id): section for section in self.state.sections.values()}
        return _picked(sections, ident, "sis_course_id", lambda section: section.sis_course_id)

    def _user(self, ident: str) -> User:
        users = {str(user.id): user for user in self.state.users.values()}
        return _picked(users, ident, "sis_user_id", lambda user: user.sis_id)


def _picked(found: dict[str, T], ident: str, kind: str, sis_id: Callable[[T], str | None]) -> T:
    """What an id means, Canvas's own or the SIS's."""
    own, _, said = ident.partition(":")
    if own == kind:
        return next((each for each in found.values() if sis_id(each) == said), None) or _none(ident)
    return found.get(ident) or _none(ident)


def _none(ident: str) -> Any:
    raise missing()

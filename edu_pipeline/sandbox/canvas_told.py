"""How Canvas writes down what it holds, for one token.

State (canvas_state.py) -> objects as the REST API describes them

`is_full` may read SIS data, logins and reports. Who may not, finds no sis_* and no integration_id at all, no login_id,
no last_activity_at; who may, finds them, null where there is none. What needs the right to manage SIS data
(sis_import_id) nobody here sees. Times are UTC: of a day, half past seven in the city's morning.

What does not belong here: which objects are asked for (canvas.py). Sources: the API's resources Accounts, Enrollment
Terms, Users, Logins, Courses, Sections, Enrollments (developerdocs.instructure.com/services/canvas), and where these
say less, Canvas's lib/api/v1/{account,enrollment_term,user,pseudonym,course_json,section}.rb.
"""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from edu_pipeline.sandbox.canvas_state import CALLER, ROOT, TYPES, Enrollment, Place, Section, User
from edu_pipeline.sandbox.clock import YEAR_BEGIN, YEAR_END, ZONE
from edu_pipeline.sandbox.lms import GROUP, STUDENT, number

Record = dict[str, Any]
_MADE = dt.date(2023, 8, 1)


def instant(day: dt.date | None) -> str | None:
    """ISO 8601, in UTC."""
    if day is None:
        return None
    return dt.datetime.combine(day, dt.time(7, 30), ZONE).astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


class Teller:
    """Writes for one token. `url` is the address of the API, of which the pages' addresses are made."""

    def __init__(self, is_full: bool, url: str) -> None:
        self.is_full, self.url = is_full, url.removesuffix("/api/v1")

    def _sis(self, **values: Any) -> Record:
        return values if self.is_full else {}

    def account(self, place: Place) -> Record:
        """An account; the root account has no SIS id, whoever asks."""
        is_root = place.id == ROOT
        return {"id": place.id, "name": place.name, "workflow_state": "active",
                "parent_account_id": None if is_root else ROOT, "root_account_id": None if is_root else ROOT,
                "uuid": f"{number('uuid', place.id):040x}", "default_storage_quota_mb": 500,
                "default_user_storage_quota_mb": 50, "default_group_storage_quota_mb": 50,
                "default_time_zone": "Asia/Ho_Chi_Minh", "course_template_id": None,
                **({} if is_root else self._sis(sis_account_id=place.sis_id, integration_id=None))}  # fmt: skip

    def term(self, year: int | None) -> Record:
        """The term of a school year; None is the default term, which has no dates."""
        begin, end = (YEAR_BEGIN[year], YEAR_END[year]) if year else (None, None)
        return {"id": term_id(year), "name": f"{year}-{year + 1}" if year else "Default Term",
                "start_at": instant(begin), "end_at": instant(end), "created_at": instant(_MADE),
                "workflow_state": "active", "grading_period_group_id": None,
                **self._sis(sis_term_id=str(year) if year else None)}  # fmt: skip

    def user(self, user: User, includes: set[str] | frozenset[str] = frozenset()) -> Record:
        """A user, as in the list of an account or a course."""
        told = {"id": user.id, "name": user.name, "created_at": instant(_MADE), "sortable_name": user.sortable,
                "short_name": user.name,
                **self._sis(sis_user_id=user.sis_id, integration_id=None, login_id=user.login)}  # fmt: skip
        if "email" in includes and self.is_full:
            told["email"] = f"{user.login}@canvas.example"
        if "last_login" in includes:
            told["last_login"] = instant(user.last_login)
        return told

    def login(self, user: User) -> Record:
        """The login of a user, in the root account."""
        return {"id": number("login", user.id), "user_id": user.id, "account_id": ROOT, "unique_id": user.login,
                **self._sis(sis_user_id=user.sis_id, integration_id=None), "authentication_provider_id": None,
                "created_at": instant(_MADE), "workflow_state": user.state, "declared_user_type": None}  # fmt: skip

    def own_login(self) -> Record:
        """The login of the token's own user."""
        return self.login(User(CALLER, "Sở Kết nối", "Sở, Kết nối", None, "ketnoi", "active", None))

    def course(self, section: Section, includes: set[str]) -> Record:
        """A course; with its term where that is asked for."""
        course = section.course
        told = {"id": course.id, "name": course.title, "account_id": section.account.id,
                "uuid": f"{number('uuid', course.id):040x}", "start_at": instant(course.begin),
                "grading_standard_id": None, "is_public": False, "created_at": instant(_MADE),
                "course_code": course.code, "default_view": "modules", "root_account_id": ROOT,
                "enrollment_term_id": term_id(course.year), "license": "private", "end_at": instant(course.end),
                "public_syllabus": False, "public_syllabus_to_auth": False, "storage_quota_mb": 500,
                "is_public_to_auth_users": False, "homeroom_course": course.kind == GROUP,
                "apply_assignment_group_weights": False, "time_zone": "Asia/Ho_Chi_Minh", "blueprint": False,
                **self._sis(sis_course_id=section.sis_course_id, integration_id=None), "hide_final_grades": False,
                "workflow_state": "available", "restrict_enrollments_to_course_dates": False}  # fmt: skip
        return told | ({"term": self.term(course.year)} if "term" in includes else {})

    def section(self, section: Section) -> Record:
        """The section of a course, named like the class."""
        return {"id": section.id, "course_id": section.course.id, "name": section.course.klass or section.course.title,
                "start_at": None, "end_at": None, "created_at": instant(_MADE),
                "restrict_enrollments_to_section_dates": None, "nonxlist_course_id": None,
                **self._sis(sis_section_id=section.sis_id, sis_course_id=section.sis_course_id,
                            integration_id=None)}  # fmt: skip

    def enrollment(self, one: Enrollment, has_user: bool = True) -> Record:
        """An enrollment, with its user in it unless it stands in that user."""
        section, course, user = one.section, one.section.course, one.user
        page = f"{self.url}/courses/{course.id}"
        told = {"id": one.id, "user_id": user.id, "course_id": course.id, "type": one.type,
                "created_at": instant(course.begin), "updated_at": instant(course.begin), "associated_user_id": None,
                "start_at": None, "end_at": None, "course_section_id": section.id, "root_account_id": ROOT,
                "limit_privileges_to_course_section": False, "enrollment_state": one.state, "role": one.type,
                "role_id": TYPES[one.part.role][1]}  # fmt: skip
        if self.is_full:
            told |= {"last_activity_at": instant(one.part.last_access), "last_attended_at": None,
                     "total_activity_time": 0 if one.part.last_access is None else one.id % 90_000}  # fmt: skip
        if one.part.role == STUDENT:
            told["grades"] = {"html_url": f"{page}/grades/{user.id}"}
        told |= self._sis(sis_account_id=section.account.sis_id, sis_course_id=section.sis_course_id,
                          course_integration_id=None, sis_section_id=section.sis_id, section_integration_id=None,
                          sis_user_id=user.sis_id)  # fmt: skip
        told["html_url"] = f"{page}/users/{user.id}"
        return told | ({"user": self.user(user)} if has_user else {})


def term_id(year: int | None) -> int:
    return number("term", year) if year else 1

"""What a Moodle site answers to each function that the practice service has.

View (moodle_view.py), checked parameters -> values as the function's *_returns() describes them, or MoodleError

As Moodle does it:
- core_course_get_courses never lists fewer: without `options[ids]` it fails at the first that is not the caller's.
- core_user_get_users finds nobody by a field that the caller may not see. `%` and `_` are wildcards for names and
  email alone.
- core_enrol_get_enrolled_users tells suspended and ended enrolments too, to everybody, and of none which it is: whoever
  may review enrolments asks once more with onlyactive or onlysuspended (suspended, or over).
- core_cohort_get_cohort_members knows members only, whatever the state of their accounts.

What does not belong here: HTTP (moodle.py). Sources: Moodle's {user,enrol,course,cohort,webservice}/externallib.php and
lib/enrollib.php (get_enrolled_join). The option withcapability is read and ignored.
"""

import re
from collections.abc import Callable
from typing import Any

from edu_pipeline.sandbox.lms import ACTIVE, Account, Course
from edu_pipeline.sandbox.moodle_call import (
    REQUIRED,
    MoodleError,
    invalid_parameter,
    missing_record,
    no_access,
    no_permission,
)
from edu_pipeline.sandbox.moodle_courses import categories, course_info, front_page
from edu_pipeline.sandbox.moodle_view import ENROLLED, USER, Record, View

RELEASE, VERSION = "4.5.4 (Build: 20250414)", "2024100704"
SITE = 1
_EXACT, _LIKE = ("id", "idnumber", "username", "auth"), ("email", "lastname", "firstname")
_SORTED = ("id", "firstname", "lastname", "siteorder")
_CRITERIA = [{"key": ("alpha", REQUIRED), "value": ("raw", REQUIRED)}]
_OPTIONS = [{"name": ("word", REQUIRED), "value": ("raw", REQUIRED)}]
_FIELDS = {*USER, *ENROLLED, "address", "phone1", "phone2", "institution", "interests", "city", "country",
           "customfields", "preferences", "trackforums"}  # fmt: skip


def site_info(view: View, _: Record) -> Record:
    """core_webservice_get_site_info."""
    caller = view.caller
    return {"sitename": view.unit.name, "username": caller.username, "firstname": "Kết nối", "lastname": "Sở",
            "fullname": "Sở Kết nối", "lang": "en", "userid": caller.userid, "siteurl": view.url,
            "userpictureurl": view.picture(caller.userid, 1),
            "functions": [{"name": name, "version": VERSION} for name in FUNCTIONS], "downloadfiles": 0,
            "uploadfiles": 0, "release": RELEASE, "version": VERSION, "mobilecssurl": "", "advancedfeatures": [],
            "usercanmanageownfiles": True, "userquota": 0, "usermaxuploadfilesize": -1, "userhomepage": 0,
            "siteid": SITE, "sitecalendartype": "gregorian", "usercalendartype": "gregorian",
            "userissiteadmin": False, "theme": "boost", "limitconcurrentlogins": 0, "policyagreed": 0,
            "usercanchangeconfig": False, "usercanviewconfig": False}  # fmt: skip


def get_users(view: View, given: Record) -> Record:
    """core_user_get_users."""
    wanted: dict[str, str] = {}
    warnings: list[Record] = []
    for criterion in given["criteria"]:
        key, value = criterion["key"], criterion["value"]
        if key in wanted or any(warning["item"] == key for warning in warnings):
            raise MoodleError("keyalreadyset", "error/keyalreadyset")
        if key in (*_EXACT, *_LIKE):
            wanted[key] = value.lower() if key == "username" else value
        else:
            said = f"The search key '{key}' is not supported, look at the web service documentation"
            warnings.append({"item": key, "warningcode": "invalidfieldparameter", "message": said})
    shown = [told for account in view.people.values() if (told := view.user(account)) is not None]
    found = [told for told in shown if all(told.get(key) and _fits(key, told[key], v) for key, v in wanted.items())]
    return {"users": found, "warnings": warnings}


def _fits(key: str, said: Any, wanted: str) -> bool:
    if key in _EXACT:
        return str(said) == wanted
    wild = {"%": ".*", "_": "."}
    like = "".join(wild.get(letter) or re.escape(letter) for letter in wanted)
    return re.fullmatch(like, said, re.IGNORECASE | re.DOTALL) is not None


def get_courses(view: View, given: Record) -> list[Record]:
    """core_course_get_courses."""
    ids, found = given["options"].get("ids"), []
    for ident in sorted({SITE, *view.taught}):
        if ids and ident not in ids:
            continue
        if ident == SITE:
            found.append(front_page(view))
        elif ident in view.own:
            found.append(course_info(view, view.taught[ident]))
        else:
            raise no_access(ident)
    return found


def get_cohorts(view: View, given: Record) -> list[Record]:
    """core_cohort_get_cohorts: one cohort a class, of the whole site."""
    wanted = [c for c in view.groups.values() if not given["cohortids"] or c.id in given["cohortids"]]
    if wanted and not view.caller.is_full:
        raise no_permission("moodle/cohort:view")
    return [{"id": group.id, "name": group.title, "idnumber": group.klass, "description": "", "descriptionformat": 1,
             "visible": True, "theme": None, "customfields": []} for group in wanted]  # fmt: skip


def get_cohort_members(view: View, given: Record) -> list[Record]:
    """core_cohort_get_cohort_members."""
    found = []
    for ident in given["cohortids"]:
        if ident not in view.groups:
            raise missing_record("cohort")
        if not view.caller.is_full:
            raise no_permission("moodle/cohort:view")
        members = [view.people[who] for (course, who), part in view.parts.items()
                   if course == ident and part.status == ACTIVE]  # fmt: skip
        members.sort(key=lambda account: (account.family, account.given))
        found.append({"cohortid": ident, "userids": [account.id for account in members]})
    return found


def get_enrolled_users(view: View, given: Record) -> list[Record]:
    """core_enrol_get_enrolled_users."""
    said = {option["name"]: option["value"] for option in given["options"]}
    order, direction = said.get("sortby", "id"), said.get("sortdirection", "ASC").upper()
    if order not in _SORTED or direction not in ("ASC", "DESC"):
        raise invalid_parameter()
    ident, group = given["courseid"], _number(said.get("groupid"))
    course = view.taught.get(ident)
    if course is None and ident != SITE:
        raise missing_record("course")
    if course is not None and ident not in view.own:
        raise no_access(ident)
    is_on = {name: said.get(name, "") not in ("", "0") for name in ("onlyactive", "onlysuspended")}
    if not view.caller.is_full:
        if course is None:
            raise no_permission("moodle/course:viewparticipants")
        if group:
            raise no_permission("moodle/site:accessallgroups")
        if any(is_on.values()):
            raise no_permission("moodle/course:enrolreview")
    people = _enrolled(view, course, group, **is_on)
    people.sort(key=_sorting(order), reverse=direction == "DESC")
    first, many = _number(said.get("limitfrom")), _number(said.get("limitnumber"))
    shown = people[first : first + many if many else None]
    return [_only(view.participant(account, course), said.get("userfields", "")) for account in shown]


def _enrolled(view: View, course: Course | None, group: int, onlyactive: bool, onlysuspended: bool) -> list[Account]:
    if course is None:
        return list(view.people.values())
    found = []
    for account in view.people.values():
        part = view.parts.get((course.id, account.id))
        is_out = part is None or (onlyactive and part.status != ACTIVE) or (onlysuspended and part.status == ACTIVE)
        if part is not None and not is_out and (not group or (group == view.group(course) and part.role == "student")):
            found.append(account)
    return found


def _number(text: str | None) -> int:
    """As PHP casts it: 0 for what is no number."""
    leading = re.match(r"\s*-?\d{1,18}", text or "")
    return max(int(leading.group()), 0) if leading else 0


def _sorting(order: str) -> Callable[[Account], Any]:
    keys: dict[str, Callable[[Account], Any]] = {
        "id": lambda a: a.id, "firstname": lambda a: (a.given, a.id), "lastname": lambda a: (a.family, a.id),
        "siteorder": lambda a: (a.family, a.given, a.id)}  # fmt: skip
    return keys[order]


def _only(told: Record, fields: str) -> Record:
    """The fields asked for; id and full name always."""
    wanted = {field.strip() for field in fields.split(",")} - {""}
    for field in wanted - _FIELDS:
        raise MoodleError("invaliduserfield", f"Invalid user field: {field}")
    if "description" in wanted:
        wanted.add("descriptionformat")
    return {name: value for name, value in told.items() if not wanted or name in {"id", "fullname"} | wanted}


# Name -> description of the parameters, and what answers. In no service of the site, though Moodle has them: ELSEWHERE.
FUNCTIONS: dict[str, tuple[Record, Callable[[View, Record], Any]]] = {
    "core_webservice_get_site_info": ({"serviceshortnames": (["word"], [])}, site_info),
    "core_user_get_users": ({"criteria": (_CRITERIA, REQUIRED)}, get_users),
    "core_course_get_courses": ({"options": ({"ids": (["int"], [])}, {})}, get_courses),
    "core_course_get_categories": ({"criteria": (_CRITERIA, []), "addsubcategories": ("bool", 1)}, categories),
    "core_cohort_get_cohorts": ({"cohortids": (["int"], [])}, get_cohorts),
    "core_cohort_get_cohort_members": ({"cohortids": (["int"], REQUIRED)}, get_cohort_members),
    "core_enrol_get_enrolled_users": ({"courseid": ("int", REQUIRED), "options": (_OPTIONS, [])}, get_enrolled_users),
}
ELSEWHERE = ("core_user_create_users", "core_user_update_users", "core_user_delete_users", "enrol_manual_enrol_users",
             "core_user_get_users_by_field", "core_course_get_contents", "core_course_get_courses_by_field",
             "core_enrol_get_users_courses", "core_group_get_course_groups")  # fmt: skip

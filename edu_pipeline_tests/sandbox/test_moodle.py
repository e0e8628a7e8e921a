"""Proves that the practice Moodle answers as Moodle's web services do, without our own connector: fields of the
functions, their criteria and options, errors with status 200, and that a role that may see less sees less in Moodle's
own way.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from edu_pipeline.sandbox import learning, moodle, slips
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import ZONE
from edu_pipeline.sandbox.learning import Course, Held
from edu_pipeline_tests.sandbox.lms_served import BEFORE, TANGLED, Day, Served, serving

UNIT = "79765403"
BASE = "/moodle/webservice/rest"
USERS, COURSES, CATEGORIES = "core_user_get_users", "core_course_get_courses", "core_course_get_categories"
COHORTS, MEMBERS, ENROLLED = (
    "core_cohort_get_cohorts",
    "core_cohort_get_cohort_members",
    "core_enrol_get_enrolled_users",
)
EVERYBODY = {"criteria[0][key]": "", "criteria[0][value]": ""}
Record = dict[str, Any]


class Moodle:
    """A client of the site."""

    def __init__(self, served: Served, day: Day) -> None:
        self.served, self.day = served, day

    def __call__(self, function: str, params: Record | None = None, token: str = moodle.TOKEN) -> Any:
        said = {"wstoken": token, "wsfunction": function, "moodlewsrestformat": "json"} | (params or {})
        answer = self.served.get("/server.php", said)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        return answer.json()

    def limited(self, function: str, params: Record | None = None) -> Any:
        return self(function, params, moodle.LIMITED_TOKEN)


@pytest.fixture(scope="module")
def _site(whole: City) -> Iterator[Moodle]:
    day = Day()
    with serving(BASE, moodle.app(whole, day, UNIT)) as served:
        yield Moodle(served, day)


@pytest.fixture
def site(_site: Moodle) -> Moodle:
    _site.day.on = TANGLED
    return _site


@pytest.fixture(scope="module")
def held(whole: City) -> Held:
    return learning.held(whole, UNIT, TANGLED)


@pytest.fixture(scope="module")
def taught(held: Held) -> list[Course]:
    return [course for course in held.courses if course.kind == "course"]


def _criteria(*pairs: tuple[str, str]) -> Record:
    return {f"criteria[{n}][{what}]": said for n, pair in enumerate(pairs)
            for what, said in zip(("key", "value"), pair, strict=True)}  # fmt: skip


def _options(**said: Any) -> Record:
    return {f"options[{n}][{what}]": value for n, pair in enumerate(said.items())
            for what, value in zip(("name", "value"), pair, strict=True)}  # fmt: skip


def _day(seconds: int) -> dt.date | None:
    return dt.datetime.fromtimestamp(seconds, ZONE).date() if seconds else None


def _ids(users: list[Record]) -> list[int]:
    return [user["id"] for user in users]


# Errors


def _error(errorcode: str, exception: str, message: str) -> Record:
    return {"exception": exception, "errorcode": errorcode, "message": message}


TOKEN_UNKNOWN = _error("invalidtoken", r"core\exception\moodle_exception", "Invalid token - token not found")
PARAMETER = _error(
    "invalidparameter", r"core\exception\invalid_parameter_exception", "Invalid parameter value detected"
)
NO_FUNCTION = _error("invalidrecord", "dml_missing_record_exception",
                     "Can't find data record in database table external_functions.")  # fmt: skip
NO_COURSE = _error("invalidrecord", "dml_missing_record_exception", "Can't find data record in database table course.")
NOT_IN_SERVICE = _error("accessexception", "webservice_access_exception", "Access control exception")


@pytest.mark.parametrize("token", ["", "wrong", moodle.TOKEN.upper()])
@pytest.mark.parametrize("function", ["core_webservice_get_site_info", USERS, "no_such_function", ""])
def test_without_a_known_token_nothing_is_said(site: Moodle, token: str, function: str) -> None:
    assert site(function, EVERYBODY, token) == TOKEN_UNKNOWN


def test_a_missing_token_is_an_invalid_one(site: Moodle) -> None:
    answer = site.served.get("/server.php", {"wsfunction": USERS, "moodlewsrestformat": "json"})
    assert (answer.status_code, answer.json()) == (200, TOKEN_UNKNOWN)


@pytest.mark.parametrize(
    ("function", "params", "error"),
    [
        ("", {}, PARAMETER),
        ("core_user_create_users", {}, NOT_IN_SERVICE),
        ("no_such_function", {}, NO_FUNCTION),
        (USERS, {}, PARAMETER),
        (USERS, {"criteria": "x"}, PARAMETER),
        (USERS, {"criteria[0][key]": "email"}, PARAMETER),
        (USERS, {"criteria[0][key]": "e-mail", "criteria[0][value]": "x"}, PARAMETER),
        (USERS, EVERYBODY | {"unknown": "1"}, PARAMETER),
        (COURSES, {"options[ids][0]": "x"}, PARAMETER),
        (COURSES, {"options[id][0]": "1"}, PARAMETER),
        (ENROLLED, {}, PARAMETER),
        (ENROLLED, {"courseid": "1x"}, PARAMETER),
        (ENROLLED, {"courseid[]": "1"}, PARAMETER),
        (ENROLLED, {"courseid": "7"}, NO_COURSE),
        (ENROLLED, {"courseid": "1"} | _options(sortby="email"), PARAMETER),
        (MEMBERS, {}, PARAMETER),
        (CATEGORIES, {"addsubcategories": "2"}, PARAMETER),
        (CATEGORIES, _criteria(("colour", "1")), _error("criteriaerror", r"core\exception\moodle_exception",
                                                        "Missing permissions to search on a criteria.")),
        (USERS, _criteria(("email", "%"), ("email", "a%")), _error("keyalreadyset", r"core\exception\moodle_exception",
                                                                   "error/keyalreadyset")),
    ],
)  # fmt: skip
def test_an_error_has_status_200_and_says_what_it_is(
    site: Moodle, function: str, params: Record, error: Record
) -> None:
    assert site(function, params) == error


def test_settings_of_a_call_are_no_parameters(site: Moodle) -> None:
    assert "exception" not in site(COURSES, {"moodlewssettinglang": "vi", "moodlewssettingfilter": "1"})


def test_a_form_says_the_same_and_goes_before_the_address(site: Moodle) -> None:
    form = {"wstoken": moodle.TOKEN, "wsfunction": USERS, "moodlewsrestformat": "json"} | _criteria(("lastname", "Lê"))
    assert site.served.post("/server.php", form).json() == site(USERS, _criteria(("lastname", "Lê")))
    other = {"wstoken": "wrong", "wsfunction": COURSES}
    assert site.served.post("/server.php", form, other).json() == site(USERS, _criteria(("lastname", "Lê")))


def test_who_does_not_ask_for_json_gets_xml(site: Moodle) -> None:
    wrong = site.served.get("/server.php", {"wsfunction": USERS})
    assert wrong.headers["content-type"].startswith("application/xml")
    assert "<ERRORCODE>invalidtoken</ERRORCODE>" in wrong.text
    right = site.served.get("/server.php", {"wstoken": moodle.TOKEN, "wsfunction": COHORTS})
    assert '<RESPONSE>\n<MULTIPLE>\n<SINGLE>\n<KEY name="id"><VALUE>' in right.text


# The site and its users


@pytest.mark.parametrize("token", [moodle.TOKEN, moodle.LIMITED_TOKEN])
def test_the_site_says_what_it_is(site: Moodle, token: str) -> None:
    info = site("core_webservice_get_site_info", token=token)
    assert {function["name"] for function in info["functions"]} == {
        "core_webservice_get_site_info", USERS, COURSES, CATEGORIES, COHORTS, MEMBERS, ENROLLED}  # fmt: skip
    assert {function["version"] for function in info["functions"]} == {info["version"]}
    assert info["siteurl"] == site.served.url.removesuffix("/webservice/rest")
    assert (info["sitename"], info["siteid"], info["userissiteadmin"]) == ("Trường Tiểu học Phượng Đỏ 3", 1, False)
    assert info["release"].startswith("4.5")
    assert {type(info[name]) for name in ("userid", "userquota")} == {int}
    assert {type(info[name]) for name in ("username", "version", "lang", "fullname")} == {str}


def test_the_full_role_sees_every_account_with_all_that_moodle_tells(site: Moodle, held: Held) -> None:
    answer = site(USERS, _criteria(("email", "%")))
    assert set(answer) == {"users", "warnings"}
    assert answer["warnings"] == []
    accounts = {account.id: account for account in held.accounts}
    assert _ids(answer["users"]) == sorted(accounts)
    for user in answer["users"]:
        account = accounts[user["id"]]
        assert user.get("idnumber") == account.root
        assert ("idnumber" in user) == (account.root is not None)
        assert (user["lastname"], user["firstname"]) == (account.family, account.given)
        assert user["fullname"] == f"{account.family} {account.given}".strip()
        assert user["suspended"] is (account.status == "suspended")
        assert _day(user["lastaccess"]) == account.last_access
        assert 0 <= user["firstaccess"] <= user["lastaccess"]
        assert set(user) - {"idnumber"} == {
            "id", "username", "firstname", "lastname", "fullname", "email", "department", "firstaccess", "lastaccess",
            "auth", "suspended", "confirmed", "lang", "theme", "timezone", "mailformat", "description",
            "descriptionformat", "profileimageurlsmall", "profileimageurl"}  # fmt: skip
    assert len({user["username"] for user in answer["users"]}) == len(accounts)


def test_every_slip_is_told(site: Moodle, whole: City) -> None:
    users = {user["id"]: user for user in site(USERS, EVERYBODY)["users"]}
    odd = learning.oddities(whole, UNIT, TANGLED)
    assert all(odd.values())
    assert set().union(*odd.values()) <= set(users)
    assert {ident for ident, user in users.items() if not user["lastaccess"]} == odd[slips.NEVER]
    assert {ident for ident, user in users.items() if "idnumber" not in user} == (
        odd[slips.WITHOUT_ROOT] | odd[slips.NOBODY])  # fmt: skip
    twice = {root for root, count in Counter(u.get("idnumber") for u in users.values()).items() if root and count > 1}
    assert len(twice) == 2  # a second account, and the id of somebody else who has an account too
    site.day.on = learning.MENDED
    mended = site(USERS, EVERYBODY)["users"]
    assert len({user["idnumber"] for user in mended}) == len(mended)


@pytest.mark.parametrize(
    ("pairs", "fits"),
    [
        ([("lastname", "Nguyễn")], lambda a: a.family == "Nguyễn"),
        ([("lastname", "nguyễn")], lambda a: a.family.lower() == "nguyễn"),
        ([("lastname", "Ng%")], lambda a: a.family.lower().startswith("ng")),
        ([("lastname", "L_")], lambda a: len(a.family) == 2 and a.family.lower().startswith("l")),
        ([("firstname", "%An%"), ("lastname", "Trần")], lambda a: "an" in a.given.lower() and a.family == "Trần"),
        ([("email", "u1%")], lambda a: str(a.id).startswith("1")),
        ([("auth", "manual")], lambda a: True),
        ([("auth", "man%")], lambda a: False),
        ([("auth", "ldap")], lambda a: False),
        ([("idnumber", "%")], lambda a: False),
        ([("username", "u%")], lambda a: False),
        ([("idnumber", "")], lambda a: False),
    ],
)
def test_criteria_are_all_of_them_and_wild_only_where_moodle_says_so(
    site: Moodle, held: Held, pairs: list[tuple[str, str]], fits: Any
) -> None:
    expected = [account.id for account in held.accounts if fits(account)]
    assert _ids(site(USERS, _criteria(*pairs))["users"]) == expected
    assert expected or pairs[0][0] not in ("lastname", "firstname", "email")


@pytest.mark.parametrize("key", ["id", "idnumber", "username"])
def test_one_is_found_by_what_is_its_own(site: Moodle, held: Held, key: str) -> None:
    account = next(a for a in held.accounts if a.root == a.truth is not None)
    said = {"id": str(account.id), "idnumber": account.root, "username": f"U{account.id}"}[key]
    found = site(USERS, _criteria((key, said or "")))["users"]
    assert account.id in _ids(found)
    assert len(found) == sum(a.root == account.root for a in held.accounts) if key == "idnumber" else len(found) == 1


def test_an_unknown_criterion_is_warned_of_and_left_out(site: Moodle) -> None:
    answer = site(USERS, _criteria(("department", "x"), ("lastname", "Trần")))
    (warning,) = answer["warnings"]
    assert set(warning) == {"item", "warningcode", "message"}
    assert (warning["item"], warning["warningcode"]) == ("department", "invalidfieldparameter")
    assert answer["users"] == site(USERS, _criteria(("lastname", "Trần")))["users"] != []


# Courses, categories, cohorts


def test_courses_come_with_the_site_as_the_first(site: Moodle, taught: list[Course]) -> None:
    first, *found = site(COURSES)
    assert (first["id"], first["format"], first["categoryid"]) == (1, "site", 0)
    assert _ids(found) == sorted(course.id for course in taught)
    by_id = {course.id: course for course in taught}
    for told in found:
        course = by_id[told["id"]]
        assert (told["fullname"], told["shortname"]) == (course.title, course.code)
        assert (_day(told["startdate"]), _day(told["enddate"])) == (course.begin, course.end)
        assert (told["idnumber"], told["visible"]) == (f"{UNIT}-{course.code}", 1)
        assert told["categoryid"] == 2400 + (course.grade or 0)


def test_courses_are_chosen_by_id_and_an_unknown_one_is_left_out(site: Moodle, taught: list[Course]) -> None:
    wanted = sorted(course.id for course in taught)[:2]
    asked = {f"options[ids][{n}]": ident for n, ident in enumerate([*wanted, 7])}
    assert _ids(site(COURSES, asked)) == wanted
    assert _ids(site(COURSES, {"options[ids][]": 1})) == [1]


def test_categories_are_a_tree_that_the_courses_lie_in(site: Moodle) -> None:
    found = {category["id"]: category for category in site(CATEGORIES)}
    within = Counter(course["categoryid"] for course in site(COURSES)[1:])
    assert {ident: category["coursecount"] for ident, category in found.items() if category["coursecount"]} == within
    for ident, category in found.items():
        parent = found.get(category["parent"])
        assert category["path"] == (f"{parent['path']}/{ident}" if parent else f"/{ident}")
        assert category["depth"] == category["path"].count("/")
        assert (category["parent"] == 0) == (parent is None)
    assert {category["depth"] for category in found.values()} == {1, 2}


def test_categories_are_searched_with_or_without_what_lies_below(site: Moodle) -> None:
    year = _criteria(("id", "2400"))
    assert _ids(site(CATEGORIES, year | {"addsubcategories": 0})) == [2400]
    assert _ids(site(CATEGORIES, year)) == [2400, 2401, 2402, 2403, 2404, 2405]
    assert _ids(site(CATEGORIES, _criteria(("parent", "2400"), ("name", "Khối 2")))) == [2402]
    assert _ids(site(CATEGORIES, _criteria(("ids", "2401,2405")))) == [2401, 2405]
    assert _ids(site(CATEGORIES, _criteria(("visible", "0")))) == [2]


def test_cohorts_are_the_classes_and_their_members_the_groups(site: Moodle, held: Held, whole: City) -> None:
    cohorts = site(COHORTS)
    assert {cohort["idnumber"] for cohort in cohorts} == set(whole.classes_of(UNIT, 2024))
    assert {cohort["id"] for cohort in cohorts} == {course.id for course in held.courses if course.kind == "group"}
    assert set(cohorts[0]) == {"id", "name", "idnumber", "description", "descriptionformat", "visible", "theme",
                               "customfields"}  # fmt: skip
    asked = {f"cohortids[{n}]": cohort["id"] for n, cohort in enumerate(cohorts)}
    members = site(MEMBERS, asked)
    assert [set(each) for each in members] == [{"cohortid", "userids"}] * len(cohorts)
    assert [each["cohortid"] for each in members] == _ids(cohorts)
    for each in members:
        inside = {part.account for part in held.memberships if part.course == each["cohortid"]}
        assert len(each["userids"]) == len(inside) > 0
        assert set(each["userids"]) == inside
    assert _ids(site(COHORTS, {"cohortids[0]": cohorts[1]["id"]})) == [cohorts[1]["id"]]
    missing = site(MEMBERS, {"cohortids[0]": 7})
    assert (missing["errorcode"], missing["message"][-7:]) == ("invalidrecord", "cohort.")


def test_who_has_left_the_class_is_in_its_cohort_no_more(site: Moodle, whole: City) -> None:
    site.day.on = BEFORE
    groups = {course.id for course in learning.courses(whole, UNIT, BEFORE) if course.kind == "group"}
    parts = [part for part in learning.memberships(whole, UNIT, BEFORE) if part.course in groups]
    assert [part for part in parts if part.status == "ended"]
    told = site(MEMBERS, {f"cohortids[{n}]": ident for n, ident in enumerate(groups)})
    assert {(each["cohortid"], ident) for each in told for ident in each["userids"]} == {
        (part.course, part.account) for part in parts if part.status == "active"}  # fmt: skip


# Enrolments


@pytest.mark.parametrize("day", [BEFORE, TANGLED])
def test_enrolled_are_all_whatever_their_enrolment_is(site: Moodle, whole: City, day: dt.date) -> None:
    site.day.on = day
    held = learning.held(whole, UNIT, day)
    statuses = set()
    for course in held.courses:
        if course.kind == "course":
            parts = {part.account: part for part in held.memberships if part.course == course.id}
            statuses |= {part.status for part in parts.values()}
            found = {user["id"]: user for user in site(ENROLLED, {"courseid": course.id})}
            assert set(found) == set(parts)
            for ident, user in found.items():
                part = parts[ident]
                assert _day(user["lastcourseaccess"]) == part.last_access
                role = (5, "student") if part.role == "student" else (3, "editingteacher")
                assert user["roles"] == [{"roleid": role[0], "name": "", "shortname": role[1], "sortorder": 0}]
                assert [group["name"] for group in user.get("groups", [])] == (
                    [course.klass] if course.klass and part.role == "student" else [])  # fmt: skip
                courses = {told["id"] for told in user.get("enrolledcourses", [])}
                assert (course.id in courses) == (part.status == "active")
    assert statuses == {"active", "suspended", "ended"}


def test_of_an_enrolment_moodle_does_not_tell_whether_it_is_suspended(site: Moodle, held: Held) -> None:
    for course in held.courses:
        if course.kind == "course":
            for user in site(ENROLLED, {"courseid": course.id}):
                assert not {"suspended", "status", "auth", "confirmed", "timestart", "timeend"} & set(user)


def test_who_may_review_enrolments_asks_once_for_the_active_and_once_for_the_others(site: Moodle, held: Held) -> None:
    others = 0
    for course in held.courses:
        if course.kind == "course":
            every = _ids(site(ENROLLED, {"courseid": course.id}))
            active = _ids(site(ENROLLED, {"courseid": course.id} | _options(onlyactive=1)))
            rest = _ids(site(ENROLLED, {"courseid": course.id} | _options(onlysuspended=1)))
            assert sorted(active + rest) == every
            states = {part.account: part.status for part in held.memberships if part.course == course.id}
            assert {states[ident] for ident in active} <= {"active"}
            assert all(states[ident] != "active" for ident in rest)
            others += len(rest)
            assert _ids(site(ENROLLED, {"courseid": course.id} | _options(onlyactive=0))) == every
    assert others > 0


def test_an_active_enrolment_of_a_suspended_account_is_told_as_active(site: Moodle, whole: City) -> None:
    (ident,) = learning.oddities(whole, UNIT, TANGLED)[slips.SUSPENDED_MEMBER]
    (user,) = site(USERS, _criteria(("id", str(ident))))["users"]
    assert user["suspended"] is True
    parts = [part.course for part in learning.memberships(whole, UNIT, TANGLED) if part.account == ident]
    courses = [course for course in _ids(site(COURSES)) if course in parts]
    assert len(courses) == 2
    for course in courses:
        assert ident in _ids(site(ENROLLED, {"courseid": course} | _options(onlyactive=1)))


def test_enrolled_users_are_paged_and_sorted_in_the_database(site: Moodle, taught: list[Course]) -> None:
    course = {"courseid": taught[0].id}
    every = _ids(site(ENROLLED, course))
    pages = [_ids(site(ENROLLED, course | _options(limitfrom=first, limitnumber=5))) for first in range(0, 40, 5)]
    assert every == sorted(every)
    assert [ident for page in pages for ident in page] == every
    assert [len(page) for page in pages if page][:-1] == [5] * (len(every) // 5 - (len(every) % 5 == 0))
    by_name = site(ENROLLED, course | _options(sortby="siteorder", sortdirection="desc"))
    names = [(user["lastname"], user["firstname"]) for user in by_name]
    assert names == sorted(names, reverse=True)
    assert sorted(_ids(by_name)) == every


def test_only_the_fields_asked_for_come_with_id_and_full_name(site: Moodle, taught: list[Course]) -> None:
    found = site(ENROLLED, {"courseid": taught[0].id} | _options(userfields="idnumber, roles"))
    assert set().union(*found) == {"id", "fullname", "idnumber", "roles"}
    wrong = site(ENROLLED, {"courseid": taught[0].id} | _options(userfields="password"))
    assert wrong == _error("invaliduserfield", r"core\exception\moodle_exception", "Invalid user field: password")


def test_of_a_group_only_its_pupils_are_enrolled(site: Moodle, taught: list[Course]) -> None:
    course = next(course for course in taught if course.klass)
    every = site(ENROLLED, {"courseid": course.id})
    group = next(user["groups"][0]["id"] for user in every if "groups" in user)
    found = site(ENROLLED, {"courseid": course.id} | _options(groupid=group))
    assert _ids(found) == [user["id"] for user in every if "groups" in user] != _ids(every)


def test_on_the_front_page_everybody_is_enrolled(site: Moodle, held: Held) -> None:
    assert _ids(site(ENROLLED, {"courseid": 1})) == sorted(account.id for account in held.accounts)


# The limited role


def _own(taught: list[Course]) -> set[int]:
    return {course.id for course in taught if course.grade == 1}


def test_the_limited_role_sees_users_of_its_courses_without_their_hidden_fields(
    site: Moodle, held: Held, taught: list[Course]
) -> None:
    own = _own(taught)
    expected = {part.account for part in held.memberships if part.course in own and part.status == "active"}
    users = site.limited(USERS, EVERYBODY)["users"]
    assert set(_ids(users)) == expected
    assert 0 < len(expected) < len(held.accounts) / 2
    assert set().union(*users) == {"id", "firstname", "lastname", "fullname", "suspended", "description",
                                   "descriptionformat", "profileimageurlsmall", "profileimageurl"}  # fmt: skip
    assert site.limited(USERS, _criteria(("lastname", "%")))["users"] == users


@pytest.mark.parametrize("key", ["email", "idnumber", "username", "auth"])
def test_nobody_is_found_by_a_field_that_is_hidden(site: Moodle, key: str) -> None:
    (one,) = site(USERS, _criteria(("id", str(site.limited(USERS, EVERYBODY)["users"][0]["id"]))))["users"]
    asked = _criteria((key, one[key]))
    assert one in site(USERS, asked)["users"]
    assert site.limited(USERS, asked) == {"users": [], "warnings": []}


def test_the_limited_role_lists_no_course_unless_it_names_its_own(site: Moodle, taught: list[Course]) -> None:
    own = _own(taught)
    first = min(course.id for course in taught if course.id not in own)
    refused = site.limited(COURSES)
    assert (refused["errorcode"], refused["exception"]) == (
        "errorcoursecontextnotvalid", r"core\exception\moodle_exception")  # fmt: skip
    assert f"(course id:{first})" in refused["message"]
    found = site.limited(COURSES, {f"options[ids][{n}]": ident for n, ident in enumerate(own)})
    assert set(_ids(found)) == own
    assert not {"idnumber", "visible", "categorysortorder", "courseformatoptions"} & set().union(*found)
    assert {"id", "shortname", "fullname", "categoryid", "startdate", "enddate"} <= set(found[0])


def test_the_limited_role_reads_its_own_enrolments_alone(site: Moodle, taught: list[Course]) -> None:
    own = _own(taught)
    for course in taught:
        told = site.limited(ENROLLED, {"courseid": course.id})
        if course.id in own:
            assert _ids(told) == _ids(site(ENROLLED, {"courseid": course.id}))
            hidden = {"idnumber", "email", "username", "lastaccess", "firstaccess", "lastcourseaccess", "department"}
            assert not hidden & set().union(*told)
            assert {"roles", "groups", "enrolledcourses"} <= set().union(*told)
        else:
            assert told["errorcode"] == "errorcoursecontextnotvalid"
    assert own


@pytest.mark.parametrize(
    ("function", "params", "capability"),
    [
        (COHORTS, {}, "View site-wide cohorts"),
        (MEMBERS, {"cohortids[0]": "one"}, "View site-wide cohorts"),
        (ENROLLED, {"courseid": "own"} | _options(onlyactive=1), "Review course enrolments"),
        (ENROLLED, {"courseid": "own"} | _options(onlysuspended=1), "Review course enrolments"),
        (ENROLLED, {"courseid": "own"} | _options(groupid=5), "Access all groups"),
        (ENROLLED, {"courseid": 1}, "View participants"),
    ],
)
def test_the_limited_role_lacks_capabilities(
    site: Moodle, taught: list[Course], function: str, params: Record, capability: str
) -> None:
    meant = {"own": min(_own(taught)), "one": site(COHORTS)[0]["id"]}
    asked = {name: meant.get(value, value) for name, value in params.items()}
    said = f"Sorry, but you do not currently have permissions to do that ({capability})."
    assert site.limited(function, asked) == _error(
        "nopermissions", r"core\exception\required_capability_exception", said)  # fmt: skip
    assert "exception" not in site(function, asked)


def test_the_limited_role_sees_no_hidden_category(site: Moodle) -> None:
    every, seen = site(CATEGORIES), site.limited(CATEGORIES)
    assert _ids(seen) == [category["id"] for category in every if category["visible"]]
    assert len(seen) == len(every) - 1
    assert not {"visible", "idnumber", "theme", "timemodified", "visibleold"} & set().union(*seen)
    assert site.limited(CATEGORIES, _criteria(("visible", "0")))["errorcode"] == "criteriaerror"

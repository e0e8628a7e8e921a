"""Proves that the practice Canvas answers as Canvas's REST API does, without our own connector: objects and fields,
paging by the Link header, filters, refusals, and that a token without the right to SIS data sees none.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from edu_pipeline.sandbox import canvas, learning, slips
from edu_pipeline.sandbox.canvas_state import user_id
from edu_pipeline.sandbox.city import City
from edu_pipeline.sandbox.clock import ZONE
from edu_pipeline.sandbox.learning import Account, Held
from edu_pipeline_tests.sandbox.lms_served import BEFORE, TANGLED, UNITS, Day, Served, serving

# The last two share two teachers.
SCHOOLS = (*UNITS, "79765702", "79765601")
BASE = "/canvas/api/v1"
STATES = ["active", "invited", "creation_pending", "deleted", "rejected", "completed", "inactive"]
Record = dict[str, Any]


class Canvas:
    """A client of the Canvas."""

    def __init__(self, served: Served, day: Day, throttle: canvas.Throttle) -> None:
        self.served, self.day, self.throttle = served, day, throttle

    def ask(self, path: str, params: Any = None, token: str | None = canvas.TOKEN) -> requests.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.served.get(path if path.startswith("http") else f"/{path}", params, headers)

    def one(self, path: str, params: Any = None, token: str = canvas.TOKEN) -> Any:
        answer = self.ask(path, params, token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path: str, params: Any = None, token: str = canvas.TOKEN) -> Iterator[requests.Response]:
        """Pages, one after the other, by nothing but the links."""
        answer = self.ask(path, params, token)
        yield answer
        while "next" in answer.links:
            answer = self.ask(answer.links["next"]["url"], token=token)
            yield answer

    def all(self, path: str, params: Any = None, token: str = canvas.TOKEN) -> list[Record]:
        found: list[Record] = []
        for answer in self.pages(path, {"per_page": 100} | (params or {}), token):
            assert answer.status_code == 200, answer.text
            told = answer.json()
            found += told["enrollment_terms"] if isinstance(told, dict) else told
        return found


@pytest.fixture(scope="module")
def _served(whole: City) -> Iterator[Canvas]:
    day, throttle = Day(), canvas.Throttle()
    with serving(BASE, canvas.app(whole, day, SCHOOLS, throttle)) as served:
        yield Canvas(served, day, throttle)


@pytest.fixture
def site(_served: Canvas) -> Canvas:
    _served.day.on = TANGLED
    return _served


@pytest.fixture(scope="module")
def held(whole: City) -> dict[str, Held]:
    return {unit: learning.held(whole, unit, TANGLED) for unit in SCHOOLS}


@pytest.fixture
def accounts(site: Canvas) -> dict[str, int]:
    """Unit -> the account's id."""
    return {
        told["sis_account_id"]: told["id"] for told in site.all("accounts/1/sub_accounts") if told["sis_account_id"]
    }


def _date(instant: str | None) -> dt.date | None:
    if instant is None:
        return None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", instant)
    return dt.datetime.fromisoformat(instant).astimezone(ZONE).date()


def _ids(rows: list[Record]) -> list[int]:
    return [row["id"] for row in rows]


def _own(account: Account) -> bool:
    """True for the account that a person has in a school, false for a second one and for nobody's."""
    return account.truth is not None and account.id == learning.account_id(account.unit, account.truth)


# Refusals


PATHS = ["accounts/1", "accounts/1/users", "courses/7/enrollments", "users/7/logins", "nothing"]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_one_is_asked_for_it(site: Canvas, path: str) -> None:
    answer = site.ask(path, token=None)
    assert answer.json() == {"status": "unauthenticated", "errors": [{"message": "user authorization required"}]}
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="canvas-lms"')


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_token_is_refused(site: Canvas, path: str) -> None:
    answer = site.ask(path, token="wrong")
    assert answer.json() == {"errors": [{"message": "Invalid access token."}]}
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="canvas-lms"')


def test_a_token_may_stand_in_the_query_and_is_not_in_the_links(site: Canvas) -> None:
    answer = site.ask("accounts/1/users", {"access_token": canvas.TOKEN}, token=None)
    assert answer.status_code == 200
    assert canvas.TOKEN not in answer.headers["link"]
    assert site.ask(answer.links["next"]["url"], token=None).status_code == 401


@pytest.mark.parametrize(
    "path",
    ["", "nothing", "accounts", "accounts/7", "accounts/7/users", "accounts/1/nothing", "courses/7", "courses/7/users",
     "courses/7/enrollments", "courses/7/sections", "users/7/logins", "accounts/sis_account_id:1/users",
     "courses/sis_course_id:1/users", "users/sis_user_id:1/logins", "accounts/1/logins?user[id]=7",
     "accounts/1/users?page=0", "accounts/1/users?page=x", "accounts/1/users?sort=id&page=bookmark:x",
     "accounts/1/users?sort=id&page=7", "accounts/1/users?sort=id&page=bookmark:WyJ4Il0"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(site: Canvas, path: str) -> None:
    answer = site.ask(path)
    assert answer.status_code == 404
    assert answer.json() == {"errors": [{"message": "The specified resource does not exist."}]}


def test_some_things_belong_to_the_root_account(site: Canvas, accounts: dict[str, int]) -> None:
    terms, logins = (site.ask(f"accounts/{accounts[UNITS[0]]}/{what}") for what in ("terms", "logins"))
    assert (terms.status_code, terms.json()) == (400, {"message": "Terms only belong to root_accounts."})
    assert (logins.status_code, logins.json()) == (400, {"message": "Action must be called on a root account."})


@pytest.mark.parametrize(("status", "phrase"), [(429, "Too Many Requests"), (403, "Forbidden")])
def test_too_many_requests_are_throttled_while_the_switch_says_so(site: Canvas, status: int, phrase: str) -> None:
    site.throttle.left, site.throttle.status = 2, status
    refused = [site.ask("accounts/1") for _ in range(2)]
    assert [answer.status_code for answer in refused] == [status] * 2
    assert {answer.text for answer in refused} == {f"{status} {phrase} (Rate Limit Exceeded)\n"}
    assert {answer.headers["content-type"] for answer in refused} == {"text/plain; charset=utf-8"}
    assert {answer.headers["x-rate-limit-remaining"] for answer in refused} == {"0.0"}
    answer = site.ask("accounts/1")
    assert answer.status_code == 200
    assert float(answer.headers["x-request-cost"]) > 0
    assert float(answer.headers["x-rate-limit-remaining"]) > 0


# Paging


def _lists(site: Canvas) -> list[str]:
    course = site.one("accounts/1/courses")[0]["id"]
    return ["accounts/1/sub_accounts", "accounts/1/sub_accounts?recursive=true", "accounts/1/terms", "accounts/1/users",
            "accounts/1/users?sort=id", "accounts/1/users?sort=id&order=desc", "accounts/1/courses",
            "accounts/1/logins", f"courses/{course}/sections", f"courses/{course}/enrollments",
            f"courses/{course}/users"]  # fmt: skip


@pytest.mark.parametrize("size", [9, 100])
def test_following_next_reads_every_record_exactly_once(site: Canvas, size: int) -> None:
    for path in _lists(site):
        whole = _ids(site.all(path))
        found, lengths = [], []
        for answer in site.pages(path, {"per_page": size}):
            told = answer.json()
            rows = _ids(told["enrollment_terms"] if isinstance(told, dict) else told)
            found += rows
            lengths.append(len(rows))
        assert found == whole
        assert len(set(found)) == len(found) > 0
        assert lengths == [size] * (len(whole) // size) + [len(whole) % size] * bool(len(whole) % size)


def test_a_page_has_ten_records_unless_asked_otherwise_and_a_hundred_at_most(site: Canvas) -> None:
    sizes = {said: len(site.one("accounts/1/users", {"per_page": said} if said else None))
             for said in ("", "3", "100", "101", "5000", "0", "x")}  # fmt: skip
    assert sizes == {"": 10, "3": 3, "100": 100, "101": 100, "5000": 100, "0": 1, "x": 1}


@pytest.mark.parametrize(
    ("path", "kind"),
    [("accounts/1/sub_accounts", "counted"), ("accounts/1/sub_accounts?recursive=true", "numbered"),
     ("accounts/1/terms", "counted"), ("accounts/1/users", "numbered"), ("accounts/1/users?sort=id", "bookmarked"),
     ("accounts/1/courses", "numbered"), ("courses/{}/enrollments", "bookmarked"), ("courses/{}/users", "counted")],
)  # fmt: skip
def test_links_are_those_that_canvas_gives(site: Canvas, path: str, kind: str) -> None:
    where = path.format(site.one("accounts/1/courses")[0]["id"])
    size = 1 if "terms" in path else 90 if "1/users" in path else 20 if "1/courses" in path else 2
    pages = list(site.pages(where, {"per_page": size}))
    assert len(pages) > 1
    for place, answer in enumerate(pages):
        expected = {"current", "first"}
        expected |= {"next"} if place + 1 < len(pages) else set()
        expected |= {"prev"} if place and kind != "bookmarked" else set()
        expected |= {"last"} if kind == "counted" else set()
        assert set(answer.links) == expected
        assert not [name for name in answer.headers if "total" in name.lower() or "count" in name.lower()]
        assert site.one(answer.links["current"]["url"]) == answer.json()
        assert site.one(answer.links["first"]["url"]) == pages[0].json()
        if kind == "counted":
            assert site.one(answer.links["last"]["url"]) == pages[-1].json()
        if "prev" in answer.links:
            assert site.one(answer.links["prev"]["url"]) == pages[place - 1].json()
        if kind == "bookmarked":
            said = parse_qs(urlsplit(answer.links["current"]["url"]).query)["page"][0]
            assert said == "first" if place == 0 else said.startswith("bookmark:")


def test_links_keep_what_was_asked_for(site: Canvas) -> None:
    asked = [("include[]", "last_login"), ("include[]", "email"), ("enrollment_type", "student"), ("per_page", "5")]
    link = urlsplit(site.ask("accounts/self/users", asked).links["next"]["url"])
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{site.served.url}/accounts/self/users"
    assert parse_qs(link.query) == {"include[]": ["last_login", "email"], "enrollment_type": ["student"],
                                    "page": ["2"], "per_page": ["5"]}  # fmt: skip


def test_a_page_beyond_the_last_is_empty(site: Canvas) -> None:
    answer = site.ask("accounts/1/users", {"page": 5000})
    assert (answer.json(), "next" in answer.links) == ([], False)


# Accounts and terms


def test_the_root_account_has_an_account_for_each_school(site: Canvas, whole: City) -> None:
    root = site.one("accounts/1")
    assert site.one("accounts/self") == root
    assert (root["id"], root["parent_account_id"], root["root_account_id"]) == (1, None, None)
    assert "sis_account_id" not in root
    below = site.all("accounts/1/sub_accounts", {"recursive": "true"})
    assert {told["sis_account_id"]: told["name"] for told in below} == {
        unit: whole.unit(unit).name for unit in SCHOOLS} | {None: "Manually-Created Courses"}  # fmt: skip
    for told in below:
        assert (told["parent_account_id"], told["root_account_id"], told["workflow_state"]) == (1, 1, "active")
        assert site.one(f"accounts/{told['id']}") == told
        assert site.all(f"accounts/{told['id']}/sub_accounts") == []
        if told["sis_account_id"]:
            assert site.one(f"accounts/sis_account_id:{told['sis_account_id']}") == told


def test_terms_come_in_an_object_and_are_school_years(site: Canvas) -> None:
    answer = site.one("accounts/1/terms")
    assert set(answer) == {"enrollment_terms"}
    default, year = answer["enrollment_terms"]
    assert (default["id"], default["name"], default["start_at"]) == (1, "Default Term", None)
    assert (year["name"], year["sis_term_id"]) == ("2024-2025", "2024")
    assert (_date(year["start_at"]), _date(year["end_at"])) == (dt.date(2024, 9, 5), dt.date(2025, 5, 31))


# Users and logins


def _by_user(site: Canvas) -> dict[int, Record]:
    return {user["id"]: user for user in site.all("accounts/1/users", {"include[]": "last_login"})}


def test_users_are_all_people_with_their_names_and_last_logins(site: Canvas, held: dict[str, Held]) -> None:
    every = [account for each in held.values() for account in each.accounts]
    persons = {account.truth for account in every if _own(account)}
    others = [account for account in every if not _own(account)]
    users = _by_user(site)
    assert len(users) == len(persons) + len(others)
    told = Counter((user["name"], _date(user["last_login"])) for user in users.values())
    once = Counter(account.truth for account in every if _own(account))
    said = Counter((f"{account.family} {account.given}".strip(), account.last_access)
                   for account in every if not _own(account) or once[account.truth] == 1)  # fmt: skip
    assert said - told == Counter()
    assert sum((told - said).values()) == sum(count > 1 for count in once.values()) > 0
    for user in users.values():
        assert set(user) == {"id", "name", "created_at", "sortable_name", "short_name", "sis_user_id",
                             "integration_id", "login_id", "last_login"}  # fmt: skip
    assert "last_login" not in site.one("accounts/1/users")[0]


def test_a_sis_id_is_one_users_and_a_wrong_one_is_kept(site: Canvas, held: dict[str, Held], whole: City) -> None:
    users = _by_user(site)
    sis = [user["sis_user_id"] for user in users.values() if user["sis_user_id"]]
    every = [account for each in held.values() for account in each.accounts]
    assert len(set(sis)) == len(sis)
    assert set(sis) == {account.root for account in every if account.root}
    by_sis = {user["sis_user_id"]: user for user in users.values() if user["sis_user_id"]}
    names = {person.root: f"{person.family} {person.given}" for person in whole.people}
    wrong = [account for account in every if account.root not in (None, account.truth)]
    assert len(wrong) >= 4
    for account in wrong:
        # One of them is nobody's at all.
        assert by_sis[account.root]["name"] == names[account.truth or ""] != names.get(account.root or "")


def test_users_of_an_account_are_its_own(site: Canvas, held: dict[str, Held], accounts: dict[str, int]) -> None:
    for unit, ident in accounts.items():
        parents = [account for account in held[unit].accounts if account.truth is None and not account.is_staff]
        users = site.all(f"accounts/{ident}/users")
        assert len(users) == len(held[unit].accounts) - len(parents)
        assert {user["id"] for user in users} <= set(_by_user(site))
        assert not [user for user in users if user["name"].startswith("Phụ huynh")]
    assert [user for user in _by_user(site).values() if user["name"].startswith("Phụ huynh")]


def test_who_works_in_two_schools_is_one_user(
    site: Canvas, accounts: dict[str, int], held: dict[str, Held], whole: City
) -> None:
    staff = {member.root for member in whole.staff_of[SCHOOLS[2]]} & {m.root for m in whole.staff_of[SCHOOLS[3]]}
    # Pupils who have moved, or come to the evening class, have accounts in both as well.
    both = {a.truth for a in held[SCHOOLS[2]].accounts} & {a.truth for a in held[SCHOOLS[3]].accounts} - {None}
    first, second = (
        {user["sis_user_id"]: user["id"] for user in site.all(f"accounts/{accounts[unit]}/users")}
        for unit in SCHOOLS[2:]
    )
    assert staff
    assert staff < both
    assert {root: first[root] for root in both} == {root: second[root] for root in both}
    assert set(first.values()) & set(second.values()) == {first[root] for root in both}


def test_who_is_in_two_schools_has_one_login_for_both(site: Canvas, held: dict[str, Held]) -> None:
    users = _by_user(site)
    own = {(unit, a.truth): a for unit in SCHOOLS[2:] for a in held[unit].accounts if _own(a)}
    seen = set()
    for truth in {truth for _, truth in own}:
        pair = [own[unit, truth] for unit in SCHOOLS[2:] if (unit, truth) in own]
        if len(pair) == 2:
            (login,) = site.one(f"users/sis_user_id:{truth}/logins")
            open_in = [account for account in pair if account.status == "active"]
            assert login["workflow_state"] == ("active" if open_in else "suspended")
            last = [account.last_access for account in pair if account.last_access]
            assert _date(users[login["user_id"]]["last_login"]) == max(last, default=None)
            seen.add((len(open_in), pair[0].last_access == pair[1].last_access))
    assert {(1, False), (2, False)} <= seen


def test_users_are_ordered_by_name_or_by_id(site: Canvas) -> None:
    names = [user["sortable_name"] for user in site.all("accounts/1/users")]
    assert names == sorted(names)
    assert names[::-1] == [user["sortable_name"] for user in site.all("accounts/1/users", {"order": "desc"})]
    ids = _ids(site.all("accounts/1/users", {"sort": "id"}))
    assert ids == sorted(ids) == _ids(site.all("accounts/1/users", {"sort": "id", "order": "desc"}))[::-1]


def test_users_are_chosen_by_what_they_are_enrolled_as(
    site: Canvas, held: dict[str, Held], accounts: dict[str, int]
) -> None:
    unit = UNITS[1]
    found = {role: len(site.all(f"accounts/{accounts[unit]}/users", {"enrollment_type": role}))
             for role in ("student", "teacher", "ta")}  # fmt: skip
    parts = {(part.role, part.account) for part in held[unit].memberships}
    assert found == {"ta": 0} | Counter(role for role, _ in parts)


def test_a_login_says_whether_it_is_suspended(site: Canvas, held: dict[str, Held], accounts: dict[str, int]) -> None:
    unit = UNITS[1]
    states: Counter[str] = Counter()
    for user in site.all(f"accounts/{accounts[unit]}/users"):
        (login,) = site.one("accounts/1/logins", {"user[id]": user["id"]})
        assert set(login) == {"id", "user_id", "account_id", "unique_id", "sis_user_id", "integration_id",
                              "authentication_provider_id", "created_at", "workflow_state",
                              "declared_user_type"}  # fmt: skip
        assert (login["user_id"], login["account_id"], login["sis_user_id"]) == (user["id"], 1, user["sis_user_id"])
        assert login["unique_id"] == user["login_id"]
        states[login["workflow_state"]] += 1
    listed = [account for account in held[unit].accounts if account.truth or account.is_staff]
    assert states == Counter(account.status for account in listed)
    assert site.one(f"users/{user['id']}/logins") == [login]
    assert site.one("accounts/1/logins", {"user_id": user["id"]}) == [login]


def test_without_a_user_only_the_tokens_own_login_is_told(site: Canvas) -> None:
    (login,) = site.all("accounts/1/logins")
    assert login["user_id"] not in _by_user(site)


# Courses, sections, enrollments


def test_courses_are_those_of_the_account_with_their_term(
    site: Canvas, held: dict[str, Held], accounts: dict[str, int]
) -> None:
    for unit, ident in accounts.items():
        courses = {course.id: course for course in held[unit].courses}
        found = site.all(f"accounts/{ident}/courses", {"include[]": "term"})
        assert _ids(found) == sorted(courses)
        for told in found:
            course = courses[told["id"]]
            assert (told["name"], told["course_code"], told["account_id"]) == (course.title, course.code, ident)
            assert (_date(told["start_at"]), _date(told["end_at"])) == (course.begin, course.end)
            assert (told["term"]["name"], told["term"]["id"]) == ("2024-2025", told["enrollment_term_id"])
            assert (told["workflow_state"], told["root_account_id"]) == ("available", 1)
            assert told["sis_course_id"] == f"{unit}-{course.code}"
    every = site.all("accounts/1/courses")
    assert len(every) == sum(len(each.courses) for each in held.values())
    assert "term" not in every[0]
    assert len({told["sis_course_id"] for told in every}) == len(every)
    assert site.all("accounts/1/courses", {"state[]": "deleted"}) == []
    assert site.all("accounts/1/courses", {"enrollment_term_id": every[0]["enrollment_term_id"]}) == every
    assert site.all("accounts/1/courses", {"enrollment_term_id": 1}) == []


def test_a_course_has_a_section_named_like_the_class(site: Canvas, held: dict[str, Held]) -> None:
    seen = []
    for unit in UNITS:
        for course in held[unit].courses:
            (section,) = site.one(f"courses/{course.id}/sections")
            assert section["name"] == (course.klass or course.title)
            assert (section["course_id"], section["sis_course_id"]) == (course.id, f"{unit}-{course.code}")
            assert {"start_at", "end_at", "integration_id", "nonxlist_course_id"} <= set(section)
            seen.append(section["sis_section_id"])
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("day", [BEFORE, TANGLED])
def test_enrollments_are_the_memberships_in_each_state(site: Canvas, whole: City, day: dt.date) -> None:
    unit, states = UNITS[1], {"active": "active", "suspended": "inactive", "ended": "completed"}
    site.day.on = day
    held = learning.held(whole, unit, day)
    told: Counter[tuple[str, str]] = Counter()
    for course in held.courses:
        parts = [part for part in held.memberships if part.course == course.id]
        found = site.all(f"courses/{course.id}/enrollments", {"state[]": STATES})
        assert len(found) == len(parts)
        told.update((one["type"], one["enrollment_state"]) for one in found)
        kinds = {"student": "StudentEnrollment", "teacher": "TeacherEnrollment"}
        assert Counter((kinds[part.role], states[part.status], part.last_access) for part in parts) == Counter(
            (one["type"], one["enrollment_state"], _date(one["last_activity_at"])) for one in found)  # fmt: skip
    assert {state for _, state in told} == {"active", "inactive", "completed"}


def test_an_enrollment_has_the_fields_that_are_documented(site: Canvas, held: dict[str, Held]) -> None:
    course = next(course for course in held[UNITS[1]].courses if course.kind == "course" and course.klass)
    found = site.all(f"courses/{course.id}/enrollments", {"state[]": STATES})
    (section,) = site.one(f"courses/{course.id}/sections")
    users = _by_user(site)
    for one in found:
        assert set(one) - {"grades"} == {
            "id", "user_id", "course_id", "type", "created_at", "updated_at", "associated_user_id", "start_at",
            "end_at", "course_section_id", "root_account_id", "limit_privileges_to_course_section",
            "enrollment_state", "role", "role_id", "last_activity_at", "last_attended_at", "total_activity_time",
            "sis_account_id", "sis_course_id", "course_integration_id", "sis_section_id", "section_integration_id",
            "sis_user_id", "html_url", "user"}  # fmt: skip
        assert ("grades" in one) == (one["type"] == "StudentEnrollment")
        assert one["role"] == one["type"]
        assert (one["course_id"], one["course_section_id"]) == (course.id, section["id"])
        assert (one["sis_account_id"], one["sis_section_id"]) == (UNITS[1], section["sis_section_id"])
        user = {name: value for name, value in users[one["user_id"]].items() if name != "last_login"}
        assert one["user"] == user
        assert one["sis_user_id"] == user["sis_user_id"]
        assert {type(one[name]) for name in ("id", "user_id", "course_id", "course_section_id")} == {int}
    assert len(found) > 20


def test_enrollments_are_chosen_by_state_type_and_user(site: Canvas, held: dict[str, Held]) -> None:
    seen: Counter[str] = Counter()
    for course in (course for unit in UNITS for course in held[unit].courses):
        where = f"courses/{course.id}/enrollments"
        every = site.all(where, {"state[]": STATES})
        seen.update(one["enrollment_state"] for one in every)
        default = [one for one in every if one["enrollment_state"] in ("active", "inactive")]
        assert site.all(where) == default
        for state in ("active", "inactive", "completed", "invited"):
            assert site.all(where, {"state[]": state}) == [one for one in every if one["enrollment_state"] == state]
    assert min(seen[state] for state in ("active", "inactive", "completed")) > 0
    assert site.all(where, {"type[]": "TeacherEnrollment"}) == [e for e in default if e["type"] == "TeacherEnrollment"]
    assert site.all(where, {"role[]": "StudentEnrollment", "type[]": "TeacherEnrollment"}) == [
        one for one in default if one["type"] == "StudentEnrollment"]  # fmt: skip
    assert site.all(where, {"user_id": default[0]["user_id"]}) == default[:1]
    assert site.all(where, {"sis_user_id[]": default[1]["sis_user_id"]}) == default[1:2]
    assert site.all(where, {"state[]": "current_and_concluded"}) == []


def test_enrollments_are_ordered_by_type_and_name(site: Canvas, held: dict[str, Held]) -> None:
    course = next(course for course in held[UNITS[1]].courses if course.kind == "course" and course.klass)
    found = site.all(f"courses/{course.id}/enrollments", {"state[]": STATES, "per_page": 3})
    keys = [(one["type"], one["user"]["sortable_name"], one["id"]) for one in found]
    assert keys == sorted(keys)
    assert len({one["type"] for one in found}) == 2


def test_users_of_a_course_are_its_active_ones(site: Canvas, held: dict[str, Held]) -> None:
    lengths = set()
    for course in held[UNITS[1]].courses:
        enrollments = site.all(f"courses/{course.id}/enrollments", {"state[]": STATES})
        active = {one["user_id"] for one in enrollments if one["enrollment_state"] == "active"}
        users = site.all(f"courses/{course.id}/users", {"include[]": "enrollments"})
        assert {user["id"] for user in users} == active
        assert all(one["user_id"] == user["id"] and "user" not in one for user in users for one in user["enrollments"])
        done = site.all(f"courses/{course.id}/users", {"enrollment_state[]": "completed"})
        assert _ids(done) == [one["user_id"] for one in enrollments if one["enrollment_state"] == "completed"]
        lengths.add(len(done))
        pupils = site.all(f"courses/{course.id}/users", {"enrollment_type[]": "student"})
        kinds = [(one["type"], one["enrollment_state"]) for one in enrollments]
        assert len(pupils) == kinds.count(("StudentEnrollment", "active"))
        assert not pupils or "enrollments" not in pupils[0]
    assert lengths == {0, 1}


def test_the_slips_are_told(site: Canvas, whole: City, held: dict[str, Held]) -> None:
    unit, users = UNITS[1], _by_user(site)
    whose = {account.id: user_id(account) for account in held[unit].accounts}
    odd = {kind: {whose[ident] for ident in ids} for kind, ids in learning.oddities(whole, unit, TANGLED).items()}
    shut = {ident: site.one(f"users/{ident}/logins")[0]["workflow_state"] == "suspended" for ident in whose.values()}
    nameless = {ident for ident in shut if users[ident]["sis_user_id"] is None}
    assert odd[slips.WITHOUT_ROOT] | odd[slips.NOBODY] | odd[slips.SECOND] < nameless
    assert {ident for ident in shut if users[ident]["last_login"] is None} == odd[slips.NEVER]
    assert {ident for ident in shut if shut[ident]} > odd[slips.LEFT_SUSPENDED] | odd[slips.SUSPENDED_MEMBER]
    assert not any(shut[ident] for ident in odd[slips.LEFT_ACTIVE])
    (one,) = odd[slips.SUSPENDED_MEMBER]
    courses = {part.course for part in held[unit].memberships if whose[part.account] == one}
    assert len(courses) == 3
    for course in courses:
        (told,) = site.all(f"courses/{course}/enrollments", {"user_id": one})
        assert told["enrollment_state"] == "active"
    (astray,) = odd[slips.WRONG_GROUP]
    classes = {site.one(f"courses/{part.course}/sections")[0]["name"]
               for part in held[unit].memberships if whose[part.account] == astray}  # fmt: skip
    assert len(classes) == 2
    site.day.on = learning.MENDED
    assert all(user["sis_user_id"] for user in _by_user(site).values())


# Without the right to SIS data


def _keys(told: Any) -> set[str]:
    if isinstance(told, list):
        return set().union(*map(_keys, told)) if told else set()
    return set(told) | {key for value in told.values() if isinstance(value, dict | list) for key in _keys(value)}


def test_without_the_right_no_sis_data_is_told_anywhere(site: Canvas) -> None:
    hidden, full = set(), set()
    for path in _lists(site):
        params = {"include[]": ["term", "last_login", "enrollments"], "per_page": 100}
        if path != "accounts/1/logins":
            hidden |= _keys(site.one(path, params, canvas.LIMITED_TOKEN))
            full |= _keys(site.one(path, params))
    gone = {key for key in full if "sis_" in key or "integration_id" in key}
    assert gone == {"sis_account_id", "sis_term_id", "sis_user_id", "sis_course_id", "sis_section_id", "integration_id",
                    "course_integration_id", "section_integration_id"}  # fmt: skip
    assert full - hidden == gone | {"login_id", "last_activity_at", "last_attended_at", "total_activity_time"}
    assert hidden <= full


def test_without_the_right_everything_else_is_the_same(site: Canvas, held: dict[str, Held]) -> None:
    course = held[UNITS[1]].courses[0].id
    for path in ("accounts/1/sub_accounts", "accounts/1/users", "accounts/1/courses", f"courses/{course}/users"):
        every = {told["id"]: told for told in site.all(path)}
        seen = {told["id"]: told for told in site.all(path, token=canvas.LIMITED_TOKEN)}
        assert set(seen) == set(every)
        for ident, told in seen.items():
            assert told == {key: every[ident][key] for key in told}


def test_without_the_right_logins_are_forbidden_and_sis_filters_refused(site: Canvas) -> None:
    user = site.one("accounts/1/users")[0]["id"]
    for path in (f"users/{user}/logins", f"accounts/1/logins?user[id]={user}"):
        answer = site.ask(path, token=canvas.LIMITED_TOKEN)
        assert answer.status_code == 403
        assert answer.json() == {"status": "unauthorized",
                                 "errors": [{"message": "user not authorized to perform that action"}]}  # fmt: skip
    course = site.one("accounts/1/courses")[0]["id"]
    answer = site.ask(f"courses/{course}/enrollments", {"sis_user_id[]": "1"}, canvas.LIMITED_TOKEN)
    assert (answer.status_code, answer.json()) == (400, {"message": "Insufficient permissions to filter by SIS fields"})


def test_no_administrator_no_inactive_enrollments_unless_asked_for(site: Canvas, held: dict[str, Held]) -> None:
    differs = 0
    for course in held[UNITS[1]].courses:
        where = f"courses/{course.id}/enrollments"
        ours, theirs = site.all(where), site.all(where, token=canvas.LIMITED_TOKEN)
        assert _ids(theirs) == [one["id"] for one in ours if one["enrollment_state"] == "active"]
        differs += len(ours) - len(theirs)
        asked = {"state[]": ["active", "inactive"]}
        assert _ids(site.all(where, asked, canvas.LIMITED_TOKEN)) == _ids(ours)
    assert differs > 0

"""What a system's file may say of its protocol: credentials in headers, cursors, its own parameters, deletions.

A contradiction is refused by file, line and remedy, before the first request.
"""

import re
from typing import Any

import pytest

from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.sources.system import load, systems

GOOD = """\
system: small
label: A small system
auth: api_key
auth_headers: {client: X-Client, key: X-Api-Key}
scope: unit_year
params: {unit: maTruong, school_year: {param: namHoc, form: label}, term: hocKy}
timezone: UTC
envelope: {key: uuid, version: rev, cancelled_if: deletedAt}
paging: {kind: cursor, size: 100, size_param: limit, position_param: cursor, next: meta.next, total: meta.count}
resources:
  headcount:
    path: si-so
    use: headcount
    records: items
    fields:
      counted_on: {path: ngay, clean: date_dmy}
      student_count: {path: siSo, clean: integer}
"""

REFUSED: dict[str, tuple[str, str, str]] = {
    "a key without headers": (
        "auth_headers: {client: X-Client, key: X-Api-Key}\n", "", "3: auth: `auth: api_key` and `auth_headers:` go"),
    "headers without a key": ("auth: api_key", "auth: bearer", "4: auth_headers: `auth: api_key` and"),
    "a cursor that is nowhere": (", next: meta.next", "", "9: paging.kind: `kind: cursor` needs next"),
    "a next of pages": ("kind: cursor", "kind: page", "9: paging.next: `next:` goes with `kind: cursor` or `kind: n"),
    "an address that is nowhere": (", position_param: cursor, next: meta.next", "", "9: paging.kind: "),
    "a position of links": ("kind: cursor", "kind: next", "9: paging.position_param: `kind: next` has no position"),
    "a size without a name": ("size_param: limit, ", "", "9: paging.size: `size:` and `size_param:` go together"),
    "a name without a size": ("size: 100, ", "", "9: paging.size_param: `size:` and `size_param:` go together"),
    "a snapshot twice": ("total: meta", "snapshot: s, total: meta", "9: paging.snapshot: `kind: cursor` is a snapshot"),
    "a parameter without a word": ("auth_headers: {", "auth_params: {", "3: auth: `auth: api_key` and `auth_headers:`"),
    "a scope of no token": ("scope: unit_year", "scope: unit_year\ntoken_scope: all", "6: token_scope: only `auth:"),
    "headers and parameters": (
        "X-Api-Key}\n", "X-Api-Key}\nauth_params: {key: key}\n", "5: auth_params: `auth: query` and `auth_params:` go"),
    "pages of nothing": ("size: 100", "size: 0", "9: paging.size: input should be greater than 0"),
    "two ways to cancel": (
        "cancelled_if", "event: e, events: {X: NEW}, cancelled_if", "8: envelope.cancelled_if: a record is cancelled"),
    "an event without words": ("cancelled_if: deletedAt", "event: e", "8: envelope.event: `event` and `events` go"),
    "parameters of a whole system": ("scope: unit_year", "scope: whole", "6: params: a system of scope whole is asked"),
    "a year in no form": ("form: label", "form: end_year", "6: params.school_year.form: "),
    "a parameter with a typo": ("term: hocKy", "terms: hocKy", "6: params.terms: does not belong there; did you mean"),
    "a headcount of one": (
        "      student_count: {path: siSo, clean: integer}\n", "", "resources.headcount.fields: a headcount maps"),
}  # fmt: skip


def test_the_file_that_the_mistakes_are_made_in_is_good() -> None:
    made = load(GOOD, "small.yaml")
    assert made.credentials == {"client", "key"}
    assert made.params.school_year.form == "label"


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_contradiction_is_refused_by_line(mistake: str) -> None:
    right, wrong, said = REFUSED[mistake]
    assert GOOD.count(right) == 1
    with pytest.raises(ConfigurationError, match=r"systems/small\.yaml:[0-9]+: ") as raised:
        load(GOOD.replace(right, wrong), "small.yaml")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("auth", "needed"),
    [
        ("bearer", {"token"}),
        ("basic", {"username", "password"}),
        ("oauth1", {"consumer_key", "consumer_secret"}),
        ("oauth2", {"token_url", "client_id", "client_secret"}),
        ("query\nauth_params: {key: apikey}", {"key"}),
    ],
)
def test_a_way_to_log_in_is_a_word(auth: str, needed: set[str]) -> None:
    said = GOOD.replace("auth: api_key\nauth_headers: {client: X-Client, key: X-Api-Key}", f"auth: {auth}")
    assert load(said, "small.yaml").credentials == needed


@pytest.mark.parametrize("paging", ["link", "single", "next, next: meta.next", "link, size: 5, size_param: per_page"])
def test_a_way_of_paging_is_a_word(paging: str) -> None:
    said = GOOD[: GOOD.index("paging:")] + f"paging: {{kind: {paging}}}\n" + GOOD[GOOD.index("resources:") :]
    assert load(said, "small.yaml").paging.asked == ({"per_page": 5} if "per_page" in paging else {})


def test_a_word_of_the_protocol_changes_the_fingerprint() -> None:
    other = GOOD.replace("cancelled_if: deletedAt", "cancelled_if: removedAt")
    assert load(GOOD, "small.yaml").fingerprint != load(other, "small.yaml").fingerprint


@pytest.mark.parametrize(
    ("system", "needed"),
    [
        ("partner", {"token"}),
        ("oneroster", {"token_url", "client_id", "client_secret"}),
        ("hoaphuong", {"client", "key"}),
    ],
)
def test_a_connection_names_what_its_system_needs(system: str, needed: set[str]) -> None:
    from edu_pipeline.sources.site import Connection

    said: dict[str, Any] = {"id": "c", "system": system, "base_url": "https://c.example",
                            "owner": {"name": "n", "contact": "c"}}  # fmt: skip
    auth = {name: "https://c.example" if name == "token_url" else "SECRET" for name in needed}
    assert systems()[system].credentials == needed
    Connection.model_validate({**said, "auth": auth})
    with pytest.raises(ValueError, match=f"auth needs exactly {', '.join(sorted(needed))}"):
        Connection.model_validate({**said, "auth": {"password": "SECRET"}})


LMS = """
system: lms
label: A learning system
auth: bearer
scope: whole
timezone: UTC
envelope: {key: id}
paging: {kind: link, ends_whole: true}
resources:
  schools:
    path: schools
    use: lookup
    key: id
    skip: {code: null}
  courses:
    path: schools/{each}/courses
    entity: course
    each: {of: schools}
    fields: {course_code: {path: id}}
  members:
    path: members
    entity: course_enrollment
    each: {of: courses, param: course}
    key: [_each, id]
    fields: {account_code: {path: id}}
"""


def test_a_question_for_each_of_another_resource_is_declared() -> None:
    kind = load(LMS, "lms.yaml")
    assert [kind.key(resource) for resource in kind.resources.values()] == [("id",), ("id",), ("_each", "id")]


@pytest.mark.parametrize(
    ("was", "wrong", "said"),
    [
        ("each: {of: schools}", "each: {of: school}", "courses: no resource 'school'; there are: schools, courses"),
        ("path: schools/{each}/courses", "path: courses", "`each` without `param` and {each} in the path go together"),
        ("path: members", "path: members/{each}", "`each` without `param` and {each} in the path go together"),
        ("each: {of: courses, param: course}", "each: {of: members, param: course}",
         "members: members has no key of one value to ask by"),
        ("    use: lookup\n    key: id\n    skip", "    use: lookup\n    skip", "a lookup says by which `key`"),
        ("skip: {code: null}",
         "is_bare: true\n    each: {of: courses, param: id}", "lookups are read first; courses is"),
        ("    entity: course\n", "    entity: course\n    is_bare: true\n", "only a lookup's records may be bare"),
        ("ends_whole: true", "ends_whole: false", "schools: a total counts what is skipped; it goes with `ends_whole`"),
        ("kind: link, ends_whole: true", "kind: link, ends_whole: true, total: count",
         "`ends_whole` is for paging that shows its end"),
        ("scope: whole", "scope: city_year", "courses: only a system of scope whole is asked by each"),
    ],
)  # fmt: skip
def test_a_question_that_nobody_can_ask_is_refused(was: str, wrong: str, said: str) -> None:
    assert was in LMS
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        load(LMS.replace(was, wrong, 1), "lms.yaml")

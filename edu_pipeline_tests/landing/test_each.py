"""A reading of many questions: all of them asked, each record by its question, and none that hides those behind it."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from edu_pipeline.flow import check
from edu_pipeline.landing.client import Client
from edu_pipeline.landing.document import parse
from edu_pipeline.landing.each import MAX_SILENT, each
from edu_pipeline.landing.errors import Malformed, Unauthorized, Unreachable
from edu_pipeline.landing.paging import Page, pages
from edu_pipeline.landing.read import Reading, received
from edu_pipeline.sources.system import System, load
from edu_pipeline_tests.landing.vendor import Vendor, serving


def declared(more: str = "path: members\n    each: {of: courses, param: course}") -> System:
    """A learning system whose members are asked for course by course."""
    return load(
        f"""
system: lms
label: A learning system
auth: bearer
scope: whole
timezone: UTC
envelope: {{key: id}}
errors: [errorcode]
denied: [invalidtoken]
paging: {{kind: link, ends_whole: true}}
resources:
  courses:
    path: courses
    entity: course
    skip: {{format: site}}
    fields:
      course_code: {{path: id}}
  members:
    {more}
    entity: course_enrollment
    records: members
    key: [_each, id]
    fields:
      account_code: {{path: id}}
""",
        "lms.yaml",
    )


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving() as made:
        yield made


def asked(vendor: Vendor, kind: System, *keys: str) -> tuple[list[Page], str | None]:
    """Pages of a reading by these keys, and its fault."""
    client = Client(vendor.connection(kind), lambda name: "secret")
    told, found = each(client, kind.resources["members"], {"lang": "vi"}, "members", keys), list[Page]()
    while True:
        try:
            found.append(next(told))
        except StopIteration as end:
            return found, end.value


def members(*ids: int, link: str = "") -> tuple[Any, ...]:
    return 200, {"members": [{"id": one} for one in ids], "count": 9}, {"Link": link} if link else {}


def test_one_question_after_the_other_and_each_record_knows_its_own(vendor: Vendor) -> None:
    kind = declared()
    more = f'<{vendor.base_url}/members?course=7&page=2>; rel="next"'
    vendor.script = [members(1, 2, link=more), members(3), members(1), members()]
    told, fault = asked(vendor, kind, "7", "8", "9")
    assert fault is None
    assert [path for path, _ in vendor.asked] == [
        "/members?lang=vi&course=7", "/members?course=7&page=2", "/members?lang=vi&course=8",
        "/members?lang=vi&course=9",
    ]  # fmt: skip
    keys = [one.source_key for page in told for one in received(page, kind, 0, kind.key(kind.resources["members"]))[0]]
    assert keys == ["7/1", "7/2", "7/3", "8/1"]


def test_a_page_that_is_kept_can_be_taken_up_again_without_its_question(vendor: Vendor) -> None:
    vendor.script = [members(1)]
    ((page,), _) = asked(vendor, declared(), "7")
    # What the answer said beside its records is no part of them.
    assert parse(page.body) == {"members": [{"id": 1, "_each": "7"}]}


def test_a_key_may_stand_in_the_path_and_changes_no_other_part_of_it(vendor: Vendor) -> None:
    vendor.script = [members(1)]
    asked(vendor, declared("path: courses/{each}/members\n    each: {of: courses}"), "7", "a/b?c")
    assert [path for path, _ in vendor.asked] == ["/courses/7/members?lang=vi", "/courses/a%2Fb%3Fc/members?lang=vi"]


@pytest.mark.parametrize("refusal", [(403, {}), (404, {}), (200, {"errorcode": "nopermissions", "message": "Anh"})])
def test_a_question_that_is_refused_hides_nobody_behind_it_and_costs_the_proof(
    vendor: Vendor, refusal: tuple[Any, ...]
) -> None:
    vendor.script = [refusal, refusal, refusal, refusal, members(5)]
    told, fault = asked(vendor, declared(), "1", "2", "3", "4", "5")
    assert [record["id"] for page in told for record in page.records] == [5]
    assert fault is not None
    assert fault.startswith("4 of 5 questions without a whole answer, the first: ")
    assert "Anh" not in fault


def test_a_refused_token_is_no_question_s_fault(vendor: Vendor) -> None:
    vendor.script = [(200, {"errorcode": "invalidtoken", "exception": "moodle_exception"})]
    with pytest.raises(Unauthorized, match="refused inside HTTP 200: invalidtoken"):
        asked(vendor, declared(), "1", "2")
    assert len(vendor.asked) == 1


def test_where_nobody_answers_the_others_are_left(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib3.util.retry.Retry.sleep", lambda *said: None)
    vendor.script = [members(1), (500, {})]
    with pytest.raises(Unreachable):
        asked(vendor, declared(), *map(str, range(20)))
    tries = len(vendor.asked) - 1
    assert tries % MAX_SILENT == 0
    vendor.script, vendor.asked = [(500, {})] * (tries // MAX_SILENT) + [members(1)], []
    assert asked(vendor, declared(), "1", "2")[1] is not None


def test_where_there_is_nothing_to_ask_by_nothing_is_proven(vendor: Vendor) -> None:
    assert asked(vendor, declared()) == ([], "there are no courses to ask by: may the token see any?")


def test_what_is_none_is_skipped_and_a_sentence_is_not_told(vendor: Vendor) -> None:
    kind = declared()
    client = Client(vendor.connection(kind), lambda name: "secret")
    vendor.script = [(200, orjson.dumps([{"id": 1, "format": "site"}, {"id": 2, "format": "topics"}, {"id": 3}]))]
    (page,) = pages(client, kind.resources["courses"], {}, "courses")
    assert [record["id"] for record in page.records] == [2, 3]
    vendor.script = [(200, {"errorcode": "Nguyễn Văn Anh is not allowed"})]
    with pytest.raises(Malformed) as raised:
        list(pages(client, kind.resources["courses"], {}, "courses"))
    assert raised.value.cause == "an error inside HTTP 200"


def test_bare_values_are_records_of_one_word(vendor: Vendor) -> None:
    text = """
system: lms
label: A learning system
auth: bearer
scope: whole
timezone: UTC
envelope: {key: id}
paging: {kind: single, ends_whole: true}
resources:
  cohorts: {path: cohorts, use: lookup, key: id, keep: [name]}
  cohort_members:
    {path: members, use: lookup, each: {of: cohorts, param: "ids[0]"}, records: 0.userids, is_bare: true, key: value,
     keep: [_each]}
"""
    kind = load(text, "lms.yaml")
    client = Client(vendor.connection(kind), lambda name: "secret")
    vendor.script = [(200, orjson.dumps([{"cohortid": 4, "userids": [11, 12]}]))]
    (page,) = each(client, kind.resources["cohort_members"], {}, "members", ["4"])
    assert page.records == [{"value": 11, "_each": "4"}, {"value": 12, "_each": "4"}]
    assert orjson.loads(page.body) == [{"userids": page.records}]
    assert vendor.asked[0][0] == "/members?ids%5B0%5D=4"


def test_a_check_tells_that_the_one_question_it_puts_is_refused(vendor: Vendor) -> None:
    kind = declared()
    client = Client(vendor.connection(kind), lambda name: "secret")
    vendor.script = [(403, {})]
    rows = check._resource(client, "members", kind.resources["members"], Reading("members"), (), {"courses": ["7"]})
    ((state, says),) = [(row["state"], row["says"]) for row in rows]
    assert (state, says) == ("fail", "1 of 1 questions without a whole answer, the first: HTTP 403")

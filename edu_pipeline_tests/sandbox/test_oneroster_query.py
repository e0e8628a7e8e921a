"""Proves that the provider `lotus` keeps the OneRoster 1.2 rostering binding on filtering, field selection and sorting.

Each filter is compared with the same question put to all records in Python; the records come from the unfiltered list.
"""

from collections.abc import Callable
from typing import Any

import pytest

from edu_pipeline_tests.sandbox.practice import NAMES, Record, Roster

FILTERS: list[tuple[str, str, Callable[[Record], bool]]] = [
    ("classes", "classCode='1A'", lambda r: r["classCode"] == "1A"),
    ("classes", "title~'1'", lambda r: "1" in r["title"]),
    ("enrollments", "role='teacher'", lambda r: r["role"] == "teacher"),
    ("enrollments", "role!='teacher'", lambda r: r["role"] != "teacher"),
    ("users", "familyName='Trần'", lambda r: r["familyName"] == "Trần"),
    ("users", "familyName = 'Trần' AND givenName ~ 'Minh'",
     lambda r: r["familyName"] == "Trần" and "Minh" in r["givenName"]),
    ("users", "familyName='Lý' OR familyName='Ngô'", lambda r: r["familyName"] in ("Lý", "Ngô")),
    ("demographics", "birthDate>='2015-01-01'", lambda r: r["birthDate"] >= "2015-01-01"),
    ("demographics", "birthDate<'2008-01-01' OR birthDate>'2017-12-31'",
     lambda r: r["birthDate"] < "2008-01-01" or r["birthDate"] > "2017-12-31"),
    ("demographics", "birthDate>'2015-03-01' AND birthDate<='2015-09-01' AND sex='female'",
     lambda r: "2015-03-01" < r["birthDate"] <= "2015-09-01" and r["sex"] == "female"),
]  # fmt: skip


@pytest.mark.parametrize(("collection", "text", "keeps"), FILTERS, ids=[text for _, text, _ in FILTERS])
def test_a_filter_keeps_what_it_says(
    roster: Roster, collection: str, text: str, keeps: Callable[[Record], bool]
) -> None:
    whole = roster.all(collection)
    expected = [row for row in whole if keeps(row)]
    assert 0 < len(expected) < len(whole), "the question must divide the records"
    answer = roster.get(collection, filter=text, limit=5000)
    assert answer.json()[NAMES[collection][0]] == expected
    assert int(answer.headers["X-Total-Count"]) == len(expected)


def test_a_filter_reaches_into_references(roster: Roster) -> None:
    org = roster.all("orgs")[1]["sourcedId"]
    expected = [row for row in roster.all("classes") if row["school"]["sourcedId"] == org]
    assert len(expected) == 12
    assert roster.all("classes", filter=f"school.sourcedId='{org}'") == expected


@pytest.mark.parametrize("collection", NAMES)
def test_date_last_modified_is_an_edge(roster: Roster, collection: str) -> None:
    whole = roster.all(collection)
    newest = max(row["dateLastModified"] for row in whole)
    for sign, keeps in ((">", False), (">=", True), ("=", True), ("!=", False), ("<=", True)):
        found = roster.all(collection, filter=f"dateLastModified{sign}'{newest}'")
        assert any(row["dateLastModified"] == newest for row in found) is keeps, sign
    assert roster.all(collection, filter="dateLastModified>'2000-01-01T00:00:00.000Z' AND status='active'") == whole
    assert roster.all(collection, filter="dateLastModified<'2000-01-01T00:00:00.000Z' OR status='tobedeleted'") == []


def test_what_appears_later_is_found_by_its_date(roster: Roster) -> None:
    before = {row["sourcedId"] for row in roster.all("classes")}
    roster.practice.clock("opening")
    later = {row["sourcedId"] for row in roster.all("classes")} - before
    found = {row["sourcedId"] for row in roster.all("classes", filter="dateLastModified>'2024-05-31T23:59:59.000Z'")}
    assert len(later) == 36
    assert later <= found


BAD = ["role", "role=teacher", "role='teacher", "role=='teacher'", "='teacher'", "role='teacher' AND", "", "AND",
       "role='a' role='b'"]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_a_filter_that_is_none_is_a_bad_request(roster: Roster, text: str) -> None:
    answer = roster.get("enrollments", filter=text)
    said = answer.json()
    assert (answer.status_code, said["imsx_codeMajor"], said["imsx_severity"]) == (400, "failure", "error")
    assert "enrollments" not in said


def test_a_bad_filter_is_called_by_its_name(roster: Roster) -> None:
    fields = roster.get("enrollments", filter="role").json()["imsx_CodeMinor"]["imsx_codeMinorField"]
    assert [field["imsx_codeMinorFieldValue"] for field in fields] == ["invalid_filter_field"]


def test_a_filter_by_an_unknown_field_is_a_bad_request(roster: Roster) -> None:
    assert roster.get("enrollments", filter="shoeSize='38'").status_code == 400


def test_a_filter_value_may_contain_the_word_and(roster: Roster) -> None:
    assert roster.all("classes", filter="title='Salt AND Pepper'") == []


@pytest.mark.parametrize("fields", ["sourcedId", "givenName,familyName", "sourcedId,roles"])
def test_only_the_asked_fields_are_sent(roster: Roster, fields: str) -> None:
    wanted = fields.split(",")
    expected = [{name: row[name] for name in wanted} for row in roster.all("users")]
    assert roster.all("users", fields=fields) == expected


def test_fields_may_be_chosen_of_a_single_object(roster: Roster) -> None:
    one = roster.all("users")[0]
    answer = roster.get(f"users/{one['sourcedId']}", fields="givenName,familyName")
    assert answer.json() == {"user": {name: one[name] for name in ("givenName", "familyName")}}


def test_an_unknown_field_brings_the_whole_record(roster: Roster) -> None:
    assert roster.all("orgs", fields="name,shoeSize") == roster.all("orgs")


def test_a_blank_field_is_a_bad_request(roster: Roster) -> None:
    assert roster.get("orgs", fields="").status_code == 400


@pytest.mark.parametrize("query", [{}, {"orderBy": "asc"}, {"orderBy": "desc"}])
@pytest.mark.parametrize(("collection", "field"), [("users", "familyName"), ("demographics", "birthDate")])
def test_sort_and_order_by(roster: Roster, collection: str, field: str, query: dict[str, Any]) -> None:
    whole, found = roster.all(collection), roster.all(collection, sort=field, **query)
    values = [row[field] for row in found]
    assert values == sorted(values, reverse=query.get("orderBy") == "desc")
    assert sorted(row["sourcedId"] for row in found) == sorted(row["sourcedId"] for row in whole)


def test_sorting_comes_before_paging(roster: Roster) -> None:
    whole = [row["birthDate"] for row in roster.all("demographics")]
    page = roster.get("demographics", sort="birthDate", orderBy="desc", limit=20, offset=20).json()["demographics"]
    assert [row["birthDate"] for row in page] == sorted(whole, reverse=True)[20:40]


def test_sorting_by_an_unknown_field_loses_nothing(roster: Roster) -> None:
    assert len(roster.all("orgs", sort="shoeSize")) == 3

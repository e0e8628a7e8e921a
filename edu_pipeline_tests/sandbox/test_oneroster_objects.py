"""Proves that what the provider `lotus` holds are whole OneRoster 1.2 objects: identity, status and date on each,
single objects under their singular name, references that resolve, years by their end, the children of the stories.
"""

import datetime as dt
from typing import Any

import pytest

from edu_pipeline_tests.sandbox.practice import NAMES, ROOT, Record, Roster

# (collection, field) -> (type, collection where it is found)
REFERENCES = {
    ("courses", "org"): ("org", "orgs"),
    ("classes", "course"): ("course", "courses"),
    ("classes", "school"): ("org", "orgs"),
    ("classes", "terms"): ("academicSession", "academicSessions"),
    ("users", "roles"): ("org", "orgs"),
    ("enrollments", "user"): ("user", "users"),
    ("enrollments", "school"): ("org", "orgs"),
    ("enrollments", "class"): ("class", "classes"),
}


def _references(row: Record, field: str) -> list[Record]:
    said: Any = row[field]
    if field == "roles":
        return [role["org"] for role in said]
    return said if isinstance(said, list) else [said]


@pytest.mark.parametrize("phase", ["year_end", "opening"])
@pytest.mark.parametrize("collection", NAMES)
def test_every_object_has_identity_status_and_date(roster: Roster, collection: str, phase: str) -> None:
    today = roster.practice.clock(phase)
    rows = roster.all(collection)
    assert len({row["sourcedId"] for row in rows}) == len(rows) > 0
    assert {row["status"] for row in rows} <= {"active", "tobedeleted"}
    for row in rows:
        changed = dt.datetime.fromisoformat(row["dateLastModified"])
        assert changed.utcoffset() == dt.timedelta(0)
        assert changed.date() <= today


@pytest.mark.parametrize("collection", NAMES)
def test_a_single_object_stands_under_its_singular_name(roster: Roster, collection: str) -> None:
    for row in roster.all(collection)[:3]:
        assert roster.get(f"{collection}/{row['sourcedId']}").json() == {NAMES[collection][1]: row}


@pytest.mark.parametrize("path", [*(f"{name}/unknown" for name in NAMES), "unknown", "unknown/unknown"])
def test_what_is_not_there_is_not_found(roster: Roster, path: str) -> None:
    answer = roster.get(path)
    assert (answer.status_code, answer.json()["imsx_codeMajor"]) == (404, "failure")


def test_a_teacher_is_not_found_among_the_students(roster: Roster) -> None:
    teacher = roster.all("teachers")[0]["sourcedId"]
    assert [roster.get(f"{name}/{teacher}").status_code for name in ("students", "users")] == [404, 200]


@pytest.mark.parametrize("phase", ["year_end", "opening"])
@pytest.mark.parametrize(("collection", "field"), REFERENCES)
def test_references_resolve(roster: Roster, collection: str, field: str, phase: str) -> None:
    kind, there = REFERENCES[collection, field]
    roster.practice.clock(phase)
    known = {row["sourcedId"] for row in roster.all(there)}
    said = [reference for row in roster.all(collection) for reference in _references(row, field)]
    assert {reference["type"] for reference in said} == {kind}
    assert {reference["sourcedId"] for reference in said} <= known
    assert said


@pytest.mark.parametrize(("collection", "field"), REFERENCES)
def test_a_reference_can_be_followed_by_its_address(roster: Roster, collection: str, field: str) -> None:
    kind, there = REFERENCES[collection, field]
    reference = _references(roster.all(collection)[0], field)[0]
    href = reference["href"]
    assert href == f"{ROOT}/{there}/{reference['sourcedId']}"
    assert roster.practice.get(href, token=roster.token).json()[kind]["sourcedId"] == reference["sourcedId"]


def test_a_school_year_is_called_by_its_end(roster: Roster) -> None:
    roster.practice.clock("opening")
    sessions = sorted(roster.all("academicSessions"), key=lambda row: row["startDate"])
    assert [row["schoolYear"] for row in sessions] == ["2024", "2025"]
    assert [(row["startDate"][:4], row["endDate"][:4]) for row in sessions] == [("2023", "2024"), ("2024", "2025")]
    assert {row["type"] for row in sessions} == {"schoolYear"}


def test_the_new_year_is_not_there_before_it_opens(roster: Roster) -> None:
    assert [row["schoolYear"] for row in roster.all("academicSessions")] == ["2024"]
    roster.practice.clock("2024-09-04")
    assert {row["beginDate"][:4] for row in roster.all("enrollments")} == {"2023"}
    roster.practice.clock("opening")
    assert {row["beginDate"][:4] for row in roster.all("enrollments")} == {"2023", "2024"}


def test_users_are_students_and_teachers_with_a_demographic_each(roster: Roster) -> None:
    ids = {name: {row["sourcedId"] for row in roster.all(name)} for name in NAMES}
    assert ids["users"] == ids["students"] | ids["teachers"] == ids["demographics"]
    assert not ids["students"] & ids["teachers"]
    for name, role in (("students", "student"), ("teachers", "teacher")):
        assert {said["role"] for row in roster.all(name) for said in row["roles"]} == {role}


@pytest.mark.parametrize(("phase", "year"), [("year_end", 2023), ("opening", 2024)])
def test_the_children_are_those_of_the_stories(roster: Roster, phase: str, year: int) -> None:
    roster.practice.clock(phase)
    ours = {unit.code for unit in roster.practice.city.units if unit.system == "lotus"}
    expected = {
        (child.root, place.unit, place.klass, f"{place.grade:02d}", place.begin.isoformat())
        for child in roster.practice.city.children
        for place in child.in_year(year)
        if place.unit in ours
    }
    users, classes, orgs = ({row["sourcedId"]: row for row in roster.all(n)} for n in ("users", "classes", "orgs"))
    told = set()
    for row in roster.all("enrollments", filter=f"role='student' AND beginDate~'{year}'"):
        klass, root = classes[row["class"]["sourcedId"]], users[row["user"]["sourcedId"]]["userMasterIdentifier"]
        unit = orgs[row["school"]["sourcedId"]]["identifier"]
        told.add((root, unit, klass["classCode"], klass["grades"][0], row["beginDate"]))
    assert told == expected


def test_a_student_has_the_grade_of_the_class(roster: Roster) -> None:
    classes = {row["sourcedId"]: row["grades"] for row in roster.all("classes")}
    users = {row["sourcedId"]: row["grades"] for row in roster.all("students")}
    told = [(users[row["user"]["sourcedId"]], classes[row["class"]["sourcedId"]])
            for row in roster.all("enrollments", filter="role='student'")]  # fmt: skip
    assert [pair for pair in told if pair[0] != pair[1]] == []

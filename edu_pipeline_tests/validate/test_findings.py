"""Nobody is stopped for a value that is not needed: it is left out, the row is admitted, and the finding stays.

normalized rows -> isolate -> change set: disposition, values, faults; then published, and judged again
"""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from edu_pipeline.contracts.rules import Effect, row_rules
from edu_pipeline.contracts.tables import NORMALIZED, VALIDATED, VALIDATED_CHANGE
from edu_pipeline.flow.ask import findings
from edu_pipeline.schema import entity
from edu_pipeline.validate.isolate import isolate
from edu_pipeline.validate.publish import publish
from edu_pipeline.validate.resolve import Scope

UNIT, ROOT = "79760401", "7900000001"
SCOPE = Scope(1, "school", dt.date(2024, 9, 5))
STUDENT = entity("student")
GOOD = {"student_id": ROOT, "full_name": "Nguyễn Thị Ánh", "birth_date": "2015-03-01", "sex": "female",
        "ethnicity": "01", "phone": "0901234567", "personal_number": "079315001234",
        "residence_ward_code": "26740"}  # fmt: skip


@pytest.fixture
def school(database):
    """A unit and a root identity that the registry has told."""
    told = {"connection_id": "registry", "batch_id": 1, "event": "NEW", "faults": [], "is_present": True}
    with database.app.begin() as connection:
        connection.execute(insert(VALIDATED["unit"]).values(**told, source_key="u", unit_id=UNIT, name="A"))
        person = {name: GOOD[name] for name in ("full_name", "birth_date", "sex")}
        connection.execute(insert(VALIDATED["identity"]).values(
            **told, source_key="i", identity_id=ROOT, person_kind="student", **person))  # fmt: skip
    return database


def judged(database: Any, without: frozenset[str] = frozenset(), scope: Scope = SCOPE, **changed: Any) -> Any:
    row = {**GOOD, "connection_id": "school", "source_key": "HS1", "batch_id": scope.batch_id, "event": "NEW",
           "faults": [], "claim_unit_id": UNIT, "ref_key": "1", **changed}  # fmt: skip
    with database.app.begin() as connection:
        connection.execute(insert(NORMALIZED["student"]).values(row))
        connection.execute(isolate(STUDENT, scope, without))
        return connection.execute(select(VALIDATED_CHANGE["student"])).mappings().one()


def test_a_good_row_is_admitted_as_it_is(school):
    row = judged(school)
    assert (row["disposition"], row["faults"], row["failed_rules"]) == ("admitted", [], [])
    assert {name: row[name] for name in GOOD} == GOOD


@pytest.mark.parametrize(
    ("field", "value", "check"),
    [
        ("phone", "call me", "pattern"),
        ("email", "nobody", "pattern"),
        ("ethnicity", "56", "code"),
        ("residence_ward_code", "99999", "code"),
        ("nationality", "ZZ", "code"),
        ("other_name", "x" * 151, "length"),
        ("personal_number", "79315001234", "eaten_zero"),
        ("personal_number", "1", "form"),
        ("personal_number", "123456789", "old_number"),
    ],
)
def test_a_value_that_nobody_is_stopped_for_is_left_out_and_told(field, value, check, school):
    row = judged(school, **{field: value})
    assert (row["disposition"], row[field], row["faults"]) == ("admitted", None, [f"{field}:{check}"])
    assert {name: row[name] for name in GOOD if name != field} == {n: v for n, v in GOOD.items() if n != field}


@pytest.mark.parametrize(
    ("value", "check"),
    [("079215001234", "wrong_sex"), ("079316001234", "wrong_birth_year"), ("097315001234", "wrong_province")],
)
def test_a_value_that_contradicts_is_kept_and_told(value, check, school):
    row = judged(school, personal_number=value)
    assert (row["disposition"], row["personal_number"]) == ("admitted", value)
    assert row["faults"] == [f"personal_number:{check}"]


def test_several_findings_stand_beside_what_could_not_be_read(school):
    row = judged(school, phone="x", personal_number="1", faults=["blood_type:unknown_code"])
    assert row["disposition"] == "admitted"
    assert sorted(row["faults"]) == ["blood_type:unknown_code", "personal_number:form", "phone:pattern"]


def test_a_key_field_still_stops_the_row_and_the_finding_goes_with_it(school):
    row = judged(school, sex="x", phone="x", personal_number=None)
    assert (row["disposition"], row["failed_rules"], row["faults"]) == (
        "quarantined",
        ["student.sex.code"],
        ["phone:pattern"],
    )


def test_without_the_rule_the_value_stays(school):
    row = judged(school, frozenset({"student.phone.pattern"}), phone="call me")
    assert (row["phone"], row["faults"]) == ("call me", [])


@pytest.mark.parametrize(("said", "disposition"), [("2015", "admitted"), ("2015-03", "admitted"),
                                                    ("2015-03-02", "waiting_identity"), ("2016", "waiting_identity"),
                                                    ("2015-04", "waiting_identity")])  # fmt: skip
def test_a_part_of_the_birth_date_agrees_with_the_whole(said, disposition, school):
    assert judged(school, birth_date=said, personal_number=None)["disposition"] == disposition


def test_a_finding_is_listed_by_cause_and_by_record_and_ends_when_it_is_mended(school):
    judged(school, phone="call me")
    published(school, SCOPE)
    cause = {"unit": UNIT, "connection": "school", "entity": "student", "field": "phone", "check": "pattern"}
    assert findings() == [{**cause, "rows": 1}]
    assert findings(unit=UNIT, check="pattern", by_record=True) == [{**cause, "record": "HS1"}]
    assert findings(unit="79760402") == findings(check="form") == []
    later = Scope(2, "school", SCOPE.as_of)
    assert judged(school, scope=later, phone=None)["action"] == "update"
    published(school, later)
    assert findings() == []


def published(database: Any, scope: Scope) -> None:
    with database.app.begin() as connection:
        for statement in publish(STUDENT, scope, dt.datetime.now(dt.UTC)):
            connection.execute(statement)
        connection.execute(text("TRUNCATE normalized.student, validated.student_change"))


def test_rules_reject_exactly_where_a_row_cannot_do_without():
    for declared in (entity(name) for name in ("student", "guardian", "result", "staff_assignment", "enrollment")):
        for rule in row_rules(declared):
            if rule.check in ("pattern", "code", "length", "blank", "minimum", "maximum", "missing"):
                is_key = declared.field(rule.field).need == "key"
                assert (rule.effect is Effect.REJECT) is is_key, rule.id

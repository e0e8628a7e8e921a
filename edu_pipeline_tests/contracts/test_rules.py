"""Every check that a row can fail has its text for people, in both languages, and no text is left over.

Also: the rules that read the day or two fields, on their borders, and which fields nobody but the row can supply.
"""

import datetime as dt
from importlib.resources import files

import pytest
import yaml
from sqlalchemy import Text, cast, column, literal, select

from edu_pipeline.contracts.rules import key_fields, row_rules, supplied
from edu_pipeline.contracts.severity import texts
from edu_pipeline.normalize.clean import UNKNOWN_CODE, UNKNOWN_UNIT, UNREADABLE
from edu_pipeline.schema import ENTITIES, PULLED, entity

AS_OF = dt.date(2024, 9, 5)
# Counted over the rows of a unit, so it is no rule of one row (validate/isolate.py).
DUPLICATE = "duplicate"
# Asked of the row that stands under the same key, so it is none of one row either (validate/reused.py).
REUSED = "reused"
# True by the day alone, so it is asked and not stored (report/findings.py).
ENDED = "ended"


def checks_that_can_fail() -> set[str]:
    by_rules = {rule.check for declared in ENTITIES for rule in row_rules(declared)}
    return by_rules | {UNREADABLE, UNKNOWN_CODE, UNKNOWN_UNIT, DUPLICATE, REUSED, ENDED}


def test_every_check_has_its_text_and_no_text_is_unused():
    assert set(texts()) == checks_that_can_fail()


def test_no_check_is_explained_twice():
    document = yaml.compose(files("edu_pipeline.contracts").joinpath("rules.yaml").read_text(encoding="utf-8"))
    assert isinstance(document, yaml.MappingNode)
    named = [key.value for key, _ in document.value]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("check", sorted(checks_that_can_fail()))
def test_a_text_is_there_in_both_languages(check):
    said = texts()[check]
    assert set(said) == {"en", "vi"}
    assert all(text.strip().endswith(".") for text in said.values())
    assert said["en"] != said["vi"]


def test_rule_ids_are_unique_and_name_entity_and_field():
    ids = [rule.id for declared in ENTITIES for rule in row_rules(declared)]
    assert len(ids) == len(set(ids))
    for said in ids:
        name, field, _ = said.split(".")
        assert entity(name).field(field).name == field


def birth_rule_fails(database, born: str | None) -> bool | None:
    rule = next(rule for rule in row_rules(entity("student")) if rule.check == "implausible")
    row = select(cast(literal(born, Text), Text).label("birth_date")).subquery()
    with database.app.connect() as connection:
        return connection.scalar(select(rule.fails(row.c, AS_OF)))


@pytest.mark.parametrize(
    ("born", "fails"),
    [
        ("1899-12-31", True),
        ("1899", True),
        ("1900", False),
        ("1900-01-01", False),
        (AS_OF.isoformat(), False),
        (f"{AS_OF:%Y-%m}", False),
        (f"{AS_OF.year}", False),
        ((AS_OF + dt.timedelta(1)).isoformat(), True),
        (f"{AS_OF.year + 1}", True),
        (None, None),
    ],
)
def test_a_birth_date_lies_between_1900_and_the_day_of_the_decision(born, fails, database):
    assert birth_rule_fails(database, born) is fails


def test_the_day_of_the_decision_is_asked_and_no_clock_is():
    rule = next(rule for rule in row_rules(entity("student")) if rule.check == "implausible")
    sql = str(rule.fails(select(column("birth_date", Text)).subquery().c, AS_OF)).lower()
    assert "now" not in sql
    assert "current" not in sql


@pytest.mark.parametrize(
    ("name", "may_be_empty", "must_be_there"),
    [
        ("identity", set(), {"identity_id", "full_name", "birth_date", "sex"}),
        ("student", {"student_id"}, {"full_name", "birth_date", "sex"}),
        ("school_class", set(), {"unit_id", "school_year", "class_code", "grade_level"}),
        ("enrollment", {"unit_id", "school_year", "class_code", "grade_level", "student_id", "begin_date"}, set()),
        ("staff_assignment", {"unit_id", "school_year", "staff_id", "begin_date", "is_primary"}, {"role"}),
        ("result", {"student_id"}, {"unit_id", "school_year", "stage"}),
    ],
)  # fmt: skip
def test_what_a_parent_or_a_default_supplies_is_no_fault_of_the_row(name, may_be_empty, must_be_there):
    missing = {rule.id.split(".")[1] for rule in row_rules(entity(name)) if rule.check == "missing"}
    assert may_be_empty <= supplied(entity(name))
    assert not missing & may_be_empty
    assert must_be_there <= missing


def test_what_is_unreadable_rejects_the_row_in_key_fields_only():
    assert "birth_date" in key_fields(entity("student"))
    assert "ethnicity" not in key_fields(entity("student"))
    assert all("claim_unit_id" in key_fields(declared) for declared in PULLED)

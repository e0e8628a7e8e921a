"""A field with a list that the law changes: PostgreSQL, the row rules and Great Expectations refuse the same code.

open code set -> foreign key of master, rule, relation of the gate; validity is a question of its own
"""

import datetime as dt

import psycopg.errors
import pytest
from sqlalchemy import cast, insert, literal, select, text, union_all
from sqlalchemy.exc import IntegrityError

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.columns import checks, sql_type
from edu_pipeline.contracts.reference import (
    READABLE,
    REFERENCE,
    is_unknown,
    open_fields,
    unknown_codes,
    valid_codes,
)
from edu_pipeline.contracts.rules import row_rules
from edu_pipeline.contracts.tables import MASTER, MASTER_CHANGE, VALIDATED_CHANGE
from edu_pipeline.gate.judge import failures
from edu_pipeline.master.gate import parts as master_parts
from edu_pipeline.schema import ENTITIES, entity
from edu_pipeline.schema.codes import OPEN_SETS
from edu_pipeline.storage.engine import connect
from edu_pipeline.validate.gate import validated_parts
from edu_pipeline.validate.resolve import Scope

AS_OF = dt.date(2024, 9, 5)
STUDENT = entity("student")
OPEN = [pytest.param(e, f, id=f"{e.name}.{f.name}") for e in ENTITIES for f in open_fields(e)]
PLAIN = {"student_id": "7900000001", "full_name": "Nguyễn Thị Ánh", "birth_date": "2015-02-28", "sex": "female"}


@pytest.mark.parametrize(("declared", "field"), OPEN)
def test_master_refers_to_the_list_and_checks_nothing_itself(declared, field):
    keys = {key.name: key for key in MASTER[declared.name].foreign_key_constraints}
    name = f"{declared.name}_{field.name}_code_fkey"
    assert len(name) <= 63
    assert [element.column for element in keys[name].elements] == [REFERENCE[field.codes.name].c.code]
    assert f"{field.name}_code" not in {check.name for check in checks(declared)}
    assert f"{declared.name}.{field.name}.code" in {rule.id for rule in row_rules(declared)}


def test_every_open_set_has_a_table():
    assert list(REFERENCE) == [codes.name for codes in OPEN_SETS]


def test_postgresql_refuses_a_code_that_no_list_has_and_takes_one_that_has_ended(database):
    now = dt.datetime(2024, 9, 5, tzinfo=dt.UTC)
    identity = {"identity_id": PLAIN["student_id"], "person_kind": "student", "recorded_from": now}
    identity |= {name: value for name, value in PLAIN.items() if name != "student_id"}
    row = PLAIN | {"recorded_from": now}
    with database.app.connect() as connection:
        connection.execute(insert(MASTER["identity"]), identity)
        for name, code in (("ethnicity", "56"), ("residence_ward_code", "99999"), ("nationality", "vn")):
            with pytest.raises(IntegrityError) as refused, connection.begin_nested():
                connection.execute(insert(MASTER["student"]), row | {name: code})
            assert isinstance(refused.value.orig, psycopg.errors.ForeignKeyViolation)
            assert refused.value.orig.diag.constraint_name == f"student_{name}_code_fkey"
        # The ward Tân Định of 26734 ended in 2025, but it stays where somebody was born.
        connection.execute(insert(MASTER["student"]), row | {"birth_ward_code": "26734", "ethnicity": "55"})


def rows(*values):
    """A relation of students with these codes of ethnicity and residence."""
    kinds = {field.name: sql_type(field) for field in STUDENT.fields}

    def one(ethnicity, ward):
        said = PLAIN | {"ethnicity": ethnicity, "residence_ward_code": ward}
        return select(*(cast(literal(said.get(name)), kind).label(name) for name, kind in kinds.items()))

    return select(union_all(*(one(*value) for value in values)).subquery())


def asked_of(*values):
    """The gate's columns of rows with these codes."""
    judged = rows(*values).subquery()
    return select(*unknown_codes(STUDENT, judged.c)).select_from(judged)


def test_rules_and_gate_refuse_what_postgresql_refuses(database):
    judged = rows(("01", "26740"), ("56", None), (None, "26741"), ("", "26740 "))
    fields = {field.name: field for field in open_fields(STUDENT)}
    with database.app.connect() as connection:
        columns = judged.subquery().c
        asked = [is_unknown(fields[name], columns[name]) for name in ("ethnicity", "residence_ward_code")]
        assert [tuple(row) for row in connection.execute(select(*asked))] == [
            (False, False), (True, None), (None, True), (True, True),
        ]  # fmt: skip

    def gate(*values):
        part = (asked_of(*values), suites.code_expectations(STUDENT))
        return set(failures(database.url, "codes", [part]))

    assert gate(("01", "26740"), (None, None)) == set()
    assert gate(("01", "26740"), ("56", "26740")) == {"ethnicity.code"}
    assert gate(("56", "99999")) == {"ethnicity.code", "residence_ward_code.code"}


def test_the_gate_s_relation_carries_no_code_out(database):
    with database.app.connect() as connection:
        found = connection.execute(asked_of(("56", "26740"))).mappings().one()
    assert set(found) == {f"{field.name}_is_unknown" for field in open_fields(STUDENT)}
    assert {value for value in found.values() if value is not None} == {True}


@pytest.mark.parametrize(("ethnicity", "said"), [("01", False), ("56", True), (None, False)])
def test_the_gates_of_validated_and_master_ask_for_unknown_codes(ethnicity, said, database):
    row = PLAIN | {"ethnicity": ethnicity, "connection_id": "saomai", "source_key": "HS-1", "batch_id": 1}
    source = {"event": "NEW", "faults": [], "action": "insert", "disposition": "admitted", "failed_rules": []}
    with database.app.begin() as connection:
        connection.execute(insert(VALIDATED_CHANGE["student"]), row | source)
        connection.execute(insert(MASTER_CHANGE["student"]), row | {"action": "insert"})
    asked = {"validated": validated_parts(STUDENT, Scope(1, "saomai", AS_OF)), "master": master_parts(STUDENT, AS_OF)}
    for room, parts in asked.items():
        of_codes = [part for part in parts if "ethnicity.code" in {expectation.meta["name"] for expectation in part[1]}]
        assert len(of_codes) == 1
        assert failures(database.url, room, of_codes) == (("ethnicity.code",) if said else ())


def test_an_entity_without_open_lists_has_nothing_to_ask():
    plain = [declared for declared in ENTITIES if not open_fields(declared)]
    assert plain
    assert all(suites.code_expectations(declared) == [] for declared in plain)


def test_whether_a_code_held_is_asked_of_the_day(database):
    cases = {("district", "760", dt.date(2025, 6, 30)): True, ("district", "760", dt.date(2025, 7, 1)): False,
             ("district", "762", dt.date(2020, 12, 31)): True, ("district", "762", dt.date(2021, 1, 1)): False,
             ("province", "01", dt.date(2030, 1, 1)): True, ("province", "01", dt.date(1999, 1, 1)): False,
             ("ward", "760", dt.date(2025, 6, 30)): False}  # fmt: skip
    with database.app.connect() as connection:
        for (name, code, on), expected in cases.items():
            assert connection.scalar(select(literal(code).in_(valid_codes(name, on)))) is expected
        # As rows ask it: the code and the day are columns.
        told = select(literal("760").label("code"), literal(dt.date(2025, 6, 30)).label("day")).subquery("told")
        for shift, expected in ((0, True), (1, False)):
            assert connection.scalar(select(told.c.code.in_(valid_codes("district", told.c.day + shift)))) is expected


def test_readers_read_the_lists_and_change_nothing(database):
    reader = connect(database.url_of("edu_reader"))
    with reader.connect() as connection:
        for table in READABLE:
            assert connection.scalar(text(f"SELECT count(*) FROM (SELECT * FROM {table.fullname}) t")) > 0
        assert not connection.scalar(text("SELECT has_table_privilege('reference.ward', 'INSERT, UPDATE, DELETE')"))
    reader.dispose()

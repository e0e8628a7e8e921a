"""A gate is a wall in the data: only the verdict on exactly what stands there opens it, and it names no child.

verdict: failed, another row count, another checksum, another batch -> closed; the right one -> open
judge: names of failed expectations, never a value of a row
"""

import dataclasses
import datetime as dt
import logging
import traceback

import pytest
from sqlalchemy import Integer, Text, cast, delete, event, insert, literal, select, text, union_all, update
from sqlalchemy.engine import Engine

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.columns import sql_type
from edu_pipeline.contracts.memory import VERDICT
from edu_pipeline.contracts.tables import VALIDATED_CHANGE
from edu_pipeline.gate.judge import GateBroken, failures
from edu_pipeline.gate.verdict import GateClosed, Standing, Verdict, open_gate, remember, standing, standings
from edu_pipeline.schema import entity

CHANGE = VALIDATED_CHANGE["student"]
CHILD = "Nguyễn Thị Ánh"


def row(key: str, batch_id: int = 1, **changed: object) -> dict[str, object]:
    plain = {"connection_id": "vendor", "source_key": key, "batch_id": batch_id, "event": "NEW", "faults": [],
             "full_name": CHILD, "action": "insert", "disposition": "admitted", "failed_rules": []}  # fmt: skip
    return plain | changed


@pytest.fixture
def rows(database):
    """Three rows of a change set, committed."""
    with database.app.begin() as connection:
        connection.execute(insert(CHANGE), [row("1"), row("2"), row("3", full_name=None)])
    return database.app


def stands(engine, relation=CHANGE) -> Standing:
    with engine.connect() as connection:
        return standing(connection, relation)


def verdict(engine, **changed: object) -> Verdict:
    made = Verdict("validated", "student", 1, passed=True, standing=stands(engine))
    return dataclasses.replace(made, **changed)


def closed(engine, judged: Verdict, relation=CHANGE) -> str:
    with engine.begin() as connection, pytest.raises(GateClosed) as raised:
        open_gate(connection, judged, relation, judged.batch_id)
    return str(raised.value)


def test_the_verdict_on_what_stands_there_opens_the_gate(rows):
    judged = verdict(rows)
    assert judged.standing.row_count == 3
    with rows.begin() as connection:
        open_gate(connection, judged, CHANGE, judged.batch_id)


def test_a_failed_verdict_opens_nothing_and_says_what_failed(rows):
    said = closed(rows, verdict(rows, passed=False, failed=("sex.code", "rejected_share")))
    assert said == "validated.student, batch 1: the gate is closed (sex.code, rejected_share)"


@pytest.mark.parametrize(
    "change",
    [
        update(CHANGE).where(CHANGE.c.source_key == "1").values(full_name="Trần Văn Bình"),
        update(CHANGE).where(CHANGE.c.source_key == "3").values(full_name=""),
        update(CHANGE).where(CHANGE.c.source_key == "1").values(action="remove"),
        update(CHANGE).where(CHANGE.c.source_key == "1").values(faults=["sex:unknown_code"]),
        update(CHANGE).values(batch_id=2),
    ],
    ids=["a value", "null to empty", "an action", "a fault", "the batch"],
)
def test_another_content_of_as_many_rows_closes_the_gate(change, rows):
    judged = verdict(rows)
    with rows.begin() as connection:
        connection.execute(change)
    assert stands(rows).row_count == judged.standing.row_count
    assert "another checksum" in closed(rows, judged)


@pytest.mark.parametrize(
    ("change", "count"),
    [(delete(CHANGE).where(CHANGE.c.source_key == "1"), 2), (insert(CHANGE).values(row("4")), 4), (delete(CHANGE), 0)],
    ids=["one less", "one more", "none"],
)
def test_another_row_count_closes_the_gate(change, count, rows):
    judged = verdict(rows)
    with rows.begin() as connection:
        connection.execute(change)
    assert f"the verdict is on 3 rows with another checksum than the {count} that stand there" in closed(rows, judged)


@pytest.mark.parametrize("wrong", [Standing(4, 0), Standing(2, 0)])
def test_the_row_count_is_held_against_the_verdict_by_itself(wrong, rows):
    judged = verdict(rows)
    assert closed(rows, dataclasses.replace(judged, standing=Standing(wrong.row_count, judged.standing.checksum)))


def test_the_verdict_of_another_batch_opens_nothing(rows):
    with rows.begin() as connection:
        connection.execute(insert(CHANGE), [row(f"b{key}", batch_id=2) for key in range(3)])
    first, second = (select(CHANGE).where(CHANGE.c.batch_id == batch).subquery() for batch in (1, 2))
    judged = verdict(rows, standing=stands(rows, first))
    assert closed(rows, judged, second)
    with rows.begin() as connection:
        open_gate(connection, judged, first, judged.batch_id)


def test_a_refusal_tells_no_value_of_a_row(rows):
    judged = verdict(rows)
    with rows.begin() as connection:
        connection.execute(delete(CHANGE).where(CHANGE.c.source_key == "1"))
    assert CHILD not in closed(rows, judged)
    assert CHILD not in repr(judged)


def test_the_standing_does_not_depend_on_the_order_and_nothing_has_none(rows):
    backwards = select(CHANGE).order_by(CHANGE.c.source_key.desc()).subquery()
    assert stands(rows, backwards) == stands(rows, select(CHANGE).order_by(CHANGE.c.source_key).subquery())
    assert stands(rows, select(CHANGE).where(text("false")).subquery()) == Standing(0, 0)


def test_rows_that_are_alike_are_counted_each(rows):
    once = select(literal("a").label("a"))
    twice = union_all(once, once)
    assert stands(rows, twice.subquery()) != stands(rows, once.subquery())
    assert stands(rows, twice.subquery()).checksum == 2 * stands(rows, once.subquery()).checksum


def test_each_part_stands_as_it_does_by_itself(rows):
    with rows.begin() as connection:
        connection.execute(insert(CHANGE), [row("4", batch_id=2), row("5", batch_id=2, full_name='a, (b) "c"')])
    named = select(CHANGE.c.batch_id, CHANGE.c.source_key, CHANGE.c.full_name)
    alone = named.with_only_columns(CHANGE.c.source_key, CHANGE.c.full_name)
    with rows.connect() as connection:
        found = standings(connection, named.subquery(), "batch_id")
    assert found == {batch: stands(rows, alone.where(CHANGE.c.batch_id == batch).subquery()) for batch in (1, 2)}
    assert [found[batch].row_count for batch in (1, 2)] == [3, 2]


def test_the_open_gate_holds_the_room_until_the_transaction_ends(rows):
    judged = verdict(rows)
    asked = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:room, 0))")
    with rows.connect() as first, rows.connect() as second:
        open_gate(first, judged, CHANGE, judged.batch_id)
        assert second.scalar(asked, {"room": "gate:validated"}) is False
        assert second.scalar(asked, {"room": "gate:master"}) is True
        first.rollback()
        assert second.scalar(asked, {"room": "gate:validated"}) is True


def test_a_verdict_is_remembered_as_it_was(rows):
    judged = verdict(rows, passed=False, failed=("sex.code",))
    with rows.begin() as connection:
        remember(connection, judged)
    with rows.connect() as connection:
        (kept,) = connection.execute(select(VERDICT)).mappings().all()
    assert (kept["room"], kept["entity"], kept["batch_id"], kept["passed"]) == ("validated", "student", 1, False)
    assert Standing(kept["row_count"], kept["checksum"]) == judged.standing
    assert kept["failed"] == ["sex.code"]
    assert abs(kept["judged_at"] - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)


def child(**changed: object):
    said = {"student_id": "0123456789", "full_name": CHILD, "birth_date": "2015-02-28", "sex": "female",
            "ethnicity": "01"} | changed  # fmt: skip
    kinds = {field.name: sql_type(field) for field in entity("student").fields}
    return select(*(cast(literal(said.get(name), kind), kind).label(name) for name, kind in kinds.items()))


def judged(database, *children) -> tuple[str, ...]:
    relation = select(union_all(*children).subquery())
    return failures(database.url, "test", [(relation, suites.field_expectations(entity("student")))])


def test_a_good_relation_fails_nothing(database):
    assert judged(database, child(), child(student_id="0123456788", ethnicity=None)) == ()


def test_one_bad_row_among_good_ones_fails_its_expectation_by_name(database):
    assert judged(database, child(), child(sex="nữ")) == ("sex.code",)
    found = judged(
        database, child(), child(student_id="１２３４５６７８９０", full_name=None), child(full_name="x" * 151)
    )
    assert set(found) == {"student_id.pattern", "full_name.missing", "full_name.length"}


def test_each_relation_is_asked_its_own_expectations(database):
    good, empty = child(), child().where(text("false"))
    parts = [
        (good, [suites.unique("student_id"), suites.nothing("a.row")]),
        (empty, [suites.nothing("no.row"), suites.present("sex")]),
        (select(union_all(good, good).subquery()), [suites.unique("student_id"), suites.unique("student_id", "sex")]),
    ]
    found = failures(database.url, "test", parts)
    assert found == ("a.row", "unique(student_id)", "unique(student_id+sex)")


def test_without_expectations_nothing_is_asked(database):
    nonsense = select(text("no_such_column"))
    assert failures(database.url, "test", [(nonsense, [])]) == ()


def test_judging_tells_no_value_of_a_row(database, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    found = judged(database, child(sex=f"secret {CHILD}"), child(student_id=f"secret {CHILD}"), child(full_name=" "))
    assert set(found) == {"sex.code", "student_id.pattern", "full_name.blank"}
    printed = capfd.readouterr()
    assert "secret" not in f"{found} {printed.out} {printed.err}"


def test_no_value_is_in_what_great_expectations_hands_over(rows, database, monkeypatch):
    from great_expectations.datasource.fluent.interfaces import Batch

    results, validate = [], Batch.validate
    monkeypatch.setattr(Batch, "validate", lambda *args, **said: results.append(validate(*args, **said)) or results[-1])
    with rows.begin() as connection:
        connection.execute(update(CHANGE).values(sex="secret"))
    asked = suites.field_expectations(entity("student"))
    assert "sex.code" in failures(database.url, "test", [(select(CHANGE), asked)])
    (result,) = results
    assert not result.success
    assert "sex.code" in str(result.to_json_dict())
    assert "secret" not in str(result.to_json_dict())


def broken(database) -> tuple[str, ...]:
    """A relation whose reading fails on a value: PostgreSQL's error then quotes the value."""
    number = cast(cast(literal(f"secret {CHILD}"), Text), Integer).label("student_id")
    return failures(database.url, "test", [(select(number), [suites.present("student_id")])])


def test_a_relation_that_cannot_be_read_keeps_the_gate_closed_and_tells_no_value(database, capfd):
    try:
        found = broken(database)
        assert found
    except GateBroken as error:
        found = (str(error),)
    printed = capfd.readouterr()
    assert "secret" not in f"{found} {printed.out} {printed.err}"


def test_a_relation_that_cannot_be_read_is_told_from_one_that_fails(database):
    with pytest.raises(GateBroken, match=r"test: student_id\.missing could not be run"):
        broken(database)


def test_an_expectation_on_a_column_that_is_not_there_is_told_from_one_that_fails(database):
    with pytest.raises(GateBroken, match=r"test: nowhere\.missing could not be run"):
        failures(database.url, "test", [(child(), [suites.present("nowhere")])])


def test_a_broken_suite_tells_no_value_and_no_statement_by_its_causes_either(database):
    with pytest.raises(GateBroken) as raised:
        broken(database)
    said = "".join(traceback.format_exception(raised.value))
    assert "secret" not in said
    assert "SELECT" not in str(raised.value)


def test_what_was_broken_does_not_keep_the_next_suite_from_its_verdict(database):
    with pytest.raises(GateBroken):
        broken(database)
    assert judged(database, child()) == ()
    assert judged(database, child(sex="nữ")) == ("sex.code",)


def test_a_suite_whose_database_does_not_answer_is_broken_and_tells_no_password(database):
    nowhere = database.url.set(port=1, password="very-secret")
    with pytest.raises(GateBroken, match="test: ") as raised:
        failures(nowhere, "test", [(child(), [suites.present("sex")])])
    assert "very-secret" not in "".join(traceback.format_exception(raised.value))


def test_great_expectations_does_not_recommend_another_source(database, recwarn):
    judged(database, child())
    assert [warning for warning in recwarn if "Datasource" in str(warning.category)] == []


def test_judging_fetches_no_row_of_what_it_judges(rows):
    """Great Expectations asks for the names of the columns by running all of it: a city in the process's memory."""
    fetched: list[int] = []

    def count(_, cursor, *__):
        fetched.append(cursor.rowcount)

    event.listen(Engine, "after_cursor_execute", count)
    try:
        assert failures(rows.url, "validated.student", [(select(CHANGE), [suites.present("source_key")])]) == ()
    finally:
        event.remove(Engine, "after_cursor_execute", count)
    assert max(fetched) <= 1

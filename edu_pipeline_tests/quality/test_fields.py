"""What a unit owes: the generated rules hold, fail narrowly, and are not asked; last year's word is not enough.

generated rules -> one SELECT a rule over VALUES; the rolled-over city with older readings -> frames and counts

What does not belong here: the declared rules (test_rules.py), figures (test_score.py).
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Boolean, Text, cast, column, func, literal, null, select, text

from edu_pipeline.quality import fields
from edu_pipeline.schema import PULLED, Due, Entity, Field, Need, entity
from edu_pipeline_tests.stages import World

AS_OF = dt.date(2024, 9, 5)
OWED: dict[str, tuple[Field, ...]] = {
    declared.name: fields.expected(declared, lambda _: True)
    for declared in PULLED
    if fields.expected(declared, lambda _: True)
}
TELLER, OTHER = "teller", "other"

# (connection, the value lacks) -> what each of the two rules says.
EXAMPLES = (
    (TELLER, False, 0, None),
    (TELLER, True, 1, None),
    (TELLER, None, None, None),
    (OTHER, True, None, 1),
    (OTHER, False, None, None),
    (OTHER, None, None, None),
)


def _row(connection_id: str, lacks: dict[str, Any]) -> Any:
    """One row of a frame: who tells it, and which fields it lacks."""
    said = (cast(value, Boolean).label(f"lacks_{name}") for name, value in lacks.items())
    return select(cast(literal(connection_id), Text).label("connection_id"), *said).subquery("f")


@pytest.mark.parametrize("name", sorted(OWED))
def test_a_field_is_missing_where_it_is_told_and_untold_where_it_is_not(database, name: str) -> None:
    owed = OWED[name]
    told = {field.name: frozenset({TELLER}) for field in owed}
    rules = fields.rules(entity(name), owed, told)
    assert [rule.id for rule in rules] == [f"{name}.{f.name}.{check}" for f in owed
                                           for check in (fields.MISSING, fields.UNTOLD)]  # fmt: skip
    with database.app.connect() as connection:
        for connection_id, lacks, missing, untold in EXAMPLES:
            said = null() if lacks is None else literal(lacks)
            row = _row(connection_id, {field.name: said for field in owed})
            found = connection.execute(select(*(rule.failed(row.c) for rule in rules))).one()
            assert tuple(found) == (missing, untold) * len(owed), (connection_id, lacks)


def test_one_field_s_gap_is_no_other_s(database) -> None:
    owed = OWED["student"]
    rules = fields.rules(entity("student"), owed, {field.name: frozenset({TELLER}) for field in owed})
    for gap in owed:
        row = _row(TELLER, {field.name: literal(field is gap) for field in owed})
        with database.app.connect() as connection:
            found = connection.execute(select(*(rule.failed(row.c) for rule in rules))).one()
        assert {rule.field for rule, failed in zip(rules, found, strict=True) if failed} == {gap.name}


def test_nobody_tells_a_field_so_it_is_untold_of_all(database) -> None:
    owed = OWED["student"][:1]
    missing, untold = fields.rules(entity("student"), owed, {})
    row = _row(TELLER, {owed[0].name: literal(True)})
    with database.app.connect() as connection:
        found = connection.execute(select(missing.failed(row.c), untold.failed(row.c))).one()
    assert tuple(found) == (None, 1)


def _stand(world: Any, key: str, faults: list[str], is_present: bool = True, event: str = "NEW") -> None:
    world.execute(text("""INSERT INTO validated.enrollment (connection_id, source_key, batch_id, event, claim_unit_id,
        faults, is_present) VALUES ('c', :key, 1, :event, 'u', :faults, :there)"""),
        {"key": key, "event": event, "faults": faults, "there": is_present})  # fmt: skip


def _records(database) -> tuple[int, int, int] | None:
    query = f"SELECT asked, stopped, bare FROM ({fields.RECORDS}) r WHERE entity = 'enrollment' AND unit_id = 'u'"
    with database.app.connect() as connection:
        row = connection.execute(text(query)).one_or_none()
    return tuple(row) if row else None


def test_records_that_are_stopped_or_lost_a_value_are_counted_of_all_that_are_told(database) -> None:
    assert _records(database) is None
    with database.app.begin() as connection:
        _stand(connection, "whole", [])
        _stand(connection, "bare", ["entry_kind:code"])
        # What an officer lets be has lost nothing; what has gone or was cancelled is not asked.
        _stand(connection, "waived", ["end_date:before_begin"])
        _stand(connection, "waived and bare", ["end_date:before_begin", "entry_kind:code"])
        _stand(connection, "gone", ["entry_kind:code"], is_present=False)
        _stand(connection, "cancelled", ["entry_kind:code"], event="CANCEL")
    assert _records(database) == (4, 0, 2)
    with database.app.begin() as connection:
        connection.execute(
            text("""INSERT INTO quarantine.enrollment (connection_id, source_key, batch_id, event,
            claim_unit_id, faults, failed_rules, since) VALUES ('c', 'stopped', 1, 'NEW', 'u', '{}', '{x}', now())""")
        )
    assert _records(database) == (5, 1, 2)


def _anew(declared: Entity) -> set[str]:
    return {field.name for field in declared.fields if field.need is Need.EXPECTED and field.due is Due.START_OF_YEAR}


def _lacking(world: World, name: str, field: str) -> dict[str, tuple[int, int]]:
    """Of each unit how many records were asked, and how many lack the field."""
    frame = fields.frame(entity(name), OWED[name], _anew(entity(name))).bindparams(as_of=AS_OF).subquery("f")
    lacks = frame.c[f"lacks_{field}"]
    query = select(frame.c.unit_id, func.count(), func.count().filter(cast(lacks, Boolean))).group_by(frame.c.unit_id)
    with world.app.connect() as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


@pytest.mark.slow
def test_what_was_told_last_year_alone_is_missing_until_it_is_told_again(stage: Callable[[str], World]) -> None:
    world = stage("applied")
    before, places = _lacking(world, "student", "ethnicity"), _lacking(world, "enrollment", "entry_kind")
    unit = max(before, key=lambda one: before[one][0] - before[one][1])
    asked, lacking = before[unit]
    assert asked - lacking > 100
    # Since the summer nobody has read the pupils as a whole, and none of them has changed.
    world.execute("UPDATE ops.batch SET as_of = '2024-08-20'")
    assert _lacking(world, "student", "ethnicity")[unit] == (asked, asked)
    # Of what has a year of its own, the row is that year's word.
    assert _lacking(world, "enrollment", "entry_kind") == places
    # One record that has come since is told; so are all of a unit that was read completely.
    batch, connection = world.rows("""SELECT m.batch_id, m.connection_id FROM master.student m
        JOIN master.enrollment e USING (student_id) WHERE e.unit_id = :u AND e.school_year = 2024
        AND e.status = 'active' AND m.ethnicity IS NOT NULL LIMIT 1""", u=unit)[0]  # fmt: skip
    fresh = world.value("SELECT max(batch_id) + 1000 FROM ops.batch")
    world.execute("""INSERT INTO ops.batch OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(b,
        jsonb_build_object('batch_id', CAST(:fresh AS bigint),
        'as_of', '2024-09-05', 'status', 'merged'))).* FROM ops.batch b WHERE batch_id = :batch""",
        fresh=fresh, batch=batch)  # fmt: skip
    world.execute("""UPDATE master.student SET batch_id = :fresh WHERE student_id = (SELECT min(m.student_id)
        FROM master.student m JOIN master.enrollment e USING (student_id) WHERE e.unit_id = :u AND e.school_year = 2024
        AND e.status = 'active' AND e.kind = 'primary' AND e.end_date IS NULL AND m.ethnicity IS NOT NULL)""",
        fresh=fresh, u=unit)  # fmt: skip
    assert _lacking(world, "student", "ethnicity")[unit] == (asked, asked - 1)
    scope = """INSERT INTO ops.scope SELECT (jsonb_populate_record(s,
        jsonb_build_object('batch_id', CAST(:fresh AS bigint),
        'is_complete', CAST(:whole AS bool), 'distinct_count', CAST(:count AS int)))).* FROM ops.scope s
        WHERE s.connection_id = :c AND s.entity = 'student' AND s.unit_id IN ('', :u)
        ORDER BY s.batch_id DESC LIMIT 1"""
    for whole, count, said in ((False, 5, asked - 1), (True, 0, asked - 1), (True, 5, lacking)):
        world.execute("DELETE FROM ops.scope WHERE batch_id = :fresh", fresh=fresh)
        world.execute(scope, fresh=fresh, whole=whole, count=count, c=connection, u=unit)
        assert _lacking(world, "student", "ethnicity")[unit] == (asked, said), (whole, count)


def test_columns_are_the_same_whatever_is_asked_anew() -> None:
    for name, owed in OWED.items():
        with_year, without = (fields.frame(entity(name), owed, anew) for anew in (_anew(entity(name)), ()))
        assert [c.name for c in with_year.selected_columns] == [c.name for c in without.selected_columns]
    assert column("lacks_ethnicity").name in {c.name for c in fields.frame(
        entity("student"), OWED["student"]).selected_columns}  # fmt: skip

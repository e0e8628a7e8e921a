"""Every frame runs on the schema that there is, gives the columns that it declares, and has rows in a practice city.

FRAMES -> an empty register; the small city, of all its systems, when its year has closed; the same rolled over

What does not belong here: what a rule makes of a row (test_rules.py).
"""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import Boolean, Date, Integer, Numeric, Text, func, select

from edu_pipeline.flow import publish, year
from edu_pipeline.quality.frames import FRAMES
from edu_pipeline.quality.tally import RULES
from edu_pipeline.settings import settings
from edu_pipeline_tests.stages import World

DAY = dt.date(2024, 10, 1)
RETEST = "result.outcome.retest_unanswered"
KEYS = ("unit_id", "grade_level", "record", "connection_id", "source_key")
# Types of the answer, as PostgreSQL numbers them.
NUMBERS = {Text: {25, 1043}, Integer: {23, 20, 21}, Date: {1082}, Boolean: {16}, Numeric: {1700}}


def test_every_frame_has_rules_and_all_rules_a_frame():
    assert set(RULES) == set(FRAMES)


@pytest.mark.parametrize("frame", sorted(FRAMES))
def test_a_frame_begins_with_who_answers_and_where_to_find_it(frame):
    assert tuple(c.name for c in FRAMES[frame].selected_columns)[: len(KEYS)] == KEYS


def test_frames_give_the_columns_that_they_declare(database):
    wrong = {}
    with database.app.connect() as connection:
        for name, frame in FRAMES.items():
            answer = connection.execute(frame.element.bindparams(as_of=DAY))
            assert answer.cursor is not None
            found = {told.name: told.type_code for told in answer.cursor.description}
            declared = {c.name: NUMBERS[type(c.type)] for c in frame.selected_columns}
            wrong[name] = {n: found.get(n) for n, kinds in declared.items() if found.get(n) not in kinds}
            wrong[name] |= dict.fromkeys(set(found) - set(declared), "not declared")
            assert answer.all() == []
    assert {name: said for name, said in wrong.items() if said} == {}


def counted(world: World) -> dict[str, dict[str, int]]:
    """Frame -> "rows", and each rule -> of how many rows it is asked."""
    found = {}
    with world.app.connect() as connection:
        for name, frame in FRAMES.items():
            row = frame.bindparams(as_of=settings().today()).subquery("f")
            asked = (func.count(rule.failed(row.c)).label(rule.id) for rule in RULES[name])
            found[name] = dict(connection.execute(select(func.count().label("rows"), *asked)).mappings().one())
    return found


@pytest.mark.slow
def test_a_city_whose_year_has_closed_has_rows_in_every_frame_of_it(whole: Callable[[str], World]):
    world = whole("year_end")
    year.open_year(2023)
    assert {name: o.error for name, o in world.sync().items() if o.error} == {}
    publish.publish(uuid.uuid4().hex)
    year.close_year(2023)
    found = counted(world)
    assert {name for name, said in found.items() if not said["rows"]} == set()
    asked = {rule for said in found.values() for rule, count in said.items() if rule != "rows" and count}
    assert len(asked) > 100
    assert RETEST not in asked


@pytest.mark.slow
def test_a_city_that_is_rolled_over_is_asked_for_all_who_have_to_be_there(stage: Callable[[str], World]):
    found = counted(stage("applied"))
    assert all(found["roster"][rule.id] for rule in RULES["roster"])
    # In summer nobody was late with it.
    assert found["result"][RETEST]

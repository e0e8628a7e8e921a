"""Every frame runs on the schema that there is, gives the columns that it declares, and has rows in a practice city.

FRAMES -> an empty register; the small city at its year's end, of all its systems

What does not belong here: what a rule makes of a row (test_rules.py).
"""

import datetime as dt

import pytest
from sqlalchemy import Boolean, Date, Integer, Numeric, Text

from edu_pipeline.quality.frames import FRAMES
from edu_pipeline.quality.tally import RULES

DAY = dt.date(2024, 10, 1)
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

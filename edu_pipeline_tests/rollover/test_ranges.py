"""Shares outside what is believed are named by level and decision; from the second year on a unit's own past counts."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from edu_pipeline.rollover import check, ranges
from edu_pipeline.rollover.ranges import Range
from edu_pipeline_tests.conftest import Database

UNIT = "79760401"


def believed(minimum: float, maximum: float, unit: str | None = None, decision: str = "retained") -> Range:
    return Range(unit_id=unit, level="primary", decision=decision, minimum=minimum, maximum=maximum, rows=30,
                 history=0.1)  # fmt: skip


def planned(database: Database, year: int, status: str, kind: str = "closing", **counts: int) -> int:
    """A plan of the unit whose lines of grade 3 come to these decisions; its number."""
    with database.app.begin() as connection:
        plan = connection.execute(
            text("""INSERT INTO rollover.plan (unit_id, from_year, to_year, status, hash, planned_at)
                    VALUES (:u, :y, :y + 1, :s, '', now()) RETURNING plan_id"""),
            {"u": UNIT, "y": year, "s": status},
        ).scalar_one()
        for decision, count in counts.items():
            connection.execute(
                text("""INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, from_grade,
                                                        to_grade, decision, source, is_proposed)
                        SELECT :p, :u, :k || '/' || :d || n, :k, :d || n, 3, 4, :d, 'told', false
                        FROM generate_series(1, :n) n"""),
                {"p": plan, "u": UNIT, "k": kind, "d": decision, "n": count},
            )
    return int(plan)


def fault(database: Database, plan: int, *said: Range) -> str | None:
    binds: dict[str, Any] = {"plans": [plan], "ranges": json.dumps(said)}
    with database.app.connect() as connection:
        connection.execute(text(check.FORGET))
        connection.execute(text(ranges.COUNT), binds)
        rows = connection.execute(text(ranges.FAULTS), binds).all()
    assert [row.plan_id for row in rows] in ([], [plan])
    return rows[0].fault if rows else None


@pytest.mark.parametrize(
    ("retained", "promoted", "said", "expected"),
    [
        (8, 92, (0, 0.08), None),
        (9, 91, (0, 0.08), "retained 9 of 100 in primary, 9.0 percent, 0 to 8 are believed"),
        (0, 100, (0.01, 0.5), "retained 0 of 100 in primary, 0.0 percent, 1 to 50 are believed"),
        (10, 19, (0, 0.08), None),
        (10, 20, (0, 0.08), "retained 10 of 30 in primary, 33.3 percent, 0 to 8 are believed"),
    ],
    ids=["at the bound", "above", "nobody at all", "too few to say", "just enough"],
)
def test_a_share_is_believed_within_its_range(
    database: Database, retained: int, promoted: int, said: tuple[float, float], expected: str | None
) -> None:
    plan = planned(database, 2023, "draft", retained=retained, promoted=promoted)
    found = fault(database, plan, believed(*said))
    assert found == (expected and f"{ranges.RULE}: {expected}")


def test_a_units_own_range_goes_before_the_citys(database: Database) -> None:
    plan = planned(database, 2023, "draft", retained=20, promoted=80)
    assert fault(database, plan, believed(0, 0.08), believed(0, 0.3, UNIT)) is None
    assert fault(database, plan, believed(0, 0.5), believed(0, 0.1, UNIT)) is not None
    assert fault(database, plan, believed(0, 0.08), believed(0, 0.3, "79760402")) is not None


def closed(database: Database, plan: int) -> None:
    """One pupil's year closes in the plan: the unit had the level."""
    with database.app.begin() as connection:
        connection.execute(
            text("""INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, from_grade, decision,
                                                    source, is_proposed)
                    VALUES (:p, :u, 'closing/1', 'closing', '1', 3, 'promoted', 'told', false)"""),
            {"p": plan, "u": UNIT},
        )


def test_arrivals_are_measured_by_who_opens_in_a_level_that_the_unit_had(database: Database) -> None:
    plan = planned(database, 2023, "draft", kind="opening", intake=60, promoted=40, pending=100)
    # A level that the unit gains has nothing but arrivals.
    assert fault(database, plan, believed(0, 0.5, decision="intake")) is None
    closed(database, plan)
    said = fault(database, plan, believed(0, 0.5, decision="intake"))
    assert said == f"{ranges.RULE}: intake 60 of 100 in primary, 60.0 percent, 0 to 50 are believed"


def test_from_the_second_year_on_its_own_year_before_counts(database: Database) -> None:
    planned(database, 2023, "applied", retained=20, promoted=80)
    same, other = (planned(database, 2024, "draft", retained=n, promoted=100 - n) for n in (29, 31))
    # 20 percent were retained the year before, believed or not: ten points more or less are.
    assert fault(database, same, believed(0, 0.08)) is None
    assert fault(database, other, believed(0, 0.08)) == (
        f"{ranges.RULE}: retained 31 of 100 in primary, 31.0 percent, it was 20.0 the year before"
    )


def test_a_year_in_which_all_arrived_is_no_year_to_compare_with(database: Database) -> None:
    first = planned(database, 2023, "applied", kind="opening", intake=100)
    second = planned(database, 2024, "draft", kind="opening", intake=50, promoted=50)
    closed(database, second)
    # The second year of a new school: half of it has gone up.
    assert fault(database, second, believed(0, 0.6, decision="intake")) is None
    closed(database, first)
    assert fault(database, second, believed(0, 0.6, decision="intake")) == (
        f"{ranges.RULE}: intake 50 of 100 in primary, 50.0 percent, it was 100.0 the year before"
    )

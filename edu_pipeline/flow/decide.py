"""What people decide beside the witnesses: of one pupil, or of a class whose next name no pattern says.

decision with reason -> rollover.override, rollover.renaming, ops.audit -> the next plan

What does not belong here: weighing it against the witnesses (rollover/closing.py). A decision is entered here and
nowhere else: never in a run's configuration. It is withdrawn, not changed; a plan made before it is stale by it.
"""

import datetime as dt
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import RowMapping, Table, func, insert, select, text, update

from edu_pipeline.contracts.year import OVERRIDE, RENAMING
from edu_pipeline.flow.audit import audited, record
from edu_pipeline.flow.step import Why
from edu_pipeline.rollover.closing import DECISIONS
from edu_pipeline.schema.ladder import FINAL_GRADES, NEXT_GRADE
from edu_pipeline.storage.engine import engine

# Whoever logged in, whatever role was set since.
_ACTOR = select(func.session_user()).scalar_subquery()


class DecisionRefused(RuntimeError):
    """The decision cannot be entered or withdrawn; the message says why and what to do instead."""


def override(unit: str, from_year: int, student: str, decision: str, why: Why, to_class: str | None = None) -> int:
    """Decide of one pupil of the closing snapshot; return the override's number. DecisionRefused says why not."""
    if decision not in DECISIONS:
        raise DecisionRefused(f"decision {decision!r} is none of {', '.join(DECISIONS)}")
    if to_class and decision not in ("promoted", "retained"):
        raise DecisionRefused(f"who is {decision} sits in no class of the unit: leave the class out")
    with audited() as database:
        grade = _grade(database, unit, from_year, student)
        if decision == "promoted" and grade not in NEXT_GRADE:
            raise DecisionRefused(f"grade {grade} is the last of its level: its pupils are completed, not promoted")
        if decision == "completed" and grade not in FINAL_GRADES:
            raise DecisionRefused(f"grade {grade} does not end a level: its pupils are promoted, not completed")
        return _enter(database, OVERRIDE, why, unit_id=unit, from_year=from_year, student_id=student,
                      decision=decision, to_class=to_class)  # fmt: skip


def rename(unit: str, from_year: int, from_class: str, to_grade: int, to_class: str, why: Why) -> int:
    """Say what a class is called when its pupils are in a grade; return the renaming's number."""
    with audited() as database:
        _closing(database, unit, from_year)
        query = text("""SELECT DISTINCT grade_level FROM rollover.snapshot_student
                        WHERE (unit_id, school_year, class_code) = (:unit, :year, :class)""")
        grades = set(database.execute(query, {"unit": unit, "year": from_year, "class": from_class}).scalars())
        if not grades:
            raise DecisionRefused(f"unit {unit}: no pupil of {from_year} sat in a class {from_class!r} on the last day")
        if to_grade not in grades | {NEXT_GRADE.get(grade) for grade in grades}:
            raise DecisionRefused(f"class {from_class} of unit {unit} leads to no grade {to_grade}")
        return _enter(database, RENAMING, why, unit_id=unit, from_year=from_year, from_class=from_class,
                      to_grade=to_grade, to_class=to_class)  # fmt: skip


def withdraw_override(number: int, claimed: str | None = None) -> None:
    """Take an override back; the next plan is made without it."""
    _withdraw(OVERRIDE, number, claimed)


def withdraw_renaming(number: int, claimed: str | None = None) -> None:
    """Take a renaming back; the next plan is made without it."""
    _withdraw(RENAMING, number, claimed)


def overrides(from_year: int, unit: str | None = None, is_all: bool = False) -> list[dict[str, Any]]:
    """Overrides that stand (or all that ever were entered), with who, when and why."""
    return [dict(row) for row in _listed(OVERRIDE, from_year, unit, is_all)]


def renamings(from_year: int, unit: str | None = None, is_all: bool = False) -> list[dict[str, Any]]:
    """Renamings that stand (or all that ever were entered), with who, when and why."""
    return [dict(row) for row in _listed(RENAMING, from_year, unit, is_all)]


def _closing(database: Database, unit: str, from_year: int) -> None:
    query = text("SELECT state FROM ops.unit_year WHERE (unit_id, school_year) = (:unit, :year)")
    state = database.execute(query, {"unit": unit, "year": from_year}).scalar()
    if state is None:
        raise DecisionRefused(f"unit {unit} has no school year {from_year}: name a unit of `edu-pipeline year status`")
    if state != "closing":
        raise DecisionRefused(f"unit {unit}: {from_year} is {state}, not closing; only a year between its last day and "
                              "the end of its corrections is decided on")  # fmt: skip


def _grade(database: Database, unit: str, from_year: int, student: str) -> int:
    _closing(database, unit, from_year)
    query = text("""SELECT grade_level FROM rollover.snapshot_student
                    WHERE (unit_id, school_year, student_id) = (:unit, :year, :student)""")
    grade = database.execute(query, {"unit": unit, "year": from_year, "student": student}).scalar()
    if grade is None:
        raise DecisionRefused(f"unit {unit}: the closing snapshot of {from_year} has no pupil {student}")
    return int(grade)


def _enter(database: Database, table: Table, why: Why, **values: Any) -> int:
    if not why.reason.strip():
        raise DecisionRefused("a decision needs a reason")
    key, (standing,) = next(iter(table.primary_key)), table.indexes
    same = (column == values[column.name] for column in standing.columns)
    former = database.execute(select(key).where(table.c.withdrawn_at.is_(None), *same)).scalar()
    if former is not None:
        raise DecisionRefused(f"{table.name} {former} stands for that already: withdraw it first")
    kept = {"reason": why.reason, "document": why.document or None, "claimed": why.claimed}
    made = int(database.execute(insert(table).values(**values, **kept).returning(key)).scalar_one())
    record(database, f"rollover.{table.name}", why.claimed, number=made, unit=values["unit_id"],
           year=values["from_year"], document=why.document or None)  # fmt: skip
    return made


def _withdraw(table: Table, number: int, claimed: str | None) -> None:
    key = next(iter(table.primary_key))
    statement = (
        update(table)
        .where(key == number, table.c.withdrawn_at.is_(None))
        .values(withdrawn_at=dt.datetime.now(dt.UTC), withdrawn_by=_ACTOR)
        .returning(table.c.unit_id, table.c.from_year)
    )
    with audited() as database:
        row = database.execute(statement).one_or_none()
        if row is None:
            raise DecisionRefused(f"{table.name} {number} does not stand: `edu-pipeline rollover {table.name} list`")
        record(database, f"rollover.{table.name}.withdraw", claimed, number=number, unit=row.unit_id,
               year=row.from_year)  # fmt: skip


def _listed(table: Table, from_year: int, unit: str | None, is_all: bool) -> list[RowMapping]:
    query = select(table).where(table.c.from_year == from_year).order_by(table.c.unit_id, next(iter(table.primary_key)))
    if unit:
        query = query.where(table.c.unit_id == unit)
    if not is_all:
        query = query.where(table.c.withdrawn_at.is_(None))
    with engine().connect() as database:
        return list(database.execute(query).mappings())

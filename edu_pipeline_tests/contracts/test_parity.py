"""PostgreSQL, Great Expectations and the row rules say the same of every value of every declared field.

Good values pass all three; each spoiled value breaks exactly the one check that it was made for, in all three, and no
check of any of the three is left without a value that breaks it. A declaration is thus said once and rendered thrice.
"""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from itertools import zip_longest
from typing import Any, NamedTuple

import hypothesis
import hypothesis.strategies as st
import psycopg.errors
import pytest
from sqlalchemy import Connection, Select, cast, literal, select, text, union_all
from sqlalchemy.exc import IntegrityError

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.columns import sql_type
from edu_pipeline.contracts.reference import unknown_codes
from edu_pipeline.contracts.rules import Rule, row_rules, supplied
from edu_pipeline.gate.judge import failures
from edu_pipeline.schema import ENTITIES, Entity, Field, Kind, Need

AS_OF = dt.date(2024, 9, 5)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
OF_TWO_FIELDS = {"implausible", "before_begin", "form", "eaten_zero", "old_number", "wrong_province",
                 "wrong_birth_year", "wrong_sex", "unknown_person", "unregistered"}  # fmt: skip
NUMBER = "079215002833"

# Great Expectations takes its time for each field: the widest entities are judged with the longer tests.
each_entity = pytest.mark.parametrize(
    "entity",
    [pytest.param(one, marks=pytest.mark.slow if len(one.fields) > 12 else ()) for one in ENTITIES],
    ids=lambda entity: entity.name,
)


class Spoiled(NamedTuple):
    """A value and the one check of its field that must refuse it."""

    field: Field
    check: str
    value: Any


@cache
def _shortest_match(pattern: str) -> str:
    made = st.from_regex(re.compile(f"({pattern})", re.ASCII), fullmatch=True)
    return hypothesis.find(made, lambda _: True, settings=hypothesis.settings(database=None))


def good_values(field: Field) -> list[Any]:
    """Values that must pass everywhere; the first is the plain one, the others stand on the border."""
    if field.codes and field.codes.is_open:
        found: list[Any] = [*field.codes.codes][:40]
    elif field.codes:
        found = [int(code) if field.kind is Kind.INTEGER else code for code in field.codes.codes]
    elif field.name == "personal_number":
        found = [NUMBER]
    elif field.kind is Kind.PARTIAL_DATE:
        found = ["2015-02-28", "2015", "2015-02", "2015-12-31"]
    elif field.pattern:
        plain = _shortest_match(field.pattern)
        found = [plain, *(other for other in [plain.replace("0", "9")] if re.fullmatch(field.pattern, other))]
    elif field.kind is Kind.INTEGER:
        found = [number for number in (field.minimum, field.maximum) if number is not None]
    elif field.kind is Kind.DECIMAL:
        found = [Decimal(number) for number in (field.minimum, field.maximum) if number is not None]
        found.append(Decimal(field.minimum or 0) + Decimal("0.25"))
    elif field.kind is Kind.DATE:
        found = [dt.date(2015, 2, 28), dt.date(2016, 2, 29)]
    elif field.kind is Kind.BOOLEAN:
        found = [True, False]
    else:
        found = ["Nguyễn Thị Ánh", "x", " x", *(["ễ" * field.max_length] if field.max_length else [])]
    return found if field.need is Need.KEY else [*found, None]


def spoiled_values(field: Field) -> list[Spoiled]:
    """Every way in which the declaration says that a value can be wrong."""
    found: list[tuple[str, Any]] = [("missing", None)] if field.need is Need.KEY else []
    if field.form:
        good = "2015-02-28" if field.kind is Kind.PARTIAL_DATE else _shortest_match(field.form)
        wrong = (
            good.translate(FULL_WIDTH),
            f"{good}\n",
            f"\n{good}",
            f"{good}\n{good}",
            f"{good} ",
            f"?{good}",
            "",
            " ",
        )
        found += [("pattern", value) for value in wrong]
    if field.kind is Kind.PARTIAL_DATE:
        found += [
            ("pattern", value) for value in ("2015-02-29", "2015-04-31", "2015-13", "2015-00", "15-02", "28/02/2015")
        ]
    if field.codes:
        wrong_codes = (0, 99, -1) if field.kind is Kind.INTEGER else ("", "no-such", "１", *_near(field))
        found += [("code", value) for value in wrong_codes]
    if field.kind is Kind.TEXT and field.need is Need.KEY and not (field.codes or field.pattern):
        found += [("blank", value) for value in ("", " ", "    ")]
    if field.max_length:
        found += [("length", "x" * (field.max_length + 1)), ("length", "ễ" * (field.max_length + 1))]
    if field.minimum is not None:
        found += [("minimum", field.minimum - 1), ("minimum", -(2**31))]
    if field.maximum is not None:
        found += [("maximum", field.maximum + 1), ("maximum", 2**31 - 1)]
    if field.kind is Kind.DECIMAL:
        found = [(check, value if value is None else Decimal(value)) for check, value in found]
        found.append(("maximum", Decimal(field.maximum or 0) + Decimal("0.01")))
    return [Spoiled(field, check, value) for check, value in found]


def _near(field: Field) -> list[str]:
    code = good_values(field)[0]
    return [f"{code} ", f"{code}\n", *({code.upper(), code.capitalize()} - {code})]


def good_row(entity: Entity) -> dict[str, Any]:
    return {field.name: good_values(field)[0] for field in entity.fields}


def layers(entity: Entity, columns: list[list[Any]]) -> list[dict[str, Any]]:
    """Rows whose n-th holds the n-th value of every field: every check reads one column, so one row tries them all."""
    plain = good_row(entity)
    absent = object()
    return [
        {name: good if value is absent else value for (name, good), value in zip(plain.items(), layer, strict=True)}
        for layer in zip_longest(*columns, fillvalue=absent)
    ]


def relation(entity: Entity, *rows: dict[str, Any]) -> Select:
    kinds = {field.name: sql_type(field) for field in entity.fields}
    literals = (
        select(*(cast(literal(value, kinds[name]), kinds[name]).label(name) for name, value in row.items()))
        for row in rows
    )
    return select(union_all(*literals).subquery())


class Judges:
    """The three renderings, each asked for the checks (`field.check`) that a row breaks."""

    def __init__(self, connection: Connection, entity: Entity) -> None:
        self.connection, self.entity = connection, entity
        self.expectations = suites.field_expectations(entity)
        self.code_expectations = suites.code_expectations(entity)

    @classmethod
    @contextmanager
    def of(cls, entity: Entity, database: Any) -> Iterator["Judges"]:
        """Judges with a table that has master's CHECK, NOT NULL and lists of codes, but not its parents."""
        lists = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
        lists += f" AND conrelid = 'master.{entity.name}'::regclass AND confrelid::regclass::text LIKE 'reference.%'"
        with database.owner.begin() as owner:
            owner.execute(text(f"CREATE TABLE public.judged (LIKE master.{entity.name} INCLUDING CONSTRAINTS)"))
            owner.execute(text("ALTER TABLE public.judged ALTER recorded_from SET DEFAULT now()"))
            for name, said in owner.execute(text(lists)).all():
                owner.execute(text(f"ALTER TABLE public.judged ADD CONSTRAINT {name} {said}"))
            owner.execute(text("GRANT SELECT, INSERT ON public.judged TO edu_app"))
        with database.app.connect() as connection:
            yield cls(connection, entity)

    def postgresql(self, row: dict[str, Any]) -> set[str]:
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        try:
            with self.connection.begin_nested():
                self.connection.execute(text(f"INSERT INTO judged ({names}) VALUES ({marks})"), row)
        except IntegrityError as error:
            place = error.orig.diag  # type: ignore[union-attr]
            if isinstance(error.orig, psycopg.errors.ForeignKeyViolation):
                return {self._check(place.constraint_name)}
            if isinstance(error.orig, psycopg.errors.NotNullViolation):
                return {f"{place.column_name}.missing"}
            return {self._check(place.constraint_name)}
        return set()

    def _check(self, constraint: str) -> str:
        said = constraint.removeprefix(f"{self.entity.name}_").removesuffix("_check").removesuffix("_fkey")
        return ".".join(said.rsplit("_", 1))

    def rules(self, row: dict[str, Any]) -> set[str]:
        """Checks of single fields that a row breaks; a row may be some fields of the entity only."""
        rows = relation(self.entity, row).subquery()
        asked = [rule for rule in row_rules(self.entity) if rule.field in row and self._is_asked(rule, row)]
        if not asked:
            return set()
        said = {rule: f"{rule.field}.{rule.check}" for rule in asked}
        answer = self.connection.execute(select(*(rule.fails(rows.c, AS_OF).label(said[rule]) for rule in asked)))
        return {name for name, fails in answer.mappings().one().items() if fails}

    @staticmethod
    def _is_asked(rule: Rule, row: dict[str, Any]) -> bool:
        return rule.check not in OF_TWO_FIELDS or (rule.check == "before_begin" and "begin_date" in row)

    def gx(self, *rows: dict[str, Any]) -> set[str]:
        judged = relation(self.entity, *rows).subquery()
        asked = select(*judged.c, *unknown_codes(self.entity, judged.c)).select_from(judged)
        expected = [*self.expectations, *self.code_expectations]
        failed = failures(self.connection.engine.url, "parity", [(asked, expected)])
        return {self._bound(name, rows[0]) for name in failed}

    def _bound(self, name: str, row: dict[str, Any]) -> str:
        # The suite says `range` where the others tell lower from upper bound.
        field, check = name.rsplit(".", 1)
        if check != "range":
            return name
        lowest = self.entity.field(field).minimum
        return f"{field}.{'minimum' if lowest is not None and row[field] < lowest else 'maximum'}"

    def all_constraints(self) -> set[str]:
        """What the catalogue says that master checks of the declared fields."""
        ours = "'public.judged'::regclass"
        checks = text(f"SELECT conname FROM pg_constraint WHERE conrelid = {ours} AND contype IN ('c', 'f')")
        required = text(f"SELECT attname FROM pg_attribute WHERE attrelid = {ours} AND attnotnull AND attnum > 0")
        found = {self._check(name) for name in self.connection.scalars(checks)}
        return found | {f"{name}.missing" for name in self.connection.scalars(required) if name != "recorded_from"}


@each_entity
def test_good_values_pass_everywhere(entity, database):
    rows = layers(entity, [good_values(field) for field in entity.fields])
    ordered = [
        row | {"begin_date": row["end_date"]} if row.get("end_date") and "begin_date" in row else row for row in rows
    ]
    with Judges.of(entity, database) as judges:
        refused = [(row, found) for row in ordered if (found := judges.postgresql(row) | judges.rules(row))]
        assert refused == []
        assert judges.gx(*ordered) == set()


@each_entity
def test_spoiled_values_are_judged_alike(entity, database):
    plain, by_field = good_row(entity), [spoiled_values(field) for field in entity.fields]
    without_rule = {f"{name}.missing" for name in supplied(entity)}
    disagreements = []
    with Judges.of(entity, database) as judges:
        values = [[one.value for one in spoiled] for spoiled in by_field]
        by_suite = [judges.gx(row) for row in layers(entity, values)]
        for spoiled in by_field:
            for nth, one in enumerate(spoiled):
                said = f"{one.field.name}.{one.check}"
                expected = {
                    "postgresql": {said},
                    "rules": {said} - without_rule,
                    "gx": {said},
                }
                row = {**plain, one.field.name: one.value}
                found = {
                    "postgresql": judges.postgresql(row),
                    # A rule of one field reads its column alone.
                    "rules": judges.rules({one.field.name: one.value}),
                    "gx": {name for name in by_suite[nth] if name.rsplit(".", 1)[0] == one.field.name},
                }
                if found != expected:
                    disagreements.append((said, one.value, found))
    assert disagreements == []


@each_entity
def test_no_check_is_without_a_value_that_breaks_it(entity, database):
    tried = {f"{one.field.name}.{one.check}" for field in entity.fields for one in spoiled_values(field)}
    with Judges.of(entity, database) as judges:
        assert judges.all_constraints() == tried
    by_rules = {
        rule.id.removeprefix(f"{entity.name}.") for rule in row_rules(entity) if rule.check not in OF_TWO_FIELDS
    }
    assert by_rules == tried - {f"{name}.missing" for name in supplied(entity)}
    bounds = {"minimum": "range", "maximum": "range"}
    asked = (*judges.expectations, *judges.code_expectations)
    by_suite = {e.meta["name"] for e in asked if e.meta["name"] != "end_date.before_begin"}
    named = {f"{name}.{bounds.get(check, check)}" for name, check in (one.rsplit(".", 1) for one in tried)}
    assert by_suite == named


@pytest.mark.parametrize(
    "entity", [e for e in ENTITIES if {"begin_date", "end_date"} <= set(e.field_names)], ids=lambda entity: entity.name
)
def test_a_last_day_before_the_first_is_judged_alike(entity, database):
    begin = dt.date(2024, 9, 5)
    expected = {begin - dt.timedelta(1): {"end_date.before_begin"}, begin: set(), begin + dt.timedelta(1): set()}
    if entity.field("end_date").need is not Need.KEY:
        expected[None] = set()
    with Judges.of(entity, database) as judges:
        for end, broken in expected.items():
            row = {**good_row(entity), "begin_date": begin, "end_date": end}
            assert (end, judges.rules(row), judges.gx(row)) == (end, broken, broken)

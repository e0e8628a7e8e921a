"""Row rules: for each, the SQL expression that is true where a row fails it.

Field, Entity -> Rule(id, fails) -> validate (isolates rows), gate (judges what is left)

What does not belong here: rules over sets (suites.py), and texts for people (rules.yaml, one entry a check).
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import ColumnElement, Date, cast, func, not_

from edu_pipeline.contracts.columns import code_values
from edu_pipeline.schema import Entity, Field, Kind, Need

EARLIEST_BIRTH = "1900-01-01"

Columns = Any  # a FromClause's `.c`: columns by name


@dataclass(frozen=True)
class Rule:
    """A rejecting rule on one row. `id` is entity.field.check; `fails(columns, as_of)` is true where it is broken."""

    id: str
    fails: Callable[[Columns, dt.date], ColumnElement[bool]]

    @property
    def check(self) -> str:
        return self.id.rsplit(".", 1)[1]


def row_rules(entity: Entity) -> tuple[Rule, ...]:
    """All rejecting row rules of an entity, in declared order."""
    found = [rule for field in entity.fields for rule in _field_rules(entity, field)]
    names = set(entity.field_names)
    if "birth_date" in names:
        found.append(Rule(f"{entity.name}.birth_date.implausible", _implausible_birth))
    if {"begin_date", "end_date"} <= names:
        found.append(Rule(f"{entity.name}.end_date.before_begin", lambda c, _: c.end_date < c.begin_date))
    return tuple(found)


def supplied(entity: Entity) -> frozenset[str]:
    """Fields that a parent or a default supplies: empty in a source row is then no fault of the row."""
    from_parents = {name for ref in entity.references if ref.key for name in (*ref.fields, *ref.fills)}
    with_default = {field.name for field in entity.fields if field.default is not None}
    derived = {"begin_date"} if entity.is_yearly else set()
    return frozenset(from_parents | with_default | derived | {entity.identity or ""})


def key_fields(entity: Entity) -> tuple[str, ...]:
    """Fields whose unreadable value rejects the row; elsewhere the value is missing, with a finding."""
    return (*(field.name for field in entity.fields if field.need is Need.KEY), "claim_unit_id")


def _field_rules(entity: Entity, field: Field) -> list[Rule]:
    prefix, name = f"{entity.name}.{field.name}", field.name
    found = []
    if field.need is Need.KEY and name not in supplied(entity):
        found.append(Rule(f"{prefix}.missing", lambda c, _: c[name].is_(None)))
    if field.pattern:
        pattern = f"^({field.pattern})$"
        found.append(Rule(f"{prefix}.pattern", lambda c, _: not_(c[name].regexp_match(pattern))))
    if field.max_length:
        longest = field.max_length
        found.append(Rule(f"{prefix}.length", lambda c, _: func.char_length(c[name]) > longest))
    if field.kind is Kind.TEXT and field.need is Need.KEY and not (field.codes or field.pattern):
        found.append(Rule(f"{prefix}.blank", lambda c, _: func.btrim(c[name]) == ""))
    if field.codes:
        allowed = code_values(field)
        found.append(Rule(f"{prefix}.code", lambda c, _: c[name].not_in(allowed)))
    if field.minimum is not None:
        lowest = field.minimum
        found.append(Rule(f"{prefix}.minimum", lambda c, _: c[name] < lowest))
    if field.maximum is not None:
        highest = field.maximum
        found.append(Rule(f"{prefix}.maximum", lambda c, _: c[name] > highest))
    return found


def _implausible_birth(columns: Columns, as_of: dt.date) -> ColumnElement[bool]:
    return not_(columns.birth_date.between(cast(EARLIEST_BIRTH, Date), cast(as_of.isoformat(), Date)))


@cache
def texts() -> dict[str, dict[str, str]]:
    """Why and how to mend, by check, in English and Vietnamese (rules.yaml)."""
    document = files("edu_pipeline.contracts").joinpath("rules.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(document))

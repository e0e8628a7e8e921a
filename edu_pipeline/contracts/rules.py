"""Row rules: for each, the SQL expression that is true where a row fails it, and what then becomes of the row.

Field, Entity -> Rule(id, fails, effect) -> validate (isolates rows), gate (judges what is left)

What does not belong here: rules over sets (suites.py), texts for people and severities (rules.yaml, severity.py).
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_

from edu_pipeline.contracts import numbers
from edu_pipeline.contracts.columns import code_values
from edu_pipeline.contracts.reference import is_unknown
from edu_pipeline.contracts.register import named_units
from edu_pipeline.contracts.severity import Severity, WrongRule, checks
from edu_pipeline.schema import Entity, Field, Kind, Need, Reference

EARLIEST_BIRTH = "1900"

# Checks that read more than their own field, or the day.
OF_SEVERAL = frozenset({"implausible", "form", "eaten_zero", "old_number", "wrong_province", "wrong_birth_year",
                        "wrong_sex", "unknown_person", "unregistered"})  # fmt: skip

Columns = Any  # a FromClause's `.c`: columns by name


class Effect(StrEnum):
    """What a broken rule does: a child is never stopped for a value that is not needed to know who and where it is."""

    REJECT = "reject"  # the row is quarantined
    BLANK = "blank"  # the row is admitted without the value, with a finding
    NOTE = "note"  # the row is admitted as it is, with a finding


@dataclass(frozen=True)
class Rule:
    """A rule on one row. `id` is entity.field.check; `fails(columns, as_of)` is true where it is broken."""

    id: str
    fails: Callable[[Columns, dt.date], ColumnElement[bool]]
    effect: Effect = Effect.REJECT

    @property
    def field(self) -> str:
        return self.id.split(".")[1]

    @property
    def is_key(self) -> bool:
        return self.effect is Effect.REJECT

    @property
    def check(self) -> str:
        return self.id.rsplit(".", 1)[1]

    @property
    def fault(self) -> str:
        """How `faults` of a row name it."""
        return f"{self.field}:{self.check}"

    @property
    def is_waivable(self) -> bool:
        """Whether a record that it rejects can stand in the register, if an officer lets it."""
        return self.effect is Effect.REJECT and checks()[self.check].never is None


def row_rules(entity: Entity) -> tuple[Rule, ...]:
    """All row rules of an entity, in declared order."""
    found = [rule for field in entity.fields for rule in _field_rules(entity, field)]
    names = set(entity.field_names)
    if "birth_date" in names:
        effect = _effect(entity.field("birth_date"))
        found.append(Rule(f"{entity.name}.birth_date.implausible", _implausible_birth, effect))
    if {"begin_date", "end_date"} <= names:
        found.append(Rule(f"{entity.name}.end_date.before_begin", lambda c, _: c.end_date < c.begin_date))
    found += [Rule(f"{entity.name}.{r.fields[0]}.unknown_person", _unknown(r), Effect.NOTE)
              for r in entity.references if r.key and r.fields and not r.required]  # fmt: skip
    found += [Rule(f"{entity.name}.{name}.unregistered", _unregistered(name)) for name in entity.names_units]
    if "personal_number" in names:
        found += [Rule(f"{entity.name}.personal_number.{check}", fails, Effect(effect))
                  for check, fails, effect in numbers.checks(entity)]  # fmt: skip
    for rule in found:
        _agrees(rule)
    return tuple(found)


def _agrees(rule: Rule) -> None:
    """WrongRule if a rule does otherwise than its check is declared to do."""
    said = checks()[rule.check].severity
    allowed = {Severity.REJECT: True, Severity.WARN: False}.get(said, rule.effect is Effect.REJECT)
    if allowed is not (rule.effect is Effect.REJECT):
        raise WrongRule(
            f"{rule.id}: rules.yaml says that {rule.check} is {said.value}, and the rule's effect is"
            f" {rule.effect.value}; correct one of the two"
        )


def _effect(field: Field) -> Effect:
    return Effect.REJECT if field.need is Need.KEY else Effect.BLANK


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
    name, found = field.name, []

    def rule(check: str, fails: Callable[[Columns], ColumnElement[bool]]) -> None:
        found.append(Rule(f"{entity.name}.{name}.{check}", lambda c, _: fails(c), _effect(field)))

    if field.need is Need.KEY and name not in supplied(entity):
        rule("missing", lambda c: c[name].is_(None))
    if field.form:
        pattern = f"^({field.form})$"
        rule("pattern", lambda c: not_(c[name].regexp_match(pattern)))
    if field.max_length:
        longest = field.max_length
        rule("length", lambda c: func.char_length(c[name]) > longest)
    if field.kind is Kind.TEXT and field.need is Need.KEY and not (field.codes or field.pattern):
        rule("blank", lambda c: func.btrim(c[name]) == "")
    if field.codes and field.codes.is_open:
        rule("code", lambda c: is_unknown(field, c[name]))
    elif field.codes:
        allowed = code_values(field)
        rule("code", lambda c: c[name].not_in(allowed))
    if field.minimum is not None:
        lowest = field.minimum
        rule("minimum", lambda c: c[name] < lowest)
    if field.maximum is not None:
        highest = field.maximum
        rule("maximum", lambda c: c[name] > highest)
    return found


def _unknown(reference: Reference) -> Callable[[Columns, dt.date], ColumnElement[bool]]:
    """The record names somebody whom no admitted record tells."""
    (name,), key = reference.fields, reference.key
    return lambda c, _: and_(c[key].is_not(None), c[name].is_(None))


def _unregistered(name: str) -> Callable[[Columns, dt.date], ColumnElement[bool]]:
    """The record names a unit of which neither the register nor a decision knows; one to come is waited for."""
    return lambda c, _: c[name].not_in(named_units())


def _implausible_birth(columns: Columns, as_of: dt.date) -> ColumnElement[bool]:
    # Partial dates are compared as what they are, beginnings of dates: 2015 lies before 2015-03-01, not after it.
    return not_(columns.birth_date.between(EARLIEST_BIRTH, as_of.isoformat()))

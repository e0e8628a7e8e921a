"""What a rule would be with one slip in it: a comparison turned round, a bound moved, a code or a condition left out.

rule -> Mutant(what, rule), each differs from the rule at one place

What does not belong here: any rule and any row. Who reads the examples asks whether one of them notices the slip.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BindParameter, BooleanClauseList, ColumnClause, ColumnElement, not_
from sqlalchemy.sql import operators, visitors

from edu_pipeline.quality.rule import Columns, Rule

# How far a bound is moved, by its type; a share by a hundredth.
_STEPS: dict[type, Any] = {int: 1, float: 0.01, dt.timedelta: dt.timedelta(days=1), dt.date: dt.timedelta(days=1)}
_STRICT = {operators.lt: operators.le, operators.le: operators.lt, operators.gt: operators.ge,
           operators.ge: operators.gt}  # fmt: skip
_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "=", "ne": "<>"}

# A slip at an element: what it is, and how it comes about in a copy of the element.
Slip = tuple[str, Callable[[Any], None]]


@dataclass(frozen=True)
class Mutant:
    """A rule with one slip. `what` is the same in each run: part of the rule, number of the place, the slip."""

    what: str
    rule: Rule


def mutants(rule: Rule, c: Columns) -> Iterator[Mutant]:
    """Every slip of `fails` and of `asked`, and `asked` forgotten altogether."""
    for what, condition in _conditions(rule.fails(c)):
        yield Mutant(f"fails {what}", replace(rule, fails=_always(condition)))
    if rule.asked is not None:
        for what, condition in _conditions(rule.asked(c)):
            yield Mutant(f"asked {what}", replace(rule, asked=_always(condition)))
        yield Mutant("asked of everybody", replace(rule, asked=None))


def _always(condition: ColumnElement[bool]) -> Callable[[Columns], ColumnElement[bool]]:
    return lambda _: condition


def _conditions(condition: ColumnElement[bool]) -> Iterator[tuple[str, ColumnElement[bool]]]:
    elements: list[Any] = []
    _traverse(condition, elements.append)
    if isinstance(condition, ColumnClause):
        # A column that is the whole condition is nowhere wrapped, and a column is never copied.
        yield "not", not_(condition)
    for place, element in enumerate(elements):
        for what, slip in _slips(element):
            yield f"{place}: {what}", _slipped(condition, place, slip)


def _slipped(condition: ColumnElement[bool], place: int, slip: Callable[[Any], None]) -> ColumnElement[bool]:
    passed = iter(range(10_000))
    return _traverse(condition, lambda element: slip(element) if next(passed) == place else None)


def _traverse(condition: Any, visit: Callable[[Any], None]) -> Any:
    """A copy of a condition whose elements were all visited, in the same order each time, children first."""
    names = ("binary", "unary", "expression_clauselist", "bindparam")
    return visitors.cloned_traverse(condition, {}, dict.fromkeys(names, visit))


def _slips(element: Any) -> Iterator[Slip]:
    if isinstance(element, BooleanClauseList):
        yield from _of_list(element)
    elif isinstance(element, BindParameter):
        yield from _of_value(element)
    elif element.__visit_name__ in ("binary", "unary") and element.negate is not None:
        yield f"not {element.operator.__name__}", _negate
        if looser := _STRICT.get(element.operator):
            said = f"{_SIGNS[element.operator.__name__]} is {_SIGNS[looser.__name__]}"
            yield said, lambda copy: setattr(copy, "operator", looser)


def _negate(copy: Any) -> None:
    copy.operator, copy.negate = copy.negate, copy.operator


def _of_list(element: BooleanClauseList) -> Iterator[Slip]:
    other = operators.or_ if element.operator is operators.and_ else operators.and_
    said = f"{element.operator.__name__.strip('_')} is {other.__name__.strip('_')}"
    yield said, lambda copy: setattr(copy, "operator", other)
    for number in range(len(element.clauses)):
        yield f"without clause {number}", lambda copy, number=number: _leave_out(copy, number)


def _leave_out(copy: Any, number: int) -> None:
    copy.clauses = [*copy.clauses[:number], *copy.clauses[number + 1 :]]


def _of_value(element: BindParameter[Any]) -> Iterator[Slip]:
    value = element.value
    if element.expanding:
        for code in value:
            kept = [other for other in value if other != code]
            yield f"without {code}", lambda copy, kept=kept: setattr(copy, "value", kept)
    elif isinstance(value, bool):
        yield f"{value} is {not value}", lambda copy: setattr(copy, "value", not value)
    elif step := _STEPS.get(type(value)):
        for moved in (value + step, value - step):
            yield f"{value} is {moved}", lambda copy, moved=moved: setattr(copy, "value", moved)

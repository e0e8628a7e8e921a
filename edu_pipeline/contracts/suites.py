"""Great Expectations suites of every room: what must hold of a batch before it may be published.

declaration -> expectations on rows and on sets, each with the relation it is asked of (gate/judge.py runs them)

What does not belong here: isolating rows (rules.py: SQL isolates, GX judges), and the SQL of a relation (the rooms).
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from edu_pipeline.contracts.columns import code_values
from edu_pipeline.contracts.reference import is_unknown_name, open_fields
from edu_pipeline.schema import Entity, Field, Kind, Need

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

# Shares above which a batch is not a batch of bad rows but a bad batch.
SUPERSEDED_SHARE, FAULT_SHARE, REJECTED_SHARE, SHRINK_SHARE = 0.5, 0.3, 0.2, 0.7


def _gx() -> Any:
    import great_expectations.expectations as gxe

    return gxe


def field_expectations(entity: Entity, told: Collection[str] | None = None) -> "list[Expectation]":
    """The declaration of every field, as expectations on rows: the rendering that must agree with CHECK and rules.

    `told` leaves out fields that nobody fills: an empty column breaks no rule but that of its absence.
    """
    gxe = _gx()
    fields = [f for f in entity.fields if told is None or f.name in told or f.need is Need.KEY]
    found = [expectation for field in fields for expectation in _of_field(gxe, field)]
    if {"begin_date", "end_date"} <= set(entity.field_names):
        found.append(
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="end_date", column_B="begin_date", or_equal=True, ignore_row_if="either_value_is_missing",
                meta={"name": "end_date.before_begin"},
            )
        )  # fmt: skip
    return found


def _of_field(gxe: Any, field: Field) -> "list[Expectation]":
    name, found = field.name, []

    def said(check: str) -> dict[str, str]:
        return {"name": f"{name}.{check}"}

    if field.need is Need.KEY:
        found.append(gxe.ExpectColumnValuesToNotBeNull(column=name, meta=said("missing")))
    if field.form:
        found.append(gxe.ExpectColumnValuesToMatchRegex(column=name, regex=f"^({field.form})$", meta=said("pattern")))
    if field.max_length:
        found.append(
            gxe.ExpectColumnValueLengthsToBeBetween(column=name, max_value=field.max_length, meta=said("length"))
        )
    if field.kind is Kind.TEXT and field.need is Need.KEY and not (field.codes or field.pattern):
        found.append(gxe.ExpectColumnValuesToMatchRegex(column=name, regex="[^ ]", meta=said("blank")))
    if field.codes and not field.codes.is_open:
        found.append(
            gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(code_values(field)), meta=said("code"))
        )
    if field.minimum is not None or field.maximum is not None:
        found.append(
            gxe.ExpectColumnValuesToBeBetween(
                column=name, min_value=field.minimum, max_value=field.maximum, meta=said("range")
            )
        )
    return found


def code_expectations(entity: Entity, told: Collection[str] | None = None) -> "list[Expectation]":
    """Of the columns of `reference.unknown_codes`: no field holds a code that its open list does not have."""
    gxe = _gx()
    return [
        gxe.ExpectColumnValuesToBeNull(column=is_unknown_name(field), meta={"name": f"{field.name}.code"})
        for field in open_fields(entity, told)
    ]


def share_below(highest: float, name: str, column: str = "share") -> "Expectation":
    """A fact of the relation's one row is at most `highest` (empty: there were too few rows for a share)."""
    return _gx().ExpectColumnValuesToBeBetween(column=column, max_value=highest, meta={"name": name})


def ratio_above(lowest: float, name: str) -> "Expectation":
    """The relation's one row, column `ratio`, is at least `lowest`."""
    return _gx().ExpectColumnValuesToBeBetween(column="ratio", min_value=lowest, meta={"name": name})


def none(column: str, name: str) -> "Expectation":
    """A fact of the relation's one row, which counts what must not exist, is 0; an empty one is no proof."""
    return _gx().ExpectColumnMaxToBeBetween(column=column, max_value=0, meta={"name": name})


def unique(*columns: str) -> "Expectation":
    """No two rows share the columns' values."""
    gxe, name = _gx(), {"name": f"unique({'+'.join(columns)})"}
    if len(columns) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=columns[0], meta=name)
    return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(columns), meta=name)


def present(column: str) -> "Expectation":
    """No value is missing."""
    return _gx().ExpectColumnValuesToNotBeNull(column=column, meta={"name": f"{column}.missing"})


def among(column: str, values: list[Any]) -> "Expectation":
    """Every value is one of a list."""
    return _gx().ExpectColumnValuesToBeInSet(column=column, value_set=values, meta={"name": f"{column}.code"})


def equal(left: str, right: str, name: str) -> "Expectation":
    """Two columns agree in every row where both are known."""
    return _gx().ExpectColumnPairValuesToBeEqual(
        column_A=left, column_B=right, ignore_row_if="either_value_is_missing", meta={"name": name}
    )


def nothing(name: str) -> "Expectation":
    """The relation has no row: it selects what must not exist."""
    return _gx().ExpectTableRowCountToEqual(value=0, meta={"name": name})

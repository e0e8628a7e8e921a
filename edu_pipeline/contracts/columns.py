"""Columns and constraints that one declared field becomes in PostgreSQL.

Field -> Column, CHECK

What does not belong here: which tables there are (tables.py), and rules that need two fields (rules.py).
"""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Integer, Numeric, Text
from sqlalchemy.types import TypeEngine

from edu_pipeline.schema import Entity, Field, Kind, Need

_TYPES: dict[Kind, TypeEngine] = {
    Kind.TEXT: Text(),
    Kind.INTEGER: Integer(),
    Kind.DECIMAL: Numeric(12, 2),
    Kind.DATE: Date(),
    Kind.PARTIAL_DATE: Text(),
    Kind.BOOLEAN: Boolean(),
}


def sql_type(field: Field) -> TypeEngine:
    """SQLAlchemy type of the field's value."""
    return _TYPES[field.kind]


def plain_columns(entity: Entity) -> list[Column]:
    """The entity's fields as nullable columns: source rows may lack any of them."""
    return [Column(field.name, sql_type(field)) for field in entity.fields]


def strict_columns(entity: Entity) -> list[Column]:
    """The entity's fields as master holds them: key fields NOT NULL."""
    return [Column(field.name, sql_type(field), nullable=field.need is not Need.KEY) for field in entity.fields]


def code_values(field: Field) -> tuple[str | int, ...]:
    """Codes of the field's list as values of its column type; empty if it has no list."""
    if field.codes is None:
        return ()
    return tuple(int(code) if field.kind is Kind.INTEGER else code for code in field.codes.codes)


def checks(entity: Entity) -> list[CheckConstraint]:
    """CHECK constraints of all fields; each is named by field and rule so that an error points to its remedy."""
    return [
        CheckConstraint(condition, name=f"{field.name}_{rule}")
        for field in entity.fields
        for rule, condition in _conditions(field)
    ]


def _conditions(field: Field) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if field.form:
        found.append(("pattern", f"{field.name} ~ '^({field.form})$'"))
    if field.max_length:
        found.append(("length", f"char_length({field.name}) <= {field.max_length}"))
    if field.kind is Kind.TEXT and field.need is Need.KEY and not (field.codes or field.pattern):
        found.append(("blank", f"btrim({field.name}) <> ''"))
    if field.codes and not field.codes.is_open:  # an open list is a foreign key (reference.py)
        listed = ", ".join(repr(value) for value in code_values(field))
        found.append(("code", f"{field.name} IN ({listed})"))
    if field.minimum is not None:
        found.append(("minimum", f"{field.name} >= {field.minimum}"))
    if field.maximum is not None:
        found.append(("maximum", f"{field.name} <= {field.maximum}"))
    return found

"""Tables of the code lists that the law changes, and what a field with such a list becomes in SQL.

OPEN_SETS -> reference.*; Field -> foreign key, conditions on codes

What does not belong here: filling the tables (flow/reference.py), and closed lists, which are CHECKs (columns.py).
`reference.<list>` holds every code that was ever valid, because old places stay true in births and origins for ever;
when a code held and what it became stand beside it.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    DateTime,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    case,
    or_,
    select,
    true,
)

from edu_pipeline.contracts.metadata import metadata
from edu_pipeline.schema import Entity, Field
from edu_pipeline.schema.codes import OPEN_SETS

REFERENCE: dict[str, Table] = {
    codes.name: Table(codes.name, metadata, Column("code", Text, primary_key=True), schema="reference")
    for codes in OPEN_SETS
}

CODE_LIST = Table(
    "code_list",
    metadata,
    Column("list", Text, primary_key=True),
    Column("version", Text, nullable=False, comment="as the file names it"),
    Column("digest", Text, nullable=False, comment="SHA-256 of the file"),
    Column("source", Text, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False),
    schema="reference",
)

CODE_VERSION = Table(
    "code_version",
    metadata,
    Column("list", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, comment="first day on which it no longer holds; empty: it still does"),
    Column("label_en", Text, nullable=False),
    Column("label_vi", Text, nullable=False),
    Column("parent", Text),
    PrimaryKeyConstraint("list", "code", "valid_from"),
    schema="reference",
)

CODE_SUCCESSOR = Table(
    "code_successor",
    metadata,
    Column("list", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("valid_to", Date, nullable=False, comment="of the version that ended: the successor takes over on that day"),
    Column("successor", Text, nullable=False),
    Column("change", Text, nullable=False, comment="same, renamed, merged, split"),
    PrimaryKeyConstraint("list", "code", "valid_to", "successor"),
    schema="reference",
)

READABLE: tuple[Table, ...] = (*REFERENCE.values(), CODE_LIST, CODE_VERSION, CODE_SUCCESSOR)


def open_fields(entity: Entity, told: Collection[str] | None = None) -> tuple[Field, ...]:
    """Fields whose codes are a list that the law changes; of those in `told`, if any are named."""
    return tuple(f for f in entity.fields if f.codes and f.codes.is_open and (told is None or f.name in told))


def foreign_keys(entity: Entity) -> list[ForeignKeyConstraint]:
    """Foreign keys of master's fields onto their lists, named <table>_<field>_code_fkey."""
    return [
        ForeignKeyConstraint([field.name], [_listed(field).c.code], name=f"{entity.name}_{field.name}_code_fkey")
        for field in open_fields(entity)
    ]


def is_unknown(field: Field, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """True where the column holds a code that its open list never had; not known where it is empty."""
    return column.not_in(select(_listed(field).c.code))


def places_of_today(entity: Entity) -> tuple[Field, ...]:
    """Fields that say where somebody lives or a school stands: their codes must hold today.

    Births and origins keep their old places for ever (domain.md section 9).
    """
    own = ("province_code", "district_code", "ward_code") if entity.name in ("unit", "campus") else ()
    return tuple(f for f in open_fields(entity) if f.name in own or f.name.startswith("residence_"))


def is_unknown_name(field: Field) -> str:
    """Name of the column that tells whether a field's code is unknown."""
    return f"{field.name}_is_unknown"


def unknown_codes(entity: Entity, columns: Any, told: Collection[str] | None = None) -> list[ColumnElement[Any]]:
    """For rows of the entity: a column a field with an open list, true where the code is unknown and else empty."""
    return [
        case((is_unknown(field, columns[field.name]), true())).label(is_unknown_name(field))
        for field in open_fields(entity, told)
    ]


def valid_codes(name: str, day: dt.date | ColumnElement[dt.date]) -> Select:
    """Query of the codes of list `name` that held on a day."""
    version = CODE_VERSION
    return select(version.c.code).where(
        version.c.list == name,
        version.c.valid_from <= day,
        or_(version.c.valid_to.is_(None), version.c.valid_to > day),
    )


def _listed(field: Field) -> Table:
    assert field.codes is not None
    return REFERENCE[field.codes.name]

"""The tables of every room that follow from a declaration.

ENTITIES -> normalized, validated, quarantine, waiting, master, history (and the change set beside each published table)

What does not belong here: what the machine remembers (memory.py), and the tables of rollover and warehouse, which are
shapes of those rooms (contracts/year.py, contracts/star.py). Schema name = room that writes it (docs/decisions.md).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from edu_pipeline.contracts.columns import checks, plain_columns, strict_columns
from edu_pipeline.contracts.metadata import metadata
from edu_pipeline.contracts.reference import foreign_keys as code_keys
from edu_pipeline.schema import ENTITIES, PULLED, Entity, Scope

SCHEMAS = (
    "landing",
    "normalized",
    "validated",
    "quarantine",
    "waiting",
    "identity",
    "reference",
    "master",
    "history",
    "rollover",
    "quality",
    "warehouse",
    "ops",
)


def source_columns(entity: Entity) -> list[Column]:
    """Columns of a source row: where it comes from, what it claims, and the source's words for its parents."""
    return [
        Column("connection_id", Text, nullable=False),
        Column("source_key", Text, nullable=False),
        Column("batch_id", BigInteger, nullable=False),
        Column("ref_key", Text, comment="what other records of the source call it"),
        Column("event", Text, nullable=False),
        Column("replaced_by", Text),
        Column("source_version", BigInteger),
        Column("source_changed_at", DateTime(timezone=True)),
        Column("claim_unit_id", Text, comment="the unit that answers for this row"),
        Column("scope_year", Integer, comment="school year of the reading it came in; 0 where readings have none"),
        Column("faults", ARRAY(Text), nullable=False, comment="field:rule of values that could not be expressed"),
        *(Column(key, Text) for key in dict.fromkeys(entity.source_keys)),
        *plain_columns(entity),
    ]


def _source_table(schema: str, name: str, entity: Entity, *extra: Column | Index, unlogged: bool = False) -> Table:
    return Table(
        name,
        metadata,
        *source_columns(entity),
        *extra,
        PrimaryKeyConstraint("connection_id", "source_key"),
        schema=schema,
        prefixes=["UNLOGGED"] if unlogged else [],
    )


def provenance_columns() -> list[Column]:
    """Where a master row's values come from and since when the register holds them."""
    return [
        Column("connection_id", Text),
        Column("source_key", Text),
        Column("batch_id", BigInteger),
        Column("source_changed_at", DateTime(timezone=True)),
        Column("recorded_from", DateTime(timezone=True), nullable=False),
    ]


def _normalized(entity: Entity) -> Table:
    return _source_table("normalized", entity.name, entity, unlogged=True)


def _validated(entity: Entity) -> Table:
    extra: list[Column | Index] = [
        Column("is_present", Boolean, nullable=False),
        Index(f"{entity.name}_ref_idx", "connection_id", "ref_key"),
    ]
    if entity.scope is not Scope.CITY:
        extra.append(Index(f"{entity.name}_natural_idx", *entity.key))
    return _source_table("validated", entity.name, entity, *extra)


def _validated_change(entity: Entity) -> Table:
    return _source_table(
        "validated",
        f"{entity.name}_change",
        entity,
        Column("action", Text, nullable=False),
        Column("disposition", Text, nullable=False),
        Column("failed_rules", ARRAY(Text), nullable=False),
        unlogged=True,
    )


def _quarantine(entity: Entity) -> Table:
    return _source_table(
        "quarantine",
        entity.name,
        entity,
        Column("failed_rules", ARRAY(Text), nullable=False),
        Column("since", DateTime(timezone=True), nullable=False),
    )


def _waiting(entity: Entity) -> Table:
    return _source_table(
        "waiting",
        entity.name,
        entity,
        Column("reason", Text, nullable=False),
        Column("since", DateTime(timezone=True), nullable=False),
        Index(f"{entity.name}_waiting_ref_idx", "connection_id", "ref_key"),
    )


def _master(entity: Entity) -> Table:
    table = Table(
        entity.name,
        metadata,
        *strict_columns(entity),
        *provenance_columns(),
        PrimaryKeyConstraint(*entity.key),
        *checks(entity),
        *_foreign_keys(entity),
        *code_keys(entity),
        schema="master",
    )
    if entity.name == "enrollment":
        # One primary active place per unit and year; across units a window query at the gate (design section 3).
        Index(
            "enrollment_one_active",
            table.c.unit_id,
            table.c.school_year,
            table.c.student_id,
            unique=True,
            postgresql_where=(table.c.status == "active") & (table.c.kind == "primary") & table.c.end_date.is_(None),
        )
        Index("enrollment_class_idx", table.c.unit_id, table.c.school_year, table.c.class_code)
    return table


def _foreign_keys(entity: Entity) -> list[ForeignKeyConstraint]:
    keys = []
    for reference in entity.references:
        if reference.fields and reference.required:
            parent = next(other for other in ENTITIES if other.name == reference.entity)
            keys.append(
                ForeignKeyConstraint(reference.fields, [f"master.{parent.name}.{column}" for column in parent.key])
            )
    return keys


def _master_change(entity: Entity) -> Table:
    return Table(
        f"{entity.name}_change",
        metadata,
        *plain_columns(entity),
        *(column for column in provenance_columns() if column.name != "recorded_from"),
        Column("action", Text, nullable=False),
        PrimaryKeyConstraint(*entity.key),
        schema="master",
        prefixes=["UNLOGGED"],
    )


def _history(entity: Entity) -> Table:
    return Table(
        entity.name,
        metadata,
        *plain_columns(entity),
        *provenance_columns(),
        Column("recorded_to", DateTime(timezone=True), nullable=False),
        Column("ended_by", Text, nullable=False),
        PrimaryKeyConstraint(*entity.key, "recorded_from"),
        schema="history",
    )


NORMALIZED = {entity.name: _normalized(entity) for entity in PULLED}
VALIDATED = {entity.name: _validated(entity) for entity in PULLED}
VALIDATED_CHANGE = {entity.name: _validated_change(entity) for entity in PULLED}
QUARANTINE = {entity.name: _quarantine(entity) for entity in PULLED}
WAITING = {entity.name: _waiting(entity) for entity in PULLED}
MASTER = {entity.name: _master(entity) for entity in ENTITIES}
MASTER_CHANGE = {entity.name: _master_change(entity) for entity in ENTITIES}
HISTORY = {entity.name: _history(entity) for entity in ENTITIES}

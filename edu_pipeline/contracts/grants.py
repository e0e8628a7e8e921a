"""Privileges of the roles, from each field's sensitivity.

metadata, declarations -> GRANT statements

What does not belong here: creating roles (storage/embedded.py, or the server's administrator).
"""

from collections.abc import Iterator

from sqlalchemy import Table

from edu_pipeline.contracts import identity, life, memory, quality, reference, star, term, year
from edu_pipeline.contracts.tables import MASTER, SCHEMAS, metadata
from edu_pipeline.schema import ENTITIES, Sensitivity

OPEN_TO_READERS = frozenset({Sensitivity.PUBLIC, Sensitivity.INTERNAL})

# What may only grow: the app may add to it, never change or remove it.
APPEND_ONLY = frozenset(
    table.fullname
    for table in (memory.AUDIT, memory.AUDIT_SEAL, memory.VERDICT, memory.APPROVAL, memory.APPROVAL_USE, life.EPOCH,
                  life.STAGE, life.TRIAL, year.SNAPSHOT, year.SNAPSHOT_STUDENT, year.SNAPSHOT_OPEN, year.SNAPSHOT_CLASS,
                  year.SNAPSHOT_ASSIGNMENT, year.SNAPSHOT_STUDENT_YEAR, year.APPROVAL,
                  year.COMPENSATION, term.TERM_SNAPSHOT, term.TERM_SNAPSHOT_STUDENT, term.TERM_SNAPSHOT_OPEN,
                  *quality.FROZEN, identity.DECISION)
)  # fmt: skip

# What the database itself says of a row: the app may write the row, not these columns of it.
ATTESTED = {
    year.PLAN.fullname: ("planned_by",),
    year.APPROVAL.fullname: ("approved_at", "actor"),
    identity.DECISION.fullname: ("entered_at", "actor"),
    **{table.fullname: ("entered_at", "actor")
       for table in (year.OVERRIDE, year.RENAMING, year.COMPENSATION, quality.EXEMPTION)},
    quality.OFFICIAL.fullname: ("frozen_at", "actor"),
}  # fmt: skip


def statements() -> Iterator[str]:
    """GRANTs for edu_app (DML) and edu_reader (columns that are neither personal nor sensitive), in order."""
    for schema in SCHEMAS:
        yield f"GRANT USAGE ON SCHEMA {schema} TO edu_app, edu_reader"
    for table in metadata.sorted_tables:
        rights = "SELECT, INSERT" if table.fullname in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE, TRUNCATE"
        if attested := ATTESTED.get(table.fullname):
            rights = _but(table, attested, rights)
            yield f"REVOKE INSERT, UPDATE ON {table.fullname} FROM edu_app"
        yield f"GRANT {rights} ON {table.fullname} TO edu_app"
    for table in readable():
        columns = ", ".join(column.name for column in table.columns if column.name not in hidden(table))
        yield f"GRANT SELECT ({columns}) ON {table.fullname} TO edu_reader"


def _but(table: Table, attested: tuple[str, ...], rights: str) -> str:
    columns = ", ".join(column.name for column in table.columns if column.name not in attested)
    return ", ".join(f"{r} ({columns})" if r in ("INSERT", "UPDATE") else r for r in rights.split(", "))


def readable() -> tuple[Table, ...]:
    """Tables that a reader may see, without the hidden columns."""
    return (*MASTER.values(), *star.STAR, *reference.READABLE, quality.RULE, quality.TALLY, quality.SCORE)


def hidden(table: Table) -> frozenset[str]:
    """Names of a table's columns that no reader sees: personal and sensitive fields, and the sources' keys of persons.

    A school's telephone is public, a child's is not: the entity that the table shows decides. A table that shows none
    hides what is closed in any.
    """
    shown = table.name.removeprefix("dim_").removeprefix("fct_")
    entities = [e for e in ENTITIES if e.name == shown] or ENTITIES
    closed = {f.name for e in entities for f in e.fields if f.sensitivity not in OPEN_TO_READERS}
    return frozenset(closed | {"source_key"})

"""Tables of the warehouse: dimensions with history, facts per school year with their basis.

master, history, rollover -> warehouse.dim_*, fct_*, rollover_difference

What does not belong here: how they are filled (warehouse/shape.py).
"""

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, PrimaryKeyConstraint, Table, Text

from edu_pipeline.contracts.columns import plain_columns
from edu_pipeline.contracts.tables import metadata
from edu_pipeline.schema import entity

_AT = DateTime(timezone=True)


def _dimension(name: str) -> Table:
    declared = entity(name)
    return Table(
        f"dim_{name}",
        metadata,
        *plain_columns(declared),
        *([Column("basis", Text, nullable=False)] if name == "school_class" else []),
        Column("valid_from", _AT, nullable=False),
        Column("valid_to", _AT),
        Column("is_current", Boolean, nullable=False),
        PrimaryKeyConstraint(*declared.key, "valid_from"),
        schema="warehouse",
    )


DIMENSIONS: dict[str, Table] = {name: _dimension(name) for name in ("unit", "student", "staff", "school_class")}

FCT_ENROLLMENT = Table(
    "fct_enrollment",
    metadata,
    Column("unit_id", Text, nullable=False),
    Column("school_year", Integer, nullable=False),
    Column("student_id", Text, nullable=False),
    Column("begin_date", Date, nullable=False),
    Column("end_date", Date),
    Column("class_code", Text, nullable=False),
    Column("grade_level", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("basis", Text, nullable=False, comment="reported by the school, or rolled_over and not yet confirmed"),
    Column("is_proposed", Boolean, nullable=False, comment="the class is a proposal of the rollover"),
    Column(
        "is_countable",
        Boolean,
        nullable=False,
        comment="in statistics: reported, or rolled over and the day of confirmation is not over",
    ),
    PrimaryKeyConstraint("unit_id", "school_year", "student_id", "begin_date"),
    schema="warehouse",
)

FCT_STAFF_ASSIGNMENT = Table(
    "fct_staff_assignment",
    metadata,
    Column("unit_id", Text, nullable=False),
    Column("school_year", Integer, nullable=False),
    Column("staff_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("begin_date", Date, nullable=False),
    Column("end_date", Date),
    Column("status", Text, nullable=False),
    Column("contract", Text),
    Column("is_primary", Boolean, nullable=False),
    Column("basis", Text, nullable=False),
    PrimaryKeyConstraint("unit_id", "school_year", "staff_id", "role", "begin_date"),
    schema="warehouse",
)

FCT_ACCOUNT = Table(
    "fct_account",
    metadata,
    Column("unit_id", Text, nullable=False),
    Column("account_code", Text, nullable=False),
    Column("person_id", Text, comment="only where root id and name agree with the register"),
    Column("person_kind", Text),
    Column(
        "doubt", Text, nullable=False, comment="why it is nobody's: untold, unknown, another; none: it is somebody's"
    ),
    Column("status", Text, comment="empty where the system does not tell"),
    Column("last_access_month", Text),
    Column("course_count", Integer, nullable=False, comment="courses in which it is active"),
    PrimaryKeyConstraint("unit_id", "account_code"),
    schema="warehouse",
)

ROLLOVER_DIFFERENCE = Table(
    "rollover_difference",
    metadata,
    Column("unit_id", Text, nullable=False),
    Column("school_year", Integer, nullable=False),
    Column("student_id", Text, nullable=False),
    Column(
        "difference",
        Text,
        nullable=False,
        comment="not_reported, not_rolled_over, other_class, other_grade, reported_elsewhere",
    ),
    Column("rolled_over_class", Text),
    Column("reported_class", Text),
    PrimaryKeyConstraint("unit_id", "school_year", "student_id"),
    schema="warehouse",
)

STAR: tuple[Table, ...] = (*DIMENSIONS.values(), FCT_ENROLLMENT, FCT_STAFF_ASSIGNMENT, FCT_ACCOUNT, ROLLOVER_DIFFERENCE)

STAR_CHANGE: dict[str, Table] = {
    table.name: Table(
        f"{table.name}_change",
        metadata,
        *(Column(column.name, column.type) for column in table.columns),
        Column("action", Text, nullable=False),
        PrimaryKeyConstraint(*(column.name for column in table.primary_key)),
        schema="warehouse",
        prefixes=["UNLOGGED"],
    )
    for table in STAR
}

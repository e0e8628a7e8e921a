"""Tables of the rollover: closing snapshot, plan, what was applied, and the balance that proves it.

rollover -> rollover.snapshot*, plan*, approval, school_class, enrollment, student_year, staff_assignment, balance

What does not belong here: what the schools report for the new year (master).
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

from edu_pipeline.contracts.carry import carried_columns
from edu_pipeline.contracts.columns import plain_columns
from edu_pipeline.contracts.tables import metadata
from edu_pipeline.schema import entity

_AT = DateTime(timezone=True)
_UNIT_YEAR = (("unit_id", Text), ("school_year", Integer))


def _unit_year() -> list[Column]:
    return [Column(name, kind, nullable=False) for name, kind in _UNIT_YEAR]


def _rollover(name: str, *parts: SchemaItem, comment: str | None = None) -> Table:
    return Table(name, metadata, *parts, schema="rollover", comment=comment)


SNAPSHOT = _rollover(
    "snapshot",
    *_unit_year(),
    Column("taken_for", Date, nullable=False, comment="last day of semester II"),
    Column("taken_at", _AT, nullable=False),
    Column("student_count", Integer, nullable=False),
    Column("open_count", Integer, nullable=False),
    Column("headcount", Integer),
    Column("headcount_basis", Text),
    PrimaryKeyConstraint("unit_id", "school_year"),
)

SNAPSHOT_STUDENT = _rollover(
    "snapshot_student",
    *_unit_year(),
    *(c for c in plain_columns(entity("enrollment")) if c.name not in ("unit_id", "school_year")),
    Column("connection_id", Text, nullable=False),
    Column("source_key", Text, nullable=False, comment="of the enrollment"),
    PrimaryKeyConstraint("unit_id", "school_year", "student_id"),
)

SNAPSHOT_OPEN = _rollover(
    "snapshot_open",
    *_unit_year(),
    Column("connection_id", Text, nullable=False),
    Column("student_key", Text, nullable=False, comment="what the source calls the pupil"),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("unit_id", "school_year", "connection_id", "student_key"),
)

SNAPSHOT_CLASS = _rollover(
    "snapshot_class",
    *_unit_year(),
    *(c for c in plain_columns(entity("school_class")) if c.name not in ("unit_id", "school_year")),
    PrimaryKeyConstraint("unit_id", "school_year", "class_code"),
)

SNAPSHOT_ASSIGNMENT = _rollover(
    "snapshot_assignment",
    *_unit_year(),
    *(c for c in plain_columns(entity("staff_assignment")) if c.name not in ("unit_id", "school_year")),
    PrimaryKeyConstraint("unit_id", "school_year", "staff_id", "role", "begin_date"),
)

# What goes on of it, and nothing else: health stays where it is.
SNAPSHOT_STUDENT_YEAR = _rollover(
    "snapshot_student_year",
    *_unit_year(),
    Column("student_id", Text, nullable=False),
    *carried_columns("student_year"),
    PrimaryKeyConstraint("unit_id", "school_year", "student_id"),
)

PLAN = _rollover(
    "plan",
    Column("plan_id", BigInteger, Identity(always=True), primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("from_year", Integer, nullable=False),
    Column("to_year", Integer, nullable=False),
    Column("status", Text, nullable=False, comment="draft, checked, refused, applied, amended, undone, replaced"),
    Column("hash", Text, nullable=False),
    Column("planned_at", _AT, nullable=False),
    Column("planned_by", Text, server_default=text("SESSION_USER"), comment="what the database attests"),
    Column("applied_at", _AT),
    Column("run_id", Text),
    Column("undone_at", _AT),
    Column("reconciled", Boolean),
    Column(
        "is_confirmed",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="a complete read of the new year has been admitted: reported rows replace the plan's",
    ),
    Column("fault", Text, comment="rules that refused it"),
    Column("amends", BigInteger, comment="the applied plan whose late changes it follows"),
    Column("inputs", Text, comment="fingerprint of what it was drafted from"),
    Column(
        "is_overdue",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="the day is over by which the school's system has to show everybody",
    ),
    Index("plan_unit_idx", "unit_id", "from_year"),
)

APPROVAL = _rollover(
    "approval",
    Column("approval_id", BigInteger, Identity(always=True), primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("from_year", Integer, nullable=False),
    Column("plan_id", BigInteger, nullable=False, comment="the plan that was looked at; the hash is what counts"),
    Column("hash", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="unit, district, withdrawn; the last one of a unit's year counts"),
    Column("approved_at", _AT, nullable=False, server_default=text("now()"), comment="what the database attests"),
    Column("actor", Text, nullable=False, server_default=text("SESSION_USER"), comment="what the database attests"),
    Column("claimed", Text, comment="a typed name: shown, never trusted"),
    Column("document", Text, comment="number of the document; of a withdrawal: why"),
    Index("approval_unit_idx", "unit_id", "from_year", "approval_id"),
    comment="who said yes to exactly which plan; may only grow",
)

PLAN_LINE = _rollover(
    "plan_line",
    Column("plan_id", BigInteger, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("line_key", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="closing, opening, class, assignment"),
    Column("student_id", Text),
    Column("staff_id", Text),
    Column("connection_id", Text),
    Column("student_key", Text, comment="of a person who is not identified or not admitted"),
    Column("from_class", Text),
    Column("from_grade", Integer),
    Column("to_class", Text),
    Column("to_grade", Integer),
    Column("to_name", Text, comment="shown name of a class line's class"),
    Column("role", Text),
    Column("post_begin", Date, comment="of an assignment line: which post of the snapshot it is about"),
    Column("other_unit_id", Text, comment="whereto a unit event moves the person; of who moves in: where from"),
    Column("decision", Text, nullable=False),
    Column("reason", Text),
    Column("rule", Text, comment="regulation and article that the decision follows from"),
    Column("reported", Text, comment="first witness: what the school's result says"),
    Column("ruled", Text, comment="second witness: what the regulation makes of the result"),
    Column("placed", Text, comment="third witness: what the place says that the school shows for the new year"),
    Column("flags", ARRAY(Text), nullable=False, server_default=text("'{}'"), comment="what somebody has to look at"),
    Column("homeroom_staff_id", Text, comment="of a class line"),
    Column("source", Text, nullable=False, comment="the claim that the decision rests on"),
    Column("is_proposed", Boolean, nullable=False),
    Column(
        "is_late",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="of an amendment: of somebody or something that a late change concerns",
    ),
    # Lines are written from plans and go before them: a foreign key would be asked five million times for nothing.
    PrimaryKeyConstraint("plan_id", "line_key"),
    Index("plan_line_student_idx", "student_id"),
)

# What a plan's lines count up to, for the rules and the gate that compare (rollover/check.py); of the last run alone.
PLAN_COUNT = Table(
    "plan_count",
    metadata,
    Column("plan_id", BigInteger, primary_key=True, autoincrement=False),
    Column("unit_id", Text, nullable=False),
    *(
        Column(f"{name}_count", Integer, nullable=False)
        for name in ("active", "closed", "carried", "continued", "moved_out", "arrived", "moved_in", "departed",
                     "opened", "seated", "class", "class_code")
    ),
    Column("headcount", Integer),
    Column("standing_hash", Text, nullable=False),
    schema="rollover",
    prefixes=["UNLOGGED"],
)  # fmt: skip

# How many lines of which decision, of the last run and of the units' plans of the year before (rollover/ranges.py).
PLAN_SHARE = Table(
    "plan_share",
    metadata,
    Column("plan_id", BigInteger, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("from_year", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False, comment="empty: of no level"),
    Column("decision", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("plan_id", "kind", "level", "decision"),
    schema="rollover",
    prefixes=["UNLOGGED"],
)


def _attested() -> list[Column]:
    """When and by whom, filled by the database: the app may not write them (contracts/grants.py)."""
    return [
        Column("entered_at", _AT, nullable=False, server_default=text("now()"), comment="what the database attests"),
        Column("actor", Text, nullable=False, server_default=text("SESSION_USER"), comment="what the database attests"),
    ]


def _entered() -> list[Column]:
    """Who entered something by hand, why, and whether it still stands."""
    return [
        Column("reason", Text, nullable=False),
        Column("document", Text, comment="number of the decision it rests on"),
        *_attested(),
        Column("claimed", Text, comment="a typed name: shown, never trusted"),
        Column("withdrawn_at", _AT),
        Column("withdrawn_by", Text, comment="what the database attests"),
    ]


OVERRIDE = _rollover(
    "override",
    Column("override_id", BigInteger, Identity(always=True), primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("from_year", Integer, nullable=False),
    Column("student_id", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("to_class", Text, comment="empty: as the plan finds it"),
    *_entered(),
    Index(
        "override_standing_idx",
        "unit_id", "from_year", "student_id",
        unique=True, postgresql_where=text("withdrawn_at IS NULL"),
    ),
    comment="what somebody decided of one pupil, against or beside the witnesses",
)  # fmt: skip

RENAMING = _rollover(
    "renaming",
    Column("renaming_id", BigInteger, Identity(always=True), primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("from_year", Integer, nullable=False),
    Column("from_class", Text, nullable=False),
    Column("to_grade", Integer, nullable=False),
    Column("to_class", Text, nullable=False),
    *_entered(),
    Index(
        "renaming_standing_idx",
        "unit_id", "from_year", "from_class", "to_grade",
        unique=True, postgresql_where=text("withdrawn_at IS NULL"),
    ),
    comment="classes whose next name the pattern does not say: merged, split, called otherwise",
)  # fmt: skip


def _applied() -> list[Column]:
    return [
        Column("plan_id", BigInteger, nullable=False),
        Column("line_key", Text, nullable=False),
        Column("run_id", Text, nullable=False),
        Column("is_proposed", Boolean, nullable=False),
    ]


SCHOOL_CLASS = _rollover(
    "school_class",
    *_unit_year(),
    Column("class_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("grade_level", Integer, nullable=False),
    Column("homeroom_staff_id", Text),
    *carried_columns("school_class"),
    *_applied(),
    PrimaryKeyConstraint("unit_id", "school_year", "class_code"),
)

ENROLLMENT = _rollover(
    "enrollment",
    *_unit_year(),
    Column("student_id", Text, nullable=False),
    Column("begin_date", Date, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("grade_level", Integer, nullable=False),
    Column("decision", Text, nullable=False),
    *carried_columns("enrollment"),
    *_applied(),
    PrimaryKeyConstraint("unit_id", "school_year", "student_id"),
    ForeignKeyConstraint(
        ["unit_id", "school_year", "class_code"],
        [
            "rollover.school_class.unit_id",
            "rollover.school_class.school_year",
            "rollover.school_class.class_code",
        ],
    ),
    ForeignKeyConstraint(["student_id"], ["master.student.student_id"]),
)

# One row a pupil of whom something is known for the year: the enrollment beside it, by the same line, holds the person.
STUDENT_YEAR = _rollover(
    "student_year",
    *_unit_year(),
    Column("student_id", Text, nullable=False),
    *carried_columns("student_year"),
    Column("was_retained", Boolean, nullable=False, comment="repeats the grade of last year; said anew every year"),
    *_applied(),
    PrimaryKeyConstraint("unit_id", "school_year", "student_id"),
)

STAFF_ASSIGNMENT = _rollover(
    "staff_assignment",
    *_unit_year(),
    Column("staff_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("begin_date", Date, nullable=False),
    *carried_columns("staff_assignment"),
    *_applied(),
    PrimaryKeyConstraint("unit_id", "school_year", "staff_id", "role"),
    ForeignKeyConstraint(["staff_id"], ["master.staff.staff_id"]),
)

COMPENSATION = _rollover(
    "compensation",
    Column("compensation_id", BigInteger, Identity(always=True), primary_key=True),
    *_unit_year(),
    Column("relation", Text, nullable=False, comment="school_class, enrollment, student_year, staff_assignment"),
    Column("line_key", Text, nullable=False),
    Column("plan_id", BigInteger, nullable=False, comment="the plan that wrote the row"),
    Column("run_id", Text, nullable=False, comment="the run that wrote it"),
    Column("content", JSONB, nullable=False, comment="the row as it was"),
    Column("is_reported", Boolean, nullable=False, comment="the school reports it too: its own row stays"),
    Column("reason", Text, nullable=False),
    Column("document", Text, nullable=False, comment="number of the decision"),
    *_attested(),
    Column("claimed", Text, comment="a typed name: shown, never trusted"),
    Index("compensation_unit_idx", "unit_id", "school_year"),
    comment="rolled-over rows that were taken back after a later edit, one entry a row; may only grow",
)

APPLIED: tuple[Table, ...] = (SCHOOL_CLASS, ENROLLMENT, STUDENT_YEAR, STAFF_ASSIGNMENT)

APPLIED_CHANGE: dict[str, Table] = {
    table.name: Table(
        f"{table.name}_change",
        metadata,
        *(Column(column.name, column.type, nullable=column.nullable) for column in table.columns),
        PrimaryKeyConstraint(*(column.name for column in table.primary_key)),
        schema="rollover",
        prefixes=["UNLOGGED"],
    )
    for table in APPLIED
}

CLOSINGS = ("promoted", "retained", "completed", "transferred_out", "withdrawn", "on_leave", "moved_out", "pending")
OPENINGS = ("promoted", "retained", "accepted", "intake", "returned", "moved_in")

# What the law of posts, persons and classes counts (rollover/staffing.py).
STAFFING: dict[str, str] = {
    "post_count": "posts of the closing snapshot",
    "post_unaccounted_count": "of them without a line, and lines without a post",
    "staff_count": "persons who hold them",
    "staff_carried_count": "of them with a post that goes on here",
    "staff_moved_out_count": "of them with a post that goes on elsewhere, and none here",
    "staff_gone_count": "of them retired, transferred or ended, with all their posts",
    "staff_pending_count": "of them with a post that is not decided, and none that goes on",
    "post_meant_count": "posts that the plan carries or takes in",
    "post_standing_count": "rows that stand in the target, read from no plan",
    "post_moved_out_count": "posts that a unit event takes elsewhere",
    "post_arrived_count": "of them standing in the other unit",
    "post_misplaced_count": "rows without a line that carries them",
    "post_doubled_count": "posts taken in that still stand where they came from",
    "class_gap_count": "classes that are not as their line says, or lack a teacher and are not listed",
    "teacher_elsewhere_count": "classes whose teacher goes on with them and holds no post there",
}

BALANCE = _rollover(
    "balance",
    Column("unit_id", Text, nullable=False),
    Column("from_year", Integer, nullable=False),
    Column("to_year", Integer, nullable=False),
    Column("active_count", Integer, nullable=False, comment="closing snapshot plus open persons"),
    Column("headcount", Integer),
    Column("headcount_basis", Text),
    *(Column(f"closed_{name}", Integer, nullable=False) for name in CLOSINGS),
    Column("closed_count", Integer, nullable=False),
    Column("opened_count", Integer, nullable=False, comment="rows that stand in the target, read from no plan"),
    *(Column(f"opened_{name}", Integer, nullable=False) for name in OPENINGS),
    Column("released_inside", Integer, nullable=False, comment="who was let go and stands in another unit"),
    Column("released_away", Integer, nullable=False, comment="who was let go to another province"),
    Column("released_transit", Integer, nullable=False, comment="who was let go and stands nowhere yet"),
    Column("accepted_inside", Integer, nullable=False, comment="who arrived and was let go by another unit"),
    Column("accepted_outside", Integer, nullable=False, comment="who arrived and was let go by none"),
    Column("arrived_count", Integer, nullable=False, comment="who moved out and stands in the other unit"),
    Column("misplaced_count", Integer, nullable=False, comment="rows whose class or grade is not their line's"),
    Column("leaped_count", Integer, nullable=False, comment="rows more than one grade up"),
    *(Column(name, Integer, nullable=False, server_default=text("0"), comment=said) for name, said in STAFFING.items()),
    Column("is_balanced", Boolean, nullable=False),
    Column("fault", Text),
    Column("reconciled_at", _AT, nullable=False),
    PrimaryKeyConstraint("unit_id", "from_year"),
)

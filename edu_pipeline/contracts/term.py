"""Tables of the middle of a school year: who was there on the last day of semester I, and the sum that proves the rest.

rollover.term_snapshot*, term_move, term_balance

What does not belong here: the closing snapshot, and anything that writes an enrollment (year.py): semester II writes
none.
"""

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, PrimaryKeyConstraint, Table, Text, text
from sqlalchemy.schema import SchemaItem

from edu_pipeline.contracts.tables import metadata

_AT = DateTime(timezone=True)
_KEY = ("unit_id", "school_year", "term")

# How somebody left since the last day of semester I; who is gone and is told by nobody is `vanished`.
LEFT = ("transferred_out", "withdrawn", "on_leave", "ended", "moved_out")
# How somebody came. `unreleased`: from a unit that has not told the transfer; `corrected`: was there on the day, told
# later; `open`: reported, and not in the register.
JOINED = ("accepted", "unreleased", "arrived", "returned", "intake", "moved_in", "corrected", "open")


def _rollover(name: str, *parts: SchemaItem, comment: str | None = None) -> Table:
    key = [Column(column, Text if column == "unit_id" else Integer, nullable=False) for column in _KEY]
    return Table(name, metadata, *key, *parts, schema="rollover", comment=comment)


def _counts(*names: str, comment: str | None = None) -> list[Column]:
    return [Column(name, Integer, nullable=False, comment=comment) for name in names]


TERM_SNAPSHOT = _rollover(
    "term_snapshot",
    Column("taken_for", Date, nullable=False, comment="last day of the term"),
    Column("taken_at", _AT, nullable=False),
    *_counts("student_count", "open_count"),
    Column("headcount", Integer, comment="as declared for that day; empty: nobody told one"),
    PrimaryKeyConstraint(*_KEY),
    comment="what a unit counted on the last day of semester I; may only grow",
)

TERM_SNAPSHOT_STUDENT = _rollover(
    "term_snapshot_student",
    Column("student_id", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("grade_level", Integer, nullable=False),
    Column("begin_date", Date, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("source_key", Text, nullable=False, comment="of the enrollment"),
    PrimaryKeyConstraint(*_KEY, "student_id"),
)

TERM_SNAPSHOT_OPEN = _rollover(
    "term_snapshot_open",
    Column("connection_id", Text, nullable=False),
    Column("student_key", Text, nullable=False, comment="what the source calls the pupil"),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint(*_KEY, "connection_id", "student_key"),
)

TERM_MOVE = _rollover(
    "term_move",
    Column("person", Text, nullable=False, comment="root id; of who is not identified: connection and key"),
    Column("side", Text, nullable=False, comment="left, joined"),
    Column("how", Text, nullable=False),
    Column("other_unit_id", Text, comment="whereto, or where from, inside the city"),
    PrimaryKeyConstraint(*_KEY, "person", "side"),
    comment="who is in one of the two sums and not in the other, as of the last proof",
)

TERM_BALANCE = _rollover(
    "term_balance",
    Column("as_of", Date, nullable=False, comment="the day of semester II that was counted"),
    *_counts("snapshot_count", comment="semester I: in the register or open on its last day"),
    Column("headcount", Integer),
    *_counts("active_count", comment="semester II: in the register on the day"),
    *_counts("open_count", comment="semester II: reported, and not in the register"),
    *_counts(*(f"left_{name}" for name in LEFT)),
    *_counts("vanished_count", comment="gone, and no ended episode tells it"),
    *_counts(*(f"joined_{name}" for name in JOINED)),
    *_counts("released_inside", comment="who was let go and stands in another unit"),
    *_counts("released_away", comment="who was let go to another province"),
    *_counts("released_transit", comment="who was let go and stands nowhere yet"),
    *_counts("accepted_inside", comment="who stands here and was let go by another unit"),
    *_counts("class_change_count", comment="who is in another class than on the last day of semester I"),
    Column("is_balanced", Boolean, nullable=False),
    Column("fault", Text),
    Column("is_proven", Boolean, nullable=False, server_default=text("false"), comment="balanced, and the gate agrees"),
    Column("reconciled_at", _AT, nullable=False),
    PrimaryKeyConstraint(*_KEY),
)

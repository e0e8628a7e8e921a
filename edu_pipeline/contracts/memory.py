"""Tables of what the machine remembers: pages and records at landing, and the schema `ops`.

landing, flow -> landing.*, ops.*

What does not belong here: rows of master entities (tables.py).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from edu_pipeline.contracts.tables import metadata

_AT = DateTime(timezone=True)

PAGE = Table(
    "page",
    metadata,
    Column("page_id", BigInteger, primary_key=True),
    Column("batch_id", BigInteger, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("school_year", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="as received, zstd"),
    Column("joined", LargeBinary, comment="what the lookups added to its records, zstd"),
    Column("received_at", _AT, nullable=False),
    schema="landing",
)

_RECORD = (
    ("connection_id", Text, False),
    ("resource", Text, False),
    ("source_key", Text, False),
    ("unit_id", Text, False),
    ("school_year", Integer, False),
    ("hash", LargeBinary, False),
    ("version", BigInteger, True),
    ("event", Text, False),
    ("changed_at", _AT, True),
    ("page_id", BigInteger, True),
    ("ordinal", Integer, True),
    ("mapping", Text, False),
    ("batch_id", BigInteger, False),
)

RECORD = Table(
    "record",
    metadata,
    *(Column(name, kind, nullable=nullable) for name, kind, nullable in _RECORD),
    Column("is_present", Boolean, nullable=False),
    PrimaryKeyConstraint("connection_id", "resource", "source_key"),
    Index("record_scope_idx", "connection_id", "resource", "unit_id", "school_year"),
    schema="landing",
)

RECORD_CHANGE = Table(
    "record_change",
    metadata,
    *(Column(name, kind, nullable=nullable) for name, kind, nullable in _RECORD),
    Column("disposition", Text, nullable=False),
    Index("record_change_batch_idx", "batch_id", "resource", "source_key"),
    schema="landing",
    prefixes=["UNLOGGED"],
    comment="every record of the reading with what it means: insert, update, return, unchanged, superseded, remove, "
    "keep (a removal that is held)",
)

LOOKUP = Table(
    "lookup",
    metadata,
    Column("batch_id", BigInteger, nullable=False),
    Column("resource", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", JSONB, nullable=False),
    Index("lookup_key_idx", "batch_id", "resource", "key"),
    schema="landing",
    prefixes=["UNLOGGED"],
    comment="records that only complete others (birth dates, sessions); gone when the batch ends",
)

CITY = Table("city", metadata, Column("name", Text, primary_key=True), schema="ops")

BATCH = Table(
    "batch",
    metadata,
    Column("batch_id", BigInteger, Identity(always=True), primary_key=True),
    Column("connection_id", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("status", Text, nullable=False, comment="pulling, landed, admitted, merged, failed, skipped, rehearsed"),
    Column("started_at", _AT, nullable=False),
    Column("finished_at", _AT),
    Column("error", Text),
    Column(
        "asked",
        JSONB(none_as_null=True),
        comment="what the run was asked for; a broken batch goes on only for the same",
    ),
    Column("landed_at", _AT, comment="when everything was read; empty: the reading broke off"),
    schema="ops",
)

SCOPE = Table(
    "scope",
    metadata,
    Column("batch_id", BigInteger, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("school_year", Integer, nullable=False),
    Column("declared_count", Integer),
    Column("received_count", Integer, nullable=False),
    Column("distinct_count", Integer, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("is_complete", Boolean, nullable=False),
    Column("fault", Text),
    Column("since", _AT, comment="only what changed since then was asked for: silence is no removal"),
    Column("told_at", _AT, comment="the source's clock when the reading began; empty: it says none"),
    Column("line_count", Integer, comment="lines of landing.record_change that the reading brought"),
    PrimaryKeyConstraint("batch_id", "resource", "unit_id", "school_year"),
    schema="ops",
    comment="one reading: what was declared, what came, and whether absence in it may mean removal",
)

REPLY = Table(
    "reply",
    metadata,
    Column("connection_id", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("is_old", Boolean, nullable=False, comment="on an older version that came beside a newer one"),
    Column("status", Text, nullable=False, comment="accepted, rejected, waiting, superseded"),
    Column("digest", Text, nullable=False, comment="of all that was told: another one is told anew"),
    Column("replied_at", _AT, nullable=False),
    PrimaryKeyConstraint("connection_id", "resource", "source_key", "is_old"),
    schema="ops",
    comment="what vendors have been told of their records, as far as they have taken it",
)

HEADCOUNT = Table(
    "headcount",
    metadata,
    Column("connection_id", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("school_year", Integer, nullable=False),
    Column("term", Integer, nullable=False),
    Column("counted_on", Date, nullable=False),
    Column("student_count", Integer, nullable=False),
    Column("basis", Text, nullable=False, comment="declared by the source, or distinct students of a complete read"),
    Column("batch_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("unit_id", "school_year", "term", "connection_id"),
    schema="ops",
)

VERDICT = Table(
    "verdict",
    metadata,
    Column("verdict_id", BigInteger, Identity(always=True), primary_key=True),
    Column("room", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("checksum", Numeric, nullable=False),
    Column("failed", ARRAY(Text), nullable=False, comment="names of the expectations that failed"),
    Column("judged_at", _AT, nullable=False),
    Index("verdict_batch_idx", "room", "entity", "batch_id"),
    schema="ops",
)

HOLD = Table(
    "hold",
    metadata,
    Column("hold_id", BigInteger, Identity(always=True), primary_key=True),
    Column("room", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("unit_id", Text, nullable=False, comment="empty: the whole entity of the connection"),
    Column("entity", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("opened_at", _AT, nullable=False),
    Column("closed_at", _AT),
    Column("known_count", BigInteger, comment="how many rows the unit stands with; empty: the rule counts none"),
    Column("owner", Text, comment="who is asked: the contact of the connection's owner"),
    Column("deputy", Text, comment="who is asked too when nobody answers in time"),
    Column("asked_on", Date, comment="the day from which an answer is owed"),
    Column("answer", Text, comment="empty: a question; approved, rejected"),
    Column("answered_at", _AT),
    Column("answered_count", BigInteger, comment="how many rows the answer was given to: more is a new question"),
    Column("reminded_at", _AT),
    Column("escalated_at", _AT),
    Index(
        "hold_open",
        "room",
        "connection_id",
        "unit_id",
        "entity",
        "rule",
        unique=True,
        postgresql_where=text("closed_at IS NULL"),
    ),
    schema="ops",
)

APPROVAL = Table(
    "approval",
    metadata,
    Column("approval_id", BigInteger, Identity(always=True), primary_key=True),
    Column("room", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("row_count", BigInteger, nullable=False, comment="up to how many rows in all; 0 withdraws the one before"),
    Column("expires_on", Date, nullable=False, comment="the last day on which it holds"),
    Column("decided_at", _AT, nullable=False),
    Column("actor", Text, nullable=False, comment="what the database attests"),
    Column("claimed", Text, comment="a typed name: shown, never trusted"),
    Column("reason", Text, nullable=False),
    Index("approval_idx", "room", "connection_id", "unit_id", "entity", "rule"),
    schema="ops",
    comment="what a person lets through in spite of a rule; the newest one of a rule counts",
)

APPROVAL_USE = Table(
    "approval_use",
    metadata,
    Column("approval_id", BigInteger, nullable=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    PrimaryKeyConstraint("approval_id", "batch_id"),
    schema="ops",
    comment="what an approval has let through: together never more than it says",
)

AUTHORITY = Table(
    "authority",
    metadata,
    Column("unit_id", Text, nullable=False),
    Column("entity", Text, nullable=False, comment="* : every entity of the unit"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("connection_id", Text, nullable=False),
    Column("unit_key", Text, nullable=False, comment="what the connection calls the unit"),
    PrimaryKeyConstraint("unit_id", "entity", "valid_from"),
    schema="ops",
)

UNIT_YEAR = Table(
    "unit_year",
    metadata,
    Column("unit_id", Text, nullable=False),
    Column("school_year", Integer, nullable=False),
    Column("state", Text, nullable=False, comment="future, open, closing, closed; no row: future"),
    Column("changed_at", _AT, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("unit_id", "school_year"),
    schema="ops",
)

UNIT_EVENT = Table(
    "unit_event",
    metadata,
    Column("unit_id", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="opened, merged, split, closed, recoded, relevelled, ..."),
    Column("decision", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("is_end", Boolean, nullable=False, comment="the unit's code ends with it"),
    Column("detail", JSONB, nullable=False, comment="what it says beyond that: to, grades, parent, head"),
    Column("recorded_at", _AT, nullable=False),
    PrimaryKeyConstraint("unit_id", "kind", "decision"),
    schema="ops",
    comment="what the site says of units; every change of it stands in ops.audit",
)

# What a code ends in that is unique in its unit only, where it has come to another unit (validate/follow.py).
FOLLOWED = "@[0-9]{8}$"

UNIT_SUCCESSOR = Table(
    "unit_successor",
    metadata,
    Column("from_unit", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("to_unit", Text, comment="empty: nobody takes them"),
    Column("grades", ARRAY(Integer), comment="empty: any"),
    Column("class_codes", ARRAY(Text), comment="empty: any"),
    Column("except_grades", ARRAY(Integer), nullable=False),
    Column("except_class_codes", ARRAY(Text), nullable=False),
    Column("kind", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("connection_id", Text, comment="who answers for to_unit"),
    Column("class_suffix", Text, comment="put after class codes, where to_unit may have the same from elsewhere"),
    Index("unit_successor_idx", "from_unit", "valid_from"),
    schema="ops",
    comment="where rows of a unit belong, from a day on; a row and a day fit one line at most",
)

LEDGER = Table(
    "ledger",
    metadata,
    Column("batch_id", BigInteger, nullable=False),
    Column("room", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("term", Text, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    PrimaryKeyConstraint("batch_id", "room", "entity", "term"),
    schema="ops",
)

_STATE = (
    ("unit_id", Text, True),
    ("connection_id", Text, False),
    ("entity", Text, False),
    ("source_key", Text, False),
    ("person_id", Text, True),
    ("state", Text, False),
    ("reason", Text, True),
    ("owner", Text, False),
)

PERSON_STATE = Table(
    "person_state",
    metadata,
    *(Column(name, kind, nullable=nullable) for name, kind, nullable in _STATE),
    Column("recorded_from", _AT, nullable=False),
    Column("recorded_to", _AT),
    PrimaryKeyConstraint("connection_id", "entity", "source_key", "recorded_from"),
    Index("person_state_person_idx", "person_id"),
    schema="ops",
)

PERSON_STATE_CHANGE = Table(
    "person_state_change",
    metadata,
    *(Column(name, kind, nullable=nullable) for name, kind, nullable in _STATE),
    Index("person_state_change_idx", "connection_id", "entity", "source_key"),
    schema="ops",
    prefixes=["UNLOGGED"],
    comment="the states as they would be after this publication",
)

AUDIT = Table(
    "audit",
    metadata,
    Column("audit_id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", _AT, nullable=False),
    Column("actor", Text, nullable=False, comment="what the database attests"),
    Column("claimed", Text, comment="a typed name: shown, never trusted"),
    Column("action", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    schema="ops",
)

AUDIT_SEAL = Table(
    "audit_seal",
    metadata,
    Column(
        "seq", BigInteger, primary_key=True, autoincrement=False, comment="1, 2, 3 ...: a gap is an entry taken out"
    ),
    Column("audit_id", BigInteger, ForeignKey("ops.audit.audit_id"), nullable=False),
    Column("sealed_at", _AT, nullable=False),
    Column("hash", Text, nullable=False, comment="sha256 of the former hash, the entry and sealed_at"),
    UniqueConstraint("audit_id"),
    schema="ops",
    comment="the chain over what is committed of ops.audit, in the order of sealing",
)

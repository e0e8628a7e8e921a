"""Tables of quality: the rules as they count, what breaks them, and the figures that come of it.

quality -> quality.*_now -> rule, tally, finding, score; exemption; what is frozen on a rating day -> quality.official*

What does not belong here: rows that are stopped (quarantine), and the rules' logic (quality/).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from edu_pipeline.contracts.tables import metadata

_AT = DateTime(timezone=True)

RULE = Table(
    "rule",
    metadata,
    Column("rule", Text, primary_key=True, comment="entity.field.check"),
    Column("entity", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("criterion", Text, nullable=False, comment="correct, complete, clean, live"),
    Column("party", Text, nullable=False, comment="who mends it: unit, vendor, other unit, department"),
    Column("weight", Float, nullable=False, comment="against other rules of the same field and criterion"),
    Column("criterion_weight", Float, nullable=False),
    Column("field_weight", Float, nullable=False),
    Column("entity_weight", Float, nullable=False),
    Column("is_identifier", Boolean, nullable=False, comment="of a field that must be whole: 100 percent"),
    Column("observed_until", Date, comment="to that day it finds, and costs nothing"),
    schema="quality",
    comment="the rules as they counted in the last scoring",
)

TALLY = Table(
    "tally",
    metadata,
    Column("rule", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("level", Text, nullable=False, comment="by grade; unit: of what has none"),
    Column("asked_count", Integer, nullable=False),
    Column("failed_count", Integer, nullable=False),
    PrimaryKeyConstraint("unit_id", "level", "rule"),
    schema="quality",
    comment="numerator and denominator behind every figure; of the last scoring alone",
)

_FOUND = (
    ("rule", False),
    ("unit_id", False),
    ("level", False),
    ("record", False),
    ("connection_id", False),
    ("source_key", False),
)

FINDING_NOW = Table(
    "finding_now",
    metadata,
    *(Column(name, Text, nullable=nullable) for name, nullable in _FOUND),
    schema="quality",
    prefixes=["UNLOGGED"],
    comment="what the scoring that runs has found",
)

FINDING = Table(
    "finding",
    metadata,
    *(Column(name, Text, nullable=nullable) for name, nullable in _FOUND),
    Column("since", Date, nullable=False, comment="day of the first scoring that found it; mended, it goes by itself"),
    PrimaryKeyConstraint("unit_id", "rule", "record", "connection_id", "source_key"),
    Index("finding_rule_idx", "rule"),
    schema="quality",
    comment="records that break a rule now",
)

SCORE = Table(
    "score",
    metadata,
    Column("scored_on", Date, nullable=False),
    Column("unit_id", Text, nullable=False, comment="a unit, the office above it, or city"),
    Column("level", Text, nullable=False, comment="all: of the unit as a whole"),
    Column("kind", Text, nullable=False, comment="whole, criterion, entity"),
    Column("name", Text, nullable=False, comment="of the criterion or entity; empty: of the whole"),
    Column("score", Float, nullable=False, comment="percent"),
    Column("asked_count", Integer, nullable=False),
    Column("failed_count", Integer, nullable=False),
    Column("pupil_count", Integer, nullable=False),
    Column("identifier_failed_count", Integer, nullable=False, comment="failures of fields that must be whole"),
    Column("beside", Float, comment="what it would be with the defects that others have to mend"),
    PrimaryKeyConstraint("scored_on", "unit_id", "level", "kind", "name"),
    schema="quality",
    comment="figures of each night",
)

EXEMPTION = Table(
    "exemption",
    metadata,
    Column("exemption_id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="waived: let be; contested: the unit says it is right; rejected: for good",
    ),
    Column("unit_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("record", Text, comment="empty: every record of the unit"),
    Column("expires_on", Date, comment="the last day on which it holds; empty: of a rejection, which has none"),
    Column("batch_id", BigInteger, comment="of a rejection: whose version it is about; another is judged anew"),
    Column("reason", Text, nullable=False),
    Column("document", Text, comment="number of the decision it rests on"),
    Column("entered_at", _AT, nullable=False, server_default=text("now()"), comment="what the database attests"),
    Column("actor", Text, nullable=False, server_default=text("SESSION_USER"), comment="what the database attests"),
    Column("claimed", Text, comment="a typed name: shown, never trusted"),
    Column("decision", Text, comment="of a contest: upheld (the rule was wrong here) or rejected; empty: open"),
    Column("ended_at", _AT, comment="withdrawn, or decided"),
    Column("ended_by", Text, comment="what the database attests"),
    Index("exemption_idx", "unit_id", "rule"),
    schema="quality",
    comment="findings that cost nothing as long as it holds: they leave numerator and denominator",
)


def _now(table: Table) -> Table:
    """What the scoring that runs has come to: judged there, and published only by the verdict on it."""
    columns = [Column(c.name, c.type, nullable=c.nullable) for c in table.columns]
    key = PrimaryKeyConstraint(*(c.name for c in table.primary_key))
    return Table(f"{table.name}_now", metadata, *columns, key, schema="quality", prefixes=["UNLOGGED"])


RULE_NOW, TALLY_NOW, SCORE_NOW = (_now(table) for table in (RULE, TALLY, SCORE))


def _frozen(table: Table) -> Table:
    """The rows of a table as they were on a rating day; may only grow."""
    columns = [Column(c.name, c.type, nullable=c.nullable) for c in table.columns if c.name != "scored_on"]
    key = [c.name for c in table.primary_key if c.name != "scored_on"]
    return Table(
        f"official_{table.name}",
        metadata,
        Column("rated_on", Date, nullable=False),
        *columns,
        PrimaryKeyConstraint("rated_on", *key),
        schema="quality",
    )


OFFICIAL = Table(
    "official",
    metadata,
    Column("rated_on", Date, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("head_staff_id", Text, comment="who answered for the unit on the day"),
    Column("model", Text, nullable=False, comment="sha256 of the rules and weights that counted"),
    Column("frozen_at", _AT, nullable=False, server_default=text("now()"), comment="what the database attests"),
    Column("actor", Text, nullable=False, server_default=text("SESSION_USER"), comment="what the database attests"),
    PrimaryKeyConstraint("rated_on", "unit_id"),
    schema="quality",
    comment="official figures: whose, by which model; may only grow",
)
OFFICIAL_RULE, OFFICIAL_TALLY, OFFICIAL_SCORE = (_frozen(table) for table in (RULE, TALLY, SCORE))
FROZEN = (OFFICIAL, OFFICIAL_RULE, OFFICIAL_TALLY, OFFICIAL_SCORE)

TABLES = (RULE, TALLY, FINDING, SCORE, EXEMPTION, RULE_NOW, TALLY_NOW, FINDING_NOW, SCORE_NOW, *FROZEN)

"""Tables of a connection's life: its stage, its trials, what units told at first, from where on it is read.

flow, landing -> ops.stage, trial, baseline, watermark, epoch

What does not belong here: batches and what a night remembers of them (memory.py).
"""

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from edu_pipeline.contracts.tables import metadata

_AT = DateTime(timezone=True)

WATERMARK = Table(
    "watermark",
    metadata,
    Column("connection_id", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("school_year", Integer, nullable=False),
    Column("since", _AT, nullable=False, comment="the source's clock when the last admitted batch began"),
    Column("complete_on", Date, nullable=False, comment="day of the last complete read"),
    Column("complete_count", Integer, nullable=False, comment="records that it brought"),
    Column("mapping", Text, nullable=False),
    PrimaryKeyConstraint("connection_id", "resource", "unit_id", "school_year"),
    schema="ops",
    comment="from where on a reading may be asked for changes alone",
)

STAGE = Table(
    "stage",
    metadata,
    Column("connection_id", Text, nullable=False),
    Column("recorded_at", _AT, nullable=False),
    Column("stage", Text, nullable=False, comment="applied, checked, trial, live, retired"),
    Column("since", Date, nullable=False),
    PrimaryKeyConstraint("connection_id", "recorded_at"),
    schema="ops",
    comment="how far a connection had come, as the site said it",
)

TRIAL = Table(
    "trial",
    metadata,
    Column("batch_id", BigInteger, primary_key=True, autoincrement=False),
    Column("connection_id", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("judged_at", _AT, nullable=False),
    Column("report", JSONB, nullable=False, comment="counts, rules and the source's keys; no value of a person"),
    Index("trial_connection_idx", "connection_id", "batch_id"),
    schema="ops",
    comment="what would have come of a connection's batch that was read on trial",
)

BASELINE = Table(
    "baseline",
    metadata,
    Column("unit_id", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("proposed_on", Date, nullable=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("student_count", Integer, nullable=False),
    Column("class_count", Integer, nullable=False),
    Column("staff_count", Integer, nullable=False),
    Column("confirmed_at", _AT, comment="empty: the unit has not said that it is right"),
    Column("actor", Text, comment="what the database attests"),
    Column("claimed", Text, comment="a typed name: shown, never trusted"),
    PrimaryKeyConstraint("unit_id", "connection_id"),
    schema="ops",
    comment="what a unit told at its first complete read by a connection",
)

EPOCH = Table(
    "epoch",
    metadata,
    Column("connection_id", Text, nullable=False),
    Column("first_batch", BigInteger, nullable=False, comment="what earlier batches landed is of an older epoch"),
    Column("opened_at", _AT, nullable=False),
    Column("actor", Text, nullable=False, comment="what the database attests"),
    Column("claimed", Text, comment="a typed name: shown, never trusted"),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("connection_id", "first_batch"),
    schema="ops",
    comment="from where on a connection counts its versions anew",
)

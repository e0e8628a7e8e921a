"""Tables of a connection's life: its stage, its trials, what units told at first and what their heads confirm, from
where on it is read.

flow, landing -> ops.stage, trial, baseline, confirmation, confirmation_offer, watermark, epoch

What does not belong here: batches and what a night remembers of them (memory.py).
"""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Text
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

CONFIRMATION = Table(
    "confirmation",
    metadata,
    Column("connection_id", Text, nullable=False, comment="who answers for the unit; empty: nobody"),
    Column("unit_id", Text, nullable=False),
    Column("school_year", Integer, nullable=False, comment="of a plan: the year that ends"),
    Column("kind", Text, nullable=False, comment="plan, start_of_year, systems"),
    Column("appendix", Integer, nullable=False, comment="of start_of_year: 1, 2, 3; else 0"),
    Column("plan_hash", Text, nullable=False, comment="of plan: the whole hash; else empty"),
    Column("confirmed_at", _AT, nullable=False, comment="when the head gave the word"),
    Column("head_staff_id", Text, nullable=False, comment="root id of the head"),
    Column("received_at", _AT, nullable=False),
    Column("batch_id", BigInteger, comment="empty: it came on paper"),
    Column("document", Text, comment="number of the paper; empty: it came from the school's software"),
    Column("actor", Text, nullable=False, comment="what the database attests"),
    Column("claimed", Text, comment="a typed name: shown, never trusted"),
    PrimaryKeyConstraint("unit_id", "school_year", "kind", "appendix", "plan_hash", "connection_id"),
    schema="ops",
    comment="what heads of unit have confirmed, the newest word on each thing",
)

CONFIRMATION_OFFER = Table(
    "confirmation_offer",
    metadata,
    Column("connection_id", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("school_year", Integer, nullable=False),
    Column("is_offered", Boolean, nullable=False, comment="false: the system has no such resource"),
    Column("batch_id", BigInteger, nullable=False, comment="the last one in which it was asked, and answered"),
    PrimaryKeyConstraint("unit_id", "school_year", "connection_id"),
    schema="ops",
    comment="whether a unit's head can confirm in the school's software, as it was found out",
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

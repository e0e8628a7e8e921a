"""Tables of the room of identities: what is suspected, what was decided, which aliases stand, who is asked for.

identity, flow -> identity.suspicion, decision, alias, request; an alias -> validate/resolve.py

What does not belong here: the identities themselves (master.identity), which the registry alone owns.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.schema import SchemaItem

from edu_pipeline.contracts.tables import metadata

_AT = DateTime(timezone=True)
_RECORD = ("connection_id", "entity", "source_key")


def _identity(name: str, *parts: SchemaItem, comment: str | None = None) -> Table:
    return Table(name, metadata, *parts, schema="identity", comment=comment)


def _record() -> list[Column]:
    """Which record, and what it said: a hash, so that a changed record is another question."""
    return [
        *(Column(name, Text, nullable=False) for name in _RECORD),
        Column("unit_id", Text, comment="the unit that answers for the record"),
        Column("content", Text, nullable=False, comment="hash of told id, name and birth date"),
    ]


SUSPICION = _identity(
    "suspicion",
    Column("suspicion_id", BigInteger, Identity(always=True), primary_key=True),
    *_record(),
    Column("identity_id", Text, nullable=False, comment="the candidate"),
    Column("kind", Text, nullable=False, comment="same_person, twin, namesake"),
    Column("score", Numeric(4, 3), nullable=False),
    Column("evidence", ARRAY(Text), nullable=False, comment="codes, never a value"),
    Column("status", Text, nullable=False, comment="open, accepted, rejected, split"),
    Column("since", _AT, nullable=False),
    Column("decided_at", _AT),
    UniqueConstraint(*_RECORD, "identity_id", "content", name="suspicion_question_key"),
    comment="who a record that waits for an identity may be; open ones are made anew by every publication",
)

DECISION = _identity(
    "decision",
    Column("decision_id", BigInteger, Identity(always=True), primary_key=True),
    Column("suspicion_id", BigInteger, comment="empty: of a request"),
    Column("request_id", BigInteger, comment="empty: of a suspicion"),
    Column("decision", Text, nullable=False, comment="accepted, rejected, split, refused"),
    Column("reason", Text, nullable=False),
    Column("document", Text, comment="number of the document that it rests on"),
    Column("entered_at", _AT, nullable=False, server_default=text("now()"), comment="what the database attests"),
    Column("actor", Text, nullable=False, server_default=text("SESSION_USER"), comment="what the database attests"),
    Column("claimed", Text, comment="a typed name: shown, never trusted"),
    Index("decision_suspicion_idx", "suspicion_id"),
    comment="what stewards decided of suspicions and requests; may only grow",
)

ALIAS = _identity(
    "alias",
    Column("alias_id", BigInteger, Identity(always=True), primary_key=True),
    *_record(),
    Column("ref_key", Text, comment="what the source calls the person: the temporary id"),
    Column("told_id", Text, comment="the root id that the record told, if any"),
    Column("identity_id", Text, nullable=False),
    Column(
        "basis", Text, nullable=False, comment="accepted: what a steward said; rekeyed: what the source says itself"
    ),
    Column("decision_id", BigInteger, comment="by which decision; empty: none, the source said it itself"),
    Column("valid_from", _AT, nullable=False),
    Column("valid_to", _AT),
    Column("ended_by", Text, comment="changed: the record says something else by now; split: a decision"),
    Index("alias_standing_idx", *_RECORD, unique=True, postgresql_where=text("valid_to IS NULL")),
    Index("alias_identity_idx", "identity_id"),
    comment="which record stands for which identity although it does not say so itself",
)

REQUEST = _identity(
    "request",
    Column("request_id", BigInteger, Identity(always=True), primary_key=True),
    *_record(),
    Column("status", Text, nullable=False, comment="asked, created, matched, refused; gone: nobody waits any more"),
    Column("issued_id", Text, comment="the identity under which the record was admitted"),
    Column("asked_at", _AT, nullable=False),
    Column("answered_at", _AT),
    Index("request_asked_idx", *_RECORD, unique=True, postgresql_where=text("status = 'asked'")),
    comment="persons whom the registry is asked to create: an errand of the school, never ours",
)


def content(told_id: str, full_name: str, birth_date: str) -> str:
    """SQL of the hash of what a record says of who it is about, as an alias and a decision keep it."""
    # A line break is in no name, date or id: no two records are the same text.
    said = f"concat_ws(E'\\n', coalesce({told_id}, '-'), lower({full_name}), {birth_date})"
    return f"encode(sha256(convert_to({said}, 'UTF8')), 'hex')"


def is_as_accepted(row: str, own: str, alias: str = "a") -> str:
    """SQL of whether a record still says what it said when its alias was accepted.

    Once it stands, its id is the alias's: only another id than both is another word of the source.
    """
    told = f"CASE WHEN {row}.{own} = {alias}.identity_id THEN {alias}.told_id ELSE {row}.{own} END"
    return f"{alias}.content = {content(told, f'{row}.full_name', f'{row}.birth_date')}"

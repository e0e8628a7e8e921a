"""what heads of unit confirm: a plan, the year's first data, the declared systems; and whose software can tell it

Plain statements, as the comments of tables are.
"""

from alembic import op

revision = "0019"
down_revision = "0018"

STATEMENTS = (
    """CREATE TABLE ops.confirmation (connection_id TEXT NOT NULL, unit_id TEXT NOT NULL, school_year INTEGER NOT NULL,
    kind TEXT NOT NULL, appendix INTEGER NOT NULL, plan_hash TEXT NOT NULL, confirmed_at TIMESTAMPTZ NOT NULL,
    head_staff_id TEXT NOT NULL, received_at TIMESTAMPTZ NOT NULL, batch_id BIGINT, document TEXT, actor TEXT NOT NULL,
    claimed TEXT,
    CONSTRAINT confirmation_pkey PRIMARY KEY (unit_id, school_year, kind, appendix, plan_hash, connection_id))""",
    "COMMENT ON TABLE ops.confirmation IS 'what heads of unit have confirmed, the newest word on each thing'",
    "COMMENT ON COLUMN ops.confirmation.connection_id IS 'who answers for the unit; empty: nobody'",
    "COMMENT ON COLUMN ops.confirmation.school_year IS 'of a plan: the year that ends'",
    "COMMENT ON COLUMN ops.confirmation.kind IS 'plan, start_of_year, systems'",
    "COMMENT ON COLUMN ops.confirmation.appendix IS 'of start_of_year: 1, 2, 3; else 0'",
    "COMMENT ON COLUMN ops.confirmation.plan_hash IS 'of plan: the whole hash; else empty'",
    "COMMENT ON COLUMN ops.confirmation.confirmed_at IS 'when the head gave the word'",
    "COMMENT ON COLUMN ops.confirmation.head_staff_id IS 'root id of the head'",
    "COMMENT ON COLUMN ops.confirmation.batch_id IS 'empty: it came on paper'",
    "COMMENT ON COLUMN ops.confirmation.document IS 'number of the paper; empty: it came from the school''s software'",
    "COMMENT ON COLUMN ops.confirmation.actor IS 'what the database attests'",
    "COMMENT ON COLUMN ops.confirmation.claimed IS 'a typed name: shown, never trusted'",
    """CREATE TABLE ops.confirmation_offer (connection_id TEXT NOT NULL, unit_id TEXT NOT NULL,
    school_year INTEGER NOT NULL, is_offered BOOLEAN NOT NULL, batch_id BIGINT NOT NULL,
    CONSTRAINT confirmation_offer_pkey PRIMARY KEY (unit_id, school_year, connection_id))""",
    "COMMENT ON TABLE ops.confirmation_offer IS"
    " 'whether a unit''s head can confirm in the school''s software, as it was found out'",
    "COMMENT ON COLUMN ops.confirmation_offer.is_offered IS 'false: the system has no such resource'",
    "COMMENT ON COLUMN ops.confirmation_offer.batch_id IS 'the last one in which it was asked, and answered'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

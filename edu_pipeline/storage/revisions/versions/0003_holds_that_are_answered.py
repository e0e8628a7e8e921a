"""holds that are answered: owner, question, answer, reminder; approvals that expire, and what they have let through

Plain statements, because Alembic compares no CHECK constraint.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    "COMMENT ON COLUMN ops.batch.status IS 'pulling, landed, admitted, merged, failed, skipped'",
    "ALTER TABLE ops.hold ADD COLUMN known_count bigint, ADD COLUMN owner text, ADD COLUMN deputy text, ADD COLUMN asked_on date, ADD COLUMN answer text, ADD COLUMN answered_at timestamptz, ADD COLUMN answered_count bigint, ADD COLUMN reminded_at timestamptz, ADD COLUMN escalated_at timestamptz",
    "COMMENT ON COLUMN ops.hold.known_count IS 'how many rows the unit stands with; empty: the rule counts none'",
    "COMMENT ON COLUMN ops.hold.owner IS 'who is asked: the contact of the connection''s owner'",
    "COMMENT ON COLUMN ops.hold.deputy IS 'who is asked too when nobody answers in time'",
    "COMMENT ON COLUMN ops.hold.asked_on IS 'the day from which an answer is owed'",
    "COMMENT ON COLUMN ops.hold.answer IS 'empty: a question; approved, rejected'",
    "COMMENT ON COLUMN ops.hold.answered_count IS 'how many rows the answer was given to: more is a new question'",
    "UPDATE ops.hold h SET asked_on = coalesce((SELECT as_of FROM ops.batch b WHERE b.batch_id = h.batch_id), CAST(opened_at AS date))",
    # The rule of before judged removals of all years together; the next night says which of the new ones it is.
    "UPDATE ops.hold SET rule = 'shrunken' WHERE room = 'landing' AND rule = 'volume'",
    "CREATE TABLE ops.approval ( approval_id BIGINT GENERATED ALWAYS AS IDENTITY, room TEXT NOT NULL, connection_id TEXT NOT NULL, unit_id TEXT NOT NULL, entity TEXT NOT NULL, rule TEXT NOT NULL, row_count BIGINT NOT NULL, expires_on DATE NOT NULL, decided_at TIMESTAMP WITH TIME ZONE NOT NULL, actor TEXT NOT NULL, claimed TEXT, reason TEXT NOT NULL, PRIMARY KEY (approval_id) )",
    "CREATE INDEX approval_idx ON ops.approval (room, connection_id, unit_id, entity, rule)",
    "COMMENT ON TABLE ops.approval IS 'what a person lets through in spite of a rule; the newest one of a rule counts'",
    "COMMENT ON COLUMN ops.approval.row_count IS 'up to how many rows in all; 0 withdraws the one before'",
    "COMMENT ON COLUMN ops.approval.expires_on IS 'the last day on which it holds'",
    "COMMENT ON COLUMN ops.approval.actor IS 'what the database attests'",
    "COMMENT ON COLUMN ops.approval.claimed IS 'a typed name: shown, never trusted'",
    "CREATE TABLE ops.approval_use ( approval_id BIGINT NOT NULL, batch_id BIGINT NOT NULL, row_count BIGINT NOT NULL, CONSTRAINT approval_use_pkey PRIMARY KEY (approval_id, batch_id) )",
    "COMMENT ON TABLE ops.approval_use IS 'what an approval has let through: together never more than it says'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

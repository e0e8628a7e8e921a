"""replies to vendors: what they have been told of each of their records

Plain statements, as the comments of tables are.
"""

from alembic import op

revision = "0017"
down_revision = "0016"

STATEMENTS = (
    """CREATE TABLE ops.reply (connection_id TEXT NOT NULL, resource TEXT NOT NULL, source_key TEXT NOT NULL,
    is_old BOOLEAN NOT NULL, status TEXT NOT NULL, digest TEXT NOT NULL, replied_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT reply_pkey PRIMARY KEY (connection_id, resource, source_key, is_old))""",
    "COMMENT ON TABLE ops.reply IS 'what vendors have been told of their records, as far as they have taken it'",
    "COMMENT ON COLUMN ops.reply.is_old IS 'on an older version that came beside a newer one'",
    "COMMENT ON COLUMN ops.reply.status IS 'accepted, rejected, waiting, superseded'",
    "COMMENT ON COLUMN ops.reply.digest IS 'of all that was told: another one is told anew'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

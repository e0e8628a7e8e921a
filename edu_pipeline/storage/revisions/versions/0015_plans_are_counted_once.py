"""plans are counted once: how many lines of which decision

Both tables hold one run's figures, and are written anew by the next.
"""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    "ALTER TABLE rollover.plan_count DROP COLUMN planned_hash",
    "CREATE UNLOGGED TABLE rollover.plan_share ( plan_id BIGINT NOT NULL, unit_id TEXT NOT NULL, from_year INTEGER NOT NULL, kind TEXT NOT NULL, level TEXT NOT NULL, decision TEXT NOT NULL, count BIGINT NOT NULL, CONSTRAINT plan_share_pkey PRIMARY KEY (plan_id, kind, level, decision) )",
    "COMMENT ON COLUMN rollover.plan_share.level IS 'empty: of no level'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

"""plans that are approved: who planned, who approved exactly which hash

Plain statements, because Alembic compares no comment. The grants of what the database attests follow (contracts/grants).
"""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    # What was planned before has no planner: nobody is refused for it.
    "ALTER TABLE rollover.plan ADD COLUMN planned_by text",
    "ALTER TABLE rollover.plan ALTER COLUMN planned_by SET DEFAULT SESSION_USER",
    "COMMENT ON COLUMN rollover.plan.planned_by IS 'what the database attests'",
    """CREATE TABLE rollover.approval (
        approval_id BIGINT GENERATED ALWAYS AS IDENTITY,
        unit_id TEXT NOT NULL,
        from_year INTEGER NOT NULL,
        plan_id BIGINT NOT NULL,
        hash TEXT NOT NULL,
        kind TEXT NOT NULL,
        approved_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        actor TEXT DEFAULT SESSION_USER NOT NULL,
        claimed TEXT,
        document TEXT,
        CONSTRAINT approval_pkey PRIMARY KEY (approval_id)
    )""",
    "CREATE INDEX approval_unit_idx ON rollover.approval (unit_id, from_year, approval_id)",
    "COMMENT ON TABLE rollover.approval IS 'who said yes to exactly which plan; may only grow'",
    "COMMENT ON COLUMN rollover.approval.plan_id IS 'the plan that was looked at; the hash is what counts'",
    "COMMENT ON COLUMN rollover.approval.kind IS 'unit, district, withdrawn; the last one of a unit''s year counts'",
    "COMMENT ON COLUMN rollover.approval.approved_at IS 'what the database attests'",
    "COMMENT ON COLUMN rollover.approval.actor IS 'what the database attests'",
    "COMMENT ON COLUMN rollover.approval.claimed IS 'a typed name: shown, never trusted'",
    "COMMENT ON COLUMN rollover.approval.document IS 'number of the document; of a withdrawal: why'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

"""plans that are amended: what a plan rests on, whose late changes it follows, what was taken back against later edits

Plain statements, because Alembic compares no comment.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    "ALTER TABLE rollover.plan ADD COLUMN amends BIGINT, ADD COLUMN inputs TEXT, ADD COLUMN is_overdue BOOLEAN DEFAULT false NOT NULL",
    "COMMENT ON COLUMN rollover.plan.status IS 'draft, checked, refused, applied, amended, undone, replaced'",
    "COMMENT ON COLUMN rollover.plan.amends IS 'the applied plan whose late changes it follows'",
    "COMMENT ON COLUMN rollover.plan.inputs IS 'fingerprint of what it was drafted from'",
    "COMMENT ON COLUMN rollover.plan.is_overdue IS 'the day is over by which the school''s system has to show everybody'",
    "ALTER TABLE rollover.plan_line ADD COLUMN is_late BOOLEAN DEFAULT false NOT NULL",
    "COMMENT ON COLUMN rollover.plan_line.is_late IS 'of an amendment: of somebody or something that a late change concerns'",
    # What stands is counted until the next materialisation says otherwise.
    "ALTER TABLE warehouse.fct_enrollment ADD COLUMN is_countable BOOLEAN DEFAULT true NOT NULL",
    "ALTER TABLE warehouse.fct_enrollment ALTER COLUMN is_countable DROP DEFAULT",
    "ALTER TABLE warehouse.fct_enrollment_change ADD COLUMN is_countable BOOLEAN",
    "COMMENT ON COLUMN warehouse.fct_enrollment.is_countable IS 'in statistics: reported, or rolled over and the day of confirmation is not over'",
    """CREATE TABLE rollover.compensation (
        compensation_id BIGINT GENERATED ALWAYS AS IDENTITY,
        unit_id TEXT NOT NULL,
        school_year INTEGER NOT NULL,
        relation TEXT NOT NULL,
        line_key TEXT NOT NULL,
        plan_id BIGINT NOT NULL,
        run_id TEXT NOT NULL,
        content JSONB NOT NULL,
        is_reported BOOLEAN NOT NULL,
        reason TEXT NOT NULL,
        document TEXT NOT NULL,
        entered_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        actor TEXT DEFAULT SESSION_USER NOT NULL,
        claimed TEXT,
        CONSTRAINT compensation_pkey PRIMARY KEY (compensation_id)
    )""",
    "CREATE INDEX compensation_unit_idx ON rollover.compensation (unit_id, school_year)",
    "COMMENT ON TABLE rollover.compensation IS 'rolled-over rows that were taken back after a later edit, one entry a row; may only grow'",
    "COMMENT ON COLUMN rollover.compensation.relation IS 'school_class, enrollment, student_year, staff_assignment'",
    "COMMENT ON COLUMN rollover.compensation.plan_id IS 'the plan that wrote the row'",
    "COMMENT ON COLUMN rollover.compensation.run_id IS 'the run that wrote it'",
    "COMMENT ON COLUMN rollover.compensation.content IS 'the row as it was'",
    "COMMENT ON COLUMN rollover.compensation.is_reported IS 'the school reports it too: its own row stays'",
    "COMMENT ON COLUMN rollover.compensation.document IS 'number of the decision'",
    "COMMENT ON COLUMN rollover.compensation.entered_at IS 'what the database attests'",
    "COMMENT ON COLUMN rollover.compensation.actor IS 'what the database attests'",
    "COMMENT ON COLUMN rollover.compensation.claimed IS 'a typed name: shown, never trusted'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

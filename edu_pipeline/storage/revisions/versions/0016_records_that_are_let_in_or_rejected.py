"""records that are let in or rejected: a rejection has no last day, and is about one version

Plain statements, because Alembic compares no CHECK constraint.
"""

from alembic import op

revision = "0016"
down_revision = "0015"

STATEMENTS = (
    "ALTER TABLE quality.exemption ADD COLUMN batch_id BIGINT, ALTER COLUMN expires_on DROP NOT NULL",
    "COMMENT ON COLUMN quality.exemption.kind IS 'waived: let be; contested: the unit says it is right; rejected: for good'",
    "COMMENT ON COLUMN quality.exemption.expires_on IS 'the last day on which it holds; empty: of a rejection, which has none'",
    "COMMENT ON COLUMN quality.exemption.batch_id IS 'of a rejection: whose version it is about; another is judged anew'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

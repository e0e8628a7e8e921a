"""the audit's chain: a seal with number and hash for each entry

Plain statements, because Alembic compares no CHECK constraint.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    "CREATE TABLE ops.audit_seal ( seq BIGINT NOT NULL, audit_id BIGINT NOT NULL, sealed_at TIMESTAMP WITH TIME ZONE NOT NULL, hash TEXT NOT NULL, CONSTRAINT audit_seal_pkey PRIMARY KEY (seq), CONSTRAINT audit_seal_audit_id_fkey FOREIGN KEY(audit_id) REFERENCES ops.audit (audit_id), CONSTRAINT audit_seal_audit_id_key UNIQUE (audit_id) )",
    "COMMENT ON TABLE ops.audit_seal IS 'the chain over what is committed of ops.audit, in the order of sealing'",
    "COMMENT ON COLUMN ops.audit_seal.seq IS '1, 2, 3 ...: a gap is an entry taken out'",
    "COMMENT ON COLUMN ops.audit_seal.hash IS 'sha256 of the former hash, the entry and sealed_at'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

"""who is who: suspicions, decisions, aliases and requests; how alike two names are

Plain statements, because Alembic compares no CHECK constraint. Both extensions are trusted: the database's owner may make
them, in the embedded server and in any other with PostgreSQL's own contributions.
"""

from alembic import op

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public",
    "CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public",
    "CREATE SCHEMA IF NOT EXISTS identity",
    "CREATE TABLE identity.suspicion ( suspicion_id BIGINT GENERATED ALWAYS AS IDENTITY, connection_id TEXT NOT NULL, entity TEXT NOT NULL, source_key TEXT NOT NULL, unit_id TEXT, content TEXT NOT NULL, identity_id TEXT NOT NULL, kind TEXT NOT NULL, score NUMERIC(4, 3) NOT NULL, evidence TEXT[] NOT NULL, status TEXT NOT NULL, since TIMESTAMP WITH TIME ZONE NOT NULL, decided_at TIMESTAMP WITH TIME ZONE, CONSTRAINT suspicion_pkey PRIMARY KEY (suspicion_id), CONSTRAINT suspicion_question_key UNIQUE (connection_id, entity, source_key, identity_id, content) )",
    "COMMENT ON TABLE identity.suspicion IS 'who a record that waits for an identity may be; open ones are made anew by every publication'",
    "COMMENT ON COLUMN identity.suspicion.unit_id IS 'the unit that answers for the record'",
    "COMMENT ON COLUMN identity.suspicion.content IS 'hash of told id, name and birth date'",
    "COMMENT ON COLUMN identity.suspicion.identity_id IS 'the candidate'",
    "COMMENT ON COLUMN identity.suspicion.kind IS 'same_person, twin, namesake'",
    "COMMENT ON COLUMN identity.suspicion.evidence IS 'codes, never a value'",
    "COMMENT ON COLUMN identity.suspicion.status IS 'open, accepted, rejected, split'",
    "CREATE TABLE identity.decision ( decision_id BIGINT GENERATED ALWAYS AS IDENTITY, suspicion_id BIGINT, request_id BIGINT, decision TEXT NOT NULL, reason TEXT NOT NULL, document TEXT, entered_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, actor TEXT DEFAULT SESSION_USER NOT NULL, claimed TEXT, CONSTRAINT decision_pkey PRIMARY KEY (decision_id) )",
    "CREATE INDEX decision_suspicion_idx ON identity.decision (suspicion_id)",
    "COMMENT ON TABLE identity.decision IS 'what stewards decided of suspicions and requests; may only grow'",
    "COMMENT ON COLUMN identity.decision.suspicion_id IS 'empty: of a request'",
    "COMMENT ON COLUMN identity.decision.request_id IS 'empty: of a suspicion'",
    "COMMENT ON COLUMN identity.decision.decision IS 'accepted, rejected, split, refused'",
    "COMMENT ON COLUMN identity.decision.document IS 'number of the document that it rests on'",
    "COMMENT ON COLUMN identity.decision.entered_at IS 'what the database attests'",
    "COMMENT ON COLUMN identity.decision.actor IS 'what the database attests'",
    "COMMENT ON COLUMN identity.decision.claimed IS 'a typed name: shown, never trusted'",
    "CREATE TABLE identity.alias ( alias_id BIGINT GENERATED ALWAYS AS IDENTITY, connection_id TEXT NOT NULL, entity TEXT NOT NULL, source_key TEXT NOT NULL, unit_id TEXT, content TEXT NOT NULL, ref_key TEXT, told_id TEXT, identity_id TEXT NOT NULL, basis TEXT NOT NULL, decision_id BIGINT, valid_from TIMESTAMP WITH TIME ZONE NOT NULL, valid_to TIMESTAMP WITH TIME ZONE, ended_by TEXT, CONSTRAINT alias_pkey PRIMARY KEY (alias_id) )",
    "CREATE INDEX alias_identity_idx ON identity.alias (identity_id)",
    "CREATE UNIQUE INDEX alias_standing_idx ON identity.alias (connection_id, entity, source_key) WHERE valid_to IS NULL",
    "COMMENT ON TABLE identity.alias IS 'which record stands for which identity although it does not say so itself'",
    "COMMENT ON COLUMN identity.alias.unit_id IS 'the unit that answers for the record'",
    "COMMENT ON COLUMN identity.alias.content IS 'hash of told id, name and birth date'",
    "COMMENT ON COLUMN identity.alias.ref_key IS 'what the source calls the person: the temporary id'",
    "COMMENT ON COLUMN identity.alias.told_id IS 'the root id that the record told, if any'",
    "COMMENT ON COLUMN identity.alias.basis IS 'accepted: what a steward said; rekeyed: what the source says itself'",
    "COMMENT ON COLUMN identity.alias.decision_id IS 'by which decision; empty: none, the source said it itself'",
    "COMMENT ON COLUMN identity.alias.ended_by IS 'changed: the record says something else by now; split: a decision'",
    "CREATE TABLE identity.request ( request_id BIGINT GENERATED ALWAYS AS IDENTITY, connection_id TEXT NOT NULL, entity TEXT NOT NULL, source_key TEXT NOT NULL, unit_id TEXT, content TEXT NOT NULL, status TEXT NOT NULL, issued_id TEXT, asked_at TIMESTAMP WITH TIME ZONE NOT NULL, answered_at TIMESTAMP WITH TIME ZONE, CONSTRAINT request_pkey PRIMARY KEY (request_id) )",
    "CREATE UNIQUE INDEX request_asked_idx ON identity.request (connection_id, entity, source_key) WHERE status = 'asked'",
    "COMMENT ON TABLE identity.request IS 'persons whom the registry is asked to create: an errand of the school, never ours'",
    "COMMENT ON COLUMN identity.request.unit_id IS 'the unit that answers for the record'",
    "COMMENT ON COLUMN identity.request.content IS 'hash of told id, name and birth date'",
    "COMMENT ON COLUMN identity.request.status IS 'asked, created, matched, refused; gone: nobody waits any more'",
    "COMMENT ON COLUMN identity.request.issued_id IS 'the identity under which the record was admitted'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

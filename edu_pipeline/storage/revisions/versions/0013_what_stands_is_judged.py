"""what stands is judged and scored: rules, tallies, findings, figures, exemptions, official figures

Plain statements, because Alembic compares no CHECK constraint.
"""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = (
    "CREATE SCHEMA quality",
    "CREATE TABLE quality.rule ( rule TEXT NOT NULL, entity TEXT NOT NULL, field TEXT NOT NULL, criterion TEXT NOT NULL, party TEXT NOT NULL, weight FLOAT NOT NULL, criterion_weight FLOAT NOT NULL, field_weight FLOAT NOT NULL, entity_weight FLOAT NOT NULL, is_identifier BOOLEAN NOT NULL, observed_until DATE, CONSTRAINT rule_pkey PRIMARY KEY (rule) )",
    "COMMENT ON TABLE quality.rule IS 'the rules as they counted in the last scoring'",
    "COMMENT ON COLUMN quality.rule.rule IS 'entity.field.check'",
    "COMMENT ON COLUMN quality.rule.criterion IS 'correct, complete, clean, live'",
    "COMMENT ON COLUMN quality.rule.party IS 'who mends it: unit, vendor, other unit, department'",
    "COMMENT ON COLUMN quality.rule.weight IS 'against other rules of the same field and criterion'",
    "COMMENT ON COLUMN quality.rule.is_identifier IS 'of a field that must be whole: 100 percent'",
    "COMMENT ON COLUMN quality.rule.observed_until IS 'to that day it finds, and costs nothing'",
    "CREATE TABLE quality.tally ( rule TEXT NOT NULL, unit_id TEXT NOT NULL, level TEXT NOT NULL, asked_count INTEGER NOT NULL, failed_count INTEGER NOT NULL, CONSTRAINT tally_pkey PRIMARY KEY (unit_id, level, rule) )",
    "COMMENT ON TABLE quality.tally IS 'numerator and denominator behind every figure; of the last scoring alone'",
    "COMMENT ON COLUMN quality.tally.level IS 'by grade; unit: of what has none'",
    "CREATE TABLE quality.finding ( rule TEXT NOT NULL, unit_id TEXT NOT NULL, level TEXT NOT NULL, record TEXT NOT NULL, connection_id TEXT NOT NULL, source_key TEXT NOT NULL, since DATE NOT NULL, CONSTRAINT finding_pkey PRIMARY KEY (unit_id, rule, record, connection_id, source_key) )",
    "COMMENT ON TABLE quality.finding IS 'records that break a rule now'",
    "COMMENT ON COLUMN quality.finding.since IS 'day of the first scoring that found it; mended, it goes by itself'",
    "CREATE INDEX finding_rule_idx ON quality.finding (rule)",
    "CREATE TABLE quality.score ( scored_on DATE NOT NULL, unit_id TEXT NOT NULL, level TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, score FLOAT NOT NULL, asked_count INTEGER NOT NULL, failed_count INTEGER NOT NULL, pupil_count INTEGER NOT NULL, identifier_failed_count INTEGER NOT NULL, beside FLOAT, CONSTRAINT score_pkey PRIMARY KEY (scored_on, unit_id, level, kind, name) )",
    "COMMENT ON TABLE quality.score IS 'figures of each night'",
    "COMMENT ON COLUMN quality.score.unit_id IS 'a unit, the office above it, or city'",
    "COMMENT ON COLUMN quality.score.level IS 'all: of the unit as a whole'",
    "COMMENT ON COLUMN quality.score.kind IS 'whole, criterion, entity'",
    "COMMENT ON COLUMN quality.score.name IS 'of the criterion or entity; empty: of the whole'",
    "COMMENT ON COLUMN quality.score.score IS 'percent'",
    "COMMENT ON COLUMN quality.score.identifier_failed_count IS 'failures of fields that must be whole'",
    "COMMENT ON COLUMN quality.score.beside IS 'what it would be with the defects that others have to mend'",
    "CREATE TABLE quality.exemption ( exemption_id BIGINT GENERATED ALWAYS AS IDENTITY, kind TEXT NOT NULL, unit_id TEXT NOT NULL, rule TEXT NOT NULL, record TEXT, expires_on DATE NOT NULL, reason TEXT NOT NULL, document TEXT, entered_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, actor TEXT DEFAULT SESSION_USER NOT NULL, claimed TEXT, decision TEXT, ended_at TIMESTAMP WITH TIME ZONE, ended_by TEXT, CONSTRAINT exemption_pkey PRIMARY KEY (exemption_id) )",
    "COMMENT ON TABLE quality.exemption IS 'findings that cost nothing as long as it holds: they leave numerator and denominator'",
    "COMMENT ON COLUMN quality.exemption.kind IS 'waived: an officer lets it be; contested: the unit says it is right'",
    "COMMENT ON COLUMN quality.exemption.record IS 'empty: every record of the unit'",
    "COMMENT ON COLUMN quality.exemption.expires_on IS 'the last day on which it holds'",
    "COMMENT ON COLUMN quality.exemption.document IS 'number of the decision it rests on'",
    "COMMENT ON COLUMN quality.exemption.entered_at IS 'what the database attests'",
    "COMMENT ON COLUMN quality.exemption.actor IS 'what the database attests'",
    "COMMENT ON COLUMN quality.exemption.claimed IS 'a typed name: shown, never trusted'",
    "COMMENT ON COLUMN quality.exemption.decision IS 'of a contest: upheld (the rule was wrong here) or rejected; empty: open'",
    "COMMENT ON COLUMN quality.exemption.ended_at IS 'withdrawn, or decided'",
    "COMMENT ON COLUMN quality.exemption.ended_by IS 'what the database attests'",
    "CREATE INDEX exemption_idx ON quality.exemption (unit_id, rule)",
    "CREATE UNLOGGED TABLE quality.rule_now ( rule TEXT NOT NULL, entity TEXT NOT NULL, field TEXT NOT NULL, criterion TEXT NOT NULL, party TEXT NOT NULL, weight FLOAT NOT NULL, criterion_weight FLOAT NOT NULL, field_weight FLOAT NOT NULL, entity_weight FLOAT NOT NULL, is_identifier BOOLEAN NOT NULL, observed_until DATE, CONSTRAINT rule_now_pkey PRIMARY KEY (rule) )",
    "CREATE UNLOGGED TABLE quality.tally_now ( rule TEXT NOT NULL, unit_id TEXT NOT NULL, level TEXT NOT NULL, asked_count INTEGER NOT NULL, failed_count INTEGER NOT NULL, CONSTRAINT tally_now_pkey PRIMARY KEY (unit_id, level, rule) )",
    "CREATE UNLOGGED TABLE quality.finding_now ( rule TEXT NOT NULL, unit_id TEXT NOT NULL, level TEXT NOT NULL, record TEXT NOT NULL, connection_id TEXT NOT NULL, source_key TEXT NOT NULL )",
    "COMMENT ON TABLE quality.finding_now IS 'what the scoring that runs has found'",
    "CREATE UNLOGGED TABLE quality.score_now ( scored_on DATE NOT NULL, unit_id TEXT NOT NULL, level TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, score FLOAT NOT NULL, asked_count INTEGER NOT NULL, failed_count INTEGER NOT NULL, pupil_count INTEGER NOT NULL, identifier_failed_count INTEGER NOT NULL, beside FLOAT, CONSTRAINT score_now_pkey PRIMARY KEY (scored_on, unit_id, level, kind, name) )",
    "CREATE TABLE quality.official ( rated_on DATE NOT NULL, unit_id TEXT NOT NULL, head_staff_id TEXT, model TEXT NOT NULL, frozen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, actor TEXT DEFAULT SESSION_USER NOT NULL, CONSTRAINT official_pkey PRIMARY KEY (rated_on, unit_id) )",
    "COMMENT ON TABLE quality.official IS 'official figures: whose, by which model; may only grow'",
    "COMMENT ON COLUMN quality.official.head_staff_id IS 'who answered for the unit on the day'",
    "COMMENT ON COLUMN quality.official.model IS 'sha256 of the rules and weights that counted'",
    "COMMENT ON COLUMN quality.official.frozen_at IS 'what the database attests'",
    "COMMENT ON COLUMN quality.official.actor IS 'what the database attests'",
    "CREATE TABLE quality.official_rule ( rated_on DATE NOT NULL, rule TEXT NOT NULL, entity TEXT NOT NULL, field TEXT NOT NULL, criterion TEXT NOT NULL, party TEXT NOT NULL, weight FLOAT NOT NULL, criterion_weight FLOAT NOT NULL, field_weight FLOAT NOT NULL, entity_weight FLOAT NOT NULL, is_identifier BOOLEAN NOT NULL, observed_until DATE, CONSTRAINT official_rule_pkey PRIMARY KEY (rated_on, rule) )",
    "CREATE TABLE quality.official_tally ( rated_on DATE NOT NULL, rule TEXT NOT NULL, unit_id TEXT NOT NULL, level TEXT NOT NULL, asked_count INTEGER NOT NULL, failed_count INTEGER NOT NULL, CONSTRAINT official_tally_pkey PRIMARY KEY (rated_on, unit_id, level, rule) )",
    "CREATE TABLE quality.official_score ( rated_on DATE NOT NULL, unit_id TEXT NOT NULL, level TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, score FLOAT NOT NULL, asked_count INTEGER NOT NULL, failed_count INTEGER NOT NULL, pupil_count INTEGER NOT NULL, identifier_failed_count INTEGER NOT NULL, beside FLOAT, CONSTRAINT official_score_pkey PRIMARY KEY (rated_on, unit_id, level, kind, name) )",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

"""what stands is judged and scored: rules, tallies, findings, figures

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
    "CREATE UNLOGGED TABLE quality.finding_now ( rule TEXT NOT NULL, unit_id TEXT NOT NULL, level TEXT NOT NULL, record TEXT NOT NULL, connection_id TEXT NOT NULL, source_key TEXT NOT NULL )",
    "COMMENT ON TABLE quality.finding_now IS 'what the scoring that runs has found'",
    "CREATE TABLE quality.finding ( rule TEXT NOT NULL, unit_id TEXT NOT NULL, level TEXT NOT NULL, record TEXT NOT NULL, connection_id TEXT NOT NULL, source_key TEXT NOT NULL, since TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT finding_pkey PRIMARY KEY (unit_id, rule, record, connection_id, source_key) )",
    "COMMENT ON TABLE quality.finding IS 'records that break a rule now'",
    "COMMENT ON COLUMN quality.finding.since IS 'first scoring that found it; mended, it goes by itself'",
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
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

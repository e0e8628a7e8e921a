"""reading on: watermarks, epochs of versions, what a broken batch needs in order to go on; stages and trials

Plain statements, because Alembic compares no CHECK constraint.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    "ALTER TABLE ops.batch ADD COLUMN asked jsonb, ADD COLUMN landed_at timestamptz",
    "COMMENT ON COLUMN ops.batch.asked IS 'what the run was asked for; a broken batch goes on only for the same'",
    "COMMENT ON COLUMN ops.batch.landed_at IS 'when everything was read; empty: the reading broke off'",
    "UPDATE ops.batch SET landed_at = finished_at WHERE status <> 'pulling'",
    "ALTER TABLE ops.scope ADD COLUMN since timestamptz, ADD COLUMN told_at timestamptz, ADD COLUMN line_count integer",
    "COMMENT ON COLUMN ops.scope.since IS 'only what changed since then was asked for: silence is no removal'",
    "COMMENT ON COLUMN ops.scope.told_at IS 'the source''s clock when the reading began; empty: it says none'",
    "COMMENT ON COLUMN ops.scope.line_count IS 'lines of landing.record_change that the reading brought'",
    "CREATE TABLE ops.watermark ( connection_id TEXT NOT NULL, resource TEXT NOT NULL, unit_id TEXT NOT NULL, school_year INTEGER NOT NULL, since TIMESTAMP WITH TIME ZONE NOT NULL, complete_on DATE NOT NULL, complete_count INTEGER NOT NULL, mapping TEXT NOT NULL, CONSTRAINT watermark_pkey PRIMARY KEY (connection_id, resource, unit_id, school_year) )",
    "COMMENT ON TABLE ops.watermark IS 'from where on a reading may be asked for changes alone'",
    "COMMENT ON COLUMN ops.watermark.since IS 'the source''s clock when the last admitted batch began'",
    "COMMENT ON COLUMN ops.watermark.complete_on IS 'day of the last complete read'",
    "COMMENT ON COLUMN ops.watermark.complete_count IS 'records that it brought'",
    "CREATE TABLE ops.epoch ( connection_id TEXT NOT NULL, first_batch BIGINT NOT NULL, opened_at TIMESTAMP WITH TIME ZONE NOT NULL, actor TEXT NOT NULL, claimed TEXT, reason TEXT NOT NULL, CONSTRAINT epoch_pkey PRIMARY KEY (connection_id, first_batch) )",
    "COMMENT ON TABLE ops.epoch IS 'from where on a connection counts its versions anew'",
    "COMMENT ON COLUMN ops.epoch.first_batch IS 'what earlier batches landed is of an older epoch'",
    "COMMENT ON COLUMN ops.epoch.actor IS 'what the database attests'",
    "COMMENT ON COLUMN ops.epoch.claimed IS 'a typed name: shown, never trusted'",
    "CREATE TABLE ops.baseline ( unit_id TEXT NOT NULL, connection_id TEXT NOT NULL, proposed_on DATE NOT NULL, batch_id BIGINT NOT NULL, student_count INTEGER NOT NULL, class_count INTEGER NOT NULL, staff_count INTEGER NOT NULL, confirmed_at TIMESTAMP WITH TIME ZONE, actor TEXT, claimed TEXT, CONSTRAINT baseline_pkey PRIMARY KEY (unit_id, connection_id) )",
    "COMMENT ON TABLE ops.baseline IS 'what a unit told at its first complete read by a connection'",
    "COMMENT ON COLUMN ops.baseline.confirmed_at IS 'empty: the unit has not said that it is right'",
    "COMMENT ON COLUMN ops.baseline.actor IS 'what the database attests'",
    "COMMENT ON COLUMN ops.baseline.claimed IS 'a typed name: shown, never trusted'",
    "COMMENT ON COLUMN ops.batch.status IS 'pulling, landed, admitted, merged, failed, skipped, rehearsed'",
    "CREATE TABLE ops.stage ( connection_id TEXT NOT NULL, recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, stage TEXT NOT NULL, since DATE NOT NULL, CONSTRAINT stage_pkey PRIMARY KEY (connection_id, recorded_at) )",
    "COMMENT ON TABLE ops.stage IS 'how far a connection had come, as the site said it'",
    "COMMENT ON COLUMN ops.stage.stage IS 'applied, checked, trial, live, retired'",
    "CREATE TABLE ops.trial ( batch_id BIGINT NOT NULL, connection_id TEXT NOT NULL, as_of DATE NOT NULL, judged_at TIMESTAMP WITH TIME ZONE NOT NULL, report JSONB NOT NULL, CONSTRAINT trial_pkey PRIMARY KEY (batch_id) )",
    "CREATE INDEX trial_connection_idx ON ops.trial (connection_id, batch_id)",
    "COMMENT ON TABLE ops.trial IS 'what would have come of a connection''s batch that was read on trial'",
    "COMMENT ON COLUMN ops.trial.report IS 'counts, rules and the source''s keys; no value of a person'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

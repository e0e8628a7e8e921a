"""what units run: the systems that units, offices and rooms of the Department declare

Plain statements, because Alembic compares no CHECK constraint.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    "CREATE TABLE history.deployed_system ( unit_id TEXT NOT NULL, system_code TEXT NOT NULL, product TEXT, vendor TEXT, purpose TEXT, stage TEXT, security_level INTEGER, promised_date DATE, connection_id TEXT, source_key TEXT, batch_id BIGINT, source_changed_at TIMESTAMP WITH TIME ZONE, recorded_from TIMESTAMP WITH TIME ZONE NOT NULL, recorded_to TIMESTAMP WITH TIME ZONE NOT NULL, ended_by TEXT NOT NULL, CONSTRAINT deployed_system_pkey PRIMARY KEY (unit_id, system_code, recorded_from) )",
    "CREATE UNLOGGED TABLE master.deployed_system_change ( unit_id TEXT NOT NULL, system_code TEXT NOT NULL, product TEXT, vendor TEXT, purpose TEXT, stage TEXT, security_level INTEGER, promised_date DATE, connection_id TEXT, source_key TEXT, batch_id BIGINT, source_changed_at TIMESTAMP WITH TIME ZONE, action TEXT NOT NULL, CONSTRAINT deployed_system_change_pkey PRIMARY KEY (unit_id, system_code) )",
    "CREATE UNLOGGED TABLE normalized.deployed_system ( connection_id TEXT NOT NULL, source_key TEXT NOT NULL, batch_id BIGINT NOT NULL, ref_key TEXT, event TEXT NOT NULL, replaced_by TEXT, source_version BIGINT, source_changed_at TIMESTAMP WITH TIME ZONE, claim_unit_id TEXT, scope_year INTEGER, faults TEXT[] NOT NULL, unit_id TEXT, system_code TEXT, product TEXT, vendor TEXT, purpose TEXT, stage TEXT, security_level INTEGER, promised_date DATE, CONSTRAINT deployed_system_pkey PRIMARY KEY (connection_id, source_key) )",
    "COMMENT ON COLUMN normalized.deployed_system.ref_key IS 'what other records of the source call it'",
    "COMMENT ON COLUMN normalized.deployed_system.claim_unit_id IS 'the unit that answers for this row'",
    "COMMENT ON COLUMN normalized.deployed_system.scope_year IS 'school year of the reading it came in; 0 where readings have none'",
    "COMMENT ON COLUMN normalized.deployed_system.faults IS 'field:rule of values that could not be expressed'",
    "CREATE TABLE quarantine.deployed_system ( connection_id TEXT NOT NULL, source_key TEXT NOT NULL, batch_id BIGINT NOT NULL, ref_key TEXT, event TEXT NOT NULL, replaced_by TEXT, source_version BIGINT, source_changed_at TIMESTAMP WITH TIME ZONE, claim_unit_id TEXT, scope_year INTEGER, faults TEXT[] NOT NULL, unit_id TEXT, system_code TEXT, product TEXT, vendor TEXT, purpose TEXT, stage TEXT, security_level INTEGER, promised_date DATE, failed_rules TEXT[] NOT NULL, since TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT deployed_system_pkey PRIMARY KEY (connection_id, source_key) )",
    "COMMENT ON COLUMN quarantine.deployed_system.ref_key IS 'what other records of the source call it'",
    "COMMENT ON COLUMN quarantine.deployed_system.claim_unit_id IS 'the unit that answers for this row'",
    "COMMENT ON COLUMN quarantine.deployed_system.scope_year IS 'school year of the reading it came in; 0 where readings have none'",
    "COMMENT ON COLUMN quarantine.deployed_system.faults IS 'field:rule of values that could not be expressed'",
    "CREATE TABLE validated.deployed_system ( connection_id TEXT NOT NULL, source_key TEXT NOT NULL, batch_id BIGINT NOT NULL, ref_key TEXT, event TEXT NOT NULL, replaced_by TEXT, source_version BIGINT, source_changed_at TIMESTAMP WITH TIME ZONE, claim_unit_id TEXT, scope_year INTEGER, faults TEXT[] NOT NULL, unit_id TEXT, system_code TEXT, product TEXT, vendor TEXT, purpose TEXT, stage TEXT, security_level INTEGER, promised_date DATE, is_present BOOLEAN NOT NULL, CONSTRAINT deployed_system_pkey PRIMARY KEY (connection_id, source_key) )",
    "CREATE INDEX deployed_system_natural_idx ON validated.deployed_system (unit_id, system_code)",
    "CREATE INDEX deployed_system_ref_idx ON validated.deployed_system (connection_id, ref_key)",
    "COMMENT ON COLUMN validated.deployed_system.ref_key IS 'what other records of the source call it'",
    "COMMENT ON COLUMN validated.deployed_system.claim_unit_id IS 'the unit that answers for this row'",
    "COMMENT ON COLUMN validated.deployed_system.scope_year IS 'school year of the reading it came in; 0 where readings have none'",
    "COMMENT ON COLUMN validated.deployed_system.faults IS 'field:rule of values that could not be expressed'",
    "CREATE UNLOGGED TABLE validated.deployed_system_change ( connection_id TEXT NOT NULL, source_key TEXT NOT NULL, batch_id BIGINT NOT NULL, ref_key TEXT, event TEXT NOT NULL, replaced_by TEXT, source_version BIGINT, source_changed_at TIMESTAMP WITH TIME ZONE, claim_unit_id TEXT, scope_year INTEGER, faults TEXT[] NOT NULL, unit_id TEXT, system_code TEXT, product TEXT, vendor TEXT, purpose TEXT, stage TEXT, security_level INTEGER, promised_date DATE, action TEXT NOT NULL, disposition TEXT NOT NULL, failed_rules TEXT[] NOT NULL, CONSTRAINT deployed_system_change_pkey PRIMARY KEY (connection_id, source_key) )",
    "COMMENT ON COLUMN validated.deployed_system_change.ref_key IS 'what other records of the source call it'",
    "COMMENT ON COLUMN validated.deployed_system_change.claim_unit_id IS 'the unit that answers for this row'",
    "COMMENT ON COLUMN validated.deployed_system_change.scope_year IS 'school year of the reading it came in; 0 where readings have none'",
    "COMMENT ON COLUMN validated.deployed_system_change.faults IS 'field:rule of values that could not be expressed'",
    "CREATE TABLE waiting.deployed_system ( connection_id TEXT NOT NULL, source_key TEXT NOT NULL, batch_id BIGINT NOT NULL, ref_key TEXT, event TEXT NOT NULL, replaced_by TEXT, source_version BIGINT, source_changed_at TIMESTAMP WITH TIME ZONE, claim_unit_id TEXT, scope_year INTEGER, faults TEXT[] NOT NULL, unit_id TEXT, system_code TEXT, product TEXT, vendor TEXT, purpose TEXT, stage TEXT, security_level INTEGER, promised_date DATE, reason TEXT NOT NULL, since TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT deployed_system_pkey PRIMARY KEY (connection_id, source_key) )",
    "CREATE INDEX deployed_system_waiting_ref_idx ON waiting.deployed_system (connection_id, ref_key)",
    "COMMENT ON COLUMN waiting.deployed_system.ref_key IS 'what other records of the source call it'",
    "COMMENT ON COLUMN waiting.deployed_system.claim_unit_id IS 'the unit that answers for this row'",
    "COMMENT ON COLUMN waiting.deployed_system.scope_year IS 'school year of the reading it came in; 0 where readings have none'",
    "COMMENT ON COLUMN waiting.deployed_system.faults IS 'field:rule of values that could not be expressed'",
    "CREATE TABLE master.deployed_system ( unit_id TEXT NOT NULL, system_code TEXT NOT NULL, product TEXT NOT NULL, vendor TEXT, purpose TEXT NOT NULL, stage TEXT NOT NULL, security_level INTEGER, promised_date DATE, connection_id TEXT, source_key TEXT, batch_id BIGINT, source_changed_at TIMESTAMP WITH TIME ZONE, recorded_from TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT deployed_system_pkey PRIMARY KEY (unit_id, system_code), CONSTRAINT deployed_system_unit_id_pattern_check CHECK (unit_id ~ '^([0-9]{8})$'), CONSTRAINT deployed_system_system_code_length_check CHECK (char_length(system_code) <= 50), CONSTRAINT deployed_system_system_code_blank_check CHECK (btrim(system_code) <> ''), CONSTRAINT deployed_system_product_length_check CHECK (char_length(product) <= 200), CONSTRAINT deployed_system_product_blank_check CHECK (btrim(product) <> ''), CONSTRAINT deployed_system_vendor_length_check CHECK (char_length(vendor) <= 200), CONSTRAINT deployed_system_purpose_code_check CHECK (purpose IN ('school_management', 'learning_management', 'admissions', 'exams', 'finance', 'library', 'staff_management', 'e_office', 'communication', 'other')), CONSTRAINT deployed_system_stage_code_check CHECK (stage IN ('planned', 'applied', 'checked', 'trial', 'live', 'retired')), CONSTRAINT deployed_system_security_level_minimum_check CHECK (security_level >= 1), CONSTRAINT deployed_system_security_level_maximum_check CHECK (security_level <= 5), CONSTRAINT deployed_system_unit_id_fkey FOREIGN KEY(unit_id) REFERENCES master.unit (unit_id) )",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

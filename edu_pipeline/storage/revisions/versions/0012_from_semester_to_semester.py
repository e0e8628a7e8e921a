"""from semester I to semester II: who was there on the last day, who left and joined since, the sums

Plain statements, because Alembic compares no CHECK constraint.
"""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = (
    "CREATE TABLE rollover.term_snapshot ( unit_id TEXT NOT NULL, school_year INTEGER NOT NULL, term INTEGER NOT NULL, taken_for DATE NOT NULL, taken_at TIMESTAMP WITH TIME ZONE NOT NULL, student_count INTEGER NOT NULL, open_count INTEGER NOT NULL, headcount INTEGER, CONSTRAINT term_snapshot_pkey PRIMARY KEY (unit_id, school_year, term) )",
    "COMMENT ON TABLE rollover.term_snapshot IS 'what a unit counted on the last day of semester I; may only grow'",
    "COMMENT ON COLUMN rollover.term_snapshot.taken_for IS 'last day of the term'",
    "COMMENT ON COLUMN rollover.term_snapshot.headcount IS 'as declared for that day; empty: nobody told one'",
    "CREATE TABLE rollover.term_snapshot_student ( unit_id TEXT NOT NULL, school_year INTEGER NOT NULL, term INTEGER NOT NULL, student_id TEXT NOT NULL, class_code TEXT NOT NULL, grade_level INTEGER NOT NULL, begin_date DATE NOT NULL, connection_id TEXT NOT NULL, source_key TEXT NOT NULL, CONSTRAINT term_snapshot_student_pkey PRIMARY KEY (unit_id, school_year, term, student_id) )",
    "COMMENT ON COLUMN rollover.term_snapshot_student.source_key IS 'of the enrollment'",
    "CREATE TABLE rollover.term_snapshot_open ( unit_id TEXT NOT NULL, school_year INTEGER NOT NULL, term INTEGER NOT NULL, connection_id TEXT NOT NULL, student_key TEXT NOT NULL, reason TEXT NOT NULL, CONSTRAINT term_snapshot_open_pkey PRIMARY KEY (unit_id, school_year, term, connection_id, student_key) )",
    "COMMENT ON COLUMN rollover.term_snapshot_open.student_key IS 'what the source calls the pupil'",
    "CREATE TABLE rollover.term_move ( unit_id TEXT NOT NULL, school_year INTEGER NOT NULL, term INTEGER NOT NULL, person TEXT NOT NULL, side TEXT NOT NULL, how TEXT NOT NULL, other_unit_id TEXT, CONSTRAINT term_move_pkey PRIMARY KEY (unit_id, school_year, term, person, side) )",
    "COMMENT ON TABLE rollover.term_move IS 'who is in one of the two sums and not in the other, as of the last proof'",
    "COMMENT ON COLUMN rollover.term_move.person IS 'root id; of who is not identified: connection and key'",
    "COMMENT ON COLUMN rollover.term_move.side IS 'left, joined'",
    "COMMENT ON COLUMN rollover.term_move.other_unit_id IS 'whereto, or where from, inside the city'",
    "CREATE TABLE rollover.term_balance ( unit_id TEXT NOT NULL, school_year INTEGER NOT NULL, term INTEGER NOT NULL, as_of DATE NOT NULL, snapshot_count INTEGER NOT NULL, headcount INTEGER, active_count INTEGER NOT NULL, open_count INTEGER NOT NULL, left_transferred_out INTEGER NOT NULL, left_withdrawn INTEGER NOT NULL, left_on_leave INTEGER NOT NULL, left_ended INTEGER NOT NULL, left_moved_out INTEGER NOT NULL, vanished_count INTEGER NOT NULL, joined_accepted INTEGER NOT NULL, joined_unreleased INTEGER NOT NULL, joined_arrived INTEGER NOT NULL, joined_returned INTEGER NOT NULL, joined_intake INTEGER NOT NULL, joined_moved_in INTEGER NOT NULL, joined_corrected INTEGER NOT NULL, joined_open INTEGER NOT NULL, released_inside INTEGER NOT NULL, released_away INTEGER NOT NULL, released_transit INTEGER NOT NULL, accepted_inside INTEGER NOT NULL, class_change_count INTEGER NOT NULL, is_balanced BOOLEAN NOT NULL, fault TEXT, is_proven BOOLEAN DEFAULT false NOT NULL, reconciled_at TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT term_balance_pkey PRIMARY KEY (unit_id, school_year, term) )",
    "COMMENT ON COLUMN rollover.term_balance.as_of IS 'the day of semester II that was counted'",
    "COMMENT ON COLUMN rollover.term_balance.snapshot_count IS 'semester I: in the register or open on its last day'",
    "COMMENT ON COLUMN rollover.term_balance.active_count IS 'semester II: in the register on the day'",
    "COMMENT ON COLUMN rollover.term_balance.open_count IS 'semester II: reported, and not in the register'",
    "COMMENT ON COLUMN rollover.term_balance.vanished_count IS 'gone, and no ended episode tells it'",
    "COMMENT ON COLUMN rollover.term_balance.released_inside IS 'who was let go and stands in another unit'",
    "COMMENT ON COLUMN rollover.term_balance.released_away IS 'who was let go to another province'",
    "COMMENT ON COLUMN rollover.term_balance.released_transit IS 'who was let go and stands nowhere yet'",
    "COMMENT ON COLUMN rollover.term_balance.accepted_inside IS 'who stands here and was let go by another unit'",
    "COMMENT ON COLUMN rollover.term_balance.class_change_count IS 'who is in another class than on the last day of semester I'",
    "COMMENT ON COLUMN rollover.term_balance.is_proven IS 'balanced, and the gate agrees'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

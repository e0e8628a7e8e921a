"""the rollover's witnesses: what each says of a pupil, what somebody has to look at, what was decided by hand

Plain statements, because Alembic compares no CHECK constraint.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

_ENTERED = "reason TEXT NOT NULL, document TEXT, entered_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, actor TEXT DEFAULT SESSION_USER NOT NULL, claimed TEXT, withdrawn_at TIMESTAMP WITH TIME ZONE, withdrawn_by TEXT"

STATEMENTS = (
    "ALTER TABLE rollover.plan_line DROP CONSTRAINT plan_line_plan_id_fkey",
    "CREATE UNLOGGED TABLE rollover.plan_count ( plan_id BIGINT NOT NULL, unit_id TEXT NOT NULL, active_count INTEGER NOT NULL, closed_count INTEGER NOT NULL, carried_count INTEGER NOT NULL, continued_count INTEGER NOT NULL, moved_out_count INTEGER NOT NULL, arrived_count INTEGER NOT NULL, moved_in_count INTEGER NOT NULL, departed_count INTEGER NOT NULL, opened_count INTEGER NOT NULL, seated_count INTEGER NOT NULL, class_count INTEGER NOT NULL, class_code_count INTEGER NOT NULL, headcount INTEGER, planned_hash TEXT NOT NULL, standing_hash TEXT NOT NULL, CONSTRAINT plan_count_pkey PRIMARY KEY (plan_id) )",
    "ALTER TABLE rollover.plan_line ADD COLUMN rule TEXT, ADD COLUMN reported TEXT, ADD COLUMN ruled TEXT, ADD COLUMN placed TEXT, ADD COLUMN flags TEXT[] NOT NULL DEFAULT '{}', ADD COLUMN homeroom_staff_id TEXT",
    "COMMENT ON COLUMN rollover.plan_line.rule IS 'regulation and article that the decision follows from'",
    "COMMENT ON COLUMN rollover.plan_line.reported IS 'first witness: what the school''s result says'",
    "COMMENT ON COLUMN rollover.plan_line.ruled IS 'second witness: what the regulation makes of the result'",
    "COMMENT ON COLUMN rollover.plan_line.placed IS 'third witness: what the place says that the school shows for the new year'",
    "COMMENT ON COLUMN rollover.plan_line.flags IS 'what somebody has to look at'",
    "COMMENT ON COLUMN rollover.plan_line.homeroom_staff_id IS 'of a class line'",
    # Who was carried over before knows whether the grade is repeated from the decision.
    "ALTER TABLE rollover.enrollment ADD COLUMN was_retained BOOLEAN NOT NULL DEFAULT false",
    "UPDATE rollover.enrollment SET was_retained = true WHERE decision = 'retained'",
    "ALTER TABLE rollover.enrollment ALTER COLUMN was_retained DROP DEFAULT",
    "COMMENT ON COLUMN rollover.enrollment.was_retained IS 'repeats the grade of last year; said anew every year'",
    "ALTER TABLE rollover.enrollment_change ADD COLUMN was_retained BOOLEAN NOT NULL DEFAULT false",
    "ALTER TABLE rollover.enrollment_change ALTER COLUMN was_retained DROP DEFAULT",
    # Sums of before say nothing of these; the nightly proof counts them anew.
    "ALTER TABLE rollover.balance ADD COLUMN released_inside INTEGER NOT NULL DEFAULT 0, ADD COLUMN released_away INTEGER NOT NULL DEFAULT 0, ADD COLUMN released_transit INTEGER NOT NULL DEFAULT 0, ADD COLUMN accepted_inside INTEGER NOT NULL DEFAULT 0, ADD COLUMN accepted_outside INTEGER NOT NULL DEFAULT 0, ADD COLUMN leaped_count INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE rollover.balance ALTER COLUMN released_inside DROP DEFAULT, ALTER COLUMN released_away DROP DEFAULT, ALTER COLUMN released_transit DROP DEFAULT, ALTER COLUMN accepted_inside DROP DEFAULT, ALTER COLUMN accepted_outside DROP DEFAULT, ALTER COLUMN leaped_count DROP DEFAULT",
    "COMMENT ON COLUMN rollover.balance.released_inside IS 'who was let go and stands in another unit'",
    "COMMENT ON COLUMN rollover.balance.released_away IS 'who was let go to another province'",
    "COMMENT ON COLUMN rollover.balance.released_transit IS 'who was let go and stands nowhere yet'",
    "COMMENT ON COLUMN rollover.balance.accepted_inside IS 'who arrived and was let go by another unit'",
    "COMMENT ON COLUMN rollover.balance.accepted_outside IS 'who arrived and was let go by none'",
    "COMMENT ON COLUMN rollover.balance.leaped_count IS 'rows more than one grade up'",
    f"CREATE TABLE rollover.override ( override_id BIGINT GENERATED ALWAYS AS IDENTITY, unit_id TEXT NOT NULL, from_year INTEGER NOT NULL, student_id TEXT NOT NULL, decision TEXT NOT NULL, to_class TEXT, {_ENTERED}, CONSTRAINT override_pkey PRIMARY KEY (override_id) )",
    "CREATE UNIQUE INDEX override_standing_idx ON rollover.override (unit_id, from_year, student_id) WHERE withdrawn_at IS NULL",
    "COMMENT ON TABLE rollover.override IS 'what somebody decided of one pupil, against or beside the witnesses'",
    "COMMENT ON COLUMN rollover.override.to_class IS 'empty: as the plan finds it'",
    f"CREATE TABLE rollover.renaming ( renaming_id BIGINT GENERATED ALWAYS AS IDENTITY, unit_id TEXT NOT NULL, from_year INTEGER NOT NULL, from_class TEXT NOT NULL, to_grade INTEGER NOT NULL, to_class TEXT NOT NULL, {_ENTERED}, CONSTRAINT renaming_pkey PRIMARY KEY (renaming_id) )",
    "CREATE UNIQUE INDEX renaming_standing_idx ON rollover.renaming (unit_id, from_year, from_class, to_grade) WHERE withdrawn_at IS NULL",
    "COMMENT ON TABLE rollover.renaming IS 'classes whose next name the pattern does not say: merged, split, called otherwise'",
    *(
        f"COMMENT ON COLUMN rollover.{table}.{column} IS '{said}'"
        for table in ("override", "renaming")
        for column, said in (
            ("document", "number of the decision it rests on"),
            ("entered_at", "what the database attests"),
            ("actor", "what the database attests"),
            ("claimed", "a typed name: shown, never trusted"),
            ("withdrawn_by", "what the database attests"),
        )
    ),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

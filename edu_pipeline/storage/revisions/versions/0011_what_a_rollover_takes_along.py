"""what a rollover takes along: values by carry policy, pupils' years, which post a line is about, the law of posts

Plain statements, because Alembic compares no CHECK constraint.
"""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    "CREATE TABLE rollover.snapshot_student_year ( unit_id TEXT NOT NULL, school_year INTEGER NOT NULL, student_id TEXT NOT NULL, poverty TEXT, policy_group TEXT, disability TEXT, region TEXT, fee_relief TEXT, is_in_difficult_area BOOLEAN, has_study_support BOOLEAN, has_lunch_support BOOLEAN, has_cash_support BOOLEAN, has_rice_support BOOLEAN, has_housing_support BOOLEAN, boarding TEXT, has_two_sessions BOOLEAN, is_swimmer BOOLEAN, is_pioneer BOOLEAN, is_union_member BOOLEAN, has_minority_language BOOLEAN, has_ministry_programme BOOLEAN, CONSTRAINT snapshot_student_year_pkey PRIMARY KEY (unit_id, school_year, student_id) )",
    # What was known of a closed year stays known: its snapshot gets what the register says of it by now.
    "INSERT INTO rollover.snapshot_student_year (unit_id, school_year, student_id, poverty, policy_group, disability, region, fee_relief, is_in_difficult_area, has_study_support, has_lunch_support, has_cash_support, has_rice_support, has_housing_support, boarding, has_two_sessions, is_swimmer, is_pioneer, is_union_member, has_minority_language, has_ministry_programme) SELECT unit_id, school_year, student_id, poverty, policy_group, disability, region, fee_relief, is_in_difficult_area, has_study_support, has_lunch_support, has_cash_support, has_rice_support, has_housing_support, boarding, has_two_sessions, is_swimmer, is_pioneer, is_union_member, has_minority_language, has_ministry_programme FROM master.student_year JOIN rollover.snapshot USING (unit_id, school_year)",
    "ALTER TABLE rollover.plan_line ADD COLUMN post_begin DATE",
    "COMMENT ON COLUMN rollover.plan_line.post_begin IS 'of an assignment line: which post of the snapshot it is about'",
    "CREATE TABLE rollover.student_year ( unit_id TEXT NOT NULL, school_year INTEGER NOT NULL, student_id TEXT NOT NULL, poverty TEXT, policy_group TEXT, disability TEXT, region TEXT, fee_relief TEXT, is_in_difficult_area BOOLEAN, has_study_support BOOLEAN, has_lunch_support BOOLEAN, has_cash_support BOOLEAN, has_rice_support BOOLEAN, has_housing_support BOOLEAN, boarding TEXT, has_two_sessions BOOLEAN, is_swimmer BOOLEAN, is_pioneer BOOLEAN, is_union_member BOOLEAN, has_minority_language BOOLEAN, has_ministry_programme BOOLEAN, was_retained BOOLEAN NOT NULL, plan_id BIGINT NOT NULL, line_key TEXT NOT NULL, run_id TEXT NOT NULL, is_proposed BOOLEAN NOT NULL, CONSTRAINT student_year_pkey PRIMARY KEY (unit_id, school_year, student_id) )",
    "CREATE UNLOGGED TABLE rollover.student_year_change ( unit_id TEXT NOT NULL, school_year INTEGER NOT NULL, student_id TEXT NOT NULL, poverty TEXT, policy_group TEXT, disability TEXT, region TEXT, fee_relief TEXT, is_in_difficult_area BOOLEAN, has_study_support BOOLEAN, has_lunch_support BOOLEAN, has_cash_support BOOLEAN, has_rice_support BOOLEAN, has_housing_support BOOLEAN, boarding TEXT, has_two_sessions BOOLEAN, is_swimmer BOOLEAN, is_pioneer BOOLEAN, is_union_member BOOLEAN, has_minority_language BOOLEAN, has_ministry_programme BOOLEAN, was_retained BOOLEAN NOT NULL, plan_id BIGINT NOT NULL, line_key TEXT NOT NULL, run_id TEXT NOT NULL, is_proposed BOOLEAN NOT NULL, CONSTRAINT student_year_change_pkey PRIMARY KEY (unit_id, school_year, student_id) )",
    "COMMENT ON COLUMN rollover.student_year.was_retained IS 'repeats the grade of last year; said anew every year'",
    # Who was carried over before: the mark of a repeated grade, then the values of the closing snapshot.
    "INSERT INTO rollover.student_year (unit_id, school_year, student_id, was_retained, plan_id, line_key, run_id, is_proposed) SELECT unit_id, school_year, student_id, was_retained, plan_id, line_key, run_id, is_proposed FROM rollover.enrollment WHERE was_retained",
    "ALTER TABLE rollover.school_class ADD COLUMN campus_code TEXT, ADD COLUMN first_language TEXT, ADD COLUMN second_language TEXT, ADD COLUMN weekly_session_count INTEGER, ADD COLUMN shift TEXT, ADD COLUMN stream TEXT, ADD COLUMN specialisation TEXT, ADD COLUMN class_type TEXT, ADD COLUMN study_mode TEXT, ADD COLUMN is_combined BOOLEAN, ADD COLUMN has_two_sessions BOOLEAN, ADD COLUMN has_boarding BOOLEAN, ADD COLUMN has_vocational BOOLEAN, ADD COLUMN has_disabled_pupils BOOLEAN",
    "ALTER TABLE rollover.school_class_change ADD COLUMN campus_code TEXT, ADD COLUMN first_language TEXT, ADD COLUMN second_language TEXT, ADD COLUMN weekly_session_count INTEGER, ADD COLUMN shift TEXT, ADD COLUMN stream TEXT, ADD COLUMN specialisation TEXT, ADD COLUMN class_type TEXT, ADD COLUMN study_mode TEXT, ADD COLUMN is_combined BOOLEAN, ADD COLUMN has_two_sessions BOOLEAN, ADD COLUMN has_boarding BOOLEAN, ADD COLUMN has_vocational BOOLEAN, ADD COLUMN has_disabled_pupils BOOLEAN",
    "ALTER TABLE rollover.enrollment ADD COLUMN kind TEXT NOT NULL DEFAULT 'primary', DROP COLUMN was_retained",
    "ALTER TABLE rollover.enrollment ALTER COLUMN kind DROP DEFAULT",
    "ALTER TABLE rollover.enrollment_change ADD COLUMN kind TEXT NOT NULL DEFAULT 'primary', DROP COLUMN was_retained",
    "ALTER TABLE rollover.enrollment_change ALTER COLUMN kind DROP DEFAULT",
    "ALTER TABLE rollover.staff_assignment ADD COLUMN status TEXT NOT NULL DEFAULT 'working', ADD COLUMN position TEXT, ADD COLUMN staff_group TEXT, ADD COLUMN share_pct INTEGER, ADD COLUMN weekly_period_count NUMERIC(12, 2), ADD COLUMN concurrent_duty TEXT, ADD COLUMN salary_grade TEXT, ADD COLUMN salary_step INTEGER, ADD COLUMN salary_coefficient NUMERIC(12, 2), ADD COLUMN leadership_allowance NUMERIC(12, 2)",
    "ALTER TABLE rollover.staff_assignment ALTER COLUMN status DROP DEFAULT",
    "ALTER TABLE rollover.staff_assignment_change ADD COLUMN status TEXT NOT NULL DEFAULT 'working', ADD COLUMN position TEXT, ADD COLUMN staff_group TEXT, ADD COLUMN share_pct INTEGER, ADD COLUMN weekly_period_count NUMERIC(12, 2), ADD COLUMN concurrent_duty TEXT, ADD COLUMN salary_grade TEXT, ADD COLUMN salary_step INTEGER, ADD COLUMN salary_coefficient NUMERIC(12, 2), ADD COLUMN leadership_allowance NUMERIC(12, 2)",
    "ALTER TABLE rollover.staff_assignment_change ALTER COLUMN status DROP DEFAULT",
    "ALTER TABLE rollover.balance ADD COLUMN post_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN post_unaccounted_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN staff_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN staff_carried_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN staff_moved_out_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN staff_gone_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN staff_pending_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN post_meant_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN post_standing_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN post_moved_out_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN post_arrived_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN post_misplaced_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN post_doubled_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN class_gap_count INTEGER NOT NULL DEFAULT 0, ADD COLUMN teacher_elsewhere_count INTEGER NOT NULL DEFAULT 0",
    "COMMENT ON COLUMN rollover.balance.post_count IS 'posts of the closing snapshot'",
    "COMMENT ON COLUMN rollover.balance.post_unaccounted_count IS 'of them without a line, and lines without a post'",
    "COMMENT ON COLUMN rollover.balance.staff_count IS 'persons who hold them'",
    "COMMENT ON COLUMN rollover.balance.staff_carried_count IS 'of them with a post that goes on here'",
    "COMMENT ON COLUMN rollover.balance.staff_moved_out_count IS 'of them with a post that goes on elsewhere, and none here'",
    "COMMENT ON COLUMN rollover.balance.staff_gone_count IS 'of them retired, transferred or ended, with all their posts'",
    "COMMENT ON COLUMN rollover.balance.staff_pending_count IS 'of them with a post that is not decided, and none that goes on'",
    "COMMENT ON COLUMN rollover.balance.post_meant_count IS 'posts that the plan carries or takes in'",
    "COMMENT ON COLUMN rollover.balance.post_standing_count IS 'rows that stand in the target, read from no plan'",
    "COMMENT ON COLUMN rollover.balance.post_moved_out_count IS 'posts that a unit event takes elsewhere'",
    "COMMENT ON COLUMN rollover.balance.post_arrived_count IS 'of them standing in the other unit'",
    "COMMENT ON COLUMN rollover.balance.post_misplaced_count IS 'rows without a line that carries them'",
    "COMMENT ON COLUMN rollover.balance.post_doubled_count IS 'posts taken in that still stand where they came from'",
    "COMMENT ON COLUMN rollover.balance.class_gap_count IS 'classes that are not as their line says, or lack a teacher and are not listed'",
    "COMMENT ON COLUMN rollover.balance.teacher_elsewhere_count IS 'classes whose teacher goes on with them and holds no post there'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement.replace(":", "\\:"))

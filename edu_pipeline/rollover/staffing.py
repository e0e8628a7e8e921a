"""The law of posts, persons and classes: what the plan accounts for, and what stands in the new year.

snapshot_assignment, plan's lines | rows in the target -> terms of rollover.balance, faults, parts of the gate

What does not belong here: pupils, and the statement that these terms stand in (reconcile.py).
Law: every post of the closing snapshot has one line, and every person is carried, moved out, gone or open by them;
carried + moved in posts = rows that stand; a moved post stands in the other unit and not here too; every class that
stands has its line, and a teacher who holds a post there, or a listed gap.
"""

from sqlalchemy import column, text

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.year import STAFFING
from edu_pipeline.gate.judge import Part
from edu_pipeline.schema import codes

_GONE = ", ".join(f"'{code}'" for code in codes.ASSIGNMENT_STATUS.codes if code != "working")

# rule -> what is wrong, as SQL over the unit's counts `n`
FAULTS = {
    "every_post_accounted": "n.post_unaccounted_count <> 0 OR n.staff_count <> n.staff_carried_count"
                            " + n.staff_moved_out_count + n.staff_gone_count + n.staff_pending_count",
    "posts_equal_standing": "n.post_meant_count <> n.post_standing_count",
    "moved_posts_arrive": "n.post_moved_out_count <> n.post_arrived_count",
    "no_post_misplaced": "n.post_misplaced_count <> 0",
    "no_post_twice": "n.post_doubled_count <> 0",
    "classes_complete": "n.class_gap_count <> 0",
    "homeroom_teachers_work_there": "n.teacher_elsewhere_count <> 0",
}  # fmt: skip

# CTEs after `applied` (plan_id, unit_id, from_year, to_year): one row a plan with the counts of contracts' STAFFING.
_POSTS = f"""
post AS (SELECT DISTINCT a.plan_id, s.staff_id, s.role FROM rollover.snapshot_assignment s
         JOIN applied a ON (a.unit_id, a.from_year) = (s.unit_id, s.school_year)),
post_line AS (SELECT a.*, l.staff_id, l.role, l.decision, l.other_unit_id FROM rollover.plan_line l
              JOIN applied a USING (plan_id) WHERE l.kind = 'assignment'),
post_row AS (SELECT a.plan_id, r.unit_id, r.school_year, r.staff_id, r.role FROM rollover.staff_assignment r
             JOIN applied a ON (a.unit_id, a.to_year) = (r.unit_id, r.school_year)),
accounted AS (
    SELECT plan_id, count(p.staff_id) AS post_count,
           count(*) FILTER (WHERE p.staff_id IS NULL OR l.staff_id IS NULL) AS post_unaccounted_count
    FROM post p FULL JOIN (SELECT * FROM post_line WHERE decision <> 'moved_in') l USING (plan_id, staff_id, role)
    GROUP BY plan_id),
person AS (
    SELECT plan_id, count(*) AS staff_count,
           count(*) FILTER (WHERE carried) AS staff_carried_count,
           count(*) FILTER (WHERE moved AND NOT carried) AS staff_moved_out_count,
           count(*) FILTER (WHERE open AND NOT (moved OR carried)) AS staff_pending_count,
           count(*) FILTER (WHERE gone) AS staff_gone_count
    FROM (SELECT p.plan_id, p.staff_id, bool_or(l.decision = 'carried') AS carried,
                 bool_or(l.decision = 'moved_out') AS moved, bool_or(l.decision = 'pending') AS open,
                 bool_and(l.decision IN ({_GONE})) AS gone
          FROM post p LEFT JOIN post_line l ON (l.plan_id, l.staff_id, l.role) = (p.plan_id, p.staff_id, p.role)
              AND l.decision <> 'moved_in' GROUP BY p.plan_id, p.staff_id) s
    GROUP BY plan_id),
meant_post AS (
    SELECT l.plan_id, count(*) FILTER (WHERE l.decision IN ('carried', 'moved_in')) AS post_meant_count,
           count(*) FILTER (WHERE l.decision = 'moved_out') AS post_moved_out_count,
           count(*) FILTER (WHERE l.decision = 'moved_out' AND o.staff_id IS NOT NULL) AS post_arrived_count,
           count(*) FILTER (WHERE l.decision = 'moved_in' AND o.staff_id IS NOT NULL) AS doubled
    FROM post_line l
    LEFT JOIN rollover.staff_assignment o ON (o.unit_id, o.school_year, o.staff_id, o.role)
        = (l.other_unit_id, l.to_year, l.staff_id, l.role)
    GROUP BY l.plan_id),
standing_post AS (
    SELECT r.plan_id, count(*) AS post_standing_count,
           count(*) FILTER (WHERE l.staff_id IS NULL) AS post_misplaced_count
    FROM post_row r
    LEFT JOIN post_line l ON (l.plan_id, l.staff_id, l.role) = (r.plan_id, r.staff_id, r.role)
        AND l.decision IN ('carried', 'moved_in')
    GROUP BY r.plan_id)"""

# A class is whole with its line, and the line's grade and teacher, or the gap listed there. A teacher whom the school
# itself shows may be new there; one who goes on with a class holds a post there.
_CLASSES = """
class_gap AS (
    SELECT plan_id, count(*) FILTER (
               WHERE l.to_class IS NULL OR r.class_code IS NULL OR l.to_grade <> r.grade_level
                  OR r.homeroom_staff_id IS DISTINCT FROM l.homeroom_staff_id
                  OR r.homeroom_staff_id IS NULL AND 'no_homeroom_teacher' <> ALL(l.flags)) AS class_gap_count,
           count(*) FILTER (WHERE l.decision = 'proposed' AND r.homeroom_staff_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM post_row k WHERE k.plan_id = r.plan_id AND k.staff_id = r.homeroom_staff_id))
               AS teacher_elsewhere_count
    FROM (SELECT a.plan_id, c.class_code, c.grade_level, c.homeroom_staff_id FROM rollover.school_class c
          JOIN applied a ON (a.unit_id, a.to_year) = (c.unit_id, c.school_year)) r
    FULL JOIN (SELECT k.plan_id, k.to_class, k.to_class AS class_code, k.to_grade, k.decision, k.homeroom_staff_id,
                      k.flags FROM rollover.plan_line k JOIN applied USING (plan_id) WHERE k.kind = 'class') l
        USING (plan_id, class_code)
    GROUP BY plan_id)"""

_SUMMED = ", ".join(
    f"coalesce({'doubled' if name == 'post_doubled_count' else name}, 0) AS {name}" for name in STAFFING
)

COUNTED = f"""{_POSTS},
{_CLASSES},
staffing AS (
    SELECT plan_id, {_SUMMED}
    FROM applied LEFT JOIN accounted USING (plan_id) LEFT JOIN person USING (plan_id)
    LEFT JOIN meant_post USING (plan_id) LEFT JOIN standing_post USING (plan_id)
    LEFT JOIN class_gap USING (plan_id))"""


def parts() -> list[Part]:
    """Suite `rollover` on the balances of units that are believed: no rule of this law is broken there."""
    return [
        (text(f"SELECT unit_id FROM rollover.balance n WHERE is_balanced AND ({wrong})").columns(column("unit_id")),
         [suites.nothing(rule)])
        for rule, wrong in FAULTS.items()
    ]  # fmt: skip

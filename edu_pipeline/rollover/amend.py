"""An amendment: of a plan that is applied, only the lines of persons, posts and classes whom a late change concerns.

lines drafted anew, the applied plan's lines -> plan_line with the former lines wherever nothing late happened; DIFFER

Late is what became of the old year: a result, a correction, an override, a move, an event. What the school does with
its new year since (another class, somebody new) is the school's: the reported row says it, and no plan is amended. But
who was left pending is decided by whatever decides it.
What does not belong here: deciding a line (closing.py), writing rows (apply.py). Binds: `plans` (bigint[]).
"""

from edu_pipeline.contracts.year import PLAN_LINE

_LEFT = "('transferred_out', 'withdrawn', 'on_leave')"
_GOES_ON = "('promoted', 'retained', 'moved_out')"


def _facts(line: str) -> str:
    """What of a pupil's closing the old year says."""
    return f"""({line}.student_id, {line}.from_class, {line}.from_grade, {line}.reported, {line}.ruled,
        CASE WHEN {line}.decision IN {_LEFT} THEN {line}.decision END,
        CASE WHEN {line}.source LIKE 'override:%' THEN {line}.source END)"""


def _moved(line: str) -> str:
    return f"({line}.decision = 'moved_out', CASE WHEN {line}.decision = 'moved_out' THEN {line}.other_unit_id END)"


_SAME = f"""CASE WHEN l.kind = 'assignment' THEN (l.decision, l.other_unit_id) IS NOT DISTINCT FROM
                                          (f.decision, f.other_unit_id)
     ELSE {_facts("l")} IS NOT DISTINCT FROM {_facts("f")}
          AND (f.decision <> 'pending' OR l.decision = 'pending')
          AND NOT (l.is_proposed AND f.is_proposed AND l.to_class <> f.to_class)
          AND (l.decision NOT IN {_GOES_ON} OR f.decision NOT IN {_GOES_ON}
               OR {_moved("l")} IS NOT DISTINCT FROM {_moved("f")}) END"""

# Closings and posts that a late change concerns.
_LATE = f"""
UPDATE rollover.plan_line l SET is_late = true FROM rollover.plan p
WHERE p.plan_id = l.plan_id AND l.plan_id = ANY(:plans) AND p.amends IS NOT NULL
  AND l.kind IN ('closing', 'assignment')
  AND NOT EXISTS (SELECT FROM rollover.plan_line f
                  WHERE f.plan_id = p.amends AND f.line_key = l.line_key AND {_SAME})"""

# They concern the person in every unit that is planned, under the former name too.
_CONCERNED = """
WITH concerned AS (
    SELECT v.person FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
    LEFT JOIN rollover.plan_line f ON f.plan_id = p.amends AND f.line_key = l.line_key
    CROSS JOIN LATERAL (VALUES (l.student_id), (l.staff_id), (f.student_id)) v(person)
    WHERE l.plan_id = ANY(:plans) AND l.is_late AND l.kind IN ('closing', 'assignment') AND v.person IS NOT NULL
)"""

_OPENED = f"""{_CONCERNED}
UPDATE rollover.plan_line l SET is_late = true FROM rollover.plan p
WHERE p.plan_id = l.plan_id AND l.plan_id = ANY(:plans) AND p.amends IS NOT NULL
  AND (l.kind = 'opening' AND l.student_id IN (SELECT person FROM concerned)
       OR l.kind = 'assignment' AND l.staff_id IN (SELECT person FROM concerned))"""

_DROP = """
DELETE FROM rollover.plan_line l USING rollover.plan p
WHERE p.plan_id = l.plan_id AND l.plan_id = ANY(:plans) AND p.amends IS NOT NULL AND NOT l.is_late"""

_COPIED = ", ".join(c.name for c in PLAN_LINE.columns if c.name not in ("plan_id", "is_late"))
_KEPT = ", ".join(f"f.{c.name}" for c in PLAN_LINE.columns if c.name not in ("plan_id", "is_late"))

_KEEP = f"""
INSERT INTO rollover.plan_line (plan_id, {_COPIED})
{_CONCERNED}
SELECT p.plan_id, {_KEPT} FROM rollover.plan p JOIN rollover.plan_line f ON f.plan_id = p.amends
WHERE p.plan_id = ANY(:plans)
  AND NOT EXISTS (SELECT FROM rollover.plan_line l WHERE l.plan_id = p.plan_id AND l.line_key = f.line_key)"""

_KEEP_PERSONS = f"""{_KEEP} AND f.kind <> 'class'
  AND NOT (f.kind = 'opening' AND f.student_id IN (SELECT person FROM concerned)
           OR f.kind = 'assignment' AND f.decision = 'moved_in' AND f.staff_id IN (SELECT person FROM concerned))"""

# A class stays as it was, unless its teacher is concerned; where nobody sits any more, there is none.
_LATE_CLASS = f"""{_CONCERNED}
UPDATE rollover.plan_line l SET is_late = true FROM rollover.plan p
WHERE p.plan_id = l.plan_id AND l.plan_id = ANY(:plans) AND p.amends IS NOT NULL AND l.kind = 'class'
  AND NOT EXISTS (SELECT FROM rollover.plan_line f WHERE f.plan_id = p.amends AND f.line_key = l.line_key
                  AND coalesce(f.homeroom_staff_id NOT IN (SELECT person FROM concerned), true))"""

_DROP_CLASS = f"{_DROP} AND l.kind = 'class'"

_KEEP_CLASS = f"""{_KEEP} AND f.kind = 'class'
  AND (p.plan_id, f.to_class, f.to_grade) IN (
      SELECT o.plan_id, o.to_class, o.to_grade FROM rollover.plan_line o
      WHERE o.plan_id = ANY(:plans) AND o.kind = 'opening' AND o.decision <> 'pending')"""

# Persons and posts as soon as they are drafted, classes after them: they are of whoever sits in them.
PERSONS = (_LATE, _OPENED, f"{_DROP} AND l.kind <> 'class'", _KEEP_PERSONS)
CLASSES = (_LATE_CLASS, _DROP_CLASS, _KEEP_CLASS)

# Drafts of applied plans that say what is applied already.
IDLE = """
SELECT d.plan_id, d.unit_id FROM rollover.plan d JOIN rollover.plan o ON o.plan_id = d.amends AND o.hash = d.hash
WHERE d.plan_id = ANY(:plans)"""

_COLUMNS = ("kind", "student_id", "staff_id", "from_class", "from_grade", "to_class", "to_grade", "to_name", "role",
            "other_unit_id", "decision", "reason", "rule", "reported", "ruled", "placed", "flags",
            "homeroom_staff_id", "source", "is_proposed")  # fmt: skip

# The newest plan of a unit, and the one that it follows: the applied one, else the one that was planned before (binds:
# unit, year).
PAIR = """
SELECT n.plan_id, coalesce(n.amends, (
           SELECT max(f.plan_id) FROM rollover.plan f
           WHERE f.unit_id = n.unit_id AND f.from_year = n.from_year AND f.plan_id < n.plan_id)) AS former
FROM rollover.plan n WHERE n.unit_id = :unit AND n.from_year = :year AND n.status NOT IN ('draft', 'replaced')
ORDER BY n.status = 'undone', n.plan_id DESC LIMIT 1"""

# Lines of two plans that differ (binds: former, plan).
DIFFER = f"""
SELECT coalesce(n.line_key, f.line_key) AS line,
       CASE WHEN f.line_key IS NULL THEN 'new' WHEN n.line_key IS NULL THEN 'gone' ELSE 'changed' END AS change,
       f.decision AS former_decision, n.decision, f.to_class AS former_class, n.to_class AS class,
       f.rule AS former_rule, n.rule
FROM (SELECT * FROM rollover.plan_line WHERE plan_id = :former) f
FULL JOIN (SELECT * FROM rollover.plan_line WHERE plan_id = :plan) n USING (line_key)
WHERE f.line_key IS NULL OR n.line_key IS NULL
   OR ({", ".join(f"f.{c}" for c in _COLUMNS)}) IS DISTINCT FROM ({", ".join(f"n.{c}" for c in _COLUMNS)})
ORDER BY 1"""

"""Does a plan account for everybody? One frame row a unit; a unit that breaks a rule is refused, the others go on.

plan_line, snapshot -> plan_share, plan_count -> faults by unit (SQL isolates) -> parts of suite `plan` (GX judges)

What does not belong here: deciding a line (closing.py), counting what was applied (reconcile.py).
Binds: `plans` (bigint[]), and `ranges` where shares are judged (ranges.py).
"""

from collections.abc import Iterable

from sqlalchemy import BigInteger, BindParameter, TextClause, bindparam, column, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.year import CLOSINGS, OPENINGS, PLAN_COUNT
from edu_pipeline.gate.judge import Part
from edu_pipeline.rollover import ranges
from edu_pipeline.rollover.plan import HASHES
from edu_pipeline.rollover.ranges import Range

# An applied plan that one of the plans amends counts no more.
_NOT_AMENDED = "NOT EXISTS (SELECT FROM rollover.plan a WHERE a.plan_id = ANY(:plans) AND a.amends = {plan}.plan_id)"

# The other end of a move: the same person's line in the plan of the other unit.
_OTHER_END = f"""EXISTS (
           SELECT FROM rollover.plan_line k JOIN rollover.plan q ON q.plan_id = k.plan_id
           WHERE k.unit_id = l.other_unit_id AND k.other_unit_id = l.unit_id AND k.student_id = l.student_id
             AND k.decision = '{{decision}}' AND q.from_year = p.from_year
             AND q.status IN ('draft', 'checked', 'applied') AND {_NOT_AMENDED.format(plan="q")})"""

# Whom an amendment opens while another unit's applied plan does, and is not amended along: both ends are planned.
_ELSEWHERE = f"""
SELECT l.plan_id, 'opened_elsewhere: ' || count(*) || ', the first in unit ' || min(k.unit_id) || '; plan both units'
       AS fault
FROM rollover.plan_line l
JOIN rollover.plan p USING (plan_id)
JOIN rollover.plan_line k ON k.student_id = l.student_id AND k.kind = 'opening' AND k.decision <> 'pending'
    AND k.unit_id <> l.unit_id
JOIN rollover.plan q ON q.plan_id = k.plan_id AND q.from_year = p.from_year AND q.status = 'applied'
    AND {_NOT_AMENDED.format(plan="q")}
WHERE l.plan_id = ANY(:plans) AND p.amends IS NOT NULL AND l.is_late AND l.kind = 'opening' AND l.decision <> 'pending'
GROUP BY l.plan_id"""

# Everything is forgotten before plans are counted: what an earlier run counted is not believed.
FORGET = "TRUNCATE rollover.plan_count, rollover.plan_share"
UNCOUNTED = "SELECT unnest(CAST(:plans AS bigint[])) EXCEPT SELECT plan_id FROM rollover.plan_count"

_OPENED = "kind = 'opening' AND decision <> 'pending'"

# A unit that an event made has no closing of its own: nobody was there. The ends of moves are counted by ENDS.
_COUNT = f"""
INSERT INTO rollover.plan_count (plan_id, unit_id, active_count, closed_count, carried_count, continued_count,
    moved_out_count, arrived_count, moved_in_count, departed_count, opened_count, seated_count, class_count,
    class_code_count, headcount, standing_hash)
WITH hashed AS ({HASHES}
), counted AS (
    SELECT plan_id, sum(count) FILTER (WHERE kind = 'closing') AS closed,
           sum(count) FILTER (WHERE kind = 'closing' AND decision IN ('promoted', 'retained')) AS carried,
           sum(count) FILTER (WHERE kind = 'opening' AND decision IN ('promoted', 'retained')) AS continued,
           sum(count) FILTER (WHERE kind = 'closing' AND decision = 'moved_out') AS moved_out,
           sum(count) FILTER (WHERE kind = 'opening' AND decision = 'moved_in') AS moved_in,
           sum(count) FILTER (WHERE {_OPENED}) AS opened, sum(count) FILTER (WHERE kind = 'class') AS classes
    FROM rollover.plan_share WHERE plan_id = ANY(:plans) GROUP BY plan_id
), class AS MATERIALIZED (
    SELECT plan_id, to_class, to_grade FROM rollover.plan_line WHERE plan_id = ANY(:plans) AND kind = 'class'
), named AS (
    SELECT plan_id, count(DISTINCT to_class) AS codes FROM class GROUP BY plan_id
), seat AS (
    SELECT plan_id, to_class, to_grade, count(*) AS pupils FROM rollover.plan_line
    WHERE plan_id = ANY(:plans) AND {_OPENED} GROUP BY plan_id, to_class, to_grade
), seated AS (
    SELECT plan_id, sum(pupils) AS seated FROM seat JOIN class USING (plan_id, to_class, to_grade) GROUP BY plan_id
)
SELECT p.plan_id, p.unit_id, coalesce(s.student_count + s.open_count, 0), coalesce(c.closed, 0),
       coalesce(c.carried, 0), coalesce(c.continued, 0), coalesce(c.moved_out, 0), 0, coalesce(c.moved_in, 0), 0,
       coalesce(c.opened, 0), coalesce(d.seated, 0), coalesce(c.classes, 0), coalesce(n.codes, 0), s.headcount, h.hash
FROM rollover.plan p
JOIN hashed h USING (plan_id)
LEFT JOIN counted c USING (plan_id)
LEFT JOIN named n USING (plan_id)
LEFT JOIN seated d USING (plan_id)
LEFT JOIN rollover.snapshot s ON s.unit_id = p.unit_id AND s.school_year = p.from_year
WHERE p.plan_id = ANY(:plans)"""

# Counted when the plans are judged: by then it is settled which plans of other units stand.
ENDS = f"""
UPDATE rollover.plan_count c SET arrived_count = e.arrived, departed_count = e.departed
FROM (SELECT p.plan_id, count(*) FILTER (WHERE l.decision = 'moved_out'
                          AND {_OTHER_END.format(decision="moved_in")}) AS arrived,
             count(*) FILTER (WHERE l.decision = 'moved_in'
                          AND {_OTHER_END.format(decision="moved_out")}) AS departed
      FROM rollover.plan p JOIN rollover.plan_line l ON l.plan_id = p.plan_id
          AND (l.kind, l.decision) IN (('closing', 'moved_out'), ('opening', 'moved_in'))
      WHERE p.plan_id = ANY(:plans) GROUP BY p.plan_id) e
WHERE c.plan_id = e.plan_id"""

# The hash says what a plan decides, not when it was written: the same inputs give the same hash.
HASH = """
UPDATE rollover.plan p SET hash = c.standing_hash FROM rollover.plan_count c
WHERE p.plan_id = ANY(:plans) AND c.plan_id = p.plan_id"""

# rule -> (left, right): the two counts that must agree
RULES: dict[str, tuple[str, str]] = {
    "every_active_pupil_has_a_line": ("active_count", "closed_count"),
    "active_pupils_equal_headcount": ("active_count", "headcount"),
    "carried_pupils_continue": ("carried_count", "continued_count"),
    "who_moves_out_arrives": ("moved_out_count", "arrived_count"),
    "who_moves_in_has_left": ("moved_in_count", "departed_count"),
    "every_pupil_has_a_class": ("opened_count", "seated_count"),
    "one_grade_a_class": ("class_count", "class_code_count"),
    "lines_are_those_planned": ("planned_hash", "standing_hash"),
}

_COUNTS = tuple(counted.name for counted in PLAN_COUNT.columns if not counted.name.endswith("_hash"))
_NAMES = (*_COUNTS, "planned_hash", "standing_hash")
_FRAME = f"""
SELECT {", ".join(f"c.{name}" for name in _COUNTS)}, left(p.hash, 12) AS planned_hash,
       left(c.standing_hash, 12) AS standing_hash
FROM rollover.plan_count c JOIN rollover.plan p USING (plan_id) WHERE c.plan_id = ANY(:plans)"""


def plans_bind(plans: list[int]) -> BindParameter:
    """The bind `plans` of a relation that the gate reads: it writes its query out, so the array needs its type."""
    return bindparam("plans", plans, ARRAY(BigInteger))  # type: ignore[arg-type]


def count() -> list[TextClause]:
    """Statements that count plans' lines and hash them, once for all that compare."""
    return [text(ranges.COUNT), text(_COUNT)]


def frame(plans: list[int]) -> TextualSelect:
    """One row a unit: the counts that the rules compare."""
    return text(_FRAME).bindparams(plans_bind(plans)).columns(*(column(name) for name in _NAMES))


def refuse(without: frozenset[str] = frozenset()) -> TextClause:
    """UPDATE that refuses the counted plans that break a rule and writes which; the others become `checked`."""
    broken = ", ".join(
        f"CASE WHEN f.{left} <> f.{right} THEN '{rule}: ' || f.{left} || ' against ' || f.{right} END"
        for rule, (left, right) in RULES.items()
        if rule not in without
    )
    outside = ranges.FAULTS if ranges.RULE not in without else f"SELECT * FROM ({ranges.FAULTS}) g WHERE false"
    return text(f"""
    UPDATE rollover.plan p SET fault = r.fault, status = CASE WHEN r.fault IS NULL THEN 'checked' ELSE 'refused' END
    FROM (SELECT f.plan_id, nullif(concat_ws('; ', {broken or "NULL"}, g.fault, e.fault), '') AS fault
          FROM ({_FRAME}) f
          LEFT JOIN ({outside}) g USING (plan_id)
          LEFT JOIN ({_ELSEWHERE}) e USING (plan_id)) r
    WHERE p.plan_id = r.plan_id AND p.plan_id = ANY(:plans)""")


def refuse_kin() -> TextClause:
    """UPDATE that refuses checked plans which move people from or to a refused one; repeat it until none is left."""
    return text("""
    UPDATE rollover.plan p SET status = 'refused', fault = 'moves_with_refused: unit ' || r.other
    FROM (SELECT l.plan_id, min(l.other_unit_id) AS other FROM rollover.plan_line l
          JOIN rollover.plan o USING (plan_id)
          JOIN rollover.plan q ON q.unit_id = l.other_unit_id AND q.from_year = o.from_year AND q.status = 'refused'
          WHERE l.plan_id = ANY(:plans) AND l.decision IN ('moved_out', 'moved_in') GROUP BY l.plan_id) r
    WHERE p.plan_id = r.plan_id AND p.status = 'checked'""")


def lines(plans: list[int]) -> TextualSelect:
    """The relation that the verdict is on: every line of the plans."""
    names = ("unit_id", "line_key", "kind", "student_id", "staff_id", "decision", "from_class", "from_grade",
             "to_class", "to_grade", "other_unit_id", "source")  # fmt: skip
    query = f"SELECT {', '.join(names)} FROM rollover.plan_line WHERE plan_id = ANY(:plans)"
    return text(query).bindparams(plans_bind(plans)).columns(*(column(name) for name in names))


def parts(plans: list[int], believed: Iterable[Range]) -> list[Part]:
    """Suite `plan`: known decisions, nobody opened twice in the city, and every unit's counts agree, and its shares are
    what is believed. What a count says is judged on the counts: a city's lines are five million."""
    said = text("SELECT DISTINCT decision FROM rollover.plan_share WHERE plan_id = ANY(:plans)")
    twice = text("""
    SELECT student_id FROM rollover.plan_line
    WHERE plan_id = ANY(:plans) AND kind = 'opening' AND decision <> 'pending'
    GROUP BY student_id HAVING count(*) > 1 OR student_id IS NULL""")
    moved = text(f"""
    SELECT coalesce(sum(count) FILTER (WHERE decision = 'moved_out'), 0) AS moved_out,
           coalesce(sum(count) FILTER (WHERE decision = 'moved_in'), 0) AS moved_in
    FROM (SELECT decision, count FROM rollover.plan_share
          WHERE plan_id = ANY(:plans) AND kind IN ('closing', 'opening')
          UNION ALL
          SELECT l.decision, 1 FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
          WHERE l.kind IN ('closing', 'opening') AND l.decision IN ('moved_out', 'moved_in')
            AND p.status = 'applied' AND p.plan_id <> ALL(:plans)
            AND p.from_year IN (SELECT from_year FROM rollover.plan WHERE plan_id = ANY(:plans))
            AND {_NOT_AMENDED.format(plan="p")}) l""")
    outside = text(ranges.OUTSIDE).bindparams(plans_bind(plans), ranges.ranges_bind(believed))
    decisions = {*CLOSINGS, *OPENINGS, "proposed", "reported", "carried", "retired", "ended"}
    return [
        (said.bindparams(plans_bind(plans)).columns(column("decision")), [suites.among("decision", sorted(decisions))]),
        (twice.bindparams(plans_bind(plans)).columns(column("student_id")), [suites.nothing("unique(student_id)")]),
        (
            moved.bindparams(plans_bind(plans)).columns(column("moved_out"), column("moved_in")),
            [suites.equal("moved_out", "moved_in", "moved_out_equals_moved_in")],
        ),
        (frame(plans), [suites.equal(left, right, rule) for rule, (left, right) in RULES.items()]),
        (outside.columns(column("unit_id"), column("decision")), [suites.nothing(ranges.RULE)]),
    ]

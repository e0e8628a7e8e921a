"""The conservation law of a school year, counted from what stands, not from what was meant.

snapshot, plan's closings | rows in the target -> rollover.balance -> parts of the gate

What does not belong here: mending. A unit whose sums do not agree is named; its rows are not believed (warehouse).
Law (domain.md section 4): active = promoted + retained + completed + transferred_out + withdrawn + on_leave + pending
+ moved_out; opening = promoted + retained + accepted + intake + returned + moved_in, the left side counted by a query
that reads no plan; who moved out because of a unit event stands in the other unit; released = accepted inside + left
the city + in transit; accepted = released inside + came from outside; nobody goes more than one grade up. Posts and
classes: staffing.py.
"""

from sqlalchemy import TextClause, column, text
from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.year import CLOSINGS, OPENINGS, STAFFING
from edu_pipeline.gate.judge import Part
from edu_pipeline.rollover import staffing

_CLOSED = ", ".join(f"count(*) FILTER (WHERE decision = '{name}') AS closed_{name}" for name in CLOSINGS)
_MEANT = ", ".join(f"count(*) FILTER (WHERE decision = '{name}') AS opened_{name}" for name in OPENINGS)
_SUM_MEANT = " + ".join(f"m.opened_{name}" for name in OPENINGS)
_SUM_CLOSED = " + ".join(f"c.closed_{name}" for name in CLOSINGS)

_ARRIVING = "('accepted', 'intake', 'returned')"
# How far up a grade is: the years of preschool come before grade 1.
_RANK = "CASE WHEN {0} > 12 THEN {0} - 18 ELSE {0} END"

# rule -> what is wrong, as SQL over the unit's counts
FAULTS = {
    "active_equals_closed": f"coalesce(s.student_count + s.open_count, 0) <> {_SUM_CLOSED}",
    "active_equals_headcount": "s.headcount <> s.student_count + s.open_count",
    "moved_out_equals_arrived": "c.closed_moved_out <> coalesce(v.arrived, 0)",
    "opening_equals_standing": f"coalesce(t.rows, 0) <> {_SUM_MEANT}",
    "nobody_misplaced": "coalesce(x.misplaced, 0) <> 0",
    "nobody_twice": "coalesce(d.doubled, 0) <> 0",
    "released_is_somewhere_once": "c.closed_transferred_out <> coalesce(g.inside, 0) + coalesce(g.away, 0)"
    " + coalesce(g.transit, 0)",
    "one_grade_up_at_most": "coalesce(z.leaped, 0) <> 0",
    **staffing.FAULTS,
}


def balance(without: frozenset[str] = frozenset()) -> TextClause:
    """UPSERT of the balance of every applied plan (bind: now). `without` leaves rules out (tests of the gate)."""
    said = ", ".join(f"CASE WHEN {sql} THEN '{rule}' END" for rule, sql in FAULTS.items() if rule not in without)
    fault = f"nullif(concat_ws(', ', {said}), '')" if said else "NULL::text"
    names = ["unit_id", "from_year", "to_year", "active_count", "headcount", "headcount_basis",
             *(f"closed_{n}" for n in CLOSINGS), "closed_count", "opened_count", *(f"opened_{n}" for n in OPENINGS),
             "released_inside", "released_away", "released_transit", "accepted_inside", "accepted_outside",
             "arrived_count", "misplaced_count", "leaped_count", *STAFFING, "is_balanced", "fault",
             "reconciled_at"]  # fmt: skip
    kept = ", ".join(f"{name} = excluded.{name}" for name in names if name not in ("unit_id", "from_year"))
    changed = [name for name in names if name not in ("unit_id", "from_year", "reconciled_at")]
    differs = (
        f"({', '.join(f'b.{n}' for n in changed)}) IS DISTINCT FROM ({', '.join(f'excluded.{n}' for n in changed)})"
    )
    return text(f"""
    WITH applied AS (SELECT plan_id, unit_id, from_year, to_year FROM rollover.plan WHERE status = 'applied'),
    closed AS (SELECT plan_id, {_CLOSED} FROM rollover.plan_line JOIN applied USING (plan_id)
               WHERE kind = 'closing' GROUP BY plan_id),
    meant AS (SELECT plan_id, {_MEANT} FROM rollover.plan_line JOIN applied USING (plan_id)
              WHERE kind = 'opening' GROUP BY plan_id),
    standing AS (SELECT unit_id, school_year, count(*) AS rows FROM rollover.enrollment GROUP BY 1, 2),
    arrived AS (
        SELECT l.plan_id, count(*) AS arrived FROM rollover.plan_line l
        JOIN applied a USING (plan_id)
        JOIN rollover.enrollment e ON e.unit_id = l.other_unit_id AND e.school_year = a.to_year
            AND e.student_id = l.student_id AND e.decision = 'moved_in'
        WHERE l.kind = 'closing' AND l.decision = 'moved_out' GROUP BY l.plan_id),
    misplaced AS (
        SELECT a.plan_id, count(*) AS misplaced FROM applied a
        JOIN rollover.enrollment e ON e.unit_id = a.unit_id AND e.school_year = a.to_year
        LEFT JOIN rollover.plan_line l ON l.plan_id = a.plan_id AND l.kind = 'opening' AND l.student_id = e.student_id
            AND l.decision = e.decision AND l.to_class = e.class_code AND l.to_grade = e.grade_level
        WHERE l.line_key IS NULL GROUP BY a.plan_id),
    released AS (
        SELECT l.plan_id, count(*) FILTER (WHERE e.student_id IS NOT NULL) AS inside,
               count(*) FILTER (WHERE l.other_unit_id IS NULL AND NOT 'release_unproven' = ANY(l.flags)) AS away,
               count(*) FILTER (WHERE e.student_id IS NULL
                                AND (l.other_unit_id IS NOT NULL OR 'release_unproven' = ANY(l.flags))) AS transit
        FROM rollover.plan_line l JOIN applied a USING (plan_id)
        -- Who is shown again by the very unit that let go is inside, too: as `accepted` counts.
        LEFT JOIN rollover.enrollment e ON e.student_id = l.student_id AND e.school_year = a.to_year
            AND e.decision IN {_ARRIVING}
        WHERE l.kind = 'closing' AND l.decision = 'transferred_out' GROUP BY l.plan_id),
    accepted AS (
        SELECT e.unit_id, e.school_year, count(*) FILTER (WHERE l.student_id IS NOT NULL) AS inside,
               count(*) FILTER (WHERE l.student_id IS NULL) AS outside
        FROM rollover.enrollment e
        LEFT JOIN (SELECT DISTINCT l.student_id, a.to_year FROM rollover.plan_line l JOIN applied a USING (plan_id)
                   WHERE l.kind = 'closing' AND l.decision = 'transferred_out') l
            ON l.student_id = e.student_id AND l.to_year = e.school_year
        WHERE e.decision IN {_ARRIVING} GROUP BY e.unit_id, e.school_year),
    leaped AS (
        SELECT e.unit_id, e.school_year, count(*) AS leaped FROM rollover.enrollment e
        JOIN rollover.snapshot_student s ON s.student_id = e.student_id AND s.school_year = e.school_year - 1
        WHERE {_RANK.format("e.grade_level")} - {_RANK.format("s.grade_level")} > 1
        GROUP BY e.unit_id, e.school_year),
    doubled AS (
        SELECT unit_id, school_year, count(*) AS doubled FROM rollover.enrollment e
        WHERE EXISTS (SELECT FROM rollover.enrollment o WHERE o.school_year = e.school_year
                      AND o.student_id = e.student_id AND o.unit_id <> e.unit_id) GROUP BY 1, 2),
    {staffing.COUNTED}
    INSERT INTO rollover.balance AS b ({", ".join(names)})
    SELECT a.unit_id, a.from_year, a.to_year, coalesce(s.student_count + s.open_count, 0), s.headcount,
           s.headcount_basis,
           {", ".join(f"c.closed_{n}" for n in CLOSINGS)}, {_SUM_CLOSED}, coalesce(t.rows, 0),
           {", ".join(f"m.opened_{n}" for n in OPENINGS)}, coalesce(g.inside, 0),
           coalesce(g.away, 0), coalesce(g.transit, 0), coalesce(h.inside, 0), coalesce(h.outside, 0),
           coalesce(v.arrived, 0), coalesce(x.misplaced, 0), coalesce(z.leaped, 0),
           {", ".join(f"n.{name}" for name in STAFFING)}, {fault} IS NULL, {fault}, :now
    FROM applied a
    JOIN staffing n USING (plan_id)
    LEFT JOIN rollover.snapshot s ON s.unit_id = a.unit_id AND s.school_year = a.from_year
    LEFT JOIN LATERAL (SELECT {", ".join(f"coalesce(max(closed_{n}), 0) AS closed_{n}" for n in CLOSINGS)}
                       FROM closed c WHERE c.plan_id = a.plan_id) c ON true
    LEFT JOIN LATERAL (SELECT {", ".join(f"coalesce(max(opened_{n}), 0) AS opened_{n}" for n in OPENINGS)}
                       FROM meant m WHERE m.plan_id = a.plan_id) m ON true
    LEFT JOIN standing t ON t.unit_id = a.unit_id AND t.school_year = a.to_year
    LEFT JOIN arrived v ON v.plan_id = a.plan_id
    LEFT JOIN misplaced x ON x.plan_id = a.plan_id
    LEFT JOIN released g ON g.plan_id = a.plan_id
    LEFT JOIN accepted h ON h.unit_id = a.unit_id AND h.school_year = a.to_year
    LEFT JOIN leaped z ON z.unit_id = a.unit_id AND z.school_year = a.to_year
    LEFT JOIN doubled d ON d.unit_id = a.unit_id AND d.school_year = a.to_year
    ON CONFLICT (unit_id, from_year) DO UPDATE SET {kept} WHERE {differs}""")


# Before the gate speaks nobody is believed anew; who is known not to balance is doubted at once.
SUSPECT = """
UPDATE rollover.plan p SET reconciled = false, fault = b.fault FROM rollover.balance b
WHERE p.status = 'applied' AND b.unit_id = p.unit_id AND b.from_year = p.from_year AND NOT b.is_balanced
  AND (p.reconciled, p.fault) IS DISTINCT FROM (false, b.fault)"""

MARK = """
UPDATE rollover.plan p SET reconciled = b.is_balanced, fault = b.fault FROM rollover.balance b
WHERE p.status = 'applied' AND b.unit_id = p.unit_id AND b.from_year = p.from_year
  AND (p.reconciled, p.fault) IS DISTINCT FROM (b.is_balanced, b.fault)"""


DOUBT = """
UPDATE rollover.plan SET reconciled = false, fault = :fault
WHERE status = 'applied' AND (reconciled, fault) IS DISTINCT FROM (false, :fault)"""


def frame() -> TextualSelect:
    """Balances of units that are believed: the relation that the verdict is on."""
    names = ("unit_id", "active_count", "headcount", "closed_count", "opened_count", "meant_count", "closed_moved_out",
             "arrived_count", "misplaced_count", "closed_transferred_out", "released_count")  # fmt: skip
    meant = " + ".join(f"opened_{name}" for name in OPENINGS)
    query = (
        "SELECT unit_id, active_count, headcount, closed_count, opened_count,"
        f" {meant} AS meant_count, closed_moved_out, arrived_count, misplaced_count, closed_transferred_out,"
        " released_inside + released_away + released_transit AS released_count"
        " FROM rollover.balance WHERE is_balanced"
    )
    return text(query).columns(*map(column, names))


def parts() -> list[Part]:
    """Suite `rollover` on the balances, and on the rows that stand in units that are believed."""
    doubled = text(
        "SELECT e.student_id FROM rollover.enrollment e JOIN rollover.balance b ON b.unit_id = e.unit_id"
        " AND b.to_year = e.school_year AND b.is_balanced GROUP BY e.school_year, e.student_id HAVING count(*) > 1"
    ).columns(column("student_id"))
    met = text("SELECT from_year, sum(released_inside) AS released, sum(accepted_inside) AS accepted"
               " FROM rollover.balance GROUP BY from_year").columns(column("released"), column("accepted"))  # fmt: skip
    leaped = text("SELECT unit_id FROM rollover.balance WHERE is_balanced AND leaped_count <> 0")
    misplaced = text("SELECT unit_id FROM rollover.balance WHERE is_balanced AND misplaced_count <> 0")
    return [
        (frame(), [suites.equal("active_count", "closed_count", "active_equals_closed"),
                   suites.equal("active_count", "headcount", "active_equals_headcount"),
                   suites.equal("closed_moved_out", "arrived_count", "moved_out_equals_arrived"),
                   suites.equal("opened_count", "meant_count", "opening_equals_standing"),
                   suites.equal("closed_transferred_out", "released_count", "released_is_somewhere_once")]),
        (met, [suites.equal("released", "accepted", "released_inside_equals_accepted_inside")]),
        (leaped.columns(column("unit_id")), [suites.nothing("one_grade_up_at_most")]),
        (misplaced.columns(column("unit_id")), [suites.nothing("nobody_misplaced")]),
        (doubled, [suites.nothing("nobody_twice")]),
        *staffing.parts(),
    ]  # fmt: skip

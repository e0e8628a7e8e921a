"""From semester I to semester II: who was there on the last day, and what has become of each since. Writes no place.

master.enrollment, open persons -> rollover.term_snapshot* | snapshot, what stands -> since.py -> rollover.term_balance
-> parts of the gate

What does not belong here: how somebody left or joined (since.py); mending; any enrollment: semester II goes on with the
places of semester I.
Law: active in semester I = active in semester II + left - joined. Who left or joined is counted only where something
tells how; who is gone without a word is `vanished`, and the sum does not agree. Binds: `units`, `year`, `day`, `now`.
"""

from sqlalchemy import TextClause, column, text
from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.contracts import suites
from edu_pipeline.contracts.term import JOINED, LEFT, TERM_SNAPSHOT_STUDENT
from edu_pipeline.gate.judge import Part
from edu_pipeline.rollover import since
from edu_pipeline.rollover.snapshot import ACTIVE, DECLARED, SCOPE, opened


def take() -> list[TextClause]:
    """INSERTs of the snapshot of units whose semester I ended on `day`, in order."""
    names = [c.name for c in TERM_SNAPSHOT_STUDENT.columns]
    told = ", ".join("1" if name == "term" else f"m.{name}" for name in names)
    return [
        text(f"INSERT INTO rollover.term_snapshot_student ({', '.join(names)})"
             f" SELECT DISTINCT ON (m.unit_id, m.student_id) {told} FROM master.enrollment m"
             f" WHERE {SCOPE.format(alias='m')} AND {ACTIVE.format(alias='m')}"
             " ORDER BY m.unit_id, m.student_id, m.begin_date DESC"),
        text("INSERT INTO rollover.term_snapshot_open (unit_id, school_year, connection_id, student_key, reason, term)"
             f" SELECT *, 1 FROM ({opened('rollover.term_snapshot_student')}) o"),
        text(f"""
        INSERT INTO rollover.term_snapshot (unit_id, school_year, term, taken_for, taken_at, student_count, open_count,
                                            headcount)
        SELECT u.unit_id, :year, 1, :day, :now,
               (SELECT count(*) FROM rollover.term_snapshot_student s
                WHERE s.unit_id = u.unit_id AND {since.ONE.format('s')}),
               (SELECT count(*) FROM rollover.term_snapshot_open o
                WHERE o.unit_id = u.unit_id AND {since.ONE.format('o')}),
               h.student_count
        FROM unnest(CAST(:units AS text[])) AS u(unit_id)
        LEFT JOIN LATERAL ({DECLARED.format(term=1)}) h ON true"""),
    ]  # fmt: skip


_LEFT_SUM, _JOINED_SUM = " + ".join(f"left_{n}" for n in LEFT), " + ".join(f"joined_{n}" for n in JOINED)
COUNTS = (
    "as_of", "snapshot_count", "headcount", "active_count", "open_count", *(f"left_{n}" for n in LEFT),
    "vanished_count", *(f"joined_{n}" for n in JOINED), "released_inside", "released_away", "released_transit",
    "accepted_inside", "class_change_count",
)  # fmt: skip
_RELEASED = "how = 'transferred_out' AND other"

# rule -> what is wrong, as SQL over the unit's counts
FAULTS = {
    "active_equals_accounted": f"snapshot_count <> active_count + open_count + {_LEFT_SUM} - ({_JOINED_SUM})",
    "nobody_vanished": "vanished_count <> 0",
    "active_equals_headcount": "headcount <> snapshot_count",
    "released_is_somewhere_once": "left_transferred_out <> released_inside + released_away + released_transit",
}


def balance(without: frozenset[str] = frozenset()) -> TextClause:
    """UPSERT of moves and balances of units that have a snapshot. `without` leaves rules out (tests of the gate)."""
    said = ", ".join(f"CASE WHEN {sql} THEN '{rule}' END" for rule, sql in FAULTS.items() if rule not in without)
    names = (*COUNTS, "is_balanced", "fault")
    differs = f"({', '.join(f'b.{n}' for n in names)}) IS DISTINCT FROM ({', '.join(f'excluded.{n}' for n in names)})"
    zeros = ", ".join(f"coalesce({n}, 0) AS {n}" for n in COUNTS[5:-2])
    lost = ", ".join(f"count(*) FILTER (WHERE how = '{n}') AS left_{n}" for n in LEFT)
    found = ", ".join(f"count(*) FILTER (WHERE how = '{n}') AS joined_{n}" for n in JOINED)
    return text(f"""
    WITH {since.MOVES},
    gone_by AS (
        SELECT unit_id, {lost}, count(*) FILTER (WHERE how = 'vanished') AS vanished_count,
               count(*) FILTER (WHERE {_RELEASED} IS NOT NULL) AS released_inside,
               count(*) FILTER (WHERE {_RELEASED} IS NULL AND is_away) AS released_away,
               count(*) FILTER (WHERE {_RELEASED} IS NULL AND NOT is_away) AS released_transit
        FROM lost GROUP BY unit_id),
    came_by AS (SELECT unit_id, {found} FROM found GROUP BY unit_id),
    active AS (SELECT unit_id, count(*) AS rows FROM here GROUP BY unit_id),
    still AS (SELECT unit_id, count(*) AS rows FROM opened GROUP BY unit_id),
    changed AS (SELECT w.unit_id, count(*) AS rows FROM was w JOIN here h ON h.unit_id = w.unit_id
                AND h.student_id = w.person AND h.class_code <> w.class_code GROUP BY w.unit_id),
    counted AS (
        SELECT u.unit_id, CAST(:day AS date) AS as_of, u.student_count + u.open_count AS snapshot_count, u.headcount,
               coalesce(a.rows, 0) AS active_count, coalesce(o.rows, 0) AS open_count, {zeros},
               coalesce(t.inside, 0) AS accepted_inside, coalesce(c.rows, 0) AS class_change_count
        FROM unit u LEFT JOIN gone_by USING (unit_id) LEFT JOIN came_by USING (unit_id)
        LEFT JOIN active a USING (unit_id) LEFT JOIN still o USING (unit_id) LEFT JOIN changed c USING (unit_id)
        LEFT JOIN accepted t USING (unit_id)),
    judged AS (SELECT *, nullif(concat_ws(', ', {said or "NULL"}), '') AS fault FROM counted)
    INSERT INTO rollover.term_balance AS b (unit_id, school_year, term, {", ".join(names)}, is_proven, reconciled_at)
    SELECT unit_id, :year, 1, {", ".join(COUNTS)}, fault IS NULL, fault, false, :now FROM judged
    ON CONFLICT (unit_id, school_year, term) DO UPDATE SET {", ".join(f"{n} = excluded.{n}" for n in names)},
        is_proven = false, reconciled_at = excluded.reconciled_at WHERE {differs}""")


# Which units are asked: the year is theirs, and semester II has not been closed by its own snapshot.
UNITS = """
SELECT y.unit_id, y.school_year FROM ops.unit_year y
WHERE y.state <> 'future' AND NOT EXISTS (SELECT FROM rollover.snapshot s
                                          WHERE s.unit_id = y.unit_id AND s.school_year = y.school_year)
  AND y.school_year IN (SELECT school_year FROM rollover.term_snapshot) ORDER BY y.school_year, y.unit_id"""

BROKEN = """
SELECT b.unit_id, b.fault FROM rollover.term_balance b LEFT JOIN rollover.snapshot s USING (unit_id, school_year)
WHERE NOT b.is_balanced AND s.unit_id IS NULL"""

# The gate speaks of what balances; as long as it is closed, nothing counts as proven.
PROVE = """
UPDATE rollover.term_balance SET is_proven = is_balanced AND :passed
WHERE is_proven IS DISTINCT FROM (is_balanced AND :passed)"""


def frame() -> TextualSelect:
    """Balances of units that are believed: the relation that the verdict is on."""
    names = ("unit_id", "snapshot_count", "accounted_count", "vanished_count", "headcount", "left_transferred_out",
             "released_count")  # fmt: skip
    return text(
        f"SELECT unit_id, snapshot_count, active_count + open_count + {_LEFT_SUM} - ({_JOINED_SUM}) AS accounted_count,"
        " vanished_count, headcount, left_transferred_out, released_inside + released_away + released_transit"
        " AS released_count FROM rollover.term_balance WHERE is_balanced"
    ).columns(*map(column, names))


def parts() -> list[Part]:
    """Suite `term` on the balances: of each unit, and of the city's units together."""
    met = text("SELECT school_year, sum(released_inside) AS released, sum(accepted_inside) AS accepted"
               " FROM rollover.term_balance GROUP BY school_year")  # fmt: skip
    both = met.columns(column("released"), column("accepted"))
    return [
        (frame(), [suites.equal("snapshot_count", "accounted_count", "active_equals_accounted"),
                   suites.none("vanished_count", "nobody_vanished"),
                   suites.equal("snapshot_count", "headcount", "active_equals_headcount"),
                   suites.equal("left_transferred_out", "released_count", "released_is_somewhere_once")]),
        (both, [suites.equal("released", "accepted", "released_inside_equals_accepted_inside")]),
    ]  # fmt: skip

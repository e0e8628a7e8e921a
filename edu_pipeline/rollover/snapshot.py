"""The closing snapshot: who was there on the last day of semester II, said once and never changed.

master, waiting, quarantine, ops.person_state, headcount -> rollover.snapshot, snapshot_student, _open, _class,
_assignment, _student_year

What does not belong here: what becomes of anybody (plan.py). Late changes go to master and leave the snapshot.
Binds of every statement: `units` (text[]), `year`, `day` (last day of semester II), `now`.
"""

from sqlalchemy import TextClause, text

from edu_pipeline.contracts.year import SNAPSHOT_ASSIGNMENT, SNAPSHOT_CLASS, SNAPSHOT_STUDENT, SNAPSHOT_STUDENT_YEAR

SCOPE = "{alias}.unit_id = ANY(:units) AND {alias}.school_year = :year"

# Active on the day: begun, and not ended before it. A status that ended it tells its last day.
ACTIVE = (
    "coalesce({alias}.kind, 'primary') = 'primary' AND coalesce({alias}.begin_date, :day) <= :day"
    " AND (({alias}.end_date IS NULL AND coalesce({alias}.status, 'active') = 'active') OR {alias}.end_date >= :day)"
)


def _copied(table_name: tuple[str, str], names: list[str], order: str, condition: str) -> str:
    key = order.split(", ")
    return (
        f"INSERT INTO rollover.{table_name[0]} ({', '.join(names)})"
        f" SELECT DISTINCT ON ({', '.join(f'm.{k}' for k in key)}) {', '.join(f'm.{n}' for n in names)}"
        f" FROM master.{table_name[1]} m WHERE {SCOPE.format(alias='m')} AND {condition}"
        f" ORDER BY {', '.join(f'm.{k}' for k in key)}, m.begin_date DESC"
    )


def statements() -> list[TextClause]:
    """INSERTs that take the snapshot of units whose year is open, in order."""
    student = [column.name for column in SNAPSHOT_STUDENT.columns]
    klass = [column.name for column in SNAPSHOT_CLASS.columns]
    post = [column.name for column in SNAPSHOT_ASSIGNMENT.columns]
    names = ", ".join(klass)
    yearly = ", ".join(column.name for column in SNAPSHOT_STUDENT_YEAR.columns)
    return [
        text(_copied(("snapshot_student", "enrollment"), student, "unit_id, school_year, student_id",
                     ACTIVE.format(alias="m"))),
        text(f"INSERT INTO rollover.snapshot_open (unit_id, school_year, connection_id, student_key, reason)"
             f"{opened('rollover.snapshot_student')}"),
        text(f"INSERT INTO rollover.snapshot_class ({names}) SELECT {names} FROM master.school_class m"
             f" WHERE {SCOPE.format(alias='m')}"),
        text(f"INSERT INTO rollover.snapshot_student_year ({yearly}) SELECT {yearly} FROM master.student_year m"
             f" WHERE {SCOPE.format(alias='m')}"),
        text(_copied(("snapshot_assignment", "staff_assignment"), post,
                     "unit_id, school_year, staff_id, role, begin_date",
                     "m.status = 'working' AND m.begin_date <= :day AND (m.end_date IS NULL OR m.end_date >= :day)")),
        text(_SUMMARY),
    ]  # fmt: skip


def opened(known: str) -> str:
    """SELECT of whose place is reported and who is not among the students of the relation `known`."""
    return _OPEN.format(scope_active=ACTIVE.format(alias="r"), known=known)


# Quarantined, waiting, held, or giving way in master; and who was handed over and is not told again. What a former
# authority told of anybody else is nobody's open case.
_OPEN = """
WITH reported AS MATERIALIZED (
    SELECT DISTINCT ON (r.claim_unit_id, r.connection_id, r.student_key)
           r.claim_unit_id AS unit_id, r.connection_id, r.student_key, r.reason
    FROM (
        SELECT connection_id, claim_unit_id, school_year, scope_year, student_key, kind, begin_date,
               -- A last day before the first is the defect itself: it does not say that the pupil has left.
               CASE WHEN end_date < begin_date THEN NULL ELSE end_date END AS end_date, status,
               'quarantined: ' || array_to_string(failed_rules, ', ') AS reason, 0 AS rank FROM quarantine.enrollment
        UNION ALL
        SELECT connection_id, claim_unit_id, school_year, scope_year, student_key, kind, begin_date, end_date, status,
               'waiting: ' || reason, 1 FROM waiting.enrollment
        UNION ALL
        SELECT connection_id, claim_unit_id, school_year, scope_year, student_key, kind, begin_date, end_date, status,
               'held: not in the register', 2 FROM validated.enrollment WHERE is_present AND event <> 'CANCEL'
    ) r
    LEFT JOIN validated.student v ON v.connection_id = r.connection_id AND v.ref_key = r.student_key AND v.is_present
        AND v.event <> 'CANCEL'
    WHERE r.claim_unit_id = ANY(:units) AND r.student_key IS NOT NULL
      AND coalesce(nullif(r.scope_year, 0), r.school_year, :year) = :year AND {scope_active}
      AND NOT EXISTS (SELECT FROM {known} s
                      WHERE s.unit_id = r.claim_unit_id AND s.school_year = :year AND s.student_id = v.student_id)
    ORDER BY r.claim_unit_id, r.connection_id, r.student_key, r.rank
), person AS (
    SELECT connection_id, ref_key, source_key FROM validated.student
    WHERE (connection_id, ref_key) IN (SELECT connection_id, student_key FROM reported)
    UNION SELECT connection_id, ref_key, source_key FROM quarantine.student
    WHERE (connection_id, ref_key) IN (SELECT connection_id, student_key FROM reported)
    UNION SELECT connection_id, ref_key, source_key FROM waiting.student
    WHERE (connection_id, ref_key) IN (SELECT connection_id, student_key FROM reported)
), state AS (
    SELECT DISTINCT ON (p.connection_id, p.ref_key) p.connection_id, p.ref_key AS student_key, s.state, s.reason
    FROM person p JOIN ops.person_state s ON s.connection_id = p.connection_id AND s.source_key = p.source_key
        AND s.entity = 'student' AND s.recorded_to IS NULL
    ORDER BY p.connection_id, p.ref_key, s.state = 'superseded'
), former AS (
    SELECT DISTINCT o.unit_id, o.connection_id, n.connection_id AS follower
    FROM ops.authority o JOIN ops.authority n USING (unit_id)
    WHERE n.entity = '*' AND n.valid_to IS NULL AND n.connection_id <> o.connection_id
)
SELECT r.unit_id, :year, r.connection_id, r.student_key,
       CASE WHEN s.reason LIKE 'handed over %' THEN s.reason
            WHEN f.unit_id IS NOT NULL THEN 'handed over to ' || f.follower || ', which does not tell the person'
            ELSE r.reason END
FROM reported r LEFT JOIN state s USING (connection_id, student_key) LEFT JOIN former f USING (unit_id, connection_id)
WHERE s.state IS DISTINCT FROM 'superseded' AND (s.state IS NOT NULL OR f.unit_id IS NULL)
"""

# A declared headcount counts only if it was taken on the day.
DECLARED = """
    SELECT student_count FROM ops.headcount h
    WHERE h.unit_id = u.unit_id AND h.school_year = :year AND h.term = {term} AND h.counted_on = :day
    -- What the connection says that answers for the unit goes before what another said.
    ORDER BY EXISTS (SELECT FROM ops.authority a WHERE a.unit_id = h.unit_id AND a.connection_id = h.connection_id
                     AND a.entity = '*' AND a.valid_to IS NULL) DESC, h.batch_id DESC LIMIT 1"""

# A provider without one is measured by its own read.
_SUMMARY = f"""
INSERT INTO rollover.snapshot (unit_id, school_year, taken_for, taken_at, student_count, open_count, headcount,
                               headcount_basis)
SELECT u.unit_id, :year, :day, :now,
       (SELECT count(*) FROM rollover.snapshot_student s WHERE s.unit_id = u.unit_id AND s.school_year = :year),
       (SELECT count(*) FROM rollover.snapshot_open o WHERE o.unit_id = u.unit_id AND o.school_year = :year),
       coalesce(h.student_count, p.persons),
       CASE WHEN h.student_count IS NOT NULL THEN 'declared' WHEN p.persons IS NOT NULL THEN 'complete read' END
FROM unnest(CAST(:units AS text[])) AS u(unit_id)
LEFT JOIN LATERAL ({DECLARED.format(term=2)}) h ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS persons FROM ops.person_state p
    WHERE p.unit_id = u.unit_id AND p.entity = 'student' AND p.recorded_to IS NULL
      AND p.state NOT IN ('left', 'superseded', 'waiting_year')
      -- Who was left pending by the year before, and is shown in no place since, is not in this one.
      AND NOT (p.state = 'pending' AND EXISTS (
          SELECT FROM rollover.plan_line l JOIN rollover.plan r USING (plan_id)
          WHERE r.from_year = :year - 1 AND r.status = 'applied' AND l.kind = 'closing' AND l.decision = 'pending'
            AND (l.unit_id, l.student_id) = (p.unit_id, p.person_id)))
    HAVING count(*) > 0) p ON true
"""

"""What a plan rests on, as a fingerprint: a unit whose fingerprint is another has to be drafted anew to know.

tables that a plan reads -> FINGERPRINT, one row a unit -> rollover.plan.inputs -> DOUBTFUL

What does not belong here: whether a plan is stale (flow/stale.py): that says a draft. A fingerprint counts the rows and
adds up the transactions that wrote them: it may change for nothing, and never stays where a row came, went or changed.
Binds: `plans` (bigint[]), `from_year`, `to_year`.
"""

_YEARS = "e.school_year IN (:from_year - 1, :from_year, :to_year)"

# What is read by the unit: relation -> (column of the unit, condition).
_OF_UNIT: dict[str, tuple[str, str]] = {
    "master.enrollment": ("unit_id", _YEARS),
    "master.result": ("unit_id", "e.school_year = :from_year"),
    "master.subject_mark": ("unit_id", "e.school_year = :from_year"),
    "master.student_year": ("unit_id", "e.school_year = :from_year"),
    "master.unit": ("unit_id", "true"),
    "master.admission": ("unit_id", "e.school_year = :to_year"),
    "master.transfer": ("from_unit_id", "e.school_year = :to_year"),
    "master.school_class": ("unit_id", "e.school_year = :to_year"),
    "master.staff_assignment": ("unit_id", "e.school_year IN (:from_year, :to_year)"),
    "waiting.enrollment": ("unit_id", "e.school_year = :to_year"),
    "waiting.school_class": ("unit_id", "e.school_year = :to_year"),
    "waiting.staff_assignment": ("unit_id", "e.school_year = :to_year"),
    "rollover.override": ("unit_id", "e.from_year = :from_year"),
    "rollover.renaming": ("unit_id", "e.from_year = :from_year"),
    "ops.authority": ("unit_id", "true"),
    "ops.unit_successor": ("from_unit", "true"),
}

# Whom a unit shows for the new year: three of the parts look through them.
_SHOWN = """
    SELECT k.unit_id, v.student_id, v.xmin AS written FROM waiting.enrollment k JOIN unit u USING (unit_id)
    JOIN validated.student v ON v.connection_id = k.connection_id AND v.ref_key = k.student_key
    WHERE k.school_year = :to_year"""

# What is read through the unit's persons: who they are, and where else they were. Who is met twice counts twice.
_OF_PERSONS: dict[str, str] = {
    "validated.student": """FROM (
            SELECT unit_id, written AS xmin FROM shown
            UNION ALL SELECT k.unit_id, v.xmin FROM rollover.snapshot_open k JOIN validated.student v
                ON v.connection_id = k.connection_id AND v.ref_key = k.student_key WHERE k.school_year = :from_year
        ) e JOIN unit u USING (unit_id)""",
    "master.student": "FROM shown u JOIN master.student e USING (student_id)",
    "validated.staff": """FROM (
            SELECT unit_id, connection_id, homeroom_key AS staff_key FROM waiting.school_class
            WHERE school_year = :to_year
            UNION SELECT unit_id, connection_id, staff_key FROM waiting.staff_assignment WHERE school_year = :to_year
        ) k JOIN unit u USING (unit_id)
        JOIN validated.staff e ON e.connection_id = k.connection_id AND e.ref_key = k.staff_key""",
    "elsewhere": """FROM (
            SELECT unit_id, student_id FROM rollover.snapshot_student WHERE school_year = :from_year
            UNION ALL SELECT unit_id, student_id FROM shown
        ) k JOIN unit u USING (unit_id)
        JOIN master.enrollment e ON e.student_id = k.student_id AND e.unit_id <> k.unit_id
            AND e.school_year IN (:from_year - 1, :from_year)""",
    "ops.unit_successor, to": "FROM ops.unit_successor e JOIN unit u ON u.unit_id = e.to_unit",
    "master.transfer, to": """FROM master.transfer e JOIN unit u ON u.unit_id = e.to_unit_id
        WHERE e.school_year = :to_year""",
    "master.school_year": "FROM unit u JOIN master.school_year e ON e.school_year = :to_year",
}

# What never changes once it is there, and what is the plan itself.
FIXED = frozenset({"rollover.snapshot_student", "rollover.snapshot_open", "rollover.snapshot_class",
                   "rollover.snapshot_assignment", "rollover.snapshot_student_year", "rollover.plan",
                   "rollover.plan_line"})  # fmt: skip

# Relations that a fingerprint sees.
SEEN = frozenset(name.split(",")[0] for name in (*_OF_UNIT, *_OF_PERSONS))

_READ = {
    **{name: f"FROM {name} e JOIN unit u ON u.unit_id = e.{unit} WHERE {condition}"
       for name, (unit, condition) in _OF_UNIT.items()},
    **_OF_PERSONS,
}  # fmt: skip
_PARTS = "\n    UNION ALL ".join(
    f"SELECT u.unit_id, '{name}' AS name, count(*) AS rows, sum(CAST(CAST(e.xmin AS text) AS bigint)) AS written {read}"
    " GROUP BY u.unit_id"
    for name, read in _READ.items()
)

FINGERPRINT = f"""
WITH unit AS (SELECT DISTINCT unit_id FROM rollover.plan WHERE plan_id = ANY(:plans)),
shown AS MATERIALIZED ({_SHOWN}
), part AS (
    {_PARTS}
)
SELECT u.unit_id, md5(coalesce(string_agg(concat_ws('/', name, rows, written), ';' ORDER BY name), '')) AS inputs
FROM unit u LEFT JOIN part USING (unit_id) GROUP BY u.unit_id"""

REMEMBER = f"""
UPDATE rollover.plan p SET inputs = f.inputs FROM ({FINGERPRINT}) f
WHERE p.plan_id = ANY(:plans) AND p.unit_id = f.unit_id"""

# A plan that was drafted anew, and says the same, rests on what the draft rests on (binds: plans, formers).
PASS_ON = """
UPDATE rollover.plan o SET inputs = d.inputs
FROM unnest(CAST(:plans AS bigint[]), CAST(:formers AS bigint[])) s(draft, former)
JOIN rollover.plan d ON d.plan_id = s.draft
WHERE o.plan_id = s.former AND o.inputs IS DISTINCT FROM d.inputs"""

# Plans of which something that they rest on is another by now, other units' later plans included: one may claim a
# pupil whom this one opens.
DOUBTFUL = f"""
SELECT p.plan_id, p.unit_id FROM rollover.plan p JOIN ({FINGERPRINT}) f USING (unit_id)
WHERE p.plan_id = ANY(:plans)
  AND (p.inputs IS DISTINCT FROM f.inputs OR EXISTS (
      SELECT FROM rollover.plan o WHERE o.from_year = p.from_year AND o.unit_id <> p.unit_id
        AND (o.planned_at > p.planned_at AND o.status <> 'replaced' OR o.undone_at > p.planned_at)))"""

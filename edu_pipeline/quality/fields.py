"""Is what a unit owes there at all, and has its head confirmed it? Rules for each expected field, and for records that
were stopped or left bare.

master, validated, quarantine, ops.confirmation -> frames `fields of <entity>`, RECORDS

What does not belong here: what the value says (the other rules). A field that the unit's system does not tell is the
vendor's to mend, and stands beside the unit's own figure.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from sqlalchemy import Boolean, ColumnElement, Integer, Text, and_, column, literal, not_, or_, text
from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.contracts.waiver import waivable
from edu_pipeline.quality.frames.now import NOW
from edu_pipeline.quality.heads import NOBODY, Confirming
from edu_pipeline.quality.rule import Columns, Condition, Rule
from edu_pipeline.schema import PULLED, Entity, Field, Need, Scope

MISSING, UNTOLD, UNCONFIRMED = "missing", "untold", "unconfirmed"
# What one act mends in all records at once: one line, not one for each record.
AT_ONCE = (UNTOLD, UNCONFIRMED)
STOPPED, BARE = "stopped", "bare"
RECORD = "record"

# Who answers for a person is the unit where the person is; a result is of the year that closed.
_HOME = "JOIN home h USING (staff_id)"
_OWN: Mapping[str, tuple[str, str, str]] = {
    # entity -> (unit, grade, joins of the master row `m`)
    "unit": ("m.unit_id", "NULL", "JOIN present USING (unit_id)"),
    "deployed_system": ("m.unit_id", "NULL", "JOIN present USING (unit_id)"),
    "staff": ("h.unit_id", "NULL", _HOME),
    "staff_language": ("h.unit_id", "NULL", _HOME),
    "student": ("p.unit_id", "p.grade_level", "JOIN place p USING (student_id)"),
    "guardian": ("p.unit_id", "p.grade_level", "JOIN place p USING (student_id)"),
    "school_class": ("m.unit_id", "m.grade_level", "JOIN present USING (unit_id, school_year)"),
    "class_subject": ("m.unit_id", "k.grade_level", "JOIN present USING (unit_id, school_year)"
                      " JOIN master.school_class k USING (unit_id, school_year, class_code)"),
    "staff_assignment": ("m.unit_id", "NULL", "JOIN post USING (unit_id, school_year, staff_id, role, begin_date)"),
    "enrollment": ("m.unit_id", "m.grade_level", "JOIN place USING (unit_id, school_year, student_id, begin_date)"),
    "student_year": ("m.unit_id", "p.grade_level", "JOIN place p USING (unit_id, school_year, student_id)"),
    "result": ("m.unit_id", "s.grade_level", "JOIN rollover.snapshot_student s USING (unit_id, school_year, student_id)"
               " JOIN closing USING (unit_id, school_year)"),
}  # fmt: skip

# Of which grades a value is owed (TT 22/2021 begins at grade 6; no year-end result is made of small children).
_GRADES = {"academic_level": "BETWEEN 6 AND 12", "conduct_level": "BETWEEN 6 AND 12",
           "outcome": "BETWEEN 1 AND 12", "absence_count": "BETWEEN 1 AND 12"}  # fmt: skip


def expected(entity: Entity, is_collected: Callable[[Field], bool]) -> tuple[Field, ...]:
    """Fields of an entity that are owed; those whose purpose is off are not."""
    return tuple(f for f in entity.fields if f.need is Need.EXPECTED and is_collected(f))


# Which units' records of an entity were told since their present year began: by a complete reading, or one by one. What
# a source has not told since is last year's answer, whatever it says. Of a row of the year itself nobody need ask.
_RETOLD = """, begun AS (
    SELECT p.unit_id, y.begin_date FROM present p JOIN master.school_year y USING (school_year)
), reading AS (
    SELECT s.connection_id, s.unit_id, max(b.as_of) AS as_of FROM ops.scope s JOIN ops.batch b USING (batch_id)
    WHERE s.entity = '{entity}' AND s.is_complete AND s.since IS NULL AND s.distinct_count > 0
      AND b.status IN ('admitted', 'merged') AND b.as_of <= :as_of
    GROUP BY s.connection_id, s.unit_id
), retold AS (
    SELECT r.connection_id, g.unit_id FROM reading r JOIN begun g USING (unit_id) WHERE r.as_of >= g.begin_date
    UNION
    SELECT r.connection_id, g.unit_id FROM reading r CROSS JOIN begun g WHERE r.unit_id = '' AND r.as_of >= g.begin_date
)"""
_IS_RETOLD = """((m.connection_id, {unit}) IN (SELECT connection_id, unit_id FROM retold)
    OR (SELECT b.as_of FROM ops.batch b WHERE b.batch_id = m.batch_id)
       >= (SELECT g.begin_date FROM begun g WHERE g.unit_id = {unit}))"""


def frame(
    entity: Entity, fields: tuple[Field, ...], anew: Collection[str] = (), confirming: Confirming = NOBODY
) -> TextualSelect:
    """The relation that the rules of an entity's expected fields look at.

    `anew` names the fields that are owed at the start of each year: a value that was told in a former one is missing.
    """
    unit, grade, joins = _OWN[entity.name]
    condition = "WHERE m.stage = 'CN'" if entity.name == "result" else ""
    asks_anew = bool(anew) and not entity.is_yearly
    retold = _IS_RETOLD.format(unit=unit)
    lacks = {f.name: f"m.{f.name} IS NULL" for f in fields}
    if asks_anew:
        lacks |= {f.name: f"m.{f.name} IS NULL OR coalesce(NOT {retold}, true)" for f in fields if f.name in anew}
    lacks |= {n: f"CASE WHEN {grade} {said} THEN {lacks[n]} END" for n, said in _GRADES.items() if n in lacks}
    key = (
        " || '/' || ".join(f"m.{name}" for name in entity.key if name not in ("unit_id", "school_year")) or "m.unit_id"
    )
    values = ", ".join(f"{said} AS lacks_{name}" for name, said in lacks.items())
    waits = {n: f"coalesce({number} = ANY(z.appendices), false)" for n, number in confirming.appendices.items()}
    values = ", ".join([values, *(f"{said} AS waits_{name}" for name, said in waits.items())])
    joins += f" LEFT JOIN silent z ON z.unit_id = {unit}" if waits else ""
    query = f"""{NOW}{_RETOLD.format(entity=entity.name) if asks_anew else ""}{confirming.silent if waits else ""}
    SELECT {unit} AS unit_id, CAST({grade} AS int) AS grade_level, {key} AS record, m.connection_id, m.source_key,
           {values}
    FROM master.{entity.name} m {joins} {condition}"""
    keys = (column("unit_id", Text), column("grade_level", Integer), column("record", Text),
            column("connection_id", Text), column("source_key", Text))  # fmt: skip
    names = (*(f"lacks_{f.name}" for f in fields), *(f"waits_{name}" for name in waits))
    return text(query).columns(*keys, *(column(name, Boolean) for name in names))


def rules(
    entity: Entity, fields: tuple[Field, ...], told: Mapping[str, frozenset[str]], confirmed: Collection[str] = ()
) -> tuple[Rule, ...]:
    """Two rules a field: missing, where the connection tells it; untold, where not (`told`: tellers by field).

    A third of those that heads confirm: of a value that is there and has not been confirmed it alone is asked.
    """
    found = []
    for f in fields:
        tellers, lacks = sorted(told.get(f.name, frozenset())), f"lacks_{f.name}"
        waits = f"waits_{f.name}" if f.name in confirmed else ""
        asked = _missed(lacks, waits, tellers) if waits else _of(tellers)
        found.append(Rule(f"{entity.name}.{f.name}.{MISSING}", _column(lacks), asked))
        found.append(Rule(f"{entity.name}.{f.name}.{UNTOLD}", _always, _lacking(lacks, tellers)))
        if waits:
            found.append(Rule(f"{entity.name}.{f.name}.{UNCONFIRMED}", _always, _unheard(lacks, waits, tellers)))
    return tuple(found)


def _column(name: str) -> Condition:
    return lambda c: c[name]


def _of(tellers: Sequence[str]) -> Condition:
    return lambda c: c.connection_id.in_(tellers)


def _lacking(name: str, tellers: Sequence[str]) -> Condition:
    return lambda c: and_(c.connection_id.not_in(tellers), c[name])


def _missed(lacks: str, waits: str, tellers: Sequence[str]) -> Condition:
    return lambda c: and_(c.connection_id.in_(tellers), or_(c[lacks], not_(c[waits])))


def _unheard(lacks: str, waits: str, tellers: Sequence[str]) -> Condition:
    return lambda c: and_(c.connection_id.in_(tellers), not_(c[lacks]), c[waits])


def _always(_: Columns) -> ColumnElement[bool]:
    return literal(True)


# Records that stand in quarantine, each with the rules that stop it.
QUARANTINED = " UNION ALL ".join(
    f"SELECT '{e.name}' AS entity, claim_unit_id AS unit_id, connection_id, source_key, batch_id,"
    f" failed_rules, since FROM quarantine.{e.name}"
    for e in PULLED
    if e.scope is not Scope.CITY
)

# Records that a waiver has let in, by the rule that would stop them: it can be renewed before it is over.
LET_IN = " UNION ALL ".join(
    f"SELECT claim_unit_id, '{rule.id}', source_key, true FROM validated.{e.name}"
    f" WHERE is_present AND '{rule.fault}' = ANY (faults)"
    for e in PULLED
    if e.scope is not Scope.CITY
    for rule in waivable(e)
)


def _bare(entity: Entity) -> str:
    # What an officer lets be has lost nothing.
    let = ", ".join(f"'{rule.fault}'" for rule in waivable(entity))
    return f"NOT faults <@ CAST(ARRAY[{let}] AS text[])"


# What the unit's systems tell of an entity: how many records, how many of them were stopped, how many lost a value.
RECORDS = "\nUNION ALL ".join(
    f"SELECT '{e.name}' AS entity, unit_id, sum(asked)::int AS asked, sum(stopped)::int AS stopped,"
    " sum(bare)::int AS bare"
    f" FROM (SELECT claim_unit_id AS unit_id, count(*) AS asked, 0 AS stopped,"
    f" count(*) FILTER (WHERE {_bare(e)}) AS bare FROM validated.{e.name}"
    f" WHERE is_present AND event <> 'CANCEL' GROUP BY 1"
    f" UNION ALL SELECT claim_unit_id, count(*), count(*), 0 FROM quarantine.{e.name} GROUP BY 1) r"
    f" WHERE unit_id IS NOT NULL GROUP BY unit_id"
    for e in PULLED
    if e.scope is not Scope.CITY
)

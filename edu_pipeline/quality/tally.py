"""How many records of a unit each rule was asked of, and how many break it; and which.

frames, rules -> temporary table `judged` (one pass a frame) -> quality.tally, quality.finding

What does not belong here: what a rule is worth (score.py). A finding keeps the day since when it stands; one that is
mended goes by itself. Bind of KEEP: `as_of`.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.quality import classes, people, places, pupils, units
from edu_pipeline.quality.fields import BARE, RECORD, RECORDS, STOPPED, UNTOLD
from edu_pipeline.quality.rule import Rule
from edu_pipeline.schema.ladder import LEVELS

# frame -> its rules
RULES: dict[str, tuple[Rule, ...]] = pupils.RULES | places.RULES | classes.RULES | people.RULES | units.RULES

# What has no grade is of the unit as a whole.
UNIT_LEVEL = "unit"


def level(grade: Any) -> ColumnElement[str]:
    """SQL: the level of a grade."""
    return case(*((grade.in_(grades), name) for name, grades in LEVELS.items()), else_=UNIT_LEVEL)


def judged(frame: TextualSelect, rules: Sequence[Rule], day: dt.date) -> str:
    """SELECT of a frame's rows with, for each rule, 1 (broken), 0 (holds) or NULL (not asked): r0, r1, ..."""
    row = frame.bindparams(as_of=day).subquery("f")
    keys = [row.c.unit_id, level(row.c.grade_level).label("level"), row.c.record,
            func.coalesce(row.c.connection_id, "").label("connection_id"),
            func.coalesce(row.c.source_key, "").label("source_key")]  # fmt: skip
    asked = [rule.failed(row.c).label(f"r{number}") for number, rule in enumerate(rules)]
    return str(select(*keys, *asked).compile(dialect=postgresql.dialect(paramstyle="named"),
                                             compile_kwargs={"literal_binds": True}))  # fmt: skip


def statements(frame: TextualSelect, rules: Sequence[Rule], day: dt.date) -> Iterator[str]:
    """Statements that judge a frame and keep what came of it, in order, in one transaction."""
    yield "DROP TABLE IF EXISTS pg_temp.judged"
    # A table made of a query is filled by as many processes as there are; INSERT ... SELECT is not.
    yield f"CREATE TEMPORARY TABLE judged ON COMMIT DROP AS {judged(frame, rules, day)}"
    counts = ", ".join(f"count(r{n}) AS n{n}, sum(r{n}) AS f{n}" for n in range(len(rules)))
    ids = ", ".join(f"('{rule.id}', n{n}, f{n})" for n, rule in enumerate(rules))
    yield f"""
    INSERT INTO quality.tally (rule, unit_id, level, asked_count, failed_count)
    SELECT t.rule, s.unit_id, s.level, t.asked, t.failed
    FROM (SELECT unit_id, level, {counts} FROM judged GROUP BY unit_id, level) s
    CROSS JOIN LATERAL (VALUES {ids}) t(rule, asked, failed) WHERE t.asked > 0"""
    # What a system does not tell at all is one line for its vendor, not one for each record.
    found = [n for n, rule in enumerate(rules) if rule.check != UNTOLD]
    told = ", ".join(f"('{rules[n].id}', j.r{n})" for n in found)
    worst = ", ".join(f"j.r{n}" for n in found)
    yield f"""
    INSERT INTO quality.finding_now (rule, unit_id, level, record, connection_id, source_key)
    SELECT t.rule, j.unit_id, j.level, j.record, j.connection_id, j.source_key
    FROM judged j CROSS JOIN LATERAL (VALUES {told}) t(rule, failed) WHERE greatest({worst}) = 1 AND t.failed = 1"""


EMPTY = ("TRUNCATE quality.tally, quality.finding_now",)

# Records that were stopped, and records that lost a value, of all that the unit's systems tell.
TOLD = f"""
INSERT INTO quality.tally (rule, unit_id, level, asked_count, failed_count)
SELECT r.entity || '.{RECORD}.' || t.said, r.unit_id, '{UNIT_LEVEL}', r.asked, t.failed
FROM ({RECORDS}) r CROSS JOIN LATERAL (VALUES ('{STOPPED}', r.stopped), ('{BARE}', r.bare)) t(said, failed)
WHERE r.asked > 0"""

_SAME = "(f.unit_id, f.rule, f.record, f.connection_id, f.source_key)"

# What stands goes on since its first day; the rest is mended.
KEEP = (
    f"""DELETE FROM quality.finding f WHERE NOT EXISTS (SELECT FROM quality.finding_now n
        WHERE (n.unit_id, n.rule, n.record, n.connection_id, n.source_key) = {_SAME})""",
    f"""INSERT INTO quality.finding (rule, unit_id, level, record, connection_id, source_key, since)
       SELECT n.rule, n.unit_id, n.level, n.record, n.connection_id, n.source_key, :as_of FROM quality.finding_now n
       WHERE NOT EXISTS (SELECT FROM quality.finding f
                         WHERE (n.unit_id, n.rule, n.record, n.connection_id, n.source_key) = {_SAME})
       ON CONFLICT (unit_id, rule, record, connection_id, source_key) DO NOTHING""",
)

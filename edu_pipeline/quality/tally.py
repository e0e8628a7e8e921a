"""How many records of a unit each rule was asked of, and how many break it; and which.

frames, rules -> temporary table `judged` (one pass a frame) -> quality.tally_now, finding_now

What does not belong here: what a rule is worth (score.py), letting it out (publish.py).
"""

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.selectable import TextualSelect

from edu_pipeline.quality import classes, learning, people, places, pupils, units
from edu_pipeline.quality.fields import AT_ONCE, BARE, RECORD, RECORDS, STOPPED
from edu_pipeline.quality.frames.now import NOW, UNIT_LEVEL, level
from edu_pipeline.quality.rule import Rule

# frame -> its rules
RULES: dict[str, tuple[Rule, ...]] = (
    pupils.RULES | places.RULES | classes.RULES | people.RULES | units.RULES | learning.RULES
)


def judged(frame: TextualSelect, rules: Sequence[Rule], day: dt.date) -> str:
    """SELECT of a frame's rows with, for each rule, 1 (broken), 0 (holds) or NULL (not asked): r0, r1, ..."""
    row = frame.bindparams(as_of=day).subquery("f")
    keys = [row.c.unit_id, literal_column(level("f.grade_level")).label("level"), row.c.record,
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
    INSERT INTO quality.tally_now (rule, unit_id, level, asked_count, failed_count)
    SELECT t.rule, s.unit_id, s.level, t.asked, t.failed
    FROM (SELECT unit_id, level, {counts} FROM judged GROUP BY unit_id, level) s
    CROSS JOIN LATERAL (VALUES {ids}) t(rule, asked, failed) WHERE t.asked > 0"""
    found = [n for n, rule in enumerate(rules) if rule.check not in AT_ONCE]
    told = ", ".join(f"('{rules[n].id}', j.r{n})" for n in found)
    worst = ", ".join(f"j.r{n}" for n in found)
    yield f"""
    INSERT INTO quality.finding_now (rule, unit_id, level, record, connection_id, source_key)
    SELECT t.rule, j.unit_id, j.level, j.record, j.connection_id, j.source_key
    FROM judged j CROSS JOIN LATERAL (VALUES {told}) t(rule, failed) WHERE greatest({worst}) = 1 AND t.failed = 1"""


# Records that were stopped, and records that lost a value, of all that a unit's systems tell; of an ended one nothing.
TOLD = f"""
INSERT INTO quality.tally_now (rule, unit_id, level, asked_count, failed_count)
{NOW}
SELECT r.entity || '.{RECORD}.' || t.said, r.unit_id, '{UNIT_LEVEL}', r.asked, t.failed
FROM ({RECORDS}) r JOIN present USING (unit_id)
CROSS JOIN LATERAL (VALUES ('{STOPPED}', r.stopped), ('{BARE}', r.bare)) t(said, failed)
WHERE r.asked > 0"""

"""Let a scoring out: rules, counts, findings and figures together, or none of them.

quality.rule_now, tally_now, finding_now, score_now -> (verdict) -> quality.rule, tally, finding, score

What does not belong here: making them (tally.py, score.py), the verdict (gate.py). Bind: `as_of`.
"""

from collections.abc import Iterator

from edu_pipeline.contracts.quality import FINDING_NOW, RULE, RULE_NOW, SCORE, SCORE_NOW, TALLY, TALLY_NOW

EMPTY = f"TRUNCATE {', '.join(t.fullname for t in (RULE_NOW, TALLY_NOW, FINDING_NOW, SCORE_NOW))}"

_SAME = "(f.unit_id, f.rule, f.record, f.connection_id, f.source_key)"

# A finding that stands goes on since its first day; what is mended goes by itself.
_KEEP = (
    f"""DELETE FROM quality.finding f WHERE NOT EXISTS (SELECT FROM quality.finding_now n
        WHERE (n.unit_id, n.rule, n.record, n.connection_id, n.source_key) = {_SAME})""",
    f"""INSERT INTO quality.finding (rule, unit_id, level, record, connection_id, source_key, since)
       SELECT n.rule, n.unit_id, n.level, n.record, n.connection_id, n.source_key, :as_of FROM quality.finding_now n
       WHERE NOT EXISTS (SELECT FROM quality.finding f
                         WHERE (n.unit_id, n.rule, n.record, n.connection_id, n.source_key) = {_SAME})
       ON CONFLICT (unit_id, rule, record, connection_id, source_key) DO NOTHING""",
)


def statements() -> Iterator[str]:
    """Statements that publish what the verdict is on, in order, in one transaction; the day's former figures go."""
    for table, now, which in (
        (RULE, RULE_NOW, "true"),
        (TALLY, TALLY_NOW, "true"),
        (SCORE, SCORE_NOW, "scored_on = :as_of"),
    ):
        names = ", ".join(column.name for column in table.columns)
        yield f"DELETE FROM {table.fullname} WHERE {which}"
        yield f"INSERT INTO {table.fullname} ({names}) SELECT {names} FROM {now.fullname}"
    yield from _KEEP

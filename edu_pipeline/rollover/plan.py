"""The plan: one line for every person, class and post, and the hash that says what it decides.

closing, opening, posts -> rollover.plan_line -> HASHES

What does not belong here: the lines themselves (closing.py, opening.py, posts.py), counting them (check.py).
Binds: `plans` (bigint[]), `from_year`, `to_year`, `homeroom`, `lenient` (text[]: units with that policy).
"""

from sqlalchemy import TextClause, text

from edu_pipeline.rollover import amend
from edu_pipeline.rollover.closing import CLOSING
from edu_pipeline.rollover.inputs import REMEMBER
from edu_pipeline.rollover.opening import ARRIVING, CARRIED, CLAIMED, CLASSES, EXPECTED, MOVED_IN
from edu_pipeline.rollover.posts import POSTS, POSTS_IN

# The hash says what a plan decides, not when it was written: the same inputs give the same hash.
_SAID = ("line_key", "kind", "student_id", "staff_id", "connection_id", "student_key", "from_class", "from_grade",
         "to_class", "to_grade", "to_name", "role", "post_begin", "other_unit_id", "decision", "reason", "rule",
         "reported", "ruled", "placed", "flags", "homeroom_staff_id", "source", "is_proposed")  # fmt: skip
_LINES = f"string_agg(CAST(ROW({', '.join(_SAID)}) AS text), E'\\n' ORDER BY line_key)"
_NOTHING = "''"


def _hash(said: str) -> str:
    return f"encode(sha256(convert_to({said}, 'UTF8')), 'hex')"


# A unit where nobody is has a plan without lines: that too is a plan, with a hash of its own.
HASHES = f"""
SELECT p.plan_id, coalesce(h.hash, {_hash(_NOTHING)}) AS hash
FROM rollover.plan p LEFT JOIN (
    SELECT plan_id, {_hash(_LINES)} AS hash FROM rollover.plan_line WHERE plan_id = ANY(:plans) GROUP BY plan_id
) h USING (plan_id) WHERE p.plan_id = ANY(:plans)"""

# Former plans that said the same as a draft, when they were planned.
FORMERS = """
SELECT d.plan_id AS draft, o.plan_id AS former FROM rollover.plan d
JOIN rollover.plan o ON o.unit_id = d.unit_id AND o.from_year = d.from_year AND o.hash = d.hash
    AND o.status IN ('checked', 'refused') AND o.amends IS NOT DISTINCT FROM d.amends
WHERE d.plan_id = ANY(:plans)"""

# Those of them whose lines, as they are counted now, are still those that were hashed.
SAME = f"""
SELECT f.* FROM ({FORMERS}) f JOIN rollover.plan o ON o.plan_id = f.former
JOIN rollover.plan_count c ON c.plan_id = f.former AND c.standing_hash = o.hash"""


def statements(amending: bool) -> list[TextClause]:
    """Statements that write all lines of draft plans, in order: what they rest on, closings, what leans on them.

    Of plans of which one amends another (`amending`), lines that no late change concerns are the former ones.
    """
    pupils = (CLOSING, CARRIED, MOVED_IN, ARRIVING, CLAIMED, EXPECTED, POSTS, POSTS_IN)
    persons, classes = (amend.PERSONS, amend.CLASSES) if amending else ((), ())
    return [text(part) for part in (REMEMBER, *pupils, *persons, CLASSES, *classes)]

"""What in a plan is not plain, by code: each such line is looked at by a person before its plan is approved.

plan_line.flags -> FOUND, one row a line and code -> COUNTED, by plan

What does not belong here: the codes' words (contracts/words.py), setting a flag (closing.py, opening.py, posts.py).
That a class is named by us is plain, no exception. Bind of every statement: `plans` (bigint[]).
"""

from edu_pipeline.contracts.words import NOTES

_NOTES = ", ".join(f"'{code}'" for code in NOTES)

# (plan_id, unit_id, line_key, kind, code); a line may be there with several codes.
FOUND = f"""
SELECT l.plan_id, l.unit_id, l.line_key, l.kind, f.code
FROM rollover.plan_line l CROSS JOIN LATERAL unnest(l.flags) AS f(code)
WHERE l.plan_id = ANY(:plans) AND f.code NOT IN ({_NOTES})
UNION ALL
SELECT l.plan_id, l.unit_id, l.line_key, l.kind, 'undecided'
FROM rollover.plan_line l WHERE l.plan_id = ANY(:plans) AND l.decision = 'pending' AND l.flags = '{{}}'"""

COUNTED = f"SELECT plan_id, code, count(*) AS lines FROM ({FOUND}) e GROUP BY plan_id, code ORDER BY plan_id, code"

# Pupils without a place in the new year. Whom no unit takes is not open: that is decided, and the department's to mend.
OPEN = """SELECT plan_id, count(*) AS persons FROM rollover.plan_line
WHERE plan_id = ANY(:plans) AND kind = 'closing' AND decision = 'pending' AND NOT 'nobody_takes' = ANY(flags)
GROUP BY plan_id"""

# Lines that are not decided: until there is none, an applied plan is not reconciled.
PENDING = """SELECT plan_id, count(*) AS lines FROM rollover.plan_line
WHERE plan_id = ANY(:plans) AND decision = 'pending' GROUP BY plan_id"""

"""What in a plan is not plain, by code: each such line is looked at by a person before its plan is approved.

plan_line -> FOUND, one row a line and code -> COUNTED, by plan

What does not belong here: the codes' words (contracts/words.py). That a class is named by us is plain, no exception.
Bind of every statement: `plans` (bigint[]).
"""

# code -> what a pending line's reason says; the first that fits counts
REASONS = {
    "quarantined": "quarantined:%",
    "waiting": "waiting:%",
    "held": "held:%",
    "nobody_takes": "%no unit takes the person%",
    "double_claim": "another unit claims the pupil too%",
    "retest_awaited": "the result after summer is not reported%",
    "outcome_unfit": "the reported outcome does not fit the grade%",
    "placement_unfit": "the placement does not follow the grade%",
    "nothing_reported": "neither outcome nor placement is reported%",
}
_CODE = "CASE " + " ".join(f"WHEN l.reason LIKE '{said}' THEN '{code}'" for code, said in REASONS.items())

_PENDING = f"""SELECT l.plan_id, l.unit_id, l.line_key, l.kind, {_CODE} ELSE 'undecided' END AS code
FROM rollover.plan_line l WHERE l.plan_id = ANY(:plans) AND l.decision = 'pending'"""

# Each SELECT gives (plan_id, unit_id, line_key, kind, code); a line may be in several.
SOURCES = (_PENDING,)

FOUND = " UNION ALL ".join(SOURCES)

COUNTED = f"SELECT plan_id, code, count(*) AS lines FROM ({FOUND}) e GROUP BY plan_id, code ORDER BY plan_id, code"

# Pupils without a place in the new year. Whom no unit takes is not open: that is decided, and the department's to mend.
OPEN = f"""SELECT plan_id, count(*) AS persons FROM ({_PENDING}) e
WHERE kind = 'closing' AND code <> 'nobody_takes' GROUP BY plan_id"""

# Lines that are not decided: until there is none, an applied plan is not reconciled.
PENDING = """SELECT plan_id, count(*) AS lines FROM rollover.plan_line
WHERE plan_id = ANY(:plans) AND decision = 'pending' GROUP BY plan_id"""

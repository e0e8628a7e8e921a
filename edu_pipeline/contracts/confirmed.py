"""Which word of a head stands, and whose head can give it in the school's software: said once for all who ask.

ops.confirmation, ops.confirmation_offer -> WORD, OFFERED: relations of (unit, school year, ...)

What does not belong here: taking a word (flow/heads.py), who owes one (report, quality). Bind: `as_of` (date).
"""

_THING = "unit_id, school_year, kind, appendix, plan_hash"

# Whichever system, or paper, brought it. A unit that goes on under another code need not say it again.
WORD = f"""
SELECT DISTINCT ON ({_THING}) {_THING}, confirmed_at, head_staff_id, document FROM (
    SELECT {_THING}, confirmed_at, head_staff_id, document FROM ops.confirmation
    UNION ALL
    SELECT s.to_unit, c.school_year, c.kind, c.appendix, c.plan_hash, c.confirmed_at, c.head_staff_id, c.document
    FROM ops.confirmation c JOIN ops.unit_successor s ON s.from_unit = c.unit_id
    WHERE s.kind = 'recoded' AND s.valid_from <= :as_of) said
ORDER BY {_THING}, confirmed_at DESC"""

# Found out by asking whoever answers for the unit, not assumed of a kind of system.
OFFERED = """
SELECT DISTINCT o.unit_id, o.school_year
FROM ops.confirmation_offer o JOIN ops.authority a USING (unit_id, connection_id)
WHERE a.entity = '*' AND a.valid_to IS NULL AND o.is_offered"""

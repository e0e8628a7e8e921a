"""Which plan of a unit is whose to approve, which hash is approved, and which one its head has confirmed.

rollover.plan, rollover.approval, ops.confirmation, plan_line -> NEWEST, one row a unit; INSERTs of an approval and of
its withdrawal

What does not belong here: who may approve what (flow/approve.py). The actor is no bind: the database fills it.
Binds: `units` (text[], empty: all), `year`.
"""

from edu_pipeline.rollover.plan import HASHES

# The last word counts, unless the plan was applied and taken back since: whatever was wrong was approved.
STANDING = """
SELECT a.* FROM (
    SELECT DISTINCT ON (unit_id, from_year) * FROM rollover.approval ORDER BY unit_id, from_year, approval_id DESC) a
WHERE a.kind <> 'withdrawn' AND NOT EXISTS (
    SELECT FROM rollover.plan u
    WHERE u.unit_id = a.unit_id AND u.from_year = a.from_year AND u.undone_at > a.approved_at)
"""

NEWEST = f"""
SELECT DISTINCT ON (p.unit_id) p.plan_id, p.unit_id, p.from_year, p.status, p.hash, p.fault, p.planned_at,
       p.planned_by, p.reconciled, p.applied_at, p.amends, a.hash AS approved_hash, a.actor AS approved_by,
       a.approved_at, a.kind AS approved_as, a.document, a.claimed, coalesce(m.parent_unit_id, '') AS district,
       w.plan_hash AS head_hash, w.head_staff_id, w.confirmed_at AS head_confirmed_at
FROM rollover.plan p
LEFT JOIN ({STANDING}) a ON a.unit_id = p.unit_id AND a.from_year = p.from_year
LEFT JOIN master.unit m ON m.unit_id = p.unit_id
LEFT JOIN LATERAL (
    -- Of this very plan, else of the one that was confirmed last: people see that it is another.
    SELECT c.plan_hash, c.head_staff_id, c.confirmed_at FROM ops.confirmation c
    WHERE c.unit_id = p.unit_id AND c.school_year = p.from_year AND c.kind = 'plan'
    ORDER BY c.plan_hash = p.hash DESC, c.confirmed_at DESC LIMIT 1) w ON true
WHERE p.from_year = :year AND p.status NOT IN ('replaced', 'amended')
  AND (CAST(:units AS text[]) IS NULL OR p.unit_id = ANY(:units))
-- An amendment that was taken back leaves the plan before it.
ORDER BY p.unit_id, p.status = 'undone', p.plan_id DESC
"""

# Plans whose lines are no longer those that were hashed (bind: plans).
CHANGED = f"""
SELECT p.plan_id FROM rollover.plan p LEFT JOIN ({HASHES}) h USING (plan_id)
WHERE p.plan_id = ANY(:plans) AND h.hash IS DISTINCT FROM p.hash"""

# Units between which a plan moves people, pupils or staff: neither goes without the other (bind: plans).
KIN = """
SELECT DISTINCT plan_id, other_unit_id FROM rollover.plan_line
WHERE plan_id = ANY(:plans) AND decision IN ('moved_out', 'moved_in')"""

APPROVE = """
INSERT INTO rollover.approval (unit_id, from_year, plan_id, hash, kind, claimed, document)
SELECT unit_id, from_year, plan_id, hash, :kind, :claimed, :document FROM rollover.plan WHERE plan_id = ANY(:plans)"""

WITHDRAW = """
INSERT INTO rollover.approval (unit_id, from_year, plan_id, hash, kind, claimed, document)
SELECT unit_id, from_year, plan_id, hash, 'withdrawn', :claimed, :reason
FROM (SELECT DISTINCT ON (unit_id) * FROM rollover.approval WHERE unit_id = :unit AND from_year = :year
      ORDER BY unit_id, approval_id DESC) a"""

"""The audit as it is read: its entries, the chain's length and head, and every place where the chain does not hold.

ops.audit, ops.audit_seal -> rows

What does not belong here: sealing (flow/seal.py), the anchors' file (flow/anchor.py), what a finding means
(flow/verify.py).
"""

# What stands before the first seal.
GENESIS = "0" * 64


def entry(sealed_at: str) -> str:
    """The text of an entry (`a`) that its hash is taken of: no two entries have the same, no session's settings count.

    Moments are seconds since 1970 as exact decimals; JSON quotes the texts, and jsonb has one order of keys.
    """
    at, sealed = (f"CAST(extract(epoch FROM {moment}) AS text)" for moment in ("a.at", sealed_at))
    return f"CAST(jsonb_build_array(a.audit_id, {at}, a.actor, a.claimed, a.action, a.detail, {sealed}) AS text)"


UNSEALED = "NOT EXISTS (SELECT FROM ops.audit_seal u WHERE u.audit_id = a.audit_id)"

HEAD = "SELECT seq, hash FROM ops.audit_seal ORDER BY seq DESC LIMIT 1"

# The server and the database in it: a restored copy has another.
DATABASE = """
SELECT current_database() AS name, concat_ws('/', (SELECT system_identifier FROM pg_control_system()), oid) AS id
FROM pg_database WHERE datname = current_database()"""

SUMS = f"""
SELECT (SELECT count(*) FROM ops.audit) AS entries, (SELECT min(at) FROM ops.audit) AS since,
       unsealed.count AS unsealed, unsealed.since AS unsealed_since,
       coalesce(unsealed.since < now() - CAST(:patience AS interval), false) AS is_unsealed_late,
       (SELECT min(sealed_at) < now() - CAST(:patience AS interval) FROM ops.audit_seal WHERE seq > :anchored)
           AS is_unanchored_late
FROM (SELECT count(*) AS count, min(a.at) AS since FROM ops.audit a WHERE {UNSEALED}) unsealed"""

# Each link is judged by the hash that stands before it, so that one changed entry is one finding and not a long tail.
BROKEN = f"""
WITH link AS (
    SELECT s.seq, s.audit_id, s.hash, a.audit_id IS NOT NULL AS stands, {entry("s.sealed_at")} AS entry,
           lag(s.seq, 1, 0) OVER by_seq AS former_seq, lag(s.hash, 1, '{GENESIS}') OVER by_seq AS former
    FROM ops.audit_seal s LEFT JOIN ops.audit a USING (audit_id) WINDOW by_seq AS (ORDER BY s.seq)
)
SELECT seq, audit_id, former_seq, fault, count(*) OVER () AS total
FROM link CROSS JOIN LATERAL (VALUES
    ('gap', former_seq <> seq - 1),
    ('gone', NOT stands),
    ('changed', stands AND former_seq = seq - 1
                AND hash IS DISTINCT FROM encode(sha256(convert_to(former || entry, 'UTF8')), 'hex'))
) AS judged(fault, is_found)
WHERE is_found ORDER BY seq LIMIT 20"""

# Anchored heads as the chain has them now; `stands` is empty where it has no such number.
ANCHORED = """
SELECT a.line, a.seq, s.hash AS stands, a.hash IS NOT DISTINCT FROM s.hash AS is_same
FROM unnest(CAST(:lines AS int[]), CAST(:seqs AS bigint[]), CAST(:hashes AS text[])) AS a(line, seq, hash)
LEFT JOIN ops.audit_seal s USING (seq) ORDER BY a.seq, a.line"""

ENTRIES = """
SELECT s.seq, a.at, a.actor, a.claimed, a.action, a.detail->>'unit' AS unit, a.detail - 'unit' AS detail, s.hash
FROM ops.audit a LEFT JOIN ops.audit_seal s USING (audit_id)
WHERE (CAST(:action AS text) IS NULL OR :action IN (a.action, split_part(a.action, '.', 1)))
  AND (CAST(:unit AS text) IS NULL OR a.detail->>'unit' = :unit)
  AND (CAST(:since AS timestamptz) IS NULL OR a.at >= :since)
ORDER BY a.audit_id DESC LIMIT :limit"""

# What a plan says, in numbers. The hash of several plans is the hash of theirs, in the order of units.
PLANS = """
WITH chosen AS (
    SELECT plan_id, unit_id, hash FROM rollover.plan WHERE plan_id = ANY(:plans)
), counted AS (
    SELECT l.kind || '.' || l.decision AS decision, count(*) AS lines
    FROM rollover.plan_line l WHERE l.plan_id = ANY(:plans) GROUP BY 1
)
SELECT count(*) AS units,
       CASE count(*) WHEN 1 THEN min(hash)
            ELSE encode(sha256(convert_to(string_agg(hash, ' ' ORDER BY unit_id), 'UTF8')), 'hex') END AS hash,
       (SELECT jsonb_object_agg(decision, lines) FROM counted) AS lines,
       (SELECT jsonb_object_agg(unit_id, left(hash, 12)) FROM (SELECT * FROM chosen ORDER BY unit_id LIMIT 50) c)
           AS plans
FROM chosen"""

"""What heads of unit have confirmed, and what they have not: plans, the year's first data, declared systems.

ops.confirmation, ops.unit_year, rollover.plan, master.deployed_system -> rows

What does not belong here: whose word counts (flow/heads.py). Binds: `as_of`; of LISTED also `years` (jsonb: each school
year's opening), `plans` (units whose plans need the word) and `unit`; of the others `year`, and of FIRST_DATA `opened`.
"""

from edu_pipeline.contracts.confirmed import OFFERED, WORD

PLANNED = "SELECT DISTINCT unit_id FROM rollover.plan WHERE status = 'checked' ORDER BY 1"

_COMMON = f"""
WITH word AS ({WORD}
), offer AS ({OFFERED}
), present AS (
    SELECT y.unit_id, max(y.school_year) AS school_year FROM ops.unit_year y
    WHERE y.state IN ('open', 'closing') AND NOT EXISTS (
        SELECT FROM ops.unit_event e WHERE e.unit_id = y.unit_id AND e.is_end AND e.on_date <= :as_of)
    GROUP BY y.unit_id
), running AS (
    SELECT DISTINCT unit_id FROM master.deployed_system WHERE stage <> 'retired'
)"""

# Every word that there is, and every one that is owed.
LISTED = f"""{_COMMON}, year AS (
    SELECT * FROM jsonb_to_recordset(CAST(:years AS jsonb)) AS y(school_year int, opened date)
), owed AS (
    SELECT unit_id, school_year, 'start_of_year' AS kind, n AS appendix, '' AS plan_hash
    FROM present CROSS JOIN generate_series(1, 3) n
    UNION ALL
    SELECT unit_id, school_year, 'systems', 0, '' FROM present JOIN running USING (unit_id)
    UNION ALL
    SELECT unit_id, from_year, 'plan', 0, hash FROM rollover.plan WHERE status = 'checked' AND unit_id = ANY(:plans)
), known AS (
    SELECT unit_id, school_year, kind, appendix, plan_hash, w.confirmed_at, w.head_staff_id, w.document
    FROM owed o FULL JOIN word w USING (unit_id, school_year, kind, appendix, plan_hash)
)
SELECT k.unit_id AS unit, k.school_year AS year, k.kind AS what, nullif(k.appendix, 0) AS appendix,
       left(k.plan_hash, 12) AS hash,
       CASE WHEN k.confirmed_at IS NULL THEN 'missing'
            WHEN k.kind = 'start_of_year' AND k.confirmed_at < y.opened AT TIME ZONE 'Asia/Ho_Chi_Minh'
                THEN 'before the year opened'
            ELSE 'confirmed' END AS state,
       k.head_staff_id AS by, CAST(k.confirmed_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS timestamp(0)) AS at, k.document,
       CASE WHEN f.unit_id IS NULL THEN 'paper alone' ELSE 'software' END AS through
FROM known k LEFT JOIN year y USING (school_year) LEFT JOIN offer f USING (unit_id, school_year)
WHERE CAST(:unit AS text) IS NULL OR k.unit_id = :unit
ORDER BY k.confirmed_at IS NOT NULL, k.unit_id, k.school_year, k.kind, k.appendix, k.confirmed_at"""

# Units that declared systems which the head has not confirmed, though the school's software can say it.
SYSTEMS = f"""{_COMMON}
SELECT unit_id FROM running JOIN offer USING (unit_id) WHERE school_year = :year AND NOT EXISTS (
    SELECT FROM word w WHERE w.unit_id = running.unit_id AND w.school_year = :year AND w.kind = 'systems')
ORDER BY unit_id"""

# The same of the year's first data: any appendix that the head has not confirmed since the year opened.
FIRST_DATA = f"""{_COMMON}
SELECT p.unit_id FROM present p JOIN offer USING (unit_id, school_year) WHERE p.school_year = :year AND (
    SELECT count(*) FROM word w WHERE w.unit_id = p.unit_id AND w.school_year = :year AND w.kind = 'start_of_year'
    AND w.confirmed_at >= CAST(:opened AS date) AT TIME ZONE 'Asia/Ho_Chi_Minh') < 3
ORDER BY p.unit_id"""

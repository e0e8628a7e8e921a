"""What is closed, held or absent now: the list that somebody has to work off.

ops.hold, ops.batch, ops.authority -> rows of (what, where, rule, rows, since)

What does not belong here: persons one by one (explain.py).
"""

LAST_BATCH = """
SELECT DISTINCT ON (connection_id) connection_id, status, finished_at, error, as_of FROM ops.batch
WHERE status <> 'rehearsed' ORDER BY connection_id, batch_id DESC"""

STANDING = f"""
WITH last AS ({LAST_BATCH})
SELECT CASE WHEN unit_id = '' THEN 'closed' ELSE 'held' END AS what,
       concat_ws(' ', room, connection_id, entity, nullif(unit_id, '')) AS "where", rule, row_count AS rows,
       opened_at AS since
FROM ops.hold WHERE closed_at IS NULL
UNION ALL
SELECT 'failed', connection_id, coalesce(error, 'failed'), 0, finished_at FROM last
WHERE status = 'failed' AND connection_id = ANY(:connections)
UNION ALL
SELECT 'absent', c.connection_id, 'no pull since ' || coalesce(l.as_of::text, 'ever'), 0, l.finished_at
FROM unnest(CAST(:connections AS text[])) AS c(connection_id) LEFT JOIN last l USING (connection_id)
WHERE l.as_of IS NULL OR l.as_of < CAST(:as_of AS date) - 1
ORDER BY 1, 2, 3"""

"""The ledger: what each room received, and what became of it.

ops.ledger, ops.person_state -> rows

What does not belong here: counting (flow/batch.py writes each term by its own predicate).
"""

LEDGER = """
SELECT b.connection_id AS connection, l.room, l.entity,
       sum(row_count) FILTER (WHERE term = 'received') AS received,
       coalesce(sum(row_count) FILTER (WHERE term = 'unchanged'), 0) AS unchanged,
       coalesce(sum(row_count) FILTER (WHERE term IN ('admitted', 'insert', 'update', 'return', 'again', 'merged')), 0)
         AS admitted,
       coalesce(sum(row_count) FILTER (WHERE term = 'quarantined'), 0) AS quarantined,
       coalesce(sum(row_count) FILTER (WHERE term = 'held'), 0) AS held,
       coalesce(sum(row_count) FILTER (WHERE term LIKE 'waiting%'), 0) AS waiting,
       coalesce(sum(row_count) FILTER (WHERE term = 'superseded'), 0) AS superseded
FROM ops.ledger l JOIN ops.batch b USING (batch_id)
JOIN (SELECT connection_id, l.room, max(batch_id) AS batch_id FROM ops.ledger l JOIN ops.batch USING (batch_id)
      GROUP BY connection_id, l.room) newest ON newest.batch_id = l.batch_id AND newest.room = l.room
GROUP BY b.connection_id, l.room, l.entity
ORDER BY array_position(ARRAY['landing', 'validated', 'master'], l.room), b.connection_id, l.entity
"""

# A person with places in two schools is one person: resolved ones are counted once, in the best state they have.
STATES = """
WITH now AS (SELECT * FROM ops.person_state WHERE recorded_to IS NULL), person AS (
    SELECT DISTINCT ON (entity, person_id) entity, person_id, state FROM now WHERE person_id IS NOT NULL
    ORDER BY entity, person_id, array_position(ARRAY['enrolled', 'pending', 'held', 'quarantined', 'waiting_parent',
             'waiting_identity', 'waiting_year', 'left', 'superseded'], state))
SELECT entity, state, sum(keys) AS keys, sum(persons) AS persons, sum(unresolved) AS unresolved_keys FROM (
    SELECT entity, state, count(*) AS keys, 0 AS persons, count(*) FILTER (WHERE person_id IS NULL) AS unresolved
    FROM now GROUP BY entity, state
    UNION ALL SELECT entity, state, 0, count(*), 0 FROM person GROUP BY entity, state) c
GROUP BY entity, state ORDER BY entity DESC, state
"""

# Landing and validated count what the newest batches changed; master and warehouse are judged on their change sets.
CHANGED = """
WITH newest AS (SELECT connection_id, max(batch_id) AS batch_id FROM ops.batch
                WHERE mapping NOT LIKE 'rollover%' AND mapping <> 'warehouse' GROUP BY connection_id)
SELECT 'landing' AS room, coalesce(sum(row_count), 0) AS changed FROM ops.ledger JOIN newest USING (batch_id)
WHERE room = 'landing' AND term IN ('insert', 'update', 'return', 'remove')
UNION ALL
SELECT 'validated', coalesce(sum(row_count), 0) FROM ops.ledger JOIN newest USING (batch_id)
WHERE room = 'validated' AND term = 'admitted'
UNION ALL
SELECT 'master', coalesce(sum(row_count), 0) FROM ops.verdict JOIN newest USING (batch_id) WHERE room = 'master'
UNION ALL
SELECT 'warehouse', coalesce(sum(row_count), 0) FROM ops.verdict
WHERE room = 'warehouse' AND batch_id = (SELECT max(batch_id) FROM ops.batch WHERE mapping = 'warehouse')
"""

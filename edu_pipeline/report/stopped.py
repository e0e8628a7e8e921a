"""What stands stopped, as (room, outcome, unit, rule): the same words for a row, a unit, a plan and a sum.

ops.scope, ops.hold, quarantine, waiting -> rows

What does not belong here: whose row it is (explain.py).
"""

from edu_pipeline.schema import PULLED

_QUARANTINED = " UNION ALL ".join(
    f"SELECT 'quarantine' AS room, 'quarantined' AS outcome, claim_unit_id AS unit, unnest(failed_rules) AS rule"
    f" FROM quarantine.{entity.name}"
    for entity in PULLED
)
_WAITING = " UNION ALL ".join(
    f"SELECT 'waiting', 'waits', claim_unit_id, '{entity.name}.' || reason FROM waiting.{entity.name}"
    for entity in PULLED
)

# A hold's rule may say several, each with its counts; the names alone are compared.
STOPPED = f"""
SELECT room, outcome, unit, rule, count(*) AS rows FROM (
    {_QUARANTINED} UNION ALL {_WAITING}
    UNION ALL
    SELECT 'landing', 'nothing removed', unit_id, resource || '.incomplete' FROM ops.scope
    WHERE NOT is_complete AND batch_id IN (SELECT max(batch_id) FROM ops.batch WHERE status <> 'rehearsed'
                                              GROUP BY connection_id)
    UNION ALL
    SELECT room, CASE WHEN unit_id = '' THEN 'closed' WHEN room = 'landing' THEN 'removals held' WHEN room = 'plan'
               THEN 'refused' WHEN room = 'rollover' THEN 'not believed' ELSE 'held' END,
           unit_id, split_part(said, ':', 1)
    FROM ops.hold, unnest(string_to_array(replace(rule, '; ', ', '), ', ')) AS said WHERE closed_at IS NULL
) s GROUP BY room, outcome, unit, rule ORDER BY room, outcome, unit, rule"""

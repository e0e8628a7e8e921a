"""What mending one record of a rule is worth to its unit, in points of the figure.

quality.tally, quality.rule -> GAIN, one row a rule of a unit

What does not belong here: the figure itself (score.py), what people read (report). The figure is a mean of means, so a
record's share of it is the product of the weights on the way up: exact, not a guess. Binds: `as_of`, `unit`.
"""

from edu_pipeline.contracts.waiver import REJECTED
from edu_pipeline.quality.fields import QUARANTINED, UNCONFIRMED

_OF = "PARTITION BY unit_id"

GAIN = f"""
WITH rated AS (
    SELECT t.unit_id, r.rule, r.entity, r.field, r.criterion, r.party, r.weight, r.criterion_weight, r.field_weight,
           r.entity_weight, r.observed_until, sum(t.asked_count) AS asked, sum(t.failed_count) AS failed,
           r.party = 'unit' AND r.weight > 0 AND coalesce(r.observed_until < :as_of, true) AS counts
    FROM quality.tally t JOIN quality.rule r USING (rule) WHERE t.unit_id = :unit
    GROUP BY t.unit_id, r.rule
), share AS (
    SELECT *, weight / sum(weight) OVER ({_OF}, entity, field, criterion) AS of_criterion,
           row_number() OVER ({_OF}, entity, field, criterion) AS in_criterion,
           row_number() OVER ({_OF}, entity, field) AS in_field, row_number() OVER ({_OF}, entity) AS in_entity
    FROM rated WHERE counts
), summed AS (
    SELECT *, sum(criterion_weight) FILTER (WHERE in_criterion = 1) OVER ({_OF}, entity, field) AS criteria,
           sum(entity_weight) FILTER (WHERE in_entity = 1) OVER ({_OF}) AS entities,
           sum(field_weight) FILTER (WHERE in_field = 1) OVER ({_OF}, entity) AS fields
    FROM share
)
SELECT r.rule, r.criterion, r.party, r.asked, r.failed, r.observed_until,
       coalesce(100 * s.of_criterion * s.criterion_weight / nullif(s.criteria, 0) * s.field_weight / nullif(s.fields, 0)
                * s.entity_weight / nullif(s.entities, 0) / s.asked, 0) AS points
FROM rated r LEFT JOIN summed s USING (unit_id, rule)"""

# Records of a unit that cost it points, the dearest first; what was stopped is told by the rules that stopped it.
LISTING = f"""
WITH gain AS ({GAIN}), found AS (
    SELECT f.rule, f.rule AS gains_by, f.record, f.connection_id, f.source_key, f.since, 1 AS many
    FROM quality.finding f WHERE f.unit_id = :unit
    UNION ALL
    -- The head's word mends them all.
    SELECT rule, rule, failed || ' records', '', '', CAST(:as_of AS date), failed FROM gain
    WHERE rule LIKE '%.{UNCONFIRMED}' AND failed > 0
    UNION ALL
    SELECT r.rule, q.entity || '.record.stopped', q.source_key, q.connection_id, q.source_key, CAST(q.since AS date), 1
    FROM ({QUARANTINED}) q CROSS JOIN unnest(q.failed_rules) r(rule) WHERE q.unit_id = :unit AND NOT {REJECTED}
)
SELECT f.rule, f.record, f.connection_id, f.source_key, f.since, g.criterion, g.party, g.points * f.many AS points,
       greatest(CAST(:as_of AS date) - f.since, 0) AS age,
       (SELECT e.kind FROM quality.exemption e WHERE e.unit_id = :unit AND e.rule = f.rule AND e.ended_at IS NULL
        AND e.expires_on >= :as_of AND coalesce(e.record, f.record) = f.record ORDER BY e.kind LIMIT 1) AS exempt,
       coalesce(g.observed_until >= :as_of, false) AS is_observed
FROM found f LEFT JOIN gain g ON g.rule = f.gains_by
ORDER BY g.points * f.many DESC NULLS LAST, f.rule, f.record"""

_HOLDS = "e.ended_at IS NULL AND e.expires_on >= :as_of"


# Exemptions that hold take their findings out of numerator and denominator.
EXEMPT = f"""
UPDATE quality.tally_now t SET asked_count = t.asked_count - x.count, failed_count = t.failed_count - x.count
FROM (SELECT n.rule, n.unit_id, n.level, count(*) AS count FROM quality.finding_now n
      WHERE EXISTS (SELECT FROM quality.exemption e WHERE e.unit_id = n.unit_id AND e.rule = n.rule
                    AND {_HOLDS} AND coalesce(e.record, n.record) = n.record)
      GROUP BY 1, 2, 3) x
WHERE (t.rule, t.unit_id, t.level) = (x.rule, x.unit_id, x.level)"""
# A stopped record that is rejected, or all that stops it contested, stays stopped and costs nothing.
EXEMPT_STOPPED = f"""
UPDATE quality.tally_now t SET asked_count = t.asked_count - x.count, failed_count = t.failed_count - x.count
FROM (SELECT q.entity, q.unit_id, count(*) AS count FROM ({QUARANTINED}) q
      WHERE {REJECTED} OR NOT EXISTS (SELECT FROM unnest(q.failed_rules) r(rule) WHERE NOT EXISTS (
          SELECT FROM quality.exemption e WHERE e.unit_id = q.unit_id AND e.rule = r.rule AND {_HOLDS}
          AND coalesce(e.record, q.source_key) = q.source_key))
      GROUP BY 1, 2) x
WHERE (t.rule, t.unit_id) = (x.entity || '.record.stopped', x.unit_id)"""
NOBODY_ASKED = "DELETE FROM quality.tally_now WHERE asked_count = 0"

"""Who may be whom, and whom the registry is asked for: keys, codes and dates; the school knows whose they are.

identity.suspicion, identity.request -> rows

What does not belong here: deciding (flow/identity.py). No name, birth date or number: a list is read over shoulders.
"""

# The newest decision on a question is the one that is shown beside it.
SUSPICIONS = """
SELECT s.suspicion_id AS id, s.unit_id AS unit, s.connection_id AS connection, s.entity, s.source_key AS record,
       s.identity_id AS candidate, s.kind, s.score, array_to_string(s.evidence, ', ') AS evidence, s.status, s.since,
       s.decided_at AS decided, d.reason, d.document, d.actor, d.claimed
FROM identity.suspicion s
LEFT JOIN LATERAL (SELECT * FROM identity.decision d WHERE d.suspicion_id = s.suspicion_id AND s.status <> 'open'
                   ORDER BY d.decision_id DESC LIMIT 1) d ON true
WHERE (CAST(:unit AS text) IS NULL OR s.unit_id = :unit) AND (CAST(:status AS text) IS NULL OR s.status = :status)
ORDER BY s.unit_id, s.connection_id, s.entity, s.source_key, s.kind <> 'same_person', s.score DESC, s.suspicion_id"""

REQUESTS = """
SELECT r.request_id AS id, r.unit_id AS unit, r.connection_id AS connection, r.entity, r.source_key AS record, r.status,
       r.issued_id AS issued, r.asked_at AS asked, r.answered_at AS answered,
       (SELECT count(*) FROM identity.suspicion s WHERE (s.connection_id, s.entity, s.source_key)
            = (r.connection_id, r.entity, r.source_key) AND s.status = 'open') AS lookalikes, d.reason, d.claimed
FROM identity.request r
LEFT JOIN LATERAL (SELECT * FROM identity.decision d WHERE d.request_id = r.request_id
                   ORDER BY d.decision_id DESC LIMIT 1) d ON true
WHERE (CAST(:unit AS text) IS NULL OR r.unit_id = :unit) AND (CAST(:status AS text) IS NULL OR r.status = :status)
ORDER BY r.unit_id, r.connection_id, r.entity, r.source_key, r.request_id"""

"""Whom the registry is asked to create: records that wait and are nobody who is known. The school runs the errand.

waiting, identity.suspicion -> identity.request (asked); validated, master.identity -> created, matched, gone

What does not belong here: creating anybody: root identities are the registry's. Refusing (flow/identity.py).
A pupil of whom a twin or namesake is told is asked for all the same: the request says how many look like the person.
"""

from sqlalchemy import TextClause, text

from edu_pipeline.identity.block import PERSONS, WANTED

_RECORD = "connection_id, entity, source_key"
_WAITS = " UNION ALL ".join(
    f"SELECT connection_id, '{person}' AS entity, source_key FROM waiting.{person}" for person in PERSONS
)
_STANDS = " UNION ALL ".join(
    f"SELECT connection_id, '{person}' AS entity, source_key, {person}_id AS identity_id FROM validated.{person}"
    " WHERE is_present AND event <> 'CANCEL'"
    for person in PERSONS
)
# Since when the register knows an identity, under whatever name.
_KNOWN = """SELECT identity_id, min(recorded_from) AS since FROM (
    SELECT identity_id, recorded_from FROM master.identity UNION ALL
    SELECT identity_id, recorded_from FROM history.identity) i GROUP BY identity_id"""


def ask() -> TextClause:
    """INSERT of a request for each record that waits and is suspected to be nobody (bind: now).

    What was refused is asked again only when the record says something else.
    """
    return text(f"""
    WITH wanted AS MATERIALIZED ({WANTED})
    INSERT INTO identity.request ({_RECORD}, unit_id, content, status, asked_at)
    SELECT w.connection_id, w.entity, w.source_key, w.unit_id, w.content, 'asked', :now FROM wanted w
    WHERE NOT EXISTS (SELECT FROM identity.suspicion s
        WHERE (s.connection_id, s.entity, s.source_key) = (w.connection_id, w.entity, w.source_key)
          AND s.status = 'open' AND s.kind = 'same_person')
      AND NOT EXISTS (SELECT FROM identity.request r
        WHERE (r.connection_id, r.entity, r.source_key) = (w.connection_id, w.entity, w.source_key)
          AND (r.status = 'asked' OR (r.status = 'refused' AND r.content = w.content)))""")


def answer() -> TextClause:
    """UPDATE of the requests whose record waits no more (bind: now): under which identity it was admitted, and how.

    Created: the register learned of the identity after the request. Matched: it was there, and the record found it.
    """
    return text(f"""
    WITH waits AS ({_WAITS}), answered AS (
        SELECT r.request_id, s.identity_id,
               CASE WHEN s.identity_id IS NULL THEN 'gone' WHEN k.since >= r.asked_at THEN 'created' ELSE 'matched' END
                 AS status
        FROM identity.request r
        LEFT JOIN ({_STANDS}) s USING ({_RECORD})
        LEFT JOIN ({_KNOWN}) k ON k.identity_id = s.identity_id
        WHERE r.status = 'asked' AND NOT EXISTS (SELECT FROM waits w
            WHERE (w.connection_id, w.entity, w.source_key) = (r.connection_id, r.entity, r.source_key))
    )
    UPDATE identity.request r SET status = a.status, issued_id = a.identity_id, answered_at = :now
    FROM answered a WHERE a.request_id = r.request_id""")

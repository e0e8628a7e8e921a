"""Which record stands for which identity although it does not say so itself: kept from when to when, and by whose word.

validated (re-keyed records), waiting -> identity.alias

What does not belong here: following an alias (validate/resolve.py), a steward's word (flow/identity.py).
"""

from sqlalchemy import TextClause, text

from edu_pipeline.contracts.identity import content, is_as_accepted
from edu_pipeline.identity.block import PERSONS

_RECORD = "connection_id, entity, source_key"

_REKEYED = " UNION ALL ".join(
    f"""SELECT old.connection_id, '{person}' AS entity, old.source_key, old.claim_unit_id AS unit_id,
        {content(f"old.{person}_id", "old.full_name", "old.birth_date")} AS content, old.ref_key,
        old.{person}_id AS told_id, own.{person}_id AS identity_id
    FROM validated.{person} old
    JOIN validated.{person} own ON own.connection_id = old.connection_id AND own.source_key = old.replaced_by
        AND own.is_present AND own.event <> 'CANCEL'
    WHERE old.event = 'CANCEL' AND old.replaced_by IS NOT NULL"""
    for person in PERSONS
)

# A record that waits is present: what it says now is what counts, also while its last good version stands.
_CHANGED = " OR ".join(
    f"""a.entity = '{person}' AND EXISTS (SELECT FROM waiting.{person} w
        WHERE (w.connection_id, w.source_key) = (a.connection_id, a.source_key)
          AND NOT coalesce({is_as_accepted("w", f"{person}_id")}, false))
    OR a.entity = '{person}' AND EXISTS (SELECT FROM validated.{person} v
        WHERE (v.connection_id, v.source_key) = (a.connection_id, a.source_key) AND v.is_present
          AND NOT coalesce(v.{person}_id = a.identity_id AND {is_as_accepted("v", f"{person}_id")}, false)
          AND NOT EXISTS (SELECT FROM waiting.{person} w
              WHERE (w.connection_id, w.source_key) = (a.connection_id, a.source_key)))"""
    for person in PERSONS
)


def keep() -> TextClause:
    """INSERT of the temporary ids that a source has given up for a record's own (bind: now)."""
    return text(f"""
    INSERT INTO identity.alias ({_RECORD}, unit_id, content, ref_key, told_id, identity_id, basis, valid_from)
    SELECT DISTINCT ON ({_RECORD}) {_RECORD}, unit_id, content, ref_key, told_id, identity_id, 'rekeyed', :now
    FROM ({_REKEYED}) r
    WHERE NOT EXISTS (SELECT FROM identity.alias a
        WHERE (a.connection_id, a.entity, a.source_key) = (r.connection_id, r.entity, r.source_key)
          AND a.valid_to IS NULL)
    ORDER BY {_RECORD}""")


def lapse() -> TextClause:
    """UPDATE of the aliases whose record says something else by now (bind: now): the question is open again."""
    return text(f"""
    UPDATE identity.alias a SET valid_to = :now, ended_by = 'changed'
    WHERE a.basis = 'accepted' AND a.valid_to IS NULL AND ({_CHANGED})""")

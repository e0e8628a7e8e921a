"""What came of each record that a connection has told, in words that its vendor can act on.

landing, quarantine, waiting, validated, identity -> one row a record and state -> reply, as it goes out in JSON

What does not belong here: sending it (flow/reply.py), what other connections told. A reply has the record's id, which
the vendor gave, rules, fields and the root id: no other value of a person.
Binds: `connection`, `resource`.
"""

from collections.abc import Mapping
from typing import Any

from edu_pipeline.contracts.severity import texts
from edu_pipeline.contracts.words import WAITS
from edu_pipeline.schema import Entity
from edu_pipeline.sources.resource import Resource

# A version that was stopped, or that waits, says more than the older one which may still stand.
_STATE = """
SELECT l.source_key, false AS is_old, coalesce(q.claim_unit_id, w.claim_unit_id, v.claim_unit_id, l.unit_id) AS unit_id,
       l.version,
       CASE WHEN q.source_key IS NOT NULL THEN 'rejected' WHEN w.source_key IS NOT NULL THEN 'waiting'
            ELSE 'accepted' END AS status,
       CASE WHEN q.source_key IS NOT NULL THEN q.failed_rules WHEN w.source_key IS NOT NULL THEN w.faults
            ELSE v.faults END AS rules,
       CASE WHEN q.source_key IS NULL THEN w.reason END AS waits,
       CASE WHEN q.source_key IS NULL AND w.source_key IS NULL THEN {root} END AS root_id, {told} AS told_id
FROM landing.record l
LEFT JOIN quarantine.{name} q USING (connection_id, source_key)
LEFT JOIN waiting.{name} w USING (connection_id, source_key)
LEFT JOIN validated.{name} v USING (connection_id, source_key){alias}
WHERE l.connection_id = :connection AND l.resource = :resource AND l.is_present
  -- What has landed and was not judged yet has no answer yet.
  AND coalesce(q.source_key, w.source_key, v.source_key) IS NOT NULL"""

_ALIAS = """
LEFT JOIN identity.alias a ON a.connection_id = l.connection_id AND a.entity = '{name}' AND a.source_key = l.source_key
    AND a.valid_to IS NULL"""

# Older versions that the last reading brought beside newer ones: they were not used.
_OLD = """
SELECT DISTINCT ON (source_key) source_key, true, unit_id, version, 'superseded', CAST('{}' AS text[]), NULL, NULL, NULL
FROM landing.record_change
WHERE connection_id = :connection AND resource = :resource AND disposition = 'superseded'
ORDER BY source_key, version DESC NULLS LAST"""

_SAID = "source_key, is_old, unit_id, version, status, rules, waits, root_id, told_id"
_DIGEST = "md5(CAST(ROW(unit_id, version, status, rules, waits, root_id, told_id) AS text))"

EMPTY = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS replying (n bigint GENERATED ALWAYS AS IDENTITY, resource text,"
    " source_key text, is_old boolean, unit_id text, version bigint, status text, rules text[], waits text,"
    " root_id text, told_id text, digest text)",
    "TRUNCATE replying RESTART IDENTITY",
)


def fill(entity: Entity) -> str:
    """INSERT of what a vendor has not been told yet of a resource's records into the table `replying`."""
    root, told, alias = "CAST(NULL AS text)", "CAST(NULL AS text)", ""
    if entity.identity in ("student_id", "staff_id"):
        root, told, alias = f"v.{entity.identity}", "a.told_id", _ALIAS.format(name=entity.name)
    state = _STATE.format(name=entity.name, root=root, told=told, alias=alias)
    return f"""
    INSERT INTO replying (resource, {_SAID}, digest)
    SELECT :resource, {_SAID}, digest
    FROM (SELECT s.*, {_DIGEST} AS digest FROM (({state}) UNION ALL ({_OLD})) s) said
    LEFT JOIN (SELECT source_key, is_old, digest AS known FROM ops.reply
               WHERE connection_id = :connection AND resource = :resource) r USING (source_key, is_old)
    WHERE r.known IS DISTINCT FROM digest
    ORDER BY unit_id, source_key, is_old"""


# Some of them, in order (binds: `first`, `last`).
SOME = "SELECT * FROM replying WHERE n BETWEEN :first AND :last ORDER BY n"

# They are known to have arrived (binds: `connection`, `first`, `last`, `now`).
ARRIVED = """
INSERT INTO ops.reply (connection_id, resource, source_key, is_old, status, digest, replied_at)
SELECT :connection, resource, source_key, is_old, status, digest, :now FROM replying WHERE n BETWEEN :first AND :last
ON CONFLICT (connection_id, resource, source_key, is_old)
DO UPDATE SET status = excluded.status, digest = excluded.digest, replied_at = excluded.replied_at"""

TAKEN = """
SELECT connection_id AS connection, status, count(*) AS records, max(replied_at) AS last
FROM ops.reply GROUP BY connection_id, status ORDER BY connection_id, status"""


def reply(row: Mapping[str, Any], entity: Entity, resource: Resource) -> dict[str, Any]:
    """A row as it is told."""
    reasons = [_reason(rule, entity, resource) for rule in row["rules"]]
    found = {"resource": row["resource"], "unit": row["unit_id"], "id": row["source_key"], "version": row["version"],
             "status": row["status"], "reasons": reasons}  # fmt: skip
    if row["waits"]:
        waits = WAITS[row["waits"]]
        found["waits_for"] = {"what": row["waits"], "vi": waits.vi, "en": waits.en}
    if row["root_id"]:
        found["root_id"] = row["root_id"]
    if row["told_id"] and row["told_id"] != row["root_id"]:
        found["alias"] = row["told_id"]
    return found


def _reason(rule: str, entity: Entity, resource: Resource) -> dict[str, Any]:
    """A rule, the vendor's own name of the field that breaks it, and what to do. `faults` say field:check."""
    field, _, check = rule.replace(":", ".").removeprefix(f"{entity.name}.").rpartition(".")
    mapped = resource.fields.get(field)
    said = texts().get(check, {"vi": "Sửa bản ghi mà quy tắc nêu.", "en": "Correct the record that the rule names."})
    paths = {"field": ", ".join(mapped.paths)} if mapped else {}
    return {"rule": f"{entity.name}.{field}.{check}", **paths, "vi": said["vi"], "en": said["en"]}

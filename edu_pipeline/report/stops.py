"""What was decided of a unit and stops or moves what is in it: holds and their answers, authority, unit events.

ops.hold, ops.approval, ops.authority, ops.unit_event -> rows of (what, params, since, until)

What does not belong here: decisions on one person (explain.py). Binds: units, connections, at; a typed reason is never
told, it may name somebody: it stands with the answer in the audit.
"""

from edu_pipeline.report.explain import KNOWN, STANDS, told

# Open at the time that is asked for. A hold on a whole connection or on the city (no unit) stops everybody's rows.
HOLDS = told(f"""
SELECT 'hold', jsonb_build_object('id', h.hold_id, 'room', h.room, 'connection', h.connection_id,
           'unit', nullif(h.unit_id, ''), 'entity', h.entity, 'rule', h.rule, 'rows', h.row_count, 'owner', h.owner,
           'asked_on', coalesce(h.asked_on, CAST(h.opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date)),
           'answer', h.answer), h.opened_at, h.closed_at
FROM ops.hold h
WHERE (h.unit_id = ANY(:units) OR (h.unit_id = '' AND h.connection_id = ANY(:connections)))
  AND {STANDS.format(begin="h.opened_at", end="h.closed_at")} AND (CAST(:at AS timestamptz) IS NOT NULL
                                                                   OR h.closed_at IS NULL)""")

_ALLOWED = f"""
SELECT 'allowance', jsonb_build_object('unit', nullif(a.unit_id, ''), 'connection', a.connection_id, 'room', a.room,
           'entity', a.entity, 'rule', a.rule, 'rows', a.row_count, 'expires', a.expires_on),
       a.decided_at, CAST(NULL AS timestamptz)
FROM ops.approval a WHERE a.unit_id = ANY(:units) AND {KNOWN.format(column="a.decided_at")}"""

# Who answers for a unit is part of a story only where it has passed from one connection to another, or ended.
_AUTHORITY = """
SELECT 'authority', jsonb_build_object('unit', a.unit_id, 'entity', a.entity, 'connection', a.connection_id),
       CAST(a.valid_from AS timestamptz), CAST(a.valid_to AS timestamptz)
FROM ops.authority a
WHERE a.unit_id = ANY(:units) AND (CAST(:at AS timestamptz) IS NULL OR a.valid_from < :at)
  AND (:every OR a.valid_to IS NOT NULL OR EXISTS (
      SELECT FROM ops.authority o WHERE o.unit_id = a.unit_id AND o.connection_id <> a.connection_id))"""

_EVENTS = f"""
SELECT 'event', jsonb_build_object('unit', e.unit_id, 'event', e.kind, 'decision', e.decision, 'date', e.on_date,
           'to', e.detail ->> 'to'), CAST(e.on_date AS timestamptz), CAST(NULL AS timestamptz)
FROM ops.unit_event e
WHERE (e.unit_id = ANY(:units) OR e.unit_id IN (SELECT from_unit FROM ops.unit_successor WHERE to_unit = ANY(:units)))
  AND {KNOWN.format(column="e.recorded_at")}"""

# Bind `every`: tell who answers even where nothing has passed.
DECIDED = tuple(map(told, (_ALLOWED, _AUTHORITY, _EVENTS)))

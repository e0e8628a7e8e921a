"""Where every person is: exactly one state for each key that any connection ever reported.

landing keys, each room's own table -> ops.person_state_change -> dated intervals in ops.person_state

What does not belong here: deciding anything. Each state is counted by its own predicate over flags of its own tables,
with no "else": nobody in two states and nobody in none is a law that the gate holds every night (principle 1).
"""

import datetime as dt

from sqlalchemy import TextClause, text

# One line a flag: which table says it. Flags are joined to the population, states are predicates over flags.
_FLAGS = """
WITH population AS (
    SELECT DISTINCT r.connection_id, r.source_key, r.unit_id AS landed_unit, r.is_present
    FROM landing.record r
    JOIN (SELECT unnest(CAST(:connections AS text[])) AS connection_id,
                 unnest(CAST(:resources AS text[])) AS resource) s USING (connection_id, resource)
), current_year AS (
    SELECT unit_id, max(school_year) AS school_year FROM ops.unit_year
    WHERE state IN ('open', 'closing') GROUP BY unit_id
), placed AS (
    {placed}
), in_quarantine AS (
    SELECT DISTINCT connection_id, {key} AS person_key FROM quarantine.{child}
), in_waiting AS (
    SELECT connection_id, {key} AS person_key, bool_or(reason = 'year') AS for_year,
           bool_or(reason = 'parent') AS for_parent, bool_or(reason = 'hold') AS on_hold
    FROM waiting.{child} GROUP BY connection_id, {key}
), claimed AS (
    SELECT DISTINCT connection_id, {key} AS person_key FROM validated.{child}
), claims_place AS (
    SELECT DISTINCT v.connection_id, v.{key} AS person_key FROM validated.{child} v
    JOIN current_year USING (unit_id, school_year)
    WHERE v.is_present AND v.event <> 'CANCEL' AND coalesce(v.status, '{active}') = '{active}'
      AND (v.end_date IS NULL OR v.end_date >= CAST(:as_of AS date))
), left_behind AS (
    {left_behind}
), flag AS (
    SELECT p.connection_id, p.source_key, coalesce(v.claim_unit_id, q.claim_unit_id, w.claim_unit_id, p.landed_unit)
             AS unit_id,
           CASE WHEN v.source_key IS NOT NULL THEN v.{person_id} END AS person_id,
           coalesce(v.is_present AND v.event <> 'CANCEL', false) AS is_live,
           v.source_key IS NOT NULL AS was_admitted,
           coalesce(v.event = 'CANCEL' AND v.replaced_by IS NOT NULL, false) AS is_alias,
           coalesce(v.event = 'CANCEL', false) AS is_cancelled,
           q.source_key IS NOT NULL AS is_quarantined, q.failed_rules[1] AS rule,
           w.reason AS waits_for,
           placed.person_id IS NOT NULL AS is_placed,
           coalesce(b.is_pending, false) AS is_pending, b.reason AS left_reason,
           iq.person_key IS NOT NULL AS place_quarantined,
           coalesce(iw.for_year, false) AS place_for_year, coalesce(iw.for_parent, false) AS place_for_parent,
           coalesce(iw.on_hold, false) AS place_on_hold,
           c.person_key IS NOT NULL AS is_claimed, cp.person_key IS NOT NULL AS gives_way
    FROM population p
    LEFT JOIN validated.{person} v USING (connection_id, source_key)
    LEFT JOIN quarantine.{person} q USING (connection_id, source_key)
    LEFT JOIN waiting.{person} w USING (connection_id, source_key)
    LEFT JOIN placed ON placed.person_id = v.{person_id} AND placed.unit_id = v.claim_unit_id
    LEFT JOIN left_behind b ON b.person_id = v.{person_id} AND b.unit_id = v.claim_unit_id
    LEFT JOIN in_quarantine iq ON iq.connection_id = p.connection_id AND iq.person_key = v.ref_key
    LEFT JOIN in_waiting iw ON iw.connection_id = p.connection_id AND iw.person_key = v.ref_key
    LEFT JOIN claimed c ON c.connection_id = p.connection_id AND c.person_key = v.ref_key
    LEFT JOIN claims_place cp ON cp.connection_id = p.connection_id AND cp.person_key = v.ref_key
)
"""

_PLACED = {
    "student": """
    SELECT DISTINCT e.unit_id, e.student_id AS person_id FROM master.enrollment e JOIN current_year USING (unit_id,
        school_year) WHERE e.status = 'active' AND (e.end_date IS NULL OR e.end_date >= CAST(:as_of AS date))
    UNION SELECT e.unit_id, e.student_id FROM rollover.enrollment e JOIN current_year USING (unit_id, school_year)
    JOIN rollover.plan p ON p.plan_id = e.plan_id AND p.reconciled AND NOT p.is_confirmed
    WHERE NOT EXISTS (SELECT FROM master.enrollment m WHERE (m.unit_id, m.school_year, m.student_id)
                      = (e.unit_id, e.school_year, e.student_id))""",
    "staff": """
    SELECT DISTINCT a.unit_id, a.staff_id AS person_id FROM master.staff_assignment a JOIN current_year USING (unit_id,
        school_year) WHERE a.status = 'working' AND (a.end_date IS NULL OR a.end_date >= CAST(:as_of AS date))
    UNION SELECT a.unit_id, a.staff_id FROM rollover.staff_assignment a JOIN current_year USING (unit_id, school_year)
    JOIN rollover.plan p ON p.plan_id = a.plan_id AND p.reconciled AND NOT p.is_confirmed
    WHERE NOT EXISTS (SELECT FROM master.staff_assignment m WHERE (m.unit_id, m.school_year, m.staff_id)
                      = (a.unit_id, a.school_year, a.staff_id))""",
}

# Who is not placed this year although the register knows a place of theirs: pending by the plan, or left and why.
_LEFT_BEHIND = {
    "student": """
    SELECT DISTINCT ON (unit_id, person_id) unit_id, person_id, is_pending, reason FROM (
        SELECT l.unit_id, coalesce(l.student_id, v.student_id) AS person_id,
               l.decision IN ('pending', 'promoted', 'retained') AS is_pending,
               CASE WHEN l.decision IN ('promoted', 'retained') THEN 'carried over, but the school reports no place'
                    WHEN l.decision = 'pending' THEN l.reason ELSE l.decision END AS reason, 0 AS o
        FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
        LEFT JOIN validated.student v ON v.connection_id = l.connection_id AND v.ref_key = l.student_key
        WHERE p.status = 'applied' AND l.kind = 'closing' AND coalesce(l.student_id, v.student_id) IS NOT NULL
        UNION ALL
        SELECT unit_id, student_id, false, CASE WHEN status = 'active' THEN 'ended' ELSE status END, 1
        FROM master.enrollment
    ) said ORDER BY unit_id, person_id, o, reason""",
    "staff": """
    SELECT DISTINCT ON (unit_id, staff_id) unit_id, staff_id AS person_id, false AS is_pending,
           CASE WHEN status = 'working' THEN 'not carried' ELSE status END AS reason
    FROM master.staff_assignment ORDER BY unit_id, staff_id, school_year DESC, is_primary DESC""",
}

_FREE = "is_live AND NOT is_placed"
_GIVES_WAY = "is_live AND gives_way AND NOT place_on_hold"
_NO_OPEN_PLACE = "NOT place_quarantined AND NOT place_for_year AND NOT place_for_parent AND NOT place_on_hold"

# state -> (predicate, reason, who must act)
STATES: dict[str, tuple[str, str, str]] = {
    "enrolled": ("is_live AND is_placed", "NULL", "'nobody'"),
    "quarantined": (
        f"(NOT is_live AND is_quarantined) OR ({_FREE} AND place_quarantined)",
        "coalesce(rule, 'place')",
        "'unit'",
    ),
    "held": (
        f"(NOT is_live AND NOT is_quarantined AND waits_for = 'hold')"
        f" OR ({_FREE} AND NOT place_quarantined AND place_on_hold)"
        f" OR ({_FREE} AND {_NO_OPEN_PLACE} AND gives_way AND NOT is_pending)",
        f"CASE WHEN {_GIVES_WAY} THEN 'another place of the person stands in the register' ELSE 'hold' END",
        f"CASE WHEN {_GIVES_WAY} THEN 'unit' ELSE 'department' END",
    ),
    "waiting_year": (
        f"(NOT is_live AND NOT is_quarantined AND waits_for = 'year')"
        f" OR ({_FREE} AND NOT place_quarantined AND NOT place_on_hold AND place_for_year AND NOT is_pending)",
        "'the school year is not open for the unit'",
        "'department'",
    ),
    "waiting_parent": (
        f"(NOT is_live AND NOT is_quarantined AND waits_for = 'parent')"
        f" OR ({_FREE} AND NOT place_quarantined AND NOT place_on_hold AND NOT place_for_year AND place_for_parent"
        f" AND NOT is_pending) OR ({_FREE} AND {_NO_OPEN_PLACE} AND NOT is_claimed AND NOT is_pending)",
        "CASE WHEN is_claimed OR place_for_parent THEN 'its class or unit is not known' ELSE 'no place reported' END",
        "'unit'",
    ),
    "waiting_identity": (
        "NOT is_live AND NOT is_quarantined AND waits_for = 'identity'",
        "'no root identity agrees'",
        "'unit'",
    ),
    "pending": (
        f"{_FREE} AND is_pending AND NOT place_quarantined AND NOT place_on_hold",
        "left_reason",
        "'unit'",
    ),
    "left": (
        f"({_FREE} AND {_NO_OPEN_PLACE} AND is_claimed AND NOT gives_way AND NOT is_pending)"
        " OR (NOT is_live AND NOT is_alias AND NOT is_quarantined AND waits_for IS NULL)",
        "CASE WHEN is_live THEN coalesce(left_reason, 'ended') WHEN is_cancelled THEN 'cancelled'"
        " ELSE 'removed at source' END",
        "'nobody'",
    ),
    "superseded": ("is_alias AND NOT is_live AND NOT is_quarantined AND waits_for IS NULL", "'alias'", "'nobody'"),
}

_PERSONS = {
    "student": ("enrollment", "student_key", "student_id"),
    "staff": ("staff_assignment", "staff_key", "staff_id"),
}


def compute(person: str) -> TextClause:
    """INSERT of one row a state that holds, for students or staff (binds: connections, resources, as_of)."""
    child, key, person_id = _PERSONS[person]
    flags = _FLAGS.format(
        person=person, child=child, key=key, person_id=person_id, placed=_PLACED[person],
        left_behind=_LEFT_BEHIND[person], active="active" if person == "student" else "working",
    )  # fmt: skip
    selects = " UNION ALL ".join(
        f"SELECT unit_id, connection_id, '{person}', source_key, person_id, '{state}', {reason}, {owner} FROM flag"
        f" WHERE {predicate}"
        for state, (predicate, reason, owner) in STATES.items()
    )
    return text(
        "INSERT INTO ops.person_state_change"
        f" (unit_id, connection_id, entity, source_key, person_id, state, reason, owner) {flags} {selects}"
    )


_POPULATION = """
    SELECT DISTINCT r.connection_id, s.entity, r.source_key FROM landing.record r
    JOIN (SELECT unnest(CAST(:connections AS text[])) AS connection_id, unnest(CAST(:resources AS text[])) AS resource,
                 unnest(CAST(:entities AS text[])) AS entity) s USING (connection_id, resource)"""


def counted() -> TextClause:
    """Query of the number of persons, from landing's distinct keys alone (binds: connections, resources, entities)."""
    return text(f"SELECT count(*) FROM ({_POPULATION}) p")


def unaccounted() -> TextClause:
    """Query of keys whose number of states is not one: (connection_id, entity, source_key, states)."""
    return text(f"""
    SELECT connection_id, entity, source_key, count(c.state) AS states
    FROM ({_POPULATION}) p LEFT JOIN ops.person_state_change c USING (connection_id, entity, source_key)
    GROUP BY connection_id, entity, source_key HAVING count(c.state) <> 1""")


def publish(now: dt.datetime) -> list[tuple[TextClause, dict[str, dt.datetime]]]:
    """Close the intervals that end, open those that begin; unchanged ones are not touched."""
    same = "(o.connection_id, o.entity, o.source_key) = (c.connection_id, c.entity, c.source_key)"
    differs = ("(o.unit_id, o.person_id, o.state, o.reason, o.owner)"
               " IS DISTINCT FROM (c.unit_id, c.person_id, c.state, c.reason, c.owner)")  # fmt: skip
    return [
        (text(f"""UPDATE ops.person_state o SET recorded_to = :now FROM ops.person_state_change c
                  WHERE {same} AND o.recorded_to IS NULL AND {differs}"""), {"now": now}),
        (text(f"""INSERT INTO ops.person_state (unit_id, connection_id, entity, source_key, person_id, state, reason,
                      owner, recorded_from)
                  SELECT c.unit_id, c.connection_id, c.entity, c.source_key, c.person_id, c.state, c.reason, c.owner,
                      :now FROM ops.person_state_change c
                  WHERE NOT EXISTS (SELECT FROM ops.person_state o WHERE {same} AND o.recorded_to IS NULL)"""),
         {"now": now}),
    ]  # fmt: skip

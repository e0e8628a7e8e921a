"""Where every person is: exactly one state for each key that any connection ever reported.

landing keys, each room's own table -> ops.person_state_change -> dated intervals in ops.person_state

What does not belong here: deciding anything. Each state is counted by its own predicate over flags of its own tables,
with no "else": nobody in two states and nobody in none is a law that the gate holds every night (principle 1).
"""

import datetime as dt

from sqlalchemy import TextClause, text

from edu_pipeline.master import flag

_FREE = "is_live AND NOT is_placed AND NOT is_stranded"
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
        f" AND NOT is_pending) OR ({_FREE} AND {_NO_OPEN_PLACE} AND NOT is_claimed AND NOT is_pending)"
        " OR (is_live AND is_stranded)",
        "CASE WHEN is_live AND is_stranded THEN stranded_reason"
        " WHEN is_claimed OR place_for_parent THEN 'its class or unit is not known' ELSE 'no place reported' END",
        "CASE WHEN is_live AND is_stranded THEN 'department' ELSE 'unit' END",
    ),
    "waiting_identity": (
        "NOT is_live AND NOT is_quarantined AND waits_for = 'identity'",
        "'no root identity agrees'",
        "'unit'",
    ),
    "pending": (
        f"is_untold OR ({_FREE} AND is_pending AND NOT place_quarantined AND NOT place_on_hold)",
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
    "superseded": (
        "is_handed OR (is_alias AND NOT is_live AND NOT is_quarantined AND waits_for IS NULL)",
        "CASE WHEN is_handed THEN 'handed over to ' || to_connection ELSE 'alias' END",
        "'nobody'",
    ),
}


def compute(person: str) -> TextClause:
    """INSERT of one row a state that holds, for students or staff (binds: connections, resources, as_of)."""
    flags = flag.flags(person)
    selects = " UNION ALL ".join(
        f"SELECT unit_id, connection_id, '{person}', source_key, person_id, '{state}', {reason}, {owner} FROM flag"
        f" WHERE ({predicate})"
        + ("" if state == "superseded" else " AND NOT is_handed")
        + ("" if state == "pending" else " AND NOT is_untold")
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

"""What is known of each reported person, as flags: which room's table says it, and where the register has a place.

landing keys, each room's own table, ops.unit_successor, ops.authority -> CTE `flag`, one row a key

What does not belong here: what a state is (state.py). Binds: connections, resources, as_of.
A person's record says the unit that told it; where the person is, the place says, and a place of a unit that became
another one is a place there (kin).
"""

from edu_pipeline.master.owner import HANDED

# One line a flag: which table says it. Flags are joined to the population, states are predicates over flags.
_FLAGS = """
WITH population AS (
    SELECT DISTINCT r.connection_id, r.source_key, r.unit_id AS landed_unit, r.is_present
    FROM landing.record r
    JOIN (SELECT unnest(CAST(:connections AS text[])) AS connection_id,
                 unnest(CAST(:resources AS text[])) AS resource) s USING (connection_id, resource)
), ended AS (
    SELECT unit_id, on_date FROM ops.unit_event WHERE is_end AND on_date <= CAST(:as_of AS date)
), current_year AS (
    -- The year in which a unit ended goes on for who is there, until it is rolled over.
    SELECT u.unit_id, max(u.school_year) AS school_year FROM ops.unit_year u
    JOIN master.school_year y USING (school_year) LEFT JOIN ended e USING (unit_id)
    WHERE (u.state IN ('open', 'closing') OR (u.state = 'closed' AND y.end_date >= e.on_date))
      AND (e.unit_id IS NULL OR NOT EXISTS (SELECT FROM rollover.plan p WHERE p.unit_id = u.unit_id
                                            AND p.from_year = u.school_year AND p.status = 'applied'))
    GROUP BY u.unit_id
), step AS (
    SELECT s.from_unit AS unit_id, s.to_unit, s.connection_id, s.valid_from,
           s.valid_to IS NULL OR s.valid_to > CAST(:as_of AS date) AS is_standing,
           s.grades IS NULL AND s.class_codes IS NULL
             AND cardinality(s.except_grades) + cardinality(s.except_class_codes) = 0 AS is_whole,
           'unit ' || s.from_unit || ' was ' || s.kind || ' by decision ' || s.decision || '; ' || CASE
             WHEN s.to_unit IS NULL THEN 'no unit takes the person'
             ELSE 'unit ' || s.to_unit || ' goes on, for which ' || coalesce(s.connection_id, 'nobody')
               || ' answers' END AS reason
    FROM ops.unit_successor s WHERE s.valid_from <= CAST(:as_of AS date)
), kin AS (
    SELECT unit_id, to_unit AS other_id, connection_id FROM step WHERE to_unit IS NOT NULL
    UNION SELECT to_unit, unit_id, connection_id FROM step WHERE to_unit IS NOT NULL
), lost AS (
    SELECT unit_id, reason FROM step WHERE is_standing AND is_whole AND to_unit IS NULL
), place AS (
    {placed}
), placed AS (
    SELECT p.unit_id, p.person_id FROM place p WHERE NOT EXISTS (SELECT FROM lost l WHERE l.unit_id = p.unit_id)
), placed_kin AS (
    SELECT DISTINCT ON (v.connection_id, v.source_key) v.connection_id, v.source_key, p.unit_id
    FROM kin k JOIN placed p ON p.unit_id = k.other_id
    JOIN validated.{person} v ON v.connection_id = k.connection_id AND v.claim_unit_id = k.unit_id
        AND v.{person_id} = p.person_id
    ORDER BY v.connection_id, v.source_key, p.unit_id
), stranded AS (
    SELECT DISTINCT ON (connection_id, source_key) connection_id, source_key, unit_id, reason FROM (
        SELECT v.connection_id, v.source_key, w.unit_id, s.reason, s.to_unit, 0 AS o
        FROM waiting.{child} w JOIN master.school_year y USING (school_year)
        JOIN step s ON s.unit_id = w.unit_id AND s.valid_from <= y.end_date
            AND s.connection_id IS DISTINCT FROM w.connection_id
        JOIN validated.{person} v ON v.connection_id = w.connection_id AND v.ref_key = w.{key}
        WHERE w.reason = 'parent' AND coalesce(w.status, '{active}') = '{active}'
        UNION ALL
        SELECT v.connection_id, v.source_key, p.unit_id, l.reason, NULL, 1
        FROM place p JOIN lost l USING (unit_id)
        JOIN validated.{person} v ON v.{person_id} = p.person_id
        WHERE v.claim_unit_id = p.unit_id OR EXISTS (SELECT FROM kin k WHERE k.unit_id = v.claim_unit_id
            AND k.other_id = p.unit_id AND k.connection_id = v.connection_id)
        UNION ALL
        SELECT v.connection_id, v.source_key, l.unit_id, l.reason, NULL, 2
        FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
        JOIN validated.{person} v ON v.{person_id} = l.{person_id} AND v.claim_unit_id = l.unit_id
        WHERE p.status = 'applied' AND l.decision = 'pending' AND l.kind = '{closing}' AND l.source LIKE 'decision:%'
    ) said ORDER BY connection_id, source_key, o, to_unit NULLS FIRST, reason
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
), left_kin AS (
    SELECT DISTINCT ON (v.connection_id, v.source_key) v.connection_id, v.source_key, b.is_pending, b.reason
    FROM kin k JOIN left_behind b ON b.unit_id = k.other_id
    JOIN validated.{person} v ON v.connection_id = k.connection_id AND v.claim_unit_id = k.unit_id
        AND v.{person_id} = b.person_id
    ORDER BY v.connection_id, v.source_key, b.is_pending DESC, b.unit_id
), {handed}, flag AS (
    -- The own place goes before that of a kin; where the whole unit goes on as another, it is a place there.
    SELECT p.connection_id, p.source_key,
           coalesce(CASE WHEN placed.person_id IS NOT NULL THEN coalesce(g.to_unit, placed.unit_id) END,
                    pk.unit_id, st.unit_id, g.to_unit, c0.unit_id) AS unit_id,
           CASE WHEN v.source_key IS NOT NULL THEN v.{person_id} END AS person_id,
           live.is_live,
           v.source_key IS NOT NULL AS was_admitted,
           coalesce(v.event = 'CANCEL' AND v.replaced_by IS NOT NULL, false) AS is_alias,
           coalesce(v.event = 'CANCEL', false) AS is_cancelled,
           q.source_key IS NOT NULL AS is_quarantined, q.failed_rules[1] AS rule,
           w.reason AS waits_for,
           placed.person_id IS NOT NULL OR pk.source_key IS NOT NULL AS is_placed,
           st.source_key IS NOT NULL AND placed.person_id IS NULL AND pk.source_key IS NULL AS is_stranded,
           st.reason AS stranded_reason,
           coalesce(b.is_pending, bk.is_pending, false) OR (h.unit_id IS NOT NULL AND cp.person_key IS NOT NULL)
             AS is_pending,
           CASE WHEN h.unit_id IS NOT NULL AND (cp.person_key IS NOT NULL OR NOT live.is_live)
                THEN 'handed over to ' || h.to_connection || ', which does not tell the person'
                ELSE coalesce(b.reason, bk.reason) END AS left_reason,
           -- Told by who answers now: the former word is over. Else, if it was never admitted, nobody mends it there.
           h.unit_id IS NOT NULL AND ht.source_key IS NOT NULL AND (live.is_live OR live.is_open) AS is_handed,
           h.unit_id IS NOT NULL AND ht.source_key IS NULL AND NOT live.is_live AND live.is_open AS is_untold,
           h.to_connection,
           iq.person_key IS NOT NULL AS place_quarantined,
           coalesce(iw.for_year, false) AS place_for_year, coalesce(iw.for_parent, false) AS place_for_parent,
           coalesce(iw.on_hold, false) AS place_on_hold,
           c.person_key IS NOT NULL AS is_claimed, cp.person_key IS NOT NULL AS gives_way
    FROM population p
    LEFT JOIN validated.{person} v USING (connection_id, source_key)
    LEFT JOIN quarantine.{person} q USING (connection_id, source_key)
    LEFT JOIN waiting.{person} w USING (connection_id, source_key)
    CROSS JOIN LATERAL (SELECT coalesce(v.claim_unit_id, q.claim_unit_id, w.claim_unit_id, p.landed_unit) AS unit_id) c0
    CROSS JOIN LATERAL (SELECT coalesce(v.is_present AND v.event <> 'CANCEL', false) AS is_live,
                               q.source_key IS NOT NULL OR w.source_key IS NOT NULL AS is_open) live
    LEFT JOIN step g ON g.unit_id = c0.unit_id AND g.is_standing AND g.is_whole AND g.connection_id = p.connection_id
    LEFT JOIN handed h ON h.unit_id = c0.unit_id AND h.connection_id = p.connection_id
    LEFT JOIN handed_told ht ON ht.connection_id = p.connection_id AND ht.source_key = p.source_key
    LEFT JOIN placed ON placed.person_id = v.{person_id} AND placed.unit_id = v.claim_unit_id
    LEFT JOIN placed_kin pk ON pk.connection_id = p.connection_id AND pk.source_key = p.source_key
    LEFT JOIN stranded st ON st.connection_id = p.connection_id AND st.source_key = p.source_key
    LEFT JOIN left_behind b ON b.person_id = v.{person_id} AND b.unit_id = v.claim_unit_id
    LEFT JOIN left_kin bk ON bk.connection_id = p.connection_id AND bk.source_key = p.source_key
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
               l.decision IN ('pending', 'promoted', 'retained', 'moved_in')
                 OR (l.decision = 'moved_out' AND NOT EXISTS (SELECT FROM placed c WHERE c.person_id = l.student_id
                                                              AND c.unit_id = l.other_unit_id)) AS is_pending,
               CASE WHEN l.decision IN ('promoted', 'retained', 'moved_in', 'moved_out')
                    THEN 'carried over, but the school reports no place'
                    WHEN l.decision = 'pending' THEN l.reason ELSE l.decision END AS reason, 0 AS o
        FROM rollover.plan_line l JOIN rollover.plan p USING (plan_id)
        LEFT JOIN validated.student v ON v.connection_id = l.connection_id AND v.ref_key = l.student_key
        WHERE p.status = 'applied' AND (l.kind = 'closing' OR l.kind = 'opening' AND l.decision = 'moved_in')
          AND coalesce(l.student_id, v.student_id) IS NOT NULL
        UNION ALL
        SELECT unit_id, student_id, false, CASE WHEN status = 'active' THEN 'ended' ELSE status END, 1
        FROM master.enrollment
    ) said ORDER BY unit_id, person_id, o, reason""",
    "staff": """
    SELECT DISTINCT ON (unit_id, staff_id) unit_id, staff_id AS person_id, false AS is_pending,
           CASE WHEN status = 'working' THEN 'not carried' ELSE status END AS reason
    FROM master.staff_assignment ORDER BY unit_id, staff_id, school_year DESC, is_primary DESC""",
}

_PERSONS = {
    "student": ("enrollment", "student_key", "student_id"),
    "staff": ("staff_assignment", "staff_key", "staff_id"),
}


def flags(person: str) -> str:
    """WITH clause that ends in `flag`, for students or staff."""
    child, key, person_id = _PERSONS[person]
    return _FLAGS.format(
        handed=HANDED.format(person=person, person_id=person_id).strip(),
        person=person, child=child, key=key, person_id=person_id, placed=_PLACED[person],
        left_behind=_LEFT_BEHIND[person], active="active" if person == "student" else "working",
        closing="closing" if person == "student" else "assignment",
    )  # fmt: skip

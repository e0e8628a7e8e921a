"""Posts in the new year: carried, ended, or moved with the unit that goes on.

rollover.snapshot_assignment, master.staff_assignment, ops.unit_successor -> rollover.plan_line, kind assignment

What the school shows of the new year wins: who holds the post there is not sent away by an event. Every post goes its
own way: who loses the main one keeps a second one that goes on (report/carry.py lists who has no main post anywhere).

What does not belong here: pupils (plan.py). Binds: `plans` (bigint[]), `from_year`, `to_year`.
"""

from edu_pipeline.rollover.claims import WITH, counts, fits

FLAGS = ("post_without_contract", "nobody_takes")

POSTS = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, staff_id, role, post_begin, other_unit_id, decision,
                                reason, flags, source, is_proposed)
{WITH}, contracted AS (
    SELECT DISTINCT n.unit_id FROM rollover.snapshot_assignment n JOIN plan p USING (unit_id)
    WHERE n.school_year = :from_year AND n.contract IS NOT NULL
), shown_post AS (
    SELECT w.unit_id, v.staff_id, w.role FROM waiting.staff_assignment w JOIN plan p USING (unit_id)
    JOIN validated.staff v ON v.connection_id = w.connection_id AND v.ref_key = w.staff_key AND v.is_present
        AND v.event <> 'CANCEL'
    WHERE w.school_year = :to_year AND coalesce(w.status, 'working') = 'working' AND w.end_date IS NULL
    UNION
    SELECT a.unit_id, a.staff_id, a.role FROM master.staff_assignment a JOIN plan p USING (unit_id)
    WHERE a.school_year = :to_year AND a.status = 'working' AND a.end_date IS NULL
)
SELECT DISTINCT ON (p.plan_id, n.staff_id, n.role) p.plan_id, n.unit_id, 'assignment/' || n.staff_id || '/' || n.role,
       'assignment', n.staff_id, n.role, n.begin_date, CASE WHEN works THEN s.to_unit END,
       CASE WHEN m.status <> 'working' THEN m.status WHEN NOT works THEN 'ended'
            WHEN is_bare THEN 'pending' WHEN s.from_unit IS NULL THEN 'carried'
            WHEN s.to_unit IS NULL THEN 'pending' ELSE 'moved_out' END,
       CASE WHEN is_bare THEN 'the post has no contract'
            WHEN works AND s.from_unit IS NOT NULL
              THEN s.told || '; ' || coalesce('goes on in unit ' || s.to_unit, 'no unit takes the person')
            WHEN works THEN 'works on the last day' ELSE 'left after the last day' END,
       array_remove(ARRAY[CASE WHEN is_bare THEN 'post_without_contract' END,
                          CASE WHEN works AND s.from_unit IS NOT NULL AND s.to_unit IS NULL
                               THEN 'nobody_takes' END], NULL),
       CASE WHEN works AND s.from_unit IS NOT NULL AND s.to_unit IS NULL THEN 'decision:' || s.decision
            ELSE coalesce(m.connection_id || ':' || m.source_key, 'snapshot') END, true
FROM rollover.snapshot_assignment n
JOIN plan p ON p.unit_id = n.unit_id
LEFT JOIN master.staff_assignment m ON (m.unit_id, m.school_year, m.staff_id, m.role, m.begin_date)
    = (n.unit_id, n.school_year, n.staff_id, n.role, n.begin_date)
LEFT JOIN contracted c ON c.unit_id = n.unit_id
JOIN master.school_year y ON y.school_year = :to_year
-- Who is told as working, but only to a day before the new year begins, has gone by then.
CROSS JOIN LATERAL (SELECT coalesce(m.status = 'working' AND coalesce(m.end_date, y.begin_date) >= y.begin_date, false)
                    AS works) w
-- Where a unit's system tells contracts at all, a post without one is not known to go on.
CROSS JOIN LATERAL (SELECT works AND coalesce(m.contract, n.contract) IS NULL AND c.unit_id IS NOT NULL
                    AS is_bare) b
LEFT JOIN LATERAL (SELECT class_code, grade_level FROM rollover.snapshot_class k
    WHERE k.unit_id = n.unit_id AND k.school_year = n.school_year AND k.homeroom_staff_id = n.staff_id
    ORDER BY class_code LIMIT 1) k ON true
LEFT JOIN shown_post h ON (h.unit_id, h.staff_id, h.role) = (n.unit_id, n.staff_id, n.role)
LEFT JOIN step s ON s.from_unit = n.unit_id AND h.unit_id IS NULL AND {fits(grade="k.grade_level", code="k.class_code")}
WHERE n.school_year = :from_year
ORDER BY p.plan_id, n.staff_id, n.role, works DESC, n.is_primary DESC, n.begin_date
"""

POSTS_IN = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, staff_id, role, post_begin, other_unit_id, decision,
                                reason, source, is_proposed)
SELECT p.plan_id, p.unit_id, c.line_key, 'assignment', c.staff_id, c.role, c.post_begin, c.unit_id, 'moved_in',
       c.reason, c.source, true
FROM rollover.plan_line c
JOIN rollover.plan p ON p.unit_id = c.other_unit_id AND p.plan_id = ANY(:plans)
JOIN rollover.plan o ON o.plan_id = c.plan_id AND o.from_year = p.from_year
    AND {counts("o")}
WHERE c.kind = 'assignment' AND c.decision = 'moved_out'
ON CONFLICT (plan_id, line_key) DO NOTHING
"""

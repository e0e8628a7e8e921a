"""The plan: one line for every person, class and post, with decision, reason and the claim it rests on.

snapshot, results, movements, waiting rows of the new year -> rollover.plan_line

What does not belong here: computing an outcome (schools decide, here it is read), writing the new year (apply.py).
Source: domain.md 4.1, 5.3. Binds: `plans` (bigint[]), `from_year`, `to_year`, `day` (last day of semester II).
"""

from sqlalchemy import TextClause, text

from edu_pipeline.rollover.claims import WITH, fits, renamed
from edu_pipeline.rollover.posts import POSTS, POSTS_IN

# Persons of the snapshot, and those that were open then and have been admitted since.
_CLOSING = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, connection_id, student_key, from_class,
                                from_grade, to_grade, other_unit_id, decision, reason, source, is_proposed)
{WITH}, person AS (
    SELECT p.plan_id, s.unit_id, s.student_id, NULL AS connection_id, NULL AS student_key, s.class_code, s.grade_level,
           s.connection_id || ':' || s.source_key AS source, NULL AS open_reason
    FROM rollover.snapshot_student s JOIN plan p USING (unit_id) WHERE s.school_year = :from_year
    UNION ALL
    SELECT p.plan_id, o.unit_id, coalesce(e.student_id, v.student_id), o.connection_id, o.student_key,
           CASE WHEN e.is_first THEN e.class_code END, CASE WHEN e.is_first THEN e.grade_level END,
           o.connection_id || ':' || o.student_key, o.reason
    FROM rollover.snapshot_open o JOIN plan p USING (unit_id)
    LEFT JOIN validated.student v ON v.connection_id = o.connection_id AND v.ref_key = o.student_key AND v.is_present
        AND v.event <> 'CANCEL'
    LEFT JOIN LATERAL (
        SELECT m.student_id, m.class_code, m.grade_level,
               -- Two keys of one person are two open cases and one place.
               NOT EXISTS (SELECT FROM rollover.snapshot_open t JOIN validated.student n
                           ON n.connection_id = t.connection_id AND n.ref_key = t.student_key AND n.is_present
                           WHERE t.unit_id = o.unit_id AND t.school_year = o.school_year AND n.event <> 'CANCEL'
                             AND n.student_id = m.student_id
                             AND (t.connection_id, t.student_key) < (o.connection_id, o.student_key)) AS is_first
        FROM master.enrollment m
        WHERE m.unit_id = o.unit_id AND m.school_year = :from_year AND m.student_id = v.student_id
          AND NOT EXISTS (SELECT FROM rollover.snapshot_student s WHERE s.unit_id = m.unit_id
                          AND s.school_year = m.school_year AND s.student_id = m.student_id)
        ORDER BY m.begin_date DESC LIMIT 1) e ON true
    WHERE o.school_year = :from_year
), moved AS (
    SELECT DISTINCT ON (e.unit_id, e.student_id) e.unit_id, e.student_id, e.status, e.end_date,
           e.connection_id || ':' || e.source_key AS source
    FROM master.enrollment e JOIN plan p USING (unit_id)
    WHERE e.school_year = :from_year AND e.kind = 'primary'
    ORDER BY e.unit_id, e.student_id, (e.status = 'active' AND e.end_date IS NULL) DESC, e.begin_date DESC
), outcome AS (
    SELECT DISTINCT ON (r.unit_id, r.student_id) r.unit_id, r.student_id, r.stage, r.outcome,
           r.connection_id || ':' || r.source_key AS source
    FROM master.result r JOIN plan p USING (unit_id)
    WHERE r.school_year = :from_year AND r.stage IN ('CN', 'HE') AND r.outcome IS NOT NULL
    ORDER BY r.unit_id, r.student_id, r.stage = 'HE' DESC
), decided AS (
    SELECT n.*, m.status AS moved_to, m.end_date AS moved_on, m.source AS moved_by, o.stage, o.outcome,
           o.source AS told_by, w.grade_level AS placed_grade, w.source AS placed_by, w.shown_in,
           w.class_code AS placed_class, l.following,
           CASE WHEN n.class_code IS NULL THEN 'pending'
                WHEN m.status <> 'active' THEN m.status
                WHEN o.outcome = 'promoted' AND NOT l.is_final THEN 'promoted'
                WHEN o.outcome = 'retained' THEN 'retained'
                WHEN o.outcome = 'completed' AND l.is_final THEN 'completed'
                WHEN o.outcome IS NOT NULL OR w.grade_level IS NULL THEN 'pending'
                WHEN w.grade_level = l.following THEN 'promoted'
                WHEN w.grade_level = n.grade_level THEN 'retained'
                WHEN l.is_final AND t.is_entrance AND t.level <> l.level THEN 'completed'
                ELSE 'pending' END AS decision
    FROM person n
    LEFT JOIN moved m USING (unit_id, student_id)
    LEFT JOIN outcome o USING (unit_id, student_id)
    LEFT JOIN shown w USING (unit_id, student_id)
    LEFT JOIN ladder l ON l.grade = n.grade_level
    LEFT JOIN ladder t ON t.grade = w.grade_level
)
SELECT plan_id, unit_id,
       'closing/' || CASE WHEN student_key IS NULL THEN student_id ELSE connection_id || '/' || student_key END,
       'closing', student_id, connection_id, student_key, class_code, grade_level,
       CASE WHEN moves AND to_unit IS NOT NULL THEN to_level END,
       CASE WHEN moves OR decision = 'pending' THEN to_unit END,
       CASE WHEN NOT moves THEN decision WHEN to_unit IS NULL THEN 'pending' ELSE 'moved_out' END,
       CASE WHEN moves THEN told || '; ' || coalesce('goes on in unit ' || to_unit, 'no unit takes the person')
              || ', outcome ' || decision
            WHEN class_code IS NULL THEN open_reason
            WHEN moved_to <> 'active' THEN 'left on ' || coalesce(moved_on::text, 'an unknown day')
            WHEN decision <> 'pending' AND outcome IS NOT NULL THEN 'reported outcome, stage ' || stage
            WHEN decision <> 'pending' THEN 'placement that the school shows'
            WHEN outcome = 'retest' THEN 'the result after summer is not reported'
            WHEN outcome IS NOT NULL THEN 'the reported outcome does not fit the grade'
            WHEN placed_grade IS NULL THEN 'neither outcome nor placement is reported'
            ELSE 'the placement does not follow the grade' END,
       CASE WHEN moves AND to_unit IS NULL THEN 'decision:' || by_decision
            WHEN class_code IS NULL THEN source WHEN moved_to <> 'active' THEN moved_by
            ELSE coalesce(told_by, placed_by, source) END,
       false
FROM (
    SELECT d.*, k.grade AS to_level, s.to_unit, s.told, s.decision AS by_decision,
           s.from_unit IS NOT NULL AND (d.decision IN ('promoted', 'retained')
               OR d.decision = 'pending' AND s.to_unit IS NULL AND d.class_code IS NOT NULL) AS moves
    FROM decided d
    CROSS JOIN LATERAL (SELECT d.class_code AS from_class, d.grade_level AS from_grade,
        CASE WHEN d.decision = 'promoted' THEN d.following ELSE d.grade_level END AS grade) c
    CROSS JOIN LATERAL (SELECT c.grade, coalesce(regexp_replace(d.placed_class, '@[0-9]{{8}}$', ''),
                                                 {renamed("c.grade")}) AS code) k
    LEFT JOIN LATERAL (
        SELECT s.from_unit, s.to_unit, s.told, s.decision FROM step s
        WHERE s.from_unit = d.unit_id AND CASE WHEN d.shown_in <> d.unit_id THEN s.to_unit = d.shown_in
            ELSE {fits(grade="k.grade", code="k.code")} END
        ORDER BY s.to_unit NULLS LAST LIMIT 1) s ON true
) followed
"""

_CARRIED = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, from_class, from_grade, to_class,
                                to_grade, decision, reason, source, is_proposed)
{WITH}
SELECT c.plan_id, c.unit_id, 'opening/' || c.student_id, 'opening', c.student_id, c.from_class, c.from_grade,
       CASE WHEN w.grade_level = k.grade THEN w.class_code ELSE {renamed("k.grade")} END, k.grade, c.decision,
       c.reason,
       CASE WHEN w.grade_level = k.grade THEN w.source ELSE c.source END,
       w.grade_level IS DISTINCT FROM k.grade
FROM rollover.plan_line c
JOIN plan p USING (plan_id)
JOIN ladder l ON l.grade = c.from_grade
CROSS JOIN LATERAL (SELECT CASE WHEN c.decision = 'retained' THEN c.from_grade ELSE l.following END AS grade) k
LEFT JOIN placement w ON w.unit_id = c.unit_id AND w.student_id = c.student_id
WHERE c.kind = 'closing' AND c.decision IN ('promoted', 'retained')
"""

# Who comes because of a unit event: out of another unit's closings, drafted with this plan or applied already.
_MOVED_IN = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, from_class, from_grade, to_class,
                                to_grade, other_unit_id, decision, reason, source, is_proposed)
{WITH}
SELECT p.plan_id, p.unit_id, 'opening/' || c.student_id, 'opening', c.student_id, c.from_class, c.from_grade,
       CASE WHEN w.grade_level = c.to_grade THEN w.class_code
            ELSE {renamed("c.to_grade")} || coalesce(s.class_suffix, '') END,
       c.to_grade, c.unit_id, 'moved_in', c.reason,
       CASE WHEN w.grade_level = c.to_grade THEN w.source ELSE c.source END, w.grade_level IS DISTINCT FROM c.to_grade
FROM rollover.plan_line c
JOIN plan p ON p.unit_id = c.other_unit_id
JOIN rollover.plan o ON o.plan_id = c.plan_id AND o.from_year = :from_year
    AND (o.plan_id = ANY(:plans) OR o.status = 'applied')
LEFT JOIN (SELECT from_unit, to_unit, max(class_suffix) AS class_suffix FROM step GROUP BY 1, 2) s
    ON s.from_unit = c.unit_id AND s.to_unit = c.other_unit_id
LEFT JOIN placement w ON w.unit_id = p.unit_id AND w.student_id = c.student_id
WHERE c.kind = 'closing' AND c.decision = 'moved_out'
ON CONFLICT (plan_id, line_key) DO NOTHING
"""

# Who comes: shown by the unit for the new year, and not carried over by it. One person in two places enters neither
# by the plan; both schools keep what they report, and the person is listed.
_ARRIVING = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, to_class, to_grade, decision, reason,
                                source, is_proposed)
{WITH}, arriving AS (
    SELECT p.plan_id, w.*, count(*) OVER (PARTITION BY w.student_id) AS claims
    FROM placement w JOIN plan p USING (unit_id)
    WHERE NOT EXISTS (SELECT FROM rollover.plan_line c WHERE c.plan_id = p.plan_id AND c.student_id = w.student_id
                      AND (c.kind = 'closing' AND c.decision IN ('promoted', 'retained', 'pending')
                           OR c.kind = 'opening'))
      AND NOT EXISTS (SELECT FROM rollover.plan_line c JOIN rollover.plan o ON o.plan_id = c.plan_id
                      WHERE c.other_unit_id = w.unit_id AND c.student_id = w.student_id AND c.kind = 'closing'
                        AND c.decision = 'pending' AND o.from_year = :from_year
                        AND (o.plan_id = ANY(:plans) OR o.status = 'applied'))
), known AS (
    SELECT a.*, l.level, l.is_entrance,
           EXISTS (SELECT FROM rollover.plan_line o JOIN rollover.plan op USING (plan_id)
                   WHERE o.student_id = a.student_id AND o.kind = 'opening' AND o.unit_id <> a.unit_id
                     AND o.decision <> 'pending' AND op.from_year = :from_year
                     AND op.status IN ('draft', 'checked', 'applied')) AS is_elsewhere,
           EXISTS (SELECT FROM master.enrollment e WHERE e.unit_id = a.unit_id AND e.school_year = :from_year
                   AND e.student_id = a.student_id AND e.status = 'on_leave') AS was_on_leave,
           EXISTS (SELECT FROM master.enrollment e JOIN ladder g ON g.grade = e.grade_level
                   WHERE e.school_year = :from_year AND e.student_id = a.student_id
                     AND g.level = l.level) AS was_in_level
    FROM arriving a LEFT JOIN ladder l ON l.grade = a.grade_level
)
SELECT plan_id, unit_id, 'opening/' || student_id, 'opening', student_id, class_code, grade_level,
       CASE WHEN is_elsewhere OR claims > 1 THEN 'pending' WHEN was_on_leave THEN 'returned'
            WHEN is_entrance AND NOT was_in_level THEN 'intake' ELSE 'accepted' END,
       CASE WHEN is_elsewhere OR claims > 1 THEN 'another unit claims the pupil too'
            ELSE 'placement that the school shows' END,
       source, false
FROM known
"""

_CLASSES = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, to_class, to_grade, to_name, decision, reason, source,
                                is_proposed)
{WITH}
SELECT DISTINCT ON (o.plan_id, o.to_class, o.to_grade) o.plan_id, o.unit_id,
       'class/' || o.to_class || '/' || o.to_grade, 'class', o.to_class, o.to_grade,
       coalesce(w.name, replace(s.name, o.from_class, o.to_class), o.to_class),
       CASE WHEN o.is_proposed THEN 'proposed' ELSE 'reported' END,
       CASE WHEN o.is_proposed THEN 'named after ' || o.from_class ELSE 'class that the school shows' END,
       coalesce(w.connection_id || ':' || w.source_key, 'snapshot:' || coalesce(o.from_class, o.to_class)),
       o.is_proposed
FROM rollover.plan_line o
JOIN plan p USING (plan_id)
LEFT JOIN waiting.school_class w ON w.unit_id = o.unit_id AND w.school_year = :to_year AND w.class_code = o.to_class
LEFT JOIN rollover.snapshot_class s ON s.unit_id = coalesce(o.other_unit_id, o.unit_id) AND s.school_year = :from_year
    AND s.class_code = o.from_class
WHERE o.kind = 'opening' AND o.decision <> 'pending'
ORDER BY o.plan_id, o.to_class, o.to_grade, o.is_proposed, o.from_class
"""

# The hash says what a plan decides, not when it was written: the same inputs give the same hash.
_SAID = ("line_key", "kind", "student_id", "staff_id", "connection_id", "student_key", "from_class", "from_grade",
         "to_class", "to_grade", "to_name", "role", "other_unit_id", "decision", "reason", "source",
         "is_proposed")  # fmt: skip
_LINES = f"string_agg(jsonb_build_array({', '.join(_SAID)})::text, E'\\n' ORDER BY line_key)"

HASHES = f"""
SELECT plan_id, encode(sha256(convert_to({_LINES}, 'UTF8')), 'hex') AS hash
FROM rollover.plan_line WHERE plan_id = ANY(:plans) GROUP BY plan_id"""

# Former plans that say the same as a draft, and whose lines are still those that were hashed.
SAME = f"""
SELECT d.plan_id AS draft, o.plan_id AS former FROM rollover.plan d
JOIN rollover.plan o ON o.unit_id = d.unit_id AND o.from_year = d.from_year AND o.hash = d.hash
    AND o.status IN ('checked', 'refused')
WHERE d.plan_id = ANY(:plans)
  AND o.hash = (SELECT encode(sha256(convert_to({_LINES}, 'UTF8')), 'hex') FROM rollover.plan_line l
                WHERE l.plan_id = o.plan_id)"""

_HASH = f"UPDATE rollover.plan p SET hash = h.hash FROM ({HASHES}) h WHERE p.plan_id = h.plan_id"


def statements() -> list[TextClause]:
    """Statements that write all lines of draft plans, in order: closings first, the others lean on them."""
    return [text(part) for part in (_CLOSING, _CARRIED, _MOVED_IN, _ARRIVING, _CLASSES, POSTS, POSTS_IN, _HASH)]

"""Who is where in the new year: carried on, moved in by a unit event, arriving; and the classes that they sit in.

closing lines, shown places, transfers, admission lists -> rollover.plan_line, kinds opening, expected and class

What does not belong here: how a year closes (closing.py), posts (posts.py). Binds: `plans` (bigint[]), `from_year`,
`to_year`; of CLASSES also `homeroom` (text[]): units in which a teacher goes on with a class.
"""

from edu_pipeline.rollover.claims import EVIDENCE, WITH, counts

# What a line of these kinds may be flagged with (contracts/words.py says it).
FLAGS = ("double_claim", "claimed_elsewhere", "acceptance_unproven", "intake_unlisted", "listed_not_shown",
         "no_homeroom_teacher")  # fmt: skip

# Of whom somebody decided that he has left, the unit's own place says nothing against it.
_LEFT = "('transferred_out', 'withdrawn', 'on_leave')"

CARRIED = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, from_class, from_grade, to_class,
                                to_grade, decision, reason, rule, source, is_proposed)
{WITH}
SELECT c.plan_id, c.unit_id, 'opening/' || c.student_id, 'opening', c.student_id, c.from_class, c.from_grade,
       c.to_class, c.to_grade, c.decision, c.reason, c.rule,
       CASE WHEN (w.class_code, w.grade_level) = (c.to_class, c.to_grade) THEN w.source ELSE c.source END, c.is_proposed
FROM rollover.plan_line c
JOIN plan p USING (plan_id)
LEFT JOIN placement w ON w.unit_id = c.unit_id AND w.student_id = c.student_id
WHERE c.kind = 'closing' AND c.decision IN ('promoted', 'retained')
"""

# Who comes because of a unit event: out of another unit's closings, drafted with this plan or applied already.
MOVED_IN = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, from_class, from_grade, to_class,
                                to_grade, other_unit_id, decision, reason, rule, source, is_proposed)
{WITH}
SELECT p.plan_id, p.unit_id, 'opening/' || c.student_id, 'opening', c.student_id, c.from_class, c.from_grade,
       c.to_class, c.to_grade, c.unit_id, 'moved_in', c.reason, c.rule,
       CASE WHEN (w.class_code, w.grade_level) = (c.to_class, c.to_grade) THEN w.source ELSE c.source END, c.is_proposed
FROM rollover.plan_line c
JOIN plan p ON p.unit_id = c.other_unit_id
JOIN rollover.plan o ON o.plan_id = c.plan_id AND o.from_year = :from_year
    AND {counts("o")}
LEFT JOIN placement w ON w.unit_id = p.unit_id AND w.student_id = c.student_id
WHERE c.kind = 'closing' AND c.decision = 'moved_out'
ON CONFLICT (plan_id, line_key) DO NOTHING
"""

# Who comes: shown by the unit for the new year, and not carried over by it. One person in two places enters neither
# by the plan: the place that was confirmed last stays, both schools keep what they report, and the person is listed.
# Of whom another unit does not know yet how the year closes, it has not let go.
ARRIVING = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, to_class, to_grade, other_unit_id,
                                decision, reason, flags, source, is_proposed)
{WITH}, {EVIDENCE}, arriving AS (
    SELECT p.plan_id, w.*, count(*) OVER (PARTITION BY w.student_id) AS claims
    FROM placement w JOIN plan p USING (unit_id)
    WHERE NOT EXISTS (SELECT FROM rollover.plan_line c WHERE c.plan_id = p.plan_id AND c.student_id = w.student_id
                      AND (c.kind = 'closing' AND c.decision IN ('promoted', 'retained', 'pending')
                           OR c.kind = 'closing' AND c.decision IN {_LEFT} AND c.source LIKE 'override:%'
                           OR c.kind = 'opening'))
      AND NOT EXISTS (SELECT FROM rollover.plan_line c JOIN rollover.plan o ON o.plan_id = c.plan_id
                      WHERE c.other_unit_id = w.unit_id AND c.student_id = w.student_id AND c.kind = 'closing'
                        AND c.decision = 'pending' AND o.from_year = :from_year
                        AND {counts("o")})
), known AS (
    SELECT a.*, l.level, l.is_entrance, t.from_unit_id, t.source AS accepted_by, i.source AS listed_by,
           EXISTS (SELECT FROM listed k WHERE (k.unit_id, k.grade_level) = (a.unit_id, a.grade_level)) AS has_list,
           EXISTS (SELECT FROM rollover.plan_line o JOIN rollover.plan op USING (plan_id)
                   WHERE o.student_id = a.student_id AND o.unit_id <> a.unit_id
                     AND (o.kind, o.decision = 'pending') IN (('opening', false), ('closing', true))
                     AND op.from_year = :from_year
                     AND ({counts("op")} OR op.status = 'checked' AND NOT EXISTS (
                         SELECT FROM plan d WHERE d.unit_id = op.unit_id))) AS is_elsewhere,
           EXISTS (SELECT FROM master.enrollment e WHERE e.school_year = :from_year AND e.student_id = a.student_id
                   AND e.status = 'on_leave' AND (e.unit_id = a.unit_id OR EXISTS (
                       SELECT FROM step s WHERE (s.from_unit, s.to_unit) = (e.unit_id, a.unit_id)))) AS was_on_leave,
           EXISTS (SELECT FROM master.enrollment e JOIN ladder g ON g.grade = e.grade_level
                   WHERE e.school_year = :from_year AND e.student_id = a.student_id
                     AND g.level = l.level) AS was_in_level
    FROM arriving a LEFT JOIN ladder l ON l.grade = a.grade_level
    LEFT JOIN accepted t ON (t.unit_id, t.student_id) = (a.unit_id, a.student_id)
    LEFT JOIN listed i ON (i.unit_id, i.student_id) = (a.unit_id, a.student_id) AND i.grade_level = a.grade_level
), decided AS (
    SELECT k.*, CASE WHEN is_elsewhere OR claims > 1 THEN 'pending' WHEN was_on_leave THEN 'returned'
                     -- A pupil may come by a transfer into the first grade of a level, too.
                     WHEN is_entrance AND NOT was_in_level AND (accepted_by IS NULL OR listed_by IS NOT NULL)
                         THEN 'intake' ELSE 'accepted' END AS decision
    FROM known k
)
SELECT plan_id, unit_id, 'opening/' || student_id, 'opening', student_id, class_code, grade_level,
       CASE WHEN decision = 'accepted' THEN from_unit_id END, decision,
       CASE decision WHEN 'pending' THEN 'another unit claims the pupil too'
            ELSE 'placement that the school shows' || CASE
                WHEN decision = 'accepted' AND accepted_by IS NOT NULL
                    THEN ', accepted from ' || coalesce('unit ' || from_unit_id, 'another province')
                WHEN decision = 'intake' AND listed_by IS NOT NULL THEN ', on the admission list' ELSE '' END END,
       array_remove(ARRAY[CASE WHEN decision = 'pending' THEN 'double_claim' END,
                          CASE WHEN decision = 'accepted' AND accepted_by IS NULL THEN 'acceptance_unproven' END,
                          CASE WHEN decision = 'intake' AND has_list AND listed_by IS NULL THEN 'intake_unlisted' END],
                    NULL),
       CASE decision WHEN 'accepted' THEN coalesce(accepted_by, source) WHEN 'intake' THEN coalesce(listed_by, source)
            ELSE source END, false
FROM decided
"""

# The head of the unit where the pupil stays is told of the other claim, too.
CLAIMED = """
UPDATE rollover.plan_line o SET flags = o.flags || ARRAY['claimed_elsewhere']
FROM (SELECT DISTINCT c.student_id, c.unit_id FROM rollover.plan_line c
      WHERE c.plan_id = ANY(:plans) AND c.kind = 'opening' AND 'double_claim' = ANY(c.flags)) claim
WHERE o.plan_id = ANY(:plans) AND (o.kind, o.decision = 'pending') IN (('opening', false), ('closing', true))
  AND o.student_id = claim.student_id AND o.unit_id <> claim.unit_id AND NOT 'claimed_elsewhere' = ANY(o.flags)"""

# Who is on an admission list and shown by no unit yet: nobody's place, and not forgotten.
EXPECTED = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, to_grade, decision, reason, flags, source,
                                is_proposed)
{WITH}, {EVIDENCE}
SELECT p.plan_id, i.unit_id, 'expected/' || i.student_id, 'expected', i.student_id, i.grade_level, 'intake',
       'on the admission list, shown by no unit', ARRAY['listed_not_shown'], i.source, false
FROM listed i JOIN plan p USING (unit_id)
WHERE NOT EXISTS (SELECT FROM rollover.plan_line o JOIN rollover.plan op USING (plan_id)
                  WHERE o.student_id = i.student_id AND o.kind = 'opening' AND op.from_year = :from_year
                    AND op.status IN ('draft', 'checked', 'applied'))
  AND NOT EXISTS (SELECT FROM master.enrollment e WHERE e.student_id = i.student_id AND e.school_year = :to_year)
"""

# A class that the school shows has the teacher that it shows. A renamed one keeps the teacher of the one class that its
# pupils went up from, where the policy says so and the teacher's post in the unit goes on; of a class that is split the
# larger part does, and nobody leads two. Else the gap is listed.
CLASSES = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, from_class, to_class, to_grade, to_name, decision,
                                reason, homeroom_staff_id, flags, source, is_proposed)
{WITH}, part AS (
    SELECT o.plan_id, o.unit_id, o.other_unit_id, o.from_class, o.to_class, o.to_grade,
           coalesce(o.from_grade = o.to_grade, true) AS is_joined, count(*) AS pupils,
           bool_and(o.is_proposed) AS is_proposed
    FROM rollover.plan_line o JOIN plan p USING (plan_id)
    WHERE o.kind = 'opening' AND o.decision <> 'pending' GROUP BY 1, 2, 3, 4, 5, 6, 7
), seat AS (
    SELECT DISTINCT ON (plan_id, to_class, to_grade) plan_id, unit_id, other_unit_id, from_class, to_class, to_grade,
           pupils, bool_and(is_proposed) OVER whole AS is_proposed,
           NOT is_joined AND count(*) FILTER (WHERE NOT is_joined) OVER whole = 1 AS is_one
    FROM part WINDOW whole AS (PARTITION BY plan_id, to_class, to_grade)
    ORDER BY plan_id, to_class, to_grade, from_class IS NULL, is_joined, pupils DESC, from_class, other_unit_id
), class_shown AS (
    SELECT DISTINCT ON (unit_id, class_code) * FROM (
        SELECT w.unit_id, w.class_code, w.name, v.staff_id, w.connection_id || ':' || w.source_key AS source
        FROM waiting.school_class w JOIN plan p USING (unit_id)
        LEFT JOIN validated.staff v ON v.connection_id = w.connection_id AND v.ref_key = w.homeroom_key
            AND v.is_present AND v.event <> 'CANCEL'
        WHERE w.school_year = :to_year
        UNION ALL
        SELECT m.unit_id, m.class_code, m.name, m.homeroom_staff_id, m.connection_id || ':' || m.source_key
        FROM master.school_class m JOIN plan p USING (unit_id) WHERE m.school_year = :to_year
    ) told ORDER BY unit_id, class_code, source
), lead AS (
    SELECT DISTINCT ON (o.plan_id, s.homeroom_staff_id) o.plan_id, o.to_class, o.to_grade,
           s.homeroom_staff_id AS staff_id
    FROM seat o
    JOIN rollover.snapshot_class s ON s.unit_id = coalesce(o.other_unit_id, o.unit_id) AND s.school_year = :from_year
        AND s.class_code = o.from_class
    JOIN rollover.plan_line k ON k.plan_id = o.plan_id AND k.kind = 'assignment' AND k.staff_id = s.homeroom_staff_id
        AND k.decision IN ('carried', 'moved_in')
    WHERE o.is_one AND o.is_proposed AND o.unit_id = ANY(CAST(:homeroom AS text[]))
      AND NOT EXISTS (SELECT FROM class_shown w WHERE w.unit_id = o.unit_id AND w.staff_id = s.homeroom_staff_id)
    ORDER BY o.plan_id, s.homeroom_staff_id, o.pupils DESC, o.to_class
)
SELECT o.plan_id, o.unit_id, 'class/' || o.to_class || '/' || o.to_grade, 'class', o.from_class, o.to_class, o.to_grade,
       coalesce(w.name, replace(s.name, o.from_class, o.to_class), o.to_class),
       CASE WHEN o.is_proposed THEN 'proposed' ELSE 'reported' END,
       CASE WHEN o.is_proposed THEN 'named after ' || o.from_class ELSE 'class that the school shows' END,
       t.staff_id, CASE WHEN t.staff_id IS NULL THEN ARRAY['no_homeroom_teacher'] ELSE '{{}}' END,
       coalesce(w.source, 'snapshot:' || coalesce(o.from_class, o.to_class)), o.is_proposed
FROM seat o
LEFT JOIN class_shown w ON (w.unit_id, w.class_code) = (o.unit_id, o.to_class)
LEFT JOIN rollover.snapshot_class s ON s.unit_id = coalesce(o.other_unit_id, o.unit_id) AND s.school_year = :from_year
    AND s.class_code = o.from_class
LEFT JOIN lead h USING (plan_id, to_class, to_grade)
CROSS JOIN LATERAL (SELECT coalesce(w.staff_id, h.staff_id) AS staff_id) t
"""

"""How each pupil's year closes: three witnesses, what a person decided, and where the pupil goes on.

snapshot, results, regulation, shown places, transfers, overrides -> rollover.plan_line, kind closing

The witnesses: the school's reported decision, what the regulation makes of the results, the place that the school's
system shows for the new year. They decide where they agree; where they do not, the pupil stays behind and is listed,
unless the school's word and its own place stand together against the computed rule: then they hold, and are listed.
A reported class wins over a renamed one.

What does not belong here: the regulations (regulation/, witness.py), the new year's lines (opening.py, posts.py).
Source: domain.md 4.1, 5.3. Binds: `plans` (bigint[]), `from_year`, `to_year`, `lenient` (text[]: units that read
TT 22/2021, art. 14, so).
"""

from edu_pipeline.contracts.memory import FOLLOWED
from edu_pipeline.rollover.claims import EVIDENCE, WITH, fits
from edu_pipeline.rollover.naming import HEIR, PROBLEMS
from edu_pipeline.rollover.witness import relation

DECISIONS = ("promoted", "retained", "completed", "transferred_out", "withdrawn", "on_leave", "pending")

# Each step's expressions lean on the former's several times: pulled up into one query they would be computed for every
# mention, which grows with the power of the steps.
FENCE = "OFFSET 0"

# Persons of the snapshot, and those that were open then and have been admitted since, by another code of the school's
# where it has replaced the one that it used then.
_PERSON = """
open AS (
    SELECT p.plan_id, o.*, coalesce(k.ref_key, o.student_key) AS called
    FROM rollover.snapshot_open o JOIN plan p USING (unit_id)
    LEFT JOIN validated.student t ON t.connection_id = o.connection_id AND t.ref_key = o.student_key
        AND t.event = 'CANCEL'
    LEFT JOIN validated.student k ON (k.connection_id, k.source_key) = (t.connection_id, t.replaced_by)
    WHERE o.school_year = :from_year
), person AS (
    SELECT p.plan_id, s.unit_id, s.student_id, NULL AS connection_id, NULL AS student_key, s.class_code, s.grade_level,
           s.connection_id || ':' || s.source_key AS source, NULL AS open_reason
    FROM rollover.snapshot_student s JOIN plan p USING (unit_id) WHERE s.school_year = :from_year
    UNION ALL
    SELECT o.plan_id, o.unit_id, coalesce(e.student_id, v.student_id), o.connection_id, o.student_key,
           CASE WHEN e.is_first THEN e.class_code END, CASE WHEN e.is_first THEN e.grade_level END,
           o.connection_id || ':' || o.student_key, o.reason
    FROM open o
    LEFT JOIN validated.student v ON v.connection_id = o.connection_id AND v.ref_key = o.called AND v.is_present
        AND v.event <> 'CANCEL'
    LEFT JOIN LATERAL (
        SELECT m.student_id, m.class_code, m.grade_level,
               -- Two keys of one person are two open cases and one place.
               NOT EXISTS (SELECT FROM open t JOIN validated.student n
                           ON n.connection_id = t.connection_id AND n.ref_key = t.called AND n.is_present
                           WHERE t.unit_id = o.unit_id AND n.event <> 'CANCEL'
                             AND n.student_id = m.student_id
                             AND (t.connection_id, t.student_key) < (o.connection_id, o.student_key)) AS is_first
        FROM master.enrollment m
        WHERE m.unit_id = o.unit_id AND m.school_year = :from_year AND m.student_id = v.student_id
          AND NOT EXISTS (SELECT FROM rollover.snapshot_student s WHERE s.unit_id = m.unit_id
                          AND s.school_year = m.school_year AND s.student_id = m.student_id)
        ORDER BY m.begin_date DESC LIMIT 1) e ON true
)"""

# A place that ended with the year has not been left: a code that closes the year is no transfer.
_WENT = """CASE WHEN e.detailed_status IN ('completed_level', 'graduated') THEN 'active' ELSE e.status END"""

# Who was admitted since the closing is judged by the regulation like everybody.
_JUDGED = """(SELECT unit_id, CAST(:from_year AS int) AS school_year, student_id, class_code, grade_level
              FROM person WHERE class_code IS NOT NULL)"""

# What each source says: of the place that ended, of the year, of the year before.
_SAID = f"""
moved AS (
    SELECT DISTINCT ON (e.unit_id, e.student_id) e.unit_id, e.student_id, {_WENT} AS status, e.end_date,
           e.connection_id || ':' || e.source_key AS source
    FROM master.enrollment e JOIN plan p USING (unit_id)
    WHERE e.school_year = :from_year AND e.kind = 'primary'
    ORDER BY e.unit_id, e.student_id, ({_WENT} = 'active' AND e.end_date IS NULL) DESC, e.begin_date DESC
), outcome AS (
    SELECT DISTINCT ON (r.unit_id, r.student_id) r.unit_id, r.student_id, r.stage, r.outcome,
           r.connection_id || ':' || r.source_key AS source
    FROM master.result r JOIN plan p USING (unit_id)
    WHERE r.school_year = :from_year AND r.stage IN ('CN', 'HE') AND r.outcome IS NOT NULL
    ORDER BY r.unit_id, r.student_id, r.stage = 'HE' DESC
), repeating AS (
    SELECT DISTINCT e.student_id, e.grade_level FROM master.enrollment e
    WHERE e.school_year = :from_year - 1 AND e.kind = 'primary'
    UNION
    SELECT y.student_id, e.grade_level FROM master.student_year y
    JOIN master.enrollment e USING (unit_id, school_year, student_id)
    WHERE y.school_year = :from_year AND y.was_retained
), override AS (
    SELECT o.* FROM rollover.override o JOIN plan p USING (unit_id)
    WHERE o.from_year = :from_year AND o.withdrawn_at IS NULL
), ruled AS (
    SELECT unit_id, student_id, regulation || ', ' || article AS rule, decision, may_differ, why, is_level_different
    FROM ({relation("CASE WHEN n.unit_id = ANY(:lenient) THEN 'lenient' ELSE 'strict' END", _JUDGED)}) r
)"""

_WITNESSES = f"""
witnessed AS (
    SELECT n.*, m.status AS moved_to, m.end_date AS moved_on, m.source AS moved_by, o.stage, o.source AS told_by,
           o.outcome, c.rule, c.decision AS ruled, coalesce(c.may_differ, false) AS may_differ,
           c.why, c.is_level_different, w.shown_in, w.class_code AS placed_class,
           w.grade_level AS placed_grade, w.source AS placed_by, l.following, v.override_id,
           v.decision AS overridden, v.to_class AS override_class,
           CASE WHEN o.outcome = 'promoted' AND NOT l.is_final THEN 'promoted'
                WHEN o.outcome = 'retained' THEN 'retained'
                WHEN o.outcome = 'completed' AND l.is_final THEN 'completed'
                WHEN o.outcome = 'retest' THEN 'pending'
                WHEN o.outcome IS NOT NULL THEN 'unfit' END AS reported,
           CASE WHEN w.grade_level = l.following THEN 'promoted'
                WHEN w.grade_level = n.grade_level THEN 'retained'
                WHEN l.is_final AND t.is_entrance AND t.level <> l.level THEN 'completed'
                WHEN w.grade_level IS NOT NULL THEN 'unfit' END AS placed,
           y.student_id IS NOT NULL AS was_retained, g.to_unit_id AS goes_to, g.status AS released,
           g.source AS released_by, g.acceptances
    FROM person n
    LEFT JOIN moved m USING (unit_id, student_id)
    LEFT JOIN outcome o USING (unit_id, student_id)
    LEFT JOIN ruled c USING (unit_id, student_id)
    LEFT JOIN shown w USING (unit_id, student_id)
    LEFT JOIN override v USING (unit_id, student_id)
    LEFT JOIN repeating y ON (y.student_id, y.grade_level) = (n.student_id, n.grade_level)
    LEFT JOIN released g ON (g.unit_id, g.student_id) = (n.unit_id, n.student_id)
    LEFT JOIN ladder l ON l.grade = n.grade_level
    LEFT JOIN ladder t ON t.grade = w.grade_level {FENCE}
), against AS (
    -- Who has not passed the year and comes to no retest stays down: that is not against the rule.
    SELECT w.*, coalesce(NOT may_differ AND ruled <> coalesce(reported, placed)
                         AND NOT (ruled = 'pending' AND coalesce(reported, placed) = 'retained'), false)
               AS is_against_rule
    FROM witnessed w {FENCE}
), weighed AS (
    SELECT w.*, CASE WHEN reported IN ('pending', 'unfit') THEN false
                     WHEN reported IS NULL THEN is_against_rule
                     ELSE coalesce(placed <> reported, is_against_rule) END AS is_disputed
    FROM against w {FENCE}
), decided AS (
    SELECT w.*,
           CASE WHEN overridden IS NOT NULL THEN overridden
                WHEN class_code IS NULL THEN 'pending'
                WHEN moved_to <> 'active' THEN moved_to
                WHEN is_disputed OR 'unfit' IN (reported, placed) THEN 'pending'
                WHEN reported IS NULL AND may_differ AND placed IS NOT NULL THEN placed
                ELSE coalesce(reported, ruled, placed, 'pending') END AS decision
    FROM weighed w {FENCE}
)"""

# The class where the pupil goes on: what a person said, what the school shows, else the former one's name a grade on.
_SEATED = f"""
seated AS (
    SELECT d.*, g.grade, h.to_class AS heir_class, h.problem, s.to_unit, s.told, s.class_suffix,
           s.decision AS by_decision,
           s.from_unit IS NOT NULL AND (d.decision IN ('promoted', 'retained')
               OR d.decision = 'pending' AND s.to_unit IS NULL AND d.class_code IS NOT NULL) AS moves
    FROM decided d
    CROSS JOIN LATERAL (SELECT CASE WHEN d.decision = 'promoted' THEN d.following ELSE d.grade_level END AS grade) g
    LEFT JOIN heir h ON (h.unit_id, h.class_code, h.grade_level, h.to_grade)
        = (d.unit_id, d.class_code, d.grade_level, g.grade)
    CROSS JOIN LATERAL (SELECT g.grade, coalesce(regexp_replace(d.placed_class, '{FOLLOWED}', ''), h.to_class)
        AS code) k
    LEFT JOIN LATERAL (
        SELECT s.from_unit, s.to_unit, s.told, s.decision, s.class_suffix FROM step s
        WHERE s.from_unit = d.unit_id AND CASE WHEN d.shown_in <> d.unit_id THEN s.to_unit = d.shown_in
            ELSE {fits(grade="k.grade", code="k.code")} END
        ORDER BY s.to_unit NULLS LAST LIMIT 1) s ON true {FENCE}
), known AS (
    SELECT s.*, coalesce(override_class, CASE WHEN placed_grade = grade AND (NOT moves OR shown_in <> unit_id)
                                              THEN placed_class END) AS known_class
    FROM seated s {FENCE}
), final AS (
    SELECT k.*, coalesce(known_class, heir_class || CASE WHEN moves THEN coalesce(class_suffix, '') ELSE '' END)
                    AS to_class,
           decision IN ('promoted', 'retained') AND known_class IS NULL
               AND problem IS NOT NULL AND (problem = 'class_unreadable' OR NOT moves) AS is_unseated,
           override_id IS NULL AND class_code IS NOT NULL AND coalesce(moved_to, 'active') = 'active' AS is_weighed
    FROM known k {FENCE}
)"""

_PROBLEM = "CASE problem " + " ".join(f"WHEN '{code}' THEN '{said}'" for code, said in PROBLEMS.items()) + " END"

# flag -> how the reason begins for which the closing snapshot knew the pupil and not the place
_OPEN = {"quarantined": "quarantined:", "waiting": "waiting:", "held": "held:", "not_told": "handed over to "}

# flag -> when it is set; a line may have several (contracts/words.py says them)
FLAGS: dict[str, str] = {
    **{code: f"is_unseated AND problem = '{code}'" for code in PROBLEMS},
    **{code: f"class_code IS NULL AND open_reason LIKE '{said}%'" for code, said in _OPEN.items()},
    "place_gone": "class_code IS NOT NULL AND moved_to IS NULL",
    "override": "override_id IS NOT NULL",
    "witnesses_disagree": "is_weighed AND is_disputed",
    "outcome_unfit": "is_weighed AND reported = 'unfit'",
    "placement_unfit": "is_weighed AND NOT is_disputed AND reported IS DISTINCT FROM 'unfit' AND placed = 'unfit'",
    "against_rule": "is_weighed AND NOT is_disputed AND reported <> 'unfit' AND is_against_rule",
    "retest_awaited": "is_weighed AND decision = 'pending' AND 'pending' IN (reported, ruled)",
    "nothing_reported": "is_weighed AND decision = 'pending' AND coalesce(reported, ruled, placed) IS NULL",
    "level_differs": "is_weighed AND is_level_different",
    "rule_noted": "is_weighed AND why IS NOT NULL AND NOT coalesce(is_level_different, false)",
    "release_unproven": "is_released AND released IS NULL",
    "in_transit": "is_released AND released = 'released' AND goes_to IS NOT NULL",
    "double_claim": "is_released AND acceptances > 1",
    "second_retention": "decision = 'retained' AND was_retained",
    "nobody_takes": "moves AND to_unit IS NULL",
}
_SET = ", ".join(f"CASE WHEN {condition} THEN '{code}' END" for code, condition in FLAGS.items())
_FLAGS = f"array_remove(ARRAY[{_SET}], NULL)"

CLOSING = f"""
INSERT INTO rollover.plan_line (plan_id, unit_id, line_key, kind, student_id, connection_id, student_key, from_class,
                                from_grade, to_class, to_grade, other_unit_id, decision, reason, rule, reported, ruled,
                                placed, flags, source, is_proposed)
{WITH}, {EVIDENCE}, {_PERSON}, {HEIR}, {_SAID}, {_WITNESSES}, {_SEATED}
SELECT plan_id, unit_id,
       'closing/' || CASE WHEN student_key IS NULL THEN student_id ELSE connection_id || '/' || student_key END,
       'closing', student_id, connection_id, student_key, class_code, grade_level,
       CASE WHEN goes_on THEN to_class END, CASE WHEN goes_on THEN grade END,
       CASE WHEN moves OR decision = 'pending' THEN to_unit WHEN is_released THEN goes_to END,
       CASE WHEN is_unseated OR moves AND to_unit IS NULL THEN 'pending' WHEN moves THEN 'moved_out' ELSE decision END,
       CASE WHEN is_unseated THEN {_PROBLEM}
            WHEN moves THEN told || '; ' || coalesce('goes on in unit ' || to_unit, 'no unit takes the person')
              || ', outcome ' || decision
            WHEN override_id IS NOT NULL THEN 'decided by override ' || override_id
            WHEN class_code IS NULL THEN open_reason
            WHEN moved_to <> 'active' THEN 'left on ' || coalesce(moved_on::text, 'an unknown day')
              || CASE WHEN is_released THEN coalesce(', ' || released || ' by ' || coalesce('unit ' || goes_to,
                 'another province'), ', no transfer is on record') ELSE '' END
            WHEN is_disputed THEN 'the witnesses disagree: ' || concat_ws(', ', 'reported ' || reported,
                                                                          'by the rule ' || ruled, 'shown ' || placed)
            WHEN decision <> 'pending' AND reported IS NOT NULL THEN 'reported outcome, stage ' || stage
            WHEN decision <> 'pending' AND ruled = decision THEN 'computed from the results'
            WHEN decision <> 'pending' THEN 'placement that the school shows'
            WHEN 'pending' IN (reported, ruled) THEN 'the result after summer is not reported'
            WHEN reported = 'unfit' THEN 'the reported outcome does not fit the grade'
            WHEN placed = 'unfit' THEN 'the placement does not follow the grade'
            ELSE 'neither outcome nor placement is reported' END,
       CASE WHEN is_weighed AND (ruled = decision OR may_differ) THEN rule END,
       reported, ruled, placed, {_FLAGS},
       CASE WHEN moves AND to_unit IS NULL THEN 'decision:' || by_decision
            WHEN override_id IS NOT NULL THEN 'override:' || override_id
            WHEN class_code IS NULL THEN source WHEN moved_to <> 'active' THEN coalesce(released_by, moved_by)
            ELSE coalesce(told_by, placed_by, source) END,
       goes_on AND known_class IS NULL
FROM (SELECT f.*, decision = 'transferred_out' AND class_code IS NOT NULL AS is_released,
             decision IN ('promoted', 'retained') AND NOT is_unseated AND NOT (moves AND to_unit IS NULL)
                      AS goes_on FROM final f {FENCE}) followed
"""

"""The third witness: what the circular in force decides of every pupil of the closing snapshot, from results alone.

snapshot_student, master.result, subject_mark, student_year -> level -> row of the table -> one line a pupil

What does not belong here: a circular's bounds (regulation/), weighing the witnesses against each other (plan.py).
Binds: `plans` (bigint[]), `from_year`.

Marks are the fact where they are told whole (as many as of anybody in the class); where they are not, the level that
the school reports; where neither is, nothing is decided. The register knows that a pupil is disabled, not whether there
is an individual plan: the table decides, and the line says that the principal may decide otherwise.
"""

from edu_pipeline.rollover.regulation.force import REGULATIONS, programme_sql, values
from edu_pipeline.rollover.regulation.scale import Average, Tally
from edu_pipeline.rollover.regulation.table import UNTOLD, Fact, Regulation, case
from edu_pipeline.rollover.regulation.tt22 import STRICT
from edu_pipeline.schema.ladder import FINAL_GRADES

COLUMNS = (
    "unit_id", "student_id", "regulation", "article", "stage", "decision", "note", "may_differ",
    "has_completed_programme", "has_completed_level", "is_flagged", "why", "computed_level", "reported_level",
    "is_level_different", "outcome", "agrees",
)  # fmt: skip

_TELLS = tuple(r for r in REGULATIONS if r.study)
_TALLIES: list[Tally | Average] = list(dict.fromkeys(t for r in REGULATIONS if r.scale for t in r.scale.tallies()))
# Subject of the marks by what a specialised class is specialised in, where the words differ.
_LANGUAGES = ("english", "french", "chinese", "japanese", "russian", "korean")


def _quoted(said: str | None) -> str:
    return "NULL" if said is None else "'" + said.replace("'", "''") + "'"


def _by_regulation(said: list[tuple[Regulation, str]]) -> str:
    """SQL: one value for each regulation; those that have the same share a branch."""
    of: dict[str, list[str]] = {}
    for regulation, value in said:
        of.setdefault(value, []).append(_quoted(regulation.name))
    return case([(f"n.regulation IN ({', '.join(names)})", value) for value, names in of.items()])


def _counts(mark: str, level: str) -> str:
    """SQL: the tallies of all scales, one pass."""
    said = [
        f"count({mark}) AS scored",
        f"count(*) FILTER (WHERE coalesce({mark}::text, {level}) IS NOT NULL) AS told",
        *(f"{tally.sql(mark, level, 'm.subject_code', 'n.special')} AS {tally.name}" for tally in _TALLIES),
    ]
    return ",\n           ".join(said)


def _levels(alias: str) -> str:
    """SQL: the level by the regulation's scale, and why it should be looked at."""
    level = [(r, case([(b.sql(alias), _quoted(b.level)) for b in r.scale.branches()])) for r in _TELLS if r.scale]
    flag = [(r, case([(b.sql(alias), _quoted(b.flag)) for b in r.scale.branches()])) for r in _TELLS if r.scale]
    return f"{_by_regulation(level)} AS level, {_by_regulation(flag)} AS flag"


def _told(column: str, stage: str) -> str:
    return f"max(r.{column}) FILTER (WHERE r.stage = '{stage}')"


_RULINGS = ",\n".join(
    f"({_quoted(one.name)}, {number}, {_quoted(row.article)}, '{row.stage}', '{row.decision}', {_quoted(row.note)},"
    f" {row.may_differ}, {_quoted(row.flag)})"
    for one in REGULATIONS
    for number, row in enumerate(one.rows, 1)
)

_COLUMNS = list(dict.fromkeys(column for r in _TELLS for column in (r.study, r.conduct) if column))
_STUDIES = list(dict.fromkeys(r.study for r in _TELLS))
_ASKED: dict[str, Fact] = {fact.name: fact for r in REGULATIONS for fact in r.facts}


def _lacking() -> str:
    """SQL: the facts that the regulation asks for and nobody has told."""
    said = [
        f"CASE WHEN f.{name} IS NULL AND f.regulation IN"
        f" ({', '.join(_quoted(r.name) for r in REGULATIONS if name in {f.name for f in r.facts})}) THEN '{name}' END"
        for name in _ASKED
    ]
    other = case([
        (f"f.regulation = {_quoted(r.name)} AND f.study IS NULL AND coalesce({', '.join(f'f.{c}' for c in columns)})"
         " IS NOT NULL", _quoted(" (a level is told on another circular's scale)"))
        for r in _TELLS if (columns := [column for column in _STUDIES if column != r.study])
    ], "''")  # fmt: skip
    return f"concat_ws(', ', {', '.join(said)}) || {other}"


def relation(both_below: str = f"'{STRICT}'", pupils: str = "rollover.snapshot_student") -> str:
    """SELECT of the witness: one row a pupil, with COLUMNS; made to stand in a WITH.

    `both_below`: SQL that gives the reading of TT 22/2021, art. 14, for a pupil `n`; `pupils`: who is judged, with
    unit_id, school_year, student_id, class_code and grade_level.
    """
    study = _by_regulation([(r, f"t.{r.study}") for r in _TELLS])
    study_after = _by_regulation([(r, f"t.{r.study}_after") for r in _TELLS])
    conduct = _by_regulation([(r, f"t.{r.conduct}") for r in _TELLS if r.conduct])
    conduct_after = _by_regulation([(r, f"t.{r.conduct}_after") for r in _TELLS if r.conduct])
    terms = _by_regulation([
        (r, case([(row.sql("t"), _quoted(row.decision)) for row in r.terms])) for r in _TELLS if r.terms
    ])  # fmt: skip
    number = case([(f"f.regulation = {_quoted(r.name)}", r.case("f")) for r in REGULATIONS])
    plans = case([
        (f"j.regulation = {_quoted(r.name)}", _quoted(f"disabled ({r.individual_plan}): the principal decides if"
                                                       " an individual plan stands"))
        for r in REGULATIONS if r.individual_plan
    ])  # fmt: skip
    return f"""
WITH judged_plan AS (SELECT unit_id FROM rollover.plan WHERE plan_id = ANY(:plans)),
force(programme, grade, first_year, last_year, regulation) AS (VALUES {values()}),
ruling(regulation, number, article, stage, decision, note, may_differ, flag) AS (VALUES {_RULINGS}),
pupil AS (
    SELECT s.unit_id, s.student_id, s.class_code, f.regulation, y.disability IS NOT NULL AS is_disabled,
           s.grade_level IN ({", ".join(map(str, sorted(FINAL_GRADES)))}) AS is_final, s.grade_level = 12 AS is_last,
           CASE WHEN c.specialisation IN {_LANGUAGES} THEN 'foreign_language_1' ELSE c.specialisation END AS special
    FROM {pupils} s
    JOIN judged_plan USING (unit_id)
    JOIN master.unit u USING (unit_id)
    LEFT JOIN master.student_year y USING (unit_id, school_year, student_id)
    LEFT JOIN rollover.snapshot_class c USING (unit_id, school_year, class_code)
    LEFT JOIN force f ON f.grade = s.grade_level AND :from_year BETWEEN f.first_year AND f.last_year
        AND f.programme = {programme_sql("u.unit_kind", "y.has_ministry_programme")}
    WHERE s.school_year = :from_year
), result AS (
    SELECT r.unit_id, r.student_id,
           {", ".join(f"{_told(c, 'CN')} AS {c}, {_told(c, 'HE')} AS {c}_after" for c in _COLUMNS)},
           {_told("conduct_level", "CK1")} AS first, {_told("conduct_level", "CK2")} AS second,
           coalesce({_told("absence_count", "CN")}, {_told("absence_count", "HE")}) AS absences,
           {_told("outcome", "CN")} AS outcome, {_told("outcome", "HE")} AS outcome_after
    FROM master.result r JOIN judged_plan USING (unit_id)
    WHERE r.school_year = :from_year AND r.stage IN ('CK1', 'CK2', 'CN', 'HE')
    GROUP BY r.unit_id, r.student_id
), again AS MATERIALIZED (
    -- What was tested again in summer: told beside the year's mark, or as a stage of its own.
    SELECT DISTINCT ON (unit_id, student_id, subject_code) unit_id, student_id, subject_code,
           coalesce(retest_mark, CASE WHEN stage = 'HE' THEN mark END) AS mark,
           CASE WHEN stage = 'HE' THEN mark_level END AS level
    FROM master.subject_mark JOIN judged_plan USING (unit_id)
    WHERE school_year = :from_year AND (stage = 'HE' OR stage = 'CN' AND retest_mark IS NOT NULL)
    ORDER BY unit_id, student_id, subject_code, stage = 'HE' DESC
), special AS MATERIALIZED (
    SELECT unit_id, student_id, special FROM pupil WHERE special IS NOT NULL
), counted AS (
    SELECT m.unit_id, m.student_id,
           {_counts("m.mark", "m.mark_level")}
    FROM master.subject_mark m JOIN judged_plan USING (unit_id) LEFT JOIN special n USING (unit_id, student_id)
    WHERE m.school_year = :from_year AND m.stage = 'CN'
    GROUP BY m.unit_id, m.student_id
), whole AS (
    SELECT c.*, n.regulation, c.scored = max(c.scored) OVER class AND c.told = max(c.told) OVER class AS is_whole
    FROM counted c JOIN pupil n USING (unit_id, student_id)
    WINDOW class AS (PARTITION BY c.unit_id, n.class_code, n.regulation)
), recounted AS (
    SELECT n.unit_id, n.student_id, n.regulation,
           -- A competence or quality that needed effort and of which summer tells nothing: the level is not computed.
           count(*) FILTER (WHERE m.mark_level = 'needs_effort' AND a.level IS NULL) AS untold,
           {_counts("coalesce(a.mark, m.mark)", "coalesce(a.level, m.mark_level)")}
    FROM (SELECT DISTINCT unit_id, student_id FROM again) retested
    JOIN pupil n USING (unit_id, student_id)
    JOIN master.subject_mark m USING (unit_id, student_id)
    LEFT JOIN again a USING (unit_id, student_id, subject_code)
    WHERE m.school_year = :from_year AND m.stage = 'CN'
    GROUP BY n.unit_id, n.student_id, n.regulation
), computed AS (
    SELECT n.unit_id, n.student_id, {_levels("n")} FROM whole n WHERE n.is_whole
), recomputed AS (
    SELECT n.unit_id, n.student_id, {_levels("n")}
    FROM recounted n JOIN whole w USING (unit_id, student_id) WHERE w.is_whole AND n.untold = 0
), fact AS (
    SELECT n.*, {", ".join(f"t.{c}" for c in _STUDIES)}, t.outcome,
           coalesce(t.outcome_after, '{UNTOLD}') AS outcome_after, t.absences,
           c.level AS level, c.flag AS level_flag, a.level AS level_after, a.flag AS flag_after,
           {study} AS reported, {study_after} AS reported_after,
           coalesce(c.level, {study}) AS study, coalesce(a.level, {study_after}, '{UNTOLD}') AS study_after,
           {terms} AS of_terms, {conduct} AS of_year,
           coalesce({terms}, {conduct}) AS conduct, coalesce({conduct_after}, '{UNTOLD}') AS conduct_after,
           {both_below} AS both_below, CASE WHEN n.is_last THEN 'yes' ELSE 'no' END AS sits_exam,
           CASE WHEN n.is_final THEN 'yes' ELSE 'no' END AS ends_level
    FROM pupil n
    LEFT JOIN result t USING (unit_id, student_id)
    LEFT JOIN computed c USING (unit_id, student_id)
    LEFT JOIN recomputed a USING (unit_id, student_id)
), judged AS (
    SELECT f.*, {number} AS number, {_lacking()} AS lacking FROM fact f
), said AS (
    SELECT j.*, g.article, g.stage, g.note, g.flag,
           CASE WHEN g.decision = 'promoted' AND j.is_final THEN 'completed' ELSE g.decision END AS decision,
           g.may_differ OR j.is_disabled AND {plans} IS NOT NULL AS may_differ,
           coalesce(nullif(j.outcome_after, '{UNTOLD}'), j.outcome) AS last_outcome,
           CASE WHEN g.stage = 'HE' AND j.level_after IS NOT NULL THEN j.level_after ELSE j.level END AS computed_level,
           CASE WHEN g.stage = 'HE' AND j.level_after IS NOT NULL THEN j.reported_after ELSE j.reported END
               AS reported_level,
           CASE WHEN g.stage = 'HE' AND j.level_after IS NOT NULL THEN j.flag_after ELSE j.level_flag END AS raised,
           CASE WHEN j.is_disabled THEN {plans} END AS individual,
           CASE WHEN j.of_terms <> j.of_year THEN 'reported conduct is not that of the terms' END AS conduct_differs
    FROM judged j LEFT JOIN ruling g USING (regulation, number)
), seen AS (
    SELECT s.*, s.computed_level <> s.reported_level AS is_level_different,
           nullif(concat_ws('; ', s.flag, s.raised, s.individual, s.conduct_differs, CASE
               WHEN s.computed_level <> s.reported_level THEN 'reported level is not that of the marks' END), '') AS why
    FROM said s
)
SELECT unit_id, student_id, regulation, article, stage, decision,
       CASE WHEN regulation IS NULL THEN 'no regulation in force for the grade and kind of unit'
            WHEN number IS NULL THEN 'not told: ' || lacking ELSE note END AS note,
       coalesce(may_differ, false) AS may_differ,
       CASE WHEN decision <> 'pending' THEN decision <> 'retained' END AS has_completed_programme,
       CASE WHEN is_final AND decision <> 'pending' THEN decision = 'completed' END AS has_completed_level,
       why IS NOT NULL AS is_flagged, why, computed_level, reported_level, is_level_different, last_outcome AS outcome,
       CASE WHEN decision IS NULL OR last_outcome IS NULL THEN NULL
            WHEN may_differ THEN true
            -- Who has not passed the year and comes to no retest stays down.
            WHEN decision = 'pending' THEN last_outcome IN ('retest', 'retained')
            ELSE last_outcome = decision END AS agrees
FROM seen
"""

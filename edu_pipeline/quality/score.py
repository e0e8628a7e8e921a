"""Figures: rule -> criterion -> field -> entity -> unit -> office -> city, weighted means, in percent.

quality.tally_now, rule_now -> quality.score_now

What does not belong here: counting (tally.py). The unit's own defects make its figure; `beside` says what it would be
with those that vendors, other units and the department have to mend. A rule that only observes costs nothing. A unit of
several levels has a figure for each; an office's and the city's weigh their units by pupils.
Source: domain.md 1.4. Binds: `as_of`.
"""

from collections.abc import Iterator

from edu_pipeline.quality.frames.now import NOW, level
from edu_pipeline.schema.ladder import LEVELS

ALL, CITY = "all", "city"
_LEVELS = ", ".join(f"'{name}'" for name in LEVELS)
_OWN = "FILTER (WHERE party = 'unit')"
_COUNTS = "sum(asked) AS asked, sum(failed) AS failed, sum(identifier_failed) AS identifier_failed"


def _mean(weight: str) -> str:
    """SQL: weighted means of `score` (own) and `beside`, over what was asked at all."""
    return (f"sum({weight} * score) / nullif(sum({weight}) FILTER (WHERE score IS NOT NULL), 0) AS score,"
            f" sum({weight} * beside)"
            f" / nullif(sum({weight}) FILTER (WHERE beside IS NOT NULL), 0) AS beside")  # fmt: skip


UNITS = f"""
INSERT INTO quality.score_now (scored_on, unit_id, level, kind, name, score, beside, asked_count, failed_count,
                           identifier_failed_count, pupil_count)
{NOW}, pupil AS (
    -- Shown by the school, or carried over and not shown yet: a unit that tells nobody is not a small one.
    SELECT unit_id, {level("grade_level")} AS level, count(DISTINCT student_id) AS count
    FROM (SELECT unit_id, student_id, grade_level FROM place
          UNION ALL SELECT unit_id, student_id, grade_level
          FROM rollover.enrollment JOIN present USING (unit_id, school_year)) e
    GROUP BY 1, 2
), head AS (
    SELECT unit_id, level, count FROM pupil UNION ALL SELECT unit_id, '{ALL}', sum(count) FROM pupil GROUP BY unit_id
), several AS (
    SELECT unit_id FROM pupil GROUP BY unit_id HAVING count(*) > 1
), counted AS (
    SELECT rule, unit_id, '{ALL}' AS level, sum(asked_count) AS asked, sum(failed_count) AS failed
    FROM quality.tally_now GROUP BY rule, unit_id
    UNION ALL
    SELECT rule, unit_id, level, asked_count, failed_count FROM quality.tally_now JOIN several USING (unit_id)
    WHERE level IN ({_LEVELS})
), rated AS (
    SELECT c.unit_id, c.level, c.asked, c.failed, 1 - c.failed::float / c.asked AS share, r.*
    FROM counted c JOIN quality.rule_now r USING (rule)
    WHERE r.weight > 0 AND (r.observed_until IS NULL OR r.observed_until < :as_of)
), criterion AS (
    SELECT unit_id, level, entity, field, criterion, max(criterion_weight) AS criterion_weight,
           max(field_weight) AS field_weight, max(entity_weight) AS entity_weight,
           sum(weight * share) {_OWN} / sum(weight) {_OWN} AS score, sum(weight * share) / sum(weight) AS beside,
           coalesce(sum(asked) {_OWN}, 0) AS asked, coalesce(sum(failed) {_OWN}, 0) AS failed,
           coalesce(sum(failed) FILTER (WHERE party = 'unit' AND is_identifier), 0) AS identifier_failed
    FROM rated GROUP BY unit_id, level, entity, field, criterion
), field AS (
    SELECT unit_id, level, entity, field, max(field_weight) AS field_weight, max(entity_weight) AS entity_weight,
           {_mean("criterion_weight")}, {_COUNTS}
    FROM criterion GROUP BY unit_id, level, entity, field
), entity AS (
    SELECT unit_id, level, entity, max(entity_weight) AS entity_weight, {_mean("field_weight")}, {_COUNTS}
    FROM field GROUP BY unit_id, level, entity
), figure AS (
    SELECT unit_id, level, 'whole' AS kind, '' AS name, {_mean("entity_weight")}, {_COUNTS}
    FROM entity GROUP BY unit_id, level
    UNION ALL SELECT unit_id, level, 'entity', entity, score, beside, asked, failed, identifier_failed FROM entity
    UNION ALL SELECT unit_id, level, 'criterion', criterion, {_mean("entity_weight * field_weight")}, {_COUNTS}
    FROM criterion GROUP BY unit_id, level, criterion
)
SELECT :as_of, f.unit_id, f.level, f.kind, f.name, 100 * f.score, 100 * f.beside, f.asked, f.failed,
       f.identifier_failed, coalesce(h.count, 0)
FROM figure f LEFT JOIN head h USING (unit_id, level) WHERE f.score IS NOT NULL"""

# A unit without pupils counts as one.
_WEIGHT = "greatest(s.pupil_count, 1)"


def _above(unit: str, joins: str) -> str:
    return f"""
    INSERT INTO quality.score_now (scored_on, unit_id, level, kind, name, score, beside, asked_count, failed_count,
                               identifier_failed_count, pupil_count)
    SELECT :as_of, {unit}, '{ALL}', s.kind, s.name, sum({_WEIGHT} * s.score) / sum({_WEIGHT}),
           sum({_WEIGHT} * s.beside) / sum({_WEIGHT}), sum(s.asked_count), sum(s.failed_count),
           sum(s.identifier_failed_count), sum(s.pupil_count)
    FROM quality.score_now s JOIN master.unit u USING (unit_id) {joins}
    WHERE s.level = '{ALL}' AND u.unit_kind <> 'office'
    GROUP BY 2, s.kind, s.name"""


def statements() -> Iterator[str]:
    """Statements that make a day's figures, in order: units, their offices, the city."""
    yield UNITS
    # An office has its own records' figure too: what its units come to takes its place.
    yield """DELETE FROM quality.score_now s USING master.unit u
             WHERE u.unit_id = s.unit_id AND u.unit_kind = 'office'"""
    # A school that stands above another one by mistake (unit.parent_unit_id.no_office) keeps the figure of its own.
    yield _above("u.parent_unit_id", "JOIN master.unit o ON o.unit_id = u.parent_unit_id AND o.unit_kind = 'office'")
    yield _above(f"'{CITY}'", "")

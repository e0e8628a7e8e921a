"""Who a record that waits for an identity may be: candidates by blocks, judged by rules on name, date and place.

waiting.student, waiting.staff -> blocks -> master.identity -> identity.suspicion (open)

What does not belong here: which pairs are looked at (block.py), deciding (flow/identity.py), whom nobody fits
(request.py).
A record is suspected to be one identity at most, and an identity to be one record. Twins and namesakes, and
whoever is as likely as somebody else, are told as such: they look like one person and are two.
"""

from sqlalchemy import TextClause, text

from edu_pipeline.contracts import fold
from edu_pipeline.identity.block import HELD, KNOWN, LOOKS, NUMBERS, PAIRS, WANTED

# How alike two folded names of one birth date must be to be one name, misspelt.
ALIKE = 0.5

# How many lines a record gets: a steward looks at a few.
MOST = 5

# Code of each piece of evidence, by what it is said of.
EVIDENCE = {
    "same_name": "is_same_name",
    "name_without_marks": "is_folded AND NOT is_same_name",
    "name_alike": f"NOT is_folded AND alike >= {ALIKE}",
    "same_birth_date": "is_same_date",
    "part_of_birth_date": "is_part_date",
    "day_and_month_swapped": "is_swapped",
    "one_digit_of_birth_date": "is_one_digit",
    "same_root_id": "is_same_id",
    "same_number": "is_same_number",
    "other_sex": "NOT is_same_sex",
    "held_in_unit": "is_held_here",
    "held_elsewhere": "is_held_elsewhere",
    "stood_for_it": "is_own",
    "also_fits_another_record": "is_likely AND NOT is_first",
    "another_fits_as_well": "is_likely AND is_first AND NOT is_only",
}

# Whom another record holds is somebody: only an id or a number says that it is the same one. A name that many have is
# nobody's: it counts beside a birth date alone.
_LIKELY = f"""NOT is_held_here AND (
    is_same_sex AND NOT is_held_elsewhere AND is_folded AND (is_same_date OR is_part_date OR is_swapped OR is_one_digit)
    OR is_same_sex AND NOT is_held_elsewhere AND alike >= {ALIKE} AND is_same_date
    OR is_same_id AND (is_folded OR alike >= {ALIKE} AND (is_same_date OR is_part_date OR is_swapped OR is_one_digit))
    OR is_same_number AND (is_folded OR alike >= {ALIKE} AND is_same_date))"""

_SCORE = """least(1, 0.55 * CASE WHEN is_same_name THEN 1 WHEN is_folded THEN 0.95 ELSE 0.9 * alike END
    + 0.45 * CASE WHEN is_same_date THEN 1 WHEN is_swapped THEN 0.85 WHEN is_part_date THEN 0.8
                  WHEN is_one_digit THEN 0.7 ELSE 0 END
    + CASE WHEN is_same_id OR is_same_number THEN 0.1 ELSE 0 END - CASE WHEN is_held_elsewhere THEN 0.05 ELSE 0 END)"""

# What is told although it is not the same person: who looks like it and is of the unit, or stands in another one.
_LOOKALIKE = f"""is_likely OR is_folded AND is_same_date OR is_held_here AND (
    is_folded AND (is_swapped OR is_one_digit) OR is_same_date AND is_family AND alike >= {LOOKS})"""

FOUND = f"""
WITH wanted AS MATERIALIZED ({WANTED}),
numbered AS (SELECT * FROM ({NUMBERS}) n WHERE number IN (SELECT number FROM wanted)),
known AS MATERIALIZED ({KNOWN}),
pair AS MATERIALIZED ({PAIRS}),
near AS MATERIALIZED (
    SELECT w.*, p.identity_id, p.alike, w.folded = p.known_folded AS is_folded,
           lower(w.full_name) = lower(p.known_name) AS is_same_name,
           split_part(w.folded, ' ', 1) = split_part(p.known_folded, ' ', 1) AS is_family,
           w.birth_date = p.known_birth AS is_same_date,
           w.birth_date <> p.known_birth
             AND (starts_with(w.birth_date, p.known_birth) OR starts_with(p.known_birth, w.birth_date)) AS is_part_date,
           coalesce(w.swapped = p.known_birth, false) AS is_swapped,
           length(w.birth_date) = 10 AND length(p.known_birth) = 10
             AND {fold.differing("w.birth_date", "p.known_birth")} = 1 AS is_one_digit,
           coalesce(w.told_id = p.identity_id, false) AS is_same_id, n.number IS NOT NULL AS is_same_number,
           w.sex = p.known_sex AS is_same_sex
    FROM pair p JOIN wanted w USING (connection_id, entity, source_key)
    LEFT JOIN numbered n ON (n.entity, n.identity_id, n.number) = (w.entity, p.identity_id, w.number)
),
held AS (
    SELECT w.connection_id, w.entity, w.source_key, w.identity_id,
           bool_or(h.is_own) AS is_own, bool_or(NOT h.is_own AND h.unit_id = w.unit_id) AS is_here,
           bool_or(NOT h.is_own AND h.unit_id IS DISTINCT FROM w.unit_id) AS is_elsewhere
    FROM near w JOIN ({HELD}) o USING (entity, identity_id)
    CROSS JOIN LATERAL (SELECT o.unit_id, (o.connection_id, o.source_key) = (w.connection_id, w.source_key) AS is_own) h
    GROUP BY w.connection_id, w.entity, w.source_key, w.identity_id
),
placed AS (
    SELECT w.*, coalesce(h.is_own, false) AS is_own, coalesce(h.is_here, false) AS is_held_here,
           coalesce(h.is_elsewhere, false) AS is_held_elsewhere
    FROM near w LEFT JOIN held h USING (connection_id, entity, source_key, identity_id)
    WHERE NOT EXISTS (SELECT FROM identity.suspicion s
        WHERE (s.connection_id, s.entity, s.source_key, s.identity_id, s.content)
            = (w.connection_id, w.entity, w.source_key, w.identity_id, w.content)
          AND s.status IN ('rejected', 'split'))
),
scored AS (SELECT p.*, {_LIKELY} AS is_likely, {_SCORE} AS score FROM placed p),
-- An identity is one waiting record's, the best one's; of two that are equally good it is neither's.
contested AS (
    SELECT s.*, rank() OVER (PARTITION BY entity, identity_id, is_likely ORDER BY score DESC) = 1
           AND count(*) OVER (PARTITION BY entity, identity_id, is_likely, score) = 1 AS is_first
    FROM scored s
),
-- A record is one identity at most: the one that is better than every other, also than those that somebody holds.
settled AS (
    SELECT c.*, rank() OVER (PARTITION BY connection_id, entity, source_key ORDER BY score DESC) = 1
           AND count(*) OVER (PARTITION BY connection_id, entity, source_key, score) = 1 AS is_only
    FROM contested c
),
named AS (
    SELECT s.*, CASE WHEN is_likely AND is_first AND is_only THEN 'same_person'
                     WHEN is_same_name OR (is_folded AND NOT is_same_date) THEN 'namesake' ELSE 'twin' END AS kind
    FROM settled s WHERE {_LOOKALIKE}
),
derived AS MATERIALIZED (
    SELECT * FROM (
        SELECT n.*, row_number() OVER (PARTITION BY connection_id, entity, source_key
                                       ORDER BY kind <> 'same_person', score DESC, identity_id) AS place
        FROM named n) r WHERE place <= {MOST}
)
"""

_KEPT = ("connection_id", "entity", "source_key", "unit_id", "content", "identity_id", "kind", "score")
_QUESTION = "connection_id, entity, source_key, identity_id, content"


def suspect() -> TextClause:
    """INSERT of the open suspicions, as of now (bind: now); those that nothing speaks for any more go.

    What was accepted and is found again, because the record has changed since, is a question again.
    """
    codes = ", ".join(f"CASE WHEN {said} THEN '{code}' END" for code, said in EVIDENCE.items())
    kept = ", ".join(_KEPT)
    return text(
        f"""{FOUND},
gone AS (
    DELETE FROM identity.suspicion s WHERE status = 'open'
      AND NOT EXISTS (SELECT FROM derived d WHERE ({", ".join(f"d.{c}" for c in _QUESTION.split(", "))})
                      = ({", ".join(f"s.{c}" for c in _QUESTION.split(", "))}))
)
INSERT INTO identity.suspicion AS s ({kept}, evidence, status, since)
SELECT {kept}, array_remove(ARRAY[{codes}], NULL), 'open', :now FROM derived
ON CONFLICT ({_QUESTION}) DO UPDATE
SET unit_id = excluded.unit_id, kind = excluded.kind, score = excluded.score, evidence = excluded.evidence,
    status = 'open', decided_at = NULL, since = CASE WHEN s.status = 'open' THEN s.since ELSE excluded.since END
WHERE s.status IN ('open', 'accepted')
  AND (s.status, s.unit_id, s.kind, s.score, s.evidence)
      IS DISTINCT FROM ('open', excluded.unit_id, excluded.kind, excluded.score, excluded.evidence)"""
    )

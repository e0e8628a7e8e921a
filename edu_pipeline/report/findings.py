"""What was found in admitted rows: values that were left out or contradict each other, for the school to mend.

validated.<entity>.faults -> counts by unit, field and check; record keys

What does not belong here: rows that are stopped (stopped.py), any value: keys, fields and rules tell where to look.
"""

from edu_pipeline.schema import PULLED

_FOUND = " UNION ALL ".join(
    f"SELECT connection_id, claim_unit_id AS unit, '{entity.name}' AS entity, source_key, unnest(faults) AS said"
    f" FROM validated.{entity.name} WHERE is_present AND cardinality(faults) > 0"
    for entity in PULLED
)
_CAUSE = """
SELECT unit, connection_id AS connection, entity, split_part(said, ':', 1) AS field,
       split_part(said, ':', 2) AS "check","""

_WHERE = """
WHERE (CAST(:unit AS text) IS NULL OR unit = :unit)
  AND (CAST(:check AS text) IS NULL OR split_part(said, ':', 2) = :check)"""

# One cause, one line: a missing code of a vendor is one line for all its rows.
FINDINGS = f"""{_CAUSE} count(*) AS rows
FROM ({_FOUND}) f {_WHERE} GROUP BY 1, 2, 3, 4, 5 ORDER BY count(*) DESC, 1, 2, 3, 4, 5"""

RECORDS = f"""{_CAUSE} source_key AS record
FROM ({_FOUND}) f {_WHERE} ORDER BY 1, 2, 3, 4, 5, 6"""
